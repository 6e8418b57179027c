package study

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"stco/experiments/study/catalog"
	"stco/experiments/study/workloads"
	"stco/model"
	"stco/model/units"
	"stco/objectives"
	"stco/space"
)

// YAML writes the study with every default filled in. Parse reads it back
// to an equal study.
func (s *Study) YAML() []byte {
	var b bytes.Buffer
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("stco: %d", FormatVersion)
	line("name: %s", s.Name)
	if s.Description != "" {
		line("description: %s", strconv.Quote(s.Description))
	}
	s.writeProblem(&b)
	q := &s.Search
	line("  evaluations: %d", q.Evaluations)
	line("  generations: %d", q.Generations)
	line("  stagnation: %d", q.Stagnation)
	line("  time: %s", units.FormatExact(float64(q.Time), units.DimTime))
	line("  returned: %d", q.Returned)
	line("seed: %d", s.Seed)
	line("seeds: %d", s.Seeds)
	line("baselines: %s", baselineTexts(s.Baselines))
	s.writeRanges(line)
	s.writeScenarios(line)
	return b.Bytes()
}

// writeRanges writes the settings that the study gives a range, if there are some.
func (s *Study) writeRanges(line func(format string, args ...any)) {
	if len(s.Ranges) == 0 {
		return
	}
	line("uncertainties:")
	for _, u := range s.Ranges {
		line("  %s: %s", u.Name, s.rangeTexts()[u.Name])
	}
}

// writeProblem writes what decides which designs a search proposes and what
// they are worth, but for the seed: the part of a study that its random streams
// derive from. It ends within the section search.
func (s *Study) writeProblem(b *bytes.Buffer) {
	line := func(format string, args ...any) { fmt.Fprintf(b, format+"\n", args...) }
	catalog.Write(b, &s.Setup)
	line("model:")
	writeVariables(b, slices.DeleteFunc(slices.Clone(catalog.Of(&s.Setup).Settings()), func(v model.Setting) bool { return s.overMachines() && ofMachine(&v) }), &s.Setup)
	line("space:")
	for i, k := range catalog.Of(&s.Setup).Knobs() {
		line("  %s: %s", k.Name, rangeText(&k, &s.Space[i]))
	}
	workloads.Write(b, s.Setup.Workloads)
	line("objectives: [%s]", strings.Join(s.objectiveTexts(), ", "))
	s.writeConstraints(line)
	q := &s.Search
	line("search:")
	line("  algorithm: %s", q.Algorithm)
	line("  population: %d", q.Population)
	line("  islands: %d", q.Islands)
	line("  migration_every: %d", q.MigrationEvery)
	if s.over(objectives.Uncertainties) {
		line("  draws: %d", q.Draws)
	}
	if starts := s.startTexts(); len(starts) > 0 {
		line("  start:\n    - %s", strings.Join(starts, "\n    - "))
	}
}

func writeVariables[T any](b *bytes.Buffer, vars []model.Variable[T], of *T) {
	for i := range vars {
		v := &vars[i]
		if x := v.Get(of); !v.Preset || !math.IsNaN(x) {
			fmt.Fprintf(b, "  %s: %s\n", v.Name, v.Format(x))
		}
	}
}

// rangeText writes what a study says of a knob.
func rangeText(k *model.Knob, p *space.Parameter) string {
	switch {
	case objectives.IsFixed(p):
		return k.Format(p.Values[0])
	case p.Values != nil:
		texts := make([]string, len(p.Values))
		for i, v := range p.Values {
			texts[i] = k.Format(v)
		}
		return "[" + strings.Join(texts, ", ") + "]"
	case p.Levels > 0:
		return fmt.Sprintf("{min: %s, max: %s, levels: %d}", k.Format(p.Min), k.Format(p.Max), p.Levels)
	case k.Scale == model.Linear || p.Step > 0:
		return fmt.Sprintf("{min: %s, max: %s, step: %s}", k.Format(p.Min), k.Format(p.Max), k.Format(p.Step))
	default:
		return fmt.Sprintf("{min: %s, max: %s}", k.Format(p.Min), k.Format(p.Max))
	}
}
