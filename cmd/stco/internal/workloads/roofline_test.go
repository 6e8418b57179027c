package workloads

import (
	"math"
	"testing"
)

// TestRoof: the roof of a machine on paper. soc: 2 x 128 x 128 x 1 GHz operations
// a second; 102.4 GB/s of which half is its own and streams reach three quarters.
func TestRoof(t *testing.T) {
	r, err := roofOf("soc")
	if err != nil {
		t.Fatal(err)
	}
	near := func(what string, got, want float64) {
		t.Helper()
		if math.Abs(got/want-1) > 1e-9 {
			t.Errorf("%s %g, want %g", what, got, want)
		}
	}
	near("peak", r.peak, 32.768e12)
	near("bandwidth", r.bandwidth, 38.4e9)
	near("balance", r.balance(), 32768/38.4)
	for _, c := range []struct {
		macs, rate float64
		binds      string
	}{{1, 76.8e9, "dram"}, {426, 426 * 76.8e9, "dram"}, {427, 32.768e12, "compute"}, {1e6, 32.768e12, "compute"}} {
		near("rate", r.attainable(c.macs), c.rate)
		if got := r.binds(c.macs); got != c.binds {
			t.Errorf("%g multiply-accumulates a byte: %s binds", c.macs, got)
		}
	}
	if _, err := roofOf("abacus"); err == nil {
		t.Error("a machine that nobody built")
	}
	list := []Asked{{Network: "n", Phase: "inference", Batch: 2, MACs: 1e9, Capacity: []At{{Bytes: 1 << 20, MACsPerByte: 100}, {Bytes: 2 << 20, MACsPerByte: 1000}}, KneeBytes: 2 << 20, AtKnee: At{MACsPerByte: 1000}}}
	table := AskedRoofline(list, &r)
	if len(table.Rows) != 2 || table.Text(0, 7) != "dram" || table.Text(1, 7) != "compute" || table.Rows[0][4] != 200 || table.Rows[1][8] != 1 {
		t.Errorf("%v", table.Rows)
	}
	near("iterations a second", table.Rows[0][9], 7.68e12/2e9) // 200 operations a byte of 38.4 GB/s
	near("samples a second", table.Rows[0][10], 2*7.68e12/2e9)
	near("iterations a second, array binds", table.Rows[1][9], 32.768e12/2e9)
	f, err := rooflineFigure(list, []roof{r})
	if err != nil || f == nil {
		t.Fatal(err)
	}
	if s := AskedSummary(list, &r); s.Text(0, len(s.Columns)-1) != "compute" || s.Columns[len(s.Columns)-1].Name != "binds_soc" {
		t.Errorf("%v", s.Columns)
	}
}
