package campaign

import (
	"io"

	"stco/experiments/inspect"
	"stco/results/plot"
)

// figures draws the Pareto front with its baselines.
func (c *Campaign) figures(s *Summary) error {
	if len(c.Study.Objectives) < 2 {
		return nil
	}
	f, err := plot.Pareto(s.Front, s.Baselines, inspect.SRAMLine(s.SRAM, s.Front), c.Study.Objectives[:min(3, len(c.Study.Objectives))])
	if err != nil {
		return err
	}
	for _, out := range []struct {
		name  string
		write func(io.Writer) error
	}{{"figures/pareto.svg", f.WriteSVG}, {"figures/pareto.png", f.WritePNG}} {
		if err := c.file(s, out.name, out.write); err != nil {
			return err
		}
	}
	return nil
}
