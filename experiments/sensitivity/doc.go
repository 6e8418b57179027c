// Package sensitivity says which knob of a design matters, and which assumption
// of the model could turn the verdict on it: steps around a design, Sobol indices
// and elementary effects over the knobs and over the uncertain constants, and the
// weight of knobs among the designs that a search kept.
package sensitivity
