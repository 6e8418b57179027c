package results

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"stco/model/near"
)

// ColumnKind says what role a column plays in a study.
type ColumnKind string

// The kinds of column, in the order in which files list them.
const (
	Label      ColumnKind = "label"      // text: what the row is
	Parameter  ColumnKind = "parameter"  // a coordinate of the design space
	Objective  ColumnKind = "objective"  // what the search minimises or maximises
	Constraint ColumnKind = "constraint" // a bound of the study
	Metric     ColumnKind = "metric"     // any other figure of the design
)

// Goals of an objective column.
const (
	Min = "min"
	Max = "max"
)

// Column describes one column of a Table. Unit is ASCII, "" for a pure number.
// A column with Choices holds indices into it: a choice parameter or text.
type Column struct {
	Name    string     `json:"name"`
	Unit    string     `json:"unit,omitempty"`
	Kind    ColumnKind `json:"kind"`
	Goal    string     `json:"goal,omitempty"`
	Meaning string     `json:"meaning,omitempty"`
	Choices []string   `json:"choices,omitempty"`
	// Mixed says that every cell is a quantity of its own, which another column
	// names: people read each rounded by itself.
	Mixed bool `json:"mixed,omitempty"`
}

// unitWords spells the characters of a unit that a column name cannot hold.
var unitWords = strings.NewReplacer("^", "", "/", "_per_", "%", "percent", "µ", "u", "μ", "u", "Ω", "Ohm", "²", "2", "³", "3", "·", "_", "*", "_", " ", "_")

// Header is the name of the column in files and filters: the name followed by
// its unit, "energy_J" or "bandwidth_B_per_s", unless the name ends so already.
func (c Column) Header() string {
	unit := unitWords.Replace(c.Unit)
	if unit == "" || unit == "1" || strings.HasSuffix(c.Name, "_"+unit) {
		return c.Name
	}
	return c.Name + "_" + unit
}

// Title is the header without its unit: "energy" for "energy_J" in joule.
func (c Column) Title() string {
	return strings.TrimSuffix(c.Name, "_"+unitWords.Replace(c.Unit))
}

// Table is a list of rows of the same columns. Labels is empty or has one text
// per row: the name of a baseline, the mark of a knee. NaN is "does not apply".
type Table struct {
	Name    string
	Columns []Column
	Labels  []string
	Rows    [][]float64
}

// Add appends a row, copying the cells. An empty label is no label.
func (t *Table) Add(label string, cells ...float64) {
	t.Rows = append(t.Rows, slices.Clone(cells))
	if label != "" || t.Labels != nil {
		t.SetLabel(len(t.Rows)-1, label)
	}
}

// SetLabel names a row.
func (t *Table) SetLabel(row int, label string) {
	for len(t.Labels) < len(t.Rows) {
		t.Labels = append(t.Labels, "")
	}
	t.Labels[row] = label
}

// LabelOf is the label of a row, "" when it has none.
func (t *Table) LabelOf(row int) string {
	if row < len(t.Labels) {
		return t.Labels[row]
	}
	return ""
}

// Text is the name a cell of a column with choices stands for; "" for NaN.
func (t *Table) Text(row, col int) string {
	i := t.Rows[row][col]
	if math.IsNaN(i) {
		return ""
	}
	return t.Columns[col].Choices[int(i)]
}

// Choice is the value that stands for text in a column, adding it to the
// column's choices when it is new.
func (t *Table) Choice(col int, text string) float64 {
	c := &t.Columns[col]
	i := slices.Index(c.Choices, text)
	if i < 0 {
		i = len(c.Choices)
		c.Choices = append(c.Choices, text)
	}
	return float64(i)
}

// Index finds a column by its header, its name, or a title that no other has.
// The error of an unknown column is an *UnknownColumnError with the near ones.
func (t *Table) Index(name string) (int, error) {
	if i := slices.IndexFunc(t.Columns, func(c Column) bool { return strings.HasPrefix(name, c.Name) && c.Header() == name }); i >= 0 {
		return i, nil
	}
	if i := slices.IndexFunc(t.Columns, func(c Column) bool { return c.Name == name }); i >= 0 {
		return i, nil
	}
	headers := make([]string, len(t.Columns))
	var titled []int
	for i, c := range t.Columns {
		headers[i] = c.Header()
		if c.Title() == name {
			titled = append(titled, i)
		}
	}
	if len(titled) == 1 {
		return titled[0], nil
	}
	return 0, &UnknownColumnError{Name: name, Near: near.Names(name, headers), Known: headers}
}

// OfKind lists the columns of a kind.
func (t *Table) OfKind(kind ColumnKind) []int {
	var cols []int
	for i, c := range t.Columns {
		if c.Kind == kind {
			cols = append(cols, i)
		}
	}
	return cols
}

// Pick makes a new table of the given rows and columns in the given order. A
// nil list stands for all. Rows are copied.
func (t *Table) Pick(rows, cols []int) *Table {
	if rows == nil {
		rows = count(len(t.Rows))
	}
	if cols == nil {
		cols = count(len(t.Columns))
	}
	out := &Table{Name: t.Name}
	for _, c := range cols {
		column := t.Columns[c]
		column.Choices = slices.Clone(column.Choices)
		out.Columns = append(out.Columns, column)
	}
	for _, r := range rows {
		row := make([]float64, len(cols))
		for i, c := range cols {
			row[i] = t.Rows[r][c]
		}
		out.Add(t.LabelOf(r), row...)
	}
	return out
}

func count(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

// Varies tells whether a column holds several values.
func (t *Table) Varies(col int) bool {
	first := math.NaN()
	for _, r := range t.Rows {
		switch v := r[col]; {
		case math.IsNaN(v) || v == first:
		case math.IsNaN(first):
			first = v
		default:
			return true
		}
	}
	return false
}

// Empty tells whether a column has no value in any row.
func (t *Table) Empty(col int) bool {
	for _, r := range t.Rows {
		if !math.IsNaN(r[col]) {
			return false
		}
	}
	return true
}

// Check reports the first defect of a table: a column without name or of an
// unknown kind or goal, two columns of one header, a row of another length, a
// choice out of range.
func (t *Table) Check() error {
	seen := map[string]bool{}
	for i, c := range t.Columns {
		h := c.Header()
		switch {
		case c.Name == "":
			return fmt.Errorf("table %q: column %d has no name", t.Name, i)
		case seen[h]:
			return fmt.Errorf("table %q: two columns are named %q", t.Name, h)
		case !slices.Contains([]ColumnKind{Label, Parameter, Objective, Constraint, Metric}, c.Kind):
			return fmt.Errorf("table %q: column %q has kind %q, not label, parameter, objective, constraint or metric", t.Name, h, c.Kind)
		case c.Goal != "" && c.Goal != Min && c.Goal != Max:
			return fmt.Errorf("table %q: column %q has goal %q, not min or max", t.Name, h, c.Goal)
		}
		seen[h] = true
		names := map[string]bool{}
		for _, choice := range c.Choices {
			if names[choice] {
				return fmt.Errorf("table %q: column %q has choice %q twice", t.Name, h, choice)
			}
			names[choice] = true
		}
	}
	if len(t.Labels) > len(t.Rows) {
		return fmt.Errorf("table %q: %d labels for %d rows", t.Name, len(t.Labels), len(t.Rows))
	}
	for r, row := range t.Rows {
		if len(row) != len(t.Columns) {
			return fmt.Errorf("table %q: row %d has %d cells for %d columns", t.Name, r, len(row), len(t.Columns))
		}
		for i, v := range row {
			c := &t.Columns[i]
			if c.Choices != nil && !math.IsNaN(v) && (v != math.Trunc(v) || v < 0 || v >= float64(len(c.Choices))) {
				return fmt.Errorf("table %q: row %d: %s = %v is not one of its %d choices", t.Name, r, c.Header(), v, len(c.Choices))
			}
		}
	}
	return nil
}

// UnknownColumnError is a name that no column of a table has.
type UnknownColumnError struct {
	Name  string
	Near  []string // headers spelled alike, nearest first
	Known []string // all headers
}

func (e *UnknownColumnError) Error() string {
	if len(e.Near) > 0 {
		return fmt.Sprintf("unknown column %q; did you mean %s?", e.Name, strings.Join(e.Near, ", "))
	}
	return fmt.Sprintf("unknown column %q; columns are %s", e.Name, strings.Join(e.Known, ", "))
}
