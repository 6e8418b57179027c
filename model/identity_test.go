package model

import (
	"testing"

	"stco/model/device"
	"stco/model/units"
)

// TestIdentity checks that equal buffers have one identity, whatever their
// idle knobs say, and that every knob with a meaning changes it.
func TestIdentity(t *testing.T) {
	c, err := NewCatalog()
	if err != nil {
		t.Fatal(err)
	}
	base := DefaultDesign()
	id := func(change func(*Design)) string {
		d := base
		change(&d)
		return c.Identity(&d)
	}
	sot := id(func(*Design) {})
	for name, change := range map[string]func(*Design){
		"hybrid without a scratchpad": func(d *Design) { d.Hybrid, d.Split = true, 0 },
		"split of a plain buffer":     func(d *Design) { d.Split = 0.25 },
	} {
		if got := id(change); got != sot {
			t.Errorf("%s: %s, want the identity of the plain buffer %s", name, got, sot)
		}
	}
	stt := id(func(d *Design) { d.Technology = device.STT })
	if got := id(func(d *Design) { d.Hybrid, d.Split, d.Technology = true, 0, device.STT }); got != stt {
		t.Errorf("hybrid-stt without a scratchpad: %s, want %s", got, stt)
	}
	if got := id(func(d *Design) { d.Technology, d.Material, d.ChannelThickness = device.STT, "pt", 9e-9 }); got != stt {
		t.Errorf("STT with another channel: %s, want %s", got, stt)
	}
	sram := id(func(d *Design) { d.Technology = device.SRAM })
	for name, change := range map[string]func(*Design){
		"bitcell":       func(d *Design) { d.Technology, d.MTJDiameter, d.Pulse, d.Scrub = device.SRAM, 40e-9, 1e-9, false },
		"only a pad":    func(d *Design) { d.Hybrid, d.Split = true, 1 },
		"only STT's":    func(d *Design) { d.Hybrid, d.Split, d.Technology = true, 1, device.STT },
		"read selector": func(d *Design) { d.Technology, d.Selector = device.SRAM, device.Selector(1) },
	} {
		if got := id(change); got != sram {
			t.Errorf("SRAM, %s: %s, want %s", name, got, sram)
		}
	}
	seen := map[string]string{sot: "SOT", stt: "STT", sram: "SRAM"}
	if len(seen) != 3 {
		t.Error("technologies share an identity")
	}
	base.Hybrid, base.Split = true, 0.125 // every knob has a meaning
	seen[c.Identity(&base)] = "hybrid"
	for i := range c.Knobs() {
		k := &c.Knobs()[i]
		v := k.Get(&base) + 1
		if k.Scale == Choice {
			v = float64((int(k.Get(&base)) + 1) % len(k.Choices))
		}
		if k.Name == "split" {
			v = 0.5
		}
		got := id(func(d *Design) { k.Set(d, v) })
		if other, ok := seen[got]; ok {
			t.Errorf("%s at %s: the identity of %s", k.Name, k.Format(v), other)
		}
		seen[got] = k.Name
	}
	if len(sot) != identityDigits {
		t.Errorf("identity %q has %d digits", sot, len(sot))
	}
	if split := units.Ratio(1e-12); id(func(d *Design) { d.Hybrid, d.Split = true, split }) != sot {
		t.Error("a scratchpad of less than a byte is a scratchpad")
	}
}
