package figures

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"stco/model"
	"stco/model/array"
	"stco/model/device"
	"stco/model/tech"
	"stco/model/units"
	"stco/results/plot"
)

// bench evaluates variants of one bitcell under the conditions of the default
// setup.
type bench struct {
	node    *tech.Node
	process device.Process
	at      device.Operating
	preset  device.Params
}

func newBench(o *Selection) (*bench, error) {
	f, err := tech.ParseFlavour(o.Flavour)
	if err != nil {
		return nil, err
	}
	n, err := o.Tables.Node(o.Node, f)
	if err != nil {
		return nil, err
	}
	p, err := device.Preset(o.Tables, o.Preset)
	if err != nil {
		return nil, err
	}
	if p.Technology != device.SOT {
		return nil, fmt.Errorf("preset %s is no SOT cell", o.Preset)
	}
	s := model.DefaultSetup()
	return &bench{
		node: n, process: model.Process(n, s.Hot), preset: p,
		at: device.Operating{Cold: s.Cold, Nominal: s.Nominal, Hot: s.Hot, Sigma: float64(s.ProcessSigma), BitError: bitError},
	}, nil
}

// bitError is the raw error rate that the cells of the figures are sized for:
// 1e-6 for each of four causes, as a code that corrects one bit allows.
const bitError = 4e-6

func (b *bench) evaluate(p *device.Params) (f device.Figures, c device.Cell) {
	device.Evaluate(p, &b.process, &b.at, &f, &c)
	return f, c
}

var errNoStability = errors.New("no anisotropy gives the cell that thermal stability")

// stable sets the anisotropy at which the cell has a thermal stability factor
// at the nominal temperature.
func (b *bench) stable(p *device.Params, delta float64) error {
	lo, hi := 0.0, 10e-3 // J/m^2
	for range 100 {
		p.Anisotropy = (lo + hi) / 2
		if f, _ := b.evaluate(p); f.DeltaNominal < delta {
			lo = p.Anisotropy
		} else {
			hi = p.Anisotropy
		}
	}
	if f, _ := b.evaluate(p); math.Abs(f.DeltaNominal-delta) > 0.01*delta {
		return errNoStability
	}
	return nil
}

// deltas and widths are the lines of the figures over the other quantity.
func deltas() []float64 { return []float64{30, 45, 60} }

func (b *bench) widths() []float64 {
	w := b.preset.ChannelWidth
	return []float64{w, 1.5 * w, 2 * w}
}

// overWidth draws a figure of the cell against channel width, a line for each
// thermal stability factor.
func overWidth(o *Selection, y string, value func(*bench, *device.Figures) float64, lines func(*bench) []plot.RefLine) (*plot.Figure, error) {
	b, err := newBench(o)
	if err != nil {
		return nil, err
	}
	var series []plot.Series
	for _, delta := range deltas() {
		p := b.preset
		if err := b.stable(&p, delta); err != nil {
			return nil, err
		}
		s := plot.Series{Name: fmt.Sprintf("Delta %g", delta)}
		for i := range 401 {
			p.ChannelWidth = b.preset.Diameter * (1 + float64(i)/200)
			f, _ := b.evaluate(&p)
			s.X, s.Y = append(s.X, p.ChannelWidth*1e9), append(s.Y, value(b, &f))
		}
		series = append(series, s)
	}
	return plot.Lines("", "channel width (nm)", y, false, false, series, lines(b)...)
}

// overDelta draws a figure of the cell against its thermal stability factor, a
// line for each channel width.
func overDelta(o *Selection, y string, value func(*bench, *device.Figures) float64, lines func(*bench) []plot.RefLine) (*plot.Figure, error) {
	b, err := newBench(o)
	if err != nil {
		return nil, err
	}
	var series []plot.Series
	for _, w := range b.widths() {
		p := b.preset
		p.ChannelWidth = w
		s := plot.Series{Name: fmt.Sprintf("%.3g nm wide", w*1e9)}
		for delta := 20.0; delta <= 80; delta += 0.25 {
			if err := b.stable(&p, delta); err != nil {
				return nil, err
			}
			f, _ := b.evaluate(&p)
			s.X, s.Y = append(s.X, delta), append(s.Y, value(b, &f))
		}
		series = append(series, s)
	}
	return plot.Lines("", "thermal stability factor at 300 K", y, false, false, series, lines(b)...)
}

func noLines(*bench) []plot.RefLine { return nil }

// sramLine is the area of the node's dense SRAM cell, um^2.
func sramLine(b *bench) []plot.RefLine {
	return []plot.RefLine{{Name: "dense SRAM cell of " + strings.TrimSuffix(b.node.Name, "nm") + " nm", Value: float64(b.node.Dense.Area) * 1e12}}
}

func criticalCurrent(_ *bench, f *device.Figures) float64 { return float64(f.CriticalCurrent) * 1e6 }

func cellArea(_ *bench, f *device.Figures) float64 { return float64(f.Area) * 1e12 }

func currentOverWidth(o *Selection) (*plot.Figure, error) {
	return overWidth(o, "critical current, cold (uA)", criticalCurrent, noLines)
}

func areaOverWidth(o *Selection) (*plot.Figure, error) {
	return overWidth(o, "bitcell area (um^2)", cellArea, sramLine)
}

func currentOverDelta(o *Selection) (*plot.Figure, error) {
	return overDelta(o, "critical current, cold (uA)", criticalCurrent, noLines)
}

func areaOverDelta(o *Selection) (*plot.Figure, error) {
	return overDelta(o, "bitcell area (um^2)", cellArea, sramLine)
}

// leastError is the smallest write error drawn.
const leastError = 1e-12

// writeError returns the write error of the nominal cell at a current in A.
func (b *bench) writeError(p *device.Params, current float64) float64 {
	f, _ := b.evaluate(p)
	f.WriteCurrent = units.Current(current)
	var s device.Sample
	device.Judge(p, &b.process, &b.at, &f, &device.Spread{}, &s)
	return s.WriteError
}

func errorOverCurrent(o *Selection) (*plot.Figure, error) {
	b, err := newBench(o)
	if err != nil {
		return nil, err
	}
	var series []plot.Series
	for _, ns := range []float64{0.5, 1, 2, 5} {
		p := b.preset
		p.Pulse = ns * 1e-9
		f, _ := b.evaluate(&p)
		s := plot.Series{Name: fmt.Sprintf("%g ns", ns)}
		for i := range 121 {
			current := float64(f.HalfCurrent) * (0.8 + float64(i)/120)
			if e := b.writeError(&p, current); e >= leastError {
				s.X, s.Y = append(s.X, current*1e6), append(s.Y, e)
			}
		}
		series = append(series, s)
	}
	return plot.Lines("", "write current (uA)", "write error rate", false, true, series)
}

func errorOverPulse(o *Selection) (*plot.Figure, error) {
	b, err := newBench(o)
	if err != nil {
		return nil, err
	}
	f, _ := b.evaluate(&b.preset)
	var series []plot.Series
	for _, over := range []float64{1.2, 1.5, 2, 3} {
		current := float64(f.CriticalCurrent) * over
		s := plot.Series{Name: fmt.Sprintf("%.3g uA", current*1e6)}
		for i := range 121 {
			p := b.preset
			p.Pulse = 0.1e-9 * math.Pow(100, float64(i)/120)
			if e := b.writeError(&p, current); e >= leastError {
				s.X, s.Y = append(s.X, p.Pulse*1e9), append(s.Y, e)
			}
		}
		series = append(series, s)
	}
	return plot.Lines("", "write pulse (ns)", "write error rate", true, true, series)
}

// readTime draws the part of an array's read that the cell decides, bitline and
// sensing, over the resistance-area product: the signal grows with the tunnel
// magnetoresistance and falls with the resistance.
func readTime(o *Selection) (*plot.Figure, error) {
	b, err := newBench(o)
	if err != nil {
		return nil, err
	}
	circuits, err := o.Tables.Circuits()
	if err != nil {
		return nil, err
	}
	solver, err := array.NewSolver(b.node, array.Options{Temperature: b.at.Hot, Circuits: *circuits})
	if err != nil {
		return nil, err
	}
	spec := array.DefaultSpec()
	spec.Rows, spec.Target = 256, array.ReadLatency
	var series []plot.Series
	for _, v := range []float64{0.1, 0.15, 0.2, 0.3} {
		p := b.preset
		p.ReadVoltage = v
		s := plot.Series{Name: fmt.Sprintf("%g V", v)}
		for i := range 81 {
			p.Barrier = b.preset.BarrierRef * (0.5 + 0.5*float64(i)/80)
			f, c := b.evaluate(&p)
			if f.Signal <= 0 {
				continue
			}
			var a array.Figures
			if err := solver.Solve(&c, &spec, &a); err != nil {
				return nil, err
			}
			if a.Violations.ReadSignal > 0 {
				continue
			}
			s.X, s.Y = append(s.X, float64(f.RA)*1e12), append(s.Y, float64(a.Read.Bitline+a.Read.Sense)*1e9)
		}
		series = append(series, s)
	}
	return plot.Lines("", "resistance-area product (Ohm um^2)", "bitline and sense time, 256 rows (ns)", true, false, series)
}

// retentionMap draws lines of equal retention over the thermal stability factor
// at 300 K and the temperature, at the process guard-band and a quarter of the
// error budget.
func retentionMap(o *Selection) (*plot.Figure, error) {
	b, err := newBench(o)
	if err != nil {
		return nil, err
	}
	const hour, year = 3600, 365.25 * 86400
	var series []plot.Series
	for _, c := range []struct {
		name string
		time float64
	}{{"1 ms", 1e-3}, {"1 s", 1}, {"1 h", hour}, {"1 d", 24 * hour}, {"10 yr", 10 * year}} {
		s := plot.Series{Name: c.name}
		for t := 250.0; t <= 400; t += 5 {
			delta, ok := b.stabilityFor(c.time, units.Temperature(t))
			if ok {
				s.X, s.Y = append(s.X, delta), append(s.Y, t)
			}
		}
		series = append(series, s)
	}
	return plot.Lines("", "thermal stability factor at 300 K", "temperature (K)", false, false, series)
}

// stabilityFor returns the thermal stability factor at 300 K of the cell that
// keeps data for a time at a temperature.
func (b *bench) stabilityFor(time float64, t units.Temperature) (float64, bool) {
	p, at := b.preset, b.at
	at.Hot, at.Nominal, at.Cold = t, 300, min(t, 300)
	retention := func(ki float64) (float64, device.Figures) {
		p.Anisotropy = ki
		var f device.Figures
		var c device.Cell
		device.Evaluate(&p, &b.process, &at, &f, &c)
		return float64(f.Retention), f
	}
	lo, hi := 0.0, 10e-3
	for range 100 {
		mid := (lo + hi) / 2
		if r, _ := retention(mid); r < time {
			lo = mid
		} else {
			hi = mid
		}
	}
	r, f := retention(hi)
	return f.DeltaNominal, math.Abs(math.Log(r/time)) < 0.01
}
