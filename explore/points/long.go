//go:build long

package points

// MostPoints is the size up to which published results are compared: all.
const MostPoints = 100000
