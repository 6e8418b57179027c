package demand

import (
	"context"
	"fmt"
	"math"

	"stco/experiments/reproduction"
	"stco/experiments/reproduction/rivals"
	"stco/model/units"
	"stco/results"
	"stco/results/plot"
)

// Bandwidth is the experiment on the bandwidth that full use of the PE arrays
// takes.
func Bandwidth() *reproduction.Experiment {
	return &reproduction.Experiment{
		Name: "bandwidth", Title: "what bandwidth full use of the machine takes",
		Shows: "bandwidth of DRAM and buffer at which steps with 95 % of the cycles of the PE arrays run at full speed, on three machines and with buffers of three capacities, beside the bandwidth that the machine has",
		Run:   bandwidth,
	}
}

// unhurried is the share of the cycles that run at full speed: the few steps that
// ask for much more are left to wait.
const unhurried = 0.95

func bandwidth(ctx context.Context, s *reproduction.Setting) (*reproduction.Findings, error) {
	machines := reproduction.Either(s, []string{"edge", "soc", "server", "npu-lpddr"}, []string{"soc"})
	sizes := reproduction.Either(s, []units.Bytes{2 * mib, 32 * mib, 512 * mib}, []units.Bytes{2 * mib, 32 * mib})
	list := runs(s)
	type place struct{ machine, run int }
	var places []place
	for m := range machines {
		for i := range list {
			places = append(places, place{m, i})
		}
	}
	rows := make([][][]any, len(places))
	err := reproduction.Each(ctx, s, len(places), func(k int) error {
		run := &list[places[k].run]
		s.Progress("%s on %s", run.Title(), machines[places[k].machine])
		var err error
		rows[k], err = demands(run, sizes, "machine="+machines[places[k].machine], reproduction.Either(s, "schedule=groups", "schedule=layer"))
		return err
	})
	if err != nil {
		return nil, err
	}
	all := results.NewList("demand", "machine:text", "network:text", "family:text", "phase:text", "batch", "capacity [MiB]", "dram [GB/s]", "dram_available [GB/s]", "dram_shortage", "buffer_read [GB/s]", "buffer_write [GB/s]", "dram_mean [GB/s]")
	for _, r := range rows {
		for _, row := range r {
			all.Append(row...)
		}
	}
	counts := bound(all, machines, sizes)
	r := &reproduction.Findings{Tables: []*results.Table{counts, all}, Show: []*results.Table{counts}}
	var series []plot.Series
	for _, m := range machines {
		line := plot.Series{Name: m}
		for row := range counts.Rows {
			if counts.Text(row, 0) == m && counts.Text(row, 1) == "training" {
				line.X, line.Y = append(line.X, counts.Rows[row][reproduction.Column(counts, "capacity")]), append(line.Y, counts.Rows[row][reproduction.Column(counts, "median_shortage")])
			}
		}
		series = append(series, line)
	}
	f, err := plot.Lines("", "capacity (MiB)", "DRAM asked over DRAM there is", true, true, series, plot.RefLine{Name: "enough", Value: 1})
	if err != nil {
		return nil, err
	}
	r.Figures = []reproduction.Figure{{Name: "shortage", Drawing: f, Caption: "Training at batch 16: median over the networks of the DRAM bandwidth that full use of the PE arrays asks for, over the bandwidth of streams that the machine has."}}
	bandwidthText(r, counts)
	return r, nil
}

// demands are the rows of a run on a machine.
func demands(run *rivals.Iteration, sizes []units.Bytes, sets ...string) ([][]any, error) {
	c, err := rivals.New(rivals.Text([]string{run.Text()}, "objectives: [energy]\n"), sets...)
	if err != nil {
		return nil, err
	}
	clock := float64(c.Model.Setup.Clock)
	has := c.Model.Setup.DRAM.Effective()
	var out [][]any
	for _, size := range sizes {
		t, err := c.Model.Plans()[0].Exact(int64(size))
		if err != nil {
			continue // the smallest tile does not fit
		}
		d := t.DemandFor(unhurried)
		out = append(out, []any{
			c.Model.Setup.Machine, run.Network, run.Family, run.Phase.String(), run.Batch, float64(size) / mib,
			d.DRAM * clock / 1e9, has / 1e9, d.DRAM * clock / has, d.Read * clock / 1e9, d.Write * clock / 1e9, t.DRAMDemand * clock / 1e9,
		})
	}
	return out, nil
}

// bound counts the runs that the DRAM of a machine holds back.
func bound(all *results.Table, machines []string, sizes []units.Bytes) *results.Table {
	t := results.NewList("bound", "machine:text", "phase:text", "batch", "capacity [MiB]", "runs", "bound_share", "median_shortage", "median_buffer_read [GB/s]", "most_buffer_read [GB/s]")
	for _, machine := range machines {
		for _, kind := range []struct {
			phase string
			batch float64
		}{{"inference", 1}, {"inference", 16}, {"training", 16}} {
			for _, size := range sizes {
				var short, read []float64
				held := 0
				for row, v := range all.Rows {
					if all.Text(row, 0) != machine || all.Text(row, 3) != kind.phase || v[4] != kind.batch || v[5] != float64(size)/mib {
						continue
					}
					short, read = append(short, v[reproduction.Column(all, "dram_shortage")]), append(read, v[reproduction.Column(all, "buffer_read")])
					if v[reproduction.Column(all, "dram_shortage")] > 1 {
						held++
					}
				}
				if len(short) > 0 {
					t.Append(machine, kind.phase, kind.batch, float64(size)/mib, len(short), float64(held)/float64(len(short)), reproduction.Median(short), reproduction.Median(read), reproduction.Most(read))
				}
			}
		}
	}
	return t
}

func bandwidthText(r *reproduction.Findings, t *results.Table) {
	find := func(machine, phase string, batch float64, last bool) int {
		at := -1
		for row, v := range t.Rows {
			if t.Text(row, 0) == machine && t.Text(row, 1) == phase && v[2] == batch && (last || at < 0) {
				at = row
			}
		}
		return at
	}
	small, large := find("soc", "training", 16, false), find("soc", "training", 16, true)
	cell := func(row int, name string) reproduction.Cell {
		return reproduction.Cell{Table: t, Row: row, Column: name}
	}
	r.Verdict = fmt.Sprintf("Training at batch 16 on the machine soc asks for %s times the DRAM bandwidth there is with a buffer of %s MiB (median of the networks, of which a share of %s is held back), and for %s times with %s MiB (a share of %s).",
		cell(small, "median_shortage"), cell(small, "capacity"), cell(small, "bound_share"), cell(large, "median_shortage"), cell(large, "capacity"), cell(large, "bound_share"))
	r.Claims = []reproduction.Claim{{
		Says: "a large on-chip memory turns accelerators from memory-bound to peak performance (abstract)", Published: math.NaN(), Ours: cell(large, "bound_share"),
		Holds:   "for the networks whose live data fit; the others stay bound by DRAM at any capacity that can be built",
		Differs: fmt.Sprintf("ours is the share of the networks that DRAM still holds back in training with the largest buffer (%s with the smallest); what SRAM, STT-MRAM or SOT-MRAM of that capacity would change is memory-wall's question", cell(small, "bound_share")),
	}}
	r.Text = []string{"`bound_share` is the share of the networks whose DRAM demand is above the bandwidth of streams, `median_shortage` the median of demand over that bandwidth. The buffer has to deliver `median_buffer_read` to the PE buffers at the same time."}
}
