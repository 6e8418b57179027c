package problems

import (
	"encoding/csv"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"
)

func numbers(t testing.TB, list string) []float64 {
	t.Helper()
	var out []float64
	for s := range strings.SplitSeq(list, ";") {
		if s == "" {
			continue
		}
		v, err := strconv.ParseFloat(s, 64)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, v)
	}
	return out
}

// TestPublishedVectors compares objectives and constraints with those of the
// authors' programs and pymoo.
func TestPublishedVectors(t *testing.T) {
	file, err := os.Open("testdata/published/moo_problem_vectors.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows[1:] {
		p, err := Lookup(row[0], Size{})
		if err != nil {
			t.Error(err)
			continue
		}
		if p.space.Dim() != len(numbers(t, row[1])) {
			t.Errorf("%s: %d variables, want %d", p.Name, p.space.Dim(), len(numbers(t, row[1])))
			continue
		}
		f, g, err := p.At(numbers(t, row[1]))
		if err != nil {
			t.Error(err)
			continue
		}
		for what, pair := range map[string][2][]float64{"f": {f, numbers(t, row[2])}, "g": {g, numbers(t, row[3])}} {
			got, want := pair[0], pair[1]
			if len(got) != len(want) {
				t.Errorf("%s: %d %s, want %d", p.Name, len(got), what, len(want))
				continue
			}
			for j := range got {
				if math.Abs(got[j]-want[j]) > 1e-9*max(1, math.Abs(want[j])) {
					t.Errorf("%s: %s%d = %.12g, want %.12g", p.Name, what, j+1, got[j], want[j])
				}
			}
		}
	}
}

// TestSizes evaluates scaled problems at points whose objectives are known in
// closed form: on the front of DTLZ2 the squares add up to 1, of ZDT1
// f2 = 1 - sqrt(f1), of WFG4 the squares of f_j / 2j add up to 1.
func TestSizes(t *testing.T) {
	for _, c := range []struct {
		name string
		size Size
		n, m int
		sum  func(f []float64) float64
		x    func(i int) float64
	}{
		{"DTLZ2", Size{Objectives: 5, Variables: 9}, 9, 5, squares(0), func(i int) float64 {
			if i < 4 {
				return 0.1 + 0.2*float64(i)
			}
			return 0.5
		}},
		{"ZDT1", Size{Variables: 7}, 7, 2, func(f []float64) float64 { return f[1] + math.Sqrt(f[0]) }, func(i int) float64 {
			return 0.3 * float64(max(0, 1-i))
		}},
		{"WFG4", Size{Objectives: 4, Variables: 10, Position: 3}, 10, 4, squares(2), func(i int) float64 {
			if i < 3 {
				return float64(i+1) * (0.2 + 0.5*float64(i))
			}
			return 0.35 * 2 * float64(i+1)
		}},
		{"wfg_4", Size{Objectives: 2}, 24, 2, squares(2), func(i int) float64 {
			if i < 4 {
				return float64(i + 1)
			}
			return 0.35 * 2 * float64(i+1)
		}},
	} {
		p, err := Lookup(c.name, c.size)
		if err != nil {
			t.Error(err)
			continue
		}
		x := make([]float64, p.Space().Dim())
		for i := range x {
			x[i] = c.x(i)
		}
		f, _, err := p.At(x)
		if err != nil {
			t.Error(err)
			continue
		}
		if len(x) != c.n || len(f) != c.m || math.Abs(c.sum(f)-1) > 1e-12 {
			t.Errorf("%s %+v: %d variables, objectives %v, sum %v", c.name, c.size, len(x), f, c.sum(f))
		}
	}
	for name, size := range map[string]Size{
		"bnh": {Objectives: 3}, "zdt1": {Variables: 1}, "zdt2": {Objectives: 2}, "dtlz1": {Objectives: 7}, "dtlz3": {Variables: 2},
		"wfg2": {Variables: 9}, "wfg3:4": {Objectives: 3}, "wfg5": {Position: 3}, "dtlz2": {Position: 4}, "re99": {},
	} {
		if _, err := Lookup(name, size); err == nil || !strings.Contains(err.Error(), strings.TrimSuffix(name, ":4")) {
			t.Errorf("%s %+v: %v", name, size, err)
		}
	}
}

// squares returns the sum of squares of objectives over their scale, step*j, or
// 1 when step is 0.
func squares(step float64) func([]float64) float64 {
	return func(f []float64) float64 {
		sum := 0.0
		for j, v := range f {
			if step > 0 {
				v /= step * float64(j+1)
			}
			sum += v * v
		}
		return sum
	}
}
