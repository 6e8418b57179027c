// Package plot draws the figures of a run at the size of a two-column paper:
// Pareto scatter, lines, convergence, stacked and grouped bars, heat maps, parallel
// coordinates.
//
// Colours of categories are those of Okabe and Ito (2008), which colour-blind
// readers tell apart; ordered classes go from dark to light. Every series also
// has a marker, dashes or hatching of its own, so that a print in black and
// white reads the same. The legend stands above the axes, never on the data.
// Every figure carries its data as a results.Table. SVG, PNG and PDF are the
// same bytes for the same input.
//
// The package knows tables and series of numbers, not designs, and writes to an
// io.Writer, not to files. It is one package because all figures are drawn with
// the same axes, legend, style and text, which nothing else needs.
package plot
