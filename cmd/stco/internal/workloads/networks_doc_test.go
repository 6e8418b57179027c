package workloads

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"

	"stco/model/workload"
	"stco/model/workload/lower"
	"stco/model/workload/suite"
	tables "stco/results/table"
)

const networksDoc = "../../../../docs/networks.md"

// traced returns the trace of a built-in network.
func traced(t *testing.T, name string, o workload.Options) *workload.Trace {
	t.Helper()
	n, err := suite.Build(name, o)
	if err != nil {
		t.Fatal(err)
	}
	tr, err := lower.Trace(n, o)
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

// mixtureTable holds the bytes of experts that a step reads to the closed form.
func mixtureTable(t *testing.T) string {
	var b strings.Builder
	b.WriteString("| batch | experts of a layer | GB read, trace | GB, closed form | GB a token |\n|---|---|---|---|---|\n")
	for _, batch := range []int{1, 2, 4, 8, 16, 32, 64, 128, 256, 512} {
		o := workload.Options{Phase: workload.Decode, Batch: batch, Context: 1024, Precision: workload.MixedPrecision()}
		tr := traced(t, "deepseek_v3", o)
		read := 0.0
		for i := range tr.Steps {
			s := &tr.Steps[i]
			if s.Routing == nil {
				continue
			}
			for _, r := range s.Reads {
				if tr.Tensors[r.Tensor].Class == workload.Weight {
					read += float64(r.Bytes)
				}
			}
		}
		experts := 256 * (1 - math.Pow(1-8.0/256, float64(batch)))
		want := 58 * experts * 3 * 7168 * 2048 * 2
		if math.Abs(read/want-1) > 1e-6 {
			t.Errorf("a batch of %d reads %.0f bytes of experts, the closed form says %.0f", batch, read, want)
		}
		fmt.Fprintf(&b, "| %d | %.2f | %.3f | %.3f | %.3f |\n", batch, experts, read/1e9, want/1e9, read/1e9/float64(batch))
	}
	return b.String()
}

// sliceTable holds the share of one of eight devices to sums by hand.
func sliceTable(t *testing.T) string {
	const (
		layers, d, ff, vocabulary, kv = 80, 8192, 28672, 32000, 1024
		matrices                      = layers * (2*d*d + 2*d*kv + 3*d*ff)
		keys                          = 32768
	)
	o := workload.Options{Phase: workload.Decode, Batch: 1, Context: keys - 1, Precision: workload.MixedPrecision(), Slice: workload.Slice{Tensor: 8}}
	tr := traced(t, "llama2_70b", o)
	s := workload.Summarize(tr)
	var b strings.Builder
	b.WriteString("| | one of eight | by hand | how |\n|---|---|---|---|\n")
	for _, row := range []struct {
		what       string
		ours, want int64
		how        string
	}{
		{"weights, bytes", s.WeightBytes, 2 * ((matrices+2*vocabulary*d)/8 + (2*layers+1)*d), "2 x ((80 x (2 d^2 + 2 x 1024 d + 3 x 28672 d) + 2 x 32000 d) / 8 + 161 d), d = 8192"},
		{"keys and values, bytes", s.KVCacheBytes, 2 * 2 * layers * kv * keys / 8, "2 x 2 x 80 x 1024 x 32768 / 8"},
		{"multiply-accumulates", s.MACs, (matrices+vocabulary*d)/8 + 2*layers*d*keys/8, "(matrices + head) / 8 + 2 x 80 x 8192 x 32768 / 8"},
	} {
		if row.ours != row.want {
			t.Errorf("%s: %d, by hand %d", row.what, row.ours, row.want)
		}
		fmt.Fprintf(&b, "| %s | %d | %d | %s |\n", row.what, row.ours, row.want, row.how)
	}
	return b.String()
}

// TestNetworksDoc writes the tables of docs/networks.md, or compares them.
func TestNetworksDoc(t *testing.T) {
	counts, err := WorkloadCounts("", "", nil)
	if err != nil {
		t.Fatal(err)
	}
	var list bytes.Buffer
	if err := tables.Write(&list, tables.Style{Format: tables.Markdown, List: true, Explicit: true}, counts); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(networksDoc)
	if err != nil {
		t.Fatal(err)
	}
	now := string(text)
	for name, rows := range map[string]string{"mixture": mixtureTable(t), "slice": sliceTable(t), "counts": list.String()} {
		mark := "<!-- " + name + " -->\n"
		head, rest, ok := strings.Cut(now, mark)
		if !ok {
			t.Fatalf("%s has no line %s", networksDoc, mark)
		}
		if _, next, more := strings.Cut(rest, "\n## "); more {
			rest = "\n## " + next
		} else {
			rest = ""
		}
		now = head + mark + "\n" + strings.TrimSpace(rows) + "\n" + rest
	}
	if now == string(text) {
		return
	}
	if !*update {
		t.Fatalf("%s is not what the program says: -update writes it", networksDoc)
	}
	if err := os.WriteFile(networksDoc, []byte(now), 0o644); err != nil {
		t.Fatal(err)
	}
}
