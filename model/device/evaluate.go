package device

import (
	"math"

	"stco/model/units"
)

// Evaluate computes a bitcell and what the array needs to know of it. It
// allocates nothing, and fails nothing: what misses a limit is in
// Figures.Violations. Params and Operating are those that Validate accepts.
func Evaluate(p *Params, n *Process, o *Operating, out *Figures, cell *Cell) {
	*out = Figures{}
	for i := range out.Violations {
		out.Violations[i] = -1
	}
	share := o.BitError / errorCauses
	m := p.magnet(&o.Spread)
	atHot, atCold := p.temper(float64(o.Hot)), p.temper(float64(o.Cold))
	hot, cold := p.state(&m, &atHot, 0), p.state(&m, &atCold, 0)
	nominal := cold
	if o.Nominal != o.Cold {
		at := p.temper(float64(o.Nominal))
		nominal = p.state(&m, &at, 0)
	}
	out.Violations[unstable] = -hot.keff / anisotropyMiss
	weak := p.hold(o, &m, &atHot, &hot, share, out)
	out.DeltaCold, out.DeltaNominal = cold.delta, nominal.delta
	out.AnisotropyField, out.Anisotropy = nominal.hk, nominal.keff
	p.require(o, share, out)
	if p.Technology == STT {
		p.writeSTT(n, o, &m, &cold, share, out)
	} else {
		writing := cold
		if p.GateVoltage > 0 {
			writing = p.state(&m, &atCold, anisotropyLoss(p.VCMA, p.GateVoltage, p.Barrier))
		}
		p.writeSOT(n, o, &m, &writing, &cold, &hot, share, out)
		if p.FieldMode.static() && p.Field < p.LeastField*nominal.hk {
			out.Warnings |= WeakField
		}
		if p.FieldMode == External && p.Field > 0 {
			out.Warnings |= TestField
		}
	}
	series := p.readSeries(n, out)
	p.read(o, &hot, &weak, series, share, out)
	p.layout(n, out, cell)
	out.disturbed(p.Reads, share)
	p.envelope(out)
}

// disturbed judges the disturbance of a datum by its reads between two writes (E32)
// and sums up the errors of a use (E38).
func (f *Figures) disturbed(reads, share float64) {
	f.Violations[readDisturb] = excess(f.DisturbError*reads, share)
	f.BitError = min(totalError(f.WriteError, f.RetentionError, f.DisturbError, reads, f.ReadError), 1)
}

// Disturb replaces the number of reads of a datum between two writes by one that was
// counted after the bitcell was evaluated; budget is the raw bit error rate allowed
// per use.
func (f *Figures) Disturb(reads, budget float64) { f.disturbed(reads, budget/errorCauses) }

const (
	// errorCauses share the error budget equally: write, retention, read and
	// read disturb (E38).
	errorCauses = 4
	// anisotropyMiss is the lack of anisotropy in J/m^3 that is a gross miss.
	anisotropyMiss = 1e4
)

// guarded is the device at the guard-band of the process, hot.
type guarded struct {
	magnet
	state
	energy float64 // of the whole layer over kT, which its critical currents go with (E16)
}

// hold judges retention hot (E7, E8, E35) and returns the device at the
// guard-band. It lies Sigma standard deviations down the steepest way in
// anisotropy, thickness and diameter, and goes through E1 to E5 itself; by the
// mean failure rate it is the nominal one with the energy scaled.
func (p *Params) hold(o *Operating, m *magnet, at *temper, hot *state, share float64, out *Figures) guarded {
	out.DeltaHot = hot.delta
	weak := guarded{*m, *hot, hot.coherent}
	if hot.delta > 0 {
		g := p.ofDelta(m, hot)
		cv, unit := p.spread(&g)
		out.SpreadDelta = cv
		if o.Guard == MeanProbability {
			sigma := hot.delta * cv
			out.DeltaWorst = max(meanFailureDelta(hot.delta, sigma), 0)
			weak.energy *= out.DeltaWorst / hot.delta
			if sigma*sigma > hot.delta/2 {
				out.Warnings |= SpreadTooWide
			}
		} else {
			out.DeltaWorst = hot.delta
			if o.Sigma > 0 {
				deviation := o.Spread.plus(new(unit.along(-o.Sigma)))
				weak.magnet = p.magnet(&deviation)
				weak.state = p.state(&weak.magnet, at, 0)
				out.DeltaWorst, weak.energy = min(weak.delta, hot.delta), min(weak.coherent, hot.coherent)
			}
			if out.DeltaWorst == 0 {
				out.Warnings |= SpreadTooWide
			}
		}
	}
	out.Retention = units.Time(retentionTime(out.DeltaWorst, share, p.AttemptTime))
	if out.DeltaWorst < p.LeastStability {
		out.Warnings |= LowStability
	}
	return weak
}

// require compares retention with the lifetime that is asked for (E35).
func (p *Params) require(o *Operating, share float64, out *Figures) {
	if o.Lifetime <= 0 {
		return
	}
	required := requiredDelta(float64(o.Lifetime), share, p.AttemptTime)
	out.RetentionError = retentionFailure(float64(o.Lifetime), out.DeltaWorst, p.AttemptTime)
	out.DeltaRequired = required
	if out.DeltaWorst > 0 && out.DeltaNominal > 0 {
		// The ratio of worst to nominal is r_T*(1 - k*CV) of E35.
		out.DeltaRequired = required * out.DeltaNominal / out.DeltaWorst
	}
	out.Violations[lifetime] = (required - out.DeltaWorst) / max(required, 1)
}

// attempt returns the write error of one attempt that leaves a share of the
// budget after all tries, and by how many tens of orders it lies below what an
// attempt reaches.
func (p *Params) attempt(share, floor float64) (failure, miss float64) {
	failure = share
	if p.WriteTries > 1 {
		failure = min(math.Pow(share, 1/p.WriteTries), p.MostFailure)
	}
	if failure < floor {
		return floor, math.Log10(floor/failure) / 10
	}
	return failure, -1
}

// writeSOT sizes the write through the channel (E10 to E14, E17 to E25, E36);
// writing is the cold state under the gate voltage.
func (p *Params) writeSOT(n *Process, o *Operating, m *magnet, writing, cold, hot *state, share float64, out *Figures) {
	length, section := p.channelLength(), p.ChannelWidth*p.ChannelThickness
	out.Efficiency = p.Efficiency() * (1 + o.Spread.Theta)
	field := p.staticField()
	out.Violations[unswitchable] = (math.Sqrt2*field - writing.hk) / max(math.Sqrt2*field, 1e-3)
	ic := p.channelCurrent(o, m, writing, out.Efficiency)
	i50 := ic * p.pulseFactor(cold.delta, out)
	g := p.ofCurrent(m, writing, field)
	magnetic, _ := p.spread(&g)
	cv := math.Sqrt(magnetic*magnetic + p.CVMs*p.CVMs + p.CVTheta*p.CVTheta + p.CVSection*p.CVSection)
	out.SpreadCurrent = cv
	failure, miss := p.attempt(share, p.WriteFloor)
	out.Violations[errorFloor] = miss
	ratio := overdrive(failure, p.WriteSlope) * (1 + o.Sigma*cv)
	iw := i50 * ratio
	out.WriteFailure, out.WriteError = failure, math.Pow(failure, p.WriteTries)
	if ratio > p.BackSwitching {
		out.Warnings |= Overdriven
	}
	if fast := ratio / max(1-o.Sigma*cv, 0.01) * (cold.hk - math.Sqrt2*field); fast > p.BackSwitching*(hot.hk-math.Sqrt2*field) {
		out.Warnings |= FastCorner
	}
	out.Channel = units.Resistance(channelResistance(p.Rho, length, p.ChannelWidth, p.ChannelThickness) * (1 + o.Spread.Channel))
	p.drive(n, p.WriteSupply, ic, i50, iw, iw*float64(out.Channel)*(1+o.Sigma*p.CVChannel), p.FinDerating, out)
	stress := max(p.ReadVoltage, p.GateVoltage)
	if p.FieldMode == STTAssist {
		stress = max(stress, p.assist(o, cold, out))
	}
	out.CurrentDensity = units.CurrentDensity(iw / section)
	out.Violations[density] = iw/section/p.MaxDensity - 1
	out.Heating = p.selfHeating(iw*iw*float64(out.Channel), length*p.ChannelWidth)
	out.Violations[heating] = out.Heating/p.MaxHeating - 1
	out.Violations[barrierField] = stress/(p.Barrier*p.MaxBarrierField) - 1
	out.Endurance = p.Endurance
	if j := iw / section; j > 0 {
		x := p.EnduranceDensity / j
		if p.EnduranceExponent == 2 {
			out.Endurance *= x * x
		} else {
			out.Endurance *= math.Pow(x, p.EnduranceExponent)
		}
	}
	if p.ChannelThickness < p.ThinChannel {
		out.Warnings |= ThinChannel
	}
}

// staticField returns the in-plane field in T that a write has (E10).
func (p *Params) staticField() float64 {
	if p.FieldMode.static() {
		return p.Field
	}
	return 0
}

// channelCurrent returns the critical current in A of the channel under a free
// layer in a state (E10, E11), at least 0; theta is the efficiency of its torque.
func (p *Params) channelCurrent(o *Operating, m *magnet, s *state, theta float64) float64 {
	density := criticalDensity(s.ms*(1+m.moment), m.thickness, theta, s.hk, p.staticField())
	ic := p.Nucleation * max(density, 0) * p.ChannelWidth * p.ChannelThickness * (1 + o.Spread.Section)
	if p.FieldMode == Tilted || p.FieldMode == ZSpin {
		ic *= p.FieldFreeCurrent
	}
	if p.Shunt {
		cover := min(1, p.Diameter/p.ChannelWidth)
		ic *= 1 + shuntFactor(p.FreeLayer, p.RhoFreeLayer, p.ChannelThickness, p.Rho)*cover
	}
	return ic
}

// assist adds the current through the junction of an STT-assisted write to the
// write energy and returns the voltage across the junction. That current
// flows through the read transistor; its pulse is that of the channel.
func (p *Params) assist(o *Operating, cold *state, out *Figures) (stress float64) {
	out.AssistCurrent = units.Current(p.AssistShare * spinTransferCurrent(cold.coherent, float64(o.Cold), p.Alpha, p.STTEfficiency*cold.f))
	i := float64(out.AssistCurrent)
	if i <= 0 {
		return 0
	}
	stress = antiparallelDrop(p.junction(o)*(1+o.Sigma*p.SigmaResistance), p.zeroBiasTMR(cold.f, o), p.TMRHalfVoltage, i)
	out.AssistEnergy = units.Energy(i * stress * p.Pulse)
	out.WriteEnergy += out.AssistEnergy
	return stress
}

// pulseFactor returns I_50/I_c0 of the pulse: E17 or E18, at least E19.
func (p *Params) pulseFactor(delta float64, out *Figures) float64 {
	thermal := activatedPulse(p.Pulse, p.AttemptTime, delta)
	if p.PulseLaw == Logarithmic {
		if p.Pulse < p.LogarithmicFrom || p.Pulse > p.LogarithmicTo {
			out.Warnings |= PulseExtrapolated
		}
		return max(measuredPulse(p.Pulse, p.PulseSlope), thermal, 0.01)
	}
	if p.Pulse < p.LinearFrom || p.Pulse > p.LinearTo {
		out.Warnings |= PulseExtrapolated
	}
	return max(shortPulse(p.Pulse, p.TauC), thermal)
}

// writeSTT sizes the write through the junction (E16, E22). The driver must
// carry the current at the drop of the antiparallel state. The critical current
// goes with the energy of the whole layer, which the torque turns coherently,
// not with the barrier that a nucleus escapes over.
func (p *Params) writeSTT(n *Process, o *Operating, m *magnet, cold *state, share float64, out *Figures) {
	energy, delta := max(cold.coherent, 0.1), max(cold.delta, 0.1)
	ic := spinTransferCurrent(energy, float64(o.Cold), p.STTAlpha, p.STTEfficiency*cold.f)
	failure, miss := p.attempt(share, 0)
	ratio := spinTransferOverdrive(failure, p.Pulse, delta, cold.hk, p.STTAlpha)
	coherent := *cold
	coherent.wall = false
	g := p.ofDelta(m, &coherent)
	cv, _ := p.spread(&g)
	out.SpreadCurrent = cv
	iw := ic * ratio * (1 + o.Sigma*cv)
	failure = spinTransferError(ratio, p.Pulse, delta, cold.hk, p.STTAlpha)
	out.WriteFailure, out.WriteError = failure, math.Pow(failure, p.WriteTries)
	out.Violations[errorFloor] = max(miss, ratio/maxOverdrive-0.999)
	rp, tmr0 := p.junction(o), p.zeroBiasTMR(cold.f, o)
	drop := antiparallelDrop(rp*(1+o.Sigma*p.SigmaResistance), tmr0, p.TMRHalfVoltage, iw)
	out.Channel = units.Resistance(antiparallelDrop(rp, tmr0, p.TMRHalfVoltage, iw) / iw)
	p.drive(n, p.STTSupply, ic, ic, iw, drop, p.STTDerating, out)
	out.Violations[barrierField] = max(drop, p.ReadVoltage)/(p.Barrier*p.MaxBarrierField) - 1
	out.Endurance = p.Endurance
}

// drive sizes the write transistor (E25) and sums the voltages (E23); drop is
// the voltage over the path without transistor at the process guard-band. The
// transistor's gate stays at the core supply.
func (p *Params) drive(n *Process, supply, ic, i50, iw, drop, derating float64, out *Figures) {
	out.CriticalCurrent, out.HalfCurrent, out.WriteCurrent = units.Current(ic), units.Current(i50), units.Current(iw)
	perFin := float64(n.OnCurrent)
	out.WriteFins = finsFor(iw, perFin, derating)
	vds := drainVoltage(iw/(out.WriteFins*perFin*derating), p.Saturation*float64(n.Vdd))
	out.WriteVoltage = units.Voltage(drop + vds)
	out.ChannelEnergy = units.Energy(jouleHeat(iw, float64(out.Channel), p.Pulse))
	out.WriteEnergy = out.ChannelEnergy + units.Energy(vds*iw*p.Pulse)
	out.WriteSupply = n.Vdd
	if supply > 0 {
		out.WriteSupply = units.Voltage(supply)
	}
	out.Violations[headroom] = (drop+vds)/float64(out.WriteSupply) - 1
}

// junction returns R_P (E26, E28); the damaged rim does not conduct.
func (p *Params) junction(o *Operating) float64 {
	return parallelResistance(p.ra(), max(p.Diameter-2*p.EtchDamage, 1e-9)) * (1 + o.Spread.Junction)
}

func (p *Params) ra() float64 {
	return barrierRA(p.RARef, p.Barrier, p.BarrierRef, barrierDecay(p.BarrierHeight))
}

// zeroBiasTMR returns TMR at zero bias at a temperature given by Ms(T)/Ms(300 K).
func (p *Params) zeroBiasTMR(f float64, o *Operating) float64 {
	return hotTMR(barrierTMR(p.TMRSaturation, p.Barrier, p.TMROnset, p.TMRLength), f) * (1 + o.Spread.TMR)
}

// readSeries returns the resistance in series with the junction in a read: the
// read transistor and half the channel (E29), or the one transistor of STT.
func (p *Params) readSeries(n *Process, out *Figures) float64 {
	out.ReadFins = p.ReadFins
	switch {
	case p.Technology == STT:
		out.ReadFins = out.WriteFins
	case out.AssistCurrent > 0:
		out.ReadFins = max(out.ReadFins, finsFor(float64(out.AssistCurrent), float64(n.OnCurrent), p.FinDerating))
	}
	series := linearResistance(p.Saturation*float64(n.Vdd), float64(n.OnCurrent)*out.ReadFins)
	if p.Technology != STT {
		series += float64(out.Channel) / 2
	}
	return series
}

// read computes signal and error rates of a read, hot (E26 to E32). A read
// current lowers the barrier, be it that of a nucleus, as its share of the critical
// current that writes the same layer: both are of energy, K_eff V over kT of the
// device at the guard-band, which a static field leaves whole. What of it flows along
// the channel of an SOT cell lowers the barrier as the torque of a write does.
func (p *Params) read(o *Operating, hot *state, weak *guarded, series, share float64, out *Figures) {
	tmr0 := p.zeroBiasTMR(hot.f, o)
	out.Violations[noBarrier] = max((2*p.EtchDamage-p.Diameter)/p.Diameter, (p.TMROnset-p.Barrier)/max(p.TMRLength, 1e-12)) + 1e-9
	rp := p.junction(o)
	out.RA, out.Parallel = units.ResistanceArea(p.ra()), units.Resistance(rp)
	ip, iap, di := readCurrents(rp, tmr0, p.TMRHalfVoltage, p.ReadVoltage, series)
	out.ParallelCurrent, out.AntiCurrent, out.Signal = units.Current(ip), units.Current(iap), units.Current(di)
	out.TMR = (p.ReadVoltage/iap-series)/rp - 1
	out.ReadError = readErrorRate(out.TMR, p.SigmaResistance)
	out.Violations[readError] = excess(out.ReadError, share)
	alpha := p.Alpha
	if p.Technology == STT {
		alpha = p.STTAlpha
	}
	critical := spinTransferCurrent(weak.energy, float64(o.Hot), alpha, p.STTEfficiency*hot.f)
	out.DisturbCurrent = units.Current(critical)
	ratio := 1.0
	if critical > ip {
		ratio = ip / critical
	}
	left := 1.0
	if p.Technology != STT {
		out.DisturbTorque = p.readTorque(ip, p.channelCurrent(o, &weak.magnet, &weak.state, out.Efficiency))
		left -= out.DisturbTorque
	}
	out.DisturbError = readDisturbRate(p.ReadTime, p.AttemptTime, out.DeltaWorst*left, ratio, p.DisturbExponent)
}

// readTorque returns the current that a read sends along the channel under the
// pillar over the critical current of the channel, at most 1. It is the share of
// the barrier that its spin-orbit torque takes, for the barrier falls linearly in
// the current (E19, E32).
func (p *Params) readTorque(read, critical float64) float64 {
	along := p.ReadTorque * read
	if critical > along {
		return along / critical
	}
	return 1
}

// errorScale is the orders of magnitude of an error rate over its limit that are a
// violation of 1.
const errorScale = 10

// excess is the orders of magnitude by which a rate misses its limit, over
// errorScale.
func excess(rate, limit float64) float64 {
	if rate <= 0 {
		return -1
	}
	return math.Log10(rate/limit) / errorScale
}

// layout computes the footprint (E39, E40) and fills the cell of the array.
func (p *Params) layout(n *Process, out *Figures, cell *Cell) {
	box := p.footprint(n, out.WriteFins, out.ReadFins)
	out.Area = units.Area(box.height * box.width)
	out.WriteFingers, out.BackEndLimited = box.fingers, box.backEnd
	mean := float64(out.ParallelCurrent+out.AntiCurrent) / 2
	*cell = Cell{
		Technology: p.Technology,
		Width:      units.Length(box.width), Height: units.Length(box.height),
		ReadGateCap: n.GateCap * units.Capacitance(out.ReadFins), WriteGateCap: n.GateCap * units.Capacitance(out.WriteFins),
		ReadDrainCap: n.DrainCap * units.Capacitance(out.ReadFins), WriteDrainCap: n.DrainCap * units.Capacitance(out.WriteFins),
		ReadCurrent: units.Current(mean), SenseCurrent: out.Signal,
		ReadVoltage: units.Voltage(p.ReadVoltage), ReadResistance: units.Resistance(p.ReadVoltage / mean),
		SenseFactor:  p.SenseFactor,
		WriteCurrent: out.WriteCurrent, WritePulse: units.Time(p.Pulse),
		WriteTries: int(p.WriteTries), WriteFailure: out.WriteFailure,
	}
	iw := float64(out.WriteCurrent)
	if iw > 0 {
		cell.WriteResistance = units.Resistance(float64(out.WriteEnergy-out.AssistEnergy) / (iw * iw * p.Pulse))
	}
	if out.WriteSupply > n.Vdd || out.AssistCurrent > 0 {
		// What the supply delivers, with the loss of its conversion.
		efficiency := 1.0
		if out.WriteSupply > n.Vdd {
			cell.WriteVoltage, efficiency = out.WriteSupply, p.SupplyEfficiency
		}
		cell.WriteEnergy = units.Energy(float64(out.WriteSupply) * (iw + float64(out.AssistCurrent)) * p.Pulse / efficiency)
	}
	switch {
	case p.Technology == STT:
		cell.WriteGateCap, cell.WriteDrainCap = cell.ReadGateCap, cell.ReadDrainCap
	case p.Selector == IGZO:
		cell.ReadDelay = units.Time(p.SelectorDelay)
	case p.Selector == Diode:
		cell.ReadVoltage += units.Voltage(p.SelectorDrop)
	}
}

// envelope flags figures that no 14 nm design is expected to have.
func (p *Params) envelope(out *Figures) {
	outside := func(x float64, usual Span, w Warning) {
		if !usual.holds(x) {
			out.Warnings |= w
		}
	}
	outside(out.DeltaNominal, p.UsualStability, UnusualStability)
	outside(float64(out.WriteCurrent), p.UsualCurrent, UnusualCurrent)
	outside(float64(out.Parallel), p.UsualJunction, UnusualResistance)
	outside(float64(out.WriteEnergy), p.UsualEnergy, UnusualEnergy)
	if p.Technology == SOT {
		outside(float64(out.CurrentDensity), p.UsualDensity, UnusualCurrent)
		outside(float64(out.Channel), p.UsualChannel, UnusualResistance)
	}
}
