package units

import "testing"

// TestNamed checks both conversions against decimal numbers: in with one
// rounding, out without the noise of the last digits.
func TestNamed(t *testing.T) {
	for _, c := range []struct {
		unit string
		d    Dimension
		v    float64
		si   float64
		text string
	}{
		{"nm", DimLength, 37, 3.7e-8, "37nm"},
		{"ns", DimTime, 0.3, 3e-10, "0.3ns"},
		{"mJ/m^2", DimSurfaceEnergy, 1.13, 1.13e-3, "1.13mJ/m^2"},
		{"MiB", DimBytes, 24, 25165824, "24MiB"},
		{"yr", DimTime, 5, 157788000, "5yr"},
		{"mm2", DimArea, 4.5, 4.5e-6, "4.5mm2"},
		{"pJ/bit", DimEnergyPerBit, 0.25, 2.5e-13, "0.25pJ/bit"},
		{"GB/s", DimBandwidth, 102.4, 102.4e9, "102.4GB/s"},
		{"", DimRatio, 0.4375, 0.4375, "0.4375"},
	} {
		n := NewNamed("x", c.unit, c.d, "")
		if got := n.In(c.v); got != c.si {
			t.Errorf("%g %s in: %v, want %v", c.v, c.unit, got, c.si)
		}
		if got := n.Out(c.si); got != c.v {
			t.Errorf("%g out: %v %s, want %v", c.si, got, c.unit, c.v)
		}
		if got := n.Format(c.si); got != c.text {
			t.Errorf("%g: %s, want %s", c.si, got, c.text)
		}
		if got, err := n.Parse(c.text); err != nil || got != c.si {
			t.Errorf("%s: %v, %v", c.text, got, err)
		}
	}
}
