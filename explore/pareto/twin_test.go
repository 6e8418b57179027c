package pareto

import (
	"encoding/csv"
	"math"
	"os"
	"strconv"
	"testing"
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

// input returns the points of a family (0 sphere, 1 convex, 2 cloud, 3 layers)
// and their reference point.
func input(family, n, d int) (f, ref []float64) {
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

// slowRanks peels fronts by comparing all pairs.
func slowRanks(f []float64, d int) []int {
	n := len(f) / d
	rank := make([]int, n)
	for i := range rank {
		rank[i] = -1
	}
	for front, left := 0, n; left > 0; front++ {
		var members []int
		for i := range n {
			if rank[i] >= 0 {
				continue
			}
			free := true
			for k := range n {
				if rank[k] < 0 && Dominates(f[k*d:k*d+d], f[i*d:i*d+d]) {
					free = false
					break
				}
			}
			if free {
				members = append(members, i)
			}
		}
		for _, i := range members {
			rank[i] = front
		}
		left -= len(members)
	}
	return rank
}

// slowVolume is inclusion and exclusion over all subsets.
func slowVolume(f []float64, d int, ref []float64) float64 {
	n := len(f) / d
	total := 0.0
	for set := 1; set < 1<<n; set++ {
		v, sign := 1.0, -1.0
		for j := range d {
			c := math.Inf(-1)
			for i := range n {
				if set>>i&1 == 1 {
					c = max(c, f[i*d+j])
				}
			}
			v *= max(ref[j]-c, 0)
		}
		for i := range n {
			if set>>i&1 == 1 {
				sign = -sign
			}
		}
		total += sign * v
	}
	return total
}

// slices is the hypervolume by slicing the last objective, the twin for sets
// too large for inclusion and exclusion.
func slicesVolume(f []float64, d int, ref []float64) float64 {
	n := len(f) / d
	if d == 1 {
		v := 0.0
		for i := range n {
			v = max(v, ref[0]-f[i])
		}
		return v
	}
	cuts := []float64{ref[d-1]}
	for i := range n {
		if c := f[i*d+d-1]; c < ref[d-1] {
			cuts = append(cuts, c)
		}
	}
	for i := range cuts {
		for k := i; k > 0 && cuts[k] < cuts[k-1]; k-- {
			cuts[k], cuts[k-1] = cuts[k-1], cuts[k]
		}
	}
	total := 0.0
	for i := 0; i+1 < len(cuts); i++ {
		if cuts[i] == cuts[i+1] {
			continue
		}
		var below []float64
		for k := range n {
			if f[k*d+d-1] <= cuts[i] {
				below = append(below, f[k*d:k*d+d-1]...)
			}
		}
		total += slicesVolume(below, d-1, ref) * (cuts[i+1] - cuts[i])
	}
	return total
}

type reference struct {
	op, lib      string
	family, n, d int
	seconds      float64
	result       float64
}

func references(t testing.TB) []reference {
	t.Helper()
	file, err := os.Open("testdata/published/moo_hv_nds.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	out := make([]reference, 0, len(rows))
	for _, r := range rows[1:] {
		num := func(s string) float64 {
			v, err := strconv.ParseFloat(s, 64)
			if err != nil {
				t.Fatal(err)
			}
			return v
		}
		out = append(out, reference{r[0], r[1], int(num(r[2])), int(num(r[3])), int(num(r[4])), num(r[5]), num(r[6])})
	}
	return out
}
