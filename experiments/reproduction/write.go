package reproduction

import (
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"stco/results"
	"stco/results/csv"
	"stco/results/store/disk"
	"stco/results/table"
)

// Folder is that of the files below the output directory, beside the document.
const Folder = "reproduction"

// Outcome is an experiment that has been run.
type Outcome struct {
	Experiment *Experiment
	Findings   *Findings
}

// Write writes tables, figures and the section of an experiment below a
// directory and returns the paths. Each table has the seed and the program in
// every row. It is an error where a number of the section is not that of its row.
func Write(dir string, o *Outcome, seed uint64, program string) ([]string, error) {
	if err := o.Findings.Complete(); err != nil {
		return nil, fmt.Errorf("%s: %w", o.Experiment.Name, err)
	}
	folder := filepath.Join(dir, Folder, o.Experiment.Name)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, &disk.IOError{Op: "mkdir", Path: folder, Err: err}
	}
	var paths []string
	write := func(name string, to func(io.Writer) error) error {
		path := filepath.Join(folder, name)
		paths = append(paths, path)
		return disk.Replace(disk.OS{}, path, to)
	}
	claims, err := claimTable(o.Findings)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", o.Experiment.Name, err)
	}
	for _, t := range append([]*results.Table{claims}, o.Findings.Tables...) {
		if err := t.Check(); err != nil {
			return nil, fmt.Errorf("%s: table %s: %w", o.Experiment.Name, t.Name, err)
		}
		marked := signed(t, seed, program)
		if err := write(t.Name+".csv", func(w io.Writer) error { return csv.Write(w, marked) }); err != nil {
			return nil, err
		}
	}
	for i := range o.Findings.Figures {
		f := o.Findings.Figures[i].Drawing
		name := o.Findings.Figures[i].Name
		for _, format := range []struct {
			suffix string
			to     func(io.Writer) error
		}{
			{".svg", f.WriteSVG},
			{".pdf", f.WritePDF},
			{".png", f.WritePNG},
			{".data.csv", func(w io.Writer) error { return csv.Write(w, signed(f.Data(), seed, program)) }},
		} {
			if err := write(name+format.suffix, format.to); err != nil {
				return nil, err
			}
		}
	}
	text, err := Section(o, "")
	if err != nil {
		return nil, err
	}
	if err := Traced(text, func(name string) (string, error) {
		data, err := os.ReadFile(filepath.Join(folder, name)) //nolint:gosec // written above
		return string(data), err
	}); err != nil {
		return nil, fmt.Errorf("%s: %w", o.Experiment.Name, err)
	}
	return paths, write("section.md", func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	})
}

// claimsName is that of the table of claims, which every experiment has.
const claimsName = "claims"

// claimTable is the table of claims: what is published, ours with the line and the
// column that it is from, the ratio, and the two texts.
func claimTable(r *Findings) (*results.Table, error) {
	t := results.NewList(claimsName, "claim:text", "published", "ours", "ours_over_published", "table:text", "line", "column:text", "holds_when:text", "why_they_differ:text")
	plain := func(text string) string {
		return link.ReplaceAllString(strings.ReplaceAll(text, folderMark, ""), "$1")
	}
	for i := range r.Claims {
		c := &r.Claims[i]
		published, ours, ratio, name, line, column := any(nil), any(nil), any(nil), "", any(nil), ""
		if !math.IsNaN(c.Published) {
			published = c.Published
		}
		if v := c.Ours.Value(); !math.IsNaN(v) {
			at, err := c.Ours.Table.Index(c.Ours.Column)
			if err != nil {
				return nil, err
			}
			ours, name, line, column = v, c.Ours.Table.Name, c.Ours.Row+2, c.Ours.Table.Columns[at].Header()
			if published != nil {
				ratio = v / c.Published
			}
		}
		t.Append(c.Says, published, ours, ratio, name, line, column, plain(c.Holds), plain(c.Differs))
	}
	return t, nil
}

// signed is a table with the seed and the program that its rows are from.
func signed(t *results.Table, seed uint64, program string) *results.Table {
	s := t.Pick(nil, nil)
	s.Name = t.Name
	s.AddColumn("seed")
	s.AddColumn("program:text")
	at := len(s.Columns)
	for _, row := range s.Rows {
		row[at-2], row[at-1] = float64(seed), s.Choice(at-1, program)
	}
	return s
}

// Section is the text of an experiment; links begin with a folder.
func Section(o *Outcome, folder string) (string, error) {
	var b strings.Builder
	r := o.Findings
	fmt.Fprintf(&b, "## %s: %s\n\n%s\n\n**%s**\n\n", o.Experiment.Name, o.Experiment.Title, sentence(o.Experiment.Shows), r.Verdict)
	if len(r.Claims) > 0 {
		b.WriteString("| published | theirs | ours | ours over theirs | holds when | why they differ |\n|---|---|---|---|---|---|\n")
		for i := range r.Claims {
			c := &r.Claims[i]
			theirs, ratio := "in words", ""
			if !math.IsNaN(c.Published) {
				theirs = Digits(c.Published)
				if v := c.Ours.Value(); !math.IsNaN(v) {
					ratio = Digits(v / c.Published)
				}
			}
			fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s |\n", c.Says, theirs, c.Ours, ratio, c.Holds, c.Differs)
		}
		b.WriteString("\n")
	}
	for _, p := range r.Text {
		b.WriteString(p + "\n\n")
	}
	for _, t := range r.Show {
		fmt.Fprintf(&b, "Lines of [%s.csv](%s%s.csv):\n\n", t.Name, folderMark, t.Name)
		if err := table.Write(&b, table.Style{Format: table.Markdown, List: true, Explicit: true}, t); err != nil {
			return "", err
		}
		b.WriteString("\n")
	}
	for i := range r.Figures {
		f := &r.Figures[i]
		fmt.Fprintf(&b, "![%s](%s%s.svg)\n\n*%s*\n\n", f.Name, folderMark, f.Name, f.Caption)
	}
	files := []string{fmt.Sprintf("[%s.csv](%s%s.csv)", claimsName, folderMark, claimsName)}
	for _, t := range r.Tables {
		files = append(files, fmt.Sprintf("[%s.csv](%s%s.csv)", t.Name, folderMark, t.Name))
	}
	fmt.Fprintf(&b, "Data: %s.\n", strings.Join(files, ", "))
	if folder != "" {
		folder += "/" + o.Experiment.Name + "/"
	}
	return strings.ReplaceAll(b.String(), folderMark, folder), nil
}

func sentence(s string) string { return strings.ToUpper(s[:1]) + s[1:] + "." }

// Document puts the sections of experiments together, with their verdicts in
// front. Of an experiment that has not been run it takes what an older document
// has; "" is none.
func Document(all []*Experiment, done []Outcome, older, head string, seed uint64, program string) (string, error) {
	var b, sections strings.Builder
	fmt.Fprintf(&b, "# The paper's experiments\n\n%s\n\nProgram %s, seed %d. Every number is a link to the line of the CSV file that it is from; the title of the link is the column.\n\n", head, program, seed)
	b.WriteString("| experiment | verdict |\n|---|---|\n")
	for _, e := range all {
		row, section := earlier(older, e)
		if at := slices.IndexFunc(done, func(o Outcome) bool { return o.Experiment.Name == e.Name }); at >= 0 {
			verdict := strings.ReplaceAll(done[at].Findings.Verdict, folderMark, Folder+"/"+e.Name+"/")
			row = fmt.Sprintf("| [%s](#%s) | %s |\n", e.Name, anchor(e), verdict)
			var err error
			if section, err = Section(&done[at], Folder); err != nil {
				return "", err
			}
		}
		b.WriteString(row)
		if section != "" {
			sections.WriteString(section + "\n")
		}
	}
	return strings.TrimRight(b.String()+"\n"+sections.String(), "\n") + "\n", nil
}

// earlier is the line of an experiment in the list of an older document, and its
// section.
func earlier(older string, e *Experiment) (row, section string) {
	_, section, found := strings.Cut(older, "\n## "+e.Name+": ")
	if !found {
		return "", ""
	}
	section, _, _ = strings.Cut(section, "\n## ")
	for line := range strings.Lines(older) {
		if strings.HasPrefix(line, "| ["+e.Name+"](#") {
			row = line
		}
	}
	return row, "## " + e.Name + ": " + strings.TrimRight(section, "\n") + "\n"
}

// anchor is the link to a section as code forges make it of the heading.
func anchor(e *Experiment) string {
	var b strings.Builder
	for _, r := range strings.ToLower(e.Name + ": " + e.Title) {
		switch {
		case r == ' ':
			b.WriteByte('-')
		case r == '-' || r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			b.WriteRune(r)
		}
	}
	return b.String()
}
