package device

import (
	"math"
	"testing"
)

// TestReadCurrentIsOfTheLayer: a device has one critical current. What a write of
// STT starts from and what a read is measured against are the same of the same
// device, and a read disturbs by E32 with the barrier as it is, be it that of a
// wall. By hand from the constants, with no help of the code under test.
func TestReadCurrentIsOfTheLayer(t *testing.T) {
	for _, preset := range []string{"stt-ref", "ref-w", "itri-8kb"} {
		p, o := loadPreset(t, preset), nominalConditions()
		o.Cold, o.Nominal, o.Hot, o.Sigma = 330, 330, 330, 0
		p.DisturbExponent, p.ReadTime, p.ReadVoltage = 2, 3e-9, 0.06
		f, _ := evaluate(&p, &o)
		alpha := p.Alpha
		if p.Technology == STT {
			alpha = p.STTAlpha
			if math.Abs(float64(f.DisturbCurrent/f.CriticalCurrent)-1) > 1e-12 {
				t.Errorf("%s: a read is held against %v, a write against %v", preset, f.DisturbCurrent, f.CriticalCurrent)
			}
		}
		bloch := (1 - math.Pow(330/p.Curie, 1.5)) / (1 - math.Pow(300/p.Curie, 1.5))
		energy := f.Anisotropy * math.Pi / 4 * p.Diameter * p.Diameter * p.FreeLayer
		critical := 4 * 1.602176634e-19 / 1.054571817e-34 * alpha / (p.STTEfficiency * bloch) * energy
		if math.Abs(float64(f.DisturbCurrent)/critical-1) > 1e-6 {
			t.Errorf("%s: critical current of a read %g A, by hand %g A", preset, float64(f.DisturbCurrent), critical)
		}
		if f.DeltaWorst >= energy/(1.380649e-23*330) {
			t.Errorf("%s is no device whose barrier is below the energy of its layer", preset)
		}
		left := 1 - float64(f.ParallelCurrent)/critical
		left *= left
		if p.Technology == SOT {
			// The cold state is the hot one here: the write has the same critical current.
			along := 0.5 * float64(f.ParallelCurrent/f.CriticalCurrent)
			if math.Abs(f.DisturbTorque/along-1) > 1e-12 {
				t.Errorf("%s: a read sends %g of the critical current along the channel, by hand %g", preset, f.DisturbTorque, along)
			}
			left *= 1 - along
		} else if f.DisturbTorque != 0 {
			t.Errorf("%s has no channel and a torque of %g", preset, f.DisturbTorque)
		}
		if want := -math.Expm1(-3 * math.Exp(-f.DeltaWorst*left)); math.Abs(f.DisturbError/want-1) > 1e-5 {
			t.Errorf("%s: a read disturbs by %g, by hand %g", preset, f.DisturbError, want)
		}
	}
}

// TestGuardBandOfReadCurrent: at the guard-band the critical current is that of a
// device whose diameter is three standard deviations less, not of the nominal one.
func TestGuardBandOfReadCurrent(t *testing.T) {
	p, o := loadPreset(t, "stt-ref"), nominalConditions()
	p.CVAnisotropy, p.CVThickness = 0, 0
	o.Sigma = 3
	guarded, _ := evaluate(&p, &o)
	q, o2 := p, o
	q.Diameter, o2.Sigma = p.Diameter*(1-3*p.CVDiameter), 0
	small, _ := evaluate(&q, &o2)
	if math.Abs(float64(guarded.DisturbCurrent/small.DisturbCurrent)-1) > 1e-9 {
		t.Errorf("at the guard-band %v, of the small device %v", guarded.DisturbCurrent, small.DisturbCurrent)
	}
	o.Guard, o.Sigma = MeanProbability, 0
	mean, _ := evaluate(&p, &o)
	q = p
	plain, _ := evaluate(&q, &Operating{Cold: o.Cold, Nominal: o.Nominal, Hot: o.Hot, BitError: o.BitError})
	if got, want := float64(mean.DisturbCurrent/plain.DisturbCurrent), mean.DeltaWorst/plain.DeltaHot; math.Abs(got/want-1) > 1e-9 {
		t.Errorf("by the mean failure the critical current falls to %g, the barrier to %g", got, want)
	}
}

// TestReadTorque: the torque of a read is that of the device at the guard-band:
// of a thinner layer of less anisotropy, as if that were the nominal device. A channel that
// sinks the current at both ends has none, and one whose critical current the read
// exceeds has no barrier left.
func TestReadTorque(t *testing.T) {
	p, o := loadPreset(t, "itri-8kb"), nominalConditions()
	p.CVDiameter, p.CVThickness, o.Sigma = 0, 0, 3
	guarded, _ := evaluate(&p, &o)
	q, plain := p, o
	q.Anisotropy, plain.Sigma = p.Anisotropy*(1-3*p.CVAnisotropy), 0
	weak, _ := evaluate(&q, &plain)
	if math.Abs(guarded.DisturbTorque/weak.DisturbTorque-1) > 1e-9 {
		t.Errorf("at the guard-band %g, of the weak device %g", guarded.DisturbTorque, weak.DisturbTorque)
	}
	q = p
	q.ReadTorque = 0
	both, _ := evaluate(&q, &o)
	if both.DisturbTorque != 0 || both.DisturbError >= guarded.DisturbError {
		t.Errorf("with both ends as sinks %g and an error of %g, with one %g", both.DisturbTorque, both.DisturbError, guarded.DisturbError)
	}
	q.ReadTorque, q.Theta = 1, 100
	strong, _ := evaluate(&q, &o)
	if strong.DisturbTorque != 1 || math.Abs(strong.DisturbError+math.Expm1(-p.ReadTime/p.AttemptTime)) > 1e-12 {
		t.Errorf("without a barrier %g of the critical current and an error of %g", strong.DisturbTorque, strong.DisturbError)
	}
}
