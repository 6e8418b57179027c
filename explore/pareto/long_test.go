//go:build long

package pareto

// mostPoints is the size up to which published results are compared: all.
const mostPoints = 100000
