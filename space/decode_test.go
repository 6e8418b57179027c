package space

import (
	"math"
	"testing"
)

// TestDecodedByHand decodes coordinates whose value is known on paper, for every
// kind of parameter, and encodes them back.
func TestDecodedByHand(t *testing.T) {
	options := []string{"W", "Ta", "Pt", "BiSe"}
	for _, c := range []struct {
		name string
		p    Parameter
		u    float64
		want float64
	}{
		{"lower bound", Parameter{Kind: Real, Min: 20, Max: 80}, 0, 20},
		{"quarter", Parameter{Kind: Real, Min: 20, Max: 80}, 0.25, 35},
		{"upper bound", Parameter{Kind: Real, Min: 20, Max: 80}, 1, 80},
		{"negative", Parameter{Kind: Real, Min: -3, Max: 5}, 0.25, -1},
		{"log, lower bound", Parameter{Kind: LogReal, Min: 0.2, Max: 5}, 0, 0.2},
		{"log, middle: sqrt(0.2*5)", Parameter{Kind: LogReal, Min: 0.2, Max: 5}, 0.5, 1},
		{"log, quarter: 0.2*25^(1/4)", Parameter{Kind: LogReal, Min: 0.2, Max: 5}, 0.25, 0.4472135954999579},
		{"log, three quarters", Parameter{Kind: LogReal, Min: 1, Max: 10000}, 0.75, 1000},
		{"log, upper bound", Parameter{Kind: LogReal, Min: 0.2, Max: 5}, 1, 5},
		{"log in SI", Parameter{Kind: LogReal, Min: 2e-10, Max: 5e-9}, 0.5, 1e-9},
		{"step: the third of 0.05, 0.1 ... 0.3", Parameter{Kind: Real, Min: 0.05, Max: 0.3, Step: 0.05}, 0.4, 0.15},
		{"levels: 20, 40, 60, 80", Parameter{Kind: Real, Min: 20, Max: 80, Levels: 4}, 0.6, 60},
		{"log levels: 1, 10, 100", Parameter{Kind: LogReal, Min: 1, Max: 100, Levels: 3}, 0.5, 10},
		{"log step: 1, 2, 4, 8", Parameter{Kind: LogReal, Min: 1, Max: 8, Step: 2}, 0.6, 4},
		{"values", Parameter{Kind: LogReal, Min: 1, Max: 100, Values: []float64{1, 7, 100}}, 0.5, 7},
		{"integer: 64, 128 ... 1024", Parameter{Kind: Integer, Min: 64, Max: 1024, Step: 64}, 0.5, 576},
		{"integer of step 1", Parameter{Kind: Integer, Min: 0, Max: 9}, 0.35, 3},
		{"power of two: 1, 2 ... 256", Parameter{Kind: PowerOfTwo, Min: 1, Max: 256}, 0.3, 4},
		{"midpoints: 1, 1.5, 2, 3, 4, 6, 8", Parameter{Kind: PowerOfTwo, Min: 1, Max: 8, Midpoints: true}, 0.5, 3},
		{"midpoints, last", Parameter{Kind: PowerOfTwo, Min: 1, Max: 8, Midpoints: true}, 1, 8},
		{"choice", Parameter{Kind: Choice, Options: options}, 0.6, 2},
		{"some of a choice", Parameter{Kind: Choice, Options: options, Values: []float64{1, 3}}, 0.6, 3},
		{"some of a choice, first", Parameter{Kind: Choice, Options: options, Values: []float64{1, 3}}, 0.4, 1},
	} {
		c.p.Name = "p"
		s, err := New(c.p)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		u, x := []float64{c.u}, []float64{math.NaN()}
		s.Decode(u, x)
		if math.Abs(x[0]-c.want) > 1e-13*math.Abs(c.want) {
			t.Errorf("%s: %v decodes to %v, want %v", c.name, c.u, x[0], c.want)
		}
		s.Encode([]float64{c.want}, u)
		if at := u[0]; s.GridSize(0) == 0 && math.Abs(at-c.u) > 1e-12 {
			t.Errorf("%s: %v encodes to %v, want %v", c.name, c.want, at, c.u)
		}
	}
}

// TestValuesOfAChoice refuses indices that are no option, and counts only those
// in the space.
func TestValuesOfAChoice(t *testing.T) {
	options := []string{"a", "b", "c"}
	for _, values := range [][]float64{{3}, {-1}, {0.5}, {1, 1}, {2, 0}} {
		if _, err := New(Parameter{Name: "p", Kind: Choice, Options: options, Values: values}); err == nil {
			t.Errorf("values %v are accepted", values)
		}
	}
	s, err := New(Parameter{Name: "p", Kind: Choice, Options: options, Values: []float64{0, 2}})
	if err != nil {
		t.Fatal(err)
	}
	if n, _ := s.Size(); n != 2 || s.Check([]float64{1}) == nil || s.Check([]float64{2}) != nil {
		t.Errorf("%d designs; b: %v, c: %v", n, s.Check([]float64{1}), s.Check([]float64{2}))
	}
}

// TestSpaceOfOnePoint: without parameters there is one design.
func TestSpaceOfOnePoint(t *testing.T) {
	s, err := New()
	if err != nil {
		t.Fatal(err)
	}
	if n, ok := s.Size(); n != 1 || !ok {
		t.Errorf("%d designs, %t", n, ok)
	}
	s.At(0, nil)
	s.Decode(nil, nil)
	if err := s.Check(nil); err != nil {
		t.Error(err)
	}
	if got := s.Key(nil); got != (Key{}) {
		t.Errorf("key %v", got)
	}
}

// TestFactorOfAUnit: values are counted in the unit where a message names them.
func TestFactorOfAUnit(t *testing.T) {
	s, err := New(Parameter{Name: "d", Kind: Real, Unit: "nm", Factor: 1e-9, Min: 2e-8, Max: 8e-8})
	if err != nil {
		t.Fatal(err)
	}
	err = s.Check([]float64{9.5e-8})
	if want := "d = 95 nm: allowed 20 nm..80 nm"; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}
