// Package demand holds the experiments on what networks ask of capacity and
// bandwidth. They know no memory technology.
package demand

import (
	"context"
	"fmt"
	"math"
	"slices"

	"stco/experiments/reproduction"
	"stco/experiments/reproduction/rivals"
	"stco/model/accel"
	"stco/model/accel/schedule"
	"stco/model/units"
	"stco/model/workload"
	"stco/results"
	"stco/results/plot"
)

// runs are the networks with the phases and batches that are looked at.
func runs(s *reproduction.Setting) []rivals.Iteration {
	list := reproduction.Either(s, rivals.Networks(), []rivals.Net{{Name: "squeezenet1_1", Family: "cv"}})
	var out []rivals.Iteration
	for i := range list {
		n := &list[i]
		out = append(out, n.Of(workload.Inference, 1), n.Of(workload.Inference, many), n.Of(workload.Training, many))
	}
	return out
}

// many is the larger batch.
const many = 16

// Capacity is the experiment on DRAM traffic over capacity.
func Capacity() *reproduction.Experiment {
	return &reproduction.Experiment{
		Name: "capacity", Title: "how much on-chip memory networks ask for",
		Shows: "DRAM traffic of an iteration over 1 MiB to 4 GiB with three ways to order the work, the data that are live, and the capacity from which on more saves little",
		Run:   capacity,
	}
}

// served is the share of the avoidable traffic that a capacity has to avoid.
const served = 0.9

// curve is the traffic of a run over capacities, and its summary.
type curve struct {
	run        rivals.Iteration
	bytes      []units.Bytes
	traffic    [3][]float64 // by schedule
	compulsory float64
	live       float64
	enough     [3]float64 // bytes that avoid nine tenths; NaN: beyond the range
}

func capacities(s *reproduction.Setting) []units.Bytes {
	var out []units.Bytes
	for c := units.Bytes(1 << 20); c <= reproduction.Either[units.Bytes](s, 4<<30, 4<<20); c *= 4 {
		out = append(out, c)
	}
	return out
}

func capacity(ctx context.Context, s *reproduction.Setting) (*reproduction.Findings, error) {
	list := runs(s)
	curves := make([]curve, len(list))
	err := reproduction.Each(ctx, s, len(list), func(i int) error {
		s.Progress("%s", list[i].Title())
		var err error
		curves[i], err = traffic(&list[i], capacities(s), reproduction.Either[int64](s, accel.GridCapacity(accel.GridSize-1), 64<<20))
		return err
	})
	if err != nil {
		return nil, err
	}
	all := results.NewList("traffic", "network:text", "phase:text", "batch", "capacity [MiB]", "dram_groups [B]", "dram_batch [B]", "dram_layer [B]", "compulsory [B]")
	sums := results.NewList("summary", "network:text", "family:text", "phase:text", "batch", "live [MiB]", "compulsory [MiB]", "served_groups [MiB]", "served_batch [MiB]", "served_layer [MiB]")
	for i := range curves {
		c := &curves[i]
		phase := c.run.Phase.String()
		for k, b := range c.bytes {
			all.Append(c.run.Network, phase, c.run.Batch, float64(b)/mib, c.traffic[schedule.Groups][k], c.traffic[schedule.Parts][k], c.traffic[schedule.Layers][k], c.compulsory)
		}
		sums.Append(c.run.Network, c.run.Family, phase, c.run.Batch, c.live/mib, c.compulsory/mib, c.enough[schedule.Groups]/mib, c.enough[schedule.Parts]/mib, c.enough[schedule.Layers]/mib)
	}
	shares := sharesServed(curves, capacities(s))
	r := &reproduction.Findings{Tables: []*results.Table{sums, all, shares}, Show: []*results.Table{sums}}
	if err := drawCapacity(r, curves, shares); err != nil {
		return nil, err
	}
	capacityText(r, curves, sums, shares)
	return r, nil
}

const mib = 1 << 20

// traffic simulates a run with buffers of some sizes, and with one that holds
// everything.
func traffic(run *rivals.Iteration, sizes []units.Bytes, ample int64) (curve, error) {
	out := curve{run: *run, bytes: sizes}
	c, err := rivals.New(rivals.Text([]string{run.Text()}, "objectives: [energy]\n"), "machine=soc")
	if err != nil {
		return out, err
	}
	p := c.Model.Plans()[0]
	out.compulsory = p.Compulsory
	largest, err := p.Under(schedule.Layers).Exact(ample)
	if err != nil {
		return out, err
	}
	out.live = largest.PeakLive
	for _, mode := range []schedule.Mode{schedule.Groups, schedule.Parts, schedule.Layers} {
		q := p.Under(mode)
		out.enough[mode] = math.NaN()
		for _, b := range sizes {
			v, err := q.Traffic(int64(b))
			if err != nil {
				v = math.NaN() // the smallest tile does not fit
			}
			out.traffic[mode] = append(out.traffic[mode], v)
		}
		first := out.traffic[mode][0]
		for k, v := range out.traffic[mode] {
			if first-v >= served*(first-out.compulsory) {
				out.enough[mode] = float64(sizes[k])
				break
			}
		}
	}
	return out, nil
}

// sharesServed counts the runs that a capacity serves, by phase.
func sharesServed(curves []curve, sizes []units.Bytes) *results.Table {
	t := results.NewList("served", "phase:text", "batch", "capacity [MiB]", "runs", "share_groups", "share_layer")
	type kind struct {
		phase workload.Phase
		batch int
	}
	for _, k := range []kind{{workload.Inference, 1}, {workload.Inference, 16}, {workload.Training, 16}} {
		for _, b := range sizes {
			n, groups, layer := 0, 0, 0
			for i := range curves {
				c := &curves[i]
				if c.run.Phase != k.phase || c.run.Batch != k.batch {
					continue
				}
				n++
				if c.enough[schedule.Groups] <= float64(b) {
					groups++
				}
				if c.enough[schedule.Layers] <= float64(b) {
					layer++
				}
			}
			t.Append(k.phase.String(), k.batch, float64(b)/mib, n, float64(groups)/float64(n), float64(layer)/float64(n))
		}
	}
	return t
}

func drawCapacity(r *reproduction.Findings, curves []curve, shares *results.Table) error {
	var lines []plot.Series
	for i := range curves {
		c := &curves[i]
		if c.run.Phase != workload.Training || len(lines) >= 6 {
			continue
		}
		line := plot.Series{Name: c.run.Network}
		for k, b := range c.bytes {
			line.X, line.Y = append(line.X, float64(b)/mib), append(line.Y, c.traffic[schedule.Groups][k]/c.compulsory)
			if float64(b) == c.enough[schedule.Groups] {
				line.Marks = append(line.Marks, k)
			}
		}
		lines = append(lines, line)
	}
	lines[0].MarkName = "nine tenths avoided"
	f, err := plot.Lines("", "capacity (MiB)", "DRAM traffic over compulsory", true, true, lines)
	if err != nil {
		return err
	}
	r.Figures = append(r.Figures, reproduction.Figure{Name: "training", Drawing: f, Caption: "DRAM traffic of a training iteration at batch 16 over what must cross the interface whatever the buffer, groups of layers with parts of the batch; rings: nine tenths of the avoidable traffic of 1 MiB are avoided."})
	lines = nil
	phase, batch := reproduction.Column(shares, "phase"), reproduction.Column(shares, "batch")
	for row := range shares.Rows {
		name := fmt.Sprintf("%s, batch %g", shares.Text(row, phase), shares.Rows[row][batch])
		at := slices.IndexFunc(lines, func(l plot.Series) bool { return l.Name == name })
		if at < 0 {
			at = len(lines)
			lines = append(lines, plot.Series{Name: name})
		}
		l := &lines[at]
		l.X, l.Y = append(l.X, shares.Rows[row][reproduction.Column(shares, "capacity")]), append(l.Y, 100*shares.Rows[row][reproduction.Column(shares, "share_groups")])
	}
	if f, err = plot.Lines("", "capacity (MiB)", "networks served (%)", true, false, lines, plot.RefLine{Name: "90 %", Value: 90}); err != nil {
		return err
	}
	r.Figures = append(r.Figures, reproduction.Figure{Name: "served", Drawing: f, Caption: "Share of the networks for which a capacity avoids nine tenths of the avoidable traffic."})
	return nil
}

// firstServed is the row of the least capacity that serves nine tenths of the
// runs of a phase and batch; -1: none.
func firstServed(t *results.Table, phase string, batch int) int {
	for row := range t.Rows {
		if t.Text(row, reproduction.Column(t, "phase")) == phase && t.Rows[row][reproduction.Column(t, "batch")] == float64(batch) && t.Rows[row][reproduction.Column(t, "share_groups")] >= served {
			return row
		}
	}
	return -1
}

func capacityText(r *reproduction.Findings, curves []curve, sums, shares *results.Table) {
	at := func(phase string, batch int) reproduction.Cell {
		return reproduction.Cell{Table: shares, Row: firstServed(shares, phase, batch), Column: "capacity"}
	}
	say := func(c reproduction.Cell) string {
		if math.IsNaN(c.Value()) {
			return "more than the range"
		}
		return c.String() + " MiB"
	}
	one, many, train := at("inference", 1), at("inference", 16), at("training", 16)
	r.Verdict = fmt.Sprintf("Nine tenths of the networks avoid nine tenths of their avoidable DRAM traffic with %s in inference at batch 1, %s at batch 16, and %s in training at batch 16.", say(one), say(many), say(train))
	r.Claims = []reproduction.Claim{{
		Says: "limited on-chip capacity keeps accelerators from peak performance in large-batch training and inference (abstract)", Published: math.NaN(), Ours: train,
		Holds:   "training, whose data for the backward pass are live at once; inference at batch 1 asks for little more than the weights",
		Differs: "ours is the capacity (MiB) that serves nine tenths of the networks in training; the abstract names no capacity",
	}}
	wide := widest(sums)
	if wide >= 0 {
		live := func(column string) reproduction.Cell {
			return reproduction.Cell{Table: sums, Row: wide, Column: column}
		}
		c := &curves[wide]
		r.Text = append(r.Text, fmt.Sprintf("The order of work moves the answer as much as the network: %s asks for %s MiB when every layer runs over the whole batch and for %s MiB with groups of layers. In training "+
			"the traffic of networks with batch normalisation cannot be split that way (`batch_norm: whole`), and what is kept for the backward pass is live whatever the order.",
			c.run.Title(), live("served_layer"), live("served_groups")))
	}
	r.Text = append(r.Text, "`live` is the largest number of bytes that are needed again: with that much nothing leaves the chip. `served` is the least capacity of powers of four that avoids nine tenths of the traffic of 1 MiB beyond the compulsory one. Empty: more than the range.")
}

// widest is the row in which the schedules differ most; -1: in none.
func widest(t *results.Table) int {
	best, at := 1.0, -1
	for row, v := range t.Rows {
		if x := v[reproduction.Column(t, "served_layer")] / v[reproduction.Column(t, "served_groups")]; x > best {
			best, at = x, row
		}
	}
	return at
}
