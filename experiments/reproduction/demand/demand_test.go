package demand

import (
	"context"
	"testing"

	"stco/experiments/reproduction"
	"stco/results"
)

// value is a cell of the first row where the texts of the leading columns are
// those given.
func value(t *testing.T, tab *results.Table, column string, texts ...string) float64 {
	t.Helper()
	at, err := tab.Index(column)
	if err != nil {
		t.Fatal(err)
	}
	for row := range tab.Rows {
		ok := true
		for i, text := range texts {
			ok = ok && tab.Text(row, i) == text
		}
		if ok {
			return tab.Rows[row][at]
		}
	}
	t.Fatalf("no row %v", texts)
	return 0
}

// TestCapacity: traffic falls with capacity and is never below the compulsory
// one, a freer schedule never moves more, and the weights of SqueezeNet (1.2
// million of two bytes) are among what is live.
func TestCapacity(t *testing.T) {
	r := findings(t, Capacity())
	traffic := r.Tables[1]
	groups, layer, least := reproduction.Column(traffic, "dram_groups"), reproduction.Column(traffic, "dram_layer"), reproduction.Column(traffic, "compulsory")
	size := reproduction.Column(traffic, "capacity")
	for row, v := range traffic.Rows {
		if v[groups] > v[layer] || v[groups] < v[least] {
			t.Errorf("row %d: %g of groups, %g of layers, %g compulsory", row, v[groups], v[layer], v[least])
		}
		if row > 0 && v[size] > traffic.Rows[row-1][size] && v[groups] > traffic.Rows[row-1][groups] {
			t.Errorf("row %d: traffic rises with capacity", row)
		}
	}
	if live := value(t, r.Tables[0], "live", "squeezenet1_1", "cv", "inference"); live < 2*1235496.0/mib || live > 8 {
		t.Errorf("%g MiB are live in SqueezeNet", live)
	}
}

// TestBandwidth: a larger buffer asks DRAM for no more, and what the machine has
// is three quarters of half of 102.4 GB/s.
func TestBandwidth(t *testing.T) {
	r := findings(t, Bandwidth())
	all := r.Tables[1]
	if v := value(t, all, "dram_available", "soc"); v < 38.3 || v > 38.5 {
		t.Errorf("soc has %g GB/s of streams, want 102.4 x 0.5 x 0.75", v)
	}
	small, large := r.Tables[0].Rows[0], r.Tables[0].Rows[1]
	if at := reproduction.Column(r.Tables[0], "median_shortage"); !(large[at] < small[at]) {
		t.Errorf("the shortage is %g with a small buffer and %g with a large one", small[at], large[at])
	}
}

func findings(t *testing.T, e *reproduction.Experiment) *reproduction.Findings {
	t.Helper()
	r, err := e.Run(context.Background(), &reproduction.Setting{Seed: 3, Small: true, Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Complete(); err != nil {
		t.Error(err)
	}
	return r
}
