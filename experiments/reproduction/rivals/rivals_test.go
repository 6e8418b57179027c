package rivals

import (
	"context"
	"testing"

	"stco/model"
	"stco/model/accel"
	"stco/model/device"
	"stco/model/units"
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
		f, err := c.Search(context.Background(), Effort{Evaluations: n, Seed: 1, Workers: workers})
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

// TestFiner: the steps are those of the traffic tables, and what is taken fits the
// area and is better.
func TestFiner(t *testing.T) {
	for c, want := range map[units.Bytes]units.Bytes{32 << 20: 40 << 20, 48 << 20: 56 << 20, 192 << 20: 224 << 20} {
		if got := between(c); got != want || accel.GridCapacity(mustIndex(t, int64(got))) != int64(got) {
			t.Errorf("after %g comes %g, want %g", c, got, want)
		}
	}
	run := Iteration{Network: "squeezenet1_1", Family: "cv", Batch: 1}
	c, err := New(Text([]string{run.Text()}, "objectives: [energy, latency]\n"), "machine=soc", "schedule=layer")
	if err != nil {
		t.Fatal(err)
	}
	d := model.DefaultDesign()
	d.Capacity = 4 << 20
	of, err := c.Report(&d)
	if err != nil {
		t.Fatal(err)
	}
	list, err := c.SRAM(context.Background(), 1).Baselines(of, "lop")
	if err != nil {
		t.Fatal(err)
	}
	for i := range list {
		if list[i].Name != "iso-area" || !list[i].Found {
			continue
		}
		before := EDP(&list[i].Report)
		if err := c.Finer(context.Background(), of, &list[i]); err != nil {
			t.Fatal(err)
		}
		if r := &list[i].Report; r.Area() > of.Area() || EDP(r) > before {
			t.Errorf("%g mm2 of %g, %g after %g", float64(r.Area())*1e6, float64(of.Area())*1e6, EDP(r), before)
		}
	}
}

func mustIndex(t *testing.T, c int64) int {
	t.Helper()
	k, err := accel.GridIndex(c)
	if err != nil {
		t.Fatal(err)
	}
	return k
}
