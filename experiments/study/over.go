package study

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"stco/experiments/study/catalog"
	"stco/model"
	"stco/model/units"
	"stco/objectives"
	"stco/space"
)

// defaultDraws is the number of draws from the uncertain settings that an objective
// over them is taken over, mostDraws the largest.
const defaultDraws, mostDraws = 16, 1024

func overSets() []string {
	return []string{objectives.Scenarios.String(), objectives.Uncertainties.String()}
}

func overStatistics() []string {
	return []string{objectives.Mean.String(), objectives.Worst.String(), objectives.Quantile.String()}
}

// over tells whether an objective is taken over a set.
func (s *Study) over(set objectives.Set) bool {
	return slices.ContainsFunc(s.Preferences, func(p objectives.Preference) bool { return p.Over.Of == set })
}

// Together tells whether the scenarios of the study are evaluated together for each
// design, because an objective is taken over them, and not searched one by one.
func (s *Study) Together() bool { return s.over(objectives.Scenarios) }

// Figure is the name of the column that a metric of the study is judged by: that of
// the first objective of the metric, otherwise its own.
func (s *Study) Figure(metric string) string {
	for i := range s.Preferences {
		if s.Preferences[i].Metric == metric {
			return s.Objectives[i]
		}
	}
	return metric
}

// overParts are the keys of an objective that have been read.
type overParts map[string]bool

func (d *decoder) over(n *yaml.Node, key string, o *objectives.Over, have overParts) {
	if w, ok := d.Word(n, key, overSets()); ok {
		have["over"], o.Of = true, objectives.Set(1+slices.Index(overSets(), w))
	}
}

func (d *decoder) by(n *yaml.Node, key string, o *objectives.Over, have overParts) {
	if w, ok := d.Word(n, key, overStatistics()); ok {
		have["by"], o.By = true, objectives.Statistic(slices.Index(overStatistics(), w))
	}
}

func (d *decoder) level(n *yaml.Node, key string, o *objectives.Over, have overParts) {
	have["level"] = true
	if v, ok := d.Quantity(n, key, units.DimRatio, 0, 1); ok {
		if o.Level = v; v == 0 {
			d.Note(n, key, "a level is above 0, at most 1")
		}
	}
}

// whole judges the keys of an objective together.
func (d *decoder) whole(n *yaml.Node, key string, o objectives.Over, have overParts) {
	quantile := have["by"] && o.By == objectives.Quantile
	switch {
	case have["over"] && !have["by"]:
		d.Note(n, key, "over %s by what? give by: one of %v", o.Of, overStatistics())
	case have["by"] && !have["over"]:
		d.Note(n, key, "by %s of what? give over: one of %v", o.By, overSets())
	case quantile && !have["level"]:
		d.Note(n, key, "a quantile needs its level, such as level: 0.9")
	case have["level"] && !quantile:
		d.Note(n, key, "a level is that of by: quantile")
	}
}

// overTexts writes what an objective is taken over.
func overTexts(o objectives.Over) []string {
	if o.Of == objectives.AsItStands {
		return nil
	}
	parts := []string{"over: " + o.Of.String(), "by: " + o.By.String()}
	if o.By == objectives.Quantile {
		parts = append(parts, "level: "+number(o.Level))
	}
	return parts
}

// checkOver judges the sets that objectives are taken over.
func (d *decoder) checkOver(root *yaml.Node, s *Study) {
	if s.over(objectives.Uncertainties) && len(s.Uncertainties()) == 0 {
		d.Note(root, "objectives", "over uncertainties: nothing is uncertain: the study gives every such setting a value; give a range under uncertainties")
	}
	if !s.over(objectives.Uncertainties) && s.Search.Draws != defaultDraws {
		d.Note(root, "search.draws", "no objective is taken over uncertainties")
	}
	if !s.Together() {
		return
	}
	list := s.circumstances()
	if list == nil {
		d.Note(root, "objectives", "over scenarios: the study has none; give axes or scenarios")
		return
	}
	base, err := s.in(&Scenario{})
	if err != nil {
		return // said already
	}
	for i := range list {
		one, err := s.in(&list[i])
		if err != nil {
			return // said by checkScenarios
		}
		for _, name := range changedKnobs(base, one) {
			d.Note(root, "scenario "+list[i].Name, "%s: an objective is taken over the scenarios, each design is evaluated in all of them: none may change the space", name)
		}
	}
}

// changedKnobs names the knobs of which two studies of the same tables say something
// else, but for those of the machine that both fix.
func changedKnobs(a, b *Study) (names []string) {
	for i, k := range catalog.Of(&a.Setup).Knobs() {
		p, q := &a.Space[i], &b.Space[i]
		if k.OfMachine && objectives.IsFixed(p) && objectives.IsFixed(q) {
			continue
		}
		if rangeText(&k, p) != rangeText(&k, q) {
			names = append(names, k.Name)
		}
	}
	return names
}

// Circumstances builds the models of what the objectives are taken over, beside that
// of the study; nil where none is.
func (s *Study) Circumstances(m *model.Model) (*objectives.Circumstances, error) {
	if !s.Together() && !s.over(objectives.Uncertainties) {
		return nil, nil //nolint:nilnil // the study alone
	}
	out := &objectives.Circumstances{}
	if s.Together() {
		base, err := s.in(&Scenario{})
		if err != nil {
			return nil, err
		}
		for _, c := range s.circumstances() {
			one, err := s.in(&c)
			if err != nil {
				return nil, err
			}
			at, err := circumstance(m, base, one)
			if err != nil {
				return nil, fmt.Errorf("scenario %s: %w", c.Name, err)
			}
			out.Scenarios = append(out.Scenarios, at)
		}
	}
	if s.over(objectives.Uncertainties) {
		models, err := s.Draws(m, s.Search.Draws)
		if err != nil {
			return nil, err
		}
		for _, v := range models {
			out.Draws = append(out.Draws, objectives.Circumstance{Model: v})
		}
	}
	return out, nil
}

// circumstance is a scenario beside the study as it stands: the same model where it
// changes nothing.
func circumstance(m *model.Model, base, one *Study) (objectives.Circumstance, error) {
	var out objectives.Circumstance
	for i, k := range catalog.Of(&base.Setup).Knobs() {
		p, q := &base.Space[i], &one.Space[i]
		if k.OfMachine && objectives.IsFixed(q) && rangeText(&k, p) != rangeText(&k, q) {
			out.Clock = units.Frequency(q.Values[0])
		}
	}
	if string(base.YAML()) == string(one.YAML()) {
		out.Model = m
		return out, nil
	}
	setup := one.Setup
	setup.Catalog = m.Setup.Catalog
	var err error
	out.Model, err = m.Vary(setup)
	return out, err
}

// Draws varies the model of a study: a Sobol sequence over the ranges of its
// uncertain settings, without a seed. Draws without a model, because no cell can
// have the parameters together, are left out.
func (s *Study) Draws(m *model.Model, n int) ([]*model.Model, error) {
	list := s.Uncertainties()
	list = list[:min(len(list), space.MaxSobolDim)]
	if len(list) == 0 {
		return nil, nil
	}
	sobol, err := space.NewSobol(len(list), nil)
	if err != nil {
		return nil, err
	}
	var out []*model.Model
	u := make([]float64, len(list))
	for k := range n {
		sobol.At(uint64(k+1), u) // the first point is the corner of the ranges
		if v, err := m.Vary(Vary(m.Setup, list, u)); err == nil {
			out = append(out, v)
		}
	}
	return out, nil
}

// OverText says in a sentence what the objectives of the study are taken over, if
// they are.
func (s *Study) OverText() []string {
	var parts []string
	for i := range s.Preferences {
		p := &s.Preferences[i]
		if p.Over.Of == objectives.AsItStands {
			continue
		}
		text := "the " + p.Over.By.String()
		if p.Over.By == objectives.Quantile {
			text = fmt.Sprintf("the %g %% quantile", 100*p.Over.Level)
		}
		parts = append(parts, p.Metric+" is "+text+" of the "+p.Over.Of.String())
	}
	if parts == nil {
		return nil
	}
	var of []string
	if s.Together() {
		var names []string
		for _, c := range s.circumstances() {
			names = append(names, c.Name)
		}
		of = append(of, "scenarios: "+strings.Join(names, ", "))
	}
	if s.over(objectives.Uncertainties) {
		of = append(of, fmt.Sprintf("uncertainties: %d draws", s.Search.Draws))
	}
	return []string{fmt.Sprintf("In these figures %s (%s), of SRAM too; all else is that of the study as it stands.",
		strings.Join(parts, ", "), strings.Join(of, "; "))}
}
