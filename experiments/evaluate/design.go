package evaluate

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"

	"stco/experiments/baselines"
	"stco/experiments/designs"
	"stco/experiments/study"
	"stco/experiments/study/catalog"
	"stco/experiments/study/strict"
	"stco/model"
	"stco/model/array"
	"stco/model/device"
	"stco/model/units"
	"stco/results"
	"stco/space"
)

// Evaluation is the outcome of one design.
type Evaluation struct {
	Model    *model.Model
	Report   model.Report
	Metrics  *results.Table // one row: every knob and metric
	Failures []string       // limits that are missed, by how much
}

// Design computes one design.
func Design(f *study.Design) (*Evaluation, error) {
	m, err := model.New(catalog.Of(&f.Setup), f.Setup)
	if err != nil {
		return nil, strict.BadInput("design", err)
	}
	e, err := m.NewEvaluator()
	if err != nil {
		return nil, err
	}
	out := &Evaluation{Model: m}
	if err := e.Evaluate(&f.Design, &out.Report); err != nil {
		return nil, strict.BadInput("design", err)
	}
	out.Metrics = &results.Table{Name: "design", Columns: designs.Columns(m.Catalog, nil, nil)}
	out.Metrics.Add("", designs.Row(m.Catalog, &out.Report)...)
	for i, v := range out.Report.Violations {
		if v > 0 {
			out.Failures = append(out.Failures, fmt.Sprintf("%s is missed by %.3g of its scale", model.ViolationName(i), v))
		}
	}
	return out, nil
}

// Random evaluates n uniform points of a study's space and returns one
// row for each.
func Random(s *study.Study, n int, seed uint64) (*results.Table, error) {
	m, p, err := s.Build()
	if err != nil {
		return nil, err
	}
	e, err := p.NewEvaluator()
	if err != nil {
		return nil, err
	}
	t := &results.Table{Name: "random", Columns: slices.Concat(designs.Columns(m.Catalog, s.Objectives, s.Constraints), designs.OverColumns(p.Objectives))}
	sp := p.Decoder.Space
	u, x := make([]float64, sp.Dim()), make([]float64, sp.Dim())
	f, g := make([]float64, len(p.Objectives)), make([]float64, p.NumConstraints())
	rng := rand.New(rand.NewPCG(seed, 0)) //nolint:gosec // reproducible sampling
	for range n {
		sample(sp, rng, u, x)
		e.Evaluate(x, f, g)
		t.Add("", slices.Concat(designs.Row(m.Catalog, &e.Report, s.Objectives...), designs.OverRow(p.Objectives, e))...)
	}
	return t, nil
}

func sample(s *space.Space, rng *rand.Rand, u, x []float64) {
	for i := range u {
		u[i] = rng.Float64()
	}
	s.Decode(u, x)
}

// Parts is an evaluation taken apart.
type Parts struct {
	Words         *results.Table // what a reader should take from the others, in sentences
	Violations    *results.Table // every limit and by how much it is missed
	Chain         *results.Table // the bitcell step by step, by equation; nil for SRAM
	Array         *results.Table // area, latency and energy by part; of a hybrid buffer the part that is not the scratchpad
	Scratchpad    *results.Table // of a hybrid buffer; nil without one
	SoftErrors    *results.Table // of SRAM of the same capacity, by code; nil without lifetimes
	PEBuffer      *results.Table // of the machine; nil without one
	Decomposition *results.Table // energy and time by cause, with the baselines
	Gains         *results.Table
}

// Explain takes an evaluation apart and sets it beside the default baselines and
// the best STT buffer of its capacity.
func Explain(ctx context.Context, f *study.Design, e *Evaluation) (*Parts, error) {
	out := &Parts{Violations: violationTable(&e.Report), Array: arrayTable("array", &e.Report.Array)}
	steps, err := e.Model.Chain(&e.Report)
	if err != nil {
		return nil, err
	}
	if len(steps) > 0 {
		out.Chain = chainTable(steps)
	}
	soft, err := e.Model.SoftErrors(&e.Report)
	if err != nil {
		return nil, err
	}
	if len(soft) > 0 {
		out.SoftErrors = softTable(soft, float64(e.Model.Setup.ErrorBudget))
	}
	if e.Report.Pad > 0 {
		out.Scratchpad = arrayTable("scratchpad", &e.Report.Scratchpad)
	}
	if pe, err := e.Model.PEBuffer(f.Design.Flavour); err != nil {
		return nil, err
	} else if pe.Array.Area.Total > 0 {
		out.PEBuffer = arrayTable("pe_buffer", &pe.Array)
	}
	if math.IsNaN(e.Report.Energy) {
		out.Words, err = words(f, e, out, nil) // no array: there is nothing to take apart
		return out, err
	}
	parts, gains := baselines.NewDecomposition(), baselines.NewGains()
	if err := parts.Add(e.Model, "design", &e.Report); err != nil {
		return nil, err
	}
	if gains.Bands, err = baselines.NewBands(e.Model, baselines.StudyOf(f)); err != nil {
		return nil, err
	}
	var beside []baselines.Baseline
	search := baselines.NewSRAMSearch(ctx, e.Model, baselines.StudyOf(f), runtime.GOMAXPROCS(0))
	for _, flavour := range baselines.Flavours() {
		bases, err := search.Baselines(&e.Report, flavour)
		if err != nil {
			return nil, err
		}
		beside = append(beside, bases...)
		for i := range bases {
			b := &bases[i]
			if err := gains.Add(e.Model, "design", &e.Report, b); err != nil {
				return nil, err
			}
			if flavour == f.Design.Flavour && b.Found && b.Least == baselines.LeastEDP {
				if err := parts.Add(b.Model, b.Title(), &b.Report); err != nil {
					return nil, err
				}
			}
		}
	}
	out.Decomposition, out.Gains = parts.Table, gains.Table
	out.Words, err = words(f, e, out, beside)
	return out, err
}

func violationTable(r *model.Report) *results.Table {
	t := &results.Table{Name: "limits", Columns: []results.Column{
		{Name: "limit", Kind: results.Label},
		{Name: "violation", Kind: results.Metric, Meaning: "in units of the limit's own scale; at most 0 is met"},
		{Name: "used", Unit: "%", Kind: results.Metric, Meaning: "of the limit; empty where it is only met or missed, or does not apply"},
	}}
	for i, v := range r.Violations {
		t.Add("", t.Choice(0, model.ViolationName(i)), v, math.Round(1e4*r.LimitUse(i))/100)
	}
	slices.SortStableFunc(t.Rows, func(a, b []float64) int { return cmp.Compare(b[2], a[2]) }) // NaN last
	return t
}

// chainTable lists the steps of a bitcell, each with a value as people write it.
func chainTable(steps []device.ChainStep) *results.Table {
	t := results.NewList("bitcell", "equation:text", "step:text", "value:text")
	for _, s := range steps {
		t.Append(s.Equation, s.Name, units.Format(s.Value, s.Dim))
	}
	return t
}

// softTable lists the soft errors of SRAM by code.
func softTable(all []model.SoftErrors, budget float64) *results.Table {
	t := results.NewList("soft_errors", "code:text", "hours_between_upsets", "bit_error", "after_code", "share_of_budget")
	for _, s := range all {
		t.Append(s.Code.String(), 1/(3600*s.Upsets), s.BitError, s.Left, s.Left/budget)
	}
	return t
}

// arrayTable lists the parts of area, latency and energy of an array.
func arrayTable(name string, f *array.Figures) *results.Table {
	t := &results.Table{Name: name, Columns: []results.Column{
		{Name: "part", Kind: results.Label},
		{Name: "area", Unit: "mm2", Kind: results.Metric},
		{Name: "read_latency", Unit: "ns", Kind: results.Metric},
		{Name: "write_latency", Unit: "ns", Kind: results.Metric},
		{Name: "read_energy", Unit: "pJ", Kind: results.Metric},
		{Name: "write_energy", Unit: "pJ", Kind: results.Metric},
	}}
	nan := math.NaN()
	a, rd, wr, re, we := &f.Area, &f.Read, &f.Write, &f.ReadEnergy, &f.WriteEnergy
	row := func(name string, area, readS, writeS, readJ, writeJ float64) {
		t.Add("", t.Choice(0, name), area*1e6, readS*1e9, writeS*1e9, readJ*1e12, writeJ*1e12)
	}
	row("data cells", float64(a.Cells), nan, nan, nan, nan)
	row("check bits", float64(a.Check), nan, nan, nan, nan)
	row("edges", float64(a.Edges), nan, nan, nan, nan)
	row("decoders", float64(a.Decoders), float64(rd.Decode), float64(wr.Decode), float64(re.Decode), float64(we.Decode))
	row("wordline", nan, float64(rd.Wordline), float64(wr.Wordline), nan, nan)
	row("bitlines and columns", float64(a.Columns), float64(rd.Bitline), float64(wr.Bitline), float64(re.Bitline), float64(we.Bitline))
	row("sense amplifiers", float64(a.Amplifiers), float64(rd.Sense), float64(wr.Sense), float64(re.Sense), float64(we.Sense))
	row("verification", nan, float64(rd.Verify), float64(wr.Verify), float64(re.Verify), float64(we.Verify))
	row("write drivers", float64(a.WriteDrivers), nan, nan, nan, nan)
	row("H-tree", float64(a.HTree), float64(rd.HTree), float64(wr.HTree), float64(re.HTree), float64(we.HTree))
	row("ECC", float64(a.Code), float64(rd.Code), float64(wr.Code), float64(re.Code), float64(we.Code))
	row("between banks", float64(a.Interconnect), float64(rd.Interconnect), float64(wr.Interconnect), float64(re.Interconnect), float64(we.Interconnect))
	row("macro overhead", float64(a.Macro), nan, nan, nan, nan)
	row("total", float64(a.Total), float64(rd.Total), float64(wr.Total), float64(re.Total), float64(we.Total))
	return t
}
