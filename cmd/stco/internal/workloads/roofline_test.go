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
	if _, err := roofOf("abacus"); err == nil {
		t.Error("a machine that nobody built")
	}
	// 1e9 multiply-accumulates take the full array 61 us and this network's layers 100;
	// 1e7 B of DRAM take 260 us, 1e6 B 26 us.
	list := []Asked{{
		Network: "n", Phase: "inference", Batch: 2, MACs: 1e9, ArraySeconds: 1e-4,
		Capacity:  []At{{Bytes: 1 << 20, DRAM: 1e7, MACsPerByte: 100}, {Bytes: 3 << 19, DRAM: 3.84e6, MACsPerByte: 1000 / 3.84}, {Bytes: 2 << 20, DRAM: 1e6, MACsPerByte: 1000}},
		KneeBytes: 2 << 20, AtKnee: At{DRAM: 1e6, MACsPerByte: 1000},
	}}
	table := AskedRoofline(list, &r)
	if len(table.Rows) != 3 || table.Text(0, 7) != "dram" || table.Text(1, 7) != "compute" || table.Text(2, 7) != "compute" || table.Rows[0][4] != 200 {
		t.Errorf("%v", table.Rows)
	}
	near("iterations a second", table.Rows[0][9], 38.4e9/1e7)
	near("samples a second", table.Rows[0][10], 2*38.4e9/1e7)
	near("share of the peak", table.Rows[0][8], 2e9/32.768e12*3840)
	near("iterations a second, arrays bind", table.Rows[2][9], 1e4)
	near("share of the peak, arrays bind", table.Rows[2][8], 2e9/32.768e12*1e4)
	near("share of the peak on the arrays", table.Rows[0][11], 2e9/32.768e12*1e4)
	f, err := rooflineFigure(list, []roof{r})
	if err != nil || f == nil {
		t.Fatal(err)
	}
	if s := AskedSummary(list, &r); s.Text(0, len(s.Columns)-1) != "compute" || s.Columns[len(s.Columns)-1].Name != "binds_soc" {
		t.Errorf("%v", s.Columns)
	}
}

// TestArrayBinds: layers that do not fill a large array bind it where the full peak
// would wait for DRAM.
func TestArrayBinds(t *testing.T) {
	r, err := roofOf("soc")
	if err != nil {
		t.Fatal(err)
	}
	list, err := Characterize([]string{"mobilenet_v2"}, CharacterizeOptions{Phases: []string{"inference"}, Roof: &r})
	if err != nil {
		t.Fatal(err)
	}
	table := AskedRoofline(list, &r)
	if share := table.Rows[0][11]; share < 0.02 || share > 0.5 {
		t.Errorf("MobileNetV2 reaches %g of the peak of 128 x 128", share)
	}
	found := false
	for i := range table.Rows {
		found = found || table.Rows[i][4] < r.balance() && table.Text(i, 7) == "compute"
	}
	if !found {
		t.Error("the array binds nowhere below the balance of its peak")
	}
}
