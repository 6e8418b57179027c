package study

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"stco/experiments/study/catalog"
	"stco/experiments/study/strict"
	"stco/model"
	"stco/model/array"
	"stco/model/device"
	"stco/model/units"
)

// Baseline says which conventional buffer a design is compared with: of a given
// capacity, within a given area, or both. What it leaves open is chosen by the
// figure that is compared, over banks and word; clock and bus are the
// design's.
type Baseline struct {
	Technology   device.Technology // SRAM or STT
	Capacity     units.Bytes       // 0: any
	SameCapacity bool              // that of the design
	Area         units.Area        // at most; 0: any
	SameArea     bool              // at most that of the design
	Flavour      string            // "": each
	Code         array.ECC         // if OtherCode; otherwise that of the design: equal protection
	OtherCode    bool
	Temperature  units.Temperature // of leakage; 0: that of the study
	Node         string            // "": that of the study
	NoResidency  bool              // tensors do not stay between steps
}

// DefaultBaselines returns the baselines of a study that names none.
func DefaultBaselines() []Baseline {
	return []Baseline{{SameCapacity: true}, {SameArea: true}, {Capacity: 2 << 20}}
}

// Name returns a short name: "iso-capacity", "iso-area", "2 MiB", with what else
// the baseline fixes.
func (b *Baseline) Name() string {
	var parts []string
	add := func(ok bool, text string) {
		if ok {
			parts = append(parts, text)
		}
	}
	add(b.Technology == device.STT, "STT")
	add(b.SameCapacity, "iso-capacity")
	add(b.Capacity > 0, fmt.Sprintf("%g MiB", float64(b.Capacity)/(1<<20)))
	add(b.SameArea, "iso-area")
	add(b.Area > 0, fmt.Sprintf("%g mm2", float64(b.Area)*1e6))
	add(b.OtherCode, "ecc "+b.Code.String())
	add(b.Temperature > 0, fmt.Sprintf("%g K", float64(b.Temperature)))
	add(b.Node != "", b.Node)
	add(b.NoResidency, "no residency")
	return strings.Join(parts, " ")
}

// text writes the baseline as a study has it.
func (b *Baseline) text() string {
	var parts []string
	add := func(ok bool, name, text string) {
		if ok {
			parts = append(parts, name+": "+text)
		}
	}
	add(b.Technology != device.SRAM, "technology", "stt")
	add(b.SameCapacity, "capacity", same)
	add(b.Capacity > 0, "capacity", units.FormatExact(float64(b.Capacity), units.DimBytes))
	add(b.SameArea, "area", same)
	add(b.Area > 0, "area", units.FormatExact(float64(b.Area), units.DimArea))
	add(b.Flavour != "", "flavour", b.Flavour)
	add(b.OtherCode, "ecc", b.Code.String())
	add(b.Temperature > 0, "temperature", units.FormatExact(float64(b.Temperature), units.DimTemperature))
	add(b.Node != "", "node", b.Node)
	add(b.NoResidency, "residency", "false")
	return "{" + strings.Join(parts, ", ") + "}"
}

func baselineTexts(all []Baseline) string {
	texts := make([]string, len(all))
	for i := range all {
		texts[i] = all[i].text()
	}
	return "[" + strings.Join(texts, ", ") + "]"
}

// same is the word for "that of the design".
const same = "same"

// baselines reads the list of baselines.
func (d *decoder) baselines(n *yaml.Node, key string) []Baseline {
	var all []Baseline
	d.Items(n, key, func(item *yaml.Node, key string) {
		before := len(d.Problems)
		b := d.baseline(item, key)
		switch {
		case len(d.Problems) > before:
			return
		case !b.SameCapacity && b.Capacity == 0 && !b.SameArea && b.Area == 0:
			d.Note(item, key, "give capacity, area or both: %s, or a quantity", same)
		case b.Technology == device.STT && b != Baseline{Technology: device.STT, SameCapacity: true}:
			d.Note(item, key, "a baseline of stt has capacity: %s and nothing else", same)
		case slices.Contains(all, b):
			d.Note(item, key, "given twice")
		}
		all = append(all, b)
	})
	return all
}

func (d *decoder) baseline(item *yaml.Node, key string) (b Baseline) {
	d.Mapping(item, key, []strict.Key{
		strict.Optional("technology", func(n *yaml.Node, key string) {
			if w, _ := d.Word(n, key, []string{"sram", "stt"}); w == "stt" {
				b.Technology = device.STT
			}
		}),
		strict.Optional("capacity", func(n *yaml.Node, key string) {
			if b.SameCapacity = n.Value == same; !b.SameCapacity {
				v, _ := value(d, n, key, knobNamed("capacity"))
				b.Capacity = units.Bytes(v)
			}
		}),
		strict.Optional("area", func(n *yaml.Node, key string) {
			if b.SameArea = n.Value == same; !b.SameArea {
				v, _ := d.Quantity(n, key, units.DimArea, 1e-12, 1)
				b.Area = units.Area(v)
			}
		}),
		strict.Optional("flavour", func(n *yaml.Node, key string) { b.Flavour, _ = d.Word(n, key, knobNamed("flavour").Choices) }),
		strict.Optional("ecc", func(n *yaml.Node, key string) {
			if n.Value == same {
				return
			}
			if w, ok := d.Word(n, key, knobNamed("ecc").Choices); ok {
				b.Code, b.OtherCode = array.ECC(slices.Index(knobNamed("ecc").Choices, w)), true
			}
		}),
		strict.Optional("temperature", func(n *yaml.Node, key string) {
			v, _ := d.Quantity(n, key, units.DimTemperature, 200, 430)
			b.Temperature = units.Temperature(v)
		}),
		strict.Optional("node", func(n *yaml.Node, key string) { b.Node, _ = d.Word(n, key, d.catalog().Tables.NodeNames()) }),
		strict.Optional("residency", func(n *yaml.Node, key string) {
			v, ok := d.Truth(n, key)
			b.NoResidency = ok && !v
		}),
	})
	return b
}

// knobNamed returns a knob of the model that is known to be there.
func knobNamed(name string) *model.Knob {
	for i := range knobs() {
		if knobs()[i].Name == name {
			return &knobs()[i]
		}
	}
	panic("no knob " + name)
}

// baselineSchema is the JSON Schema of the list of baselines.
func baselineSchema() map[string]any {
	text := map[string]any{"type": "string", "description": "same: that of the design; or a quantity with its unit"}
	return map[string]any{"type": "array", "uniqueItems": true, "items": object(nil, map[string]any{
		"technology": enum([]string{"sram", "stt"}), "capacity": text, "area": text, "flavour": enum(knobNamed("flavour").Choices),
		"ecc": enum(append([]string{same}, knobNamed("ecc").Choices...)), "temperature": map[string]any{"type": "string"},
		"node": enum(catalog.Builtin().Tables.NodeNames()), "residency": map[string]any{"type": "boolean"},
	})}
}
