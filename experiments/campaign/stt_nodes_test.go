package campaign

import (
	"context"
	"os"
	"regexp"
	"strconv"
	"testing"

	"stco/experiments/study"
	"stco/explore"
	"stco/model"
	"stco/model/device"
)

// TestSTTAtEveryNode: a search of the default space for STT finds designs that meet
// every limit, read disturb by counted reads among them, at every node of production
// macros; the one of least area has the cell of the documentation, which is the best
// of three such searches, and is as dense and as fast within what one search finds.
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
objectives: [area, energy]
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
		row := regexp.MustCompile(`(?m)^\| ` + node + ` lop \| ([0-9.]+) \| ([0-9.]+) \| ([0-9.]+) \|`).FindSubmatch(doc)
		if row == nil {
			t.Fatalf("docs/model-device.md has no row of %s", node)
		}
		for i, c := range []struct {
			what     string
			got      float64
			low, top float64 // over the document's
		}{
			{"cell (um2)", float64(best.Device.Area) * 1e12, 0.993, 1.007},
			{"density (Mb/mm2)", 4 * 8 * 1.048576 / (float64(best.Area()) * 1e6), 0.92, 1.005},
			{"read (ns)", float64(best.Array.Read.Total) * 1e9, 0.85, 1.15},
		} {
			want, err := strconv.ParseFloat(string(row[1+i]), 64)
			if err != nil || c.got < c.low*want || c.got > c.top*want {
				t.Errorf("%s: %s %.4g, the document has %s", node, c.what, c.got, row[1+i])
			}
			t.Logf("%s: %s %.4g, the document has %s", node, c.what, c.got, row[1+i])
		}
	}
}
