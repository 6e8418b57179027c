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
	share := o.BitError / 4
	m := p.magnet()
	hot := p.state(&m, float64(o.Hot), 0, &o.Spread)
	cold := p.state(&m, float64(o.Cold), 0, &o.Spread)
	nominal := cold
	if o.Nominal != o.Cold {
		nominal = p.state(&m, float64(o.Nominal), 0, &o.Spread)
	}
	out.Violations[unstable] = -hot.keff / 1e4
	p.hold(o, &hot, &cold, &nominal, share, out)
	if p.Technology == STT {
		p.writeSTT(n, o, &cold, share, out)
	} else {
		p.writeSOT(n, o, &m, &cold, &hot, share, out)
		if !o.FieldFree && p.Field < deterministicField*nominal.hk {
			out.Warnings |= WeakField
		}
	}
	series := p.readSeries(n, out)
	p.read(o, &hot, series, share, out)
	p.layout(n, out, cell)
	out.BitError = min(totalError(out.WriteError, out.RetentionError, out.DisturbError, p.Reads, out.ReadError), 1)
	p.envelope(out)
}

// standby returns the thermal stability factor of a state at rest (E4).
func (p *Params) standby(s *state) float64 {
	if p.PermanentField {
		return s.delta * standbyFactor(p.Field, s.hk)
	}
	return s.delta
}

// hold judges retention hot (E7, E8, E35).
func (p *Params) hold(o *Operating, hot, cold, nominal *state, share float64, out *Figures) {
	out.DeltaHot, out.DeltaCold, out.DeltaNominal = p.standby(hot), p.standby(cold), p.standby(nominal)
	out.AnisotropyField = nominal.hk
	cv := p.CVDelta()
	if o.Guard == MeanProbability {
		sigma := out.DeltaHot * cv
		out.DeltaWorst = meanFailureDelta(out.DeltaHot, sigma)
		if sigma*sigma > out.DeltaHot/2 {
			out.Warnings |= SpreadTooWide
		}
	} else {
		out.DeltaWorst = out.DeltaHot * (1 - o.Sigma*cv)
		if o.Sigma*cv >= 1 {
			out.Warnings |= SpreadTooWide
		}
	}
	out.DeltaWorst = max(out.DeltaWorst, 0)
	out.Retention = units.Time(retentionTime(out.DeltaWorst, share, p.AttemptTime))
	if out.DeltaWorst < 20 {
		out.Warnings |= LowStability
	}
	if o.Lifetime > 0 {
		required := requiredDelta(float64(o.Lifetime), share, p.AttemptTime)
		out.RetentionError = retentionFailure(float64(o.Lifetime), out.DeltaWorst, p.AttemptTime)
		out.DeltaRequired = required
		if out.DeltaWorst > 0 && out.DeltaNominal > 0 {
			// The ratio of worst to nominal is r_T*(1 - k*CV) of E35.
			out.DeltaRequired = guardBandedDelta(required, out.DeltaWorst/out.DeltaNominal, 0, 0)
		}
		out.Violations[lifetime] = (required - out.DeltaWorst) / max(required, 1)
	}
}

// writeSOT sizes the write through the channel (E10 to E14, E17 to E25, E36).
func (p *Params) writeSOT(n *Process, o *Operating, m *magnet, cold, hot *state, share float64, out *Figures) {
	length, section := p.channelLength(), p.ChannelWidth*p.ChannelThickness
	out.Efficiency = p.Efficiency() * (1 + o.Spread.Theta)
	writing := cold
	if p.GateVoltage > 0 {
		s := p.state(m, float64(o.Cold), anisotropyLoss(p.VCMA, p.GateVoltage, p.Barrier), &o.Spread)
		writing = &s
	}
	jc := max(criticalDensity(writing.ms, m.thickness, out.Efficiency, writing.hk, p.Field), 0)
	out.Violations[unswitchable] = (math.Sqrt2*p.Field - writing.hk) / max(math.Sqrt2*p.Field, 1e-3)
	ic := p.Nucleation * jc * section * (1 + o.Spread.Section)
	if p.Shunt {
		cover := min(1, p.Diameter/length) * min(1, p.Diameter/p.ChannelWidth)
		ic *= 1 + shuntFactor(p.FreeLayer, p.RhoFreeLayer, p.ChannelThickness, p.Rho)*cover
	}
	i50 := ic * p.pulseFactor(cold.delta, out)
	guard := 1 + o.Sigma*p.CVCurrent()
	ratio := overdrive(share, p.WriteSlope) * guard
	iw := i50 * ratio
	out.WriteError = share
	out.Violations[backSwitching] = ratio/p.BackSwitching - 1
	if fast := ratio / max(1-o.Sigma*p.CVCurrent(), 0.01) * (cold.hk - math.Sqrt2*p.Field); fast > p.BackSwitching*(hot.hk-math.Sqrt2*p.Field) {
		out.Warnings |= FastCorner
	}
	out.Channel = units.Resistance(channelResistance(p.Rho, length, p.ChannelWidth, p.ChannelThickness) * (1 + o.Spread.Channel))
	p.drive(n, ic, i50, iw, iw*float64(out.Channel)*(1+o.Sigma*p.CVChannel), p.FinDerating, out)
	out.CurrentDensity = units.CurrentDensity(iw / section)
	out.Violations[density] = iw/section/p.MaxDensity - 1
	out.Heating = p.selfHeating(iw*iw*float64(out.Channel), length*p.ChannelWidth)
	out.Violations[heating] = out.Heating/p.MaxHeating - 1
	out.Violations[barrierField] = max(p.ReadVoltage, p.GateVoltage)/(p.Barrier*p.MaxBarrierField) - 1
	out.Endurance = p.Endurance
	if j := iw / section; j > 0 {
		x := p.EnduranceDensity / j
		if p.EnduranceExponent == 2 {
			out.Endurance *= x * x
		} else {
			out.Endurance *= math.Pow(x, p.EnduranceExponent)
		}
	}
	if p.ChannelThickness < 3e-9 {
		out.Warnings |= ThinChannel
	}
}

// pulseFactor returns I_50/I_c0 of the pulse: E17 or E18, at least E19.
func (p *Params) pulseFactor(delta float64, out *Figures) float64 {
	thermal := activatedPulse(p.Pulse, p.AttemptTime, delta)
	if p.PulseLaw == Logarithmic {
		if p.Pulse < 0.75e-9 || p.Pulse > 5e-9 {
			out.Warnings |= PulseExtrapolated
		}
		return max(measuredPulse(p.Pulse, p.PulseSlope), thermal, 0.01)
	}
	if p.Pulse < 0.18e-9 || p.Pulse > 10e-9 {
		out.Warnings |= PulseExtrapolated
	}
	return max(shortPulse(p.Pulse, p.TauC), thermal)
}

// writeSTT sizes the write through the junction (E16, E22). The driver must
// carry the current at the drop of the antiparallel state.
func (p *Params) writeSTT(n *Process, o *Operating, cold *state, share float64, out *Figures) {
	delta := max(cold.delta, 0.1)
	ic := spinTransferCurrent(delta, float64(o.Cold), p.STTAlpha, p.STTEfficiency*cold.f)
	ratio := spinTransferOverdrive(share, p.Pulse, delta, cold.hk, p.STTAlpha)
	iw := ic * ratio * (1 + o.Sigma*p.CVDelta())
	out.WriteError = spinTransferError(ratio, p.Pulse, delta, cold.hk, p.STTAlpha)
	out.Violations[backSwitching] = ratio/maxOverdrive - 0.999
	rp, tmr0 := p.junction(o), p.zeroBiasTMR(cold.f, o)
	drop := antiparallelDrop(rp*(1+o.Sigma*p.SigmaResistance), tmr0, p.TMRHalfVoltage, iw)
	out.Channel = units.Resistance(antiparallelDrop(rp, tmr0, p.TMRHalfVoltage, iw) / iw)
	p.drive(n, ic, ic, iw, drop, p.STTDerating, out)
	out.Violations[barrierField] = max(drop, p.ReadVoltage)/(p.Barrier*p.MaxBarrierField) - 1
	out.Endurance = p.Endurance
}

// drive sizes the write transistor (E25) and sums the voltages (E23); drop is
// the voltage over the path without transistor at the process guard-band.
func (p *Params) drive(n *Process, ic, i50, iw, drop, derating float64, out *Figures) {
	out.CriticalCurrent, out.HalfCurrent, out.WriteCurrent = units.Current(ic), units.Current(i50), units.Current(iw)
	perFin := float64(n.OnCurrent)
	out.WriteFins = finsFor(iw, perFin, derating)
	vds := drainVoltage(iw/(out.WriteFins*perFin*derating), p.Saturation*float64(n.Vdd))
	out.WriteVoltage = units.Voltage(drop + vds)
	out.ChannelEnergy = units.Energy(jouleHeat(iw, float64(out.Channel), p.Pulse))
	out.WriteEnergy = out.ChannelEnergy + units.Energy(vds*iw*p.Pulse)
	out.Violations[headroom] = (drop+vds)/float64(n.Vdd) - 1
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
	if p.Technology == STT {
		out.ReadFins = out.WriteFins
	}
	series := linearResistance(p.Saturation*float64(n.Vdd), float64(n.OnCurrent)*out.ReadFins)
	if p.Technology != STT {
		series += float64(out.Channel) / 2
	}
	return series
}

// read computes signal and error rates of a read, hot (E26 to E32).
func (p *Params) read(o *Operating, hot *state, series, share float64, out *Figures) {
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
	critical := spinTransferCurrent(out.DeltaWorst, float64(o.Hot), alpha, p.STTEfficiency*hot.f)
	ratio := 1.0
	if critical > ip {
		ratio = ip / critical
	}
	out.DisturbError = readDisturbRate(p.ReadTime, p.AttemptTime, out.DeltaWorst, ratio, p.DisturbExponent)
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
	fins := out.WriteFins
	if p.Selector == FrontEnd {
		fins = max(fins, out.ReadFins)
	}
	height, width := p.footprint(n, fins)
	out.Area = units.Area(height * width)
	feHeight, feWidth := transistorBox(2, float64(n.GatePitch), fins, p.IsolationFins, float64(n.FinPitch))
	out.BackEndLimited = p.Technology == SOT && height*width > feHeight*feWidth*(1+1e-9)
	mean := float64(out.ParallelCurrent+out.AntiCurrent) / 2
	*cell = Cell{
		Technology: p.Technology,
		Width:      units.Length(width), Height: units.Length(height),
		ReadGateCap: n.GateCap * units.Capacitance(out.ReadFins), WriteGateCap: n.GateCap * units.Capacitance(out.WriteFins),
		ReadDrainCap: n.DrainCap * units.Capacitance(out.ReadFins), WriteDrainCap: n.DrainCap * units.Capacitance(out.WriteFins),
		ReadCurrent: units.Current(mean), SenseCurrent: out.Signal,
		ReadVoltage: units.Voltage(p.ReadVoltage), ReadResistance: units.Resistance(p.ReadVoltage / mean),
		WriteCurrent: out.WriteCurrent, WritePulse: units.Time(p.Pulse),
	}
	if iw := float64(out.WriteCurrent); iw > 0 {
		cell.WriteResistance = units.Resistance(float64(out.WriteEnergy) / (iw * iw * p.Pulse))
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

// envelope flags figures that no 14 nm design of section 9 has.
func (p *Params) envelope(out *Figures) {
	outside := func(x, lo, hi float64, w Warning) {
		if !(x >= lo && x <= hi) {
			out.Warnings |= w
		}
	}
	outside(out.DeltaNominal, 25, 65, UnusualStability)
	outside(float64(out.WriteCurrent), 60e-6, 300e-6, UnusualCurrent)
	outside(float64(out.Parallel), 2e3, 15e3, UnusualResistance)
	outside(float64(out.WriteEnergy), 10e-15, 150e-15, UnusualEnergy)
	if p.Technology == SOT {
		outside(float64(out.CurrentDensity), 0.3e12, 2e12, UnusualCurrent)
		outside(float64(out.Channel), 300, 1500, UnusualResistance)
	}
}
