package cli

import (
	"context"
	"fmt"

	"stco/experiments/campaign"
	"stco/experiments/designs"
	"stco/experiments/study"
	"stco/results"
)

// explain prints an evaluation taken apart.
func explain(ctx context.Context, env *Env, d *study.Design, e *designs.Evaluation, format string) error {
	parts, err := designs.Explain(ctx, d, e)
	if err != nil {
		return err
	}
	sections := []struct {
		title string
		table *results.Table
	}{
		{"Limits (a violation at most 0 is met)", parts.Violations},
		{"Buffer by part", parts.Array},
		{"Scratchpad by part", parts.Scratchpad},
		{"PE buffer by part (belongs to the machine, not to the buffer's area)", parts.PEBuffer},
		{"Energy and time by cause", parts.Decomposition},
		{"Gains over SRAM (above 1: better than the baseline; area: design over baseline)", parts.Gains},
	}
	if format == "json" {
		m := &orderedMap{}
		m.set("design", record(e.Metrics, 0))
		for _, s := range sections {
			if s.table == nil {
				continue
			}
			rows := make([]*orderedMap, len(s.table.Rows))
			for i := range rows {
				rows[i] = record(s.table, i)
			}
			m.set(s.table.Name, rows)
		}
		if err := writeJSON(env.Out, m); err != nil {
			return err
		}
		return infeasible(env, e)
	}
	if err := writeRecord(env.Out, e.Metrics, format); err != nil {
		return err
	}
	for _, s := range sections {
		if s.table == nil {
			continue
		}
		t := s.table
		if format == "table" {
			switch t.Name {
			case "gains":
				t = campaign.GainSummary(t)
			case "decomposition":
				t = campaign.PartSummary(t)
			}
			if _, err := fmt.Fprintf(env.Out, "\n%s\n", s.title); err != nil {
				return err
			}
		}
		if err := writeTable(env.Out, t, format); err != nil {
			return err
		}
	}
	return infeasible(env, e)
}
