package objectives

import (
	"math"
	"slices"
	"testing"

	"stco/model"
	"stco/model/device"
	"stco/space"
)

// TestKnobsDecodedByHand decodes the middle and the ends of every knob's range
// and looks at the field of the design that the knob stands for, in SI: ranges,
// scales and units of the default space with their values on paper.
func TestKnobsDecodedByHand(t *testing.T) {
	c, err := model.NewCatalog()
	if err != nil {
		t.Fatal(err)
	}
	type fields = func(*model.Design) float64
	for name, want := range map[string]struct {
		low, middle, high float64 // at the coordinates 0, 0.5 and 1
		of                fields
	}{
		"split":             {0, 0.21875, 0.4375, func(d *model.Design) float64 { return float64(d.Split) }}, // 29 values, the 15th
		"mtj_diameter":      {20e-9, 70e-9, 120e-9, func(d *model.Design) float64 { return float64(d.MTJDiameter) }},
		"width_margin":      {0, 20e-9, 40e-9, func(d *model.Design) float64 { return float64(d.WidthMargin) }},
		"channel_thickness": {2.5e-9, 5.25e-9, 8e-9, func(d *model.Design) float64 { return float64(d.ChannelThickness) }},
		"free_layer":        {0.6e-9, 1.05e-9, 1.5e-9, func(d *model.Design) float64 { return float64(d.FreeLayer) }},
		"anisotropy":        {0.3e-3, 0.95e-3, 1.6e-3, func(d *model.Design) float64 { return float64(d.Anisotropy) }},
		"barrier":           {0.7e-9, 0.93e-9, 1.15e-9, func(d *model.Design) float64 { return float64(d.Barrier) }}, // 46 values, the 24th
		"pulse":             {0.2e-9, 2e-9, 20e-9, func(d *model.Design) float64 { return float64(d.Pulse) }},        // sqrt(0.2*20)
		"read_voltage":      {0.05, 0.18, 0.3, func(d *model.Design) float64 { return float64(d.ReadVoltage) }},      // 26 values, the 14th
		"capacity":          {1 << 20, 24 << 20, 512 << 20, func(d *model.Design) float64 { return float64(d.Capacity) }},
		"banks":             {1, 16, 256, func(d *model.Design) float64 { return float64(d.Banks) }}, // 17 values, the 9th
		"word":              {64, 512, 2048, func(d *model.Design) float64 { return float64(d.WordBits) }},
		"rows":              {64, 256, 1024, func(d *model.Design) float64 { return float64(d.Rows) }},
		"columns":           {128, 512, 2048, func(d *model.Design) float64 { return float64(d.Columns) }},
		"read_bus":          {512, 2048, 8192, func(d *model.Design) float64 { return float64(d.ReadBus) }},
		"write_bus":         {512, 2048, 8192, func(d *model.Design) float64 { return float64(d.WriteBus) }},
		"clock":             {0.5e9, 1e9, 1.5e9, func(d *model.Design) float64 { return float64(d.Clock) }},
		"technology":        {0, 2, 2, func(d *model.Design) float64 { return float64(d.Technology) }}, // sram, stt, hybrid-stt
		"codeword":          {64, 256, 512, func(d *model.Design) float64 { return float64(d.Codeword) }},
		"ecc":               {0, 2, 3, func(d *model.Design) float64 { return float64(d.ECC) }},
		"selector":          {0, 1, 2, func(d *model.Design) float64 { return float64(d.Selector) }},
		"retention":         {0, 1, 1, func(d *model.Design) float64 { return map[bool]float64{true: 1}[d.Scrub] }},
	} {
		knobs := c.Knobs()
		at := -1
		for i := range knobs {
			if knobs[i].Name == name {
				at = i
			}
		}
		if at < 0 {
			t.Errorf("%s: no such knob", name)
			continue
		}
		k := &knobs[at]
		p := Listed(k, nil)
		if k.Scale != model.Choice {
			p = Between(k, k.Low, k.High, k.Step, 0)
		}
		d, err := NewDecoder(knobs, model.DefaultDesign(), []space.Parameter{p})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for u, v := range map[float64]float64{0: want.low, 0.5: want.middle, 1: want.high} {
			x := []float64{math.NaN()}
			d.Space.Decode([]float64{u}, x)
			var out model.Design
			d.Decode(x, &out)
			if got := want.of(&out); got != v {
				t.Errorf("%s at %g: %v, want %v", name, u, got, v)
			}
		}
	}
}

// TestEncodeKeepsToGrid: a design off the grid of its knobs is encoded as the
// nearest point of the space: barriers have steps of 0.01 nm.
func TestEncodeKeepsToGrid(t *testing.T) {
	c, err := model.NewCatalog()
	if err != nil {
		t.Fatal(err)
	}
	knobs := c.Knobs()
	at := slices.IndexFunc(knobs, func(k model.Knob) bool { return k.Name == "barrier" })
	k := &knobs[at]
	d, err := NewDecoder(knobs, model.DefaultDesign(), []space.Parameter{Between(k, k.Low, k.High, k.Step, 0)})
	if err != nil {
		t.Fatal(err)
	}
	design := model.DefaultDesign()
	design.Barrier = 0.9138e-9
	x := make([]float64, 1)
	d.Encode(&design, x)
	var back model.Design
	if d.Decode(x, &back); back.Barrier != 0.91e-9 || x[0] == 0.9138e-9 {
		t.Errorf("0.9138 nm is encoded as %v and decoded as %v", x[0], back.Barrier)
	}
}

// TestFixedAndListed: a fixed knob is no parameter of the space and holds its
// value; a list keeps to its values, on the knob's own scale.
func TestFixedAndListed(t *testing.T) {
	c, err := model.NewCatalog()
	if err != nil {
		t.Fatal(err)
	}
	knobs := c.Knobs()
	knob := func(name string) *model.Knob {
		for i := range knobs {
			if knobs[i].Name == name {
				return &knobs[i]
			}
		}
		t.Fatalf("no knob %s", name)
		return nil
	}
	d, err := NewDecoder(knobs, model.DefaultDesign(), []space.Parameter{
		Fixed(knob("technology"), float64(device.STT)), Fixed(knob("pulse"), 3.5e-9),
		Listed(knob("capacity"), []float64{1e6, 10e6}), Between(knob("pulse"), 1e-9, 5e-9, 2e-9, 0),
	})
	if err != nil {
		t.Fatal(err)
	}
	if d.Space.Dim() != 1 || d.Space.Kind(0) != space.LogReal || d.Space.GridSize(0) != 2 {
		t.Errorf("%d parameters", d.Space.Dim())
	}
	var out model.Design
	d.Decode([]float64{10e6}, &out)
	if out.Technology != device.STT || float64(out.Pulse) != 3.5e-9 || float64(out.Capacity) != 10e6 {
		t.Errorf("decoded %+v", out)
	}
	if p := Fixed(knob("pulse"), 3.5e-9); p.Min != 3.5e-9 || p.Max != 3.5e-9 || !IsFixed(&p) {
		t.Errorf("a fixed pulse %+v", p)
	}
	if p := Fixed(knob("technology"), 2); p.Min != 0 || p.Max != 0 || !slices.Equal(p.Values, []float64{2}) {
		t.Errorf("a fixed technology %+v", p)
	}
	if decimals(0, 0) != 0 || decimals(-300, 2) != 1e9 || decimals(0, 1e-12) != 1e22 {
		t.Error("digits that are kept")
	}
	if p := Between(knob("pulse"), 1e-9, 5e-9, 2e-9, 0); p.Kind != space.Real {
		t.Errorf("steps of a logarithmic knob are %s", p.Kind)
	}
}

// TestWalkOfCapacity follows the walk of docs/design/002-knobs.md.
func TestWalkOfCapacity(t *testing.T) {
	c, err := model.NewCatalog()
	if err != nil {
		t.Fatal(err)
	}
	knobs := c.Knobs()
	for i := range knobs {
		k := &knobs[i]
		if k.Name != "capacity" {
			continue
		}
		low, err1 := k.Parse("1MiB")
		high, err2 := k.Parse("512MiB")
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		d, err := NewDecoder(knobs, model.DefaultDesign(), []space.Parameter{Between(k, low, high, 0, 0)})
		if err != nil {
			t.Fatal(err)
		}
		x := make([]float64, 1)
		d.Space.Decode([]float64{0.5}, x)
		var out model.Design
		d.Decode(x, &out)
		if n := d.Space.GridSize(0); n != 19 || float64(out.Capacity) != 25165824 || k.Out(k.Get(&out)) != 24 || k.Format(k.Get(&out)) != "24MiB" {
			t.Errorf("%d values; %v B, %v in files", n, out.Capacity, k.Format(k.Get(&out)))
		}
	}
}
