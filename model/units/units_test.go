package units

import (
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestParseAs(t *testing.T) {
	for _, c := range []struct {
		text string
		dim  Dimension
		want float64
	}{
		{"0.8ns", DimTime, 0.8e-9},
		{" 0.8 ns ", DimTime, 0.8e-9},
		{"10yr", DimTime, 315576000},
		{"2min", DimTime, 120},
		{"1d", DimTime, 86400},
		{"55uA", DimCurrent, 55e-6},
		{"55µA", DimCurrent, 55e-6},
		{"55μA", DimCurrent, 55e-6},
		{"+5.5e1uA", DimCurrent, 55e-6},
		{"-.5V", DimVoltage, -0.5},
		{"64MiB", DimBytes, 64 << 20},
		{"64MB", DimBytes, 64e6},
		{"512Mibit", DimBytes, 64 << 20},
		{"460GB/s", DimBandwidth, 460e9},
		{"8Gbit/s", DimBandwidth, 1e9},
		{"200uOhm*cm", DimResistivity, 200e-8},
		{"200 µΩ·cm", DimResistivity, 200e-8},
		{"200uΩ cm", DimResistivity, 200e-8},
		{"2e-6Ohm*m", DimResistivity, 2e-6},
		{"1.2mJ/m^2", DimSurfaceEnergy, 1.2e-3},
		{"1.2 mJ/m²", DimSurfaceEnergy, 1.2e-3},
		{"1.2erg/cm^2", DimSurfaceEnergy, 1.2e-3},
		{"85degC", DimTemperature, 358.15},
		{"85°C", DimTemperature, 358.15},
		{"-40degC", DimTemperature, 233.15},
		{"358K", DimTemperature, 358},
		{"128", DimRatio, 128},
		{"5%", DimRatio, 0.05},
		{"5 Ohm um2", DimResistanceArea, 5e-12},
		{"5Ohm*um^2", DimResistanceArea, 5e-12},
		{"3.9pJ/bit", DimEnergyPerBit, 3.9e-12},
		{"8pJ/B", DimEnergyPerBit, 1e-12},
		{"0.06um^2", DimArea, 0.06e-12},
		{"36mm2", DimArea, 36e-6},
		{"1e6A/m", DimMagnetization, 1e6},
		{"1000emu/cm^3", DimMagnetization, 1e6},
		{"595uA/um", DimCurrentPerM, 595},
		{"0.2fF/um", DimCapacitancePerM, 0.2e-9},
		{"190mT", DimField, 0.19},
		{"200Oe", DimField, 0.02},
		{"76.8MA/cm^2", DimCurrentDensity, 7.68e11},
		{"940MHz", DimFrequency, 940e6},
		{"1/s", DimFrequency, 1},
		{"15pJ/m", DimExchangeStiff, 15e-12},
		{"2.5MJ/m^3", DimEnergyDensity, 2.5e6},
		{"60fJ/V/m", DimVCMACoefficient, 60e-15},
		{"0.9V/nm", DimElectricField, 0.9e9},
		{"0.4eV", DimEnergy, 0.4 * 1.602176634e-19},
	} {
		got, err := ParseAs(c.text, c.dim)
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		if math.Abs(got-c.want) > 2e-16*math.Abs(c.want) {
			t.Errorf("%s = %.17g, want %.17g", c.text, got, c.want)
		}
	}
}

func TestDecimalIsRoundedOnce(t *testing.T) {
	// 0.8*1e-9 in floating point is not 0.8e-9; the parser must give the latter.
	got, err := Parse[Time]("0.8ns")
	if err != nil || got != 0.8e-9 {
		t.Errorf("0.8ns = %.17g, %v", got, err)
	}
}

func TestParseRefuses(t *testing.T) {
	for _, c := range []struct {
		text string
		dim  Dimension
		says string
	}{
		{"55", DimCurrent, "needs a unit, one of fA, pA, nA, uA, mA, A"},
		{"", DimCurrent, "want a number with a unit"},
		{"uA", DimCurrent, "want a number with a unit"},
		{"55ns", DimCurrent, "not a unit of current"},
		{"55 ua", DimCurrent, "unknown symbol"},
		{"0x10ns", DimTime, "exponent"},
		{"1_000ns", DimTime, "exponent"},
		{"NaNns", DimTime, "want a number"},
		{"Infns", DimTime, "want a number"},
		{"inf", DimRatio, "want a number"},
		{"1e400ns", DimTime, "out of range"},
		{"1e99999999999999999999s", DimTime, "out of range"},
		{"1e-99999999999999999999s", DimTime, "too small"},
		{"1e-330s", DimTime, "too small"},
		{"64KB", DimBytes, "kB is 1000 bytes, KiB is 1024"},
		{"64Mi", DimBytes, "unknown symbol"},
		{"1MiHz", DimFrequency, "unknown symbol"},
		{"1mB", DimBytes, "unknown symbol"},
		{"85C", DimTemperature, "85degC or 358K"},
		{"-1K", DimTemperature, "below absolute zero"},
		{"-300degC", DimTemperature, "below absolute zero"},
		{"3nm/degC", DimLength, "degC stands alone"},
		{"1J/V*m", DimRatio, "ambiguous"},
		{"1um^", DimArea, "empty exponent"},
		{"1um^x", DimArea, "exponent"},
		{"1um^99", DimArea, "exponent"},
		{"1 m*", DimLength, "unknown symbol"},
		{"1m//m", DimRatio, "unknown symbol"},
		{"5ns", DimRatio, "a plain number"},
		{"1e", DimLength, "unknown symbol"},
	} {
		v, err := ParseAs(c.text, c.dim)
		if err == nil {
			t.Errorf("%q as %s gave %g", c.text, c.dim, v)
		} else if !strings.Contains(err.Error(), c.says) {
			t.Errorf("%q: error %q does not say %q", c.text, err, c.says)
		}
	}
}

func TestString(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{show(Time(0.8e-9)), "800ps"},
		{show(Time(0)), "0s"},
		{show(Time(999.96e-12)), "1ns"},
		{show(Current(55e-6)), "55uA"},
		{show(Bytes(64 << 20)), "64MiB"},
		{show(Bytes(1000)), "1000B"},
		{show(Bytes(1536)), "1.5KiB"},
		{show(Bandwidth(460e9)), "460GB/s"},
		{show(Resistivity(200e-8)), "200uOhm*cm"},
		{show(SurfaceEnergy(1.2e-3)), "1.2mJ/m^2"},
		{show(Temperature(358)), "358K"},
		{show(Ratio(128)), "128"},
		{show(Ratio(1.0 / 3)), "0.3333"},
		{show(Area(0.0299e-12)), "0.0299um^2"},
		{show(EnergyPerBit(31.12e-15)), "31.12fJ/bit"},
		{show(CurrentDensity(7.678e11)), "7.678e11A/m^2"},
		{show(Voltage(-0.5)), "-500mV"},
		{show(Ratio(math.NaN())), "NaN"},
		{exact(Time(0.8e-9)), "800ps"},
		{exact(Current(1.0 / 3)), "333.3333333333333mA"},
		{Format(1, numDimensions), "1"},
	} {
		if c.got != c.want {
			t.Errorf("got %s, want %s", c.got, c.want)
		}
	}
}

func TestEveryDimension(t *testing.T) {
	for _, d := range allDimensions() {
		for _, name := range append(d.Units(), d.alternatives()...) {
			u, err := ParseUnit(name)
			if err != nil || !u.Is(d) {
				t.Errorf("%s: unit %q: %v", d, name, err)
			}
		}
		if d != DimRatio {
			if _, err := ParseAs("1", d); err == nil || !strings.Contains(err.Error(), d.Units()[0]) {
				t.Errorf("%s: bare number: %v", d, err)
			}
		}
	}
	if got := DimensionOf[CurrentPerM](); got != DimCurrentPerM {
		t.Errorf("DimensionOf[CurrentPerM] = %s", got)
	}
	for _, s := range Symbols() {
		if _, err := ParseUnit(s.Name); err != nil {
			t.Errorf("symbol %s: %v", s.Name, err)
		}
	}
}

// TestRoundTrip: every finite value of every dimension survives Exact and Parse
// bit for bit, and the short form is within half a unit of its last digit.
func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := rapid.SampledFrom(allDimensions()).Draw(t, "dimension")
		v := rapid.OneOf(rapid.Float64(), rapid.Float64Range(-1e15, 1e15),
			rapid.Custom(func(t *rapid.T) float64 {
				return rapid.Float64Range(1, 10).Draw(t, "m") * math.Pow10(rapid.IntRange(-30, 20).Draw(t, "e"))
			})).Draw(t, "value")
		if d == DimTemperature {
			v = math.Abs(v)
		}
		text := FormatExact(v, d)
		got, err := ParseAs(text, d)
		if err != nil || got != v {
			t.Fatalf("%s %g: %q parsed as %g, %v", d, v, text, got, err)
		}
		short := Format(v, d)
		got, err = ParseAs(short, d)
		if math.Abs(v) < 1e300 && math.Abs(v) > 1e-300 && (err != nil || math.Abs(got-v) > 0.51e-3*math.Abs(v)) {
			t.Fatalf("%s %g: %q parsed as %g, %v", d, v, short, got, err)
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"0.8ns", "64MiB", "1e5 uOhm*cm", "-40degC", "5%", "1J/V/m", "9um^-2", "1e-", "Ω", "1.2.3V"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, d := range allDimensions() {
			v, err := ParseAs(s, d)
			if err != nil {
				continue
			}
			if math.IsNaN(v) || math.IsInf(v, 0) {
				t.Fatalf("%q as %s is %g", s, d, v)
			}
			again, err := ParseAs(FormatExact(v, d), d)
			if err != nil || again != v {
				t.Fatalf("%q as %s: %g prints as %s, read as %g, %v", s, d, v, FormatExact(v, d), again, err)
			}
		}
	})
}

func BenchmarkParse(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse[Time]("0.8ns"); err != nil {
			b.Fatal(err)
		}
	}
}

// show prints a quantity with four significant digits and a fitting prefix:
// show(Time(0.8e-9)) is "800ps".
func show[Q Quantity](q Q) string { return Format(float64(q), DimensionOf[Q]()) }

// exact prints a quantity so that Parse returns the same value bit for bit.
func exact[Q Quantity](q Q) string { return FormatExact(float64(q), DimensionOf[Q]()) }

// allDimensions lists all dimensions in declaration order.
func allDimensions() []Dimension {
	all := make([]Dimension, numDimensions)
	for i := range all {
		all[i] = Dimension(i)
	}
	return all
}
