// Package units holds the SI quantity types of the model, the parser of
// quantities written with a prefix and a unit ("0.8ns", "55uA", "64MiB"), and
// their printer.
//
// Everything inside the program is in SI base units as a float64 under a named
// type; prefixes exist only in Parse and Format. A number without a unit is an
// error for every dimension that has one. Products across dimensions are the
// named functions of physics.go; inner loops may convert to float64 locals with
// a unit suffix (width_m, pulse_s).
package units

// The quantity types. The comment gives the SI unit of the stored value.
type (
	Length          float64 // m
	Area            float64 // m^2
	Time            float64 // s
	Frequency       float64 // Hz
	Current         float64 // A
	CurrentDensity  float64 // A/m^2
	Voltage         float64 // V
	Resistance      float64 // Ohm
	Resistivity     float64 // Ohm m
	ResistanceArea  float64 // Ohm m^2
	Capacitance     float64 // F
	Energy          float64 // J
	EnergyPerBit    float64 // J/bit
	Power           float64 // W
	Temperature     float64 // K
	Field           float64 // T
	Magnetization   float64 // A/m
	SurfaceEnergy   float64 // J/m^2
	EnergyDensity   float64 // J/m^3
	ExchangeStiff   float64 // J/m
	ResistancePerM  float64 // Ohm/m
	CapacitancePerM float64 // F/m
	CurrentPerM     float64 // A/m, drive or leakage per width
	Bandwidth       float64 // B/s
	Bytes           float64 // B; an information size, may exceed 2^53 never in practice
	Ratio           float64 // 1
)
