// Package plot draws the figures of a run at the size of a two-column paper:
// Pareto scatter, convergence, stacked and grouped bars, lines.
//
// Colours are those of Okabe and Ito (2008), which colour-blind readers tell
// apart; every series also has a marker, a dash pattern or a hatching of its
// own, so that a print in black and white reads the same. Every figure carries
// its data as a results.Table. SVG and PNG are byte-deterministic.
//
// The package knows tables and series, not designs.
package plot
