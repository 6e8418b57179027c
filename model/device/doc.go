// Package device models the bitcell of SOT-MRAM (2T1R) and, for comparison,
// STT-MRAM (1T1R): from geometry, material and write pulse to thermal stability
// factor, retention, write current, fins, cell area, read signal and error
// rates.
//
// Functions named after a quantity carry the equation number E1..E40 of
// docs/model-device.md in their comment, with the source. Evaluate chains them
// as a designer would: anisotropy -> thermal stability factor hot and cold ->
// retention at the error budget -> critical current cold -> write current with
// error budget and process guard-band -> fins -> cell area -> read signal.
//
// It does not know arrays, line resistances or error-correcting codes: the
// budget it is given is that of a raw bit. A design that misses a limit is a
// value in Figures.Violations, not an error.
//
// Arguments and results are in SI units; fields are mu0*H in tesla.
package device
