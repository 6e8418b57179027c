package problems

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"stco/explore"
	"stco/space"
)

// Benchmark is a test problem; it implements explore.Problem. All objectives are
// minimised, a constraint value above 0 is a violation.
type Benchmark struct {
	// Name is the one Lookup takes.
	Name string
	// Ideal and Nadir normalise the hypervolume; nil when none are known.
	Ideal, Nadir []float64

	space *space.Space
	m     int
	scale []float64 // of each constraint
	// start returns the evaluation for one worker: values as published.
	start func() function
}

// function writes objectives and constraint values of a point.
type function func(x, f, g []float64)

// Space returns the variables x1, x2, ... with their bounds.
func (p *Benchmark) Space() *space.Space { return p.space }

// NumObjectives returns the number of objectives.
func (p *Benchmark) NumObjectives() int { return p.m }

// NumConstraints returns the number of constraints.
func (p *Benchmark) NumConstraints() int { return len(p.scale) }

// ObjectiveName returns f1, f2, ...
func (p *Benchmark) ObjectiveName(i int) string { return "f" + strconv.Itoa(i+1) }

// ConstraintName returns g1, g2, ...
func (p *Benchmark) ConstraintName(i int) string { return "g" + strconv.Itoa(i+1) }

// NewEvaluator returns an evaluator for one worker. It divides constraint
// values by their scale; At does not.
func (p *Benchmark) NewEvaluator() explore.Evaluator {
	return &evaluator{p.start(), p.scale}
}

type evaluator struct {
	f     function
	scale []float64
}

func (e *evaluator) Evaluate(x, f, g []float64) {
	e.f(x, f, g)
	for j, s := range e.scale {
		g[j] /= s
	}
}

// At returns objectives and constraint values of a point as published. It
// refuses a point of another dimension or outside the bounds.
func (p *Benchmark) At(x []float64) (f, g []float64, err error) {
	if len(x) != p.space.Dim() {
		return nil, nil, fmt.Errorf("%s: %d values, the problem has %d variables", p.Name, len(x), p.space.Dim())
	}
	for i, v := range x {
		if q := p.space.Parameter(i); !(v >= q.Min && v <= q.Max) {
			return nil, nil, fmt.Errorf("%s: %s = %g: allowed %g..%g", p.Name, q.Name, v, q.Min, q.Max)
		}
	}
	f, g = make([]float64, p.m), make([]float64, len(p.scale))
	p.start()(x, f, g)
	return f, g, nil
}

// Size scales a problem that can be scaled. Zero is the published standard.
type Size struct {
	Objectives int // DTLZ, C1-DTLZ1, C2-DTLZ2 and WFG: 2 to 6, standard 3
	Variables  int // these and ZDT
	// Position is the number of position-related variables of WFG, a multiple
	// of the objectives but one: standard 4 for two objectives, twice the
	// objectives but one for more.
	Position int
}

// Lookup returns the problem of a name and size, such as zdt1, dtlz2, wfg4, bnh, re21,
// cre21 or c1-dtlz1; upper case and missing hyphens are accepted. A number of
// objectives may follow a colon: dtlz2:5.
func Lookup(name string, size Size) (*Benchmark, error) {
	base, count, given := strings.Cut(name, ":")
	if given {
		v, err := strconv.Atoi(count)
		switch {
		case err != nil || v < 2:
			return nil, fmt.Errorf("problem %q: %q objectives: allowed 2..%d", name, count, explore.MaxObjectives)
		case size.Objectives != 0 && size.Objectives != v:
			return nil, fmt.Errorf("problem %q: not of %d objectives", name, size.Objectives)
		}
		size.Objectives = v
	}
	key := canonical(base)
	for _, e := range catalog() {
		if canonical(e.name) != key {
			continue
		}
		full, err := e.fill(size)
		if err != nil {
			return nil, err
		}
		p := e.build(full)
		p.Name = e.name
		if e.scale > 1 && full.Objectives != 3 {
			p.Name += ":" + strconv.Itoa(full.Objectives)
		}
		return p, nil
	}
	return nil, fmt.Errorf("unknown problem %q: must be one of %s", name, strings.Join(Names(), ", "))
}

func canonical(name string) string {
	return strings.NewReplacer("-", "", "_", "").Replace(strings.ToLower(name))
}

// Names returns the names Lookup knows.
func Names() []string {
	var out []string
	for _, e := range catalog() {
		out = append(out, e.name)
	}
	return out
}

// scaling is what of a Size a problem takes.
type scaling int

const (
	fixed scaling = iota
	byVariables
	byObjectives // and variables
	byPosition   // and both
)

// entry is a problem to be built in a size.
type entry struct {
	name  string
	scale scaling
	far   int // standard number of variables, beyond those of position
	build func(s Size) *Benchmark
}

// fill returns the size with the standard values filled in, or all its faults.
func (e entry) fill(s Size) (Size, error) {
	var errs []error
	fault := func(ok bool, format string, args ...any) {
		if !ok {
			errs = append(errs, fmt.Errorf("problem "+e.name+": "+format, args...))
		}
	}
	fault(e.scale >= byObjectives || s.Objectives == 0, "the number of objectives is fixed")
	fault(e.scale >= byVariables || s.Variables == 0, "the number of variables is fixed")
	fault(e.scale >= byPosition || s.Position == 0, "it has no position variables to choose")
	if len(errs) > 0 || e.scale == fixed {
		return s, errors.Join(errs...)
	}
	if s.Objectives == 0 && e.scale >= byObjectives {
		s.Objectives = 3
	}
	if s.Position == 0 && e.scale == byPosition {
		s.Position = max(4, 2*(s.Objectives-1))
	}
	near := 1 // variables of position
	switch e.scale {
	case fixed, byVariables:
	case byObjectives:
		near = s.Objectives - 1
	case byPosition:
		near = s.Position
	}
	if s.Variables == 0 {
		s.Variables = near + e.far
	}
	if e.scale >= byObjectives {
		fault(s.Objectives >= 2 && s.Objectives <= explore.MaxObjectives, "%d objectives: allowed 2..%d", s.Objectives, explore.MaxObjectives)
	}
	if e.scale == byPosition {
		fault(s.Position > 0 && s.Objectives > 1 && s.Position%(s.Objectives-1) == 0, "%d position variables: must be a multiple of %d", s.Position, s.Objectives-1)
		odd := (e.name == "wfg2" || e.name == "wfg3") && (s.Variables-near)%2 != 0
		fault(!odd, "%d variables: those not of position, %d, must be even in number", s.Variables, s.Variables-near)
	}
	fault(s.Variables > near && s.Variables <= most, "%d variables: allowed %d..%d", s.Variables, near+1, most)
	return s, errors.Join(errs...)
}

// most is the largest number of variables of a scaled problem.
const most = 10000

func catalog() []entry {
	constant := func(name string, build func() *Benchmark) entry {
		return entry{name: name, build: func(Size) *Benchmark { return build() }}
	}
	out := []entry{
		{"zdt1", byVariables, 29, zdt1},
		{"zdt2", byVariables, 29, zdt2},
		{"zdt3", byVariables, 29, zdt3},
		{"zdt4", byVariables, 9, zdt4},
		{"zdt6", byVariables, 9, zdt6},
	}
	far := []int{5, 10, 10, 10, 10, 10, 20}
	for k := 1; k <= 7; k++ {
		out = append(out, entry{"dtlz" + strconv.Itoa(k), byObjectives, far[k-1], func(s Size) *Benchmark { return dtlz(k, s) }})
	}
	for k := 1; k <= 9; k++ {
		out = append(out, entry{"wfg" + strconv.Itoa(k), byPosition, 20, func(s Size) *Benchmark { return wfg(k, s) }})
	}
	return append(out,
		constant("bnh", bnh), constant("tnk", tnk), constant("srn", srn), constant("osy", osy),
		entry{"c1-dtlz1", byObjectives, 5, c1dtlz1}, entry{"c2-dtlz2", byObjectives, 10, c2dtlz2},
		constant("re21", re21), constant("re22", re22), constant("re23", re23), constant("re24", re24), constant("re25", re25),
		constant("re31", re31), constant("re32", re32), constant("re33", re33), constant("re34", re34), constant("re35", re35),
		constant("re36", re36), constant("re37", re37), constant("re41", re41), constant("re42", re42), constant("re61", re61),
		constant("cre21", cre21), constant("cre22", cre22), constant("cre23", cre23), constant("cre24", cre24), constant("cre25", cre25),
		constant("cre31", cre31), constant("cre32", cre32), constant("cre51", cre51),
	)
}

// reals returns the space of real variables x1, x2, ... within bounds.
func reals(lo, hi []float64) *space.Space { return mixed(lo, hi, nil) }

// mixed is reals with some variables whole numbers.
func mixed(lo, hi []float64, whole []int) *space.Space {
	ps := make([]space.Parameter, len(lo))
	for i := range ps {
		ps[i] = space.Parameter{Name: "x" + strconv.Itoa(i+1), Min: lo[i], Max: hi[i]}
		if slices.Contains(whole, i) {
			ps[i].Kind = space.Integer
		}
	}
	s, err := space.New(ps...)
	if err != nil { // the bounds are constants of this package
		panic(err)
	}
	return s
}

// cube returns n variables in lo..hi.
func cube(n int, lo, hi float64) *space.Space {
	return reals(slices.Repeat([]float64{lo}, n), slices.Repeat([]float64{hi}, n))
}

// plain makes a problem of a stateless function without constraints.
func plain(m int, s *space.Space, ideal, nadir []float64, f function) *Benchmark {
	return &Benchmark{Ideal: ideal, Nadir: nadir, space: s, m: m, start: func() function { return f }}
}

// bounded makes a problem of a stateless function with constraints.
func bounded(m int, s *space.Space, ideal, nadir, scale []float64, f function) *Benchmark {
	p := plain(m, s, ideal, nadir, f)
	p.scale = scale
	return p
}

func fill(m int, v float64) []float64 { return slices.Repeat([]float64{v}, m) }

// lack returns how far v is below 0: the violation of v >= 0. At a pole, where v
// is not a number, it is 0 as in the published programs.
func lack(v float64) float64 {
	if v < 0 {
		return -v
	}
	return 0
}

func sq(v float64) float64 { return v * v }

func cubed(v float64) float64 { return v * v * v }
