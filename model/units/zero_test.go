package units

import (
	"strings"
	"testing"
)

// TestLeadingZero: 010nm may be meant as eight; 0, 0.5 and 10 are numbers.
func TestLeadingZero(t *testing.T) {
	for text, want := range map[string]float64{"0nm": 0, "0.5m": 0.5, "10m": 10, "-0.5m": -0.5, "+10m": 10, ".5m": 0.5, "0.m": 0} {
		if v, err := ParseAs(text, DimLength); err != nil || v != want {
			t.Errorf("%s: %v, %v", text, v, err)
		}
	}
	for _, text := range []string{"010nm", "00nm", "-01nm", "+00.5nm", "007e2nm"} {
		if _, err := ParseAs(text, DimLength); err == nil || !strings.Contains(err.Error(), "begins with a zero") {
			t.Errorf("%s: %v", text, err)
		}
	}
}
