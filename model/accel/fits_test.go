package accel

import (
	"testing"

	"stco/model/workload"
)

// TestResidentFits: the buffer never holds more than its capacity.
func TestResidentFits(t *testing.T) {
	check := func(name string, batch int, capacities ...int64) {
		p := networkPlan(t, name, workload.Training, batch)
		for _, mib := range capacities {
			table, err := p.Table(mib << 20)
			if err != nil {
				t.Fatal(err)
			}
			if table.PeakLive <= 0 || table.PeakLive > float64(mib<<20) {
				t.Errorf("%s, batch %d, %d MiB: %.0f B resident", name, batch, mib, table.PeakLive)
			}
		}
	}
	for _, batch := range []int{1, 2, 4, 8} {
		check("vit_b_16", batch, 1, 2, 4, 8)
	}
	check("gpt2_small", 1, 128, 256)
}
