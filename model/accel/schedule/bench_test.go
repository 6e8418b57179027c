package schedule

import (
	"testing"
)

// BenchmarkCandidates builds the candidates of a new capacity; tilings are known.
func BenchmarkCandidates(b *testing.B) {
	for _, name := range []string{"resnet50", "bert_base"} {
		b.Run(name, func(b *testing.B) {
			n := network(b, name, 16)
			candidates(n, 8<<20)
			for i := 0; b.Loop(); i++ {
				candidates(n, 8<<20+int64(i+1)<<12)
			}
		})
	}
}
