package study

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"stco/experiments/study/strict"
	"stco/explore"
	"stco/model/units"
	"stco/objectives"
)

// Bounds are the constraints of a study, with those of the ranges within which its
// objectives matter.
func (s *Study) Bounds() []objectives.Bound {
	out := slices.Clone(s.Constraints)
	for i := range s.Preferences {
		if b, ok := s.Preferences[i].Bound(); ok {
			out = append(out, b)
		}
	}
	return out
}

// Views are the objectives as tables of designs are judged by them.
func (s *Study) Views() []objectives.View {
	out := make([]objectives.View, len(s.Preferences))
	for i, p := range s.Preferences {
		out[i], _ = objectives.NewView(p) // the name was checked
	}
	return out
}

// objectives reads a list of metric names, or of {metric, resolution, from, to}.
func (d *decoder) objectives(n *yaml.Node, key string, s *Study) {
	d.Items(n, key, func(item *yaml.Node, key string) {
		var name string
		ok := false
		word := func(n *yaml.Node, key string) { name, ok = d.Word(n, key, objectives.MetricNames()) }
		p := objectives.NewPreference("")
		if item.Kind != yaml.MappingNode {
			word(item, key)
		} else {
			for i := 0; i+1 < len(item.Content); i += 2 { // what the others are in terms of
				if item.Content[i].Value == "metric" {
					word(item.Content[i+1], strict.Join(key, "metric"))
				}
			}
			p = d.preference(item, key, name)
		}
		if !ok {
			return
		}
		p.Metric = name
		m, _ := p.Objective() // the name was checked
		if slices.Contains(s.Objectives, m.Name) {
			d.Note(item, key, "%s is given twice", m.Name)
			return
		}
		s.Objectives, s.Preferences = append(s.Objectives, m.Name), append(s.Preferences, p)
	})
	if len(n.Content) > explore.MaxObjectives || len(n.Content) < 1 {
		d.Note(n, key, "%d objectives: allowed 1 to %d", len(n.Content), explore.MaxObjectives)
	}
}

// preference reads what matters of an objective.
func (d *decoder) preference(n *yaml.Node, key, name string) objectives.Preference {
	p := objectives.NewPreference(name)
	m, err := objectives.MetricByName(name)
	quantity := func(into *float64) func(*yaml.Node, string) {
		return func(n *yaml.Node, key string) {
			if err != nil {
				return // the name has been noted
			}
			if v, ok := d.Quantity(n, key, m.Dim, m.Least, math.MaxFloat64); ok {
				*into = v
			}
		}
	}
	before := len(d.Problems)
	parts := overParts{}
	d.Mapping(n, key, []strict.Key{
		strict.Required("metric", func(*yaml.Node, string) {}),
		strict.Optional("resolution", func(n *yaml.Node, key string) {
			text, _ := d.Text(n, key)
			share, relative := strings.CutSuffix(strings.TrimSpace(text), "%")
			switch {
			case err != nil:
			case relative && m.Linear:
				d.Note(n, key, "%s: %s may be 0: give a resolution in its own unit", text, name)
			case relative:
				v, err := strconv.ParseFloat(strings.TrimSpace(share), 64)
				if p.Percent = v; err != nil || !(v >= 1e-6 && v <= 100) {
					d.Note(n, key, "%q: a resolution is 0.000001%% to 100%%, or in the unit of the metric", text)
				}
			default:
				if quantity(&p.Absolute)(n, key); p.Absolute == 0 && len(d.Problems) == before {
					d.Note(n, key, "%q: a resolution must be above 0", text)
				}
			}
		}),
		strict.Optional("from", quantity(&p.From)), strict.Optional("to", quantity(&p.To)),
		strict.Optional("over", func(n *yaml.Node, key string) { d.over(n, key, &p.Over, parts) }),
		strict.Optional("by", func(n *yaml.Node, key string) { d.by(n, key, &p.Over, parts) }),
		strict.Optional("level", func(n *yaml.Node, key string) { d.level(n, key, &p.Over, parts) }),
	})
	d.whole(n, key, p.Over, parts)
	if len(d.Problems) == before && !(p.From < p.To) {
		d.Note(n, key, "from %s must be below to %s", units.Format(p.From, m.Dim), units.Format(p.To, m.Dim))
	}
	return p
}

// aspiration is a limit relative to the best design, as it stands in a file.
type aspiration struct {
	node   *yaml.Node
	key    string
	metric string
	times  float64
	most   bool // max, otherwise min
}

// relative reads "2x"; false where a text is no such.
func (d *decoder) relative(n *yaml.Node, key, metric string, into *[]aspiration) bool {
	text, ok := strings.CutSuffix(strings.TrimSpace(n.Value), "x")
	if !ok || n.Kind != yaml.ScalarNode {
		return false
	}
	v, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	if err != nil {
		return false
	}
	*into = append(*into, aspiration{n, key, metric, v, strings.HasSuffix(key, ".max")})
	return true
}

// aspire gives the objectives their limits relative to the best design.
func (d *decoder) aspire(all []aspiration, s *Study) {
	for _, a := range all {
		m, _ := objectives.MetricByName(a.metric)
		at := slices.IndexFunc(s.Preferences, func(p objectives.Preference) bool { return p.Metric == a.metric })
		switch {
		case at < 0:
			d.Note(a.node, a.key, "%s: relative to the best design only an objective can be limited, and %s is none", a.node.Value, a.metric)
		case m.Linear:
			d.Note(a.node, a.key, "%s: the best %s may be 0: give a limit in its own unit", a.node.Value, a.metric)
		case a.most == m.Max:
			d.Note(a.node, a.key, "%s: %s is better when %s: give %s", a.node.Value, a.metric, map[bool]string{true: "larger", false: "smaller"}[m.Max], map[bool]string{true: "min", false: "max"}[m.Max])
		case a.most && !(a.times >= 1 && a.times <= 1e9):
			d.Note(a.node, a.key, "%s: at most 1x to 1e9x of the best design", a.node.Value)
		case !a.most && !(a.times > 0 && a.times <= 1):
			d.Note(a.node, a.key, "%s: at least above 0x, up to 1x, of the best design", a.node.Value)
		default:
			s.Preferences[at].Times = a.times
		}
	}
}

func number(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

// objectiveTexts writes the objectives.
func (s *Study) objectiveTexts() []string {
	out := slices.Clone(s.Objectives)
	for i := range s.Preferences {
		p := s.Preferences[i]
		if p.Times = 0; p.Plain() && p.Over == (objectives.Over{}) {
			continue
		}
		m, _ := objectives.MetricByName(p.Metric) // the name was checked
		parts := append([]string{"metric: " + p.Metric}, overTexts(p.Over)...)
		if p.Percent > 0 {
			parts = append(parts, "resolution: "+number(p.Percent)+"%")
		}
		if p.Absolute > 0 {
			parts = append(parts, "resolution: "+units.FormatExact(p.Absolute, m.Dim))
		}
		if !math.IsInf(p.From, -1) {
			parts = append(parts, "from: "+units.FormatExact(p.From, m.Dim))
		}
		if !math.IsInf(p.To, 1) {
			parts = append(parts, "to: "+units.FormatExact(p.To, m.Dim))
		}
		out[i] = "{" + strings.Join(parts, ", ") + "}"
	}
	return out
}

// writeConstraints writes the section of that name.
func (s *Study) writeConstraints(line func(format string, args ...any)) {
	texts := map[string][]string{}
	var order []string
	add := func(metric, text string) {
		if texts[metric] == nil {
			order = append(order, metric)
		}
		texts[metric] = append(texts[metric], text)
	}
	for _, b := range s.Constraints {
		m, err := objectives.MetricByName(b.Metric)
		if err != nil {
			continue
		}
		if !math.IsInf(b.Min, -1) {
			add(b.Metric, "min: "+units.FormatExact(b.Min, m.Dim))
		}
		if !math.IsInf(b.Max, 1) {
			add(b.Metric, "max: "+units.FormatExact(b.Max, m.Dim))
		}
	}
	for _, p := range s.Preferences {
		if m, _ := objectives.MetricByName(p.Metric); p.Times > 0 {
			add(p.Metric, fmt.Sprintf("%s: %sx", map[bool]string{true: "min", false: "max"}[m.Max], number(p.Times)))
		}
	}
	if len(order) > 0 {
		line("constraints:")
	}
	for _, metric := range order {
		line("  %s: {%s}", metric, strings.Join(texts[metric], ", "))
	}
}

// objectivesSchema is the JSON Schema of the objectives.
func objectivesSchema() map[string]any {
	text := map[string]any{"type": []string{"string", "number"}}
	one := object([]string{"metric"}, map[string]any{"metric": enum(objectives.MetricNames()), "resolution": text, "from": text, "to": text, "over": enum(overSets()), "by": enum(overStatistics()), "level": map[string]any{"type": "number", "exclusiveMinimum": 0, "maximum": 1}})
	return map[string]any{"type": "array", "minItems": 1, "maxItems": explore.MaxObjectives, "uniqueItems": true, "items": map[string]any{"anyOf": []any{enum(objectives.MetricNames()), one}}}
}
