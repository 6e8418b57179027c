package units

import (
	"fmt"
	"strconv"
	"strings"
)

// Named describes a figure: what it is called, what it means and the unit it
// has in files and tables. Inside, its values are SI (bytes for data); In and
// Out are the only conversions between the two.
type Named struct {
	Name    string
	Meaning string
	Dim     Dimension
	Unit    string  // "" for counts, names and pure numbers
	SI      float64 // one unit in SI
	unit    Unit
}

// NewNamed describes a figure. A unit that does not parse is a fault of the
// program: it panics.
func NewNamed(name, unit string, d Dimension, meaning string) Named {
	n := Named{Name: name, Meaning: meaning, Dim: d, Unit: unit, SI: 1, unit: Unit{factor: 1}}
	if unit == "" {
		return n
	}
	u, err := ParseUnit(unit)
	if err == nil {
		n.unit = u
		n.SI, err = u.SI("1")
	}
	if err != nil {
		panic(fmt.Sprintf("figure %s: %v", name, err))
	}
	return n
}

// In converts a number of the figure's unit to SI with one rounding, as Parse
// does; NaN and infinities stay.
func (n *Named) In(v float64) float64 {
	si, err := n.unit.SI(strconv.FormatFloat(v, 'g', -1, 64))
	if err != nil {
		return v * n.SI
	}
	return si
}

// Out converts an SI value to the figure's unit, without the noise of the last
// two digits: 3.7e-8 m is 37 nm.
func (n *Named) Out(si float64) float64 {
	if n.SI == 1 {
		return si
	}
	v, err := strconv.ParseFloat(strconv.FormatFloat(si/n.SI, 'g', 14, 64), 64)
	if err != nil {
		return si / n.SI
	}
	return v
}

// Parse reads a text with any unit of the figure's dimension. The figure's own
// unit is read without looking it up.
func (n *Named) Parse(text string) (float64, error) {
	if number, ok := strings.CutSuffix(text, n.Unit); ok {
		if v, err := n.unit.SI(number); err == nil && v >= 0 {
			return v, nil
		}
	}
	return ParseAs(text, n.Dim)
}

// Format prints an SI value in the figure's unit with every digit of Out.
func (n *Named) Format(si float64) string {
	return strconv.FormatFloat(n.Out(si), 'g', -1, 64) + n.Unit
}
