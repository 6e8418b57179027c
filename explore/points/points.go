// Package points makes the sets of points of published results, by which sorting
// and hypervolume are tested and timed.
package points

import (
	"bytes"
	_ "embed"
	"encoding/csv"
	"fmt"
	"math"
	"strconv"
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

// Families names the families of Input.
func Families() []string { return []string{"sphere", "convex", "cloud", "layers"} }

// Input returns n points of d objectives of a family, by its place in Families,
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
func References() ([]Reference, error) {
	rows, err := csv.NewReader(bytes.NewReader(published)).ReadAll()
	if err != nil {
		return nil, err
	}
	out := make([]Reference, 0, len(rows))
	for i, r := range rows[1:] {
		var v [5]float64
		for k, text := range r[2:7] {
			if v[k], err = strconv.ParseFloat(text, 64); err != nil {
				return nil, fmt.Errorf("published results, row %d: %w", i+2, err)
			}
		}
		out = append(out, Reference{r[0], r[1], int(v[0]), int(v[1]), int(v[2]), v[3], v[4]})
	}
	return out, nil
}
