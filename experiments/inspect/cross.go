package inspect

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"stco/experiments/study"
	"stco/experiments/study/catalog"
	"stco/experiments/study/strict"
	"stco/model"
	"stco/objectives"
	"stco/results"
	"stco/results/store"
	"stco/results/store/disk"
)

// Front is what a run answers in one scenario.
type Front struct {
	Name  string // of the run, with the scenario
	Study *study.Study
	Table *results.Table
	run   *store.Run
}

// ReadFront reads the front of a run, RUN:SCENARIO in one of several scenarios.
func ReadFront(place string) (*Front, error) {
	dir, scenario, ok := SplitPlace(place)
	if !ok {
		return nil, strict.BadInput(place, errors.New("no run directory, nor RUN:SCENARIO of one"))
	}
	r, err := store.Open(disk.OS{}, dir)
	if err != nil {
		return nil, err
	}
	table, err := r.ReadTable(store.FrontTable)
	if err != nil {
		return nil, fmt.Errorf("%w\nthe run may not be done: stco status %s", err, dir)
	}
	if table, err = InScenario(r, table, scenario); err != nil {
		return nil, err
	}
	s, err := studyOf(r, scenario)
	return &Front{place, s, table, r}, err
}

// Under evaluates the designs of a front in the circumstances of another study,
// which says by what they are judged: objectives, limits and regret. What the other
// study fixes of the machine around a buffer holds there. Regret is by how much
// the design of the own front that beats one most is better in every objective at
// once: 0 where none beats it. Without an own front it is unknown.
func (f *Front) Under(s *study.Study, own *results.Table) (*results.Table, error) {
	_, p, err := s.Build()
	if err != nil {
		return nil, err
	}
	eval, err := p.NewEvaluator()
	if err != nil {
		return nil, err
	}
	views := s.Views()
	axes, err := newAxes(views, p, own)
	if err != nil {
		return nil, err
	}
	out := results.NewList("cross", "id:text", "label:text", "feasible:text")
	for i := range p.Objectives {
		out.AddColumn(p.Objectives[i].Name + unit(p.Objectives[i].Unit))
	}
	edp := !slices.Contains(s.Objectives, "edp")
	if edp {
		out.AddColumn("edp [J s]")
	}
	out.AddColumn("regret [%]")
	out.AddColumn("beaten_by:text")
	g := make([]float64, p.NumConstraints())
	c := make([]float64, len(p.Objectives))
	eval.Complete()
	for row := range f.Table.Rows {
		d, err := designAt(f.run, f.Study, f.Table, row)
		if err != nil {
			return nil, err
		}
		onMachine(s, &d.Design)
		if err := eval.EvaluateDesign(&d.Design, c, g); err != nil {
			return nil, fmt.Errorf("%s: design %d: %w", f.Name, row+1, err)
		}
		feasible := map[bool]string{true: "yes", false: "no"}[!slices.ContainsFunc(g, func(v float64) bool { return !(v <= 0) })]
		cells := []any{catalog.Of(&s.Setup).Identity(&d.Design), f.Table.LabelOf(row), feasible}
		for i := range p.Objectives {
			v := eval.Value(i)
			c[i] = views[i].Axis(v)
			cells = append(cells, v)
		}
		regret, by := axes.regret(c)
		if feasible == "no" {
			regret, by = math.NaN(), ""
		}
		if edp {
			cells = append(cells, eval.Report.Energy*eval.Report.Latency)
		}
		out.Append(append(cells, regret, by)...)
	}
	return out, nil
}

func unit(u string) string {
	if u == "" {
		return ""
	}
	return " [" + u + "]"
}

// onMachine gives a design what a study fixes of the machine around the buffer.
func onMachine(s *study.Study, d *model.Design) {
	knobs := catalog.Of(&s.Setup).Knobs()
	for i := range knobs {
		if p := &s.Space[i]; knobs[i].OfMachine && objectives.IsFixed(p) {
			knobs[i].Set(d, p.Values[0])
		}
	}
}

// axes are the objectives of an own front.
type axes struct {
	rows   [][]float64
	ids    []string
	linear []bool // an objective that may be 0: a design must not be worse in it, by how much says nothing
}

func newAxes(views []objectives.View, p *objectives.Problem, own *results.Table) (*axes, error) {
	a := &axes{}
	for i := range p.Objectives {
		a.linear = append(a.linear, p.Objectives[i].Linear)
	}
	if own == nil {
		return a, nil
	}
	var cols []int
	for i := range p.Objectives {
		at, err := own.Index(results.Column{Name: p.Objectives[i].Name, Unit: p.Objectives[i].Unit}.Header())
		if err != nil {
			return nil, err
		}
		cols = append(cols, at)
	}
	id, err := own.Index(results.IDColumn)
	if err != nil {
		return nil, err
	}
	for r, row := range own.Rows {
		point := make([]float64, len(cols))
		for i, at := range cols {
			point[i] = views[i].Axis(row[at])
		}
		a.rows, a.ids = append(a.rows, point), append(a.ids, own.Text(r, id))
	}
	return a, nil
}

// regret is by how much, in percent, a design of the front is better than a point in
// every objective at once, and which is most.
func (a *axes) regret(f []float64) (percent float64, by string) {
	if a.rows == nil {
		return math.NaN(), ""
	}
	const same = 1e-9 // a design beside itself
	most := 0.0
	for r, row := range a.rows {
		least := math.Inf(1)
		for j, v := range row {
			switch gap := f[j] - v; {
			case !a.linear[j]:
				least = min(least, gap)
			case gap < 0:
				least = math.Inf(-1)
			}
		}
		if !math.IsInf(least, 1) && least > most+same {
			most, by = least, a.ids[r]
		}
	}
	return 100 * math.Expm1(most), by
}

// CrossTable evaluates the front of every scenario of a run in every other one.
func CrossTable(r *store.Run) (*results.Table, error) {
	names := ScenarioNames(r)
	if len(names) < 2 {
		return nil, strict.BadInput(r.Dir(), fmt.Errorf("the run has %d scenarios: --study says under which study, or run, its front is evaluated", len(names)))
	}
	fronts := make([]*Front, len(names))
	for i, name := range names {
		var err error
		if fronts[i], err = ReadFront(r.Dir() + ":" + name); err != nil {
			return nil, err
		}
	}
	out := results.NewList("cross", "designed_for:text", "run_in:text", "designs", "infeasible", "median_regret [%]", "worst_regret [%]", "edp_regret [%]")
	for i, f := range fronts {
		for j, in := range fronts {
			t, err := f.Under(in.Study, in.Table)
			if err != nil {
				return nil, err
			}
			own, err := in.Under(in.Study, in.Table)
			if err != nil {
				return nil, err
			}
			s, err := summarise(t)
			if err != nil {
				return nil, err
			}
			best, err := summarise(own)
			if err != nil {
				return nil, err
			}
			out.Append(names[i], names[j], len(t.Rows), s.infeasible, s.median, s.worst, 100*(s.edp/best.edp-1))
		}
	}
	return out, nil
}

// crossing sums up a front under another study.
type crossing struct {
	infeasible         int
	median, worst, edp float64 // regret in percent; least energy-delay product
}

func summarise(t *results.Table) (s crossing, err error) {
	edps, err := t.Index("edp")
	if err != nil {
		return s, err
	}
	s = crossing{median: math.NaN(), worst: math.NaN(), edp: math.NaN()}
	var all []float64
	for r, row := range t.Rows {
		if t.Text(r, 2) == "no" {
			s.infeasible++
			continue
		}
		all = append(all, row[len(row)-2])
		if edp := row[edps]; !(edp >= s.edp) {
			s.edp = edp
		}
	}
	slices.Sort(all)
	if k := len(all); k > 0 {
		s.median, s.worst = (all[(k-1)/2]+all[k/2])/2, all[k-1]
	}
	return s, nil
}
