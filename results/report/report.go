// Package report writes a run as one HTML page that needs nothing else: verdict
// and tables that read without scripts, and figures drawn by Apache ECharts from
// the data in the page. The page asks for no other file and allows none.
package report

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"math"
	"strings"

	"stco/results"
	"stco/results/table"
)

//go:embed assets/page.html assets/page.css assets/page.js assets/live.js assets/echarts.min.js.gz assets/NOTICE
var assets embed.FS

// Page is what a report shows.
type Page struct {
	Title   string
	Notes   []string // what a reader must know first: a run that is not done, designs that are left out
	Verdict []string

	// Designs are the rows of the interactive table and of every figure;
	// Columns are those of the table (empty: all).
	Designs *results.Table
	Columns []string
	// Others are further points of the scatter figure: SRAM buffers, the archive.
	Others []*results.Table
	// Parts has the columns design, of, cause, value, unit: bars of one design each.
	Parts *results.Table
	// Progress has the columns shard, evaluations, hypervolume.
	Progress *results.Table

	Sections   []Section
	Provenance [][2]string
	Study      string // its text

	// Live is the version of a page that a server keeps up to date: its script
	// listens to the server's events, and loads the page anew when there is a newer
	// version. Empty for a page by itself.
	Live string
}

// Section is a table of the page under its heading.
type Section struct {
	Heading, About string
	Table          *results.Table
}

// group is a table as the page's scripts read it: a choice is its number in
// choices, a cell that does not apply is null.
type group struct {
	Name    string       `json:"name"`
	Columns []columnData `json:"columns"`
	Labels  []string     `json:"labels"`
	Rows    [][]any      `json:"rows"`
}

type columnData struct {
	Name    string             `json:"name"`
	Unit    string             `json:"unit,omitempty"`
	Kind    results.ColumnKind `json:"kind"`
	Choices []string           `json:"choices,omitempty"`
}

// digits of a number in the page's data: more than a figure shows.
const digits = 6

// newGroup reads a table; a column that the model table has too is in the
// prefixed unit that suits the model's values.
func newGroup(t, like *results.Table) (*group, error) {
	if t == nil {
		return nil, nil //nolint:nilnil // a page without that table
	}
	if err := t.Check(); err != nil {
		return nil, err
	}
	g := &group{Name: t.Name, Rows: make([][]any, len(t.Rows)), Labels: make([]string, len(t.Rows))}
	factors := make([]float64, len(t.Columns))
	for i, c := range t.Columns {
		unit, factor := c.Unit, 1.0
		if at, err := like.Index(c.Header()); err == nil && c.Choices == nil {
			values := make([]float64, len(like.Rows))
			for r := range like.Rows {
				values[r] = like.Rows[r][at]
			}
			unit, factor = like.Columns[at].Scaled(values)
		}
		factors[i] = factor
		g.Columns = append(g.Columns, columnData{c.Name, unit, c.Kind, c.Choices})
	}
	for r, row := range t.Rows {
		g.Labels[r] = t.LabelOf(r)
		g.Rows[r] = make([]any, len(row))
		for i, v := range row {
			switch {
			case math.IsNaN(v) || math.IsInf(v, 0):
			case t.Columns[i].Choices != nil:
				g.Rows[r][i] = int(v)
			default:
				g.Rows[r][i] = json.Number(fmt.Sprintf("%.*g", digits, v/factors[i]))
			}
		}
	}
	return g, nil
}

// Write writes the page.
func Write(w io.Writer, p *Page) error {
	data, err := p.data()
	if err != nil {
		return err
	}
	charts, err := chartLibrary()
	if err != nil {
		return err
	}
	style, script := read("page.css"), read("page.js")
	var designs template.HTML
	if p.Designs != nil {
		designs, err = tableHTML(p.Designs, p.Columns)
	}
	if err != nil {
		return err
	}
	type section struct {
		Heading, About string
		Table          template.HTML
	}
	var sections []section
	for _, s := range p.Sections {
		t, err := tableHTML(s.Table, nil)
		if err != nil {
			return err
		}
		sections = append(sections, section{s.Heading, s.About, t})
	}
	page, err := template.New("page").Parse(read("page.html"))
	if err != nil {
		return err
	}
	policy, live := "default-src 'none'; img-src data:; script-src "+hash(charts)+" "+hash(script), ""
	if p.Live != "" {
		text := read("live.js")
		policy, live = policy+" "+hash(text)+"; connect-src 'self'", "<script>"+text+"</script>"
	}
	return page.Execute(w, map[string]any{
		"Page": p, "Designs": designs, "Sections": sections, "Notice": read("NOTICE"), "Parts": p.Parts != nil, "Progress": p.Progress != nil,
		"Policy": policy + "; style-src " + hash(style),
		"Live":   template.HTML(live), //nolint:gosec // our own file
		// Our own files and encoded data: nothing in them ends the element they stand in.
		"Style":  template.HTML("<style>" + style + "</style>"),                                      //nolint:gosec // see above
		"Charts": template.HTML("<script>" + charts + "</script>"),                                   //nolint:gosec // see above
		"Script": template.HTML("<script>" + script + "</script>"),                                   //nolint:gosec // see above
		"Data":   template.HTML(`<script type="application/json" id="data">` + data + "</script>\n"), //nolint:gosec // see above
	})
}

// data is the page's data as JSON in which no "<" stands, so that no text of it
// ends its element.
func (p *Page) data() (string, error) {
	out := struct {
		Designs  *group   `json:"designs"`
		Others   []*group `json:"others"`
		Parts    *group   `json:"parts"`
		Progress *group   `json:"progress"`
	}{}
	var err error
	if out.Designs, err = newGroup(p.Designs, p.Designs); err != nil {
		return "", err
	}
	for _, t := range p.Others {
		g, err := newGroup(t, p.Designs)
		if err != nil {
			return "", err
		}
		out.Others = append(out.Others, g)
	}
	if out.Parts, err = newGroup(p.Parts, p.Parts); err != nil {
		return "", err
	}
	if out.Progress, err = newGroup(p.Progress, p.Progress); err != nil {
		return "", err
	}
	text, err := json.Marshal(out) // writes < as \u003c
	return string(text), err
}

func tableHTML(t *results.Table, columns []string) (template.HTML, error) {
	if t == nil {
		return "", nil
	}
	style := table.Style{Format: table.HTML, List: true}
	if len(columns) > 0 {
		var err error
		if t, err = table.Apply(t, table.View{Columns: columns}); err != nil {
			return "", err
		}
		style = table.Style{Format: table.HTML, Explicit: true}
	}
	var b bytes.Buffer
	if err := table.Write(&b, style, t); err != nil {
		return "", err
	}
	return template.HTML(b.String()), nil //nolint:gosec // table.Write escapes its texts
}

func read(name string) string {
	text, err := assets.ReadFile("assets/" + name)
	if err != nil {
		panic(fmt.Sprintf("report: %v", err)) // it is embedded
	}
	return string(text)
}

// chartLibrary is the bundle of ECharts.
func chartLibrary() (string, error) {
	z, err := gzip.NewReader(strings.NewReader(read("echarts.min.js.gz")))
	if err != nil {
		return "", err
	}
	text, err := io.ReadAll(z)
	return string(text), err
}

// hash is the source of an inline element in a content policy.
func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}
