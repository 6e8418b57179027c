package evaluate

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"stco/experiments/answer"
	"stco/experiments/baselines"
	"stco/experiments/study"
	"stco/model"
	"stco/model/device"
	"stco/model/units"
	"stco/results"
)

// use is how much of a limit a design takes.
type use struct {
	name  string
	share float64 // 1 at the limit; NaN where it is met or missed
	over  bool
}

// limits lists how much of each limit a design takes, the most first; limits that
// are only met or missed stand at the end, unless they are missed.
func limits(r *model.Report) []use {
	all := make([]use, len(r.Violations))
	for i, v := range r.Violations {
		all[i] = use{model.ViolationName(i), r.LimitUse(i), v > 0}
	}
	rank := func(u use) float64 {
		switch {
		case math.IsNaN(u.share) && u.over:
			return math.Inf(1)
		case math.IsNaN(u.share):
			return math.Inf(-1)
		}
		return u.share
	}
	slices.SortStableFunc(all, func(a, b use) int { return cmp.Compare(rank(b), rank(a)) })
	return all
}

// nearLimit is the share of a limit from which a sentence names it.
const nearLimit = 0.5

// binding says which limits a design misses, and which it comes nearly to.
func binding(r *model.Report) string {
	var missed, nearly []string
	for _, u := range limits(r) {
		text := u.name
		if !math.IsNaN(u.share) {
			text += " (" + percent(u.share) + " of its limit)"
		}
		switch {
		case u.over:
			missed = append(missed, text)
		case u.share >= nearLimit:
			nearly = append(nearly, text)
		}
	}
	switch {
	case len(missed) > 0:
		return "Missed: " + strings.Join(missed, ", ") + "."
	case len(nearly) > 0:
		return "What binds, the tightest first: " + strings.Join(nearly, ", ") + ". No other limit is used to " + percent(nearLimit) + "."
	}
	return "No limit binds: none is used to " + percent(nearLimit) + "."
}

// percent prints a share, a large one as a multiple.
func percent(share float64) string {
	if share >= 10 {
		return fmt.Sprintf("%.3g times", share)
	}
	return fmt.Sprintf("%.3g %%", 100*share)
}

// chain tells of a magnetic cell what follows from what: lifetime, stability,
// current, fins, area.
func chain(m *model.Model, r *model.Report) []string {
	if r.Design.Technology == device.SRAM {
		return nil
	}
	d := &r.Device
	amps := func(i units.Current) string { return units.Format(float64(i), units.DimCurrent) }
	seconds := func(t float64) string { return units.Format(t, units.DimTime) }
	keeps := fmt.Sprintf("Its cells keep data for %s with the errors that the code allows, at a stability factor of %.1f at room temperature, %.1f hot and %.1f in the hot worst cell.",
		seconds(float64(d.Retention)), d.DeltaNominal, d.DeltaHot, d.DeltaWorst)
	lives := "The lifetime of the data is not known."
	switch {
	case r.Lifetime > 0 && r.ScrubShare > 0:
		lives = fmt.Sprintf("Data live for up to %s, longer than the cells keep them: scrubbing rewrites them, %s of the time.", seconds(r.Lifetime), percent(r.ScrubShare))
	case r.Lifetime > 0:
		lives = fmt.Sprintf("Data live for up to %s, and no scrubbing is needed.", seconds(r.Lifetime))
	}
	ratio := float64(d.WriteCurrent / max(d.CriticalCurrent, units.Current(math.SmallestNonzeroFloat64)))
	writes := fmt.Sprintf("That stability asks for a critical current of %s; the pulse of %s, the write errors allowed and the spread of the cells make %s of it, %.2f times as much.",
		amps(d.CriticalCurrent), seconds(float64(r.Design.Pulse)), amps(d.WriteCurrent), ratio)
	area := units.Format(float64(d.Area), units.DimArea)
	fins := fmt.Sprintf("A transistor of %.3g fins drives it, of a cell of %s", d.WriteFins, area)
	if d.BackEndLimited {
		fins += ", whose channel or pillar is larger than its transistors in one direction"
	}
	if share := float64(r.Array.Area.Cells) / float64(r.Array.Area.Total); share > 0 {
		fins += fmt.Sprintf("; the cells are %s of the %s of the array, check bits and periphery the rest", percent(share), square(r.Array.Area.Total))
	}
	out := []string{lives + " " + keeps, writes + " " + fins + "."}
	if !r.Given && r.Magnetic() {
		out = append(out, disturbing(m, r))
	}
	return out
}

// disturbing tells how often data are read between two writes, where the number is
// from, and what the reads do.
func disturbing(m *model.Model, r *model.Report) string {
	reads, from := m.Disturbing(r)
	origin := "assumed by the device preset, as its cells hold no data of a trace"
	switch from {
	case model.ReadsCounted:
		most := 0
		for i := range r.Costs {
			if r.Costs[i].Reads > r.Costs[most].Reads {
				most = i
			}
		}
		w := &m.Setup.Workloads[most]
		origin = fmt.Sprintf("counted from the schedule of %s %s b%d", w.Network, w.Options.Phase, w.Options.Batch)
	case model.ReadsGiven:
		origin = "given by the study (reads)"
	case model.ReadsAssumed:
	}
	return fmt.Sprintf("Data are read up to %.3g times between two writes, %s; each read disturbs a bit with a chance of %.3g, and an error of a use has one of %.3g by all causes.",
		reads, origin, r.Device.DisturbError, r.Device.BitError)
}

// causes tells where energy and time of a design go, the most first.
func causes(parts *results.Table, design string) []string {
	var out []string
	for _, of := range []string{"energy", "time"} {
		type part struct {
			name  string
			share float64
		}
		var all []part
		total := ""
		for i, row := range parts.Rows {
			if parts.Text(i, 0) != design || parts.Text(i, 1) != of {
				continue
			}
			if parts.Text(i, 2) == "total" {
				total = amount(of, row[3])
			} else if row[5] >= 1 {
				all = append(all, part{parts.Text(i, 2), row[5]})
			}
		}
		slices.SortStableFunc(all, func(a, b part) int { return cmp.Compare(b.share, a.share) })
		var texts []string
		for _, p := range all {
			texts = append(texts, fmt.Sprintf("%s %.3g %%", p.name, p.share))
		}
		out = append(out, fmt.Sprintf("Of the %s of an iteration of all workloads, %s: %s.", of, total, strings.Join(texts, ", ")))
	}
	return out
}

func amount(of string, v float64) string {
	if of == "time" {
		return units.Format(v, units.DimTime)
	}
	return units.Format(v, units.DimEnergy)
}

// rival is the best SRAM buffer beside a design.
type rival struct {
	title string
	model *model.Model
	r     model.Report
}

// take keeps a baseline if it is the SRAM buffer of least energy-delay product
// within the area of the design so far.
func (v *rival) take(b *baselines.Baseline, of *model.Report) {
	if !b.Found || b.Least != baselines.LeastEDP || b.Report.Design.Technology != device.SRAM || b.Report.Area() > of.Area()*(1+1e-9) {
		return
	}
	if v.model == nil || b.Report.Energy*b.Report.Latency < v.r.Energy*v.r.Latency {
		v.title = fmt.Sprintf("SRAM %s of %s in %d banks, %s", b.Flavour, units.Format(float64(b.Report.Design.Capacity), units.DimBytes), b.Report.Design.Banks, square(b.Report.Area()))
		v.model, v.r = b.Model, b.Report
	}
}

// difference tells part by part what a design spends more and less than the best
// SRAM buffer within its area.
func (v *rival) difference(m *model.Model, of *model.Report) ([]string, error) {
	if v.model == nil {
		return []string{"No SRAM buffer of the baselines fits its area."}, nil
	}
	both := baselines.NewDecomposition()
	if err := both.Add(m, "design", of); err != nil {
		return nil, err
	}
	if err := both.Add(v.model, "sram", &v.r); err != nil {
		return nil, err
	}
	parts, err := answer.Parts(both.Table)
	if err != nil {
		return nil, err
	}
	out := []string{fmt.Sprintf("The best SRAM buffer within its area is %s.", v.title)}
	for _, of := range []string{"energy", "time"} {
		value := map[string]map[string]float64{"design": {}, "sram": {}}
		var names []string
		for i, row := range parts.Rows {
			if parts.Text(i, 1) != of {
				continue
			}
			name := parts.Text(i, 2)
			if value[parts.Text(i, 0)][name] = row[3]; parts.Text(i, 0) == "design" && name != "total" {
				names = append(names, name)
			}
		}
		delta := func(name string) float64 { return value["design"][name] - value["sram"][name] }
		slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(math.Abs(delta(b)), math.Abs(delta(a))) })
		var more []string
		for _, n := range names {
			if d := delta(n); math.Abs(d) >= 1e-3*value["sram"]["total"] {
				more = append(more, fmt.Sprintf("%s %s%s", n, sign(d), amount(of, math.Abs(d))))
			}
		}
		text := fmt.Sprintf("Over it the design takes %s %s (%+.3g %%)", amount(of, math.Abs(delta("total"))), moreOrLess(delta("total"), of), 100*delta("total")/value["sram"]["total"])
		if len(more) > 0 {
			text += ": " + strings.Join(more, ", ")
		}
		out = append(out, text+".")
	}
	return out, nil
}

// square prints the area of a buffer.
func square(a units.Area) string { return fmt.Sprintf("%.4g mm²", float64(a)*1e6) }

func sign(d float64) string {
	if d < 0 {
		return "-"
	}
	return "+"
}

func moreOrLess(d float64, of string) string {
	if d < 0 {
		return "less " + of
	}
	return "more " + of
}

// missing says why baselines have no figures, each reason once.
func missing(all []baselines.Baseline) []string {
	var out []string
	for i := range all {
		b := &all[i]
		if b.Found || b.Least != baselines.LeastEDP {
			continue
		}
		out = append(out, fmt.Sprintf("No baseline %s (%s): %s.", b.Title(), b.Flavour, b.Reason))
	}
	return out
}

// words says what a reader should take from the tables of an evaluation.
func words(f *study.Design, e *Evaluation, parts *Parts, all []baselines.Baseline) (*results.Table, error) {
	t := results.NewList("words", "about:text", "sentence:text")
	add := func(about string, texts ...string) {
		for _, s := range texts {
			t.Append(about, s)
		}
	}
	add("limits", binding(&e.Report))
	add("chain", chain(e.Model, &e.Report)...)
	if parts.Decomposition == nil {
		return t, nil
	}
	shares, err := answer.Parts(parts.Decomposition)
	if err != nil {
		return nil, err
	}
	add("causes", causes(shares, "design")...)
	if f.Design.Technology != device.SRAM {
		var best rival
		for i := range all {
			best.take(&all[i], &e.Report)
		}
		texts, err := best.difference(e.Model, &e.Report)
		if err != nil {
			return nil, err
		}
		add("difference", texts...)
	}
	add("no baseline", missing(all)...)
	return t, nil
}
