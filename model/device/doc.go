// Package device models the bitcell of SOT-MRAM (2T1R or with a read selector
// above the cell) and, for comparison, STT-MRAM (1T1R): from geometry, material
// and write pulse to thermal stability factor, retention, write current, fins,
// cell area, read signal and error rates.
//
// Every equation is a function that names its number E1..E40 of
// docs/model-device.md. Evaluate chains them as a designer would: anisotropy ->
// thermal stability factor hot and cold -> retention at the error budget ->
// critical current cold -> write current with error budget and process
// guard-band -> fins -> cell area -> read signal hot. Draw does the same for one
// device of a population.
//
// The package does not know arrays, line resistances or error-correcting codes:
// the budget it is given is that of a raw bit; WordError and RawErrorRate relate
// it to words. A design that misses a limit is a value in Figures.Violations,
// not an error; Params.Validate refuses what is outside the domain.
//
// Arguments and results are in SI units; fields are mu0*H in tesla.
package device
