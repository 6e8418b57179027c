package study

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestScenariosOfEmbedded: a scenario is the study of its own text, with what it
// changes, and leaves the study as it is.
func TestScenariosOfEmbedded(t *testing.T) {
	files, err := filepath.Glob("studies/*.yaml")
	if err != nil || len(files) < 6 {
		t.Fatal(files, err)
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "\naxes:") {
			continue // it has scenarios of its own
		}
		for extra, changed := range map[string]string{
			"axes: {batch: [3, 5], t_hot: [331K, 391K]}":                              "batch: 3, | t_hot: 331K",
			"scenarios: {b: {capacity: [3MiB, 5MiB], pulse: 1.7ns, pe_rows: 96}}":     "capacity: [3MiB, 5MiB]| pulse: 1.7ns| pe_rows: 96",
			"scenarios: {b: {workloads: [{network: resnet18, phase: inference}]}}":    "network: resnet18, phase: inference",
			"scenarios: {b: {machine: {preset: server, cores: 3}, pe_clock: 1.3GHz}}": "cores: 3| pe_clock: 1.3GHz",
		} {
			s, err := Parse(f, append(text, extra+"\n"...))
			if err != nil {
				t.Errorf("%s with %s: %v", f, extra, err)
				continue
			}
			before := string(s.YAML())
			one, err := s.In(0)
			if err != nil {
				t.Fatal(err)
			}
			own := string(one.YAML())
			if again, err := Parse(f, one.YAML()); err != nil || string(again.YAML()) != own || one.Scenarios() != nil {
				t.Errorf("%s with %s: not the study of its text: %v", f, extra, err)
			}
			for want := range strings.SplitSeq(changed, "|") {
				if !strings.Contains(own, want) {
					t.Errorf("%s with %s: %q", f, extra, want)
				}
			}
			if string(s.YAML()) != before {
				t.Errorf("%s with %s: the study changed", f, extra)
			}
		}
	}
}
