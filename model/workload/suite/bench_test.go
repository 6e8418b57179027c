package suite

import (
	"stco/model/workload"
	"stco/model/workload/lower"
)

import "testing"

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

// BenchmarkTrace builds the training trace of one network.
func BenchmarkTrace(b *testing.B) {
	for _, name := range []string{"resnet50", "densenet121", "bert_base", "gpt3_175b"} {
		b.Run(name, func(b *testing.B) {
			o, err := DefaultOptions(name, workload.Training)
			if err != nil {
				b.Fatal(err)
			}
			n, err := Build(name, o)
			if err != nil {
				b.Fatal(err)
			}
			steps := 0
			for b.Loop() {
				tr, err := lower.Trace(n, o)
				if err != nil {
					b.Fatal(err)
				}
				steps = len(tr.Steps)
			}
			b.ReportMetric(float64(steps), "steps")
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(steps), "ns/step")
		})
	}
}
