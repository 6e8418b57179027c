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
		p, err := Lookup(row[0])
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
