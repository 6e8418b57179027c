package regimes

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"stco/experiments/reproduction"
	"stco/experiments/reproduction/rivals"
	"stco/results"
	"stco/results/plot"
)

// Area is the experiment on the area at equal capacity.
func Area() *reproduction.Experiment {
	return &reproduction.Experiment{
		Name: "area", Title: "the area of an SOT buffer over that of SRAM of the same capacity",
		Shows: "least area of SOT buffers that hold the data of training over that of SRAM of the same capacity, by capacity, node and choice of the model, with the same code and against SRAM without one",
		Run:   area,
	}
}

// choice is what is changed of the defaults.
type choice struct{ name, sets string }

func choices() []choice {
	return []choice{
		{"defaults", ""},
		{"exchange 20 pJ/m (film)", "exchange=20pJ/m"},
		{"exchange 4 pJ/m (fit of one device)", "exchange=4pJ/m"},
		{"tilted anisotropy, no field", "field_mode=tilted"},
		{"permanent field of 40 mT", "field=40mT"},
		{"shared-area cells", "shared_area=0.62"},
		{"double diffusion break", "diffusion_break=1"},
		{"read selector above the cell (IGZO)", "selector=igzo"},
		{"codewords of 512 bits", "codeword=512"},
		{"nucleation 0.33 (Pt/Co dots)", "nucleation=0.33"},
		{"nucleation 1.9 (W/CoFeB)", "nucleation=1.9"},
		{"all favourable", "exchange=20pJ/m field_mode=tilted shared_area=0.62 codeword=512 selector=igzo nucleation=0.33"},
		{"all unfavourable", "exchange=4pJ/m field=40mT diffusion_break=1 nucleation=1.9"},
	}
}

// buffer is the least area found.
type buffer struct {
	area, diameter, fins float64
	code                 string
}

func area(ctx context.Context, s *reproduction.Setting) (*reproduction.Findings, error) {
	run := training(s)
	whole, err := rivals.New(rivals.Text([]string{run.Text()}, "objectives: [area]\n"), "machine=soc", "schedule=layer", "flavour=lop")
	if err != nil {
		return nil, err
	}
	t := results.NewList("areas", "choice:text", "node:text", "capacity [MiB]", "sot [mm2]", "sram_same_code [mm2]", "sram_without_code [mm2]", "ratio", "ratio_without_code", "code:text", "diameter [nm]", "write_fins")
	type place struct{ choice, node, capacity string }
	var places []place
	for _, c := range reproduction.Either(s, choices(), choices()[:2]) {
		places = append(places, place{c.name, "14nm", "32MiB"})
	}
	for _, capacity := range reproduction.Either(s, []string{"2MiB", "8MiB", "128MiB"}, nil) {
		places = append(places, place{"defaults", "14nm", capacity})
	}
	for _, node := range reproduction.Either(s, []string{"7nm", "5nm"}, nil) {
		for _, c := range []string{"defaults", "all favourable"} {
			places = append(places, place{c, node, "32MiB"})
		}
	}
	lines := make([][]any, len(places))
	err = reproduction.Each(ctx, s, len(places), func(i int) error {
		p := places[i]
		s.Progress("%s, %s, %s", p.choice, p.node, p.capacity)
		capacity := reproduction.Either(s, p.capacity, "2MiB")
		sets := append(strings.Fields(setsOf(p.choice)), "node="+p.node, "capacity="+capacity)
		sot, err := least(ctx, whole, rivals.Effort{Evaluations: 4 * evaluations(s), Seed: s.Seed, Workers: 1}, append(slices.Clip(sets), "technology=sot"))
		if err != nil {
			return err
		}
		row := []any{p.choice, p.node, number(strings.TrimSuffix(capacity, "MiB")), sot.area / mm2, nil, nil, nil, nil, sot.code, sot.diameter * 1e9, sot.fins}
		if sot.code == "" { // none was found
			row[8], row[9], row[10] = nil, nil, nil
		}
		for k, code := range []string{sot.code, "none"} {
			if sot.code == "" {
				break
			}
			sram, err := least(ctx, whole, rivals.Effort{Seed: s.Seed}, append(slices.Clip(sets), "technology=sram", "ecc="+code))
			if err != nil {
				return err
			}
			row[4+k], row[6+k] = sram.area/mm2, sot.area/sram.area
		}
		lines[i] = row
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, row := range lines {
		t.Append(row...)
	}
	known := knownRatios()
	r := &reproduction.Findings{Tables: []*results.Table{t, known}, Show: []*results.Table{t, known}}
	areaText(r, t)
	return r, drawArea(r, t)
}

// knownRatios are published ratios of magnetic cells and arrays over SRAM.
func knownRatios() *results.Table {
	t := results.NewList("published_ratios", "what:text", "node:text", "ratio", "low", "high", "of:text", "source:text")
	t.Append("SOT cache", "16nm", 1/2.8, 1/2.8, 1/2.8, "cache, same capacity", "arXiv 2012.04559, abstract: 2.8x area reduction (a model)")
	t.Append("STT cache", "16nm", 1/2.4, 1/2.4, 1/2.4, "cache, same capacity", "arXiv 2012.04559, abstract: 2.4x area reduction (a model)")
	t.Append("STT macro", "5nm", 0.433, 0.40, 0.47, "macro", "imec news, 3 December 2018")
	t.Append("VG-SOT, four junctions a track", "14A", 1.0/3, 1.0/3, 1/2.5, "density", "IEDM 2023, 10.1109/IEDM45741.2023.10413886, abstract: up to about 3 times")
	t.Append("SOT 2T1R cell", "7nm", 1/0.75, 1/0.9, 1/0.6, "cell, over an SRAM cell below 3 nm", "arXiv 2508.18250, abstract: 10 to 40 % must go to match (derived)")
	return t
}

func setsOf(name string) string {
	for _, c := range choices() {
		if c.name == name {
			return c.sets
		}
	}
	return ""
}

// least returns the buffer of least area of a case; an area of NaN where none
// meets the limits.
func least(ctx context.Context, whole *rivals.Case, effort rivals.Effort, sets []string) (buffer, error) {
	c, err := whole.With(sets...)
	if err != nil {
		return buffer{}, err
	}
	f, err := c.Thorough(ctx, effort)
	if err != nil {
		return buffer{}, err
	}
	m := f.Least(rivals.Product, nil)
	if m == nil {
		return buffer{area: math.NaN()}, nil
	}
	r, err := c.Report(&m.Design)
	if err != nil {
		return buffer{}, err
	}
	return buffer{float64(r.Area()), float64(r.Design.MTJDiameter), r.Device.WriteFins, r.Design.ECC.String()}, nil
}

func areaText(r *reproduction.Findings, t *results.Table) {
	ratio := reproduction.Column(t, "ratio")
	find := func(choice, node string) int {
		for i := range t.Rows {
			if t.Text(i, 0) == choice && t.Text(i, 1) == node {
				return i
			}
		}
		return -1
	}
	cell := func(row int, name string) reproduction.Cell {
		return reproduction.Cell{Table: t, Row: row, Column: name}
	}
	first, smallest := find("defaults", "14nm"), -1
	for i, row := range t.Rows {
		if !math.IsNaN(row[ratio]) && (smallest < 0 || row[ratio] < t.Rows[smallest][ratio]) {
			smallest = i
		}
	}
	half := reproduction.Rows(t, func(row []float64) bool { return row[ratio] <= 0.5 })
	size := cell(first, "capacity")
	r.Verdict = fmt.Sprintf("With the defaults an SOT buffer of %s MiB at 14 nm takes %s times the area of SRAM with the same code and %s times that of SRAM without one; the least ratio of all that was tried is %s (%s, %s).",
		size, cell(first, "ratio"), cell(first, "ratio_without_code"), cell(smallest, "ratio"), t.Text(smallest, 0), t.Text(smallest, 1))
	r.Claims = []reproduction.Claim{{
		Says: "around half of the SRAM area at iso-capacity (abstract)", Published: 0.5, Ours: cell(first, "ratio"),
		Holds:   reproduction.Where(t, half, "choice", "node", "capacity"),
		Differs: "a two-transistor cell is as wide as its write transistors, and their number follows from the current: stability, efficiency, field and spread of the film set it; node, cell and SRAM of theirs are not public",
	}}
	r.Text = []string{
		"The SOT buffer is the one of least area that keeps the data of training as long as they live or rewrites them in time, in the codes none, SECDED and DEC; SRAM of least area with the code of that row, and without a code. " +
			"Each line changes one choice of the model within its range of doubt; `all favourable` and `all unfavourable` change several. Which fabrication a buffer would have decides between the lines: the model does not. [area.md](area.md) has more choices for 32 MiB. `published_ratios` are those of others: from a third to more than one, by what is counted.",
	}
}

func drawArea(r *reproduction.Findings, t *results.Table) error {
	var names []string
	same, none := plot.Part{Name: "over SRAM with the same code"}, plot.Part{Name: "without a code"}
	for i, row := range t.Rows {
		if t.Text(i, 1) != "14nm" || row[reproduction.Column(t, "capacity")] != t.Rows[0][reproduction.Column(t, "capacity")] {
			continue
		}
		short, _, _ := strings.Cut(t.Text(i, 0), " (")
		names = append(names, strings.ReplaceAll(short, "permanent field of ", "field "))
		same.Values, none.Values = append(same.Values, row[reproduction.Column(t, "ratio")]), append(none.Values, row[reproduction.Column(t, "ratio_without_code")])
	}
	f, err := plot.GroupedBars("", "area over SRAM", names, []plot.Part{same, none}, []plot.RefLine{{Name: "abstract", Value: 0.5}})
	if err != nil {
		return err
	}
	r.Figures = []reproduction.Figure{{Name: "choices", Drawing: f, Caption: "Area of the smallest SOT buffer over that of SRAM of the same capacity, choice by choice, and the abstract's half."}}
	return nil
}
