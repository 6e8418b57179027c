package evolution

import (
	"testing"

	"stco/space"
)

func grid(t *testing.T) *space.Space {
	t.Helper()
	s, err := space.New(
		space.Parameter{Name: "a", Min: 0, Max: 1, Step: 0.01}, space.Parameter{Name: "b", Min: 0, Max: 1, Step: 0.01},
		space.Parameter{Name: "c", Kind: space.Choice, Options: []string{"p", "q", "r"}},
		space.Parameter{Name: "d", Kind: space.Choice, Options: []string{"u", "v"}},
	)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestRest: a front that gains less than a hundredth of its hypervolume while its
// age doubles has come to rest; one that gains more, or whose best of an objective
// moves by more than a fiftieth of the range, has not. By hand, in the frame of the
// front at last: (0,1), (0.5,0.5), (1,0) below (1.1,1.1) hold, from left to right,
// 0.5*0.1 + 0.5*0.6 + 0.1*1.1 = 0.46.
func TestRest(t *testing.T) {
	ends := []float64{0, 1, 1, 0}
	with := func(x, y float64) []float64 { return append([]float64{x, y}, ends...) }
	for name, c := range map[string]struct {
		past, now []float64
		rest      bool
	}{
		"the same":            {with(0.5, 0.5), with(0.5, 0.5), true},
		"gains 0.9 % of 0.46": {with(0.5, 0.5), with(0.5, 0.4917), true},
		"gains 1.1 % of 0.46": {with(0.5, 0.5), with(0.5, 0.4898), false},
		"best moves by 1 %":   {[]float64{0.01, 1, 0.5, 0.5, 1, 0}, with(0.5, 0.5), true},
		"best moves by 3 %":   {[]float64{0.03, 1, 0.5, 0.5, 1, 0}, with(0.5, 0.5), false},
		"loses":               {with(0.5, 0.4), with(0.5, 0.5), true},
		"worst alone moves":   {[]float64{0, 1, 0.5, 0.5, 1, 0}, []float64{0, 1, 0.5, 0.5, 1, 0, -0.001, 1.5}, true},
	} {
		is := &island{m: 2}
		if is.look(c.past); is.rest {
			t.Errorf("%s: rests at the first look", name)
		}
		if is.look(c.now); is.rest != c.rest {
			t.Errorf("%s: rest %t", name, is.rest)
		}
	}
	one := &island{m: 1}
	for k, c := range []struct {
		f    float64
		rest bool
	}{{10, false}, {5, false}, {4.9, false}, {4.85, true}, {3, false}} { // 0.05 of 5.15 gained
		if one.look([]float64{c.f}); one.rest != c.rest {
			t.Errorf("look %d: rest %t", k+1, one.rest)
		}
	}
	barren := &island{m: 2, begun: 1}
	if barren.look(nil); barren.rest {
		t.Error("the first population gives up without a feasible design")
	}
	barren.begun = 2
	if barren.look(nil); !barren.rest {
		t.Error("a niche without a feasible design is kept")
	}
}

// TestLooks: one objective every 25 generations, a front at 150, 300, 600.
func TestLooks(t *testing.T) {
	var got []int64
	is := &island{m: 3}
	for is.age = 1; is.age <= 1000; is.age++ {
		if is.due() {
			got = append(got, is.age)
		}
	}
	if len(got) != 3 || got[0] != 150 || got[1] != 300 || got[2] != 600 {
		t.Errorf("looks at %v", got)
	}
	if one := (&island{m: 1, age: 75}); !one.due() {
		t.Error("one objective is not looked at in generation 75")
	}
}

// TestNiches: of the populations after the first every second one keeps to an
// option of a choice, those of the last choice first; all its children have it.
func TestNiches(t *testing.T) {
	u, b := setup(t, 1, 1<<20, 0)
	u.Space = grid(t)
	a := New(u)
	defer a.Close()
	var got []string
	for n := range int64(12) {
		before := len(b.counted)
		if _, _, err := a.Generation(2*n, true); err != nil {
			t.Fatal(err)
		}
		if _, _, err := a.Generation(2*n+1, false); err != nil {
			t.Fatal(err)
		}
		text := ""
		for j := 2; j < 4; j++ {
			same := true
			for _, x := range b.counted[before:] {
				same = same && x[j] == b.counted[before][j]
			}
			if same {
				text += u.Space.Format(b.counted[before])[j]
			}
		}
		got = append(got, text)
	}
	want := []string{"", "u", "", "v", "", "p", "", "q", "", "r", "", "u"}
	for i := range want {
		if got[i] != want[i] {
			t.Fatalf("niches %q, want %q", got, want)
		}
	}
}
