package results

import (
	"bytes"
	"encoding/json"
	"math"
	"strconv"
	"unsafe"
)

// rowsStart is how MarshalJSON begins the rows, which are its last member.
const rowsStart = ",\n\"rows\":["

// parseRows reads a table as MarshalJSON writes it, alone or at the end of a sealed
// object, without the general reader of JSON, which takes twenty times as long. It
// refuses everything else.
func parseRows(data []byte) (*Table, bool) {
	at := bytes.LastIndex(data, []byte(rowsStart))
	if at < 0 {
		return nil, false
	}
	var head struct {
		Name    string   `json:"name"`
		Columns []Column `json:"columns"`
		Labels  []string `json:"labels"`
	}
	if json.Unmarshal(append(data[:at:at], '}'), &head) != nil {
		return nil, false
	}
	t := &Table{Name: head.Name, Columns: head.Columns, Labels: head.Labels}
	p := parser{rest: data[at+len(rowsStart):], columns: t.Columns, choices: make([]map[string]float64, len(t.Columns))}
	for c, column := range t.Columns {
		if column.Choices != nil {
			p.choices[c] = make(map[string]float64, len(column.Choices))
			for i, name := range column.Choices {
				p.choices[c][string(appendString(nil, name))] = float64(i)
			}
		}
	}
	for !p.skip("\n]") {
		if len(t.Rows) > 0 && !p.skip(",") || !p.skip("\n[") {
			return nil, false
		}
		row, ok := p.row()
		if !ok {
			return nil, false
		}
		t.Rows = append(t.Rows, row)
	}
	if end := bytes.TrimSpace(p.rest); string(end) != "}" && !bytes.HasPrefix(end, []byte(",\n\"sha256\":\"")) {
		return nil, false
	}
	return t, t.Check() == nil
}

// parser reads cells from what is left of a table.
type parser struct {
	rest    []byte
	columns []Column
	choices []map[string]float64 // of texts as they are written; nil for numbers
	cells   []float64            // room for rows
}

func (p *parser) skip(text string) bool {
	if !bytes.HasPrefix(p.rest, []byte(text)) {
		return false
	}
	p.rest = p.rest[len(text):]
	return true
}

// row reads the cells of a row up to its bracket.
func (p *parser) row() ([]float64, bool) {
	n := len(p.columns)
	if len(p.cells) < n {
		p.cells = make([]float64, 64*n)
	}
	row := p.cells[:n:n]
	p.cells = p.cells[n:]
	for c := range row {
		cell, ok := p.cell(c == n-1)
		if !ok {
			return nil, false
		}
		switch {
		case string(cell) == "null":
			row[c] = math.NaN()
		case p.choices[c] != nil:
			v, known := p.choices[c][string(cell)]
			if !known {
				return nil, false
			}
			row[c] = v
		case cell[0] == '"':
			v, err := ReadNumber(cell)
			if err != nil {
				return nil, false
			}
			row[c] = v
		default:
			v, err := strconv.ParseFloat(unsafe.String(&cell[0], len(cell)), 64)
			if err != nil || cell[0] != '-' && (cell[0] < '0' || cell[0] > '9') {
				return nil, false
			}
			row[c] = v
		}
	}
	return row, n > 0
}

// cell is the text of a cell, of at least one byte, and takes what ends it.
func (p *parser) cell(last bool) ([]byte, bool) {
	end, n := byte(','), 0
	if last {
		end = ']'
	}
	if len(p.rest) > 0 && p.rest[0] == '"' {
		for n = 1; n < len(p.rest) && p.rest[n] != '"'; n++ {
			if p.rest[n] == '\\' {
				n++
			}
		}
		n++
	} else if n = bytes.IndexByte(p.rest, end); n < 0 {
		return nil, false
	}
	if n < 1 || n >= len(p.rest) || p.rest[n] != end {
		return nil, false
	}
	cell := p.rest[:n]
	p.rest = p.rest[n+1:]
	return cell, true
}
