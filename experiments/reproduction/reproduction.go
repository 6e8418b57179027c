package reproduction

import (
	"context"
	"fmt"
	"math"
	"strconv"

	"stco/results"
	"stco/results/plot"
)

// Setting says how an experiment is run. Equal settings give equal bytes,
// whatever the workers.
type Setting struct {
	Seed    uint64
	Small   bool // few points and short searches: to try it, and for tests
	Workers int
	Say     func(text string) // told of progress; may be nil
}

// Progress tells how far an experiment is.
func (s *Setting) Progress(format string, args ...any) {
	if s.Say != nil {
		s.Say(fmt.Sprintf(format, args...))
	}
}

// Either returns the value of the full size, or that of the small one.
func Either[T any](s *Setting, full, small T) T {
	if s.Small {
		return small
	}
	return full
}

// Experiment sets published claims beside the model.
type Experiment struct {
	Name  string
	Title string
	Shows string // in one line
	Run   func(ctx context.Context, s *Setting) (*Findings, error)
}

// Findings is the outcome of an experiment.
type Findings struct {
	Verdict string // one or two sentences; numbers by Cell.String
	Claims  []Claim
	Text    []string         // paragraphs of Markdown
	Show    []*results.Table // printed in the section, after the text
	Tables  []*results.Table // all data; the names become those of files
	Figures []Figure
}

// Complete is an error where a part is missing.
func (r *Findings) Complete() error {
	for _, part := range []struct {
		name string
		n    int
	}{{"verdict", len(r.Verdict)}, {"claims", len(r.Claims)}, {"text", len(r.Text)}, {"tables", len(r.Tables)}, {"figures", len(r.Figures)}} {
		if part.n == 0 {
			return fmt.Errorf("findings without %s", part.name)
		}
	}
	return nil
}

// Figure is a drawing with its caption.
type Figure struct {
	Name, Caption string
	Drawing       *plot.Figure
}

// Claim is something published beside what the model says.
type Claim struct {
	Says      string  // what is published, and where
	Published float64 // NaN: in words only
	Ours      Cell
	Holds     string // when the claim holds in the model
	Differs   string // why ours differs
}

// Cell is a number with the place it is from: the row of a table, counted from 0,
// and the name of a column.
type Cell struct {
	Table  *results.Table
	Row    int
	Column string
}

// Value returns the number; NaN for a cell that there is not.
func (c Cell) Value() float64 {
	if c.Table == nil || c.Row < 0 || c.Row >= len(c.Table.Rows) {
		return math.NaN()
	}
	at, err := c.Table.Index(c.Column)
	if err != nil {
		return math.NaN()
	}
	return c.Table.Rows[c.Row][at]
}

// String is the number in three digits as a link to its line of the CSV file, the
// column as the title of the link. The writer puts the folder before it.
func (c Cell) String() string {
	v := c.Value()
	if math.IsNaN(v) {
		return "none"
	}
	at, _ := c.Table.Index(c.Column)
	return fmt.Sprintf("[%s](%s%s.csv#L%d %q)", Digits(v), folderMark, c.Table.Name, c.Row+2, c.Table.Columns[at].Header())
}

// Digits is a number as texts have it.
func Digits(v float64) string {
	if a := math.Abs(v); a >= 1000 && a < 1e6 {
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	return strconv.FormatFloat(v, 'g', 3, 64)
}

// folderMark stands for the folder of an experiment until its place is known.
const folderMark = "\x00/"
