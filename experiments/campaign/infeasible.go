package campaign

import (
	"fmt"
	"math"
	"strings"

	"stco/experiments/answer"
	"stco/explore"
	"stco/results"
	"stco/results/store"
)

// InfeasibleError says that a search found no design that meets all limits.
type InfeasibleError struct {
	Evaluations int64
	Binding     string  // the constraint violated most often
	Share       float64 // of the evaluations that violate it
	Least       string  // the constraint the least infeasible design misses most
	Missed      float64 // by how much, in its own scale
}

func (e *InfeasibleError) Error() string {
	return fmt.Sprintf("infeasible: none of %d designs meets the constraints; violated most often: %s (%.1f %% of the designs); the least infeasible design misses %s by %.3g of its scale",
		e.Evaluations, e.Binding, 100*e.Share, e.Least, e.Missed)
}

// Columns of the table of limits.
const (
	limitName = iota
	limitMissed
	limitShare
	limitLeast
)

// newLimits returns the table of the limits of a study, without rows.
func newLimits() *results.Table {
	return &results.Table{Name: store.LimitsTable, Columns: []results.Column{
		{Name: "limit", Kind: results.Label, Choices: []string{}},
		{Name: "missed", Kind: results.Metric, Meaning: "evaluated designs that miss the limit"},
		{Name: "share", Unit: "%", Kind: results.Metric, Meaning: "of the evaluated designs"},
		{Name: "least", Kind: results.Metric, Meaning: "by how much the least infeasible design misses it, in its own scale; empty once a design is feasible"},
	}}
}

// limits lists how often the designs of a search missed each limit.
func (c *Campaign) limits(r *explore.Stratified) *results.Table {
	t := newLimits()
	var nearest *explore.Solution // the least infeasible design; nil once one is feasible
	for _, q := range r.Strata {
		if q.Least != nil && (nearest == nil || q.Least.Violation < nearest.Violation) {
			nearest = q.Least
		}
	}
	if r.Violation == 0 {
		nearest = nil
	}
	for i, n := range r.Violated {
		least := math.NaN()
		if nearest != nil {
			least = max(0, nearest.G[i])
		}
		t.Add("", t.Choice(limitName, c.Problem.ConstraintName(i)), float64(n), answer.Percent(float64(n), float64(r.Evaluations)), least)
	}
	return t
}

// addLimits sums the limits of several searches, which did that many evaluations
// together.
func addLimits(all []*results.Table, evaluations int64) *results.Table {
	t := newLimits()
	for i := range all[0].Rows {
		missed, least := 0.0, math.Inf(1)
		for _, a := range all {
			missed += a.Rows[i][limitMissed]
			if v := a.Rows[i][limitLeast]; math.IsNaN(v) || math.IsNaN(least) {
				least = math.NaN()
			} else {
				least = min(least, v)
			}
		}
		t.Add("", t.Choice(limitName, all[0].Text(i, limitName)), missed, answer.Percent(missed, float64(evaluations)), least)
	}
	return t
}

// infeasible says which limit is in the way.
func infeasible(limits *results.Table, evaluations int64) error {
	e := &InfeasibleError{Evaluations: evaluations}
	most, worst := -1.0, math.Inf(-1)
	for i, row := range limits.Rows {
		if row[limitMissed] > most {
			most, e.Binding = row[limitMissed], limits.Text(i, limitName)
		}
		if row[limitLeast] > worst {
			worst, e.Least, e.Missed = row[limitLeast], limits.Text(i, limitName), row[limitLeast]
		}
	}
	e.Share = answer.Percent(most, float64(evaluations)) / 100
	return e
}

// MissedMost names the limits missed most often with their shares, those of at
// least a hundredth of the designs and at most a few.
func MissedMost(limits *results.Table) string {
	const most, least = 5, 1.0
	order := make([]int, 0, len(limits.Rows))
	for i, row := range limits.Rows {
		at := len(order)
		for at > 0 && row[limitMissed] > limits.Rows[order[at-1]][limitMissed] {
			at--
		}
		order = append(order[:at], append([]int{i}, order[at:]...)...)
	}
	var parts []string
	for _, i := range order {
		if share := limits.Rows[i][limitShare]; share >= least && len(parts) < most {
			parts = append(parts, fmt.Sprintf("%s %.1f %%", limits.Text(i, limitName), share))
		}
	}
	return strings.Join(parts, ", ")
}
