package suite

import (
	"testing"

	"stco/model/workload"
	"stco/model/workload/graph"
	"stco/model/workload/lower"
	"stco/model/workload/template"
)

// BenchmarkBuild declares every network of the suites.
func BenchmarkBuild(b *testing.B) {
	for b.Loop() {
		for _, name := range Names("") {
			if _, err := Build(name, workload.Options{Batch: 1}); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// BenchmarkTrace builds the traces of each suite in each phase.
func BenchmarkTrace(b *testing.B) {
	type run struct {
		n *graph.Network
		o workload.Options
	}
	for _, family := range template.Families() {
		for _, phase := range []workload.Phase{workload.Inference, workload.Training, workload.Decode} {
			var runs []run
			for _, name := range samples(family) {
				if s, err := Lookup(name); err != nil || (phase == workload.Decode && !s.Decodes()) {
					continue
				}
				o, err := DefaultOptions(name, phase)
				if err != nil {
					b.Fatal(err)
				}
				if phase == workload.Decode {
					o.SeqLen = 0
				}
				n, err := Build(name, o)
				if err != nil {
					b.Fatal(err)
				}
				runs = append(runs, run{n, o})
			}
			if len(runs) == 0 {
				continue
			}
			b.Run(family+"/"+phase.String(), func(b *testing.B) {
				b.ReportAllocs()
				steps := 0
				for b.Loop() {
					steps = 0
					for _, r := range runs {
						tr, err := lower.Trace(r.n, r.o)
						if err != nil {
							b.Fatal(err)
						}
						steps += len(tr.Steps)
					}
				}
				b.ReportMetric(float64(len(runs)), "networks")
				b.ReportMetric(float64(steps), "steps")
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(steps), "ns/step")
			})
		}
	}
}
