// Package machines holds whole machines to published figures: times of networks,
// products and layers, traffic, energies of a multiply-accumulate. It reads a
// list of what is published of each machine, makes a setup of the model from the
// figures it finds there, and predicts every other figure that it understands.
//
//	published rows -> Machine -> setup and design -> model -> Row: ours, theirs, band
//
// Nothing is fitted to a machine: sizes and rates are those published, what is
// not published follows from the rules of shape.go.
package machines

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Published is one figure of a machine as its source has it.
type Published struct {
	Quantity, Text, Unit string
	Kind, Source, Note   string
	Line                 int // of the file, the first row below the header being 1
}

// number returns the first number of the text; NaN if it has none.
func (p *Published) number() float64 {
	v, err := strconv.ParseFloat(firstNumber.FindString(p.Text), 64)
	if err != nil {
		return math.NaN()
	}
	return v
}

var (
	firstNumber = regexp.MustCompile(`[0-9]+(\.[0-9]+)?`)
	inGHz       = regexp.MustCompile(`([0-9.]+) (GHz|MHz)`)
	ofBatch     = regexp.MustCompile(`batch ([0-9]+)`)
)

// Machine is what is published of one machine.
type Machine struct {
	Name string
	Rows []Published
}

// Read reads a list with the columns machine, quantity, value, unit, kind,
// source and note. Machines come in the order of their first row.
func Read(text []byte) ([]Machine, error) {
	r := csv.NewReader(bytes.NewReader(text))
	r.Comment = '#'
	header, err := r.Read()
	if err != nil {
		return nil, err
	}
	if want := []string{"machine", "quantity", "value", "unit", "kind", "source", "note"}; !slices.Equal(header, want) {
		return nil, fmt.Errorf("the columns are %s, not %s", strings.Join(header, ","), strings.Join(want, ","))
	}
	rows, err := r.ReadAll()
	if err != nil {
		return nil, err
	}
	var all []Machine
	for i, row := range rows {
		if row[0] == "" || row[1] == "" {
			return nil, fmt.Errorf("row %d has no machine or no quantity", i+1)
		}
		at := slices.IndexFunc(all, func(m Machine) bool { return m.Name == row[0] })
		if at < 0 {
			at = len(all)
			all = append(all, Machine{Name: row[0]})
		}
		all[at].Rows = append(all[at].Rows, Published{row[1], row[2], row[3], row[4], row[5], row[6], i + 1})
	}
	return all, nil
}

// row returns the first row of one of the quantities.
func (m *Machine) row(quantities ...string) *Published {
	for _, q := range quantities {
		for i := range m.Rows {
			if m.Rows[i].Quantity == q {
				return &m.Rows[i]
			}
		}
	}
	return nil
}

// value returns the first of the quantities in SI units, data in bytes; 0 if none
// is published.
func (m *Machine) value(quantities ...string) float64 {
	for _, q := range quantities {
		if p := m.row(q); p != nil {
			if v := p.number() * scale(p.Unit); v > 0 {
				return v
			}
		}
	}
	return 0
}

// scale returns a unit of the list in SI.
func scale(unit string) float64 {
	return map[string]float64{
		"KiB": 1 << 10, "MiB": 1 << 20, "MB": 1e6, "GB": 1e9, "GB/s": 1e9, "TB/s": 1e12, "MHz": 1e6, "GHz": 1e9, "TOPS": 1e12, "TFLOPS": 1e12,
		"mW": 1e-3, "W": 1, "nm": 1e-9, "ms": 1e-3, "pJ": 1e-12, "int8 MAC": 1, "TOPS/W": 1e12, "TFLOPS/W": 1e12, "access/MAC": 1, "PE": 1, "": 1,
		"op/B": 1, "frames/s": 1, "images/s": 1, "samples/s": 1, "inferences/s": 1,
	}[unit]
}
