package rivals

import (
	"context"
	"testing"

	"stco/model/device"
)

// TestSearch: the search finds feasible SOT buffers, the front holds no dominated
// design, more effort finds no worse product, and the same seed the same.
func TestSearch(t *testing.T) {
	run := Iteration{Network: "squeezenet1_1", Family: "cv", Batch: 1}
	c, err := New(Text([]string{run.Text()}, "objectives: [energy, latency]\n"), "machine=soc", "schedule=layer", "capacity=4MiB")
	if err != nil {
		t.Fatal(err)
	}
	least := func(n int64, workers int) *Member {
		f, err := c.Search(context.Background(), Effort{n, 1, workers})
		if err != nil {
			t.Fatal(err)
		}
		for i := range f.Members {
			for k := range f.Members {
				if a, b := f.Members[i].Values, f.Members[k].Values; a[0] < b[0] && a[1] < b[1] {
					t.Errorf("%v dominates %v", a, b)
				}
			}
		}
		return f.Least(Product, nil)
	}
	few, many, again := least(300, 1), least(800, 1), least(800, 2) // all of one population: the longer search begins as the shorter
	if few == nil || many == nil || Product(many) > Product(few) {
		t.Fatalf("%v, with more evaluations %v", few, many)
	}
	if many.Design != again.Design {
		t.Error("two workers find another design")
	}
	r, err := c.Report(&many.Design)
	if err != nil || !r.Feasible() || r.Design.Technology != device.SOT || r.Design.Capacity != 4<<20 {
		t.Errorf("%v: %v", r, err)
	}
	if d := r.Energy*r.Latency/Product(many) - 1; d > 1e-9 || d < -1e-9 {
		t.Errorf("the report has %g, the search %g", r.Energy*r.Latency, Product(many))
	}
	cool, err := c.With("t_hot=300K", "t_cold=298K", "t_nominal=300K")
	if err != nil || cool.Model.Plans()[0] != c.Model.Plans()[0] || c.Model.Setup.Hot == cool.Model.Setup.Hot {
		t.Errorf("the plans are not shared, or the temperature is: %v", err)
	}
	if _, err := c.With("nonsense=1"); err == nil {
		t.Error("nonsense is a setting")
	}
	if text := (&Iteration{Network: "bert_base", Family: "nlp", Phase: 1, Batch: 8, More: "seq_len: 512"}).Text(); text != "network: bert_base, phase: training, batch: 8, optimizer: adam, seq_len: 512" {
		t.Error(text)
	}
}
