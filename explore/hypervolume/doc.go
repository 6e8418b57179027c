// Package hypervolume measures what points dominate below a reference point,
// all objectives minimised: the hypervolume, what each point alone adds to it,
// and the choice of few points with a large one, for 1 to 6 objectives.
//
// volume.go holds two and three objectives, volume4.go four, volumedeep.go the
// recursion above; contribution.go the sweeps over fronts; subset.go and
// truncate.go the choice of points, by adding and by removing.
//
// Points are rows of one flat slice: point i of dimension d is f[i*d : (i+1)*d].
// No input is changed. The methods of Volume reuse scratch memory between
// calls; the zero value is ready, and one value serves one goroutine. Values
// must not be NaN.
package hypervolume
