// Package experiments wires everything: it reads study and design files
// strictly, builds model, space and problem, runs and resumes campaigns in a
// run directory, finds the SRAM baselines, and lists what the model knows as
// tables for the command line.
//
// Files and clocks come from the caller. The flow of a campaign: Study -> Start
// or Resume -> Execute: shards (explore) -> merge -> tables, CSV, figures.
package experiments
