// Package stco is a tool for system-technology co-optimisation of
// the on-chip memory of AI accelerators. It holds the published figures that the
// model is held to (Published) and the test of its own import table
// (imports_test.go).
//
// One sentence of flow: a study names a space and workloads; the search
// proposes points; a point becomes a design; the model turns the design into a
// report; objectives turn the report into numbers; the store keeps them;
// tables, CSV and figures read the store and nothing else.
package stco
