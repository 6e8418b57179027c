package inspect

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"stco/experiments/study"
	"stco/experiments/study/catalog"
	"stco/experiments/study/strict"
	"stco/model"
	"stco/results"
	"stco/results/store"
)

// Tables reads a merged table of a run by its name, as store.Run.ReadTable does of
// one that is done.
type Tables func(name string) (*results.Table, error)

// Point returns a design of a run's front, under the study of the run: by its
// label ("knee", "best energy"), its identity, or its row, 1 being the first. In a
// run of several scenarios the name of one stands before, "phone:knee".
func Point(r *store.Run, tables Tables, id string) (*study.Design, error) {
	scenario := ""
	if names := ScenarioNames(r); names != nil {
		name, rest, ok := strings.Cut(id, ":")
		if !ok || !slices.Contains(names, name) {
			return nil, strict.BadInput(r.Dir(), fmt.Errorf("design %q: the run has %d scenarios: want SCENARIO:%s, of %s", id, len(names), id, listed(names)))
		}
		scenario, id = name, rest
	}
	s, err := studyOf(r, scenario)
	if err != nil {
		return nil, err
	}
	front, err := tables(store.FrontTable)
	if err != nil {
		return nil, fmt.Errorf("%w\nthe run may not be done: stco status %s", err, r.Dir())
	}
	if front, err = InScenario(r, front, scenario); err != nil {
		return nil, err
	}
	row, err := findRow(front, id)
	if err != nil {
		return nil, strict.BadInput(r.Dir(), err)
	}
	return designAt(r, s, front, row)
}

// designAt is the design of a row of a front.
func designAt(r *store.Run, s *study.Study, front *results.Table, row int) (*study.Design, error) {
	d := &study.Design{Design: model.DefaultDesign(), Setup: s.Setup}
	knobs := catalog.Of(&s.Setup).Knobs()
	for i := range knobs {
		k := &knobs[i]
		col, err := front.Index(results.Column{Name: k.Name, Unit: k.Unit}.Header())
		if err != nil {
			return nil, fmt.Errorf("%s/front.json: %w", r.Dir(), err)
		}
		v := front.Rows[row][col]
		if math.IsNaN(v) {
			continue // without meaning for the design's technology
		}
		if v = k.In(v); k.Scale == model.Choice {
			if v, err = k.Parse(front.Text(row, col)); err != nil {
				return nil, fmt.Errorf("%s/front.json: %s: %w", r.Dir(), k.Name, err)
			}
		}
		k.Set(&d.Design, v)
	}
	return d, nil
}

// findRow finds a row of a front by label, identity or number.
func findRow(front *results.Table, id string) (int, error) {
	var labels []string
	for i := range front.Rows {
		l := front.LabelOf(i)
		if l == "" {
			continue
		}
		labels = append(labels, l)
		for name := range strings.SplitSeq(l, ", ") {
			if name == id || name == "dominated "+id {
				return i, nil
			}
		}
		if l == id {
			return i, nil
		}
	}
	if at, err := front.Index(results.IDColumn); err == nil {
		for i := range front.Rows {
			if front.Text(i, at) == id {
				return i, nil
			}
		}
	}
	n, err := strconv.Atoi(id)
	if err != nil || n < 1 || n > len(front.Rows) {
		return 0, fmt.Errorf("design %q: the front has designs 1 to %d, and %s", id, len(front.Rows), strings.Join(labels, "; "))
	}
	return n - 1, nil
}
