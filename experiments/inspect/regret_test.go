package inspect

import (
	"math"
	"testing"
)

// TestRegretByHand: of the own designs (1, 8), (2, 4), (8, 1) the design (4, 12) is
// beaten most by (2, 4), by a factor of 2 in both; (3, 4.5) by 12.5 %; (1, 9) is
// no worse in one, and a design beside itself has none. With a share, in which a
// design must not be worse, only those count that are not.
func TestRegretByHand(t *testing.T) {
	ln := func(v ...float64) []float64 {
		out := make([]float64, len(v))
		for i := range v {
			out[i] = math.Log(v[i])
		}
		return out
	}
	a := &axes{rows: [][]float64{ln(1, 8), ln(2, 4), ln(8, 1)}, ids: []string{"a", "b", "c"}, linear: []bool{false, false}}
	for _, c := range []struct {
		f    []float64
		want float64
		by   string
	}{
		{ln(4, 12), 100, "b"}, {ln(3, 4.5), 12.5, "b"}, {ln(1, 9), 0, ""}, {ln(2, 4), 0, ""}, {ln(0.5, 100), 0, ""}, {ln(40, 2), 100, "c"}, {ln(4, 9), 100, "b"},
	} {
		got, by := a.regret(c.f)
		if math.Abs(got-c.want) > 1e-9 || by != c.by {
			t.Errorf("%v: %g %% by %q, want %g %% by %q", c.f, got, by, c.want, c.by)
		}
	}
	share := &axes{rows: [][]float64{{math.Log(2), 0.5}, {math.Log(1), 0.9}}, ids: []string{"a", "b"}, linear: []bool{false, true}}
	if got, by := share.regret([]float64{math.Log(4), 0.7}); math.Abs(got-100) > 1e-9 || by != "a" {
		t.Errorf("%g by %s", got, by)
	}
	if got, by := (&axes{}).regret(ln(1, 1)); !math.IsNaN(got) || by != "" {
		t.Error("a regret without an own front")
	}
}
