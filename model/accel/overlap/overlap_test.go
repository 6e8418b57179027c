package overlap

import (
	"slices"
	"testing"
)

// TestWindowsByHand cuts rows of which each moves what is on paper, in bytes:
// read, written, room, row waited for.
func TestWindowsByHand(t *testing.T) {
	for _, c := range []struct {
		name string
		rows []Flow
		want []Span
	}{
		{"nothing", nil, nil},
		{"one row", []Flow{{7, 9, 5, -1, true}}, []Span{{0, 1, 0, 0}}},
		// 8 B wait and 12 are read early: 20 B of room hold them, 19 do not.
		{"fits", []Flow{{10, 8, 20, -1, true}, {12, 0, 20, -1, false}}, []Span{{0, 2, 0, 0}}},
		{"does not fit", []Flow{{10, 8, 20, -1, true}, {12, 0, 19, -1, false}}, []Span{{0, 1, 12, 19}, {1, 2, 0, 0}}},
		// Before the third row 5 B of the second may be read, or its 6 B written
		// wait, with the 9 of the first.
		{"writes add", []Flow{{0, 9, 18, -1, true}, {5, 6, 18, -1, false}, {4, 0, 18, -1, false}}, []Span{{0, 2, 4, 18}, {2, 3, 0, 0}}},
		{"reads add", []Flow{{0, 0, 18, -1, true}, {9, 0, 18, -1, false}, {9, 0, 18, -1, false}, {1, 0, 18, -1, false}}, []Span{{0, 3, 1, 18}, {3, 4, 0, 0}}},
		// What a row reads is written in the window: it waits, and the DRAM is not ahead.
		{"waits", []Flow{{10, 8, 20, -1, true}, {4, 0, 6, 0, false}}, []Span{{0, 1, 0, 6}, {1, 2, 0, 0}}},
		{"waits for nothing to read", []Flow{{10, 8, 20, -1, true}, {0, 4, 8, 0, false}}, []Span{{0, 2, 0, 0}}},
		{"a group begins", []Flow{{10, 8, 20, -1, true}, {4, 0, 20, -1, true}}, []Span{{0, 1, 0, 0}, {1, 2, 0, 0}}},
		// Ahead by 10 and 20 B, which the 30 B of the last row just hold; 25 they do not.
		{"two rows ahead", []Flow{{100, 45, 50, -1, true}, {10, 0, 50, -1, false}, {20, 0, 30, -1, false}, {5, 0, 90, -1, true}}, []Span{{0, 1, 30, 50}, {1, 3, 0, 0}, {3, 4, 0, 0}}},
		{"as far as fits", []Flow{{100, 45, 50, -1, true}, {10, 0, 50, -1, false}, {25, 0, 30, -1, false}}, []Span{{0, 1, 30, 50}, {1, 3, 0, 0}}},
		{"as far as is written", []Flow{{100, 45, 50, -1, true}, {10, 0, 50, -1, false}, {20, 0, 30, 0, false}}, []Span{{0, 1, 10, 50}, {1, 3, 0, 0}}},
		{"from before", []Flow{{1, 6400, 50, -1, true}, {60, 45, 50, -1, false}, {10, 0, 50, 0, false}}, []Span{{0, 1, 50, 50}, {1, 2, 10, 50}, {2, 3, 0, 0}}},
		// 78.125 B on each side are a 64th of 10 kB; less is taken for nothing.
		{"a 64th", []Flow{{9000, 1000, 78.125, -1, true}, {16000, 4000, 78.125, -1, false}}, []Span{{0, 1, 78.125, 78.125}, {1, 2, 0, 0}}},
		{"below a 64th", []Flow{{9000, 1000, 78, -1, true}, {8000, 2000, 78, -1, false}}, []Span{{0, 1, 0, 0}, {1, 2, 0, 0}}},
	} {
		if got := Windows(c.rows); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// TestModes: the names of studies.
func TestModes(t *testing.T) {
	if got := Modes(); !slices.Equal(got, []string{"window", "step", "ideal"}) {
		t.Errorf("%v", got)
	}
}
