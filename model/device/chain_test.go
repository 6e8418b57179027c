package device

import (
	"math"
	"testing"
)

// TestChain: a chain ends in the figures that Evaluate gives, with their signs and
// in SI; those between are those of the equations: the critical density is the
// current over the section of the channel, the voltage the current over what is in
// its way, a write current above the switching one.
func TestChain(t *testing.T) {
	for _, preset := range []string{"ref-w", "stt-ref"} {
		p, o := loadPreset(t, preset), nominalConditions()
		f, _ := evaluate(&p, &o)
		chain := map[string]float64{}
		for _, s := range Chain(&p, &o, &f) {
			chain[s.Name] = s.Value
		}
		want := map[string]float64{
			"write current with error budget and guard-band": float64(f.WriteCurrent), "resistance of the write path without transistor": float64(f.Channel),
			"voltage over path and transistor at the guard-band": float64(f.WriteVoltage), "fins of the write transistor": f.WriteFins,
			"temperature rise of a write": f.Heating, "resistance-area product": float64(f.RA), "parallel resistance": float64(f.Parallel),
			"magnetoresistance at the read bias, hot": f.TMR, "half the difference of the read currents": float64(f.Signal), "footprint of the cell": float64(f.Area),
			"stability factor at the nominal temperature": f.DeltaNominal, "stability factor, hot": f.DeltaHot, "stability factor, hot and at the guard-band": f.DeltaWorst,
			"retention at its share of the error budget": float64(f.Retention), "disturbance of one read": f.DisturbError,
			"critical current of a read through the junction, hot and at the guard-band": float64(f.DisturbCurrent), "error of one use of a bit, all causes": f.BitError,
			"critical current, cold": float64(f.CriticalCurrent), "spread of the critical current over the cells": f.SpreadCurrent,
		}
		if p.Technology == SOT {
			want["critical density, cold, with shunt and nucleation"] = float64(f.CriticalCurrent) / (p.ChannelWidth * p.ChannelThickness)
			want["damping-like efficiency"] = f.Efficiency
			want["switching current of the pulse over it"] = float64(f.HalfCurrent) / float64(f.CriticalCurrent)
			want["write current over the switching current"] = float64(f.WriteCurrent) / float64(f.HalfCurrent)
			want["write error of one attempt"] = f.WriteFailure
		} else {
			want["write current over critical current"] = float64(f.WriteCurrent) / float64(f.CriticalCurrent)
		}
		for name, w := range want {
			got, ok := chain[name]
			if !ok || math.Abs(got-w) > 1e-12*math.Abs(w) {
				t.Errorf("%s: %s is %g (listed: %v), want %g", preset, name, got, ok, w)
			}
		}
		for name, v := range chain {
			if v < 0 || math.IsNaN(v) {
				t.Errorf("%s: %s is %g", preset, name, v)
			}
		}
		// What a time asks for grows with the logarithm of the time (Arrhenius), here by
		// ln 1000 from a millisecond to a second.
		if d := chain["stability factor that 1 s asks for"] - chain["stability factor that 1 ms asks for"]; math.Abs(d-math.Log(1000)) > 1e-9 {
			t.Errorf("%s: a thousand times the time asks for %g more, want ln 1000", preset, d)
		}
	}
}
