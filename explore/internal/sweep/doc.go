// Package sweep holds what sweeps over points rest on: rows in the order of an
// objective, and staircases of the points passed in the plane of two others.
package sweep
