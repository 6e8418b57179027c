// Package stco is the map of a tool for system-technology co-optimisation of
// the on-chip memory of AI accelerators. It holds the published figures that the
// model is held to (Published) and the test of its own import table
// (imports_test.go).
//
// One sentence of flow: a study names a space and workloads; the search
// proposes points; a point becomes a design; the model turns the design into a
// report; objectives turn the report into numbers; the store keeps them;
// tables, CSV and figures read the store and nothing else.
//
//	cmd/stco      main: writers, signals and exit code; internal/cli: one file per verb
//	model         Design, Report, Evaluate: composition of the packages below
//	  units       SI quantity types, Parse("0.8ns"), Format
//	  tech        embedded tables, each value with unit, source and kind
//	  device      bitcell physics: parameters -> Cell
//	  array       Cell + organisation -> bank and buffer figures; bitcell: SRAM, user cells
//	  workload    suite: networks; graph: operators; lower: traces; onnx: .onnx files
//	  accel       PE array, dataflow, buffer, DRAM: memory + trace -> cost
//	space         parameters, points, sampling, repair; knows no model
//	objectives    metrics, constraints: point -> design -> report -> (f, g)
//	explore       the search; pareto: dominance, sorting; hypervolume: measure, subsets
//	results       tables of designs, choice of designs
//	  store       the run directory
//	  table, csv, plot  one kind of output each
//	experiments   questions to the model, listed
//	  study       study and design files; model and problem of a study
//	  designs     designs as tables, beside SRAM baselines
//	  campaign    run and resume of a study in a run directory
package stco
