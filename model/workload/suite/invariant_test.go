package suite

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"stco/model/workload"
	"stco/model/workload/graph"
	"stco/model/workload/lower"
)

// variants are option sets that exercise every path of the trace builder.
func variants(name string, phase workload.Phase) []workload.Options {
	o, err := DefaultOptions(name, phase)
	if err != nil {
		panic(err)
	}
	plain := o
	plain.NoFusion = true
	out := []workload.Options{o, plain}
	if phase != workload.Training {
		s := o
		s.StreamedWeights = true
		return append(out, s)
	}
	for _, base := range []workload.Options{o, plain} {
		drop, full, sel, acc := base, base, base, base
		drop.Dropout = true
		full.Checkpoint = workload.FullCheckpoint
		sel.Checkpoint, sel.Dropout = workload.SelectiveCheckpoint, true
		acc.MicroBatches, acc.Optimizer = 4, workload.SGD
		out = append(out, drop, full, sel, acc)
	}
	fp32 := o
	fp32.Precision, _ = workload.PrecisionByName("fp32")
	return append(out, fp32)
}

// samples returns the first network of every template of a family.
func samples(family string) []string {
	var out []string
	seen := map[string]bool{}
	for _, name := range Names(family) {
		s, err := Lookup(name)
		if err != nil {
			panic(err)
		}
		if key := fmt.Sprint(s.Template, s.Template == "moe" && strings.HasPrefix(name, "deepseek")); !seen[key] {
			seen[key] = true
			out = append(out, name)
		}
	}
	return out
}

func eachVariant(t *testing.T, f func(t *testing.T, n *graph.Network, o workload.Options)) {
	for _, name := range samples("") {
		t.Run(name, func(t *testing.T) {
			for _, ph := range []workload.Phase{workload.Inference, workload.Training, workload.Decode} {
				sp, err := Lookup(name)
				if err != nil {
					t.Fatal(err)
				}
				if ph == workload.Decode && !sp.Decodes() {
					continue
				}
				for _, o := range variants(name, ph) {
					n, err := Build(name, o)
					if err != nil {
						t.Fatal(err)
					}
					if o.Checkpoint == workload.SelectiveCheckpoint && !n.HasAttention() {
						continue
					}
					f(t, n, o)
				}
			}
		})
	}
}

func TestTraceContract(t *testing.T) {
	eachVariant(t, func(t *testing.T, n *graph.Network, o workload.Options) {
		tr, err := lower.Trace(n, o)
		if err != nil {
			t.Fatal(err)
		}
		if err := tr.Validate(); err != nil {
			t.Errorf("%+v:\n%v", o, err)
		}
	})
}

// TestContractCatches proves that the checks can fail.
func TestContractCatches(t *testing.T) {
	o := workload.Options{Phase: workload.Training, Batch: 2}
	n := build(t, "resnet18", o)
	for what, spoil := range map[string]func(*workload.Trace){
		"a read before its write": func(tr *workload.Trace) { tr.Steps = slices.Delete(tr.Steps, 1, 2) },
		"too many bytes":          func(tr *workload.Trace) { tr.Steps[3].Reads[0].Bytes++ },
		"too few elements":        func(tr *workload.Trace) { tr.Steps[3].Reads[0].Bytes /= 2 },
		"wrong MACs":              func(tr *workload.Trace) { tr.Steps[3].MACs++ },
		"wrong role":              func(tr *workload.Trace) { tr.Steps[0].Nest.Out = workload.Filter },
		"two writes":              func(tr *workload.Trace) { tr.Steps[1].Writes = append(tr.Steps[1].Writes, tr.Steps[1].Writes[0]) },
		"a vector step with nest": func(tr *workload.Trace) { tr.Steps[1].Nest.N = 1 },
	} {
		tr := trace(t, n, o)
		spoil(tr)
		if tr.Validate() == nil {
			t.Errorf("%s passes", what)
		}
	}
}
