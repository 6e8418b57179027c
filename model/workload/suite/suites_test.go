package suite

import (
	"strings"
	"testing"
)

// TestSuites: every member is a network, once, an unknown suite is told the
// versions, and a name without one is the last.
func TestSuites(t *testing.T) {
	for name, want := range map[string]string{
		"mlperf-inference": "mlperf-inference-v6.1", "mlperf-training": "mlperf-training-v6.1",
		"mlperf-inference-v5.1": "mlperf-inference-v5.1", "mlperf-training-v4.0": "mlperf-training-v4.0",
		"mlperf": "", "": "", "mlperf-inference-v5": "",
	} {
		if s, err := LookupSuite(name); s.Name != want || (err == nil) != (want != "") {
			t.Errorf("%q is %q, %v, want %q", name, s.Name, err, want)
		}
	}
	_, err := LookupSuite("mlperf-inference-v1")
	if err == nil || !strings.Contains(err.Error(), "mlperf-inference-v5.1") {
		t.Fatalf("error %v", err)
	}
	_, list, _ := strings.Cut(err.Error(), "one of ")
	for name := range strings.SplitSeq(list, ", ") {
		s, err := LookupSuite(name)
		if err != nil || len(s.Networks) < 4 {
			t.Errorf("%s: %v, %v", name, s, err)
		}
		seen := map[string]bool{}
		for _, n := range s.Networks {
			if _, err := Lookup(n); err != nil || seen[n] {
				t.Errorf("%s: %s: %v", name, n, err)
			}
			seen[n] = true
		}
	}
}

// TestBadFiles: errors name file, line and key, all at once.
func TestBadFiles(t *testing.T) {
	for text, want := range map[string][]string{
		"template: resnet\nblock: wide\ndepths: [1, 0]\nwidth: 3\n": {"f:2: block: \"wide\"", "f:3: depths[1]: \"0\"", "f:4: width: unknown key"},
		"template: resnet\nblock: basic\n":                          {"f:1: depths: missing"},
		"template: rsnet\n":                                         {"template \"rsnet\": unknown", "resnet"},
		"- a\n":                                                     {"f:1: a network is a mapping"},
		"template: moe\nlayers: 2\nhidden: 8\nheads: 2\nvocabulary: 10\nexperts: {count: 4, top_k: 2, feed_forward: 0, best: 1}\n": {"f:6: experts.feed_forward: \"0\"", "f:6: experts.best: unknown key"},
		"input: [3, 8, 8]\nlayers:\n- {conv: 4, kernel: x}\n":                                                                      {"f:3: layers[0].kernel: \"x\""},
	} {
		_, err := Parse("f", []byte(text))
		for _, w := range want {
			if err == nil || !strings.Contains(err.Error(), w) {
				t.Errorf("%q: error %v, want %q", text, err, w)
			}
		}
	}
}
