// Package experiments asks the model the questions that are not campaigns, and
// lists what it knows: networks and their layers, traffic, arrays, technology
// tables, searches on test problems. Every answer is a Sheet of texts.
//
// Below it:
//
//	study       study and design files, read strictly; model and problem of a study
//	designs     one design or many as tables, beside SRAM baselines
//	validation  the model beside published figures
//	campaign    shards (explore) -> merge -> tables, CSV, figures in a run directory
//
// Files and clocks come from the caller.
package experiments
