package command

import (
	"encoding/csv"
	"encoding/json"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/renderer"
	"github.com/olekukonko/tablewriter/tw"
	"github.com/urfave/cli/v2"

	"stco/results"
)

// ListFormat is the flag of the ways a list can be printed.
func ListFormat() *cli.StringFlag { return OneOf("format", "output", "table", "table", "csv", "json") }

// WriteSheet prints a list of texts.
func WriteSheet(w io.Writer, s *Sheet, format string) error {
	switch format {
	case "csv":
		c := csv.NewWriter(w)
		if err := c.Write(s.Header); err != nil {
			return err
		}
		return c.WriteAll(s.Rows)
	case "json":
		return WriteJSON(w, records(s))
	}
	header, rows, align := readable(s)
	t := tablewriter.NewTable(w, tablewriter.WithRenderer(renderer.NewBlueprint(tw.Rendition{
		Borders: tw.BorderNone, Settings: tw.Settings{Separators: tw.Separators{BetweenColumns: tw.Off}},
	})), tablewriter.WithHeaderAutoFormat(tw.Off), tablewriter.WithRowAutoWrap(tw.WrapNone),
		tablewriter.WithAlignment(align))
	t.Header(header)
	if err := t.Bulk(rows); err != nil {
		return err
	}
	return t.Render()
}

// upright makes the rows of a list columns, of which the first names the figures.
func upright(header []string, rows [][]string) (names []string, figures [][]string, align tw.Alignment) {
	figures = make([][]string, len(header))
	for j, h := range header {
		figures[j] = []string{h}
		for _, r := range rows {
			figures[j] = append(figures[j], r[j])
		}
	}
	align = tw.Alignment{tw.AlignLeft}
	for range rows {
		align = append(align, tw.AlignRight)
	}
	if len(rows) == 1 {
		return []string{"figure", "value"}, figures, align
	}
	return figures[0], figures[1:], align
}

// records are the rows of a list by header: the cells of a column of numbers
// are numbers, its empty ones null.
func records(s *Sheet) []map[string]any {
	rows := make([]map[string]any, len(s.Rows))
	for i := range rows {
		rows[i] = map[string]any{}
	}
	for j, h := range s.Header {
		_, figures := numbers(s.Rows, j)
		for i, r := range s.Rows {
			switch cell := r[j]; {
			case figures && cell == "":
				rows[i][h] = nil
			case figures && json.Valid([]byte(cell)):
				rows[i][h] = json.Number(cell)
			default:
				rows[i][h] = cell
			}
		}
	}
	return rows
}

// shortFigure is the length of a figure that is rounded already.
const shortFigure = 7

// lineWidth is the width of a header above which at most uprightRows rows are
// printed as columns.
const (
	lineWidth   = 160
	uprightRows = 8
)

// readable rounds the figures of a list for people: a column of numbers is
// right-aligned, in the prefixed unit that its header ends with, fractions to
// five digits. One wide row is printed as a column.
func readable(s *Sheet) (header []string, rows [][]string, align tw.Alignment) {
	header = slices.Clone(s.Header)
	for _, r := range s.Rows {
		rows = append(rows, slices.Clone(r))
	}
	align = make(tw.Alignment, len(header))
	for j, h := range s.Header {
		align[j] = tw.AlignLeft
		name, unit := splitUnit(h)
		header[j] = name
		values, ok := numbers(rows, j)
		if !ok {
			continue
		}
		align[j] = tw.AlignRight
		factor := 1.0
		if unit != "" {
			unit, factor = results.Column{Name: h, Unit: unit}.Scaled(values)
			header[j] += " (" + unit + ")"
		}
		i := 0
		for _, r := range rows {
			if r[j] == "" {
				continue
			}
			if v := values[i] / factor; factor != 1 || v != math.Trunc(v) && len(r[j]) > shortFigure {
				r[j] = strconv.FormatFloat(v, 'g', 5, 64)
			}
			i++
		}
	}
	if len(rows) <= uprightRows && len(strings.Join(header, "  ")) > lineWidth {
		return upright(header, rows)
	}
	return header, rows, align
}

// splitUnit parts a header from the unit at its end: "read bandwidth" and "B/s"
// of read_bandwidth_B_per_s.
func splitUnit(header string) (name, unit string) {
	stem, per, ratio := strings.Cut(header, "_per_")
	k := strings.LastIndexByte(stem, '_')
	if k < 0 || !slices.Contains([]string{"s", "J", "W", "B", "V", "A", "Hz", "Ohm", "mm2", "um2", "MiB"}, stem[k+1:]) {
		return strings.ReplaceAll(header, "_", " "), ""
	}
	name, unit = stem[:k], stem[k+1:]
	if ratio {
		per, rest, _ := strings.Cut(per, "_")
		unit += "/" + per
		name += "_" + rest
	}
	return strings.TrimSpace(strings.ReplaceAll(name, "_", " ")), unit
}

// numbers returns the figures of a column, without its empty cells; ok is false
// for a column of texts.
func numbers(rows [][]string, col int) (values []float64, ok bool) {
	for _, r := range rows {
		if r[col] == "" {
			continue
		}
		v, err := strconv.ParseFloat(r[col], 64)
		if err != nil {
			return nil, false
		}
		values = append(values, v)
	}
	return values, len(values) > 0
}
