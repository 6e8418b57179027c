package answer

import (
	"cmp"
	"fmt"
	"slices"

	"stco/results"
)

// Capacities returns for every technology beside SRAM and every capacity the design
// that gains most in energy-delay product over the best SRAM buffer of at most its
// area, whatever that one's capacity, with what it gains. Designs are those found
// and the enumerated SRAM buffers.
func Capacities(found, sram *results.Table, by Yardstick) (*results.Table, error) {
	for _, t := range []*results.Table{found, sram} {
		for _, name := range []string{"technology", by.Energy, by.Latency, "area", "capacity"} {
			if _, err := t.Index(name); err != nil {
				return nil, fmt.Errorf("capacities: %w", err)
			}
		}
	}
	rivals := make([]pick, len(sram.Rows))
	for r := range rivals {
		rivals[r] = pick{sram, r, &by}
	}
	slices.SortStableFunc(rivals, func(a, b pick) int { return cmp.Compare(a.get("area"), b.get("area")) })
	best := make([]pick, len(rivals)) // among those up to each in area
	for i := range rivals {
		if best[i] = rivals[i]; i > 0 && best[i-1].edp() <= rivals[i].edp() {
			best[i] = best[i-1]
		}
	}
	t := results.NewList("capacities", "technology:text", "capacity [MiB]", "area [mm2]", "sram_capacity [MiB]", "energy_gain", "latency_gain", "edp_gain")
	type key struct {
		technology string
		capacity   float64
	}
	rows := map[key][]any{}
	gains := map[key]float64{}
	for r := range found.Rows {
		p := pick{found, r, &by}
		area := p.get("area")
		n, same := slices.BinarySearchFunc(rivals, area, func(a pick, area float64) int { return cmp.Compare(a.get("area"), area) })
		for same && n < len(rivals) && rivals[n].get("area") == area {
			n++
		}
		k := key{p.text("technology"), p.get("capacity")}
		if n == 0 || k.technology == "sram" {
			continue
		}
		base := &best[n-1]
		if gain := base.edp() / p.edp(); gain > gains[k] {
			gains[k] = gain
			rows[k] = []any{k.technology, k.capacity, area, base.get("capacity"), base.energy() / p.energy(), base.latency() / p.latency(), gain}
		}
	}
	for _, name := range technologies() {
		var own []key
		for k := range rows {
			if k.technology == name {
				own = append(own, k)
			}
		}
		slices.SortFunc(own, func(a, b key) int { return cmp.Compare(a.capacity, b.capacity) })
		for _, k := range own {
			t.Append(rows[k]...)
		}
	}
	return t, nil
}
