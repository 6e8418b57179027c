package cli

import (
	"encoding/csv"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/renderer"
	"github.com/olekukonko/tablewriter/tw"
	"github.com/urfave/cli/v2"

	"stco/experiments"
	"stco/results"
)

// sheetFormats are the ways a list can be printed.
func sheetFormat() *cli.StringFlag { return oneOf("format", "output", "table", "table", "csv", "json") }

// writeSheet prints a list of texts.
func writeSheet(w io.Writer, s *experiments.Sheet, format string) error {
	switch format {
	case "csv":
		c := csv.NewWriter(w)
		if err := c.Write(s.Header); err != nil {
			return err
		}
		return c.WriteAll(s.Rows)
	case "json":
		rows := make([]map[string]string, len(s.Rows))
		for i, r := range s.Rows {
			rows[i] = map[string]string{}
			for j, h := range s.Header {
				rows[i][h] = r[j]
			}
		}
		return writeJSON(w, rows)
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

// shortFigure is the length of a figure that is rounded already.
const shortFigure = 7

// lineWidth is the width of a header above which one row is printed upright.
const lineWidth = 120

// readable rounds the figures of a list for people: a column of numbers is
// right-aligned, in the prefixed unit that its header ends with, fractions to
// five digits. One wide row is printed as a column.
func readable(s *experiments.Sheet) (header []string, rows [][]string, align tw.Alignment) {
	header = slices.Clone(s.Header)
	for _, r := range s.Rows {
		rows = append(rows, slices.Clone(r))
	}
	align = make(tw.Alignment, len(header))
	for j, h := range s.Header {
		align[j] = tw.AlignLeft
		values, ok := numbers(rows, j)
		if !ok {
			continue
		}
		align[j] = tw.AlignRight
		factor := 1.0
		name, unit := splitUnit(h)
		if unit != "" {
			unit, factor = results.Column{Name: h, Unit: unit}.Scaled(values)
			name += " (" + unit + ")"
		}
		header[j] = name
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
	if len(rows) == 1 && len(strings.Join(header, "  ")) > lineWidth {
		upright := make([][]string, len(header))
		for j, h := range header {
			upright[j] = []string{h, rows[0][j]}
		}
		return []string{"figure", "value"}, upright, tw.Alignment{tw.AlignLeft, tw.AlignRight}
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
	unit = stem[k+1:]
	if ratio {
		unit += "/" + per
	}
	return strings.ReplaceAll(stem[:k], "_", " "), unit
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
