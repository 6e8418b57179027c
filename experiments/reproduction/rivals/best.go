package rivals

import (
	"context"
	"math"

	"stco/experiments/baselines"
	"stco/experiments/study"
	"stco/explore"
	"stco/model"
	"stco/model/units"
	"stco/objectives"
)

// EDP is the energy-delay product of a report, J s.
func EDP(r *model.Report) float64 { return r.Energy * r.Latency }

// Best searches the case and returns the report of the design that is least in a
// figure, among those found and designs that are known; nil where none meets the
// limits. Known designs are those of a case whose space is part of this one's, so
// that more freedom never costs anything, however short the search.
func (c *Case) Best(ctx context.Context, o Effort, figure func(*model.Report) float64, known ...*model.Report) (*model.Report, error) {
	f, err := c.Thorough(ctx, o)
	if err != nil {
		return nil, err
	}
	all := make([]*model.Design, 0, len(f.Members)+len(known))
	for i := range f.Members {
		all = append(all, &f.Members[i].Design)
	}
	for _, k := range known {
		if k != nil {
			all = append(all, &k.Design)
		}
	}
	return c.LeastOf(figure, all)
}

// LeastOf evaluates designs in the case and returns the report of the one that is
// least in a figure; nil where none meets the limits.
func (c *Case) LeastOf(figure func(*model.Report) float64, designs []*model.Design) (*model.Report, error) {
	e, err := c.Model.NewEvaluator()
	if err != nil {
		return nil, err
	}
	var best *model.Design
	least := math.Inf(1)
	var r model.Report
	for _, d := range designs {
		if err := e.Evaluate(d, &r); err != nil {
			return nil, err
		}
		if v := figure(&r); r.Feasible() && v < least {
			best, least = d, v
		}
	}
	if best == nil {
		return nil, nil
	}
	return c.Report(best)
}

// Refine goes on from the best of some designs that were found elsewhere, in the
// product of the objectives, and returns the report of where it ends; nil where
// none of them meets the limits. It is for cases that differ little from those of
// the designs: what a short descent misses errs in favour of SRAM.
func (c *Case) Refine(o Effort, designs []*model.Design) (*model.Report, error) {
	best, err := c.LeastOf(EDP, designs)
	if err != nil || best == nil {
		return nil, err
	}
	strata, err := c.Study.Strata(&objectives.Problem{Model: c.Model})
	if err != nil {
		return nil, err
	}
	p := strata[0].Problem
	x := make([]float64, p.Decoder.Space.Dim())
	p.Decoder.Encode(&best.Design, x)
	p.Decoder.Space.Repair(x)
	end := explore.Descend(study.Searched(p), x, explore.Descent{Evaluations: o.Evaluations, Seed: o.Seed, Key: []byte(c.Study.ProblemHash() + strata[0].Name)}, productOf(p))
	var d model.Design
	p.Decoder.Decode(end.X, &d)
	return c.LeastOf(EDP, []*model.Design{&best.Design, &d})
}

// Conventional returns the SRAM buffers of the least energy-delay product with the
// capacity of a design, in any flavour: one with its code and, where the study lists
// it among its baselines, one without a code; nil where there is none.
func Conventional(search *baselines.SRAMSearch, of *model.Report) (same, plain *model.Report, err error) {
	for _, flavour := range baselines.Flavours() {
		list, err := search.Baselines(of, flavour)
		if err != nil {
			return nil, nil, err
		}
		for i := range list {
			b := &list[i]
			best := &same
			switch {
			case !b.Found:
				continue
			case b.Name == "iso-capacity ecc none":
				best = &plain
			case b.Name != "iso-capacity":
				continue
			}
			if *best == nil || EDP(&b.Report) < EDP(*best) {
				*best = &b.Report
			}
		}
	}
	return same, plain, nil
}

// Finer looks between the capacities that iso-area buffers are enumerated in,
// where the next step of the traffic tables is one more buffer within the area of
// a design, and takes it if it is better: what a coarse list leaves out is not the
// technology's gain.
func (c *Case) Finer(ctx context.Context, of *model.Report, b *baselines.Baseline) error {
	next := between(b.Report.Design.Capacity)
	s := *c.Study
	s.Baselines = []study.Baseline{{Capacity: next, SameArea: true, Code: b.Report.Design.ECC, OtherCode: true}}
	list, err := baselines.NewSRAMSearch(ctx, c.Model, &s, 1).Baselines(of, b.Flavour)
	if err != nil {
		return err
	}
	for i := range list {
		if x := &list[i]; x.Found && x.Least == b.Least && EDP(&x.Report) < EDP(&b.Report) {
			b.Report = x.Report
		}
	}
	return nil
}

// between is the capacity half way from one of the list (powers of two and one and
// a half times them) to the next.
func between(c units.Bytes) units.Bytes {
	if n := int64(c); n&(n-1) == 0 {
		return c * 5 / 4
	}
	return c * 7 / 6
}
