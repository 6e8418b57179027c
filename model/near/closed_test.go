package near

import (
	"slices"
	"testing"
)

// TestRules takes every rule to its edge.
func TestRules(t *testing.T) {
	for _, c := range []struct {
		name, known string
		near        bool
	}{
		// Edit distance: within 1 + a third of the longer.
		{"abcdef", "abcxyz", true},
		{"abcdef", "abwxyz", false},
		{"abc", "xbz", true},
		{"abc", "xyz", false},
		{"a", "b", true},
		{"ab", "cd", false},
		{"abcdefghi", "abcdewxyz", true},
		{"abcdefghi", "abcdvwxyz", false},
		// An insertion, a deletion and an exchange count one each.
		{"abcdef", "bcdefg", true},
		{"abcdef", "cdefgh", false},
		// The part before a unit: within half, from four letters.
		{"enxxgy", "energy_J", true},
		{"enxx", "ener_Joule_bit_m", true},
		{"exxx", "ener_Joule_bit_m", false},
		{"exe", "ene_Joule_bit", false},
		// Contains, from three letters; or the same stem.
		{"bit", "read_energy_per_bit", true},
		{"bi", "read_energy_per_bit", false},
		{"BIT", "read_energy_per_bit", true},
		{"xyz", "read_energy_per_bit", false},
		{"read_latency_of_what", "read_bus", true},
		{"re_latency_of_what", "re_bus", false},
	} {
		if got := Names(c.name, []string{c.known}); (len(got) == 1) != c.near {
			t.Errorf("%s near %s: %v", c.name, c.known, got)
		}
	}
	if distance("kitten", "sitting") != 3 || distance("flaw", "lawn") != 2 || distance("", "abc") != 3 || distance("abc", "") != 3 {
		t.Error("edit distances of the literature")
	}
	// The nearest first, three at most, equals in the order given.
	if got := Names("clock", []string{"clocks2", "clocks", "block", "clock9", "flock"}); !slices.Equal(got, []string{"clocks", "block", "clock9"}) {
		t.Error(got)
	}
}
