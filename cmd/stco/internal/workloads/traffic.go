package workloads

import (
	"fmt"
	"strconv"
	"strings"

	"stco/experiments/study/strict"
	"stco/model/accel/tiling"
	"stco/model/workload"
	"stco/model/workload/graph"
	"stco/results"
)

// elementOptions count traffic in elements, single buffered: the conventions
// of the published tiling searches.
func elementOptions() *tiling.Conventions { return &tiling.Conventions{ElemBytes: [3]float64{1, 1, 1}} }

// mostMACs bounds the multiply-accumulates of a request, so that no count of its
// traffic overflows.
const mostMACs = 1 << 60

// least returns the least traffic of a nest in a buffer of elements.
func least(n *workload.Nest, elements int64) (tiling.Point, error) {
	p, ok := tiling.Best(n, elementOptions(), elements)
	if !ok {
		return p, fmt.Errorf("buffer of %d elements: too small for the smallest tile", elements)
	}
	return p, nil
}

// GEMMTraffic returns the least traffic between buffer and DRAM of a matrix
// product given as "M,N,K".
func GEMMTraffic(dims string, elements int64) (*results.Table, error) {
	parts := strings.Split(dims, ",")
	var d [3]int64
	for i := range d {
		if len(parts) != 3 {
			return nil, strict.BadInput("gemm", fmt.Errorf("%q: want M,N,K", dims))
		}
		v, err := strconv.ParseInt(strings.TrimSpace(parts[i]), 10, 64)
		if err != nil || v < 1 || v > 1<<24 {
			return nil, strict.BadInput("gemm", fmt.Errorf("%q: each of M,N,K must be a whole number from 1 to %d", dims, 1<<24))
		}
		d[i] = v
	}
	if macs := float64(d[0]) * float64(d[1]) * float64(d[2]); macs > mostMACs {
		return nil, strict.BadInput("gemm", fmt.Errorf("%q: %.3g multiply-accumulates, must be at most 2^60", dims, macs))
	}
	n := workload.Nest{N: 1, P: d[0], Q: 1, H: d[0], W: 1, K: d[1], C: d[2], R: 1, S: 1, StrideH: 1, StrideW: 1, DilH: 1, DilW: 1, Groups: 1, Out: workload.Ofmap}
	p, err := least(&n, elements)
	if err != nil {
		return nil, strict.BadInput("gemm", err)
	}
	s := results.NewList("traffic", "m", "n", "k", "buffer_elements", "mapping:text", "macs", "lower_bound_elements", "traffic_elements")
	s.Append(d[0], d[1], d[2], elements, p.Mapping.String(), n.MACs(), tiling.LowerBound(&n, elementOptions(), elements), p.Total())
	return s, nil
}

// attentionRows returns the attentions that can run as one step by the rows of
// their products among the layers.
func attentionRows(n *graph.Network) map[int]*graph.Attention {
	row, rows := 0, make([]int, len(n.Ops))
	for i := range n.Ops {
		rows[i] = row
		if n.Ops[i].HasMACs() {
			row++
		}
	}
	by, all := map[int]*graph.Attention{}, n.Attentions(false)
	for i := range all {
		if a := &all[i]; rows[a.Context()] == rows[a.Scores()]+1 {
			by[rows[a.Scores()]], by[rows[a.Context()]] = a, a
		}
	}
	return by
}

// leastAttention returns the least traffic of an attention in one step in a
// buffer of elements, what it must move, and its multiply-accumulates.
func leastAttention(n *graph.Network, a *graph.Attention, batch int, elements int64) (best tiling.AttentionPoint, compulsory, macs int64, err error) {
	qk, av := n.Ops[a.Scores()].Scaled(int64(batch)), n.Ops[a.Context()].Scaled(int64(batch))
	var o tiling.AttentionOptions
	for i := range o.ElemBytes {
		o.ElemBytes[i] = 1
	}
	points, err := tiling.Attention(&qk, &av, &o, false)
	if err != nil {
		return best, 0, 0, err
	}
	if points[0].Space > elements {
		return best, 0, 0, fmt.Errorf("buffer of %d elements: too small for the smallest tile, %d elements", elements, points[0].Space)
	}
	for i := range points {
		if points[i].Space <= elements {
			best = points[i]
		}
	}
	return best, points[len(points)-1].Total(), qk.MACs() + av.MACs(), nil
}

// NetworkTraffic returns the least traffic of the layers of a network, each
// alone; without layers, their sum. An attention in one step is one row, in
// place of its products; where its scores are spilled the row has the traffic of
// the softmax too.
func NetworkTraffic(network string, w WorkloadOptions, elements int64, layers bool) (*results.Table, error) {
	n, o, err := w.network(network)
	if err != nil {
		return nil, err
	}
	rows, nests := n.Layers(o.Batch), n.Nests(o.Batch)
	work := 0.0
	for i := range nests {
		x := &nests[i]
		work += float64(x.Groups) * float64(x.N) * float64(x.K) * float64(x.P) * float64(x.Q) * float64(x.C) * float64(x.R) * float64(x.S)
	}
	if work > mostMACs {
		return nil, strict.BadInput("network "+network, fmt.Errorf("batch %d: %.3g multiply-accumulates, must be at most 2^60", o.Batch, work))
	}
	inOne := map[int]*graph.Attention{} // by row of their products
	if o.FusedAttention {
		inOne = attentionRows(n)
	}
	s := results.NewList("traffic", "index", "name:text", "type:text", "macs", "mapping:text", "compulsory_elements", "traffic_elements")
	var sum, compulsory, macs int64
	for i := range nests {
		if a := inOne[i]; a != nil {
			if inOne[i+1] == a { // a row for both products
				continue
			}
			p, c, products, err := leastAttention(n, a, o.Batch, elements)
			if err != nil {
				return nil, strict.BadInput("network "+network, fmt.Errorf("%s: %w", rows[i].Name, err))
			}
			sum, compulsory, macs = sum+p.Total(), compulsory+c, macs+products
			if layers {
				s.Append(rows[i].Index, rows[i].Name, "attention", products, p.String(), c, p.Total())
			}
			continue
		}
		p, err := least(&nests[i], elements)
		if err != nil {
			return nil, strict.BadInput("network "+network, fmt.Errorf("%s: %w", rows[i].Name, err))
		}
		read, write := tiling.Compulsory(&nests[i], elementOptions())
		c := read[0] + read[1] + read[2] + write[0] + write[1] + write[2]
		sum, compulsory, macs = sum+p.Total(), compulsory+c, macs+nests[i].MACs()
		if layers {
			s.Append(rows[i].Index, rows[i].Name, rows[i].Type, nests[i].MACs(), p.Mapping.String(), c, p.Total())
		}
	}
	if !layers {
		s = results.NewList("traffic", "network:text", "batch", "buffer_elements", "macs", "compulsory_elements", "traffic_elements")
		s.Append(network, o.Batch, elements, macs, compulsory, sum)
	}
	return s, nil
}
