package device

import (
	"math"

	"stco/model/units"
)

// The violations of a bitcell, scaled so that 1 is a gross miss; at most 0 is
// met.
const (
	unstable      = iota // K_eff not positive hot
	unswitchable         // critical field below the in-plane field
	backSwitching        // write current above the back-switching limit
	density              // channel current density above the electromigration limit
	heating              // self-heating above the limit
	headroom             // voltage over channel and transistor above the supply
	readError            // read error rate above its share of the budget
	readDisturb          // read disturb rate above its share
	noBarrier            // barrier below the onset of magnetoresistance, or pillar smaller than its damaged rim
	NumViolations        // number of violations of a bitcell
)

// ViolationName returns the name of a violation as tables and messages have it.
func ViolationName(i int) string {
	return [NumViolations]string{
		"anisotropy", "in-plane field", "back-switching", "current density", "self-heating",
		"cell write voltage", "read error", "read disturb", "junction",
	}[i]
}

// Warning is a bit set of doubts about a design that are no limits.
type Warning uint8

// The warnings.
const (
	WeakField     Warning = 1 << iota // Hx below 0.15 Hk (E13)
	LowReadFactor                     // thermal stability factor below 20 hot
)

// Figures is what a bitcell does. SI units.
type Figures struct {
	DeltaNominal, DeltaHot, DeltaCold float64    // thermal stability factor, nominal process
	DeltaWorst                        float64    // hot and at the process guard-band (E35)
	AnisotropyField                   float64    // mu0*Hk at the nominal temperature, T
	Retention                         units.Time // time data keep at their share of the error budget, hot, worst process (E7)

	CriticalCurrent units.Current // I_c0 cold (E10, E11)
	HalfCurrent     units.Current // I_50 of the pulse, cold (E17, E19)
	WriteCurrent    units.Current // with error budget and process guard-band (E36)
	CurrentDensity  units.CurrentDensity
	WriteFins       float64
	ReadFins        float64
	Channel         units.Resistance // of the write path without transistor
	WriteVoltage    units.Voltage    // over channel and transistor (E23)
	WriteEnergy     units.Energy     // of channel and transistor per bit (E23)
	Heating         float64          // K

	RA              units.ResistanceArea
	Parallel        units.Resistance
	TMR             float64 // at the read bias
	ParallelCurrent units.Current
	AntiCurrent     units.Current
	Signal          units.Current // half the difference (E29)
	WriteError      float64       // allowed and sized for
	ReadError       float64
	DisturbError    float64 // of one read
	Endurance       float64 // write cycles
	Area            units.Area
	BackEndLimited  bool
	Warnings        Warning
	Violations      [NumViolations]float64
}

// Evaluate computes a bitcell and what the array needs to know of it. It
// allocates nothing.
func Evaluate(p *Params, n *Process, o *Operating, out *Figures, cell *Cell) {
	*out = Figures{Endurance: p.Endurance}
	for i := range out.Violations {
		out.Violations[i] = -1
	}
	share := o.BitError / 4
	hot := p.magnet(float64(o.Hot), &o.Spread)
	cold := p.magnet(float64(o.Cold), &o.Spread)
	nominal := p.magnet(float64(o.Nominal), &o.Spread)
	out.DeltaHot, out.DeltaCold, out.DeltaNominal = hot.delta, cold.delta, nominal.delta
	out.AnisotropyField = nominal.hk
	out.DeltaWorst = hot.delta * (1 - o.Sigma*p.CVDelta())
	out.Retention = units.Time(RetentionTime(share, out.DeltaWorst, p.AttemptTime))
	out.Violations[unstable] = -hot.keff / 1e4
	if out.DeltaWorst < 20 {
		out.Warnings |= LowReadFactor
	}
	if p.Technology == STT {
		p.writeSTT(n, o, &cold, share, out)
	} else {
		p.writeSOT(n, o, &cold, share, out)
		if !o.FieldFree && p.Field < MinFieldRatio*nominal.hk {
			out.Warnings |= WeakField
		}
	}
	p.read(n, o, &hot, share, out)
	p.layout(n, out, cell)
}

// magnet is the free layer at one temperature.
type magnet struct{ ms, keff, hk, delta float64 }

func (p *Params) magnet(temperature float64, s *Spread) magnet {
	f := BlochFactor(temperature, p.Curie)
	ms := p.Ms * f * (1 + s.Ms)
	ki := p.Anisotropy * math.Pow(f, p.AnisotropyExponent)
	k := EffectiveAnisotropy(ki, p.BulkAnisotropy, ms, p.FreeLayer, p.Diameter) * (1 + s.Field)
	m := magnet{ms: ms, keff: k, hk: AnisotropyField(k, ms)}
	if k <= 0 {
		return m
	}
	macro := MacrospinDelta(k, Volume(p.FreeLayer, p.Diameter), temperature)
	wall := WallDelta(p.Exchange, k, p.FreeLayer, p.Diameter, temperature)
	m.delta = SoftMin(macro, wall) * (1 + s.Volume)
	return m
}

// writeSOT sizes the channel write (E10 to E12, E17 to E25, E36).
func (p *Params) writeSOT(n *Process, o *Operating, cold *magnet, share float64, out *Figures) {
	length := p.Diameter + p.ChannelExtension
	section := p.ChannelWidth * p.ChannelThickness
	theta := p.efficiency() * (1 + o.Spread.Theta)
	jc := CriticalDensity(cold.ms, p.FreeLayer, theta, cold.hk, p.Field)
	out.Violations[unswitchable] = (math.Sqrt2*p.Field - cold.hk) / (math.Sqrt2 * max(p.Field, 1e-3))
	if jc <= 0 {
		jc = 0
	}
	shunt := ShuntRatio(p.FreeLayer, p.RhoFreeLayer, p.ChannelThickness, p.Rho) * min(1, p.Diameter/length) * min(1, p.Diameter/p.ChannelWidth)
	ic := CriticalCurrent(jc, p.ChannelWidth, p.ChannelThickness, p.Nucleation, shunt) * (1 + o.Spread.Section)
	i50 := HalfCurrent(ic, max(cold.delta, 1), p.AttemptTime, p.TauC, p.Pulse)
	ratio := WriteRatio(share, p.WriteSlope)
	iw := i50 * ratio * (1 + o.Sigma*p.CVCurrent())
	out.WriteError = share
	out.Violations[backSwitching] = ratio*(1+o.Sigma*p.CVCurrent())/p.BackSwitching - 1
	out.Channel = units.Resistance(ChannelResistance(p.Rho, length, p.ChannelWidth, p.ChannelThickness) * (1 + o.Spread.Resistance))
	p.drive(n, ic, i50, iw, p.FinDerating, out)
	out.CurrentDensity = units.CurrentDensity(iw / section)
	out.Violations[density] = iw/section/p.MaxDensity - 1
	out.Heating = SelfHeating(iw*iw*float64(out.Channel), length, p.ChannelWidth)
	out.Violations[heating] = out.Heating/p.MaxHeating - 1
}

// writeSTT sizes the write through the junction (E16, E22).
func (p *Params) writeSTT(n *Process, o *Operating, cold *magnet, share float64, out *Figures) {
	ic := STTCriticalCurrent(p.STTAlpha, p.STTEfficiency, max(cold.delta, 1), float64(o.Cold))
	const limit = 20
	ratio := STTWriteRatio(share, max(cold.delta, 1), p.STTAlpha, max(cold.hk, 1e-3), p.Pulse, limit)
	guard := 1 + o.Sigma*p.CVDelta()
	out.WriteError = STTWriteError(ratio, max(cold.delta, 1), p.STTAlpha, max(cold.hk, 1e-3), p.Pulse)
	out.Violations[backSwitching] = ratio/limit - 0.999
	out.Channel = units.Resistance(p.junction(o) * (1 + p.tmr0()/2))
	p.drive(n, ic, ic*ratio, ic*ratio*guard, p.STTDerating, out)
}

// drive sizes the write transistor (E25) and sums the voltages (E23).
func (p *Params) drive(n *Process, ic, i50, iw, derating float64, out *Figures) {
	out.CriticalCurrent, out.HalfCurrent, out.WriteCurrent = units.Current(ic), units.Current(i50), units.Current(iw)
	out.WriteFins = Fins(iw, float64(n.OnCurrent), derating)
	r := float64(out.Channel) + p.finResistance(n)/out.WriteFins
	out.WriteVoltage = units.Voltage(iw * r)
	out.WriteEnergy = units.Energy(iw * iw * r * p.Pulse)
	out.Violations[headroom] = iw*r/float64(n.Vdd) - 1
}

// finResistance is the on-resistance of one fin in the linear region.
func (p *Params) finResistance(n *Process) float64 {
	return p.FinResistance * float64(n.Vdd) / float64(n.OnCurrent)
}

func (p *Params) tmr0() float64 {
	return ZeroBiasTMR(p.TMRSaturation, p.Barrier, p.TMROnset, p.TMRLength)
}

// junction returns R_P (E26, E28); the damaged rim does not conduct.
func (p *Params) junction(o *Operating) float64 {
	d := max(p.Diameter-2*p.EtchDamage, 1e-9)
	ra := ResistanceArea(p.RARef, p.BarrierRef, p.Barrier, BarrierDecay(p.BarrierHeight))
	return ParallelResistance(ra, d) * (1 + o.Spread.Resistance)
}

// read computes signal and error rates of a read (E26 to E32).
func (p *Params) read(n *Process, o *Operating, hot *magnet, share float64, out *Figures) {
	tmr0 := p.tmr0()
	conducting := p.Diameter - 2*p.EtchDamage
	out.Violations[noBarrier] = max(-conducting/p.Diameter, -tmr0) + 1e-9
	rp := p.junction(o)
	out.RA = units.ResistanceArea(ResistanceArea(p.RARef, p.BarrierRef, p.Barrier, BarrierDecay(p.BarrierHeight)))
	out.Parallel = units.Resistance(rp)
	out.ReadFins = 1
	series := p.finResistance(n) + float64(out.Channel)/2
	if p.Technology == STT {
		out.ReadFins = out.WriteFins
		series = p.finResistance(n) / out.WriteFins
	}
	ip, iap, di := ReadSignal(p.ReadVoltage, rp, tmr0, p.TMRHalfVoltage, series)
	out.ParallelCurrent, out.AntiCurrent, out.Signal = units.Current(ip), units.Current(iap), units.Current(di)
	out.TMR = BiasTMR(tmr0, ip*rp, p.TMRHalfVoltage)
	out.ReadError = ReadError(out.TMR, p.SigmaResistance)
	out.Violations[readError] = excess(out.ReadError, share)
	disturb := STTCriticalCurrent(p.STTAlpha, p.STTEfficiency, max(out.DeltaWorst, 1), float64(o.Hot))
	if p.Technology == SOT {
		disturb = STTCriticalCurrent(p.Alpha, p.STTEfficiency, max(out.DeltaWorst, 1), float64(o.Hot))
	}
	out.DisturbError = ReadDisturb(p.ReadTime, p.AttemptTime, max(out.DeltaWorst, 0), ip/disturb, 2)
	out.Violations[readDisturb] = excess(out.DisturbError*p.Reads, share)
}

// excess is the orders of magnitude by which a rate misses its limit, over ten.
func excess(rate, limit float64) float64 {
	if rate <= 0 {
		return -1
	}
	return math.Log10(rate/limit) / 10
}

// layout computes the footprint (E39, E40) and fills the cell of the array.
func (p *Params) layout(n *Process, out *Figures, cell *Cell) {
	front := FrontEndArea(float64(n.GatePitch), float64(n.FinPitch), max(out.WriteFins, out.ReadFins))
	back := BackEndArea(p.Diameter+p.ChannelExtension, p.ChannelWidth, p.Diameter, p.SpaceSOT, p.SpaceMTJ, float64(n.MetalPitchX), float64(n.MetalPitchY))
	height := 2 * float64(n.GatePitch)
	if p.Technology == STT {
		// One transistor: half the gate pitches of the pair, with a shared source.
		front = FrontEndArea(float64(n.GatePitch)*0.75, float64(n.FinPitch), out.WriteFins)
		back = math.Pow(max(p.Diameter+p.SpaceMTJ, 2*float64(n.MetalPitchX)), 2)
		height = 1.5 * float64(n.GatePitch)
	}
	area := max(front, back)
	out.Area, out.BackEndLimited = units.Area(area), back > front
	mean := float64(out.ParallelCurrent+out.AntiCurrent) / 2
	*cell = Cell{
		Technology: p.Technology,
		Width:      units.Length(area / height), Height: units.Length(height),
		ReadGateCap: n.GateCap * units.Capacitance(out.ReadFins), WriteGateCap: n.GateCap * units.Capacitance(out.WriteFins),
		ReadDrainCap: n.DrainCap * units.Capacitance(out.ReadFins), WriteDrainCap: n.DrainCap * units.Capacitance(out.WriteFins),
		ReadCurrent: units.Current(mean), SenseCurrent: out.Signal,
		ReadVoltage: units.Voltage(p.ReadVoltage), ReadResistance: units.Resistance(p.ReadVoltage / mean),
		WriteCurrent: out.WriteCurrent, WritePulse: units.Time(p.Pulse),
		WriteResistance: out.Channel + units.Resistance(p.finResistance(n)/out.WriteFins),
	}
	if p.Technology == STT {
		cell.WriteGateCap, cell.WriteDrainCap = cell.ReadGateCap, cell.ReadDrainCap
	}
}
