package arrays

import (
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
)

// record is a row of a published table, read by column names. The first fault
// of a row is kept.
type record struct {
	header, row []string
	line        int
	err         error
}

// readRecords reads a CSV file with comment lines and a header.
func readRecords(r io.Reader) ([]record, error) {
	c := csv.NewReader(r)
	c.Comment = '#'
	header, err := c.Read()
	if err != nil {
		return nil, err
	}
	var out []record
	for {
		row, err := c.Read()
		if err == io.EOF {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		line, _ := c.FieldPos(0)
		out = append(out, record{header: header, row: row, line: line})
	}
}

func (p *record) note(err error) {
	if p.err == nil {
		p.err = err
	}
}

func (p *record) text(column string) string {
	i := slices.Index(p.header, column)
	if i < 0 {
		p.note(fmt.Errorf("no column %q", column))
		return ""
	}
	return p.row[i]
}

// number returns a value in SI units, NaN where the row has none.
func (p *record) number(column string, si float64) float64 {
	t := p.text(column)
	if t == "" {
		return math.NaN()
	}
	v, err := strconv.ParseFloat(t, 64)
	if err != nil || math.IsInf(v, 0) || math.IsNaN(v) {
		p.note(fmt.Errorf("%s: %q is no number", column, t))
	}
	return v * si
}

// optional returns a value in SI units, NaN where the row or the table has none.
func (p *record) optional(column string, si float64) float64 {
	if !slices.Contains(p.header, column) {
		return math.NaN()
	}
	return p.number(column, si)
}

// need returns a number that every row has.
func (p *record) need(column string) float64 {
	v := p.number(column, 1)
	if math.IsNaN(v) {
		p.note(fmt.Errorf("%s: no value", column))
		return 0
	}
	return v
}

// given is a number that is 0 where the row has none.
func (p *record) given(column string, si float64) float64 {
	if v := p.number(column, si); !math.IsNaN(v) {
		return v
	}
	return 0
}
