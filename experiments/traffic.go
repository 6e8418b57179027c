package experiments

import (
	"fmt"
	"strconv"
	"strings"

	"stco/experiments/study"
	"stco/model/accel/tiling"
	"stco/model/workload"
)

// elementOptions count traffic in elements, single buffered: the conventions
// of the published tiling searches.
func elementOptions() *tiling.Options { return &tiling.Options{ElemBytes: [3]float64{1, 1, 1}} }

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
func GEMMTraffic(dims string, elements int64) (*Sheet, error) {
	parts := strings.Split(dims, ",")
	var d [3]int64
	for i := range d {
		if len(parts) != 3 {
			return nil, study.BadInput("gemm", fmt.Errorf("%q: want M,N,K", dims))
		}
		v, err := strconv.ParseInt(strings.TrimSpace(parts[i]), 10, 64)
		if err != nil || v < 1 || v > 1<<24 {
			return nil, study.BadInput("gemm", fmt.Errorf("%q: each of M,N,K must be a whole number from 1 to %d", dims, 1<<24))
		}
		d[i] = v
	}
	if macs := float64(d[0]) * float64(d[1]) * float64(d[2]); macs > 1<<60 {
		return nil, study.BadInput("gemm", fmt.Errorf("%q: %.3g multiply-accumulates, must be at most 2^60", dims, macs))
	}
	n := workload.Nest{N: 1, P: d[0], Q: 1, H: d[0], W: 1, K: d[1], C: d[2], R: 1, S: 1, StrideH: 1, StrideW: 1, DilH: 1, DilW: 1, Groups: 1, Out: workload.Ofmap}
	p, err := least(&n, elements)
	if err != nil {
		return nil, study.BadInput("gemm", err)
	}
	s := &Sheet{Header: []string{"m", "n", "k", "buffer_elements", "mapping", "macs", "lower_bound_elements", "traffic_elements"}}
	s.add(itoa(d[0]), itoa(d[1]), itoa(d[2]), itoa(elements), p.Mapping.String(), itoa(n.MACs()), itoa(tiling.LowerBound(&n, elementOptions(), elements)), itoa(p.Total()))
	return s, nil
}

// NetworkTraffic returns the least traffic of the layers of a network, each
// alone; without layers, their sum.
func NetworkTraffic(network string, w WorkloadOptions, elements int64, layers bool) (*Sheet, error) {
	n, o, err := w.network(network)
	if err != nil {
		return nil, err
	}
	rows, nests := n.Layers(o.Batch), n.Nests(o.Batch)
	s := &Sheet{Header: []string{"index", "name", "type", "macs", "mapping", "compulsory_elements", "traffic_elements"}}
	var sum, compulsory, macs int64
	for i := range nests {
		p, err := least(&nests[i], elements)
		if err != nil {
			return nil, study.BadInput("network "+network, fmt.Errorf("%s: %w", rows[i].Name, err))
		}
		read, write := tiling.Compulsory(&nests[i], elementOptions())
		c := read[0] + read[1] + read[2] + write[0] + write[1] + write[2]
		sum, compulsory, macs = sum+p.Total(), compulsory+c, macs+nests[i].MACs()
		if layers {
			s.add(strconv.Itoa(rows[i].Index), rows[i].Name, rows[i].Type, itoa(nests[i].MACs()), p.Mapping.String(), itoa(c), itoa(p.Total()))
		}
	}
	if !layers {
		s.Header = []string{"network", "batch", "buffer_elements", "macs", "compulsory_elements", "traffic_elements"}
		s.add(network, strconv.Itoa(o.Batch), itoa(elements), itoa(macs), itoa(compulsory), itoa(sum))
	}
	return s, nil
}
