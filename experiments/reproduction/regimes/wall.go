package regimes

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"stco/experiments/reproduction"
	"stco/experiments/reproduction/rivals"
	"stco/model"
	"stco/results"
	"stco/results/plot"
)

// MemoryWall is the experiment on where a machine waits for DRAM.
func MemoryWall() *reproduction.Experiment {
	return &reproduction.Experiment{
		Name: "memory-wall", Title: "where DRAM binds, and what a larger buffer then gains",
		Shows: "share of the time that a machine with SRAM waits, and gains of SOT over SRAM of the same capacity and of the same area, over operations a byte of DRAM (50 to 5000) and capacity, in training of one network",
		Run:   memoryWall,
	}
}

// Leakage is the experiment on what leakage of SRAM costs.
func Leakage() *reproduction.Experiment {
	return &reproduction.Experiment{
		Name: "leakage", Title: "from which capacity on SRAM leaks more than SOT-MRAM costs",
		Shows: "gain in energy over SRAM of the same capacity by flavour of the devices, temperature and capacity, in training of one network on a machine that always computes",
		Run:   leakage,
	}
}

// peak of the machine soc, operations a second.
const peak = 2 * 128 * 128 * 1e9

// sweep searches the cases of a list of settings that share their traffic tables.
func sweep(ctx context.Context, s *reproduction.Setting, cases [][]string, row func(i int, c *rivals.Case, p *pair) error) error {
	run := training(s)
	whole, err := rivals.New(rivals.Text([]string{run.Text()}, "objectives: [energy, latency]\n"), "machine=soc", reproduction.Either(s, "schedule=groups", "schedule=layer"))
	if err != nil {
		return err
	}
	type found struct {
		c    *rivals.Case
		list []pair
	}
	all := make([]found, len(cases))
	err = reproduction.Each(ctx, s, len(cases), func(i int) error {
		s.Progress("%s", strings.Join(cases[i], " "))
		c, err := whole.With(cases[i]...)
		if err != nil {
			return err
		}
		sot, list, err := best(ctx, s, c)
		if err != nil || sot == nil {
			return err
		}
		all[i].c = c
		for k := range list {
			all[i].list = append(all[i].list, pair{sot, list[k]})
		}
		return nil
	})
	if err != nil {
		return err
	}
	for i := range all {
		for k := range all[i].list {
			if err := row(i, all[i].c, &all[i].list[k]); err != nil {
				return err
			}
		}
	}
	return nil
}

func memoryWall(ctx context.Context, s *reproduction.Setting) (*reproduction.Findings, error) {
	balances := reproduction.Either(s, []float64{50, 160, 500, 1600, 5000}, []float64{50, 5000})
	capacities := reproduction.Either(s, []string{"2MiB", "16MiB", "128MiB", "1GiB"}, []string{"2MiB"})
	t := results.NewList("regimes", "operations_per_B", "capacity [MiB]", "baseline:text", "flavour:text", "sram_capacity [MiB]", "sram_stall_share", "sot_stall_share", "energy_gain", "latency_gain", "edp_gain")
	var cases [][]string
	var at []float64
	for _, x := range balances {
		for _, c := range capacities {
			cases = append(cases, []string{"capacity=" + c, "dram_channels=1", "dram_share=1", "dram_efficiency=1", fmt.Sprintf("dram_bandwidth=%gGB/s", peak/x/1e9)})
			at = append(at, x)
		}
	}
	err := sweep(ctx, s, cases, func(i int, _ *rivals.Case, p *pair) error {
		e, l, _, _ := p.gains()
		t.Append(at[i], float64(p.sot.Design.Capacity)/mib, p.sram.Name, p.sram.Flavour, float64(p.sram.Report.Design.Capacity)/mib, 1-p.sram.Report.ComputeShare, 1-p.sot.ComputeShare, e, l, e*l)
		return nil
	})
	if err != nil {
		return nil, err
	}
	r := &reproduction.Findings{Tables: []*results.Table{t}}
	name := training(s).Network
	best := toughest(t, "edp_gain", "operations_per_B", "capacity", "baseline")
	quiet := reproduction.Rows(t, func(row []float64) bool { return best(row) && row[2] != t.Choice(2, small) })
	same := slices.DeleteFunc(slices.Clone(quiet), func(row int) bool { return t.Text(row, 2) != "iso-capacity" })
	room := slices.DeleteFunc(slices.Clone(quiet), func(row int) bool { return t.Text(row, 2) != "iso-area" })
	cell := func(row int, column string) reproduction.Cell {
		return reproduction.Cell{Table: t, Row: row, Column: column}
	}
	a, b := reproduction.Largest(t, same, "latency_gain"), reproduction.Largest(t, room, "latency_gain")
	wait := reproduction.Largest(t, reproduction.Every(t), "sram_stall_share")
	r.Verdict = fmt.Sprintf("Training of %s with SRAM of %s MiB waits %s of its time at %s operations a byte; over SRAM in its best flavour SOT-MRAM gains at most %s in latency at the same capacity and %s at the same area.",
		name, cell(wait, "sram_capacity"), cell(wait, "sram_stall_share"), cell(wait, "operations_per_B"), cell(a, "latency_gain"), cell(b, "latency_gain"))
	pays := slices.DeleteFunc(slices.Clone(quiet), func(row int) bool { return t.Rows[row][reproduction.Column(t, "edp_gain")] < 1.02 })
	r.Claims = []reproduction.Claim{{
		Says: "memory-bound accelerators reach peak performance with a large on-chip SOT-MRAM (abstract)", Published: math.NaN(), Ours: cell(reproduction.Largest(t, quiet, "edp_gain"), "edp_gain"),
		Holds:   reproduction.Where(t, pays, "operations_per_B", "capacity", "baseline", "flavour"),
		Differs: "ours is the largest gain in energy-delay product over SRAM of the same capacity or area in the flavour that leaves least; capacity lifts the wall whatever it is made of, so that only what SRAM cannot have in the same area is the technology's",
	}}
	r.Text = []string{"The machine is `soc` with another bandwidth of DRAM; energy of a DRAM bit stays. `holds when` lists the points over the best flavour at which the gain in energy-delay product is at least 1.02; rows over SRAM of 2 MiB show what capacity alone gains. The iso-area baseline may have any capacity that fits the area of the SOT buffer."}
	var lines []plot.Series
	for _, c := range capacities {
		mibs := number(strings.NewReplacer("MiB", "", "1GiB", "1024").Replace(c))
		l := plot.Series{Name: reproduction.Digits(mibs) + " MiB"}
		for row, v := range t.Rows {
			if t.Text(row, 2) == "iso-capacity" && t.Text(row, 3) == "lstp" && v[1] == mibs {
				l.X, l.Y = append(l.X, v[0]), append(l.Y, 100*v[5])
			}
		}
		lines = append(lines, l)
	}
	return r, r.Lines("stalls", "Share of the time that training waits with SRAM of low standby power, over the balance of the machine.", "operations a byte of DRAM", "time waiting (%)", true, false, lines)
}

func leakage(ctx context.Context, s *reproduction.Setting) (*reproduction.Findings, error) {
	t := results.NewList("leakage", "temperature [K]", "capacity [MiB]", "flavour:text", "energy_gain", "latency_gain", "sram_leakage [W]", "sot_leakage [W]", "sram_leakage_share")
	var cases [][]string
	var kelvin []string
	for _, temperature := range []string{"300", "358"} {
		for _, c := range reproduction.Either(s, []string{"2MiB", "8MiB", "32MiB", "128MiB", "512MiB", "1GiB"}, []string{"2MiB"}) {
			cases = append(cases, append(slices.Clone(temperatures()[temperature]), "capacity="+c))
			kelvin = append(kelvin, temperature)
		}
	}
	rest := results.NewList("duty", "temperature [K]", "capacity [MiB]", "flavour:text", "duty", "rested_energy_gain", "sram_standby [J]", "sot_standby [J]")
	err := sweep(ctx, s, cases, func(i int, c *rivals.Case, p *pair) error {
		if p.sram.Name != "iso-capacity" {
			return nil
		}
		if err := rested(rest, c, p, number(kelvin[i])); err != nil {
			return err
		}
		e, l, _, _ := p.gains()
		sram := &p.sram.Report
		t.Append(number(kelvin[i]), float64(p.sot.Design.Capacity)/mib, p.sram.Flavour, e, l, float64(sram.Leakage()), float64(p.sot.Leakage()), leaked(sram))
		return nil
	})
	if err != nil {
		return nil, err
	}
	even := results.NewList("break_even", "temperature [K]", "flavour:text", "capacity [MiB]", "largest_gain")
	for _, k := range []float64{300, 358} {
		for _, f := range flavours() {
			mine := reproduction.Rows(t, func(row []float64) bool { return row[0] == k && row[2] == t.Choice(2, f) })
			first := math.NaN()
			for _, row := range mine {
				if t.Rows[row][3] >= 1 {
					first = t.Rows[row][1]
					break
				}
			}
			if top := reproduction.Largest(t, mine, "energy_gain"); top >= 0 {
				even.Append(k, f, first, t.Rows[top][3])
			}
		}
	}
	least := busiest(rest)
	r := &reproduction.Findings{Tables: []*results.Table{even, t, rest, least}, Show: []*results.Table{even, least}}
	top := reproduction.Largest(t, reproduction.Every(t), "energy_gain")
	quiet := reproduction.Largest(t, reproduction.Rows(t, toughest(t, "energy_gain", "temperature", "capacity")), "energy_gain")
	cell := func(row int, column string) reproduction.Cell {
		return reproduction.Cell{Table: t, Row: row, Column: column}
	}
	r.Verdict = fmt.Sprintf("The largest gain in energy over SRAM of the same capacity is %s (flavour %s, %s K, %s MiB); over SRAM in the flavour that takes least energy it is %s (%s, %s K, %s MiB).",
		cell(top, "energy_gain"), t.Text(top, 2), cell(top, "temperature"), cell(top, "capacity"), cell(quiet, "energy_gain"), t.Text(quiet, 2), cell(quiet, "temperature"), cell(quiet, "capacity"))
	r.Claims = []reproduction.Claim{{
		Says: "CV training, energy (abstract)", Published: 8, Ours: cell(top, "energy_gain"),
		Holds:   reproduction.Where(t, reproduction.Rows(t, func(row []float64) bool { return row[3] >= 8 }), "temperature", "capacity", "flavour"),
		Differs: "public tools differ by three orders of magnitude in leakage of SRAM by flavour alone: a gain without the flavour of its baseline says little",
	}}
	r.Text = []string{"`break_even` is the least capacity tried from which on SOT takes no more energy; empty: none; there the machine always computes. `break_even_duty` is the largest share of the time, of those tried, at which the energy of an iteration and of the rest after it is no more with SOT-MRAM of the largest capacity; empty: none. At rest a buffer does the cheaper of keeping its data and being switched off (`hold_leakage`, `gated_leakage`)."}
	var lines []plot.Series
	for _, f := range flavours() {
		for _, k := range []float64{300, 358} {
			l := plot.Series{Name: fmt.Sprintf("%s, %g K", f, k)}
			for _, row := range reproduction.Rows(t, func(row []float64) bool { return row[0] == k && row[2] == t.Choice(2, f) }) {
				l.X, l.Y = append(l.X, t.Rows[row][1]), append(l.Y, t.Rows[row][3])
			}
			lines = append(lines, l)
		}
	}
	return r, r.Lines("gain", "Gain in energy of training over SRAM of the same capacity, by flavour of the SRAM and temperature.", "capacity (MiB)", "gain in energy", true, true, lines, plot.RefLine{Name: "equal", Value: 1})
}

// duties are shares of the time that a machine computes.
func duties() []float64 { return []float64{1, 0.3, 0.1, 0.03, 0.01} }

// rested adds what a pair takes with the time that it rests, at every duty.
func rested(t *results.Table, c *rivals.Case, p *pair, kelvin float64) error {
	for _, duty := range duties() {
		v, err := c.With(fmt.Sprintf("duty=%g", duty))
		if err != nil {
			return err
		}
		sot, err := v.Report(&p.sot.Design)
		if err != nil {
			return err
		}
		sram, err := v.Report(&p.sram.Report.Design)
		if err != nil {
			return err
		}
		t.Append(kelvin, float64(p.sot.Design.Capacity)/mib, p.sram.Flavour, duty, sram.RestedEnergy/sot.RestedEnergy, sram.StandbyEnergy, sot.StandbyEnergy)
	}
	return nil
}

// busiest is the largest duty at which SOT takes no more energy, by temperature
// and flavour, at the largest capacity.
func busiest(rest *results.Table) *results.Table {
	out := results.NewList("break_even_duty", "temperature [K]", "flavour:text", "capacity [MiB]", "break_even_duty", "gain_at_least_duty")
	for _, k := range []float64{300, 358} {
		for _, f := range flavours() {
			mine := reproduction.Rows(rest, func(row []float64) bool { return row[0] == k && row[2] == rest.Choice(2, f) })
			top := reproduction.Largest(rest, mine, "capacity")
			if top < 0 {
				continue
			}
			duty, gain := math.NaN(), math.NaN()
			for _, row := range mine { // from the busiest
				v := rest.Rows[row]
				if v[1] != rest.Rows[top][1] {
					continue
				}
				if gain = v[4]; gain >= 1 && math.IsNaN(duty) {
					duty = v[3]
				}
			}
			out.Append(k, f, rest.Rows[top][1], duty, gain)
		}
	}
	return out
}

// leaked is the share of the energy that the buffer leaks.
func leaked(r *model.Report) float64 {
	return r.Costs[0].Energy.BufferLeakage / r.Costs[0].Energy.Total()
}
