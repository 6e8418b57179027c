package figures

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"stco/model/array"
	"stco/model/array/bitcell"
	"stco/model/device"
	"stco/model/tech"
	"stco/model/units"
	"stco/model/validation/arrays"
	"stco/results/plot"
)

// peersFile holds the reference figures of other tools.
const peersFile = "testdata/published/array_peers.csv"

func arrayFigures() []figure {
	var all []figure
	for _, q := range []struct {
		quantity arrays.Metric
		axis     string
		si       float64
	}{
		{arrays.QArea, "area (mm^2)", 1e-6},
		{arrays.QReadLatency, "read latency (ns)", 1e-9},
		{arrays.QWriteLatency, "write latency (ns)", 1e-9},
		{arrays.QReadEnergy, "read energy of 128 bits (pJ)", 1e-12},
		{arrays.QWriteEnergy, "write energy of 128 bits (pJ)", 1e-12},
		{arrays.QLeakage, "leakage (mW)", 1e-3},
	} {
		name := strings.ReplaceAll(q.quantity.String(), " ", "-")
		all = append(all, figure{name, q.quantity.String() + " against capacity", func(o *Selection) (*plot.Figure, error) {
			return overCapacity(o, q.quantity, q.axis, q.si)
		}})
	}
	return all
}

// overCapacity draws a quantity of SRAM, SOT and STT arrays over capacity, with
// the cells and conditions of the reference runs, and the figures of the other
// tools as points.
func overCapacity(o *Selection, q arrays.Metric, axis string, si float64) (*plot.Figure, error) {
	flavour, err := tech.ParseFlavour(o.Flavour)
	if err != nil {
		return nil, err
	}
	node, err := o.Tables.Node(o.Node, flavour)
	if err != nil {
		return nil, err
	}
	file, err := o.Published.Open(peersFile)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	peers, err := arrays.ReadPeers(file)
	if err != nil {
		return nil, err
	}
	peers = slices.DeleteFunc(peers, func(p arrays.Peer) bool {
		return p.Node != o.Node || p.Flavour != flavour || p.Banks != 1 || (p.Target != "ReadEDP" && !strings.HasPrefix(p.Target, "w "))
	})
	temperature := units.Temperature(300)
	if len(peers) > 0 {
		temperature = peers[0].Temperature
	}
	circuits, err := o.Tables.Circuits()
	if err != nil {
		return nil, err
	}
	solver, err := array.NewSolver(node, array.Options{Temperature: temperature, Circuits: *circuits})
	if err != nil {
		return nil, err
	}
	var series []plot.Series
	for _, t := range []device.Technology{device.SRAM, device.SOT, device.STT} {
		cell := bitcell.SRAM(node, bitcell.HighDensity, false, temperature)
		if t != device.SRAM {
			u, err := bitcell.Preset(o.Tables, t, node)
			if err != nil {
				return nil, fmt.Errorf("%w; nodes with reference runs: 22nm-itrs, 14nm, 7nm", err)
			}
			if cell, err = u.Cell(node, temperature); err != nil {
				return nil, err
			}
		}
		s := plot.Series{Name: strings.ToUpper(t.String())}
		for c := units.Bytes(1 << 20); c <= 256<<20; c *= 2 {
			spec := array.DefaultSpec()
			spec.Capacity, spec.Target = c, array.ReadEDP
			x := arrays.Compared{}
			if err := solver.Solve(&cell, &spec, &x.Ours); err != nil {
				return nil, err
			}
			s.X, s.Y = append(s.X, float64(c)/(1<<20)), append(s.Y, x.Figure(q)/si)
		}
		series = append(series, s)
	}
	for i := range peers {
		p := &peers[i]
		if math.IsNaN(p.Values[q]) {
			continue // the tool gives none
		}
		of := strings.TrimSuffix(p.Cell, "50")
		at := slices.IndexFunc(series, func(s plot.Series) bool { return s.Name == tool(p) && s.Of == of })
		if at < 0 {
			at = len(series)
			series = append(series, plot.Series{Name: tool(p), Of: of, Points: true})
		}
		series[at].X, series[at].Y = append(series[at].X, p.CapacityMiB), append(series[at].Y, p.Values[q]/si)
	}
	return plot.Lines("", "capacity (MiB)", axis, true, true, series)
}

// tool is the short name of the tool of a reference run.
func tool(p *arrays.Peer) string {
	name, _, patched := strings.Cut(p.Tool, "(")
	if patched {
		name += " patched"
	}
	return strings.Replace(name, "CACTI7", "CACTI 7", 1)
}
