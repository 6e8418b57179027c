package study

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"slices"

	"go.yaml.in/yaml/v4"

	"stco/experiments/study/catalog"
	"stco/experiments/study/strict"
	"stco/experiments/study/workloads"
	"stco/explore"
	"stco/model"
	"stco/model/near"
	"stco/model/units"
	"stco/objectives"
	"stco/space"
)

// FormatVersion is the version of the study and design files.
const FormatVersion = 1

// Study is a campaign as a file declares it, every default filled in.
type Study struct {
	Name        string
	Description string
	Setup       model.Setup
	Space       []space.Parameter       // one for every knob, in canonical order
	Objectives  []string                // names of their columns: metrics, and what they are taken over
	Preferences []objectives.Preference // of the objectives, in their order
	Constraints []objectives.Bound
	Baselines   []Baseline    // what designs are set beside
	Ranges      []Uncertainty // settings that are known within a range, beside those of the tables
	Axes        []Axis        // of the scenarios
	Cases       []Case        // named scenarios
	Search      Search
	Starts      []Start // designs that the search begins with
	Seed        uint64
	Seeds       int // scenarios differ by seed: Seed, Seed+1, ...
}

// Search is the search section of a study.
type Search struct {
	Algorithm      explore.Algorithm
	Population     int
	Islands        int
	MigrationEvery int64
	Evaluations    int64
	Generations    int64 // 0: no limit
	Stagnation     int64 // 0: no limit
	Time           units.Time
	Returned       int // designs in the Pareto table
	Draws          int // from the uncertain settings, where an objective is taken over them
}

// DefaultSearch returns the search of a study that names none.
func DefaultSearch() Search {
	return Search{Algorithm: explore.Auto, Population: 100, Islands: 2, MigrationEvery: 20, Evaluations: 200000, Returned: 100, Draws: defaultDraws}
}

// Parse reads a study file strictly. The error is an *InputError with
// everything that is wrong.
func Parse(file string, text []byte) (*Study, error) {
	d := open(file)
	s := &Study{Setup: model.DefaultSetup(), Search: DefaultSearch(), Seed: 1, Seeds: 1, Baselines: DefaultBaselines()}
	if root := d.Parse(text); root != nil && !d.Other(root, "design", "this is a design file: stco eval FILE evaluates it, stco init writes a study to run") {
		d.study(root, s)
	}
	if err := d.Err(); err != nil {
		return nil, err
	}
	return s, nil
}

func (d *decoder) study(root *yaml.Node, s *Study) {
	s.Setup.Catalog = d.user(root)
	base := model.DefaultDesign()
	for i := range d.knobs() {
		s.Space = append(s.Space, objectives.Default(&d.knobs()[i], &base))
	}
	set := given{}
	var free *yaml.Node
	var aspired []aspiration
	d.Mapping(root, "", append(catalog.Fields(), []strict.Key{
		strict.Required("stco", func(n *yaml.Node, key string) { d.Integer(n, key, FormatVersion, FormatVersion) }),
		strict.Required("name", func(n *yaml.Node, key string) { s.Name = d.name(n, key) }),
		strict.Optional("description", func(n *yaml.Node, key string) { s.Description, _ = d.Text(n, key) }),
		strict.Optional("machine", func(n *yaml.Node, key string) { d.machine(n, key, set) }),
		strict.Optional("model", func(n *yaml.Node, key string) { variables(d, d.ranged(n, key, s), key, d.settings(), set) }),
		strict.Optional("uncertainties", func(n *yaml.Node, key string) { d.Mapping(d.ranged(n, key, s), key, nil) }),
		strict.Optional("space", func(n *yaml.Node, _ string) { free = n }),
		strict.Required("workloads", func(n *yaml.Node, key string) { s.Setup.Workloads = workloads.Read(d.Reader, n, key) }),
		strict.Required("objectives", func(n *yaml.Node, key string) { d.objectives(n, key, s) }),
		strict.Optional("constraints", func(n *yaml.Node, key string) { s.Constraints = d.constraints(n, key, &aspired) }),
		strict.Optional("axes", func(n *yaml.Node, key string) { s.Axes = d.axes(n, key) }),
		strict.Optional("scenarios", func(n *yaml.Node, key string) { s.Cases = d.cases(n, key) }),
		strict.Optional("baselines", func(n *yaml.Node, key string) { s.Baselines = d.baselines(n, key) }),
		strict.Optional("search", func(n *yaml.Node, key string) { d.search(n, key, s) }),
		strict.Optional("seed", func(n *yaml.Node, key string) {
			if v, ok := d.Integer(n, key, 0, math.MaxInt64); ok {
				s.Seed = uint64(v)
			}
		}),
		strict.Optional("seeds", func(n *yaml.Node, key string) {
			if v, ok := d.Integer(n, key, 1, 10000); ok {
				s.Seeds = int(v)
			}
		}),
	}...))
	d.aspire(aspired, s)
	before := s.Setup
	apply(d.settings(), set, &s.Setup)
	s.clocked(before)
	d.space(free, "space", s)
	s.settle()
	if len(d.Problems) == 0 {
		d.checkScenarios(root, s, set)
		d.checkOver(root, s)
	}
	if s.Search.Algorithm == explore.Grid && s.Seeds > 1 {
		d.Note(root, "seeds", "%d seeds of a grid: it evaluates every design, whatever the seed; give 1", s.Seeds)
	}
}

// settle makes a search of a space of one point for each technology one evaluation
// of each.
func (s *Study) settle() {
	spaces, err := s.strata()
	if err != nil {
		return // Build says why
	}
	if !slices.ContainsFunc(spaces, func(p part) bool { return p.decoder.Space.Dim() > 0 }) {
		s.Search.Algorithm, s.Seeds = explore.Grid, 1
	}
}

// name reads a name that can be part of a path.
func (d *decoder) name(n *yaml.Node, key string) string {
	s, ok := d.Text(n, key)
	if !ok {
		return ""
	}
	for _, r := range s {
		if r != '-' && r != '_' && r != '.' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') {
			d.Note(n, key, "%q: use letters, digits, - _ and .", s)
			return ""
		}
	}
	if s == "" || s[0] == '.' || s[0] == '-' || len(s) > 64 {
		d.Note(n, key, "%q: 1 to 64 characters, not starting with a point or a dash", s)
		return ""
	}
	return s
}

func (d *decoder) space(n *yaml.Node, key string, s *Study) {
	fields := d.unpriced(noPrice)
	for i, k := range d.knobs() {
		fields = append(fields, strict.Optional(k.Name, func(n *yaml.Node, key string) { d.parameter(n, key, &k, &s.Space[i]) }))
	}
	d.Mapping(n, key, fields)
}

// parameter reads what a study says of one knob: a value fixes it, a list gives
// the names or values to search, {min, max, step} or {min, max, levels} a range.
func (d *decoder) parameter(n *yaml.Node, key string, k *model.Knob, p *space.Parameter) {
	switch {
	case n.Kind == yaml.SequenceNode:
		d.values(n, key, k, p)
	case n.Kind == yaml.MappingNode && k.Scale != model.Choice:
		d.rangeOf(n, key, k, p)
	case n.Kind == yaml.ScalarNode:
		if v, ok := value(d, n, key, k); ok {
			*p = objectives.Fixed(k, v)
		}
	case k.Scale == model.Choice:
		d.Note(n, key, "want a name or a list of names, have %s", strict.Form(n))
	default:
		d.Note(n, key, "want a value, a list of values or {min, max, step}, have %s", strict.Form(n))
	}
}

// values reads a list of names or values to search.
func (d *decoder) values(n *yaml.Node, key string, k *model.Knob, p *space.Parameter) {
	var all []float64
	d.Items(n, key, func(item *yaml.Node, key string) {
		v, ok := value(d, item, key, k)
		switch {
		case !ok:
		case k.Auto && v == 0:
			d.Note(item, key, "auto is no value of a list")
		case slices.Contains(all, v):
			d.Note(item, key, "%s is given twice", item.Value)
		default:
			all = append(all, v)
		}
	})
	switch {
	case len(n.Content) > 0:
	case k.Scale == model.Choice:
		d.Note(n, key, "the list is empty; known: %v", k.Choices)
	default:
		d.Note(n, key, "the list is empty; allowed %s to %s", k.Format(k.Min), k.Format(k.Max))
	}
	slices.Sort(all)
	*p = objectives.Listed(k, all)
}

func (d *decoder) rangeOf(n *yaml.Node, key string, k *model.Knob, p *space.Parameter) {
	low, high, step, levels, stepped := k.Low, k.High, k.Step, 0, false
	before := len(d.Problems)
	read := func(into *float64) func(*yaml.Node, string) {
		return func(n *yaml.Node, key string) {
			if v, ok := value(d, n, key, k); ok {
				*into = v
			}
		}
	}
	fields := []strict.Key{strict.Optional("min", read(&low)), strict.Optional("max", read(&high))}
	if k.Scale == model.Linear || k.Scale == model.Logarithmic {
		spacing := *k
		spacing.Min = 0
		fields = append(fields, strict.Optional("step", func(n *yaml.Node, key string) {
			if v, ok := value(d, n, key, &spacing); ok {
				step, stepped = v, true
			}
		}), strict.Optional("levels", func(n *yaml.Node, key string) {
			if v, ok := d.Integer(n, key, 0, maxLevels); ok {
				levels = int(v)
			}
		}))
	}
	d.Mapping(n, key, fields)
	if levels > 0 && !stepped {
		step = 0
	}
	switch {
	case len(d.Problems) > before:
	case levels == 1:
		d.Note(n, key, "levels 1: give 2 to %d, or one value instead of a range", maxLevels)
	case levels > 0 && step > 0:
		d.Note(n, key, "step and levels exclude each other")
	}
	if len(d.Problems) == before && low >= high {
		d.Note(n, key, "min %s must be below max %s (allowed %s to %s)", k.Format(low), k.Format(high), k.Format(k.Min), k.Format(k.Max))
	}
	if len(d.Problems) == before && k.Scale == model.PowerOfTwo && !hasPower(low, high, k.Midpoints) {
		d.Note(n, key, "no power of two from %s to %s", k.Format(low), k.Format(high))
	}
	*p = objectives.Between(k, low, high, step, levels)
}

// maxLevels bounds the values of one range.
const maxLevels = 100000

// hasPower tells whether a range holds 2^k or, with midpoints, 1.5*2^k.
func hasPower(low, high float64, midpoints bool) bool {
	p := math.Exp2(math.Ceil(math.Log2(low)))
	return p <= high || (midpoints && p*0.75 >= low && p*0.75 <= high)
}

// constraints reads a mapping from metric names to {min, max}.
func (d *decoder) constraints(n *yaml.Node, key string, aspired *[]aspiration) []objectives.Bound {
	var bounds []objectives.Bound
	d.Each(n, key, func(name, v *yaml.Node) {
		full := strict.Join(key, name.Value)
		m, err := objectives.MetricByName(name.Value)
		if err != nil {
			d.Note(name, full, "%s%s", err, near.Hint(name.Value, objectives.MetricNames()))
			return
		}
		b := objectives.Bound{Metric: m.Name, Min: math.Inf(-1), Max: math.Inf(1)}
		before := len(d.Problems)
		given := len(*aspired)
		read := func(into *float64) func(*yaml.Node, string) {
			return func(n *yaml.Node, key string) {
				if d.relative(n, key, m.Name, aspired) {
					return
				}
				if x, ok := d.Quantity(n, key, m.Dim, m.Least, math.MaxFloat64); ok {
					*into = x
				}
			}
		}
		d.Mapping(v, full, []strict.Key{strict.Optional("min", read(&b.Min)), strict.Optional("max", read(&b.Max))})
		if len(d.Problems) != before {
			return
		}
		switch {
		case math.IsInf(b.Min, -1) && math.IsInf(b.Max, 1) && len(*aspired) > given:
		case math.IsInf(b.Min, -1) && math.IsInf(b.Max, 1):
			d.Note(v, full, "give min, max or both")
		case b.Min > b.Max:
			d.Note(v, full, "impossible: min %s is above max %s", units.Format(b.Min, m.Dim), units.Format(b.Max, m.Dim))
		case b.Max < m.Least || (b.Max == m.Least && !m.Linear):
			d.Note(v, full, "impossible: max %s; %s is above %s in every design", units.Format(b.Max, m.Dim), m.Name, units.Format(m.Least, m.Dim))
		default:
			bounds = append(bounds, b)
		}
	})
	return bounds
}

func (d *decoder) search(n *yaml.Node, key string, of *Study) {
	s := &of.Search
	algorithms := make([]string, 0, len(explore.Algorithms()))
	for _, a := range explore.Algorithms() {
		algorithms = append(algorithms, string(a))
	}
	count := func(into *int64, lo, hi int64) func(*yaml.Node, string) {
		return func(n *yaml.Node, key string) {
			if v, ok := d.Integer(n, key, lo, hi); ok {
				*into = v
			}
		}
	}
	small := func(into *int, lo, hi int64) func(*yaml.Node, string) {
		return func(n *yaml.Node, key string) {
			if v, ok := d.Integer(n, key, lo, hi); ok {
				*into = int(v)
			}
		}
	}
	d.Mapping(n, key, []strict.Key{
		strict.Optional("algorithm", func(n *yaml.Node, key string) {
			if w, ok := d.Word(n, key, algorithms); ok {
				s.Algorithm = explore.Algorithm(w)
			}
		}),
		strict.Optional("population", small(&s.Population, 4, 10000)),
		strict.Optional("islands", small(&s.Islands, 1, 256)),
		strict.Optional("migration_every", count(&s.MigrationEvery, 1, math.MaxInt32)),
		strict.Optional("evaluations", count(&s.Evaluations, 1, math.MaxInt64)),
		strict.Optional("generations", count(&s.Generations, 0, math.MaxInt64)),
		strict.Optional("stagnation", count(&s.Stagnation, 0, math.MaxInt64)),
		strict.Optional("time", func(n *yaml.Node, key string) {
			if v, ok := d.Quantity(n, key, units.DimTime, 0, 1e9); ok {
				s.Time = units.Time(v)
			}
		}),
		strict.Optional("returned", small(&s.Returned, 1, 100000)),
		strict.Optional("draws", small(&s.Draws, 2, mostDraws)),
		strict.Optional("start", func(n *yaml.Node, key string) { d.starts(n, key, of) }),
	})
}

// ProblemHash returns the SHA-256, in hexadecimal, of what defines the problem
// of a study: model, space, workloads, objectives, constraints, algorithm,
// population, islands, migration and the designs that it begins with. Random streams derive from it and a seed,
// so name, description, the limits of a search (evaluations, generations,
// stagnation, time), the number of designs returned and the number of seeds
// are no part of it: a study with a larger budget begins as the smaller one.
func (s *Study) ProblemHash() string {
	var b bytes.Buffer
	s.writeProblem(&b)
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	if s.Together() {
		s.writeScenarios(line)
	}
	if s.over(objectives.Uncertainties) {
		s.writeRanges(line)
	}
	return digest(b.Bytes())
}

func digest(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// Build makes model and problem of the study. Errors are *InputError.
func (s *Study) Build() (*model.Model, *objectives.Problem, error) {
	bad := func(err error) error { return strict.BadInput(s.Name, err) }
	m, err := model.New(catalog.Of(&s.Setup), s.Setup)
	if err != nil {
		return nil, nil, bad(err)
	}
	d, err := objectives.NewDecoder(m.Catalog.Knobs(), model.DefaultDesign(), s.Space)
	if err != nil {
		return nil, nil, bad(err)
	}
	p, err := objectives.NewProblem(m, d, s.Objectives, s.Bounds(), s.Preferences...)
	if err != nil {
		return nil, nil, bad(err)
	}
	several, err := s.Circumstances(m)
	if err != nil {
		return nil, nil, bad(err)
	}
	p.In(several)
	if s.Search.Algorithm == explore.Grid {
		if err := s.enumerable(); err != nil {
			return nil, nil, bad(err)
		}
	}
	return m, p, nil
}

// SetAlgorithm chooses the search by name.
func (s *Study) SetAlgorithm(name string) error {
	if !slices.Contains(explore.Algorithms(), explore.Algorithm(name)) {
		return fmt.Errorf("%q: one of %v", name, explore.Algorithms())
	}
	s.Search.Algorithm = explore.Algorithm(name)
	return nil
}
