package compare

import (
	"fmt"
	"math"
	"math/bits"
	"slices"
	"strings"

	"stco/experiments/study"
	"stco/experiments/study/strict"
	"stco/results"
)

// Measurement say how runs are measured.
type Measurement struct {
	// Linear takes objectives as they are; otherwise their logarithms are
	// compared, as the search does, where all are positive.
	Linear bool
	// Attain names the two objectives of the attainment surfaces; the default
	// is the first two.
	Attain [2]string
}

// Comparison is what the runs look like beside each other.
type Comparison struct {
	Notes       []string       // how it was measured, and what to mind
	Frame       *results.Table // objectives with ideal and nadir
	Summary     *results.Table // a row a run: hypervolume over the seeds
	Tests       *results.Table // a row a pair of runs: rank test
	Seeds       *results.Table // a row a seed
	Convergence *results.Table // hypervolume over the evaluations
	Attainment  *results.Table // summary attainment surfaces
}

// Measure compares the runs, which Load has read.
func Measure(runs []Run, o Measurement) (*Comparison, error) {
	pair, err := attainPair(runs[0].Goals, o.Attain)
	if err != nil {
		return nil, err
	}
	f := newFrame(runs, !o.Linear)
	c := &Comparison{Frame: f.table(), Seeds: seedTable()}
	c.notes(runs, f)
	best := f.hypervolume(f.joint)
	volumes := make([][]float64, len(runs))
	c.Summary = summaryTable()
	for i := range runs {
		r := &runs[i]
		row := f.run(r, best, c.Seeds)
		volumes[i] = row.volumes
		c.Summary.Add("", row.cells(c.Summary, r)...)
	}
	c.Tests = rankTests(runs, volumes)
	c.Convergence = f.convergence(runs, best)
	if pair[0] >= 0 {
		c.Attainment = attainmentTable(runs, pair)
	}
	return c, nil
}

func (c *Comparison) notes(runs []Run, f *frame) {
	note := func(format string, args ...any) { c.Notes = append(c.Notes, fmt.Sprintf(format, args...)) }
	scale := "linear"
	if f.log {
		scale = "logarithmic"
	}
	var exact []string
	for i := range runs {
		if runs[i].exhaustive() {
			exact = append(exact, runs[i].Name)
		}
		c.Notes = append(c.Notes, runs[i].Notes...)
		if d := study.Differences(runs[0].Study, runs[i].Study); len(d) > 0 {
			note("%s and %s differ in more than the search: %s", runs[0].Name, runs[i].Name, strings.Join(d, ", "))
		}
	}
	for i := range runs[1:] {
		a, b := &runs[0].Info, &runs[i+1].Info
		if a.TablesSHA256 != b.TablesSHA256 || a.Executable != b.Executable {
			note("%s and %s were computed by different builds of the program: the model may differ too", runs[0].Name, runs[i+1].Name)
		}
	}
	front := "the joint front of all runs"
	if len(exact) > 0 {
		front += ", which " + exact[0] + " makes exact: it evaluated every design"
	}
	note("hypervolume: %s objectives between ideal (0) and nadir (1) of %s; reference point %g in each", scale, front, reference)
	var few []string
	for i := range runs {
		if n := len(runs[i].Seeds); n < 6 && !runs[i].exhaustive() {
			few = append(few, runs[i].Name)
		}
	}
	if len(few) > 0 {
		note("no interval of %g %% for the median, which needs at least 6 seeds: %s", 100*confidence, strings.Join(few, ", "))
	}
}

// table lists the frame.
func (f *frame) table() *results.Table {
	t := &results.Table{Name: "frame", Columns: []results.Column{
		{Name: "objective", Kind: results.Label},
		{Name: "unit", Kind: results.Label},
		{Name: "goal", Kind: results.Label},
		{Name: "scale", Kind: results.Label},
		{Name: "ideal", Kind: results.Metric, Meaning: "best value in the joint front"},
		{Name: "nadir", Kind: results.Metric, Meaning: "worst value in the joint front"},
	}}
	scale := "linear"
	if f.log {
		scale = "log"
	}
	for j, g := range f.goals {
		back := func(v float64) float64 {
			if g.Goal == results.Max {
				v = -v
			}
			if f.log {
				v = math.Exp(v)
			}
			return v
		}
		t.Add("", t.Choice(0, g.Title()), t.Choice(1, g.Unit), t.Choice(2, string(g.Goal)), t.Choice(3, scale), back(f.ideal[j]), back(f.nadir[j]))
	}
	return t
}

func seedTable() *results.Table {
	return &results.Table{Name: "seeds", Columns: []results.Column{
		{Name: "run", Kind: results.Label},
		{Name: "algorithm", Kind: results.Label},
		{Name: "seed", Kind: results.Parameter},
		{Name: "evaluations", Kind: results.Metric},
		{Name: "infeasible", Unit: "%", Kind: results.Metric, Meaning: "of the evaluations"},
		{Name: "duplicates", Unit: "%", Kind: results.Metric, Meaning: "of the proposals, which were not evaluated again"},
		{Name: "archive", Kind: results.Metric, Goal: results.Max, Meaning: "non-dominated designs found"},
		{Name: "hypervolume", Kind: results.Metric, Goal: results.Max, Meaning: "of the archive, in the common frame"},
		{Name: "share", Unit: "%", Kind: results.Metric, Goal: results.Max, Meaning: "of the hypervolume of the joint front"},
		{Name: "returned_share", Unit: "%", Kind: results.Metric, Goal: results.Max, Meaning: "the same of the designs returned"},
		{Name: "epsilon", Kind: results.Metric, Goal: results.Min, Meaning: "by how much the archive must improve in normalised objectives to reach all of the joint front"},
		{Name: "igd_plus", Kind: results.Metric, Goal: results.Min, Meaning: "mean distance in normalised objectives from the joint front to what the archive dominates"},
	}}
}

func summaryTable() *results.Table {
	metric := func(name, unit, meaning string) results.Column {
		return results.Column{Name: name, Unit: unit, Kind: results.Metric, Meaning: meaning}
	}
	return &results.Table{Name: "summary", Columns: []results.Column{
		{Name: "run", Kind: results.Label},
		{Name: "algorithm", Kind: results.Label},
		metric("seeds", "", "finished"),
		metric("evaluations", "", "median over the seeds"),
		metric("infeasible", "%", "median share of the evaluations"),
		metric("duplicates", "%", "median share of the proposals"),
		metric("archive", "", "median number of non-dominated designs"),
		metric("hypervolume", "", "median over the seeds, in the common frame"),
		metric("share", "%", "median hypervolume over that of the joint front"),
		metric("share_from", "%", "lower bound of the median's interval"),
		metric("share_to", "%", "upper bound of the median's interval"),
		metric("coverage", "%", "confidence of the interval"),
		metric("share_least", "%", "least over the seeds"),
		metric("share_lower", "%", "lower quartile"),
		metric("share_upper", "%", "upper quartile"),
		metric("share_most", "%", "largest over the seeds"),
		metric("returned_share", "%", "median share of the designs returned"),
		metric("epsilon", "", "median additive epsilon indicator of the archives, in the common frame"),
		metric("igd_plus", "", "median IGD+ of the archives, in the common frame"),
	}}
}

// measured is what the seeds of a run give.
type measured struct {
	volumes                                                                     []float64
	shares, evaluations, infeasible, duplicates, archives, answer, epsilon, igd []float64
}

// run measures the seeds of a run and lists them.
func (f *frame) run(r *Run, best float64, seeds *results.Table) *measured {
	m := &measured{}
	for i := range r.Seeds {
		s := &r.Seeds[i]
		g := s.last()
		v := f.hypervolume(s.Archive)
		infeasible := percent(float64(g.Infeasible), float64(g.Evaluations))
		duplicates := percent(float64(g.Duplicates), float64(g.Duplicates+g.Evaluations))
		answer := percent(f.hypervolume(s.Front), best)
		m.volumes = append(m.volumes, v)
		m.shares = append(m.shares, percent(v, best))
		m.evaluations = append(m.evaluations, float64(g.Evaluations))
		m.infeasible = append(m.infeasible, infeasible)
		m.duplicates = append(m.duplicates, duplicates)
		m.archives = append(m.archives, float64(len(s.Archive)))
		m.answer = append(m.answer, answer)
		epsilon, igd := f.indicators(s.Archive)
		m.epsilon, m.igd = append(m.epsilon, epsilon), append(m.igd, igd)
		seeds.Add("", seeds.Choice(0, r.Name), seeds.Choice(1, string(r.Study.Search.Algorithm)), float64(s.Seed), float64(g.Evaluations),
			infeasible, duplicates, float64(len(s.Archive)), v, percent(v, best), answer, epsilon, igd)
	}
	return m
}

func (m *measured) cells(t *results.Table, r *Run) []float64 {
	median := func(v []float64) float64 { return spreadOf(v).Median }
	s := spreadOf(m.shares)
	return []float64{
		t.Choice(0, r.Name), t.Choice(1, string(r.Study.Search.Algorithm)), float64(len(r.Seeds)), median(m.evaluations), median(m.infeasible),
		median(m.duplicates), median(m.archives), median(m.volumes), s.Median, s.From, s.To, 100 * s.Coverage, s.Least, s.Lower, s.Upper, s.Most,
		median(m.answer), median(m.epsilon), median(m.igd),
	}
}

func percent(part, of float64) float64 {
	if of == 0 {
		return math.NaN()
	}
	return 100 * part / of
}

// rankTests compares every pair of runs by the hypervolumes of their seeds. An
// exhaustive run is exact, not a sample: it is left out.
func rankTests(runs []Run, volumes [][]float64) *results.Table {
	t := &results.Table{Name: "tests", Columns: []results.Column{
		{Name: "run", Kind: results.Label},
		{Name: "other", Kind: results.Label},
		{Name: "difference", Unit: "%", Kind: results.Metric, Meaning: "median hypervolume of run above that of other"},
		{Name: "better", Unit: "%", Kind: results.Metric, Meaning: "pairs of seeds in which run has the larger hypervolume, equal ones by half"},
		{Name: "u", Kind: results.Metric, Meaning: "statistic of Mann and Whitney"},
		{Name: "p", Kind: results.Metric, Meaning: "two-sided, exact up to 50 seeds"},
		{Name: "p_holm", Kind: results.Metric, Meaning: "corrected for the number of pairs"},
	}}
	var ps []float64
	for i := range runs {
		for k := i + 1; k < len(runs); k++ {
			if runs[i].exhaustive() || runs[k].exhaustive() {
				continue
			}
			u, p, effect := rankTest(volumes[i], volumes[k])
			a, b := spreadOf(volumes[i]).Median, spreadOf(volumes[k]).Median
			ps = append(ps, p)
			t.Add("", t.Choice(0, runs[i].Name), t.Choice(1, runs[k].Name), percent(a-b, b), 100*effect, u, p, math.NaN())
		}
	}
	for i, p := range holm(ps) {
		t.Rows[i][len(t.Columns)-1] = p
	}
	return t
}

// convergence is the hypervolume over the evaluations: of the lines of the logs
// that carry members, and at the end that of the archive. At a number of
// evaluations a seed counts with its latest line.
func (f *frame) convergence(runs []Run, best float64) *results.Table {
	metric := func(name, meaning string) results.Column {
		return results.Column{Name: name, Unit: "%", Kind: results.Metric, Meaning: meaning}
	}
	t := &results.Table{Name: "convergence", Columns: []results.Column{
		{Name: "run", Kind: results.Label},
		{Name: "algorithm", Kind: results.Label},
		{Name: "evaluations", Kind: results.Parameter},
		metric("share", "median over the seeds of the hypervolume over that of the joint front"),
		metric("share_lower", "lower quartile"), metric("share_upper", "upper quartile"),
		metric("share_least", "least"), metric("share_most", "largest"),
	}}
	for i := range runs {
		r := &runs[i]
		curves := make([][]point, len(r.Seeds))
		last := int64(0)
		for k := range r.Seeds {
			curves[k] = f.curve(&r.Seeds[k])
			last = max(last, r.Seeds[k].last().Evaluations)
		}
		for _, e := range milestones(curves, last) {
			var values []float64
			for _, c := range curves {
				values = append(values, percent(at(c, e), best))
			}
			s := spreadOf(values)
			t.Add("", t.Choice(0, r.Name), t.Choice(1, string(r.Study.Search.Algorithm)), float64(e), s.Median, s.Lower, s.Upper, s.Least, s.Most)
		}
	}
	return t
}

// point is a hypervolume after a number of evaluations.
type point struct {
	evaluations int64
	volume      float64
}

func (f *frame) curve(s *Seed) []point {
	var out []point
	for i := range s.Log {
		if g := &s.Log[i]; len(g.Members) > 0 {
			out = append(out, point{g.Evaluations, f.hypervolume(g.Members)})
		}
	}
	return append(out, point{s.last().Evaluations, f.hypervolume(s.Archive)})
}

// milestones are the powers of two and the steps of a quarter octave between
// the first point of any curve and the end.
func milestones(curves [][]point, last int64) []int64 {
	first := last
	for _, c := range curves {
		first = min(first, c[0].evaluations)
	}
	var out []int64
	for octave := bits.Len64(uint64(first)) - 1; octave < 63; octave++ {
		for quarter := range int64(4) {
			e := (4 + quarter) << octave / 4
			if e >= last {
				return append(out, last)
			}
			if e >= first {
				out = append(out, e)
			}
		}
	}
	return append(out, last)
}

// at is the volume of the latest point; 0 before the first.
func at(c []point, evaluations int64) float64 {
	v := 0.0
	for _, p := range c {
		if p.evaluations > evaluations {
			break
		}
		v = p.volume
	}
	return v
}

// attainPair finds the objectives of the attainment surfaces; -1 when there is
// only one.
func attainPair(goals []results.Column, names [2]string) ([2]int, error) {
	if names == [2]string{} {
		if len(goals) < 2 {
			return [2]int{-1, -1}, nil
		}
		return [2]int{0, 1}, nil
	}
	var out [2]int
	for i, name := range names {
		out[i] = slices.IndexFunc(goals, func(c results.Column) bool { return c.Name == name || c.Header() == name })
		if out[i] < 0 {
			return out, strict.BadInput("attainment", fmt.Errorf("%q is not an objective of the runs; they have %s", name, describe(goals)))
		}
	}
	if out[0] == out[1] {
		return out, strict.BadInput("attainment", fmt.Errorf("%s is given twice: want two objectives", names[0]))
	}
	return out, nil
}

// levels are the shares of the seeds whose attainment surfaces are listed, in
// percent.
var levels = [...]int{25, 50, 75} //nolint:gochecknoglobals // constant

func attainmentTable(runs []Run, pair [2]int) *results.Table {
	goals := runs[0].Goals
	column := func(g results.Column) results.Column {
		return results.Column{Name: g.Name, Unit: g.Unit, Kind: results.Metric, Goal: g.Goal, Meaning: g.Meaning}
	}
	t := &results.Table{Name: "attainment", Columns: []results.Column{
		{Name: "run", Kind: results.Label},
		{Name: "algorithm", Kind: results.Label},
		{Name: "level", Unit: "%", Kind: results.Parameter, Meaning: "share of the seeds that reach the surface"},
		column(goals[pair[0]]), column(goals[pair[1]]),
	}}
	for i := range runs {
		r := &runs[i]
		points := make([][][2]float64, len(r.Seeds))
		for k := range r.Seeds {
			for _, row := range r.Seeds[k].Archive {
				var p [2]float64
				for j, g := range pair {
					if p[j] = row[g]; goals[g].Goal == results.Max {
						p[j] = -p[j]
					}
				}
				points[k] = append(points[k], p)
			}
		}
		before := 0
		for _, level := range levels {
			k := (level*len(r.Seeds) + 99) / 100
			if k == before {
				continue // too few seeds to tell the levels apart
			}
			before = k
			for _, p := range attainment(points, k) {
				for j, g := range pair {
					if goals[g].Goal == results.Max {
						p[j] = -p[j]
					}
				}
				t.Add("", t.Choice(0, r.Name), t.Choice(1, string(r.Study.Search.Algorithm)), 100*float64(k)/float64(len(r.Seeds)), p[0], p[1])
			}
		}
	}
	return t
}
