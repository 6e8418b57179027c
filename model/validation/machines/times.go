package machines

import (
	"fmt"
	"math"
	"regexp"
	"strings"

	"stco/model"
	"stco/model/accel"
	"stco/model/tech"
	"stco/model/workload"
)

// Row is one figure of a machine beside ours.
type Row struct {
	Line           int // of the list
	Source, Case   string
	Quantity, Unit string
	Ours, Theirs   float64
	Low, High      float64 // what ours may be; NaN: shown, not bounded
	Deviation      string  // of a figure outside for a known reason
	Note           string
	explained      string // the deviation that a figure outside on the side of above would have
	explainedFrom  float64
}

// judge gives a figure above its band the number of the deviation that explains
// it, as long as it is not further out than explainedFrom times theirs.
func (r *Row) judge() {
	switch {
	case !(r.Ours < r.Low || r.Ours > r.High):
	case r.explained != "" && r.Ours > r.High && r.Ours <= r.explainedFrom*r.Theirs:
		r.Deviation = r.explained
	default:
		r.Deviation = Outside
	}
}

// Outside marks a figure outside its band that no deviation explains.
const Outside = "OUTSIDE"

func (m *Machine) newRow(p *Published, what, quantity, unit string, ours, theirs float64) Row {
	return Row{Line: p.Line, Source: p.Source, Case: m.Name + ", " + what, Quantity: quantity, Unit: unit, Ours: ours, Theirs: theirs, Low: math.NaN(), High: math.NaN()}
}

// band sets the band to shares of theirs.
func (r *Row) band(low, high float64) *Row {
	r.Low, r.High = low*r.Theirs, high*r.Theirs
	return r
}

// The bands of predicted over published speed.
const (
	ladderLow, ladderHigh = 0.9, 1.5   // of the vendor's estimator
	ladderSpread          = 1.15       // from 128 multipliers on, largest over least
	leastLadder           = 128        // multipliers
	siliconLow            = 0.9        // of silicon
	siliconHigh           = 1.8        //
	fitWithin             = 1.15       // of two networks at one bandwidth
	productLow            = 0.8        // of products of at least 100 GFLOP
	productHigh           = 1.25       //
	weightHigh            = 1.35       // of those that their operands from DRAM hold up
	smallHigh             = 1.6        // of products from 10 GFLOP
	largeWork, someWork   = 1e11, 1e10 // operations
	decodeHigh            = 2.0        // of decoding parts from 50 MB
	decodeBytes           = 50e6       //
	streamLow, streamHigh = 0.9, 1.8   // of layers without products
)

// networks predicts every published time of a network.
func (l *lab) networks(m *Machine, s *shape) (rows []Row, err error) {
	var ratios []float64
	var last *Published
	for i := range m.Rows {
		p := &m.Rows[i]
		r, ok := runOf(p, m)
		if !ok || s.dram == 0 {
			continue
		}
		rep, mod, err := l.evaluate(s, r.workload, r.format, r.layers)
		if err != nil {
			return nil, fmt.Errorf("%s, %s: %w", m.Name, p.Quantity, err)
		}
		batch := float64(r.workload.Options.Batch)
		what := fmt.Sprintf("%s, batch %.0f, %s", r.workload.Network, batch, r.format)
		row := m.newRow(p, what, "inferences a second", "1/s", batch/rep.Latency, batch/r.seconds)
		switch {
		case s.estimator:
			row.band(ladderLow, ladderHigh)
			if n := s.cores * s.rows * s.columns; n >= leastLadder {
				ratios, last = append(ratios, row.Ours/row.Theirs), p
			} else {
				row.explained, row.explainedFrom = "M1", 1.75
			}
		case !r.batch || strings.Contains(p.Note, "host included") || strings.Contains(m.format().String()+r.format.String(), "fp16int8"):
			row.Note = "batch, host or rate of the format not published"
		default:
			row.band(siliconLow, siliconHigh)
			row.explained, row.explainedFrom = silicon(mod, r)
		}
		row.judge()
		rows = append(rows, row)
	}
	if last != nil {
		l.ladder[m.Name] = ratios
	}
	return rows, nil
}

// silicon returns the deviation of a machine that is slower than the model has it:
// depthwise convolutions, and networks of attention on units made for
// convolutions; how far it reaches.
func silicon(m *model.Model, r *run) (number string, reach float64) {
	plan := m.Plans()[0]
	attention, depthwise := plan.Uses(func(s *workload.Step) bool { return s.Op == workload.OpSoftmax }),
		plan.Uses(func(s *workload.Step) bool { return s.Nest.Groups > 1 && s.Nest.C == 1 })
	switch {
	case attention && r.format == tech.FP16:
		return "M4", 30
	case depthwise:
		return "M3", 4
	}
	return "M3", 3
}

// board fits one bandwidth of DRAM to the networks of a machine that shares it,
// and holds each to it.
func (l *lab) board(m *Machine, s *shape) (rows []Row, err error) {
	type trial struct {
		p     *Published
		r     *run
		table *accel.Traffic
		mem   accel.Memory
	}
	var all []trial
	for i := range m.Rows {
		r, ok := runOf(&m.Rows[i], m)
		if !ok || !r.batch || r.format != tech.Int8 || (r.workload.Network != "resnet50" && r.workload.Network != "mobilenet_v2") {
			continue
		}
		rep, mod, err := l.evaluate(s, r.workload, r.format, false)
		if err != nil {
			return nil, err
		}
		t, err := rep.Table(mod.Plans()[0])
		if err != nil {
			return nil, err
		}
		all = append(all, trial{&m.Rows[i], r, t, rep.Memory})
	}
	if len(all) < 2 {
		return nil, nil
	}
	var scratch accel.Scratch
	var c accel.Cost
	speed := func(t *trial, bandwidth float64) float64 {
		t.mem.DRAMTime = 1 / bandwidth
		accel.Evaluate(t.table, &t.mem, &scratch, &c)
		return t.r.seconds / c.Latency // predicted over published
	}
	low, high := 1e8, 1e12
	for range 60 {
		mid, mean := math.Sqrt(low*high), 0.0
		for i := range all {
			mean += math.Log(speed(&all[i], mid))
		}
		if mean < 0 {
			low = mid
		} else {
			high = mid
		}
	}
	for i := range all {
		t := &all[i]
		batch := float64(t.r.workload.Options.Batch)
		row := m.newRow(t.p, t.r.workload.Network+" at one bandwidth for all", "inferences a second", "1/s", speed(t, low)*batch/t.r.seconds, batch/t.r.seconds)
		row.band(1/fitWithin, fitWithin)
		row.Note = fmt.Sprintf("fitted: %.3g GB/s of %.3g", low/1e9, s.dram/s.efficiency/1e9)
		row.judge()
		rows = append(rows, row)
	}
	return rows, nil
}

// products predicts the matrix products of a machine, called gemm_MxKxN.
func (l *lab) products(m *Machine, s *shape) (rows []Row, err error) {
	for i := range m.Rows {
		p := &m.Rows[i]
		text, ok := strings.CutPrefix(p.Quantity, "gemm_")
		d := dimensions(text)
		if !ok || len(d) != 3 || p.Unit != "ms" || s.dram == 0 {
			continue
		}
		x := part{name: text, groups: 1, m: int64(d[0]), k: int64(d[1]), n: int64(d[2])}
		row, err := l.timed(m, s, p, &x)
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// part is one operator: a product, or rows x width elements.
type part struct {
	name        string
	groups      int64
	m, k, n     int64
	rows, width int64
	decode      bool
	elementwise bool
}

// timed predicts one operator.
func (l *lab) timed(m *Machine, s *shape, p *Published, x *part) (Row, error) {
	w, err := product(x.name, x.groups, x.m, x.k, x.n)
	if x.elementwise {
		w, err = elementwise(x.name, x.rows, x.width)
	}
	if err != nil {
		return Row{}, fmt.Errorf("%s, %s: %w", m.Name, p.Quantity, err)
	}
	w.Options.StreamedWeights = true
	rep, _, err := l.evaluate(s, w, tech.FP16, true)
	if err != nil {
		return Row{}, fmt.Errorf("%s, %s: %w", m.Name, p.Quantity, err)
	}
	theirs := p.number() * scale(p.Unit)
	launch := 0.0 // of a kernel, where the list says it
	if t := launching.FindStringSubmatch(p.Note); t != nil {
		_, err = fmt.Sscan(t[1], &launch)
		launch *= 1e-3
	}
	row := m.newRow(p, x.name, "speed", "1/s", 1/(rep.Latency+launch), 1/theirs)
	work := 2 * float64(x.groups*x.m*x.k*x.n)
	bytes := rep.DRAMTraffic
	bound := bytes/s.dram > rep.ComputeShare*rep.Latency
	switch {
	case x.elementwise && x.decode:
		row.Note = "launching takes the time"
	case x.elementwise:
		row.band(streamLow, streamHigh)
	case x.decode && bytes >= decodeBytes:
		row.band(decodeHigh/2, decodeHigh)
	case launch == 0 && (x.decode || work < someWork):
		row.Note = "launching takes the time"
	case bound:
		row.band(productLow, weightHigh)
	case work >= largeWork:
		row.band(productLow, productHigh)
	default:
		row.band(productLow, smallHigh)
	}
	if m.value("peak_fp16", "peak_bf16") == 0 {
		row.explained, row.explainedFrom = "M2", 3.5
	}
	row.judge()
	return row, err
}

var launching = regexp.MustCompile(`about ([0-9.]+) ms is launch overhead`)

// layers predicts the parts of a layer of GPT-3 (width 12,288, 96 heads) on a
// quarter of it: batch 8 with 2,048 tokens, or one token after 3,072.
func (l *lab) layers(m *Machine, s *shape) (rows []Row, err error) {
	const width, quarter, heads, head, batch = 12288, 12288 / 4, 96 / 4, 128, 8
	for i := range m.Rows {
		p := &m.Rows[i]
		name, ok := strings.CutPrefix(p.Quantity, "layer_")
		phase, of, cut := strings.Cut(name, "_")
		if !ok || !cut || s.dram == 0 {
			continue
		}
		x := part{name: of, groups: 1, decode: phase == "decode"}
		tokens, queries, keys := int64(batch*2048), int64(2048), int64(2048)
		if x.decode {
			tokens, queries, keys = batch, 1, 3072
		}
		x.m, x.rows, x.width = tokens, tokens, width
		switch of {
		case "qkv":
			x.k, x.n = width, 3*quarter
		case "proj":
			x.k, x.n = quarter, width
		case "ff1", "ff2":
			x.k, x.n = width, width
		case "qk":
			x.groups, x.m, x.k, x.n = batch*heads, queries, head, keys
		case "av":
			x.groups, x.m, x.k, x.n = batch*heads, queries, keys, head
		case "softmax":
			x.elementwise, x.rows, x.width = true, batch*heads*queries, keys
		case "layernorm1", "layernorm2", "gelu":
			x.elementwise = true
		default:
			continue // exchange between devices
		}
		row, err := l.timed(m, s, p, &x)
		if err != nil {
			return nil, err
		}
		row.Case = m.Name + ", layer of GPT-3, " + phase + " " + of
		rows = append(rows, row)
	}
	return rows, nil
}
