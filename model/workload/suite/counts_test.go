package suite

import "testing"

// TestPublishedCounts: every built-in network stands in the list, and every count
// agrees with what its source prints, to the last printed digit, unless the list
// says why it does not.
func TestPublishedCounts(t *testing.T) {
	all, err := PublishedCounts()
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]bool{}
	exact := 0
	for i := range all {
		p := &all[i]
		listed[p.Network] = true
		if p.Source == "" || p.Convention == "" {
			t.Errorf("%s %s: source %q, convention %q", p.Network, p.Quantity, p.Source, p.Convention)
		}
		if p.Value == "" {
			continue
		}
		o, err := DefaultOptions(p.Network, 0)
		if err != nil {
			t.Error(err)
			continue
		}
		ours := p.Of(build(t, p.Network, o))
		rounds, same := p.Agrees(ours)
		if rounds == (p.Deviation != "") {
			t.Errorf("%s %s: %d, printed %s x %g; stated deviation %q", p.Network, p.Quantity, ours, p.Value, p.Scale, p.Deviation)
		}
		if same {
			exact++
		}
	}
	for _, name := range Names("") {
		if !listed[name] {
			t.Errorf("%s has no row", name)
		}
	}
	if exact < 120 {
		t.Errorf("%d counts are the same to the last unit", exact)
	}
	whole := Published{Value: "100", Scale: 1}
	for ours, want := range map[int64]bool{100: true, 99: false, 101: false} {
		if rounds, same := whole.Agrees(ours); rounds != want || same != want {
			t.Errorf("%d is 100: %v, to the last unit %v", ours, rounds, same)
		}
	}
	if _, same := (&Published{Value: "4", Scale: 1e9}).Agrees(4e9); same {
		t.Error("a count printed in 10^9 is the same to the last unit")
	}
	p := Published{Value: "4.09", Scale: 1e9}
	for ours, want := range map[int64]bool{4_089_000_000: true, 4_094_900_000: true, 4_095_100_000: false, 4_084_000_000: false} {
		if got, _ := p.Agrees(ours); got != want {
			t.Errorf("%d rounds to 4.09: %v", ours, got)
		}
	}
}
