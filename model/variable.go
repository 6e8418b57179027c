package model

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"stco/model/device"
	"stco/model/units"
)

// Knob is a variable of the design.
type Knob = Variable[Design]

// Setting is a variable of the setup.
type Setting = Variable[Setup]

// Group is the part of the design card, or of the setup, a variable belongs to.
type Group string

// The groups: four of the design card, then those of the setup.
const (
	BitcellGroup   Group = "bitcell"
	BufferGroup    Group = "buffer"
	BankingGroup   Group = "banking"
	BandwidthGroup Group = "bandwidth"
	ProcessGroup   Group = "process"
	ArrayGroup     Group = "array"
	MachineGroup   Group = "machine"
	LifeGroup      Group = "life"
)

// Scale says what values a variable takes and how it is searched.
type Scale uint8

// The scales of a variable.
const (
	Linear      Scale = iota // real
	Logarithmic              // real, over orders of magnitude
	PowerOfTwo               // 2^k and 1.5*2^k when Midpoints
	Choice                   // one of the names
)

// Variable is one named value of a T: its name in files and tables, its allowed
// range, its default, and how it is read and set. Values are in the knob's own
// unit, so that grids and CSV files hold round numbers; a choice is the index
// of its name.
type Variable[T any] struct {
	Name      string
	Group     Group
	Meaning   string
	Dim       units.Dimension
	Unit      string  // of all values; "" for counts and choices
	SI        float64 // one unit in SI
	Scale     Scale
	Midpoints bool     // PowerOfTwo: also 1.5 times
	Whole     bool     // a plain number: bits or pieces
	Auto      bool     // "auto" (0) leaves the value to the model
	Choices   []string // of a Choice
	// Min and Max bound what a file may say; a study that names no range
	// searches a knob from Low to High in steps of Step (0: continuous).
	Min, Max, Low, High, Step float64
	SOTOnly, MRAMOnly         bool // without meaning for other technologies
	HybridOnly                bool // without meaning for a buffer of one kind
	Get                       func(*T) float64
	Set                       func(*T, float64)
}

// Format prints a value of the knob as a design file has it.
func (k *Variable[T]) Format(v float64) string {
	switch {
	case k.Scale == Choice:
		return k.Choices[int(v)]
	case k.Auto && v == 0:
		return "auto"
	case k.Whole:
		return strconv.FormatFloat(v, 'f', -1, 64)
	default:
		return strconv.FormatFloat(v, 'g', -1, 64) + k.Unit
	}
}

// Parse reads what Format prints, in any unit of the dimension, and checks the
// range.
func (k *Variable[T]) Parse(text string) (float64, error) {
	switch {
	case k.Scale == Choice:
		i := slices.Index(k.Choices, text)
		if i < 0 {
			return 0, fmt.Errorf("unknown value %q; known: %s", text, strings.Join(k.Choices, ", "))
		}
		return float64(i), nil
	case k.Auto && text == "auto":
		return 0, nil
	}
	si, err := units.ParseAs(text, k.Dim)
	if err != nil {
		return 0, err
	}
	v := inUnit(si, k.SI)
	if v < k.Min || v > k.Max {
		return 0, fmt.Errorf("%s is outside %s to %s", text, k.Format(k.Min), k.Format(k.Max))
	}
	if k.Whole && v != math.Trunc(v) {
		return 0, fmt.Errorf("%s is not a whole number", text)
	}
	return v, nil
}

// inUnit converts an SI value to a unit without the noise of the last digits.
func inUnit(v, unit float64) float64 {
	clean, err := strconv.ParseFloat(strconv.FormatFloat(v/unit, 'g', 14, 64), 64)
	if err != nil {
		return v / unit
	}
	return clean
}

// AppliesTo tells whether a knob means something for a buffer of a technology,
// hybrid or not.
func (k *Variable[T]) AppliesTo(t device.Technology, hybrid bool) bool {
	switch {
	case k.HybridOnly:
		return hybrid
	case k.SOTOnly:
		return t == device.SOT
	case k.MRAMOnly:
		return t != device.SRAM
	}
	return true
}
