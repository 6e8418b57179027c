package inspect

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"slices"

	"stco/experiments/designs"
	"stco/objectives"
	"stco/results"
	"stco/results/store"
	"stco/results/store/disk"
)

// Mismatch is a figure of a stored design that an evaluation does not confirm.
type Mismatch struct {
	Table    string // file
	ID       string // of the design
	Column   string
	Stored   float64
	Computed float64
}

func (m *Mismatch) String() string {
	return fmt.Sprintf("%s: design %s: %s is %g, evaluated again %g", m.Table, m.ID, m.Column, m.Stored, m.Computed)
}

// agreement is the relative difference up to which a figure counts as confirmed:
// between platforms the last bits may differ.
const agreement = 1e-9

// Check evaluates designs of a run again: of the front and of every archive that
// is done up to sample rows, evenly spaced. It returns how many there were and
// every figure that differs.
func Check(r *store.Run, sample int) (checked int, found []Mismatch, err error) {
	byName := map[string]*evaluation{}
	at := func(scenario string) (*evaluation, error) {
		if e := byName[scenario]; e != nil {
			return e, nil
		}
		s, err := studyOf(r, scenario)
		if err != nil {
			return nil, err
		}
		_, p, err := s.Build()
		if err != nil {
			return nil, err
		}
		eval, err := p.NewEvaluator()
		if err != nil {
			return nil, err
		}
		byName[scenario] = &evaluation{p, eval.Complete()}
		return byName[scenario], nil
	}
	one := func(name, scenario string, t *results.Table, err error) error {
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, store.ErrExtended) || errors.As(err, new(*disk.DamagedError)) {
			return nil // Run.Verify says what is to be said of it
		}
		if err != nil {
			return err
		}
		column := slices.IndexFunc(t.Columns, func(c results.Column) bool { return c.Name == results.ScenarioColumn })
		step := max(1, len(t.Rows)/max(sample, 1))
		for row := 0; row < len(t.Rows); row += step {
			if column >= 0 {
				scenario = t.Text(row, column)
			}
			e, err := at(scenario)
			if err != nil {
				return err
			}
			wrong, err := confirm(e.problem, e.eval, t, row)
			if err != nil {
				return fmt.Errorf("%s: row %d: %w", name, row+1, err)
			}
			checked++
			for i := range wrong {
				wrong[i].Table = name
			}
			found = append(found, wrong...)
		}
		return nil
	}
	t, err := r.ReadTable(store.FrontTable)
	if err := one(store.FrontTable+".json", "", t, err); err != nil {
		return checked, found, err
	}
	for i, sh := range r.Info().Shards {
		t, err := r.ReadShardTable(i, store.ArchiveTable)
		if err := one(r.ShardDir(i)+"/"+store.ArchiveTable+".json", sh.Scenario, t, err); err != nil {
			return checked, found, err
		}
	}
	return checked, found, nil
}

// evaluation is a problem with an evaluator.
type evaluation struct {
	problem *objectives.Problem
	eval    *objectives.Scorer
}

// confirm evaluates the design of a row again.
func confirm(p *objectives.Problem, eval *objectives.Scorer, t *results.Table, row int) ([]Mismatch, error) {
	c := p.Model.Catalog
	d, err := designs.FromRow(c, t, row)
	if err != nil {
		return nil, err
	}
	if err := eval.EvaluateDesign(&d, make([]float64, len(p.Objectives)), make([]float64, p.NumConstraints())); err != nil {
		return nil, err
	}
	id := ""
	var found []Mismatch
	if at, err := t.Index(results.IDColumn); err == nil {
		if id = t.Text(row, at); id != c.Identity(&d) {
			return []Mismatch{{ID: id, Column: results.IDColumn, Stored: math.NaN(), Computed: math.NaN()}}, nil
		}
	}
	cells := slices.Concat(designs.Row(c, &eval.Report), designs.OverRow(p.Objectives, eval))
	for i, col := range slices.Concat(designs.Columns(c, nil, nil), designs.OverColumns(p.Objectives)) {
		at, err := t.Index(col.Header())
		if err != nil {
			continue // a column that this version added
		}
		stored, now := t.Rows[row][at], cells[i]
		if math.IsNaN(stored) && math.IsNaN(now) || stored == now {
			continue
		}
		if !(math.Abs(stored-now) <= agreement*math.Max(math.Abs(stored), math.Abs(now))) {
			found = append(found, Mismatch{ID: id, Column: col.Header(), Stored: stored, Computed: now})
		}
	}
	return found, nil
}
