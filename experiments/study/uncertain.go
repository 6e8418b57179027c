package study

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"stco/experiments/study/strict"
	"stco/model"
)

// Uncertainty is a setting of the model that is known within a range only.
type Uncertainty struct {
	Name      string
	Low, High float64 // SI
	Log       bool    // evenly spread over orders of magnitude, otherwise over values
}

// At returns the value at a share of the range, 0 to 1.
func (u *Uncertainty) At(share float64) float64 {
	if u.Log {
		return u.Low * math.Pow(u.High/u.Low, share)
	}
	return u.Low + (u.High-u.Low)*share
}

// Uncertainties lists what the study gives a range, and the parameters of the
// bitcell for which the tables do, unless the study gives them a value.
func (s *Study) Uncertainties() []Uncertainty {
	out := slices.Clone(s.Ranges)
	for i := range settings() {
		v := &settings()[i]
		given := slices.ContainsFunc(s.Ranges, func(u Uncertainty) bool { return u.Name == v.Name })
		if v.Group == model.DeviceGroup && !given && v.Scale != model.Choice && !v.Whole && v.Low < v.High && math.IsNaN(v.Get(&s.Setup)) {
			out = append(out, Uncertainty{v.Name, v.Low, v.High, v.Scale == model.Logarithmic && v.Low > 0})
		}
	}
	return out
}

// ranged takes the settings with a range out of the section model.
func (d *decoder) ranged(n *yaml.Node, key string, s *Study) *yaml.Node {
	if n == nil || n.Kind != yaml.MappingNode {
		return n
	}
	rest := *n
	rest.Content = nil
	for i := 0; i+1 < len(n.Content); i += 2 {
		name, v := n.Content[i], n.Content[i+1]
		at := slices.IndexFunc(settings(), func(x model.Setting) bool { return x.Name == name.Value })
		if v.Kind != yaml.MappingNode || at < 0 {
			rest.Content = append(rest.Content, name, v)
			continue
		}
		u, ok := d.rangeOfDoubt(v, strict.Join(key, name.Value), &settings()[at])
		if ok && slices.ContainsFunc(s.Ranges, func(o Uncertainty) bool { return o.Name == u.Name }) {
			d.Note(name, strict.Join(key, name.Value), "given twice")
		} else if ok {
			s.Ranges = append(s.Ranges, u)
		}
	}
	return &rest
}

// rangeOfDoubt reads {range: [LOW, HIGH], distribution: uniform | loguniform}.
func (d *decoder) rangeOfDoubt(n *yaml.Node, key string, v *model.Setting) (u Uncertainty, ok bool) {
	u.Name = v.Name
	before := len(d.Problems)
	var ends []float64
	d.Mapping(n, key, []strict.Key{
		strict.Required("range", func(n *yaml.Node, key string) {
			d.Items(n, key, func(item *yaml.Node, key string) {
				if x, ok := value(d, item, key, v); ok {
					ends = append(ends, x)
				}
			})
			if n.Kind == yaml.SequenceNode && len(n.Content) != 2 {
				d.Note(n, key, "want [LOW, HIGH], have %d values", len(n.Content))
			}
		}),
		strict.Optional("distribution", func(n *yaml.Node, key string) {
			w, _ := d.Word(n, key, []string{"uniform", "loguniform"})
			u.Log = w == "loguniform"
		}),
	})
	switch {
	case len(d.Problems) > before:
	case v.Scale == model.Choice || v.Whole:
		d.Note(n, key, "%s is no quantity: it has no range of doubt", v.Name)
	case !(ends[0] < ends[1]):
		d.Note(n, key, "%s must be below %s", v.Format(ends[0]), v.Format(ends[1]))
	case u.Log && !(ends[0] > 0):
		d.Note(n, key, "loguniform from %s: must be above 0", v.Format(ends[0]))
	default:
		u.Low, u.High = ends[0], ends[1]
		return u, true
	}
	return u, false
}

// Vary sets the uncertain settings of a setup to shares of their ranges.
func Vary(setup model.Setup, list []Uncertainty, shares []float64) model.Setup {
	for k := range list {
		for i := range settings() {
			if settings()[i].Name == list[k].Name {
				settings()[i].Set(&setup, list[k].At(shares[k]))
			}
		}
	}
	return setup
}

// rangeTexts writes the settings that a study gives a range.
func (s *Study) rangeTexts() map[string]string {
	out := map[string]string{}
	for _, u := range s.Ranges {
		at := slices.IndexFunc(settings(), func(x model.Setting) bool { return x.Name == u.Name })
		v := &settings()[at]
		text := fmt.Sprintf("{range: [%s, %s]", v.Format(u.Low), v.Format(u.High))
		if u.Log {
			text += ", distribution: loguniform"
		}
		out[u.Name] = strings.TrimSpace(text) + "}"
	}
	return out
}

// rangesSchema is the JSON Schema of the uncertainties.
func rangesSchema() map[string]any {
	text := map[string]any{"type": []string{"string", "number"}}
	all := map[string]any{}
	for i := range settings() {
		if v := &settings()[i]; v.Scale != model.Choice && !v.Whole {
			all[v.Name] = object([]string{"range"}, map[string]any{
				"range": map[string]any{"type": "array", "minItems": 2, "maxItems": 2, "items": text}, "distribution": enum([]string{"uniform", "loguniform"}),
			})
		}
	}
	return object(nil, all)
}

// SettingText writes a value of a setting with its unit.
func SettingText(name string, v float64) string {
	for i := range settings() {
		if s := &settings()[i]; s.Name == name {
			return s.Format(v)
		}
	}
	return fmt.Sprint(v)
}
