package inspect

import (
	"math"
	"testing"
)

// TestAbstract: the claims are those of the abstract, of training and of the
// networks that it is about, each for its own group.
func TestAbstract(t *testing.T) {
	groups := []string{"all", "resnet50 training b16", "bert_base training b16", "resnet50 inference b1", "mine training b16"}
	nan := math.NaN()
	for of, want := range map[string][]float64{"energy": {nan, 8, 8, nan, nan}, "latency": {nan, 9, 4.5, nan, nan}} {
		lines := abstract(of, groups)
		if len(lines) != 1 || len(lines[0].Values) != len(groups) {
			t.Fatalf("%s: %v", of, lines)
		}
		for i, v := range lines[0].Values {
			if v != want[i] && !(math.IsNaN(v) && math.IsNaN(want[i])) {
				t.Errorf("%s of %s: %v, want %v", of, groups[i], v, want[i])
			}
		}
	}
	if lines := abstract("energy", []string{"all", "resnet50 inference b1", "mine training b16"}); lines != nil {
		t.Errorf("nothing is claimed: %v", lines)
	}
}
