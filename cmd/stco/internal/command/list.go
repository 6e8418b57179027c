package command

import (
	"io"

	"github.com/urfave/cli/v2"

	"stco/results"
	"stco/results/csv"
	"stco/results/table"
)

// The most characters of a printed line where nothing says how wide it is: of
// tables of designs, which leave out columns, and of lists, which do not.
const (
	Width     = 100
	listWidth = 160
)

// Formats are the ways a table can be printed.
func Formats() []string { return []string{"table", "csv", "json", "markdown", "latex"} }

// Format is the flag of the ways a table can be printed.
func Format() *cli.StringFlag { return OneOf("format", "output", "table", Formats()...) }

// LineWidth is the longest line, in characters, that a writer shows.
func LineWidth(w io.Writer) int { return widthOr(w, Width) }

func widthOr(w io.Writer, otherwise int) int {
	if s, ok := w.(*Sink); ok && s.Width > 0 {
		return s.Width
	}
	return otherwise
}

// WriteTable prints a table of designs.
func WriteTable(w io.Writer, t *results.Table, format string) error {
	return write(w, t, format, table.Style{Width: LineWidth(w)})
}

// WriteList prints a table with all its columns.
func WriteList(w io.Writer, t *results.Table, format string) error {
	return write(w, t, format, table.Style{Width: widthOr(w, listWidth), List: true})
}

func write(w io.Writer, t *results.Table, format string, s table.Style) error {
	switch format {
	case "csv":
		return csv.Write(w, t)
	case "json":
		return csv.WriteJSON(w, t)
	}
	s.Format = table.Format(format)
	return table.Write(w, s, t)
}

// Or is s, or d for an empty s.
func Or(s, d string) string {
	if s == "" {
		return d
	}
	return s
}
