// Package effects measures how much the inputs of a function decide its outputs,
// over the unit cube: Sobol indices, elementary effects after Morris, and the
// correlation ratio of a sample. It knows no model.
package effects
