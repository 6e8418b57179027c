package answer

import (
	"fmt"
	"math"
	"slices"

	"stco/results"
)

// technologies are those of a ladder, in its order.
func technologies() []string { return []string{"sram", "stt", "sot", "hybrid"} }

// Yardstick names the columns that buffers are judged by: those of the metrics as a study
// stands, or of an objective that is taken over scenarios or uncertainties.
type Yardstick struct {
	Energy, Latency string
	EDP             string // "": the product of the two
}

// Plain are the figures of a study as it stands.
func Plain() Yardstick { return Yardstick{Energy: "energy", Latency: "latency"} }

// pick is a design of a table.
type pick struct {
	table *results.Table
	row   int
	by    *Yardstick
}

func (p *pick) get(name string) float64 { return cell(p.table, p.row, name) }

func (p *pick) energy() float64 { return p.get(p.by.Energy) }

func (p *pick) latency() float64 { return p.get(p.by.Latency) }

func (p *pick) edp() float64 {
	if p.by.EDP != "" {
		return p.get(p.by.EDP)
	}
	return p.energy() * p.latency()
}

func (p *pick) text(name string) string {
	c, err := p.table.Index(name)
	if err != nil || p.table.Columns[c].Choices == nil {
		return ""
	}
	return p.table.Text(p.row, c)
}

// Ladder returns a row for each area budget 1, 2, 4, ... mm2 that the designs
// reach, from below 1 where all are smaller: the buffer of least energy-delay
// product of every technology within that area, and how many times less energy,
// latency and energy-delay product it has than the best SRAM buffer within the
// same area, by the given figures. Designs are those found and the enumerated SRAM
// buffers.
//
// Budgets after the last at which a buffer changes are left out. Every buffer
// carries its own code, which the columns _ecc name.
//
// area_gain of a technology is the area of the smallest SRAM buffer that reaches
// at most the same energy-delay product over that of the design; it does not
// apply where no SRAM buffer does.
func Ladder(designs, sram *results.Table, by Yardstick) (*results.Table, error) {
	all := map[string][]pick{}
	least, most := math.Inf(1), 0.0
	collect := func(t *results.Table) error {
		col, err := t.Index("technology")
		if err != nil {
			return err
		}
		for _, name := range []string{by.Energy, by.Latency, "area", "capacity"} {
			if _, err := t.Index(name); err != nil {
				return err
			}
		}
		for r := range t.Rows {
			p := pick{t, r, &by}
			if a := p.get("area"); a > 0 && p.edp() > 0 && !math.IsInf(p.edp(), 0) {
				all[t.Text(r, col)] = append(all[t.Text(r, col)], p)
				if t == designs {
					least, most = min(least, a), max(most, a)
				}
			}
		}
		return nil
	}
	if err := collect(designs); err != nil {
		return nil, fmt.Errorf("ladder: %w", err)
	}
	if err := collect(sram); err != nil {
		return nil, fmt.Errorf("ladder: %w", err)
	}
	var techs []string
	for _, name := range technologies() {
		if len(all[name]) > 0 {
			techs = append(techs, name)
		}
	}
	t := ladderColumns(techs)
	for _, budget := range Budgets(least, most) {
		row := []any{budget}
		base := within(all["sram"], budget)
		for _, name := range techs {
			row = append(row, cellsOf(name, within(all[name], budget), base, all["sram"])...)
		}
		t.Append(row...)
	}
	for n := len(t.Rows); n > 1 && sameRow(t.Rows[n-2], t.Rows[n-1]); n-- {
		t.Rows = t.Rows[:n-1] // more area changes nothing
	}
	return t, nil
}

// sameRow tells that two rows differ in nothing but the budget.
func sameRow(a, b []float64) bool {
	for i := 1; i < len(a); i++ {
		if a[i] != b[i] && !(math.IsNaN(a[i]) && math.IsNaN(b[i])) {
			return false
		}
	}
	return true
}

func ladderColumns(techs []string) *results.Table {
	t := results.NewList("ladder", "area_budget [mm2]")
	for _, name := range techs {
		for _, c := range []string{"capacity [MiB]", "area [mm2]", "energy [J]", "latency [s]", "ecc:text"} {
			t.AddColumn(name + "_" + c)
		}
		if name == "sram" {
			t.AddColumn("sram_flavour:text")
		} else {
			for _, c := range []string{"energy_gain", "latency_gain", "edp_gain", "area_gain"} {
				t.AddColumn(name + "_" + c)
			}
		}
		t.AddColumn(name + "_id:text")
	}
	return t
}

// Budgets are the powers of two, mm2, from 1, or from the least area where all
// are below 1, to the first that holds the largest.
func Budgets(least, most float64) []float64 {
	if !(least <= most) {
		return nil
	}
	k := math.Ceil(math.Log2(least))
	if most >= 1 {
		k = max(k, 0)
	}
	var out []float64
	for ; ; k++ {
		out = append(out, math.Exp2(k))
		if math.Exp2(k) >= most {
			return out
		}
	}
}

// within is the design of least energy-delay product of at most an area, the
// first of equals; nil where there is none.
func within(all []pick, area float64) *pick {
	var best *pick
	for i := range all {
		if p := &all[i]; p.get("area") <= area && (best == nil || p.edp() < best.edp()) {
			best = p
		}
	}
	return best
}

// cellsOf are the cells of one technology under one budget.
func cellsOf(name string, p, base *pick, sram []pick) []any {
	n := 10
	if name == "sram" {
		n = 7
	}
	if p == nil {
		return slices.Repeat([]any{nil}, n)
	}
	cells := []any{p.get("capacity"), p.get("area"), p.energy(), p.latency(), p.text("ecc")}
	if name == "sram" {
		return append(cells, p.text("flavour"), p.text("id"))
	}
	if base == nil {
		cells = append(cells, nil, nil, nil)
	} else {
		cells = append(cells, base.energy()/p.energy(), base.latency()/p.latency(), base.edp()/p.edp())
	}
	smallest := math.NaN()
	for i := range sram {
		if s := &sram[i]; s.edp() <= p.edp() && !(s.get("area") >= smallest) {
			smallest = s.get("area")
		}
	}
	return append(cells, smallest/p.get("area"), p.text("id"))
}
