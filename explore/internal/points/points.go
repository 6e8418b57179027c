// Package points makes the sets of points by which sorting and hypervolume are
// tested: the inputs of published results, and coarse random ones. Only tests
// import it.
package points

import (
	"bytes"
	_ "embed"
	"encoding/csv"
	"math"
	"strconv"
	"syscall"
	"testing"

	"pgregory.net/rapid"
)

// splitmix is the generator of the reference inputs (Steele et al. 2014).
type splitmix uint64

func (s *splitmix) uniform() float64 {
	*s += 0x9e3779b97f4a7c15
	z := uint64(*s)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	z ^= z >> 31
	return float64(z>>11) / (1 << 53)
}

// Input returns the points of a family (0 sphere, 1 convex, 2 cloud, 3 layers)
// and their reference point.
func Input(family, n, d int) (f, ref []float64) {
	rng := splitmix(1000003*family + 1009*d + n)
	f = make([]float64, 0, n*d)
	z := make([]float64, d)
	for range n {
		if family == 2 {
			for range d {
				f = append(f, rng.uniform())
			}
			continue
		}
		norm := 0.0
		for j := range z {
			u, v := rng.uniform(), rng.uniform()
			z[j] = math.Abs(math.Sqrt(-2*math.Log(1-u)) * math.Cos(2*math.Pi*v))
			norm += z[j] * z[j]
		}
		norm = math.Sqrt(norm)
		radius := 1.0
		if family == 3 {
			radius = 1 + 0.1*math.Floor(10*rng.uniform())
		}
		for _, c := range z {
			c /= norm
			if family == 1 {
				c = 1 - c
			}
			f = append(f, c*radius)
		}
	}
	ref = make([]float64, d)
	for j := range ref {
		ref[j] = 1.1
		if family == 3 {
			ref[j] = 2.2
		}
	}
	return f, ref
}

//go:embed testdata/published/moo_hv_nds.csv
var published []byte

// Reference is a published result on one of the inputs.
type Reference struct {
	Op, Lib      string // operation and library
	Family, N, D int
	Seconds      float64
	Result       float64
}

// References returns all published results.
func References(t testing.TB) []Reference {
	t.Helper()
	rows, err := csv.NewReader(bytes.NewReader(published)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	out := make([]Reference, 0, len(rows))
	for _, r := range rows[1:] {
		num := func(s string) float64 {
			v, err := strconv.ParseFloat(s, 64)
			if err != nil {
				t.Fatal(err)
			}
			return v
		}
		out = append(out, Reference{r[0], r[1], int(num(r[2])), int(num(r[3])), int(num(r[4])), num(r[5]), num(r[6])})
	}
	return out
}

// Coarse draws points on a grid, so that ties and repeated points are common.
func Coarse(rt *rapid.T, d, most int) []float64 {
	n := rapid.IntRange(1, most).Draw(rt, "n")
	cells := rapid.SampledFrom([]int{2, 4, 1000}).Draw(rt, "cells")
	v := rapid.SliceOfN(rapid.IntRange(0, cells), n*d, n*d).Draw(rt, "v")
	f := make([]float64, n*d)
	for i := range f {
		f[i] = float64(v[i]) / float64(cells)
	}
	return f
}

// ProcessorTime returns the seconds of processor time this process has used.
func ProcessorTime() float64 {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		panic(err)
	}
	return float64(r.Utime.Nano()+r.Stime.Nano()) * 1e-9
}
