package table

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/pkg/twwidth"
	"github.com/olekukonko/tablewriter/renderer"
	"github.com/olekukonko/tablewriter/tw"

	"stco/results"
)

// Format is a kind of output.
type Format string

// The formats of Write.
const (
	Text     Format = "table"
	Markdown Format = "markdown"
	LaTeX    Format = "latex" // a tabular for the booktabs package
	HTML     Format = "html"  // a table element
)

// Style says how Write prints.
type Style struct {
	Format Format
	// Width is the most characters a line of Text may have; 0 is no limit. Of a
	// table that is neither Explicit nor List, what does not fit is left out by
	// column and named below.
	Width int
	// Explicit says that the caller chose the columns: all are shown in their
	// order, those that do not fit in a further table below that begins with the
	// first column again. Otherwise objectives come first, columns with one value
	// in all rows are named below instead, and the least telling kinds are left
	// out first.
	Explicit bool
	// List says that the table is no table of designs: all columns are shown in
	// their order. At most eight rows wider than Width are printed as columns if
	// that is narrower; what is still too wide continues below, as of Explicit.
	List bool
}

// mostUpright is the most rows of a list that are printed as columns.
const mostUpright = 8

// Write prints one or more tables as one: the rows of the first, a rule, the
// rows of the next (a front, then its baselines). Columns are those of the
// first; a column that another table lacks is "–" there.
func Write(w io.Writer, s Style, tables ...*results.Table) error {
	if len(tables) == 0 {
		return nil
	}
	for _, t := range tables {
		if err := t.Check(); err != nil {
			return err
		}
	}
	g := newGrid(tables)
	var constants []column
	if !s.Explicit && !s.List {
		constants = g.arrange()
	}
	switch s.Format {
	case Text:
		return writeText(w, g, constants, s)
	case Markdown:
		return writeMarkdown(w, g, constants)
	case LaTeX:
		return writeLaTeX(w, g, constants)
	case HTML:
		return writeHTML(w, g, constants)
	}
	return fmt.Errorf("unknown format %q; formats are %s, %s, %s, %s", s.Format, Text, Markdown, LaTeX, HTML)
}

// rank orders columns by what they tell about a front.
func (c *column) rank() int {
	switch {
	case c.Kind == results.Label:
		return 0
	case c.Kind == results.Objective:
		return 1
	case c.Kind == results.Parameter && !c.fixed:
		return 2
	case c.Kind == results.Metric && !c.fixed:
		return 3
	case c.Kind == results.Parameter:
		return 4
	case c.Kind == results.Constraint && !c.fixed:
		return 5
	}
	return 6
}

// arrange sorts the columns by rank and takes out those with one value.
func (g *grid) arrange() []column {
	slices.SortStableFunc(g.columns, func(a, b column) int { return cmp.Compare(a.rank(), b.rank()) })
	var constants []column
	g.columns = slices.DeleteFunc(g.columns, func(c column) bool {
		out := c.constant && c.Kind != results.Objective
		if out {
			constants = append(constants, c)
		}
		return out
	})
	return constants
}

// lines is the header of a column: the words of its title in lines not wider
// than need be, and the unit.
func (c *column) lines() []string {
	words := strings.Split(c.Title(), "_")
	width := c.width()
	for _, word := range words {
		width = max(width, twwidth.Width(word))
	}
	var out []string
	for _, word := range words {
		last := len(out) - 1
		if last >= 0 && twwidth.Width(out[last])+1+twwidth.Width(word) <= width {
			out[last] += " " + word
			continue
		}
		out = append(out, word)
	}
	if c.unit != "" {
		out = append(out, "("+c.unit+")")
	}
	return out
}

// width is that of the widest cell.
func (c *column) width() int {
	n := 0
	for _, block := range c.cells {
		for _, cell := range block {
			n = max(n, twwidth.Width(cell))
		}
	}
	return n
}

// gap is the padding of a printed column.
const gap = 2

// fit leaves out columns, those of the highest rank first and among equals the
// last first, until the table is no wider than width. It returns what it left
// out.
func (g *grid) fit(width int) (left []column) {
	widths := g.widths()
	total := sum(widths) + g.labelWidth()
	for total > width && len(g.columns) > 1 {
		worst := 0
		for i := range g.columns {
			if g.columns[i].rank() >= g.columns[worst].rank() {
				worst = i
			}
		}
		total -= widths[worst]
		left = append(left, g.columns[worst])
		g.columns = slices.Delete(g.columns, worst, worst+1)
		widths = slices.Delete(widths, worst, worst+1)
	}
	slices.Reverse(left)
	return left
}

// labelWidth is the width of the labels with their padding; 0 without labels.
func (g *grid) labelWidth() int {
	if !g.labeled {
		return 0
	}
	most := 0
	for _, l := range slices.Concat(g.labels...) {
		most = max(most, twwidth.Width(l)+gap)
	}
	return most
}

// split cuts a table that is wider than width into several that are not, as far
// as single columns allow, each with labels and first column.
func (g *grid) split(width int) []*grid {
	widths := g.widths()
	if len(g.columns) < 3 || sum(widths)+g.labelWidth() <= width {
		return []*grid{g}
	}
	first := g.labelWidth() + widths[0]
	var out []*grid
	total := width + 1
	for i := 1; i < len(g.columns); i++ {
		if total += widths[i]; total > width {
			out = append(out, &grid{labels: g.labels, labeled: g.labeled, columns: []column{g.columns[0]}})
			total = first + widths[i]
		}
		last := out[len(out)-1]
		last.columns = append(last.columns, g.columns[i])
	}
	return out
}

// widths are those of the columns with their padding.
func (g *grid) widths() []int {
	widths := make([]int, len(g.columns))
	for i, c := range g.columns {
		widths[i] = c.width()
		for _, l := range c.lines() {
			widths[i] = max(widths[i], twwidth.Width(l))
		}
		widths[i] += gap
	}
	return widths
}

func sum(v []int) int {
	n := 0
	for _, x := range v {
		n += x
	}
	return n
}

// transposed makes the rows columns, named by the first column, or "value" for a
// single row. Its first column is the titles with their units.
func (g *grid) transposed() *grid {
	rows := len(slices.Concat(g.labels...))
	figures := g.columns
	u := &grid{labels: [][]string{nil}}
	names := slices.Concat(g.columns[0].cells...)
	title := g.columns[0].heading()
	if rows == 1 {
		names, title = []string{"value"}, "figure"
	} else {
		figures = g.columns[1:]
	}
	u.columns = append(u.columns, column{Column: results.Column{Name: title}, text: true, cells: [][]string{nil}})
	for _, n := range names {
		u.columns = append(u.columns, column{Column: results.Column{Name: n}, cells: [][]string{nil}})
	}
	for _, c := range figures {
		u.labels[0] = append(u.labels[0], "")
		u.columns[0].cells[0] = append(u.columns[0].cells[0], c.heading())
		for r, cell := range slices.Concat(c.cells...) {
			u.columns[r+1].cells[0] = append(u.columns[r+1].cells[0], cell)
		}
	}
	return u
}

// heading is the title of a column with its unit, in one line.
func (c *column) heading() string {
	title := strings.ReplaceAll(c.Title(), "_", " ")
	if c.unit != "" {
		title += " (" + c.unit + ")"
	}
	return title
}

func writeText(w io.Writer, g *grid, constants []column, s Style) error {
	width := s.Width
	if width == 0 {
		width = math.MaxInt
	}
	var left []column
	parts := []*grid{g}
	rows := len(slices.Concat(g.labels...))
	if s.List && rows > 0 && rows <= mostUpright && len(g.columns) > 1 && sum(g.widths()) > width {
		if u := g.transposed(); sum(u.widths()) < sum(g.widths()) {
			parts[0] = u
		}
	}
	if s.List || s.Explicit {
		parts = parts[0].split(width)
	} else {
		left = g.fit(width)
	}
	for i, part := range parts {
		if i > 0 {
			if _, err := fmt.Fprintln(w); err != nil {
				return err
			}
		}
		if err := part.render(w); err != nil {
			return err
		}
	}
	if rows == 0 {
		_, err := fmt.Fprintln(w, " (no rows)")
		return err
	}
	var same, names []string
	for _, c := range constants {
		same = append(same, c.only())
	}
	for _, c := range left {
		names = append(names, c.Header())
	}
	if err := writeList(w, "Same in all rows: ", same, width); err != nil {
		return err
	}
	return writeList(w, "Not shown: ", names, width)
}

// only says the one value of a column: "banks = 8".
func (c *column) only() string {
	for _, block := range c.cells {
		if len(block) > 0 {
			return strings.TrimSpace(c.Title() + " = " + block[0] + " " + c.unit)
		}
	}
	return c.Title() + " = –"
}

// writeList prints items with commas, in lines of a width, at most four.
func writeList(w io.Writer, title string, items []string, width int) error {
	if len(items) == 0 {
		return nil
	}
	const most = 4
	lines := []string{title}
	for i, item := range items {
		if i < len(items)-1 {
			item += ", "
		}
		last := len(lines) - 1
		if twwidth.Width(lines[last])+twwidth.Width(strings.TrimRight(item, " ")) > width {
			if len(lines) == most {
				rest := fmt.Sprintf("and %d more", len(items)-i)
				if twwidth.Width(lines[last])+len(rest) > width {
					lines = append(lines, "  ")
				}
				lines[len(lines)-1] += rest
				break
			}
			lines = append(lines, "  ")
			last++
		}
		lines[last] += item
	}
	for _, l := range lines {
		if _, err := fmt.Fprintln(w, strings.TrimRight(l, " ")); err != nil {
			return err
		}
	}
	return nil
}

// render prints the grid with a rule below the header and between blocks.
func (g *grid) render(w io.Writer) error {
	var header []string
	var align []tw.Align
	if g.labeled {
		header, align = append(header, " "), append(align, tw.AlignLeft)
	}
	tall := 0
	for _, c := range g.columns {
		tall = max(tall, len(c.lines()))
	}
	for _, c := range g.columns {
		lines := c.lines()
		header = append(header, strings.Repeat(" \n", tall-len(lines))+strings.Join(lines, "\n"))
		if c.text {
			align = append(align, tw.AlignLeft)
		} else {
			align = append(align, tw.AlignRight)
		}
	}
	var buf bytes.Buffer
	off := tw.Border{Left: tw.Off, Right: tw.Off, Top: tw.Off, Bottom: tw.Off}
	out := tablewriter.NewTable(
		&buf,
		tablewriter.WithRenderer(renderer.NewBlueprint(tw.Rendition{
			Borders:  off,
			Symbols:  tw.NewSymbols(tw.StyleLight),
			Settings: tw.Settings{Separators: tw.Separators{BetweenColumns: tw.Off, ShowHeader: tw.On}},
		})),
		tablewriter.WithHeaderAutoFormat(tw.Off),
		tablewriter.WithHeaderAutoWrap(tw.WrapNone),
		tablewriter.WithRowAutoWrap(tw.WrapNone),
		tablewriter.WithHeaderAlignmentConfig(tw.CellAlignment{PerColumn: align}),
		tablewriter.WithRowAlignmentConfig(tw.CellAlignment{PerColumn: align}),
	)
	out.Header(header)
	for b := range g.labels {
		for r := range g.labels[b] {
			if err := out.Append(g.row(b, r)); err != nil {
				return err
			}
		}
	}
	if err := out.Render(); err != nil {
		return err
	}
	lines := strings.Split(strings.TrimRight(buf.String(), "\n"), "\n")
	rule := lines[min(tall, len(lines)-1)]
	at := tall + 1
	for b, block := range g.labels[:len(g.labels)-1] {
		at += len(block)
		if len(block) > 0 && len(g.labels[b+1]) > 0 {
			lines = slices.Insert(lines, min(at, len(lines)), rule)
			at++
		}
	}
	for _, l := range lines {
		if _, err := fmt.Fprintln(w, strings.TrimRight(l, " ")); err != nil {
			return err
		}
	}
	return nil
}

// row is the cells of one row, the label first if the grid has any. A line
// break within a text would break the table.
func (g *grid) row(b, r int) []string {
	var cells []string
	if g.labeled {
		cells = append(cells, g.labels[b][r])
	}
	for _, c := range g.columns {
		cells = append(cells, c.cells[b][r])
	}
	for i := range cells {
		cells[i] = strings.Join(strings.Fields(cells[i]), " ")
	}
	return cells
}
