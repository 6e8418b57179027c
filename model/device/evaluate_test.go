package device

import (
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"stco/model/tech"
)

// process14 is the 14 nm node of section 6.2 with capacitances of the right
// order.
func process14() Process {
	return Process{
		Vdd: 0.8, FinPitch: 48 * nm, GatePitch: 78 * nm, MetalPitchX: 64 * nm, MetalPitchY: 64 * nm,
		OnCurrent: 54.7e-6, GateCap: 0.09e-15, DrainCap: 0.05e-15,
	}
}

func nominalConditions() Operating {
	return Operating{Cold: 300, Nominal: 300, Hot: 358, BitError: 4e-6}
}

func loadPreset(t testing.TB, name string) Params {
	t.Helper()
	tables, err := tech.Load()
	if err != nil {
		t.Fatal(err)
	}
	p, err := Preset(tables, name)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func evaluate(p *Params, o *Operating) (f Figures, c Cell) {
	n := process14()
	Evaluate(p, &n, o, &f, &c)
	return f, c
}

func TestPresets(t *testing.T) {
	tables, err := tech.Load()
	if err != nil {
		t.Fatal(err)
	}
	names, err := PresetNames(tables)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"ref-w", "optimistic-nucleation", "macrospin", "hikstor-80nm", "stt-ref"} {
		if !slices.Contains(names, want) {
			t.Errorf("no preset %s in %v", want, names)
		}
	}
	for _, name := range names {
		if _, err := Preset(tables, name); err != nil {
			t.Error(err)
		}
	}
	for _, name := range []string{"common", "ref-x", ""} {
		if _, err := Preset(tables, name); err == nil {
			t.Errorf("preset %q is accepted", name)
		}
	}
	common, err := tables.Entry(presetTable, commonPreset)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range Fields() {
		if !common.Has(f.Name) {
			t.Errorf("the common preset has no %s", f.Name)
		}
	}
}

// TestFieldsCoverParams sets every member through its field and finds it
// changed; no two fields share a member and none is left out.
func TestFieldsCoverParams(t *testing.T) {
	members := 0
	for f := range reflect.TypeFor[Params]().Fields() {
		members += numFields(f.Type)
	}
	if got := len(Fields()); got != members {
		t.Errorf("%d fields for %d members", got, members)
	}
	seen := map[Params]string{}
	for _, f := range Fields() {
		if f.Max <= f.Min || f.Meaning == "" {
			t.Errorf("%s: range %g to %g, meaning %q", f.Name, f.Min, f.Max, f.Meaning)
		}
		var p Params
		f.Set(&p, f.Max)
		if got := f.Get(&p); got != f.Max {
			t.Errorf("%s: set %g, got %g", f.Name, f.Max, got)
		}
		q := Params{}
		f.Set(&q, 1)
		if other, ok := seen[q]; ok {
			t.Errorf("%s and %s are one member", f.Name, other)
		}
		seen[q] = f.Name
	}
}

func numFields(t reflect.Type) int {
	if t.Kind() == reflect.Struct {
		return t.NumField()
	}
	return 1
}

// TestOverrides replaces one value at a time, and the rest stays.
func TestOverrides(t *testing.T) {
	base := loadPreset(t, "ref-w")
	all := Fields()
	if len(all) > 128 {
		t.Fatalf("%d fields: one bit each is kept", len(all))
	}
	for i := range all {
		f := &all[i]
		v := f.Min + (f.Max-f.Min)/4
		if f.Choices != nil || f.Whole {
			v = f.Max
		}
		var o Overrides
		if _, ok := o.Get(f, i); ok {
			t.Fatalf("%s is replaced by nothing", f.Name)
		}
		o.Set(f, i, v)
		if got, ok := o.Get(f, i); !ok || got != v {
			t.Errorf("%s: %g, %t", f.Name, got, ok)
		}
		p := base
		_ = o.Apply(&p, nil) // a value may be at odds with the rest of the preset
		for j := range all {
			want := all[j].Get(&base)
			if j == i {
				want = v
			}
			if got := all[j].Get(&p); got != want {
				t.Errorf("%s = %g makes %s %g, want %g", f.Name, v, all[j].Name, got, want)
			}
		}
		o.Clear(f, i)
		if o != (Overrides{}) {
			t.Errorf("%s is not cleared", f.Name)
		}
	}
	var o Overrides
	for i := range all {
		if all[i].Name == "theta" {
			o.Set(&all[i], i, 0.45)
		}
	}
	materials := map[string]tech.SOTMaterial{"w": {Name: "w", Efficiency: 0.3, Resistivity: 2e-6, Thickness: 4e-9, SpinLength: 1.5e-9}}
	p := base
	if err := o.Apply(&p, materials); err != nil {
		t.Fatal(err)
	}
	if got := materials["w"]; got.Efficiency != 0.45 || got.Resistivity != 2e-6 || got.Thickness != 4e-9 {
		t.Errorf("material %+v", got)
	}
}

func TestValidate(t *testing.T) {
	p := loadPreset(t, "ref-w")
	p.Diameter, p.Theta, p.Pulse = 5*nm, math.NaN(), -1
	p.ChannelWidth = 0
	err := p.Validate()
	if err == nil {
		t.Fatal("accepted")
	}
	for _, says := range []string{"diameter = 5nm is outside 10nm to 300nm", "theta = NaN", "pulse = ", "channel_width = 0m"} {
		if !strings.Contains(err.Error(), says) {
			t.Errorf("error does not say %q:\n%v", says, err)
		}
	}
	o := Operating{Cold: 400, Nominal: 300, Hot: 358, Sigma: -1}
	err = o.Validate()
	for _, says := range []string{"t_nominal = 300K is outside 400K to 358K", "sigma = -1", "bit_error = 0"} {
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("error does not say %q:\n%v", says, err)
		}
	}
	o = nominalConditions()
	if err := o.Validate(); err != nil {
		t.Error(err)
	}
}

// TestRefW is the golden cell: the worked numbers of the reference through the
// whole chain, at 300 K without guard-bands (section 3.3, 3.6, 3.7, 6.2).
func TestRefW(t *testing.T) {
	p, o := loadPreset(t, "ref-w-external"), nominalConditions()
	p.TauC, p.NucleationLimit, p.Shunt, p.WriteTries, p.WriteFloor = 1e-13, false, false, 1, 0
	f, c := evaluate(&p, &o)
	digits(t, "Delta", f.DeltaNominal, "45.035", 0)
	digits(t, "Hk", f.AnisotropyField, "0.190", 0)
	digits(t, "I_c0", float64(f.CriticalCurrent)*1e6, "184.3", 0)
	digits(t, "R", float64(f.Channel), "916.7", 0)
	digits(t, "I_w", float64(f.WriteCurrent)*1e6, "248", 0)
	if f.WriteFins != 6 {
		t.Errorf("%g fins, want 6", f.WriteFins)
	}
	digits(t, "area", float64(f.Area)*1e12, "0.0655", 0) // two fingers: 3.5 * 78 nm * (3 + 2) * 48 nm
	if got := float64(c.WriteCurrent) * float64(c.WriteCurrent) * float64(c.WriteResistance) * p.Pulse; math.Abs(got/float64(f.WriteEnergy)-1) > 1e-12 {
		t.Errorf("cell and figures disagree on the write energy: %g, %g", got, f.WriteEnergy)
	}
}

// TestMaterials is the line of section 4: REF-W geometry with each material.
func TestMaterials(t *testing.T) {
	tables, err := tech.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, ua, fj string }{
		{"beta-w", "196.6", "53.1"},
		{"beta-w-co", "98.3", "7.1"},
		{"pt", "368.5", "20.5"},
		{"au0.25-pt0.75", "196.6", "14.7"},
		{"pd0.25-pt0.75", "226.8", "13.7"},
		{"pt0.6-mgo0.4", "210.6", "15.0"},
		{"beta-ta", "491", "210"},
		{"bi2se3", "16.8", "2.3"},
	} {
		p, o := loadPreset(t, "ref-w-external"), nominalConditions()
		p.Shunt = false
		m, err := tables.SOTMaterial(c.name)
		if err != nil {
			t.Fatal(err)
		}
		p.SetMaterial(&m)
		f, _ := evaluate(&p, &o)
		ic := float64(f.CriticalCurrent)
		digits(t, c.name+" I_c0", ic*1e6, c.ua, 0.5)
		digits(t, c.name+" E", jouleHeat(ic, float64(f.Channel), 1*nm)*1e15, c.fj, 0.1)
	}
}

// TestHikstor compares the preset with the measured device: the preset is
// calibrated at one point (f_nuc at 1 ns); the rest is not.
func TestHikstor(t *testing.T) {
	p, o := loadPreset(t, "hikstor-80nm"), nominalConditions()
	o.Hot = 300
	f, _ := evaluate(&p, &o)
	digits(t, "Delta", f.DeltaNominal, "48.515", 0)
	digits(t, "R_SOT", float64(f.Channel), "775.8", 0)
	digits(t, "R_P", float64(f.Parallel)*1e-3, "5.0", 0)
	digits(t, "V at 1 ns", float64(f.HalfCurrent)*float64(f.Channel), "0.79", 0)
	p.Pulse = 0.75 * nm
	f, _ = evaluate(&p, &o)
	if v := float64(f.HalfCurrent) * float64(f.Channel); v < 0.83 || v > 0.86 {
		t.Errorf("threshold at 0.75 ns is %.3f V, the measured law gives 0.845", v)
	}
	if f.Warnings&PulseExtrapolated != 0 {
		t.Error("0.75 ns is inside the measured range")
	}
	if f.Warnings&WeakField == 0 {
		t.Error("E13 must warn at Hx/Hk of 11 %")
	}
	p.Pulse = 0.4 * nm
	if f, _ = evaluate(&p, &o); f.Warnings&PulseExtrapolated == 0 {
		t.Error("0.4 ns is outside the measured range")
	}
}

func TestGateAssist(t *testing.T) {
	// E14: 15 fJ/V/m and 1 V lower the write current by about a quarter
	// (measured -25 % and -45 % energy on an 80 nm device).
	p, o := loadPreset(t, "ref-w"), nominalConditions()
	p.Barrier = 1.4 * nm
	plain, _ := evaluate(&p, &o)
	p.GateVoltage = 1
	gated, _ := evaluate(&p, &o)
	cut := 1 - float64(gated.CriticalCurrent/plain.CriticalCurrent)
	if cut < 0.1 || cut > 0.3 {
		t.Errorf("gate assist lowers the current by %.0f %%", 100*cut)
	}
	if gated.DeltaHot != plain.DeltaHot {
		t.Error("a gate voltage during writing changes the standby barrier")
	}
}

func TestSelectors(t *testing.T) {
	p, o := loadPreset(t, "optimistic-nucleation"), nominalConditions()
	silicon, plain := evaluate(&p, &o)
	p.Selector = IGZO
	oxide, cell := evaluate(&p, &o)
	if cut := 1 - float64(oxide.Area/silicon.Area); cut < 0.10 || cut > 0.45 {
		t.Errorf("an oxide selector saves %.0f %% of the area; 10 to 40 published, the layout rule gives 43 of the transistors", 100*cut)
	}
	if d := float64(cell.ReadDelay); d < 3*nm || d > 5*nm || plain.ReadDelay != 0 {
		t.Errorf("read delay %g s", d)
	}
	p.Selector = Diode
	_, diode := evaluate(&p, &o)
	if r := float64(diode.ReadVoltage / plain.ReadVoltage); r < 2.5 || r > 5 {
		t.Errorf("a diode multiplies the read energy by %.2f; 2.5 to 5 published", r)
	}
}

// TestFieldModes holds each way of setting the polarity to its price.
func TestFieldModes(t *testing.T) {
	base, o := loadPreset(t, "ref-w"), nominalConditions()
	base.NucleationLimit = false
	run := func(mode FieldMode, change func(*Params)) (Figures, Cell) {
		p := base
		p.FieldMode = mode
		if change != nil {
			change(&p)
		}
		return evaluate(&p, &o)
	}
	test, _ := run(External, nil)
	for _, mode := range []FieldMode{HardMask, ExchangeBias} {
		f, _ := run(mode, nil)
		// By hand: (1 - 20/190)^2 of 45.035.
		digits(t, FieldModeNames()[mode], f.DeltaNominal, "36.05", 1)
		if f.CriticalCurrent != test.CriticalCurrent || f.Warnings&TestField != 0 {
			t.Errorf("%s: current %g, in a test set-up %g", FieldModeNames()[mode], f.CriticalCurrent, test.CriticalCurrent)
		}
	}
	if test.Warnings&TestField == 0 {
		t.Error("a field of a test set-up does not warn")
	}
	digits(t, "external", test.DeltaNominal, "45.035", 0)
	for _, mode := range []FieldMode{Tilted, ZSpin} {
		f, _ := run(mode, func(p *Params) { p.FieldFreeCurrent = 1.1 })
		digits(t, "barrier without field", f.DeltaNominal, "45.035", 0)
		// E10: 0.095 over 0.095 - 0.02/sqrt2.
		if got, want := float64(f.CriticalCurrent/test.CriticalCurrent), 1.1*0.095/(0.095-0.0141421); math.Abs(got/want-1) > 1e-4 {
			t.Errorf("%s: current %g times that with field, by hand %g", FieldModeNames()[mode], got, want)
		}
	}
	tilted, _ := run(Tilted, nil)
	assisted, cell := run(STTAssist, func(p *Params) { p.AssistShare = 0.5 })
	digits(t, "assist current", float64(assisted.AssistCurrent)*1e6, "47.2", 0.5) // half of the 94.4 uA of E16
	if assisted.AssistEnergy <= 0 || assisted.WriteEnergy <= tilted.WriteEnergy || cell.WriteEnergy < assisted.WriteEnergy {
		t.Errorf("the assist is free: %g of %g J, drawn %g", assisted.AssistEnergy, assisted.WriteEnergy, cell.WriteEnergy)
	}
	if assisted.Violations[barrierField] <= tilted.Violations[barrierField] {
		t.Error("the assist does not stress the barrier")
	}
	// The magnet of a hard mask is a floor on the pitch along the channel.
	small := func(p *Params) {
		p.Diameter, p.ChannelWidth, p.ChannelExtension, p.SpaceSOT, p.SpaceMTJ = 20*nm, 20*nm, 0, 10*nm, 10*nm
		p.MagnetWidth, p.Theta = 500*nm, 10
	}
	hard, _ := run(HardMask, small)
	bias, _ := run(ExchangeBias, small)
	if hard.Area <= bias.Area {
		t.Errorf("a magnet of 500 nm costs no area: %g, %g", hard.Area, bias.Area)
	}
}

func TestRetentionTarget(t *testing.T) {
	p, o := loadPreset(t, "ref-w-tilted"), nominalConditions()
	o.Sigma, o.Lifetime = 3, 50e-3
	f, _ := evaluate(&p, &o)
	// E35 by hand: the nominal factor that leaves the required one hot at k sigma.
	required := requiredDelta(50e-3, 1e-6, 1e-9)
	want := required * f.DeltaNominal / f.DeltaWorst
	if math.Abs(f.DeltaRequired/want-1) > 1e-9 {
		t.Errorf("required factor %g, by hand %g", f.DeltaRequired, want)
	}
	if f.Violations[lifetime] <= 0 || f.DeltaRequired < f.DeltaNominal {
		t.Errorf("Delta %g meets a requirement of %g", f.DeltaNominal, f.DeltaRequired)
	}
	p.Anisotropy *= 1.1
	if f, _ = evaluate(&p, &o); f.Violations[lifetime] > 0 || f.Retention < 50e-3 || f.RetentionError > 1e-6 {
		t.Errorf("Delta %g misses a requirement of %g: retention %g s", f.DeltaNominal, f.DeltaRequired, f.Retention)
	}
	o.Guard = MeanProbability
	mean, _ := evaluate(&p, &o)
	sigma := mean.DeltaHot * mean.SpreadDelta
	if want := mean.DeltaHot - sigma*sigma/2; math.Abs(mean.DeltaWorst-want) > 1e-9 {
		t.Errorf("E8 gives %g, want %g", mean.DeltaWorst, want)
	}
}

// TestHopeless: a device without anisotropy, or with a field above it, has
// finite figures and says what is wrong.
func TestHopeless(t *testing.T) {
	for _, c := range []struct {
		name      string
		change    func(*Params)
		violation int
	}{
		{"no anisotropy", func(p *Params) { p.Anisotropy = 0.3e-3 }, unstable},
		{"field above Hk", func(p *Params) { p.Field = 0.3 }, unswitchable},
		{"barrier below the onset", func(p *Params) { p.Barrier = 0.6 * nm }, noBarrier},
		{"no driver", func(p *Params) { p.Theta = 0.02 }, headroom},
		{"dense current", func(p *Params) { p.Theta = 0.05 }, density},
		{"hot", func(p *Params) { p.Theta, p.Rho = 0.05, 1e-5 }, heating},
		{"unreliable", func(p *Params) { p.WriteTries = 1; p.WriteFloor = 1e-4 }, errorFloor},
		{"high bias", func(p *Params) { p.ReadVoltage = 0.95 }, barrierField},
		{"soft", func(p *Params) { p.Alpha = 1e-3 }, readDisturb},
		{"scattered", func(p *Params) { p.SigmaResistance = 0.3 }, readError},
	} {
		p, o := loadPreset(t, "ref-w"), nominalConditions()
		c.change(&p)
		f, cell := evaluate(&p, &o)
		if f.Violations[c.violation] <= 0 {
			t.Errorf("%s: no violation of %s: %g", c.name, ViolationName(c.violation), f.Violations)
		}
		finite(t, c.name, f, cell)
	}
}

func finite(t interface{ Errorf(string, ...any) }, name string, f Figures, c Cell) {
	for _, v := range []reflect.Value{reflect.ValueOf(f), reflect.ValueOf(c)} {
		for i := range v.NumField() {
			x := v.Field(i)
			switch x.Kind() {
			case reflect.Float64:
				if math.IsNaN(x.Float()) || math.IsInf(x.Float(), 0) {
					if field := v.Type().Field(i).Name; field != "Endurance" && field != "Retention" {
						t.Errorf("%s: %s is %g", name, field, x.Float())
					}
				}
			case reflect.Array:
				for j := range x.Len() {
					if math.IsNaN(x.Index(j).Float()) {
						t.Errorf("%s: violation %s is NaN", name, ViolationName(j))
					}
				}
			default:
			}
		}
	}
}

func TestNames(t *testing.T) {
	seen := map[string]bool{}
	for i := range NumViolations {
		if n := ViolationName(i); n == "" || seen[n] {
			t.Errorf("violation %d is named %q", i, n)
		} else {
			seen[n] = true
		}
	}
	if all := Warning(1<<numWarnings - 1).Names(); len(all) != numWarnings || slices.Contains(all, "") {
		t.Errorf("warnings %q", all)
	}
}

// TestEnvelope: a cell for relaxed retention on an efficient channel without
// field is inside the envelope of section 9 and, by the layout rule, between
// the 0.53 and 0.82 of SRAM of one to four fins.
func TestEnvelope(t *testing.T) {
	p, o := loadPreset(t, "ref-w-tilted"), nominalConditions()
	p.Theta, p.Rho, p.Anisotropy = 0.6, 160e-8, 0.665e-3
	f, _ := evaluate(&p, &o)
	if f.DeltaNominal < 25 || f.DeltaNominal > 40 {
		t.Fatalf("Delta %g", f.DeltaNominal)
	}
	if ratio := float64(f.Area) / 0.064e-12; ratio < 0.52 || ratio > 0.83 {
		t.Errorf("area ratio to 14 nm SRAM is %.2f with %g fins, I_w %.0f uA", ratio, f.WriteFins, float64(f.WriteCurrent)*1e6)
	}
}

// randomCell draws a feasible neighbourhood of REF-W.
func randomCell(t *rapid.T, base Params) Params {
	p := base
	u := func(name string, lo, hi float64) float64 { return rapid.Float64Range(lo, hi).Draw(t, name) }
	p.Diameter = u("diameter", 25, 80) * nm
	p.ChannelWidth = p.Diameter + u("margin", 0, 40)*nm
	p.ChannelThickness = u("channel", 3, 8) * nm
	p.FreeLayer = u("free layer", 0.9, 1.3) * nm
	// Anisotropy from the field it leaves, so that every cell is perpendicular.
	m := p.magnet(&Spread{})
	hk := u("hk", 0.12, 0.35)
	p.Anisotropy = (hk*p.Ms/2 + 0.5*mu0*p.Ms*p.Ms*m.nzx) * p.FreeLayer
	p.Theta = u("theta", 0.1, 1)
	p.Rho = u("rho", 30e-8, 300e-8)
	p.Field = u("field", 0, 0.25) * hk
	p.Barrier = u("barrier", 0.75, 1.1) * nm
	p.Pulse = u("pulse", 0.2, 5) * nm
	p.ReadVoltage = u("read voltage", 0.05, 0.3)
	p.NucleationLimit = rapid.Bool().Draw(t, "limit")
	p.Shunt = rapid.Bool().Draw(t, "shunt")
	p.FieldMode = FieldMode(rapid.IntRange(0, int(External)).Draw(t, "mode"))
	p.StabilityExponent = rapid.SampledFrom([]float64{0, 0.5, 1}).Draw(t, "exponent")
	p.WriteTries = float64(rapid.IntRange(1, 3).Draw(t, "tries"))
	p.WriteFloor = 0
	return p
}

// TestMonotone holds the orderings of section 9 over random cells.
func TestMonotone(t *testing.T) {
	base := loadPreset(t, "ref-w")
	n := process14()
	rapid.Check(t, func(t *rapid.T) {
		p := randomCell(t, base)
		o := Operating{Cold: 273, Nominal: 300, Hot: 350, Sigma: 2, BitError: 1e-6, Lifetime: 1e-2}
		run := func(p Params, o Operating) Figures {
			var f Figures
			var c Cell
			Evaluate(&p, &n, &o, &f, &c)
			finite(t, "random cell", f, c)
			if h := float64(c.Width * c.Height); math.Abs(h/float64(f.Area)-1) > 1e-9 {
				t.Fatalf("cell %g m^2, figures %g m^2", h, f.Area)
			}
			if f.WriteEnergy < f.ChannelEnergy {
				t.Fatalf("write energy %g below the channel's %g", f.WriteEnergy, f.ChannelEnergy)
			}
			if f.DeltaWorst > f.DeltaHot || f.AntiCurrent >= f.ParallelCurrent || f.WriteCurrent < f.HalfCurrent {
				t.Fatalf("order of figures: %+v", f)
			}
			return f
		}
		f := run(p, o)
		change := func(by func(*Params, *Operating)) Figures {
			q, r := p, o
			by(&q, &r)
			return run(q, r)
		}
		more := func(what string, a, b float64) {
			if !(b > a) {
				t.Errorf("%s: %g, then %g", what, a, b)
			}
		}
		// On a plateau the barrier does not know the anisotropy.
		plateau := 0.0
		if p.NucleationLimit && p.StabilityExponent == 0 {
			plateau = 1e-9
		}
		g := change(func(p *Params, _ *Operating) { p.Anisotropy *= 1.01 })
		more("Delta over anisotropy", f.DeltaNominal, g.DeltaNominal+plateau)
		more("I_c over Delta", float64(f.CriticalCurrent), float64(g.CriticalCurrent))
		more("retention over Delta", float64(f.Retention), float64(g.Retention)*(1+plateau))
		g = change(func(p *Params, _ *Operating) { p.Theta *= 1.05 })
		more("I_c over 1/theta", float64(g.CriticalCurrent), float64(f.CriticalCurrent))
		if g.Area > f.Area {
			t.Errorf("area grows with theta: %g, %g", f.Area, g.Area)
		}
		g = change(func(p *Params, _ *Operating) { p.Field += 1e-3 })
		if p.FieldMode.static() {
			more("I_c over -Hx", float64(g.CriticalCurrent), float64(f.CriticalCurrent))
		}
		if p.permanent() {
			more("Delta over -Hx", g.DeltaNominal, f.DeltaNominal)
			// A permanent field never gains: the barrier falls at least as fast.
			if g.DeltaNominal/f.DeltaNominal > float64(g.CriticalCurrent/f.CriticalCurrent)*(1+1e-9) && !p.NucleationLimit {
				t.Errorf("a field lowers the current by %g and the barrier only by %g", g.CriticalCurrent/f.CriticalCurrent, g.DeltaNominal/f.DeltaNominal)
			}
		}
		g = change(func(p *Params, _ *Operating) { p.Rho *= 1.05; p.RhoFreeLayer *= 1.05 })
		more("E over rho", float64(f.ChannelEnergy), float64(g.ChannelEnergy))
		g = change(func(_ *Params, o *Operating) { o.Hot += 5 })
		more("retention over -T", float64(g.Retention), float64(f.Retention))
		if g.RetentionError < f.RetentionError {
			t.Errorf("P_RF falls with temperature: %g, %g", f.RetentionError, g.RetentionError)
		}
		g = change(func(_ *Params, o *Operating) { o.Cold -= 5 })
		more("I_w over -T", float64(f.WriteCurrent), float64(g.WriteCurrent))
		g = change(func(_ *Params, o *Operating) { o.Sigma++ })
		more("I_w over sigma", float64(f.WriteCurrent), float64(g.WriteCurrent))
		more("retention over -sigma", float64(g.Retention), float64(f.Retention))
		g = change(func(_ *Params, o *Operating) { o.BitError /= 10 })
		more("I_w over -budget", float64(f.WriteCurrent), float64(g.WriteCurrent))
		more("retention over budget", float64(g.Retention), float64(f.Retention))
		g = change(func(p *Params, _ *Operating) { p.Barrier += 0.01 * nm })
		more("R_P over barrier", float64(f.Parallel), float64(g.Parallel))
		g = change(func(p *Params, _ *Operating) { p.Pulse *= 1.1 })
		if g.HalfCurrent > f.HalfCurrent {
			t.Errorf("I_50 grows with the pulse: %g, %g", f.HalfCurrent, g.HalfCurrent)
		}
	})
}

func TestFinsAndErrorsMonotone(t *testing.T) {
	p, c := loadPreset(t, "ref-w"), process14()
	last := 0.0
	for n := 1.0; n < 20; n++ {
		f := p.footprint(&c, n, 1)
		if f.height*f.width < last {
			t.Errorf("area falls from %g to %g at %g fins", last, f.height*f.width, n)
		}
		last = f.height * f.width
	}
	for i := 0.5; i < 1.6; i += 0.05 {
		if writeError(i+0.05, 40) >= writeError(i, 40) {
			t.Errorf("write error does not fall at I/I_50 = %g", i)
		}
	}
}

// TestReadTimeConvex: time to a sense margin over RA has one minimum, near
// R_P = R_T (E30: an interior optimum of RA).
func TestReadTimeConvex(t *testing.T) {
	p, o := loadPreset(t, "ref-w"), nominalConditions()
	p.TMROnset, p.TMRLength = 0, 0.001*nm // TMR of E30's table does not depend on the barrier
	last, turns, at := math.Inf(1), 0, 0.0
	falling := true
	for x := 0.70; x < 1.3; x += 0.005 {
		p.Barrier = x * nm
		f, _ := evaluate(&p, &o)
		time := 30e-15 * 50e-3 / float64(f.Signal)
		if rising := time > last; rising == falling {
			turns, falling = turns+1, !falling
			at = float64(f.Parallel)
		}
		last = time
	}
	if turns != 1 || at < 2e3 || at > 10e3 {
		t.Errorf("%d turns, the last at R_P = %g Ohm", turns, at)
	}
}

// TestSpinTransferHasNoMagnet: the field of an SOT preset is not that of an STT
// cell.
func TestSpinTransferHasNoMagnet(t *testing.T) {
	o := nominalConditions()
	p := loadPreset(t, "ref-w")
	p.Technology, p.Field = STT, 20e-3
	with, _ := evaluate(&p, &o)
	p.Field = 0
	if without, _ := evaluate(&p, &o); with.DeltaHot != without.DeltaHot || with.DeltaWorst != without.DeltaWorst {
		t.Errorf("Delta %g with the field of a magnet that an STT cell has not, %g without", with.DeltaHot, without.DeltaHot)
	}
}

// TestSpinTransferCell: the STT option is written through its junction and has
// one word line.
func TestSpinTransferCell(t *testing.T) {
	p, o := loadPreset(t, "stt-ref"), nominalConditions()
	f, c := evaluate(&p, &o)
	digits(t, "R_P", float64(f.Parallel)*1e-3, "6", 0)
	if c.ReadGateCap != c.WriteGateCap || c.ReadDrainCap != c.WriteDrainCap {
		t.Error("a 1T1R cell has two word lines")
	}
	energy := f.Anisotropy * math.Pi / 4 * p.Diameter * p.Diameter * p.FreeLayer / (boltzmann * 300)
	if want := spinTransferCurrent(energy, 300, p.STTAlpha, p.STTEfficiency); math.Abs(float64(f.CriticalCurrent)/want-1) > 1e-12 {
		t.Errorf("I_c0 %g, E16 %g", f.CriticalCurrent, want)
	}
	longer := p
	longer.Pulse *= 3
	if g, _ := evaluate(&longer, &o); g.WriteCurrent >= f.WriteCurrent {
		t.Error("a longer pulse needs no less current")
	}
	core := p
	core.STTSupply = 0
	if g, _ := evaluate(&core, &o); g.Violations[headroom] <= 0 {
		t.Errorf("10 ns at 0.8 V through 6 kOhm is drivable: %g V", g.WriteVoltage)
	}
	if f.Violations[headroom] > 0 {
		t.Errorf("not drivable from %g V: %g V", f.WriteSupply, f.WriteVoltage)
	}
	// E = I V t / eta.
	if want := 1.2 * float64(f.WriteCurrent) * 10 * nm / 0.8; math.Abs(float64(c.WriteEnergy)/want-1) > 1e-12 || c.WriteVoltage != 1.2 {
		t.Errorf("drawn from %g V: %g J, by hand %g", c.WriteVoltage, c.WriteEnergy, want)
	}
}

func TestEvaluateAllocates(t *testing.T) {
	n, o := process14(), nominalConditions()
	o.Lifetime = 1
	rng := rand.New(rand.NewPCG(1, 2))
	for _, name := range []string{"ref-w", "stt-ref", "hikstor-80nm"} {
		p := loadPreset(t, name)
		p.GateVoltage = 0.1
		var f Figures
		var c Cell
		var s Sample
		if a := testing.AllocsPerRun(100, func() {
			Evaluate(&p, &n, &o, &f, &c)
			Draw(&p, &n, &o, &f, rng, &s)
		}); a != 0 {
			t.Errorf("%s: %g allocations", name, a)
		}
	}
}

// TestSamples: the population has the spreads that were put in, the same seed
// gives the same devices, and about half of the devices are above nominal.
func TestSamples(t *testing.T) {
	p, n := loadPreset(t, "macrospin"), process14()
	o := Operating{Cold: 300, Nominal: 300, Hot: 358, Sigma: 3, BitError: 1e-6, Lifetime: 1e-3}
	var nominal Figures
	var c Cell
	Evaluate(&p, &n, &o, &nominal, &c)
	const count = 20000
	draw := func(seed uint64) (delta, current, signal moments, fails float64, first Sample) {
		rng := rand.New(rand.NewPCG(seed, 0))
		var s Sample
		for i := range count {
			Draw(&p, &n, &o, &nominal, rng, &s)
			if i == 0 {
				first = s
			}
			delta.add(s.DeltaHot)
			current.add(s.HalfCurrent)
			signal.add(s.Signal)
			if e := s.Error(); e < 0 || e > 1 || math.IsNaN(e) {
				t.Fatalf("error probability %g of %+v", e, s)
			} else {
				fails += e
			}
		}
		return delta, current, signal, fails / count, first
	}
	delta, current, signal, fails, first := draw(1)
	if cv := delta.cv(); math.Abs(cv/nominal.SpreadDelta-1) > 0.03 {
		t.Errorf("CV(Delta) %.4f, the gradient gives %.4f", cv, nominal.SpreadDelta)
	}
	if math.Abs(delta.mean()/nominal.DeltaHot-1) > 0.01 {
		t.Errorf("mean Delta %.3f, nominal %.3f", delta.mean(), nominal.DeltaHot)
	}
	if cv := current.cv(); math.Abs(cv/nominal.SpreadCurrent-1) > 0.03 {
		t.Errorf("CV(I) %.4f, E36 gives %.4f", cv, nominal.SpreadCurrent)
	}
	if cv := signal.cv(); cv < 0.02 || cv > 0.1 {
		t.Errorf("CV(dI) %.4f", cv)
	}
	if fails <= 0 || fails > 0.01 {
		t.Errorf("mean failure probability %g", fails)
	}
	if _, _, _, again, same := draw(1); again != fails || same != first {
		t.Error("the same seed gives other devices")
	}
	if _, _, _, other, _ := draw(2); other == fails {
		t.Error("another seed gives the same devices")
	}
	// A device at the k-sigma corner of the write is written to the budget.
	corner := o
	corner.Spread = Spread{Section: 3 * nominal.SpreadCurrent}
	var f Figures
	Evaluate(&p, &n, &corner, &f, &c)
	if w := writeError(float64(nominal.WriteCurrent/f.HalfCurrent), p.WriteSlope); math.Abs(w/math.Sqrt(2.5e-7)-1) > 1e-6 {
		t.Errorf("write error of an attempt of the corner device %g, root of the share of the budget 5e-4", w)
	}
	if y := ArrayYield(fails, 1<<20, 72, 1); y < 0 || y > 1 {
		t.Errorf("yield %g", y)
	}
}

type moments struct{ n, sum, squares float64 }

func (m *moments) add(x float64) { m.n, m.sum, m.squares = m.n+1, m.sum+x, m.squares+x*x }

func (m *moments) mean() float64 { return m.sum / m.n }

func (m *moments) cv() float64 {
	mean := m.mean()
	return math.Sqrt(m.squares/m.n-mean*mean) / mean
}

func TestWordErrorInverse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		bits := rapid.IntRange(8, 600).Draw(t, "bits")
		corrected := rapid.IntRange(0, 3).Draw(t, "corrected")
		word := math.Pow(10, rapid.Float64Range(-25, -0.5).Draw(t, "word"))
		p := RawErrorRate(word, bits, corrected)
		if back := WordError(p, bits, corrected); math.Abs(math.Log(back/word)) > 1e-9 {
			t.Fatalf("P_word(%g) = %g, want %g", p, back, word)
		}
		if more := WordError(p*1.1, bits, corrected); more <= word {
			t.Fatalf("P_word falls with p: %g, %g", word, more)
		}
	})
}

func BenchmarkEvaluate(b *testing.B) {
	n := process14()
	o := Operating{Cold: 273, Nominal: 300, Hot: 358, Sigma: 3, BitError: 1e-6}
	for _, name := range []string{"ref-w", "stt-ref"} {
		p := loadPreset(b, name)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			var f Figures
			var c Cell
			for b.Loop() {
				Evaluate(&p, &n, &o, &f, &c)
			}
		})
	}
}

func BenchmarkDraw(b *testing.B) {
	p, n, o := loadPreset(b, "ref-w"), process14(), nominalConditions()
	rng := rand.New(rand.NewPCG(1, 2))
	var f Figures
	var c Cell
	var s Sample
	Evaluate(&p, &n, &o, &f, &c)
	b.ReportAllocs()
	for b.Loop() {
		Draw(&p, &n, &o, &f, rng, &s)
	}
}
