package runs

import (
	"context"
	"fmt"

	"stco/cmd/stco/internal/command"
	"stco/experiments/answer"
	"stco/experiments/evaluate"
	"stco/experiments/inspect"
	"stco/experiments/study"
	"stco/results"
)

// section is one titled table of an evaluation taken apart.
type section struct {
	title string
	table *results.Table // nil: left out
}

// explained takes an evaluation apart.
func explained(ctx context.Context, d *study.Design, e *evaluate.Evaluation) ([]section, error) {
	parts, err := evaluate.Explain(ctx, d, e)
	if err != nil {
		return nil, err
	}
	return []section{
		{"In words", parts.Words},
		{"Limits (a violation at most 0 is met)", parts.Violations},
		{"Bitcell, step by step (equations of docs/model-device.md)", parts.Chain},
		{"Buffer by part", parts.Array},
		{"Soft errors of SRAM of this capacity by code, over the longest lifetime of the data; magnetic cells have none", parts.SoftErrors},
		{"Scratchpad by part", parts.Scratchpad},
		{"PE buffer by part (belongs to the machine, not to the buffer's area)", parts.PEBuffer},
		{"Energy and time by cause", parts.Decomposition},
		{"Gains over SRAM and STT (above 1: better than the baseline; area: design over baseline)", parts.Gains},
	}, nil
}

// sampled samples the cells of a design.
func sampled(e *evaluate.Evaluation, samples int, seed uint64) ([]section, error) {
	p, err := evaluate.MonteCarlo(e, samples, seed)
	if err != nil {
		return nil, err
	}
	return []section{
		{fmt.Sprintf("Cells of the population, %d samples, seed %d", samples, seed), p.Distributions},
		{"Error rate of one use of a bit by cause, every cell written with the current of the design", p.Rates},
		{"Cells beyond the process guard-band", p.Guards},
		{"Yield: no uncorrectable codeword after one use of every bit (*: the code of the design)", p.Yields},
	}, nil
}

// writeSections prints the record of a design and the tables it is taken apart
// into.
func writeSections(env *command.Env, e *evaluate.Evaluation, sections []section, format string) error {
	if format == "json" {
		m := &command.Object{}
		m.Set("design", record(e.Metrics, 0))
		for _, s := range sections {
			if s.table == nil {
				continue
			}
			rows := make([]*command.Object, len(s.table.Rows))
			for i := range rows {
				rows[i] = record(s.table, i)
			}
			m.Set(s.table.Name, rows)
		}
		return command.WriteJSON(env.Out, m)
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
				t = inspect.GainSummary(t)
			case "decomposition":
				parts, err := answer.Parts(t)
				if err != nil {
					return err
				}
				if _, err := fmt.Fprintf(env.Out, "\n%s\n", s.title); err != nil {
					return err
				}
				if err := command.WriteList(env.Out, answer.PartsBeside(parts), format); err != nil {
					return err
				}
				continue
			case "words":
				p := &printer{w: env.Out, format: format}
				p.line("\n%s", s.title)
				for i := range t.Rows {
					p.text(t.Text(i, 1))
				}
				if p.err != nil {
					return p.err
				}
				continue
			}
			if _, err := fmt.Fprintf(env.Out, "\n%s\n", s.title); err != nil {
				return err
			}
		}
		if err := command.WriteTable(env.Out, t, format); err != nil {
			return err
		}
	}
	return nil
}
