// Package literature sets what other papers conclude beside what the model says
// in their settings, as far as these are public.
package literature

import (
	"cmp"
	"context"
	_ "embed"
	"encoding/csv"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"stco/experiments/baselines"
	"stco/experiments/reproduction"
	"stco/experiments/reproduction/rivals"
	"stco/model"
	"stco/model/workload"
	"stco/results"
	"stco/results/plot"
)

// Published is the experiment on other papers' results.
func Published() *reproduction.Experiment {
	return &reproduction.Experiment{
		Name: "published", Title: "other papers in their settings",
		Shows: "what DeepNVM++, STT-AI, the IMW 2022 global buffer, imec's last-level cells and NVMExplorer conclude, from their abstracts, beside the model with node, technology and measure set alike, and what could not be",
		Run:   published,
	}
}

// figures are what was published, with what of the setting is alike and what not.
//
//go:embed literature.csv
var figures string

// line is a published figure.
type line struct {
	study, measure, unit, source, alike, other string
	value                                      float64 // NaN: in words
}

func lines() ([]line, error) {
	rows, err := csv.NewReader(strings.NewReader(figures)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("literature.csv: %w", err)
	}
	var out []line
	for _, r := range rows[1:] {
		v := math.NaN()
		if r[2] != "" {
			if v, err = strconv.ParseFloat(r[2], 64); err != nil {
				return nil, fmt.Errorf("literature.csv: %w", err)
			}
		}
		out = append(out, line{r[0], r[1], r[3], r[5], r[6], r[7], v})
	}
	return out, nil
}

// setting is that of a study in the model.
type setting struct {
	study string
	run   rivals.Iteration
	more  string   // of the study file
	sets  []string // of the buffer that is chosen
	other []string // of the buffer that it is compared with instead of SRAM
	array bool     // arrays alone are compared, under the accesses of nvmexplorer.csv
}

func settings(s *reproduction.Setting) []setting {
	cv := reproduction.Either(s, rivals.Networks()[0], rivals.Net{Name: "squeezenet1_1", Family: "cv"})
	size := func(full string) string { return "capacity=" + reproduction.Either(s, full, "2MiB") }
	keep := "constraints: {retention: {min: 0.1s}}\n"
	cell := []string{"technology=sot", "node=7nm", size("32MiB")}
	transistor := append(slices.Clone(cell), "selector=transistor")
	split := "split={min: 0.015625, max: 0.125, step: 0.015625}"
	planar := []string{"node=22nm-itrs", "flavour=lop", "t_cold=298.15K", "t_nominal=300K", "t_hot=350K", "word=64", "read_bus=64", "write_bus=64", size("2MiB")}
	stt, sram := append(slices.Clone(planar), "technology=stt"), append(slices.Clone(planar), "technology=sram", "ecc=none")
	all := []setting{
		{"DeepNVM++ SOT", cv.Of(workload.Inference, 1), "", []string{"technology=sot", "node=16nm", size("4MiB")}, nil, false},
		{"DeepNVM++ STT", cv.Of(workload.Inference, 1), "", []string{"technology=stt", "node=16nm", size("4MiB")}, nil, false},
		{"STT-AI", cv.Of(workload.Inference, 1), "", []string{"technology=hybrid-stt", split, "node=14nm", size("8MiB")}, nil, false},
		{"SOT global buffer (IMW 2022)", cv.Of(workload.Inference, 1), "", []string{"technology=sot", "node=7nm", size("8MiB")}, nil, false},
		{"imec SOT with IGZO selector", cv.Of(workload.Inference, 1), keep, append(slices.Clone(cell), "selector=igzo"), transistor, false},
		{"imec SOT with diode selector", cv.Of(workload.Inference, 1), keep, append(slices.Clone(cell), "selector=diode"), transistor, false},
		{"NVMExplorer STT", cv.Of(workload.Inference, 1), "", stt, sram, true},
	}
	return reproduction.Either(s, all, []setting{all[0], all[4], all[6]})
}

// of tells whether a study is set like this; its name may say more in brackets.
func (x *setting) of(study string) bool {
	return x.study == study || strings.HasPrefix(study, x.study+" (") && x.array
}

// measured are the measures of a study by name.
func measured(ctx context.Context, s *reproduction.Setting, x *setting) (map[string]float64, error) {
	goals := "objectives: [energy, latency]\n"
	switch {
	case x.array:
		goals = "objectives: [leakage, read_energy, write_energy, area]\n"
	case x.other != nil:
		goals = "objectives: [energy, latency, area]\n" // cells are compared
	}
	text := rivals.Text([]string{x.run.Text()}, goals+x.more)
	whole, err := rivals.New(text, "machine=soc", reproduction.Either(s, "schedule=groups", "schedule=layer"))
	if err != nil {
		return nil, err
	}
	if x.array {
		return arrays(ctx, s, whole, x)
	}
	choose := func(sets []string) (*rivals.Case, *model.Report, error) {
		c, err := whole.With(sets...)
		if err != nil {
			return nil, nil, err
		}
		figure := rivals.EDP
		if x.other != nil {
			figure = func(r *model.Report) float64 { return float64(r.Area()) }
		}
		r, err := c.Best(ctx, rivals.Effort{Evaluations: reproduction.Either[int64](s, 4000, 300), Seed: s.Seed, Workers: 1}, figure)
		return c, r, err
	}
	c, own, err := choose(x.sets)
	if err != nil || own == nil {
		return nil, err
	}
	if x.other != nil {
		_, other, err := choose(x.other)
		if err != nil || other == nil {
			return nil, err
		}
		return beside(own, other), nil
	}
	return overSRAM(ctx, c, own)
}

// accesses are those of an array in a second, in words of 64 bit.
type accesses struct {
	name          string
	reads, writes float64
}

//go:embed nvmexplorer.csv
var traffics string

const wordBits = 64

func traffic() ([]accesses, error) {
	rows, err := csv.NewReader(strings.NewReader(traffics)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("nvmexplorer.csv: %w", err)
	}
	var out []accesses
	for _, r := range rows[1:] {
		var v [3]float64
		for i := range v {
			if v[i], err = strconv.ParseFloat(r[1+i], 64); err != nil {
				return nil, fmt.Errorf("nvmexplorer.csv: %w", err)
			}
		}
		out = append(out, accesses{r[0], v[0] * v[2], v[1] * v[2]})
	}
	return out, nil
}

// power is that of an array under accesses, W.
func (a *accesses) power(r *model.Report) float64 {
	return float64(r.Leakage()) + wordBits*(a.reads*float64(r.Array.ReadPerBit)+a.writes*float64(r.Array.WritePerBit))
}

// arrays compares arrays by their power, each technology with the buffer of the
// least of it; and the areas of those of the first accesses.
func arrays(ctx context.Context, s *reproduction.Setting, whole *rivals.Case, x *setting) (map[string]float64, error) {
	list, err := traffic()
	if err != nil {
		return nil, err
	}
	var fronts [2][]*model.Report
	for i, sets := range [][]string{x.sets, x.other} {
		c, err := whole.With(sets...)
		if err != nil {
			return nil, err
		}
		f, err := c.Thorough(ctx, rivals.Effort{Evaluations: reproduction.Either[int64](s, 4000, 300), Seed: s.Seed, Workers: 1})
		if err != nil {
			return nil, err
		}
		for k := range f.Members {
			r, err := c.Report(&f.Members[k].Design)
			if err != nil {
				return nil, err
			}
			fronts[i] = append(fronts[i], r)
		}
		if len(f.Members) == 0 {
			return nil, nil
		}
	}
	out := map[string]float64{}
	for i := range list {
		a := &list[i]
		least := func(all []*model.Report) *model.Report {
			return slices.MinFunc(all, func(x, y *model.Report) int { return cmp.Compare(a.power(x), a.power(y)) })
		}
		own, sram := least(fronts[0]), least(fronts[1])
		out["power_gain_"+a.name] = a.power(sram) / a.power(own)
		if i == 0 {
			out["area_reduction_array"] = float64(sram.Area()) / float64(own.Area())
		}
	}
	return out, nil
}

// beside compares two magnetic buffers of one capacity.
func beside(own, other *model.Report) map[string]float64 {
	return map[string]float64{
		"cell_saving":       100 * (1 - float64(own.Device.Area)/float64(other.Device.Area)),
		"read_added":        float64(own.Array.Read.Total-other.Array.Read.Total) * 1e9,
		"read_energy_ratio": float64(own.Array.ReadPerBit) / float64(other.Array.ReadPerBit),
	}
}

// overSRAM compares a buffer with SRAM of its capacity and of its area.
func overSRAM(ctx context.Context, c *rivals.Case, own *model.Report) (map[string]float64, error) {
	list := map[string]*baselines.Baseline{}
	search := c.SRAM(ctx, 1)
	for _, flavour := range baselines.Flavours() {
		found, err := search.Baselines(own, flavour)
		if err != nil {
			return nil, err
		}
		for i := range found {
			b := &found[i]
			if !b.Found || b.Least != baselines.LeastEDP {
				continue
			}
			if flavour == "hp" {
				list[b.Name+" hp"] = b
			}
			if best := list[b.Name]; best == nil || rivals.EDP(&b.Report) < rivals.EDP(&best.Report) {
				list[b.Name] = b
			}
		}
	}
	return gains(own, list), nil
}

// gains are the measures over SRAM buffers by kind.
func gains(own *model.Report, sram map[string]*baselines.Baseline) map[string]float64 {
	out := map[string]float64{}
	memory := func(r *model.Report) float64 { return r.MemoryEnergy * r.MemoryLatency }
	if b := sram["iso-capacity"]; b != nil {
		r := &b.Report
		out["edp_gain_memory"] = memory(r) / memory(own)
		out["area_reduction"] = float64(r.Area()) / float64(own.Area())
		out["area_saving"] = 100 * (1 - float64(own.Area())/float64(r.Area()))
		out["power_saving"] = 100 * (1 - own.AveragePower/r.AveragePower)
		out["energy_efficiency"] = 100 * (r.Energy/own.Energy - 1)
	}
	if b := sram["iso-capacity hp"]; b != nil {
		out["edp_gain_memory_hp"] = memory(&b.Report) / memory(own)
	}
	if b := sram["iso-area hp"]; b != nil {
		out["edp_gain_iso_area_hp"] = memory(&b.Report) / memory(own)
	}
	return out
}

func published(ctx context.Context, s *reproduction.Setting) (*reproduction.Findings, error) {
	known, err := lines()
	if err != nil {
		return nil, err
	}
	list := settings(s)
	found := make([]map[string]float64, len(list))
	err = reproduction.Each(ctx, s, len(list), func(i int) error {
		s.Progress("%s: %s", list[i].study, list[i].run.Title())
		var err error
		found[i], err = measured(ctx, s, &list[i])
		return err
	})
	if err != nil {
		return nil, err
	}
	t := results.NewList("published", "study:text", "measure:text", "theirs:mixed", "ours:mixed", "ours_over_theirs", "ours_over_best_sram:mixed", "unit:text", "source:text", "alike:text", "not_alike:text")
	for i := range known {
		k := &known[i]
		at := slices.IndexFunc(list, func(x setting) bool { return x.of(k.study) })
		if at < 0 {
			continue
		}
		ours, theirs, best := value(found[at], k.measure), any(k.value), value(found[at], strings.TrimSuffix(k.measure, "_hp"))
		ratio := any(nil)
		if v, ok := ours.(float64); ok && !math.IsNaN(k.value) {
			ratio = v / k.value
		}
		if math.IsNaN(k.value) {
			theirs = nil
		}
		t.Append(k.study, k.measure, theirs, ours, ratio, best, k.unit, k.source, k.alike, k.other)
	}
	r := &reproduction.Findings{Tables: []*results.Table{t}}
	publishedText(r, t, known)
	return r, drawPublished(r, t)
}

// between counts the gains in power that are published for an optimistic and a
// pessimistic cell, and those of ours that lie between.
func between(t *results.Table) (all, inside int) {
	theirs, ours := reproduction.Column(t, "theirs"), reproduction.Column(t, "ours")
	for row, v := range t.Rows {
		study, ok := strings.CutSuffix(t.Text(row, 0), " (optimistic cell)")
		other := reproduction.Row(t, study+" (pessimistic cell)", t.Text(row, 1))
		if !ok || other < 0 || !strings.HasPrefix(t.Text(row, 1), "power_gain") {
			continue
		}
		all++
		a, b := v[theirs], t.Rows[other][theirs]
		if x := v[ours]; x >= min(a, b) && x <= max(a, b) {
			inside++
		}
	}
	return all, inside
}

// value is a measure as a table has it; nothing where there is none.
func value(all map[string]float64, name string) any {
	if v, ok := all[name]; ok {
		return v
	}
	return nil
}

// factor is the band in which a figure counts as met.
const factor = 1.5

func publishedText(r *reproduction.Findings, t *results.Table, known []line) {
	cell := reproduction.In(t)
	ratio := reproduction.Column(t, "ours_over_theirs")
	with := reproduction.Rows(t, func(row []float64) bool { return !math.IsNaN(row[ratio]) })
	near := reproduction.Rows(t, func(row []float64) bool { return row[ratio] >= 1/factor && row[ratio] <= factor })
	powers, inside := between(t)
	sums := results.NewList("agreement", "figures", "within_factor_1.5", "largest_ratio", "least_ratio", "nvmexplorer_powers", "between_its_cells")
	least, most := math.Inf(1), math.Inf(-1)
	for _, row := range with {
		least, most = min(least, t.Rows[row][ratio]), max(most, t.Rows[row][ratio])
	}
	sums.Append(len(with), len(near), most, least, powers, inside)
	r.Tables = append(r.Tables, sums)
	total := reproduction.In(sums)
	first := reproduction.Row(t, "DeepNVM++ SOT", "edp_gain_memory_hp")
	r.Verdict = fmt.Sprintf("Of %s published figures the model meets %s within a factor of 1.5 in settings as far as they are public; the gain of DeepNVM++ with SOT-MRAM (%s) is %s over leaky SRAM.",
		total(0, "figures"), total(0, "within_factor_1.5"), cell(first, "theirs"), cell(first, "ours"))
	if powers > 0 {
		r.Verdict += fmt.Sprintf(" Of %s gains in power of an STT-MRAM array that NVMExplorer's output has, ours lies between those of its optimistic and its pessimistic cell in %s.", total(0, "nvmexplorer_powers"), total(0, "between_its_cells"))
	}
	for row := range t.Rows {
		at := slices.IndexFunc(known, func(k line) bool { return k.study == t.Text(row, 0) && k.measure == t.Text(row, 1) })
		k := &known[at]
		c := reproduction.Claim{Says: fmt.Sprintf("%s: %s, %s (%s)", k.study, strings.ReplaceAll(k.measure, "_", " "), unit(k.unit), k.source), Published: k.value, Ours: cell(row, "ours"), Holds: "alike: " + k.alike, Differs: "not alike: " + k.other}
		if strings.HasSuffix(k.measure, "_hp") && k.measure != "edp_gain_iso_area_hp" {
			c.Differs += fmt.Sprintf("; over SRAM in its best flavour ours is %s", cell(row, "ours_over_best_sram"))
		}
		r.Claims = append(r.Claims, c)
	}
	r.Text = []string{"Figures are from the abstracts named. Savings are in per cent, gains and reductions factors of SRAM over the other; `_hp` is over SRAM of the leaky flavour, which the tools behind these papers take by default. Capacities are ours where an abstract names none: 4 MiB (DeepNVM++), 8 MiB (STT-AI, IMW 2022), 32 MiB (imec); NVMExplorer names 2 MiB. " +
		"NVMExplorer's abstract has no figure; its authors ship the output of its study of networks with energies per access, leakage, area and accesses, and what is quoted is the least power from these, SRAM over STT-MRAM, for its optimistic and its pessimistic cell (the column of powers there is in another unit than it says, which a later commit of theirs mends). Ours is one cell that meets limits of error and retention, set beside both. " +
		"Cells are compared in buffers of least area, whole systems in buffers of least energy-delay product. `holds when` says what of the setting is alike, the last column what is not."}
}

func unit(u string) string {
	if u == "1" {
		return "factor"
	}
	return u
}

func drawPublished(r *reproduction.Findings, t *results.Table) error {
	var names []string
	theirs, ours := plot.Part{Name: "published"}, plot.Part{Name: "model"}
	short := strings.NewReplacer("DeepNVM++ ", "", "edp_gain_memory_hp", "EDP", "edp_gain_iso_area_hp", "EDP iso-area", "area_reduction", "area")
	for row, v := range t.Rows {
		if !strings.HasPrefix(t.Text(row, 0), "DeepNVM++") {
			continue
		}
		names = append(names, short.Replace(t.Text(row, 0)+" "+t.Text(row, 1)))
		theirs.Values, ours.Values = append(theirs.Values, v[2]), append(ours.Values, v[3])
	}
	return r.Bars("deepnvm", "DeepNVM++ beside the model at 16 nm: energy-delay product of the memory and area, SRAM (leaky flavour) over the technology, same capacity; and within the same area.", "SRAM over the technology", names, []plot.Part{theirs, ours}, plot.RefLine{Name: "equal", Value: 1})
}
