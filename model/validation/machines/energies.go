package machines

import (
	"fmt"
	"math"
	"strings"

	"stco/model"
	"stco/model/accel/tiling"
	"stco/model/tech"
	"stco/model/workload"
	"stco/model/workload/suite"
)

// The bands of what is no time.
const (
	trafficLow, trafficHigh = 1.0, 2.0                   // of accesses with compression of zeros
	energyLow, energyHigh   = math.Sqrt2 / 2, math.Sqrt2 // of the energy of a whole unit
	weightsLow, weightsMost = 0.5, 1.0                   // share of the time that weights from DRAM take
)

// traffic predicts the DRAM accesses of the convolutions of a network: the sum of
// the least traffic of every layer in the global buffer, 16-bit words.
func (l *lab) traffic(m *Machine) (rows []Row, err error) {
	buffer := m.value("global_buffer")
	for i := range m.Rows {
		p := &m.Rows[i]
		name, ok := strings.CutSuffix(p.Quantity, "_conv_dram")
		if !ok || p.Unit != "access/MAC" || buffer == 0 {
			continue
		}
		batch := 1
		for _, q := range []*Published{p, m.row(name + "_conv")} {
			if q == nil {
				continue
			}
			if x := ofBatch.FindStringSubmatch(q.Note); x != nil {
				_, err = fmt.Sscan(x[1], &batch)
			}
		}
		if err != nil {
			return nil, err
		}
		net, err := suite.Build(name, workload.Options{Batch: 1})
		if err != nil {
			return nil, err
		}
		words, macs := 0.0, 0.0
		for _, n := range net.Nests(batch) {
			if n.R*n.S == 1 && n.W == 1 {
				continue // a linear layer
			}
			point, ok := tiling.Best(&n, &tiling.Conventions{ElemBytes: [3]float64{2, 2, 2}}, int64(buffer))
			if !ok {
				return nil, fmt.Errorf("%s: a layer does not fit %g B", name, buffer)
			}
			words, macs = words+float64(point.Total())/2, macs+float64(n.MACs())
		}
		row := m.newRow(p, fmt.Sprintf("convolutions of %s, batch %d, %.0f KiB", name, batch, buffer/1024), "DRAM accesses a multiply-accumulate", "1", words/macs, p.number())
		row.band(trafficLow, trafficHigh).Note = "theirs with compression of zeros"
		row.judge()
		rows = append(rows, row)
	}
	return rows, nil
}

// efficiencies are published energies of whole units, as the network that is meant
// or stands for it, and its format.
func efficiencies() map[string]struct {
	network string
	format  tech.Precision
	seq     int
	note    string
} {
	type of = struct {
		network string
		format  tech.Precision
		seq     int
		note    string
	}
	return map[string]of{
		"resnet50_energy_per_mac":      {"resnet50", tech.Int8, 0, ""},
		"distilbert_energy_per_mac":    {"bert_base", tech.FP16, 128, "BERT-base in place of DistilBERT"},
		"inception_v3_efficiency":      {"inception_v3", tech.Int8, 0, ""},
		"mobilenet_edgetpu_efficiency": {"resnet50", tech.Int8, 0, "ResNet-50 in place of MobileNetEdgeTPU"},
		"deeplabv3_fp16_efficiency":    {"resnet50", tech.FP16, 0, "ResNet-50 in place of DeepLabV3"},
		"efficiency_hfp8":              {"resnet50", tech.BF16, 0, "bfloat16 in place of 8-bit floating point"},
		"energy_best":                  {"resnet50", tech.Int8, 0, "at low voltage"},
		"efficiency":                   {"resnet50", tech.Int8, 0, "best point"},
	}
}

// unitEnergies predicts the energy of a multiply-accumulate of whole units:
// arithmetic, buffers and leakage, without DRAM.
func (l *lab) unitEnergies(m *Machine) (rows []Row, err error) {
	s, ok := shapeOf(m)
	if !ok {
		return nil, nil
	}
	if s.dram == 0 {
		s.dram = 50e9
	}
	s.assumed = false // the wires of a port that fits above the buffer, published or not
	for i := range m.Rows {
		p := &m.Rows[i]
		e, ok := efficiencies()[p.Quantity]
		v := p.number()
		if !ok || !(v > 0) || strings.Contains(p.Text, "/") || strings.Contains(p.Text, "to") {
			continue
		}
		switch p.Unit {
		case "TOPS/W", "TFLOPS/W":
			v = 2 / v // pJ
		case "pJ/op":
			v *= 2
		case "pJ":
		default:
			continue
		}
		precision, err := workload.PrecisionByName(e.format.String())
		if err != nil {
			return nil, err
		}
		w := model.Workload{Network: e.network, Weight: 1, Options: workload.Options{Batch: 1, Phase: workload.Inference, Precision: precision, SeqLen: e.seq}}
		rep, mod, err := l.evaluate(s, w, e.format, s.estimator)
		if err != nil {
			return nil, fmt.Errorf("%s, %s: %w", m.Name, p.Quantity, err)
		}
		x := &rep.Costs[0].Energy
		unit := x.Total() - x.DRAM - x.DRAMBackground
		row := m.newRow(p, fmt.Sprintf("%s, %s, %s", e.network, e.format, s.node), "energy of a multiply-accumulate, unit without DRAM", "pJ", unit/float64(mod.Plans()[0].MACs)*1e12, v)
		row.band(energyLow, energyHigh).Note = e.note
		row.judge()
		if row.Deviation == Outside {
			switch n := s.cores * s.rows * s.columns; {
			case row.Ours < row.Low && (row.Ours > 0.4*row.Theirs || (s.estimator && n < leastLadder && row.Ours > 0.2*row.Theirs)):
				row.Deviation = "M5"
			case row.Ours > row.High && row.Ours < 3*row.Theirs && strings.Contains(p.Note, "low voltage"):
				row.Deviation = "M6"
			case row.Ours > row.High && row.Ours < 1.6*row.Theirs && s.estimator:
				row.Deviation = "M7"
			}
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// weights predicts the time of a network at batch 1 on an infinitely fast array
// that reads its weights from DRAM in every inference: a share of the published
// time.
func (l *lab) weights(m *Machine, s *shape) (rows []Row, err error) {
	if s.dram == 0 || !strings.Contains(m.Name, "hexagon") {
		return nil, nil
	}
	for i := range m.Rows {
		p := &m.Rows[i]
		r, ok := runOf(p, m)
		if !ok || r.workload.Options.Batch != 1 || r.workload.Network != "resnet50" {
			continue
		}
		phone := *s
		phone.buffer = math.Max(s.buffer, 8<<20) // from memory of several texts
		r.workload.Options.StreamedWeights = true
		rep, _, err := l.evaluate(&phone, r.workload, r.format, false)
		if err != nil {
			return nil, err
		}
		row := m.newRow(p, fmt.Sprintf("weights of %s, %s, infinitely fast array", r.workload.Network, r.format), "time", "s", rep.MemoryLatency, r.seconds)
		row.band(weightsLow, weightsMost)
		row.judge()
		rows = append(rows, row)
	}
	return rows, nil
}
