// Package units holds the SI quantity types of the model, the parser of
// quantities written with a prefix and a unit ("0.8ns", "55uA", "64MiB"), and
// their printer.
//
// Everything inside the program is in SI base units as a float64 under a named
// type; prefixes exist only in Parse and Format. A number without a unit is an
// error for every dimension that has one. Inner loops convert to float64 locals
// in SI units.
package units

// The quantity types, each stored in its SI unit.
type (
	// Length is in m.
	Length float64
	// Area is in m^2.
	Area float64
	// Time is in s.
	Time float64
	// Frequency is in Hz.
	Frequency float64
	// Current is in A.
	Current float64
	// CurrentDensity is in A/m^2.
	CurrentDensity float64
	// Voltage is in V.
	Voltage float64
	// Resistance is in Ohm.
	Resistance float64
	// Resistivity is in Ohm m.
	Resistivity float64
	// ResistanceArea is in Ohm m^2.
	ResistanceArea float64
	// Capacitance is in F.
	Capacitance float64
	// Energy is in J.
	Energy float64
	// EnergyPerBit is in J/bit.
	EnergyPerBit float64
	// Power is in W.
	Power float64
	// Temperature is in K.
	Temperature float64
	// Field is in T.
	Field float64
	// Magnetization is in A/m.
	Magnetization float64
	// SurfaceEnergy is in J/m^2.
	SurfaceEnergy float64
	// EnergyDensity is in J/m^3.
	EnergyDensity float64
	// ExchangeStiff is in J/m.
	ExchangeStiff float64
	// ResistancePerM is in Ohm/m.
	ResistancePerM float64
	// CapacitancePerM is in F/m.
	CapacitancePerM float64
	// CurrentPerM is in A/m, drive or leakage per width.
	CurrentPerM float64
	// ElectricField is in V/m.
	ElectricField float64
	// VCMACoefficient is in J/(V m): surface anisotropy energy per electric field.
	VCMACoefficient float64
	// Bandwidth is in B/s.
	Bandwidth float64
	// Bytes is in B.
	Bytes float64
	// Ratio has no unit.
	Ratio float64
)
