package campaign

import (
	"context"
	"fmt"
	"io"
	"math"
	"slices"

	"stco/experiments/designs"

	"stco/model"
	"stco/results"
	"stco/results/csv"
	"stco/results/store"
)

// Summary is what a finished campaign prints.
type Summary struct {
	Front         *results.Table // every design of the answer, knobs and metrics
	Baselines     *results.Table // SRAM buffers beside the knee
	Gains         *results.Table
	Decomposition *results.Table
	Dir           string   // of the run
	Seeds         int      // merged into the front
	Evaluations   int64    // of all seeds, with those before a resume
	Infeasible    int64    // evaluated designs that miss a limit
	Duplicates    int64    // proposals that were known and not evaluated again
	Files         []string // paths of what was written
}

// count adds up what the searches of the shards did.
func (s *Summary) count(r *store.Run) error {
	for i := range r.Info().Shards {
		p, err := r.Progress(i)
		if err != nil {
			return err
		}
		if n := len(p.Generations); n > 0 {
			g := &p.Generations[n-1]
			s.Evaluations += g.Evaluations
			s.Infeasible += g.Infeasible
			s.Duplicates += g.Duplicates
		}
	}
	return nil
}

// highlights names the designs that are set beside baselines: the knee and the
// best of every objective.
func highlights(front *results.Table) []highlight {
	var list []highlight
	add := func(name string, row int) {
		if row < 0 {
			return
		}
		for i := range list {
			if list[i].row == row {
				list[i].name += ", " + name
				return
			}
		}
		list = append(list, highlight{name, row})
	}
	add("knee", results.Knee(front))
	for _, c := range front.OfKind(results.Objective) {
		best := -1
		for r, row := range front.Rows {
			if math.IsNaN(row[c]) {
				continue
			}
			better := best < 0 || row[c] < front.Rows[best][c]
			if best >= 0 && front.Columns[c].Goal == results.Max {
				better = row[c] > front.Rows[best][c]
			}
			if better {
				best = r
			}
		}
		add("best "+front.Columns[c].Title(), best)
	}
	return list
}

type highlight struct {
	name string
	row  int
}

// designOf turns a row of a design table back into a design.
func designOf(c *model.Catalog, t *results.Table, row int) (model.Design, error) {
	d := model.DefaultDesign()
	for _, k := range c.Knobs() {
		col, err := t.Index(k.Name)
		if err != nil {
			return d, err
		}
		if v := t.Rows[row][col]; !math.IsNaN(v) {
			k.Set(&d, k.In(v))
		}
	}
	return d, nil
}

// merge joins the fronts of the shards, sets the highlights beside their
// baselines, and writes tables, CSV and figures.
func (c *Campaign) merge(ctx context.Context, fronts []*results.Table) (*Summary, error) {
	front := mergeFronts(fronts, c.Study.Search.Returned)
	s := &Summary{Front: front, Dir: c.Run.Dir(), Seeds: len(fronts)}
	if err := s.count(c.Run); err != nil {
		return nil, err
	}
	eval, err := c.Model.NewEvaluator()
	if err != nil {
		return nil, err
	}
	search, err := designs.NewSRAMSearch(ctx, c.Model, c.Study.Space, c.opts.Workers)
	if err != nil {
		return nil, err
	}
	gains, parts := designs.NewGains(), designs.NewDecomposition()
	s.Baselines = &results.Table{Name: "baselines", Columns: front.Columns}
	for i, h := range highlights(front) {
		front.SetLabel(h.row, h.name)
		d, err := designOf(c.Model.Catalog, front, h.row)
		if err != nil {
			return nil, err
		}
		var r model.Report
		if err := eval.Evaluate(&d, &r); err != nil {
			return nil, err
		}
		if err := parts.Add(c.Model, h.name, &r); err != nil {
			return nil, err
		}
		// The setup's flavour first; the knee also beside the other flavours.
		flavours := []string{d.Flavour}
		if i == 0 {
			for _, f := range []string{"hp", "lop", "lstp"} {
				if f != d.Flavour {
					flavours = append(flavours, f)
				}
			}
		}
		for _, f := range flavours {
			bases, err := search.Baselines(&r, f)
			if err != nil {
				return nil, err
			}
			for j := range bases {
				gains.Add(c.Model, h.name, &r, &bases[j])
				if i != 0 || f != d.Flavour || !bases[j].Found {
					continue
				}
				name := "SRAM " + bases[j].Name
				s.Baselines.Add(name, reorderRow(c.Model, &bases[j].Report, front)...)
				if err := parts.Add(c.Model, name, &bases[j].Report); err != nil {
					return nil, err
				}
			}
		}
	}
	s.Gains, s.Decomposition = gains.Table, parts.Table
	return s, c.write(s)
}

// reorderRow returns the row of a report in the columns of a table.
func reorderRow(m *model.Model, r *model.Report, t *results.Table) []float64 {
	cells := designs.Row(m.Catalog, r)
	names := designs.Columns(m.Catalog, nil, nil)
	row := make([]float64, len(t.Columns))
	for i, col := range t.Columns {
		at := slices.IndexFunc(names, func(n results.Column) bool { return n.Name == col.Name })
		row[i] = cells[at]
	}
	return row
}

// mergeFronts joins fronts, drops dominated and equal designs, and returns at
// most limit of them, spread over the front.
func mergeFronts(fronts []*results.Table, limit int) *results.Table {
	all := &results.Table{Name: "front", Columns: fronts[0].Columns}
	for _, f := range fronts {
		for _, row := range f.Rows {
			all.Add("", row...)
		}
	}
	cols := all.OfKind(results.Objective)
	keep := make([]int, 0, len(all.Rows))
	for i := range all.Rows {
		dominated := false
		for j := range all.Rows {
			if i != j && beats(all, cols, j, i) {
				dominated = true
				break
			}
		}
		if !dominated {
			keep = append(keep, i)
		}
	}
	merged := all.Pick(keep, nil)
	if len(merged.Rows) > limit {
		merged = merged.Pick(results.Spread(merged, limit), nil)
	}
	slices.SortFunc(merged.Rows, func(a, b []float64) int {
		for _, c := range cols {
			if a[c] != b[c] {
				if a[c] < b[c] {
					return -1
				}
				return 1
			}
		}
		return 0
	})
	return merged
}

// beats tells whether row a dominates row b, or equals it and comes first.
func beats(t *results.Table, cols []int, a, b int) bool {
	strictly := false
	for _, c := range cols {
		x, y := t.Rows[a][c], t.Rows[b][c]
		if t.Columns[c].Goal == results.Max {
			x, y = -x, -y
		}
		if x > y {
			return false
		}
		strictly = strictly || x < y
	}
	return strictly || a < b
}

// write stores the results of the campaign.
func (c *Campaign) write(s *Summary) error {
	tables := []struct {
		name  string
		table *results.Table
	}{{"front", s.Front}, {"baselines", s.Baselines}, {"gains", s.Gains}, {"decomposition", s.Decomposition}}
	for _, t := range tables {
		if err := c.Run.WriteTable(t.name+".json", t.table); err != nil {
			return err
		}
		if err := c.file(s, t.name+".csv", func(w io.Writer) error { return csv.Write(w, t.table) }); err != nil {
			return err
		}
	}
	if err := c.figures(s); err != nil {
		return fmt.Errorf("figures: %w", err)
	}
	return c.Run.WriteManifest()
}

// file writes one file of the run and notes its path.
func (c *Campaign) file(s *Summary, name string, write func(io.Writer) error) error {
	s.Files = append(s.Files, c.Run.Dir()+"/"+name)
	return c.Run.WriteFile(name, write)
}
