package problems

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"stco/explore"
	"stco/space"
)

// Problem is a test problem; it implements explore.Problem. All objectives are
// minimised, a constraint value above 0 is a violation.
type Problem struct {
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
func (p *Problem) Space() *space.Space { return p.space }

// NumObjectives returns the number of objectives.
func (p *Problem) NumObjectives() int { return p.m }

// NumConstraints returns the number of constraints.
func (p *Problem) NumConstraints() int { return len(p.scale) }

// NewEvaluator returns an evaluator for one worker. It divides constraint
// values by their scale; At does not.
func (p *Problem) NewEvaluator() explore.Evaluator {
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
func (p *Problem) At(x []float64) (f, g []float64, err error) {
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

// Lookup returns the problem of a name, such as zdt1, dtlz2, wfg4, bnh, re21,
// cre21 or c1-dtlz1; upper case and missing hyphens are accepted. DTLZ and WFG
// have three objectives, or as many as follow a colon: dtlz2:5.
func Lookup(name string) (*Problem, error) {
	key := strings.ReplaceAll(strings.ToLower(name), "-", "")
	base, count, given := strings.Cut(key, ":")
	m := 3
	if given {
		v, err := strconv.Atoi(count)
		if err != nil || v < 2 || v > explore.MaxObjectives {
			return nil, fmt.Errorf("problem %q: %q objectives: allowed 2..%d", name, count, explore.MaxObjectives)
		}
		m = v
	}
	for _, e := range catalog() {
		if e.name != base && strings.ReplaceAll(e.name, "-", "") != base {
			continue
		}
		if given && !e.scalable {
			return nil, fmt.Errorf("problem %q: the number of objectives of %s is fixed", name, e.name)
		}
		p := e.build(m)
		p.Name = e.name
		if given {
			p.Name += ":" + count
		}
		return p, nil
	}
	return nil, fmt.Errorf("unknown problem %q: must be one of %s", name, strings.Join(Names(), ", "))
}

// Names returns the names Lookup knows.
func Names() []string {
	var out []string
	for _, e := range catalog() {
		out = append(out, e.name)
	}
	return out
}

// entry is a problem to be built for a number of objectives.
type entry struct {
	name     string
	scalable bool
	build    func(m int) *Problem
}

func catalog() []entry {
	fixed := func(name string, build func() *Problem) entry {
		return entry{name, false, func(int) *Problem { return build() }}
	}
	out := []entry{
		fixed("zdt1", zdt1), fixed("zdt2", zdt2), fixed("zdt3", zdt3), fixed("zdt4", zdt4), fixed("zdt6", zdt6),
	}
	for k := 1; k <= 7; k++ {
		out = append(out, entry{fmt.Sprintf("dtlz%d", k), true, func(m int) *Problem { return dtlz(k, m) }})
	}
	for k := 1; k <= 9; k++ {
		out = append(out, entry{fmt.Sprintf("wfg%d", k), true, func(m int) *Problem { return wfg(k, m) }})
	}
	return append(out,
		fixed("bnh", bnh), fixed("tnk", tnk), fixed("srn", srn), fixed("osy", osy),
		entry{"c1-dtlz1", true, c1dtlz1}, entry{"c2-dtlz2", true, c2dtlz2},
		fixed("re21", re21), fixed("re22", re22), fixed("re23", re23), fixed("re24", re24), fixed("re25", re25),
		fixed("re31", re31), fixed("re32", re32), fixed("re33", re33), fixed("re34", re34), fixed("re35", re35),
		fixed("re36", re36), fixed("re37", re37), fixed("re41", re41), fixed("re42", re42), fixed("re61", re61),
		fixed("cre21", cre21), fixed("cre22", cre22), fixed("cre23", cre23), fixed("cre24", cre24), fixed("cre25", cre25),
		fixed("cre31", cre31), fixed("cre32", cre32), fixed("cre51", cre51),
	)
}

// real returns the space of real variables x1, x2, ... within bounds.
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
func plain(m int, s *space.Space, ideal, nadir []float64, f function) *Problem {
	return &Problem{Ideal: ideal, Nadir: nadir, space: s, m: m, start: func() function { return f }}
}

// bounded makes a problem of a stateless function with constraints.
func bounded(m int, s *space.Space, ideal, nadir, scale []float64, f function) *Problem {
	p := plain(m, s, ideal, nadir, f)
	p.scale = scale
	return p
}

func fill(m int, v float64) []float64 { return slices.Repeat([]float64{v}, m) }

// lack returns how far v is below 0: the violation of v >= 0.
func lack(v float64) float64 { return math.Max(-v, 0) }

func sq(v float64) float64 { return v * v }

func cubed(v float64) float64 { return v * v * v }
