package answer

import (
	"fmt"
	"strings"

	"stco/model/units"
	"stco/results"
)

// causes are the columns of a decomposition that sum to its energy and to its
// time, with the words for them.
func causes() []cause {
	return []cause{
		{"energy", "energy", "total"},
		{"energy", "energy_dram", "DRAM"},
		{"energy", "energy_buffer_read", "buffer reads"},
		{"energy", "energy_buffer_write", "buffer writes"},
		{"energy", "energy_scratchpad", "scratchpad"},
		{"energy", "energy_buffer_leakage", "buffer leakage"},
		{"energy", "energy_scrub", "scrubbing"},
		{"energy", "energy_pe_buffer", "PE buffer"},
		{"energy", "energy_mac", "multiply-accumulates"},
		{"energy", "energy_vector", "vector lanes"},
		{"energy", "energy_logic", "leakage of logic"},
		{"time", "latency", "total"},
		{"time", "time_compute", "computing"},
		{"time", "time_buffer", "waiting for the buffer"},
		{"time", "time_dram", "waiting for DRAM"},
		{"time", "time_exposed", "latencies and scrubbing"},
	}
}

type cause struct{ of, column, name string }

// Parts sums a decomposition over the workloads: a row for every design, energy
// or time, and cause, with its share of the design's own total.
func Parts(decomposition *results.Table) (*results.Table, error) {
	t := results.NewList("parts", "design:text", "of:text", "cause:text", "value:mixed", "unit:text", "share [%]")
	if len(decomposition.Rows) == 0 {
		return t, nil
	}
	design, err := decomposition.Index("design")
	if err != nil {
		return nil, err
	}
	for d, name := range decomposition.Columns[design].Choices {
		total := 0.0
		for _, c := range causes() {
			col, err := decomposition.Index(c.column)
			if err != nil {
				return nil, err
			}
			sum := 0.0
			for _, row := range decomposition.Rows {
				if int(row[design]) == d {
					sum += row[col]
				}
			}
			if c.name == "total" {
				total = sum
			}
			share := 0.0
			if total > 0 {
				share = 100 * sum / total
			}
			t.Append(name, c.of, c.name, sum, decomposition.Columns[col].Unit, share)
		}
	}
	return t, nil
}

// PartsBeside sets the parts of designs beside each other for people: a row for
// every cause, a column for every design; causes that are 0 throughout are left
// out.
func PartsBeside(parts *results.Table, designs ...string) *results.Table {
	t := results.NewList("parts", "of:text", "cause:text")
	var shown []string
	for _, name := range parts.Columns[0].Choices {
		if len(designs) == 0 || contains(designs, name) {
			shown = append(shown, name)
			t.AddColumn(name + ":text")
		}
	}
	for _, c := range causes() {
		row, any0 := []any{c.of, c.name}, false
		for _, name := range shown {
			text := ""
			for r, x := range parts.Rows {
				if parts.Text(r, 0) == name && parts.Text(r, 1) == c.of && parts.Text(r, 2) == c.name {
					text = amount(x[3], c.of)
					if c.name != "total" {
						text += fmt.Sprintf(" %5.1f %%", x[5])
					}
					any0 = any0 || x[3] != 0
				}
			}
			row = append(row, text)
		}
		if any0 {
			t.Append(row...)
		}
	}
	return t
}

func amount(v float64, of string) string {
	if of == "time" {
		return units.Format(v, units.DimTime)
	}
	return units.Format(v, units.DimEnergy)
}

func contains(list []string, name string) bool {
	for _, l := range list {
		if strings.EqualFold(l, name) {
			return true
		}
	}
	return false
}
