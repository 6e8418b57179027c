package campaign

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"stco/experiments/study"
	"stco/explore"
	"stco/model"
	"stco/model/device"
)

// TestSTTAtEveryNode: a search of the default space for STT finds designs that meet
// every limit, read disturb by counted reads among them, at every node of production
// macros; the one of least area is the line of the documentation.
func TestSTTAtEveryNode(t *testing.T) {
	doc, err := os.ReadFile("../../docs/model-device.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, node := range []string{"28nm", "22nm", "16nm", "14nm", "7nm"} {
		s, err := study.Parse("stt", []byte(`stco: 1
name: stt
machine: soc
workloads: [{network: resnet50, phase: inference}]
space: {technology: stt, flavour: lop, capacity: 4MiB, ecc: [none, secded, dec], clock: 1GHz, read_bus: 4096, write_bus: 2048}
objectives: [energy, latency, area]
`))
		if err != nil {
			t.Fatal(err)
		}
		s.Setup.Node = node
		_, p, err := s.Build()
		if err != nil {
			t.Fatal(err)
		}
		r, err := explore.Run(context.Background(), study.Searched(p), explore.Config{
			Algorithm: explore.NSGA2, Population: 100, Workers: 2, Seed: 1, Key: []byte(s.ProblemHash()), Budget: explore.Budget{Evaluations: 6000},
		}, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		e, err := p.Model.NewEvaluator()
		if err != nil {
			t.Fatal(err)
		}
		var best, at model.Report
		for i := range r.Archive {
			var d model.Design
			p.Decoder.Decode(r.Archive[i].X, &d)
			if err := e.Evaluate(&d, &at); err != nil {
				t.Fatal(err)
			}
			if at.Feasible() && at.Design.Technology == device.STT && (best.Area() == 0 || at.Area() < best.Area()) {
				best = at
			}
		}
		if best.Area() == 0 {
			t.Errorf("%s: no STT design meets the limits among %d", node, r.Evaluations)
			continue
		}
		f, d := &best.Device, &best.Design
		line := fmt.Sprintf("| %s lop | %.4f | %.1f | %.1f | %.0f | %.1f | %.0f | %.0f | %.0f | %.2f | %.0f | %.0f | %.2g |",
			node, float64(f.Area)*1e12, 4*8*1.048576/(float64(best.Area())*1e6), float64(best.Array.Read.Total)*1e9, float64(best.Array.Write.Total)*1e9,
			float64(best.Array.WritePerBit)*1e12, float64(d.Pulse)*1e9, float64(f.WriteCurrent)*1e6, float64(d.MTJDiameter)*1e9,
			float64(d.ReadVoltage), 100*float64(f.ParallelCurrent/f.DisturbCurrent), f.DeltaNominal, best.Reads)
		if !strings.Contains(string(doc), line) {
			t.Errorf("docs/model-device.md lacks the line\n%s", line)
		}
	}
}
