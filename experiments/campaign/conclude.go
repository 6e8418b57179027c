package campaign

import (
	"fmt"
	"math"
	"strings"

	"stco/experiments/answer"
	"stco/experiments/baselines"
	"stco/experiments/designs"
	"stco/experiments/inspect"
	"stco/model"
	"stco/model/units"
	"stco/objectives"
	"stco/results"
	"stco/results/store"
	"stco/space"
)

// conclude sets what was found beside the enumerated SRAM buffers: it marks the
// front, and fills ladder, verdict and doubts. It returns the rows of the front
// that no SRAM buffer dominates.
func (c *Campaign) conclude(s *Summary, archives []*results.Table, search *baselines.SRAMSearch) ([]int, error) {
	found, err := results.Concat("found", append(archives, s.Front)...)
	if err != nil {
		return nil, err
	}
	area, err := found.Index("area")
	if err != nil {
		return nil, err
	}
	tech, err := found.Index("technology")
	if err != nil {
		return nil, err
	}
	// Twice the largest magnetic design found, so that the last budget of the
	// ladder is full; table in mm2.
	most, magnetic := 0.0, 0.0
	for r, row := range found.Rows {
		if most = max(most, row[area]); found.Text(r, tech) != "sram" {
			magnetic = max(magnetic, 2*row[area])
		}
	}
	if magnetic == 0 {
		magnetic = most
	}
	if s.SRAM, err = search.Front(magnetic * 1e-6); err != nil {
		return nil, err
	}
	more, err := c.competitors(archives, s.SRAM)
	if err != nil {
		return nil, err
	}
	if len(more.Rows) > 0 {
		if found, err = results.Concat("found", append(archives, more)...); err != nil {
			return nil, err
		}
		s.Front = answer.Choose(found, c.Study.Search.Returned, c.Study.Views())
		s.Front.Name = store.FrontTable
	}
	if s.Fronts, s.Technologies, s.Shares, err = answer.Technologies(found, c.Study.Search.Returned, c.Study.Views()); err != nil {
		return nil, err
	}
	free, err := answer.Mark(s.Front, s.SRAM)
	if err != nil {
		return nil, err
	}
	if s.Ladder, err = answer.Ladder(found, s.SRAM, c.judged()); err != nil {
		return nil, err
	}
	if c.judged() == answer.Plain() { // draws are of the study as it stands
		if err := c.band(s.Ladder, found, s.SRAM); err != nil {
			return nil, err
		}
	}
	s.Regimes = answer.Regimes(s.Ladder)
	s.Verdict = results.NewList("verdict", "sentence:text")
	for _, text := range append(answer.Verdict(s.Ladder), c.Study.OverText()...) {
		s.Verdict.Append(text)
	}
	warnings, err := c.warnings(s.Front)
	if err != nil {
		return nil, err
	}
	bounds := c.bounds()
	s.Doubts = answer.Doubts(s.Front, bounds, warnings)
	addTexts(s.Front, "warnings", "doubts of the model about the bitcell", func(r int) string { return strings.Join(warnings[r], "; ") })
	addTexts(s.Front, "at_bound", "knobs that rest on a bound of the study", func(r int) string { return strings.Join(answer.AtBound(s.Front, r, bounds), "; ") })
	return free, nil
}

// judged are the columns that conclusions are drawn from.
func (c *Campaign) judged() answer.Yardstick { return inspect.Judged(c.Study) }

// addTexts appends a column of texts.
func addTexts(t *results.Table, name, meaning string, of func(row int) string) {
	t.AddColumn(name + ":text")
	col := len(t.Columns) - 1
	t.Columns[col].Meaning = meaning
	for r := range t.Rows {
		t.Rows[r][col] = t.Choice(col, of(r))
	}
}

// warnings are those of the model about every design of a front.
func (c *Campaign) warnings(front *results.Table) ([][]string, error) {
	e, err := c.Model.NewEvaluator()
	if err != nil {
		return nil, err
	}
	out := make([][]string, len(front.Rows))
	var r model.Report
	for i := range front.Rows {
		d, err := designs.FromRow(c.Model.Catalog, front, i)
		if err != nil {
			return nil, err
		}
		if err := e.Evaluate(&d, &r); err != nil {
			return nil, fmt.Errorf("design %d: %w", i+1, err)
		}
		out[i] = r.Device.Warnings.Names()
	}
	return out, nil
}

// bounds are those of the free knobs of the study, in the units of the tables.
func (c *Campaign) bounds() []answer.Range {
	knobs := c.Model.Catalog.Knobs()
	var out []answer.Range
	for i := range knobs {
		k, p := &knobs[i], &c.Study.Space[i]
		if objectives.IsFixed(p) {
			continue
		}
		b := answer.Range{Name: k.Name}
		if p.Kind != space.Choice {
			b.Low, b.Hi = k.Out(p.Min), k.Out(p.Max)
			text := func(v float64) string {
				return strings.TrimSpace(units.Format(math.Round(v*1e9)/1e9, units.DimRatio) + " " + k.Unit)
			}
			b.LowText, b.HighText = text(b.Low), text(b.Hi)
		}
		out = append(out, b)
	}
	return out
}
