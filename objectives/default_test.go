package objectives

import (
	"slices"
	"testing"

	"stco/model"
)

// What a study searches that names no range: the quantities of bitcell and
// buffer; not the choices, what the array model finds by itself, what only a
// hybrid buffer has, what belongs to the machine and what is off by default.
func TestSearchedByDefault(t *testing.T) {
	base := model.DefaultDesign()
	var searched []string
	c, err := model.NewCatalog()
	if err != nil {
		t.Fatal(err)
	}
	knobs := c.Knobs()
	for i := range knobs {
		k := &knobs[i]
		if p := Default(k, &base); !IsFixed(&p) {
			searched = append(searched, p.Name)
		}
	}
	want := []string{
		"mtj_diameter", "width_margin", "channel_thickness", "free_layer", "anisotropy", "barrier", "pulse", "read_voltage",
		"capacity", "banks", "word", "read_bus", "write_bus",
	}
	if !slices.Equal(searched, want) {
		t.Errorf("searched: %v", searched)
	}
}
