package inspect

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"stco/experiments/study"
	"stco/experiments/study/strict"
	"stco/results"
	"stco/results/store"
)

// ScenarioNames lists the scenarios of a run; nil for a run without.
func ScenarioNames(r *store.Run) []string {
	var names []string
	for _, sh := range r.Info().Shards {
		if sh.Scenario != "" && !slices.Contains(names, sh.Scenario) {
			names = append(names, sh.Scenario)
		}
	}
	return names
}

// InScenario returns the rows of one scenario of a table of a run; without a name
// those of a run that has no scenarios.
func InScenario(r *store.Run, t *results.Table, name string) (*results.Table, error) {
	names := ScenarioNames(r)
	switch {
	case names == nil && name == "":
		return t, nil
	case names == nil:
		return nil, strict.BadInput(r.Dir(), fmt.Errorf("scenario %q: the run has none", name))
	case name == "":
		return nil, strict.BadInput(r.Dir(), fmt.Errorf("the run has %d scenarios: name one with --scenario: %s", len(names), listed(names)))
	case !slices.Contains(names, name):
		return nil, strict.BadInput(r.Dir(), fmt.Errorf("scenario %q: the run has %s", name, listed(names)))
	}
	at, err := t.Index(results.ScenarioColumn)
	if err != nil {
		return nil, err
	}
	rows := []int{}
	for i := range t.Rows {
		if t.Text(i, at) == name {
			rows = append(rows, i)
		}
	}
	out := t.Pick(rows, nil)
	out.Drop(results.ScenarioColumn)
	return out, nil
}

func listed(names []string) string {
	const most = 30
	if len(names) > most {
		return strings.Join(names[:most], ", ") + ", ..."
	}
	return strings.Join(names, ", ")
}

// single refuses a run of several scenarios where one is meant.
func single(r *store.Run) error {
	if names := ScenarioNames(r); len(names) > 0 {
		return strict.BadInput(r.Dir(), errors.New("a run of several scenarios has a front for each: run one of them alone"))
	}
	return nil
}

// studyOf is the study of a run, and of a scenario of it.
func studyOf(r *store.Run, scenario string) (*study.Study, error) {
	s, err := study.Parse(r.Dir()+"/run.json", []byte(r.Info().Study))
	if err != nil || scenario == "" {
		return s, err
	}
	all := s.Scenarios()
	for i := range all {
		if all[i].Name == scenario {
			return s.In(i)
		}
	}
	return nil, strict.BadInput(r.Dir(), fmt.Errorf("scenario %q: the study has none of that name", scenario))
}

// Provenance says what the numbers of a run come from: nothing that changes from
// one execution of the same study to the next.
func Provenance(r *store.Run) map[string]string {
	info := r.Info()
	return map[string]string{
		"tool": info.Tool, "version": info.Version, "tables_sha256": info.TablesSHA256,
		"study": info.Study, "seed": strconv.FormatUint(info.Seed, 10), "seeds": strconv.Itoa(len(info.Shards)),
	}
}
