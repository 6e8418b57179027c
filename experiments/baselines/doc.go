// Package baselines finds the conventional buffers that a design is set beside:
// the best SRAM buffers in the space of a study, enumerated, and the best STT
// buffer of a capacity; and it works out the gains over them, with the spread that
// uncertain settings give, and where energy and time of both go.
package baselines
