package compare

import (
	"math"
	"slices"

	"stco/explore/hypervolume"
	"stco/explore/pareto"
	"stco/results"
)

// reference is the coordinate of the reference point in the common frame.
const reference = 1.1

// frame is the common measure of all runs: minimised objectives between ideal
// and nadir of the joint front.
type frame struct {
	goals        []results.Column
	log          bool
	ideal, nadir []float64 // of the joint front, after the logarithm
	joint        [][]float64
	volume       hypervolume.Volume
	ref          []float64
	flat         []float64
}

// newFrame spans the frame of the joint front of the runs. The logarithm is
// taken only if every objective is positive everywhere.
func newFrame(runs []Run, log bool) *frame {
	f := &frame{goals: runs[0].Goals, log: log}
	m := len(f.goals)
	f.ref = slices.Repeat([]float64{reference}, m)
	var all [][]float64
	for i := range runs {
		for _, s := range runs[i].Seeds {
			all = append(all, s.Archive...)
		}
	}
	for _, row := range all {
		for _, v := range row {
			f.log = f.log && v > 0
		}
	}
	for _, row := range all {
		f.flat = f.minimised(f.flat, row)
	}
	var sorter pareto.Sorter
	keep := make([]bool, len(all))
	sorter.NonDominated(f.flat, m, keep)
	for i, k := range keep {
		if k {
			f.joint = append(f.joint, all[i])
		}
	}
	f.ideal, f.nadir = slices.Repeat([]float64{math.Inf(1)}, m), slices.Repeat([]float64{math.Inf(-1)}, m)
	for _, row := range f.joint {
		for j, v := range f.minimised(nil, row) {
			f.ideal[j], f.nadir[j] = min(f.ideal[j], v), max(f.nadir[j], v)
		}
	}
	return f
}

// minimised appends a row of metrics as objectives to minimise.
func (f *frame) minimised(out, row []float64) []float64 {
	for j, v := range row {
		if f.log {
			v = math.Log(v)
		}
		if f.goals[j].Goal == results.Max {
			v = -v
		}
		out = append(out, v)
	}
	return out
}

// normalised maps rows of metrics between ideal (0) and nadir (1). The result is
// valid until the next call.
func (f *frame) normalised(rows [][]float64) []float64 {
	m := len(f.goals)
	f.flat = f.flat[:0]
	for _, row := range rows {
		f.flat = f.minimised(f.flat, row)
	}
	for i := range f.flat {
		j := i % m
		wide := f.nadir[j] - f.ideal[j]
		if wide == 0 {
			wide = 1 // the same in all: only better or worse counts
		}
		f.flat[i] = (f.flat[i] - f.ideal[j]) / wide
	}
	return f.flat
}

// hypervolume measures rows of metrics in the frame.
func (f *frame) hypervolume(rows [][]float64) float64 {
	return f.volume.Hypervolume(f.normalised(rows), len(f.goals), f.ref)
}
