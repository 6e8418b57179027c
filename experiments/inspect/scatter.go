package inspect

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"stco/experiments/designs"
	"stco/experiments/study/strict"
	"stco/results"
	"stco/results/plot"
	"stco/results/store"
	"stco/results/table"
)

// Fronted is a run whose designs a figure shows.
type Fronted struct {
	Run    *store.Run
	Tables func(name string) (*results.Table, error)
}

// Cloud says which designs of which runs a scatter figure shows.
type Cloud struct {
	plot.Scattering
	Scenario string // of runs of several; "" for all of them
	Where    string // keeps the designs for which it holds
	By       string // what tells the marks apart: technology or scenario; "" for the runs
	// XEnds and YEnds give the limits of the axes in the unit of their column; nil
	// for none.
	XEnds, YEnds func(results.Column) ([]float64, error)
}

// Scatter draws the fronts of runs by two of their columns, with the SRAM front of
// the first as a line. The runs must have been made of the same columns. It also
// tells how many designs the filter keeps, of how many.
func Scatter(runs []Fronted, c Cloud) (f *plot.Figure, kept, of int, err error) {
	var sets []plot.Set
	for i, r := range runs {
		name := store.FrontTable
		if c.By == "technology" {
			name = "fronts" // each technology by itself
		}
		front, err := r.Tables(name)
		if err != nil {
			return nil, 0, 0, err
		}
		if c.Scenario != "" || c.By != results.ScenarioColumn {
			if front, err = InScenario(r.Run, front, c.Scenario); err != nil {
				return nil, 0, 0, err
			}
		}
		of += len(front.Rows)
		if c.Where != "" {
			if front, err = table.Apply(front, table.View{Where: c.Where}); err != nil {
				return nil, 0, 0, strict.BadInput("--where", err)
			}
		}
		kept += len(front.Rows)
		if i == 0 {
			if err := c.defaults(front); err != nil {
				return nil, 0, 0, err
			}
		}
		name = "front"
		if len(runs) > 1 {
			name = filepath.Base(r.Run.Dir())
			if slices.ContainsFunc(sets, func(s plot.Set) bool { return s.Name == name }) {
				name = r.Run.Dir()
			}
		}
		sets = append(sets, plot.Set{Name: name, Rows: front})
	}
	sram, err := runs[0].Tables(designs.SRAMTable)
	if err == nil && (c.Scenario != "" || c.By != results.ScenarioColumn) {
		if sram, err = InScenario(runs[0].Run, sram, c.Scenario); err == nil {
			sets = append(sets, plot.Set{Name: "SRAM, best of its kind", Rows: sram, Line: true})
		}
	}
	if err != nil {
		return nil, 0, 0, err
	}
	if kept == 0 {
		return nil, 0, of, strict.BadInput("--where", fmt.Errorf("%q keeps none of %d designs: there is nothing to draw", c.Where, of))
	}
	for _, a := range []struct {
		name string
		ends func(results.Column) ([]float64, error)
		to   *[]float64
	}{{c.X, c.XEnds, &c.XLimits}, {c.Y, c.YEnds, &c.YLimits}} {
		col, err := sets[0].Rows.Index(a.name)
		if err != nil {
			return nil, kept, of, err
		}
		if a.ends == nil {
			continue
		}
		if *a.to, err = a.ends(sets[0].Rows.Columns[col]); err != nil {
			return nil, kept, of, err
		}
	}
	f, err = plot.Scatter(sets, c.Scattering)
	if unknown, ok := errors.AsType[*results.UnknownColumnError](err); ok {
		return nil, kept, of, unknown
	}
	return f, kept, of, err
}

// defaults fills in what is not asked for: the first two objectives, as in the
// Pareto figure, and the column of By.
func (c *Cloud) defaults(front *results.Table) error {
	all := goals(front)
	if len(all) < 2 && (c.X == "" || c.Y == "") {
		return strict.BadInput("--x, --y", errors.New("the study has one objective: name both"))
	}
	if c.X == "" {
		c.X = all[1]
	}
	if c.Y == "" {
		c.Y = all[0]
		if c.Y == c.X {
			c.Y = all[1]
		}
	}
	if c.Colour == "" {
		c.Colour = c.By
	}
	return nil
}
