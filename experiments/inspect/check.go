package inspect

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"slices"

	"stco/experiments/designs"
	"stco/model"
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
		m, _, err := s.Build()
		if err != nil {
			return nil, err
		}
		eval, err := m.NewEvaluator()
		byName[scenario] = &evaluation{m, eval}
		return byName[scenario], err
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
			wrong, err := confirm(e.model, e.eval, t, row)
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

// evaluation is a model with an evaluator.
type evaluation struct {
	model *model.Model
	eval  *model.Evaluator
}

// confirm evaluates the design of a row again.
func confirm(m *model.Model, eval *model.Evaluator, t *results.Table, row int) ([]Mismatch, error) {
	d, err := designs.FromRow(m.Catalog, t, row)
	if err != nil {
		return nil, err
	}
	var r model.Report
	if err := eval.Evaluate(&d, &r); err != nil {
		return nil, err
	}
	id := ""
	var found []Mismatch
	if at, err := t.Index(results.IDColumn); err == nil {
		if id = t.Text(row, at); id != m.Catalog.Identity(&d) {
			return []Mismatch{{ID: id, Column: results.IDColumn, Stored: math.NaN(), Computed: math.NaN()}}, nil
		}
	}
	cells := designs.Row(m.Catalog, &r)
	for i, col := range designs.Columns(m.Catalog, nil, nil) {
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
