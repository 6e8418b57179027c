package rivals

import (
	"context"

	"stco/experiments/baselines"
	"stco/experiments/study"
	"stco/model"
	"stco/model/units"
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
	var best *model.Report
	for _, d := range designs {
		r, err := c.Report(d)
		if err != nil {
			return nil, err
		}
		if r.Feasible() && (best == nil || figure(r) < figure(best)) {
			best = r
		}
	}
	return best, nil
}

// Conventional returns the SRAM buffer of the least energy-delay product with the
// capacity and the code of a design, in any flavour; nil where there is none.
func Conventional(search *baselines.SRAMSearch, of *model.Report) (*model.Report, error) {
	var best *model.Report
	for _, flavour := range baselines.Flavours() {
		list, err := search.Baselines(of, flavour)
		if err != nil {
			return nil, err
		}
		for i := range list {
			if b := &list[i]; b.Found && b.Name == "iso-capacity" && (best == nil || EDP(&b.Report) < EDP(best)) {
				best = &b.Report
			}
		}
	}
	return best, nil
}

// Finer looks between the capacities that iso-area buffers are enumerated in,
// where the next step of the traffic tables is one more buffer within the area of
// a design, and takes it if it is better: what a coarse list leaves out is not the
// technology's gain.
func (c *Case) Finer(ctx context.Context, of *model.Report, b *baselines.Baseline) error {
	next := between(b.Report.Design.Capacity)
	s := *c.Study
	s.Baselines = []study.Baseline{{Capacity: next, SameArea: true}}
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
