// Package pareto compares vectors of objectives, all minimised: dominance,
// non-dominated sorting and crowding.
//
// It knows nothing of designs, constraints or searches, and changes none of
// its inputs.
//
// Points are rows of one flat slice: point i of dimension d is f[i*d : (i+1)*d].
// The methods of Sorter reuse scratch memory between calls; the zero value is
// ready, and one value serves one goroutine. Values must not be NaN.
package pareto
