//go:build !long

package pareto

// mostPoints is the size up to which published results are compared; make
// test-long compares all.
const mostPoints = 10000
