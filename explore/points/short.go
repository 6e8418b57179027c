//go:build !long

package points

// MostPoints is the size up to which published results are compared; make
// test-long compares all.
const MostPoints = 10000
