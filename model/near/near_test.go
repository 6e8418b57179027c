package near

import (
	"slices"
	"testing"
)

func TestNames(t *testing.T) {
	columns := []string{"energy_J", "latency_s", "area_mm2", "read_energy_pJ_per_bit", "capacity_MiB"}
	for name, want := range map[string][]string{
		"enrgy":    {"energy_J"},
		"latency":  {"latency_s"},
		"Area_mm2": {"area_mm2"},
		"read_en":  {"read_energy_pJ_per_bit"},
		"colour":   nil,
	} {
		if got := Names(name, columns); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
	if got := Hint("capcity", []string{"capacity", "clock"}); got != "; did you mean capacity?" {
		t.Errorf("hint %q", got)
	}
	if got := Hint("zzz", []string{"capacity", "clock"}); got != "" {
		t.Errorf("hint %q", got)
	}
	if got := Names("a", []string{"aa1", "aa2", "aa3", "aa4"}); len(got) > 3 {
		t.Errorf("%v are more than three", got)
	}
}
