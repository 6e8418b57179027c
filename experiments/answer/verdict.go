package answer

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"stco/model/units"
	"stco/results"
)

// Worth is the gain in energy-delay product from which a technology is said to
// pay: gains of several seeds differ by up to 2 %.
const Worth = 1.02

// speak is how a technology is named in a sentence.
func speak(technology string) string {
	switch technology {
	case "sot":
		return "SOT-MRAM"
	case "stt":
		return "STT-MRAM"
	case "hybrid":
		return "a hybrid buffer"
	}
	return strings.ToUpper(technology)
}

// Title is the name of a technology in figures.
func Title(technology string) string {
	return strings.TrimPrefix(speak(technology), "a ")
}

// Verdict tells in sentences what a ladder shows, one for each technology beside
// SRAM and one that names the baseline: at which area budgets the technology
// pays, by how much, over which SRAM buffer; or that it pays nowhere. All numbers
// are cells of the ladder, gains with two decimals.
func Verdict(ladder *results.Table) []string {
	var out []string
	for _, tech := range technologies()[1:] {
		if _, err := ladder.Index(tech + "_edp_gain"); err == nil {
			out = append(out, sentence(ladder, tech))
		}
	}
	if len(out) == 0 {
		return []string{"The study searches SRAM alone: there is nothing to set beside it."}
	}
	return append(out, fmt.Sprintf("Baseline: at each area budget the SRAM buffer of least energy-delay product within that area, of all capacities, banks and words, in the flavours hp, lop and lstp, with the best of the codes that the study allows; less than %.0f %% is no gain.", 100*(Worth-1)))
}

func sentence(ladder *results.Table, tech string) string {
	gain := func(row int, what string) float64 { return cell(ladder, row, tech+"_"+what+"_gain") }
	pays, beside, best := paying(ladder, tech)
	name := speak(tech)
	if best < 0 {
		return capital(name) + " has no design within an area that an SRAM buffer fits too."
	}
	if len(pays) == 0 {
		return fmt.Sprintf("No %s design pays here: at area budgets of %s mm² the energy-delay product of the best SRAM buffer within the area is %s times its own; most at %s.",
			noun(tech), join(ladder, beside), span(ladder, beside, tech+"_edp_gain"), point(ladder, best, tech))
	}
	text := fmt.Sprintf("%s pays at area budgets of %s mm²: the best SRAM buffer within the area takes %s times its energy, %s times its latency and %s times its energy-delay product; most at %s.",
		capital(name), join(ladder, pays), span(ladder, pays, tech+"_energy_gain"), span(ladder, pays, tech+"_latency_gain"), span(ladder, pays, tech+"_edp_gain"), point(ladder, best, tech))
	if len(pays) < len(beside) {
		var not []int
		for _, r := range beside {
			if gain(r, "edp") < Worth {
				not = append(not, r)
			}
		}
		text += fmt.Sprintf(" It does not at %s mm² (%s).", join(ladder, not), span(ladder, not, tech+"_edp_gain"))
	}
	return text
}

func noun(tech string) string {
	if tech == "hybrid" {
		return "hybrid"
	}
	return speak(tech)
}

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// join lists area budgets, neighbouring ones as a range.
func join(ladder *results.Table, rows []int) string {
	var parts []string
	for i := 0; i < len(rows); {
		j := i
		for j+1 < len(rows) && rows[j+1] == rows[j]+1 {
			j++
		}
		part := short(ladder.Rows[rows[i]][0])
		if j > i {
			part += " to " + short(ladder.Rows[rows[j]][0])
		}
		parts = append(parts, part)
		i = j + 1
	}
	return strings.Join(parts, ", ")
}

func short(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

func gainText(v float64) string { return strconv.FormatFloat(v, 'f', 2, 64) }

// span is the range of a column over rows.
func span(ladder *results.Table, rows []int, name string) string {
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, r := range rows {
		v := cell(ladder, r, name)
		lo, hi = min(lo, v), max(hi, v)
	}
	if gainText(lo) == gainText(hi) {
		return gainText(lo)
	}
	return gainText(lo) + " to " + gainText(hi)
}

// point tells one row: the design of a technology against the SRAM buffer.
func point(ladder *results.Table, row int, tech string) string {
	design := func(tech string) string {
		get := func(name string) float64 { return cell(ladder, row, tech+"_"+name) }
		return fmt.Sprintf("%s MiB, %s, %s", short(get("capacity")), units.Format(get("energy"), units.DimEnergy), units.Format(get("latency"), units.DimTime))
	}
	flavour := ""
	if c, err := ladder.Index("sram_flavour"); err == nil {
		flavour = ladder.Text(row, c)
	}
	doubt := ""
	if lo, hi := cell(ladder, row, tech+"_edp_gain_low"), cell(ladder, row, tech+"_edp_gain_high"); lo <= hi {
		doubt = fmt.Sprintf(", %s to %s with the doubts about the device, its limits met in %.0f %% of the draws", gainText(lo), gainText(hi), cell(ladder, row, tech+"_feasible_share"))
	}
	return fmt.Sprintf("%s mm² (%s%s; %s %s against SRAM %s %s)", short(ladder.Rows[row][0]), gainText(cell(ladder, row, tech+"_edp_gain")), doubt, tech, design(tech), flavour, design("sram"))
}
