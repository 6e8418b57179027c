package campaign

import (
	"stco/experiments/baselines"
	"stco/experiments/designs"
	"stco/model"
	"stco/results"
)

// doubts are the draws from the uncertain settings; nil where nothing is.
func (c *Campaign) doubts() (*baselines.Bands, error) {
	if c.banded {
		return c.bands, nil
	}
	var err error
	c.bands, err = baselines.NewBands(c.Model, c.Study)
	c.banded = true
	return c.bands, err
}

// band adds to a ladder the spread of the gains of each row over the draws from
// the uncertain settings, and the share of the draws in which its design meets
// its limits.
func (c *Campaign) band(ladder, found, sram *results.Table) error {
	bands, err := c.doubts()
	if err != nil || bands == nil {
		return err
	}
	for _, tech := range []string{"stt", "sot", "hybrid", "hybrid-stt"} {
		if _, err := ladder.Index(tech + "_id"); err != nil {
			continue
		}
		first := len(ladder.Columns)
		ladder.AddColumn(tech + "_edp_gain_low")
		ladder.AddColumn(tech + "_edp_gain_high")
		ladder.AddColumn(tech + "_feasible_share [%]")
		for r := range ladder.Rows {
			own, ok, err := c.designAt(ladder, r, tech, found)
			if err != nil || !ok {
				return err
			}
			base, ok, err := c.designAt(ladder, r, "sram", sram)
			if err != nil {
				return err
			}
			if own == nil || base == nil || !ok {
				continue
			}
			b, err := bands.Pair(c.Model.Catalog, own, base)
			if err != nil {
				return err
			}
			ladder.Rows[r][first], ladder.Rows[r][first+1], ladder.Rows[r][first+2] = b.EDP[0], b.EDP[1], 100*b.Feasible
		}
	}
	return nil
}

// designAt returns the design of a row of a ladder from the table that it is of; nil for an
// empty one.
func (c *Campaign) designAt(ladder *results.Table, row int, tech string, in *results.Table) (d *model.Design, ok bool, err error) {
	at, err := ladder.Index(tech + "_id")
	if err != nil {
		return nil, false, err
	}
	id := ladder.Text(row, at)
	if id == "" {
		return nil, true, nil
	}
	ids, err := in.Index(results.IDColumn)
	if err != nil {
		return nil, false, err
	}
	for r := range in.Rows {
		if in.Text(r, ids) == id {
			one, err := designs.FromRow(c.Model.Catalog, in, r)
			return &one, true, err
		}
	}
	return nil, true, nil
}
