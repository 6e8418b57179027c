package study

import (
	"strings"
	"testing"
)

// TestLimits of a study: how many objectives it may have.
func TestLimits(t *testing.T) {
	for text, want := range map[string]string{
		"objectives: []\n": "0 objectives: allowed 1 to",
		"objectives: [a, b, c, d, e, f, g, h, i, j, k, l, m, n]\n": "14 objectives: allowed 1 to",
	} {
		if _, err := Parse("f", []byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40q: %v, want %q", text, err, want)
		}
	}
}
