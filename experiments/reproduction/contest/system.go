package contest

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"stco/experiments/baselines"
	"stco/experiments/reproduction"
	"stco/experiments/reproduction/rivals"
	"stco/model"
	"stco/model/workload"
	"stco/results"
	"stco/results/plot"
)

// System is the experiment on the best buffer within an area.
func System() *reproduction.Experiment {
	return &reproduction.Experiment{
		Name: "system", Title: "the best buffer within an area, network by network",
		Shows: "gains of the best SOT buffer within 32, 64, 128 and 256 mm2 over the best SRAM buffer within the same area, in inference and training of every network on four machines, and within the area of the 128 and 256 MiB of SRAM that machines before LPDDR ship with, with the range over draws from the constants in doubt",
		Run:   system,
	}
}

// budgets are the areas, mm2.
func budgets(s *reproduction.Setting) []float64 {
	return reproduction.Either(s, []float64{32, 64, 128, 256}, []float64{2, 4})
}

// seat is a run on a machine.
type seat struct {
	run     rivals.Iteration
	machine string
}

// contestants are the best buffers within an area, and the gains under each draw
// that leaves both.
type contestants struct {
	sot, sram       *model.Report
	plain           *model.Report // SRAM without a code
	budget          float64       // mm2
	energy, latency []float64
}

// room is what a buffer may take: an area, or that of an SRAM buffer which ships.
type room struct {
	budget   float64 // mm2; 0: that of the SRAM buffer
	capacity string  // of SRAM that ships
	code     string  // that it carries
}

// shipped are the SRAM buffers that machines before LPDDR ship with: 128 MiB (MTIA
// v1; Cloud AI 100 has 144) and 256 MiB (MTIA v2), docs/machines.md. Whether they carry a code
// is not public.
func shipped(s *reproduction.Setting) []room {
	var out []room
	for _, capacity := range reproduction.Either(s, []string{"128MiB", "256MiB"}, []string{"2MiB"}) {
		for _, code := range []string{"none", "secded"} {
			out = append(out, room{capacity: capacity, code: code})
		}
	}
	return out
}

// ships tells whether machines like one ship with much SRAM.
func (x *seat) ships(s *reproduction.Setting) bool { return x.machine == "npu-lpddr" || s.Small }

// rooms are those that a seat is searched for.
func (x *seat) rooms(s *reproduction.Setting) []room {
	var out []room
	for _, b := range budgets(s) {
		out = append(out, room{budget: b})
	}
	if x.ships(s) {
		out = append(out, shipped(s)...)
	}
	return out
}

func system(ctx context.Context, s *reproduction.Setting) (*reproduction.Findings, error) {
	var seats []seat
	nets := reproduction.Either(s, rivals.Networks(), []rivals.Net{{Name: "squeezenet1_1", Family: "cv"}})
	for _, machine := range reproduction.Either(s, []string{"edge", "soc", "server", "npu-lpddr"}, []string{"soc"}) {
		for i := range nets {
			seats = append(seats, seat{nets[i].Of(workload.Training, 16), machine}, seat{nets[i].Of(workload.Inference, 1), machine})
		}
	}
	found := make([][]contestants, len(seats))
	err := reproduction.Each(ctx, s, len(seats), func(i int) error {
		s.Progress("%s on %s", seats[i].run.Title(), seats[i].machine)
		var err error
		found[i], err = seats[i].compete(ctx, s)
		return err
	})
	if err != nil {
		return nil, err
	}
	columns := []string{
		"network:text", "family:text", "phase:text", "machine:text", "budget [mm2]", "batch", "sot_capacity [MiB]", "sot_area [mm2]", "sram_capacity [MiB]", "sram_area [mm2]", "sram_flavour:text", "code:text",
		"energy_gain", "energy_gain_low", "energy_gain_high", "latency_gain", "latency_gain_low", "latency_gain_high", "edp_gain", "draws", "draws_with_a_buffer", "edp_gain_without_code",
	}
	t := results.NewList("system", columns...)
	ship := results.NewList("shipped", append([]string{"shipped:text"}, columns...)...)
	for i := range seats {
		for k, m := range seats[i].rooms(s) {
			if m.capacity == "" {
				addContest(t, nil, &seats[i], m.budget, &found[i][k], draws(s))
			} else {
				addContest(ship, []any{m.capacity + " " + m.code}, &seats[i], found[i][k].budget, &found[i][k], draws(s))
			}
		}
	}
	sums, ships := summary(t), shippedSummary(ship)
	r := &reproduction.Findings{Tables: []*results.Table{sums, t, ship, ships}, Show: []*results.Table{sums, ships}}
	systemText(r, t, sums, ship)
	return r, drawSystem(r, t, sums)
}

// draws is the number of draws from the constants in doubt.
func draws(s *reproduction.Setting) int { return reproduction.Either(s, 8, 2) }

// compete returns the best buffers of a seat in every room. SRAM carries the code
// of the SOT buffer, or the one that it ships with; its best flavour counts.
func (x *seat) compete(ctx context.Context, s *reproduction.Setting) ([]contestants, error) {
	rooms := x.rooms(s)
	var kinds []string
	for _, m := range rooms {
		if m.capacity != "" {
			kinds = append(kinds, fmt.Sprintf("{capacity: %s, ecc: %s}", m.capacity, m.code))
		} else {
			kinds = append(kinds, fmt.Sprintf("{area: %gmm^2}", m.budget), fmt.Sprintf("{area: %gmm^2, ecc: none}", m.budget))
		}
	}
	c, err := rivals.New(rivals.Text([]string{x.run.Text()}, "objectives: [edp, area]\nbaselines: ["+strings.Join(kinds, ", ")+"]\n"),
		"machine="+x.machine, reproduction.Either(s, "schedule=groups", "schedule=layer"), reproduction.Either(s, "capacity={min: 1MiB, max: 1GiB}", "capacity={min: 1MiB, max: 4MiB}"))
	if err != nil {
		return nil, err
	}
	sram := c.SRAM(ctx, 1)
	out := make([]contestants, len(rooms))
	effort := rivals.Effort{Evaluations: reproduction.Either[int64](s, 3000, 300), Seed: s.Seed, Workers: 1}
	var known []*model.Design // found with the defaults
	for i := -1; i < draws(s); i++ {
		drawn := c
		if i >= 0 {
			effort.Tries = 1
			if drawn, err = c.Draw(i); err != nil {
				continue // no cell can have these parameters together
			}
		}
		f, err := drawn.Thorough(ctx, effort)
		if err != nil {
			return nil, err
		}
		if i < 0 {
			for k := range f.Members {
				known = append(known, &f.Members[k].Design)
			}
		} else if err := drawn.Add(f, known, func(r *model.Report) []float64 { return []float64{rivals.EDP(r), float64(r.Area())} }); err != nil {
			return nil, err
		}
		for k := range rooms {
			sot, rival, plain, err := within(drawn, f, sram, &rooms[k])
			switch {
			case err != nil:
				return nil, err
			case sot == nil || rival == nil:
			case i < 0:
				out[k].sot, out[k].sram, out[k].plain = sot, rival, plain
				if out[k].budget = rooms[k].budget; rooms[k].budget == 0 {
					out[k].budget = float64(rival.Area()) / mm2
				}
			default:
				out[k].energy, out[k].latency = append(out[k].energy, rival.Energy/sot.Energy), append(out[k].latency, rival.Latency/sot.Latency)
			}
		}
	}
	return out, nil
}

// within returns the best SOT buffer of a front in a room, the best SRAM buffer
// with its code or, where SRAM ships with one, with that, and the best without; nil
// where there is none.
func within(c *rivals.Case, f *rivals.Front, sram *baselines.SRAMSearch, m *room) (sot, rival, plain *model.Report, err error) {
	best := func(of *model.Report, name string) (*model.Report, error) {
		var least *model.Report
		for _, flavour := range baselines.Flavours() {
			list, err := sram.Baselines(of, flavour)
			if err != nil {
				return nil, err
			}
			for i := range list {
				if b := &list[i]; b.Found && b.Name == name && (least == nil || rivals.EDP(&b.Report) < rivals.EDP(least)) {
					least = &b.Report
				}
			}
		}
		return least, nil
	}
	limit := m.budget * mm2
	if m.capacity != "" {
		smallest := f.Least(func(m *rivals.Member) float64 { return m.Values[1] }, nil)
		if smallest == nil {
			return nil, nil, nil, nil
		}
		r, err := c.Report(&smallest.Design) // its port counts alone: it is that of all
		if err != nil {
			return nil, nil, nil, err
		}
		if rival, err = best(r, strings.Replace(m.capacity, "MiB", " MiB", 1)+" ecc "+m.code); err != nil || rival == nil {
			return nil, nil, nil, err
		}
		limit = float64(rival.Area())
	}
	least := f.Least(func(m *rivals.Member) float64 { return m.Values[0] }, func(m *rivals.Member) bool { return m.Values[1] <= limit })
	if least == nil {
		return nil, nil, nil, nil
	}
	if sot, err = c.Report(&least.Design); err != nil || rival != nil {
		return sot, rival, nil, err
	}
	name := fmt.Sprintf("%g mm2", m.budget)
	if rival, err = best(sot, name); err != nil {
		return nil, nil, nil, err
	}
	plain, err = best(sot, name+" ecc none")
	return sot, rival, plain, err
}

// addContest adds the row of a seat and an area.
func addContest(t *results.Table, row []any, x *seat, budget float64, c *contestants, draws int) {
	row = append(row, x.run.Network, x.run.Family, x.run.Phase.String(), x.machine, budget, x.run.Batch)
	if c.sot == nil {
		t.Append(append(row, slices.Repeat([]any{nil}, len(t.Columns)-len(row))...)...)
		return
	}
	ends := func(v []float64) (any, any) {
		if len(v) == 0 {
			return nil, nil
		}
		return slices.Min(v), slices.Max(v)
	}
	plain := any(nil)
	if c.plain != nil {
		plain = rivals.EDP(c.plain) / rivals.EDP(c.sot)
	}
	e, l := c.sram.Energy/c.sot.Energy, c.sram.Latency/c.sot.Latency
	el, eh := ends(c.energy)
	ll, lh := ends(c.latency)
	t.Append(append(row, float64(c.sot.Design.Capacity)/mib, float64(c.sot.Area())/mm2, float64(c.sram.Design.Capacity)/mib, float64(c.sram.Area())/mm2, c.sram.Design.Flavour, c.sot.Design.ECC.String(),
		e, el, eh, l, ll, lh, e*l, draws, len(c.energy), plain)...)
}

// summary are geometric means over the networks of a family, with the least and
// the largest gain of any of them under any draw.
func summary(t *results.Table) *results.Table {
	out := results.NewList("summary", "family:text", "phase:text", "machine:text", "budget [mm2]", "networks", "energy_gain", "energy_gain_low", "energy_gain_high", "latency_gain", "latency_gain_low", "latency_gain_high", "edp_gain", "share_that_pays [%]", "median_sot [MiB]", "median_sram [MiB]")
	col := func(name string) int { return reproduction.Column(t, name) }
	seen := map[[4]float64]bool{}
	for row, v := range t.Rows {
		key := [4]float64{v[col("family")], v[col("phase")], v[col("machine")], v[col("budget")]}
		if seen[key] {
			continue
		}
		seen[key] = true
		mine := reproduction.Rows(t, func(r []float64) bool {
			return [4]float64{r[col("family")], r[col("phase")], r[col("machine")], r[col("budget")]} == key && !math.IsNaN(r[col("edp_gain")])
		})
		if len(mine) == 0 {
			continue
		}
		all := func(name string) []float64 {
			var list []float64
			for _, i := range mine {
				if x := t.Rows[i][col(name)]; !math.IsNaN(x) {
					list = append(list, x)
				}
			}
			return list
		}
		pays := 0
		for _, x := range all("edp_gain") {
			if x >= 1.02 {
				pays++
			}
		}
		low := func(name string) float64 { return slices.Min(append(all(name), all(name+"_low")...)) }
		high := func(name string) float64 { return slices.Max(append(all(name), all(name+"_high")...)) }
		out.Append(t.Text(row, col("family")), t.Text(row, col("phase")), t.Text(row, col("machine")), v[col("budget")], len(mine),
			mean(all("energy_gain")), low("energy_gain"), high("energy_gain"), mean(all("latency_gain")), low("latency_gain"), high("latency_gain"), mean(all("edp_gain")), 100*float64(pays)/float64(len(mine)),
			reproduction.Median(all("sot_capacity")), reproduction.Median(all("sram_capacity")))
	}
	return out
}

// mean is the geometric mean.
func mean(list []float64) float64 {
	sum := 0.0
	for _, v := range list {
		sum += math.Log(v)
	}
	return math.Exp(sum / float64(len(list)))
}

// shippedSummary are geometric means over the networks of a family in the area of
// each SRAM buffer that ships, with the least and the largest gain of any network.
func shippedSummary(t *results.Table) *results.Table {
	out := results.NewList("shipped_summary", "shipped:text", "family:text", "phase:text", "machine:text", "networks", "median_area [mm2]", "median_sot [MiB]", "energy_gain", "energy_gain_low", "energy_gain_high", "latency_gain", "latency_gain_low", "latency_gain_high", "edp_gain", "most_edp_gain")
	col := func(name string) int { return reproduction.Column(t, name) }
	seen := map[[4]float64]bool{}
	key := func(r []float64) [4]float64 {
		return [4]float64{r[col("shipped")], r[col("family")], r[col("phase")], r[col("machine")]}
	}
	for row, v := range t.Rows {
		if seen[key(v)] {
			continue
		}
		seen[key(v)] = true
		mine := reproduction.Rows(t, func(r []float64) bool { return key(r) == key(v) && !math.IsNaN(r[col("edp_gain")]) })
		if len(mine) == 0 {
			continue
		}
		all := func(names ...string) (list []float64) {
			for _, i := range mine {
				for _, name := range names {
					if x := t.Rows[i][col(name)]; !math.IsNaN(x) {
						list = append(list, x)
					}
				}
			}
			return list
		}
		out.Append(t.Text(row, col("shipped")), t.Text(row, col("family")), t.Text(row, col("phase")), t.Text(row, col("machine")), len(mine),
			reproduction.Median(all("budget")), reproduction.Median(all("sot_capacity")),
			mean(all("energy_gain")), slices.Min(all("energy_gain", "energy_gain_low")), slices.Max(all("energy_gain", "energy_gain_high")),
			mean(all("latency_gain")), slices.Min(all("latency_gain", "latency_gain_low")), slices.Max(all("latency_gain", "latency_gain_high")),
			mean(all("edp_gain")), slices.Max(all("edp_gain")))
	}
	return out
}

func systemText(r *reproduction.Findings, t, sums, ship *results.Table) {
	cell, total := reproduction.In(t), reproduction.In(sums)
	best := reproduction.Largest(t, reproduction.Every(t), "edp_gain")
	mostly := reproduction.Largest(sums, reproduction.Every(sums), "edp_gain")
	r.Verdict = fmt.Sprintf("Beside the best SRAM buffer within the same area, the largest gain of SOT-MRAM in energy-delay product is %s (%s %s on %s within %s mm2); the largest mean over a family of networks is %s (%s %s on %s within %s mm2).",
		cell(best, "edp_gain"), t.Text(best, 0), t.Text(best, 2), t.Text(best, 3), cell(best, "budget"), total(mostly, "edp_gain"), strings.ToUpper(sums.Text(mostly, 0)), sums.Text(mostly, 1), sums.Text(mostly, 2), total(mostly, "budget"))
	if plain := reproduction.Largest(t, reproduction.Every(t), "edp_gain_without_code"); plain >= 0 {
		r.Verdict += fmt.Sprintf(" Beside SRAM without a code it is at most %s.", cell(plain, "edp_gain_without_code"))
	}
	large := reproduction.In(ship)
	col := func(name string) int { return reproduction.Column(ship, name) }
	best = reproduction.Largest(ship, reproduction.Rows(ship, func(row []float64) bool { return row[col("sot_capacity")] >= row[col("sram_capacity")]/2 }), "edp_gain")
	top := reproduction.Largest(ship, reproduction.Every(ship), "edp_gain")
	if best >= 0 {
		r.Verdict += fmt.Sprintf(" Within the area of SRAM that ships, SOT-MRAM of at least half its capacity gains at most %s in energy-delay product (%s %s on %s, %s of SRAM).", large(best, "edp_gain"), ship.Text(best, 1), ship.Text(best, 3), ship.Text(best, 4), ship.Text(best, 0))
	}
	if top >= 0 {
		r.Text = append(r.Text, fmt.Sprintf("With any capacity within the area of SRAM that ships it is %s (%s %s, %s of SRAM, SOT-MRAM of %s MiB): where the buffer that ships is larger than the network asks for, a smaller one is better, of SRAM too, as the rows of equal area show.",
			large(top, "edp_gain"), ship.Text(top, 1), ship.Text(top, 3), ship.Text(top, 0), large(top, "sot_capacity")))
		r.Claims = append(r.Claims, reproduction.Claim{
			Says: "SOT-MRAM as a large on-chip memory instead of SRAM (abstract), beside the SRAM that ships", Published: 8, Ours: large(reproduction.Largest(ship, reproduction.Every(ship), "energy_gain"), "energy_gain"),
			Holds:   reproduction.Where(ship, reproduction.Rows(ship, func(row []float64) bool { return row[reproduction.Column(ship, "edp_gain")] >= 1.02 }), "shipped", "network", "phase"),
			Differs: "ours is the largest gain in energy of any network within the area of 128 or 256 MiB of SRAM in its best flavour on a machine before LPDDR; listed are the places of a gain of 1.02 or more in energy-delay product",
		})
	}
	for _, c := range []struct {
		family, metric string
		published      float64
	}{{"cv", "energy", 8}, {"cv", "latency", 9}, {"nlp", "energy", 8}, {"nlp", "latency", 4.5}} {
		family := reproduction.Rows(t, func(row []float64) bool {
			return row[1] == t.Choice(1, c.family) && row[2] == t.Choice(2, workload.Training.String())
		})
		if len(family) == 0 {
			continue
		}
		column := c.metric + "_gain"
		r.Claims = append(r.Claims, reproduction.Claim{
			Says: fmt.Sprintf("%s training, %s (abstract)", strings.ToUpper(c.family), c.metric), Published: c.published, Ours: cell(reproduction.Largest(t, family, column), column),
			Holds:   reproduction.Where(t, slices.DeleteFunc(slices.Clone(family), func(i int) bool { return !(t.Rows[i][reproduction.Column(t, column)] >= c.published) }), "network", "machine", "budget"),
			Differs: "ours is the largest gain of any network and machine over SRAM of the same area in its best flavour; machines ship with 128 to 256 MiB of SRAM, so that a small SRAM buffer is no rival",
		})
	}
	r.Text = append([]string{
		"Both buffers are those of least energy-delay product within the area, of any capacity up to 1 GiB; SRAM carries the code of the SOT buffer and has the best of three flavours; `edp_gain_without_code` is over SRAM without a code. `summary` has geometric means over the networks of a family, and as `_low` and `_high` the least and the largest gain of any of them under any draw, " +
			"in which the SOT buffer is chosen anew. `shipped` are the SRAM buffers of machines before LPDDR (128 MiB: MTIA v1; 256 MiB: MTIA v2; [machines.md](machines.md)), without a code and with SECDED since theirs is not public, and the best SOT buffer within the area of each. `share_that_pays` are networks with a gain of at least 1.02 in energy-delay product. Training is at batch 16, inference at batch 1.",
	}, r.Text...)
}

func drawSystem(r *reproduction.Findings, t, sums *results.Table) error {
	col := func(name string) int { return reproduction.Column(sums, name) }
	for _, metric := range []string{"energy", "latency"} {
		var lines []plot.Series
		for row, v := range sums.Rows {
			if sums.Text(row, 1) != workload.Training.String() || sums.Text(row, 2) != "soc" { // bands of more hide each other
				continue
			}
			name := strings.ToUpper(sums.Text(row, 0))
			at := slices.IndexFunc(lines, func(l plot.Series) bool { return l.Name == name })
			if at < 0 {
				at = len(lines)
				lines = append(lines, plot.Series{Name: name})
			}
			l := &lines[at]
			l.X, l.Y = append(l.X, v[col("budget")]), append(l.Y, v[col(metric+"_gain")])
			l.Low, l.High = append(l.Low, v[col(metric+"_gain_low")]), append(l.High, v[col(metric+"_gain_high")])
		}
		marks := []plot.RefLine{{Name: "abstract, CV and NLP", Value: 8}}
		if metric == "latency" {
			marks = []plot.RefLine{{Name: "abstract, CV", Value: 9}, {Name: "NLP", Value: 4.5}}
		}
		if err := r.Lines(metric, "Training on soc: gain of the best SOT buffer within an area over the best SRAM buffer within it in "+metric+", geometric mean over the networks; bands: least and largest gain of any network under any draw; and the abstract.", "area (mm^2)", "gain in "+metric, true, true, lines, marks...); err != nil {
			return err
		}
	}
	for _, phase := range []string{workload.Training.String(), workload.Inference.String()} {
		if err := drawNetworks(r, t, phase); err != nil {
			return err
		}
	}
	return nil
}

// drawNetworks draws the gain of every network on every machine and area.
func drawNetworks(r *reproduction.Findings, t *results.Table, phase string) error {
	h := &plot.HeatMap{Value: "gain in energy-delay product", FromName: "1 or more"}
	for row, v := range t.Rows {
		if t.Text(row, 2) != phase {
			continue
		}
		machine, budget := t.Text(row, 3), reproduction.Digits(v[reproduction.Column(t, "budget")])
		at := slices.Index(h.Rows, t.Text(row, 0))
		if at < 0 {
			at = len(h.Rows)
			h.Rows, h.Values, h.From = append(h.Rows, t.Text(row, 0)), append(h.Values, nil), append(h.From, 1)
		}
		h.Values[at] = append(h.Values[at], v[reproduction.Column(t, "edp_gain")])
		if at > 0 {
			continue
		}
		h.Columns = append(h.Columns, budget)
		if n := len(h.Groups); n == 0 || h.Groups[n-1].Name != machine {
			h.Groups = append(h.Groups, plot.Heading{Name: machine})
		}
		h.Groups[len(h.Groups)-1].Width++
	}
	if len(h.Rows) == 0 {
		return nil
	}
	h.X = "area (mm^2)"
	f, err := plot.Heat(h)
	if err == nil {
		r.Figures = append(r.Figures, reproduction.Figure{Name: phase, Drawing: f, Caption: strings.ToUpper(phase[:1]) + phase[1:] + ": gain of the best SOT buffer within an area over the best SRAM buffer within it in energy-delay product, by machine and network; framed: SOT-MRAM is better."})
	}
	return err
}
