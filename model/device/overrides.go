package device

import (
	"slices"

	"stco/model/tech"
)

// Overrides are values that replace those of a preset, by the index of Fields.
// The zero value replaces none.
type Overrides struct {
	values Params
	given  [2]uint64 // bits
}

// Set replaces the value of a field.
func (o *Overrides) Set(f *Field, i int, v float64) {
	f.Set(&o.values, v)
	o.given[i/64] |= 1 << (i % 64)
}

// Clear leaves the value of a field to the preset.
func (o *Overrides) Clear(f *Field, i int) {
	f.Set(&o.values, 0)
	o.given[i/64] &^= 1 << (i % 64)
}

// Get returns the value that replaces that of the preset, if there is one.
func (o *Overrides) Get(f *Field, i int) (v float64, ok bool) {
	return f.Get(&o.values), o.given[i/64]&(1<<(i%64)) != 0
}

// Gives tells whether the field of a name is replaced.
func (o *Overrides) Gives(name string) bool {
	i := slices.IndexFunc(Fields(), func(f Field) bool { return f.Name == name })
	return i >= 0 && o.given[i/64]&(1<<(i%64)) != 0
}

// Apply puts the values over those of a preset, and over those of the channel
// materials that a design may name. The error lists all that no cell can have.
func (o *Overrides) Apply(p *Params, materials map[string]tech.SOTMaterial) error {
	for i, f := range Fields() {
		if v, ok := o.Get(&f, i); ok {
			f.Set(p, v)
		}
	}
	for name, m := range materials {
		q := *p
		q.SetMaterial(&m)
		for i, f := range Fields() {
			if v, ok := o.Get(&f, i); ok {
				f.Set(&q, v)
			}
		}
		materials[name] = q.material(name)
	}
	return p.Validate()
}

// SetByDesign tells whether a field is what a design chooses: no setting
// replaces it.
func (f *Field) SetByDesign() bool {
	switch f.Name {
	case "technology", "selector", "diameter", "free_layer", "channel_width", "channel_thickness", "barrier", "pulse", "read_voltage", "anisotropy":
		return true
	}
	return false
}
