package answer

import (
	"fmt"
	"math"
	"strings"

	"stco/results"
)

// Regimes returns a row for each technology of a ladder: the area budgets at which
// it pays, and the one at which it gains most, with what it gains there. Set above
// each other they say in which circumstances a technology pays.
func Regimes(ladder *results.Table) *results.Table {
	t := results.NewList("regimes", "technology:text", "pays_at:text", "budgets", "paying", "most_at [mm2]",
		"capacity [MiB]", "energy_gain", "latency_gain", "edp_gain", "area_gain", "sram_capacity [MiB]", "sram_flavour:text")
	for _, tech := range technologies()[1:] {
		if _, err := ladder.Index(tech + "_edp_gain"); err != nil {
			continue
		}
		pays, beside, best := paying(ladder, tech)
		if best < 0 {
			t.Append(tech, "", len(beside), len(pays), nil, nil, nil, nil, nil, nil, nil, "")
			continue
		}
		get := func(name string) float64 { return cell(ladder, best, name) }
		text := ""
		if len(pays) > 0 {
			text = join(ladder, pays) + " mm2"
		}
		flavour := ""
		if c, err := ladder.Index("sram_flavour"); err == nil {
			flavour = ladder.Text(best, c)
		}
		t.Append(tech, text, len(beside), len(pays), ladder.Rows[best][0], get(tech+"_capacity"),
			get(tech+"_energy_gain"), get(tech+"_latency_gain"), get(tech+"_edp_gain"), get(tech+"_area_gain"), get("sram_capacity"), flavour)
	}
	return t
}

// paying lists the budgets at which a technology pays, those at which it stands
// beside SRAM, and that at which it gains most, -1 without one.
func paying(ladder *results.Table, tech string) (pays, beside []int, best int) {
	best = -1
	for r := range ladder.Rows {
		g := cell(ladder, r, tech+"_edp_gain")
		if math.IsNaN(g) {
			continue
		}
		beside = append(beside, r)
		if g >= Worth {
			pays = append(pays, r)
		}
		if best < 0 || g > cell(ladder, best, tech+"_edp_gain") {
			best = r
		}
	}
	return pays, beside, best
}

// Overview says of the regimes of several scenarios, set above each other with a
// column scenario, in how many of them each technology pays, and where most.
func Overview(regimes *results.Table) []string {
	var out []string
	for _, tech := range technologies()[1:] {
		count, pays, best := 0, 0, -1
		for r := range regimes.Rows {
			if textOf(regimes, r, "technology") != tech {
				continue
			}
			count++
			if cell(regimes, r, "paying") > 0 {
				pays++
			}
			if g := cell(regimes, r, "edp_gain"); !math.IsNaN(g) && (best < 0 || g > cell(regimes, best, "edp_gain")) {
				best = r
			}
		}
		if count == 0 {
			continue
		}
		text := fmt.Sprintf("%s pays in %d of %d scenarios", capital(speak(tech)), pays, count)
		if pays == 0 {
			text = fmt.Sprintf("%s pays in none of %d scenarios", capital(speak(tech)), count)
		}
		if best >= 0 {
			text += fmt.Sprintf("; most in %s at %s mm² (energy-delay product of the best SRAM buffer within that area, %s: %s times its own)",
				textOf(regimes, best, "scenario"), short(cell(regimes, best, "most_at")), textOf(regimes, best, "sram_flavour"), gainText(cell(regimes, best, "edp_gain")))
		}
		out = append(out, strings.TrimSpace(text)+".")
	}
	return out
}

func textOf(t *results.Table, row int, name string) string {
	c, err := t.Index(name)
	if err != nil || t.Columns[c].Choices == nil {
		return ""
	}
	return t.Text(row, c)
}
