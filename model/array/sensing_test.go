package array

import (
	"math"
	"testing"

	"stco/model/array/bitcell"
	"stco/model/device"
	"stco/model/tech"
)

// TestClampedSensing holds the read of a magnetic cell to a circuit solved in
// time: a bitline of a hundred sections from 0 V, charged through clamp and
// multiplexer, is settled when what still charges it is 5 % of the signal.
func TestClampedSensing(t *testing.T) {
	for _, node := range []string{"28nm", "14nm", "7nm"} {
		s, n := testSolver(t, node, tech.LowOperatingPower)
		u := bitcell.User{
			Technology: device.STT, Area: 0.05e-12, Aspect: 1, AccessWidth: 100e-9, On: 3000, Off: 8000,
			ReadVoltage: 0.15, WriteCurrent: 100e-6, WritePulse: 3e-9, WritePath: 500,
		}
		c, err := u.Cell(n, 300)
		if err != nil {
			t.Fatal(err)
		}
		p := s.c.cellPart(&c)
		signal := float64(c.SenseCurrent) / 2                                                               // three sigma off
		gm := 2 * float64(c.ReadCurrent) / 0.2                                                              // 0.2 V of overdrive
		series := 1/gm + n.LinearShare*float64(n.Vdd)/float64(n.OnCurrentAt(330))/(4*2*float64(n.FinWidth)) // multiplexer of four least widths
		if n.FinWidth == n.FinPitch {
			series = 1/gm + n.LinearShare*float64(n.Vdd)/float64(n.OnCurrentAt(330))/(4*3*float64(n.Feature))
		}
		var last float64
		for _, rows := range []int{64, 256, 1024} {
			l := s.c.bitlines(&c, &p, rows)
			length := float64(rows) * math.Sqrt(0.05e-12)
			line := length * s.c.lineResistance(math.Sqrt(0.05e-12), 2)
			settled := charge(float64(c.ReadVoltage), series, float64(c.ReadVoltage)/float64(c.ReadCurrent), line, l.readCap, signal*0.05)
			// Two phases, a margin of a quarter; the logarithm counts from the
			// current of a clamp without what stands in series.
			if got := l.develop / 2.5; got < settled*0.97 || got > settled*1.12 {
				t.Errorf("%s, %d cells: settles in %g s, the circuit in %g", node, rows, got, settled)
			}
			if rows > 64 && l.develop < 4*last {
				t.Errorf("%s: %d cells settle in %g s, a quarter of them in %g", node, rows, l.develop, last)
			}
			last = l.develop
		}
		// 48 mV on the amplifier's input, twice, with margin.
		if want := 2.5 * 0.048 / signal; math.Abs(p.integrate/want-1) > 1e-9 {
			t.Errorf("%s: %g s/F on the amplifier's input, want %g", node, p.integrate, want)
		}
	}
}

// charge returns when a line charged to v through a resistance carries less than
// a residual current: backward Euler over a ladder, tridiagonal.
func charge(v, series, cell, line, capacity, residue float64) float64 {
	const sections = 100
	dc, g := capacity/sections, sections/line
	dt := capacity * (series + line) / 2000
	source := v * (1 + (series+line*(1-1.0/sections))/cell) // the cell ends at v
	final := v / cell
	var volts, upper, right [sections]float64
	for step := 1; ; step++ {
		for i := range volts {
			diagonal, lower, next := dc/dt, 0.0, 0.0
			rhs := dc / dt * volts[i]
			if i == 0 {
				diagonal += 1 / series
				rhs += source / series
			} else {
				lower = -g
				diagonal += g
			}
			if i < sections-1 {
				next = -g
				diagonal += g
			}
			if i == sections-1 {
				// The cell at the far end takes its current at v, in proportion.
				diagonal += 1 / cell
			}
			if i > 0 {
				diagonal -= lower * upper[i-1]
				rhs -= lower * right[i-1]
			}
			upper[i], right[i] = next/diagonal, rhs/diagonal
		}
		volts[sections-1] = right[sections-1]
		for i := sections - 2; i >= 0; i-- {
			volts[i] = right[i] - upper[i]*volts[i+1]
		}
		if (source-volts[0])/series-final < residue {
			return float64(step) * dt
		}
	}
}
