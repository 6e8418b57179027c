package experiments

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"stco/experiments/study"
	"stco/model"
	"stco/model/accel"
	"stco/model/accel/tiling"
	"stco/model/workload"
	"stco/results/plot"
)

// elementOptions count traffic in elements, single buffered: the conventions
// of the published tiling searches.
func elementOptions() *tiling.Options { return &tiling.Options{ElemBytes: [3]float64{1, 1, 1}} }

// least returns the least traffic of a nest in a buffer of elements.
func least(n *workload.Nest, elements int64) (tiling.Point, error) {
	p, ok := tiling.At(tiling.Curve(n, elementOptions()), elements)
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

// Characterization is what workloads ask of the buffer.
type Characterization struct {
	Sheet  *Sheet       // one row for every workload and capacity
	Figure *plot.Figure // DRAM traffic against capacity
}

// kneeGain is the share of traffic that doubling the capacity must still save:
// the knee is the first capacity from which no doubling up to 512 MiB saves more.
const kneeGain = 0.1

// Characterize returns DRAM traffic, bandwidth demand and resident bytes of
// networks over capacities of 1 to 512 MiB, on the default machine.
func Characterize(networks []string, w WorkloadOptions, batches []int) (*Characterization, error) {
	if len(networks) == 0 {
		return nil, study.BadInput("workload characterize", errors.New("name at least one network"))
	}
	setup := model.DefaultSetup()
	out := &Characterization{Sheet: &Sheet{Header: []string{
		"network", "phase", "batch", "capacity_MiB", "dram_B", "compulsory_B", "knee", "macs_per_dram_B",
		"buffer_read_B_per_cycle", "buffer_write_B_per_cycle", "dram_B_per_cycle", "peak_live_B",
	}}}
	var series []plot.Series
	for _, name := range networks {
		for _, b := range batches {
			if b != 0 {
				w.Batch = b
			}
			o, err := w.options(name)
			if err != nil {
				return nil, study.BadInput("workload "+name, err)
			}
			t, err := trace(name, w)
			if err != nil {
				return nil, err
			}
			p, err := accel.NewPlan(t, setup.AccelArray(), accel.Options{})
			if err != nil {
				return nil, err
			}
			line := plot.Series{Name: fmt.Sprintf("%s %s b%d", name, o.Phase, o.Batch)}
			var tables []*accel.Table
			for mb := int64(1); mb <= 512; mb *= 2 {
				table, err := p.Table(mb << 20)
				if err != nil {
					return nil, err
				}
				tables = append(tables, table)
				line.X, line.Y = append(line.X, float64(mb)), append(line.Y, table.DRAMBytes()/1e6)
			}
			knee := len(tables) - 1
			for knee > 0 && tables[knee-1].DRAMBytes() <= (1+kneeGain)*tables[knee].DRAMBytes() {
				knee--
			}
			for i, table := range tables {
				mark := ""
				if i == knee {
					mark = "knee"
				}
				bytes := table.DRAMBytes()
				num := func(v float64) string { return strconv.FormatFloat(v, 'g', 6, 64) }
				out.Sheet.add(name, o.Phase.String(), strconv.Itoa(o.Batch), itoa(int64(1)<<i), num(bytes), num(p.Compulsory), mark,
					num(float64(p.MACs)/max(bytes, 1)), num(table.ReadDemand), num(table.WriteDemand), num(table.DRAMDemand), num(table.PeakLive))
			}
			series = append(series, line)
		}
	}
	var err error
	out.Figure, err = plot.Lines("", "buffer capacity (MiB)", "DRAM traffic of an iteration (MB)", true, true, series)
	return out, err
}
