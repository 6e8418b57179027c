package cli

import (
	"encoding/csv"
	"io"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/renderer"
	"github.com/olekukonko/tablewriter/tw"
	"github.com/urfave/cli/v2"

	"stco/experiments"
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
	t := tablewriter.NewTable(w, tablewriter.WithRenderer(renderer.NewBlueprint(tw.Rendition{
		Borders: tw.BorderNone, Settings: tw.Settings{Separators: tw.Separators{BetweenColumns: tw.Off}},
	})), tablewriter.WithHeaderAutoFormat(tw.Off), tablewriter.WithRowAutoWrap(tw.WrapNone), tablewriter.WithHeaderAlignment(tw.AlignLeft))
	t.Header(s.Header)
	if err := t.Bulk(s.Rows); err != nil {
		return err
	}
	return t.Render()
}
