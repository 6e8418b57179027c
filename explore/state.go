package explore

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"stco/explore/archive"
	"stco/explore/evolution"
	"stco/explore/hypervolume"
	"stco/explore/internal/seen"
	"stco/explore/internal/stream"
	"stco/space"
)

// state is all a run must keep to go on: populations, archive, counters and
// the designs it has seen. The zero value is a run not begun. It holds no
// random generator: streams are derived anew in every generation.
type state struct {
	started   bool
	exhausted bool // no design is left to evaluate
	shape     shape
	p         Progress
	islands   *evolution.Archipelago // nil when sampling
	archive   *archive.Archive
	cache     *seen.Cache
	least     []Solution // least infeasible designs, best first
	next      int64      // sampling: designs proposed so far

	// ideal and nadir normalise the measured hypervolume: those of the
	// configuration, or those of the archive when it first had boundsMembers.
	ideal, nadir []float64
	lower, upper []float64 // bounds of the front when it last moved
	grown        float64   // hypervolume that last counted as growth, in generation grownAt
	grownAt      int64
	// measuredIn is the generation of the last measurement.
	measuredIn int64

	raw *snapshot // decoded, not attached to a problem yet

	meter hypervolume.Volume
}

// shape is what a state and a run must agree on.
type shape struct {
	Algorithm                    Algorithm
	Dim, Objectives, Constraints int
	Population, Islands          int
	Root                         stream.Root
}

// attach makes the state fit for a run.
func (st *state) attach(s *search) error {
	want := shape{s.cfg.Algorithm, s.space.Dim(), s.m, s.c, s.cfg.Population, s.cfg.Islands, s.root}
	if st.started {
		if st.shape != want {
			return mismatch("run", st.shape, want)
		}
	}
	limit := s.cfg.ArchiveLimit
	if s.cfg.Algorithm == Grid {
		limit = math.MaxInt
	}
	raw := st.raw
	st.raw = nil
	if !st.started {
		*st = state{started: true, shape: want}
		st.archive = archive.New(s.space.Dim(), s.m, s.c, limit)
		st.cache = seen.New(s.cfg.CacheLimit)
		st.p.Violated = make([]int64, s.c)
		st.p.Violation = math.Inf(1)
	} else if err := st.restore(raw, s, limit); err != nil {
		return err
	}
	if s.sampling() {
		return s.openSampler()
	}
	st.islands = evolution.New(s.setup())
	if raw == nil {
		return nil
	}
	if err := st.islands.Restore(raw.populations); err != nil {
		s.close()
		return fmt.Errorf("%w: %w", errState, err)
	}
	return nil
}

// leastKept is the number of least infeasible designs kept.
const leastKept = 10

// Repeat counts proposals that had been evaluated before, and were not again.
func (s *search) Repeat(n int64) { s.st.p.Duplicates += n }

// Count records one evaluated design, or reports values that it must not have.
func (s *search) Count(x, f, g []float64, violation float64, key space.Key) error {
	st := s.st
	c := &st.p
	c.Evaluations++
	c.Violation = min(c.Violation, violation)
	if violation == 0 {
		st.archive.Add(x, f, g, key)
		return nil
	}
	c.Infeasible++
	if math.IsInf(violation, 1) {
		c.NonFinite++
		if err := s.sound(x, f, g); err != nil {
			return err
		}
	}
	for j, v := range g {
		if !(v <= 0) {
			c.Violated[j]++
		}
	}
	if st.archive.Len() > 0 {
		return nil
	}
	at := len(st.least)
	for at > 0 && violation < st.least[at-1].Violation {
		at--
	}
	if at >= leastKept {
		return nil
	}
	st.least = slices.Insert(st.least, at, Solution{slices.Clone(x), slices.Clone(f), slices.Clone(g), violation})
	if len(st.least) > leastKept {
		st.least = st.least[:leastKept]
	}
	return nil
}

// sound reports values that a problem must not have: see Evaluator.
func (s *search) sound(x, f, g []float64) error {
	met := true
	for j, v := range g {
		if math.IsNaN(v) {
			return fmt.Errorf("constraint %s is NaN at %s", s.constraint(j), s.describe(x))
		}
		met = met && v <= 0
	}
	for j, v := range f {
		if met && (math.IsNaN(v) || math.IsInf(v, -1)) {
			return fmt.Errorf("objective %s is %g, with every constraint met, at %s", s.objective(j), v, s.describe(x))
		}
	}
	return nil
}

// objective names an objective, by its number where the problem names none.
func (s *search) objective(j int) string {
	if n, ok := s.p.(Named); ok {
		return n.ObjectiveName(j)
	}
	return strconv.Itoa(j + 1)
}

// constraint names a constraint likewise.
func (s *search) constraint(j int) string {
	if n, ok := s.p.(Named); ok {
		return n.ConstraintName(j)
	}
	return strconv.Itoa(j + 1)
}

// describe lists the parameters of a point by name.
func (s *search) describe(x []float64) string {
	parts := make([]string, len(x))
	for i, v := range x {
		parts[i] = fmt.Sprintf("%s = %g", s.space.Parameter(i).Name, v)
	}
	return strings.Join(parts, ", ")
}
