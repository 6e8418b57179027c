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

// The groups: four of the design card, then those of the setup. DeviceGroup are
// the parameters of the bitcell that a preset gives.
const (
	BitcellGroup   Group = "bitcell"
	BufferGroup    Group = "buffer"
	BankingGroup   Group = "banking"
	BandwidthGroup Group = "bandwidth"
	ProcessGroup   Group = "process"
	ArrayGroup     Group = "array"
	MachineGroup   Group = "machine"
	LifeGroup      Group = "life"
	DeviceGroup    Group = "device"
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

// Variable is the description of one value of a T: everything that files,
// schemas, spaces, tables and documents say of it is made from here. Values are
// SI; a choice is the index of its name.
type Variable[T any] struct {
	units.Named

	Group     Group
	Scale     Scale
	Midpoints bool     // PowerOfTwo: also 1.5 times
	Whole     bool     // a plain number: bits or pieces
	Auto      bool     // "auto" (0) leaves the value to the model
	Preset    bool     // "preset" (NaN) leaves the value to the device preset
	Choices   []string // of a Choice
	// Min and Max bound what a file may say; a study that names no range
	// searches a knob from Low to High in steps of Step (0: continuous). Of a
	// setting of the group device, Low and High are the range of doubt of its
	// value: equal where the table has none.
	Min, Max, Low, High, Step float64
	SOTOnly, MRAMOnly         bool // without meaning for other technologies
	HybridOnly                bool // without meaning for a buffer of one kind
	Fixed                     bool // a study that searches it names the range
	OfMachine                 bool // has no price: a study that does not name it has that of the machine
	Get                       func(*T) float64
	Set                       func(*T, float64)
}

// presetText leaves a value to the device preset.
const presetText = "preset"

// Format prints a value of the variable as a file has it.
func (k *Variable[T]) Format(v float64) string {
	switch {
	case k.Preset && math.IsNaN(v):
		return presetText
	case k.Scale == Choice:
		return k.Choices[int(v)]
	case k.Auto && v == 0:
		return "auto"
	case k.Whole:
		return strconv.FormatFloat(v, 'f', -1, 64)
	default:
		return k.Named.Format(v)
	}
}

// Parse reads what Format prints, in any unit of the dimension, and checks the
// range.
func (k *Variable[T]) Parse(text string) (float64, error) {
	switch {
	case k.Preset && text == presetText:
		return math.NaN(), nil
	case k.Scale == Choice:
		i := slices.Index(k.Choices, text)
		if i < 0 {
			return 0, fmt.Errorf("unknown value %q; known: %s", text, strings.Join(k.Choices, ", "))
		}
		return float64(i), nil
	case k.Auto && text == "auto":
		return 0, nil
	}
	v, err := k.Named.Parse(text)
	if err != nil {
		return 0, err
	}
	if v < k.Min || v > k.Max {
		return 0, fmt.Errorf("%s is outside %s to %s", text, k.Format(k.Min), k.Format(k.Max))
	}
	if k.Whole && v != math.Trunc(v) {
		return 0, fmt.Errorf("%s is not a whole number", text)
	}
	return v, nil
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

// span bounds what a file may say, in the variable's unit.
type span struct{ min, max float64 }

// quantity describes a variable over a quantity of a T.
func quantity[T any, Q units.Quantity](name string, g Group, meaning, unit string, allowed span, field func(*T) *Q) Variable[T] {
	k := Variable[T]{
		Named: units.NewNamed(name, unit, units.DimensionOf[Q](), meaning), Group: g,
		Get: func(of *T) float64 { return float64(*field(of)) },
		Set: func(of *T, v float64) { *field(of) = Q(v) },
	}
	k.Min, k.Max = k.In(allowed.min), k.In(allowed.max)
	return k
}

// whole describes a variable over a count of a T.
func whole[T any](name string, g Group, meaning string, allowed span, field func(*T) *int) Variable[T] {
	return Variable[T]{
		Named: units.NewNamed(name, "", units.DimRatio, meaning), Group: g, Whole: true, Min: allowed.min, Max: allowed.max,
		Get: func(of *T) float64 { return float64(*field(of)) },
		Set: func(of *T, v float64) { *field(of) = int(v) },
	}
}

// named describes a variable over names.
func named[T any](name string, g Group, meaning string, choices []string, get func(*T) string, set func(*T, int)) Variable[T] {
	last := float64(len(choices) - 1)
	return Variable[T]{
		Named: units.NewNamed(name, "", units.DimRatio, meaning), Group: g, Scale: Choice, Choices: choices, Max: last, High: last,
		Get: func(of *T) float64 { return float64(slices.Index(choices, get(of))) },
		Set: func(of *T, v float64) { set(of, int(v)) },
	}
}

// searched gives a variable its default range, in its unit; a step of 0 is a
// continuous one.
func (k Variable[T]) searched(scale Scale, low, high, step float64) Variable[T] {
	k.Scale, k.Low, k.High, k.Step = scale, k.In(low), k.In(high), k.In(step)
	return k
}

func (k Variable[T]) midpoints() Variable[T] { k.Midpoints = true; return k }

func (k Variable[T]) auto() Variable[T] { k.Auto = true; return k }

func (k Variable[T]) magnetic() Variable[T] { k.MRAMOnly = true; return k }

func (k Variable[T]) sot() Variable[T] { k.SOTOnly, k.MRAMOnly = true, true; return k }

func (k Variable[T]) hybrid() Variable[T] { k.HybridOnly = true; return k }

func (k Variable[T]) ofMachine() Variable[T] { k.OfMachine = true; return k }

func (k Variable[T]) fixed() Variable[T] { k.Fixed = true; return k }
