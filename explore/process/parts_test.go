package process

import (
	"strings"
	"testing"

	"stco/space"
)

// TestParameter: the bounds of a list are its ends, unless the program gives them;
// a choice has none.
func TestParameter(t *testing.T) {
	for _, c := range []struct {
		v         variable
		kind      space.Kind
		low, high float64
	}{
		{variable{Name: "a", Values: []float64{3, 5, 9}}, space.Real, 3, 9},
		{variable{Name: "a", Values: []float64{4}}, space.Real, 4, 4},
		{variable{Name: "a", Values: []float64{3, 5, 9}, Min: 1, Max: 10}, space.Real, 1, 10},
		{variable{Name: "a", Values: []float64{3, 5, 9}, Max: 10}, space.Real, 0, 10},
		{variable{Name: "a", Values: []float64{-3, -2}, Min: -4}, space.Real, -4, 0},
		{variable{Name: "a", Values: []float64{0, 1}, Options: []string{"x", "y"}}, space.Choice, 0, 0},
		{variable{Name: "a", Type: "log", Min: 1, Max: 2}, space.LogReal, 1, 2},
	} {
		p, err := c.v.parameter()
		if err != nil || p.Kind != c.kind || p.Min != c.low || p.Max != c.high {
			t.Errorf("%+v: %+v, %v", c.v, p, err)
		}
	}
	if _, err := (&variable{Name: "a", Type: "logg"}).parameter(); err == nil || !strings.Contains(err.Error(), `variable "a": type "logg"`) {
		t.Error(err)
	}
}

// TestAtRefuses: points of another length, or outside.
func TestAtRefuses(t *testing.T) {
	s, err := space.New(space.Parameter{Name: "a", Kind: space.Real, Max: 1}, space.Parameter{Name: "b", Kind: space.Real, Max: 1})
	if err != nil {
		t.Fatal(err)
	}
	p := &Program{space: s}
	for _, c := range []struct {
		x    []float64
		want string
	}{{[]float64{1}, "1 values, the problem has 2 variables"}, {[]float64{1, 1, 1}, "3 values, the problem has 2 variables"}, {[]float64{0, 2}, "b = 2: allowed 0..1"}} {
		if _, _, err := p.At(c.x); err == nil || err.Error() != c.want {
			t.Errorf("%v: %v, want %q", c.x, err, c.want)
		}
	}
}

// TestTail: the last 2,000 bytes that a process wrote are kept.
func TestTail(t *testing.T) {
	var end tail
	whole := ""
	for i := range 100 {
		line := strings.Repeat(string(rune('a'+i%26)), 99) + "\n"
		whole += line
		if n, err := end.Write([]byte(line)); n != 100 || err != nil {
			t.Fatal(n, err)
		}
		if want := whole[max(0, len(whole)-2000):]; string(end.text) != want {
			t.Fatalf("after %d lines %d bytes", i+1, len(end.text))
		}
	}
}
