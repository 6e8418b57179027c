package table

import (
	"fmt"
	"html"
	"io"
	"strings"
)

// escapeMarkdown keeps a text within its cell and as it is.
func escapeMarkdown(s string) string {
	return strings.NewReplacer(`\`, `\\`, "|", `\|`, "*", `\*`, "_", `\_`, "<", `\<`, "`", "\\`").Replace(s)
}

func writeMarkdown(w io.Writer, g *grid, constants []column) error {
	var head, rule []string
	if g.labeled {
		head, rule = append(head, " "), append(rule, "---")
	}
	for _, c := range g.columns {
		title := escapeMarkdown(c.Title())
		if c.unit != "" {
			title += " (" + escapeMarkdown(c.unit) + ")"
		}
		head = append(head, title)
		if c.text {
			rule = append(rule, ":---")
		} else {
			rule = append(rule, "---:")
		}
	}
	var b strings.Builder
	line := func(cells []string) { fmt.Fprintf(&b, "| %s |\n", strings.Join(cells, " | ")) }
	line(head)
	line(rule)
	for i := range g.labels {
		for r := range g.labels[i] {
			cells := g.row(i, r)
			for j := range cells {
				cells[j] = escapeMarkdown(cells[j])
			}
			line(cells)
		}
	}
	if len(constants) > 0 {
		b.WriteString("\nSame in all rows: ")
		for i, c := range constants {
			if i > 0 {
				b.WriteString(", ")
			}
			b.WriteString(escapeMarkdown(c.only()))
		}
		b.WriteString(".\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// writeHTML writes a table element. A row has the attribute data-row, its number
// in the first table, and class "more" if it is of another one.
func writeHTML(w io.Writer, g *grid, constants []column) error {
	var b strings.Builder
	b.WriteString("<table>\n<thead><tr>")
	if g.labeled {
		b.WriteString("<th></th>")
	}
	for _, c := range g.columns {
		fmt.Fprintf(&b, "<th%s>%s", class(c.text), html.EscapeString(strings.ReplaceAll(c.Title(), "_", " ")))
		if c.unit != "" {
			fmt.Fprintf(&b, " <small>%s</small>", html.EscapeString(c.unit))
		}
		b.WriteString("</th>")
	}
	b.WriteString("</tr></thead>\n<tbody>\n")
	for i := range g.labels {
		for r := range g.labels[i] {
			if i == 0 {
				fmt.Fprintf(&b, "<tr data-row=\"%d\">", r)
			} else {
				b.WriteString("<tr class=\"more\">")
			}
			for j, cell := range g.row(i, r) {
				text := g.labeled && j == 0
				if !text {
					at := j
					if g.labeled {
						at--
					}
					text = g.columns[at].text
				}
				fmt.Fprintf(&b, "<td%s>%s</td>", class(text), html.EscapeString(cell))
			}
			b.WriteString("</tr>\n")
		}
	}
	b.WriteString("</tbody>\n</table>\n")
	if len(constants) > 0 {
		var same []string
		for _, c := range constants {
			same = append(same, c.only())
		}
		fmt.Fprintf(&b, "<p class=\"same\">Same in all rows: %s.</p>\n", html.EscapeString(strings.Join(same, ", ")))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func class(text bool) string {
	if text {
		return ""
	}
	return ` class="n"`
}

// escapeLaTeX writes a text so that LaTeX prints it, also with an engine that
// knows only ASCII.
func escapeLaTeX(s string) string {
	return strings.NewReplacer(
		`\`, `\textbackslash{}`, "_", `\_`, "%", `\%`, "&", `\&`, "#", `\#`, "$", `\$`, "{", `\{`, "}", `\}`,
		"~", `\textasciitilde{}`, "^", `\textasciicircum{}`, "<", `$<$`, ">", `$>$`, "|", `\textbar{}`,
		"µ", `$\mu$`, "Ω", `$\Omega$`, "²", `$^2$`, "³", `$^3$`, "–", "--", "∞", `$\infty$`,
	).Replace(s)
}

// latexNumber writes 1.25e-12 as a power of ten and a minus sign as one.
func latexNumber(s string) string {
	mantissa, exp, scientific := strings.Cut(s, "e")
	negative := strings.HasPrefix(mantissa, "-") && len(mantissa) > 1
	if !scientific || !strings.ContainsAny(mantissa, "0123456789") {
		if negative {
			return "$-$" + escapeLaTeX(mantissa[1:])
		}
		return escapeLaTeX(s)
	}
	sign := ""
	if strings.HasPrefix(exp, "-") {
		sign = "-"
	}
	return fmt.Sprintf(`$%s \times 10^{%s%s}$`, mantissa, sign, strings.TrimLeft(exp, "+-0"))
}

// writeLaTeX writes a tabular, and below it a line of what is the same in all rows.
func writeLaTeX(w io.Writer, g *grid, constants []column) error {
	var b strings.Builder
	b.WriteString(`\begin{tabular}{`)
	var names, units []string
	if g.labeled {
		b.WriteString("l")
		names, units = append(names, ""), append(units, "")
	}
	for _, c := range g.columns {
		if c.text {
			b.WriteString("l")
		} else {
			b.WriteString("r")
		}
		names = append(names, escapeLaTeX(strings.ReplaceAll(c.Title(), "_", " ")))
		unit := ""
		if c.unit != "" {
			unit = "(" + escapeLaTeX(c.unit) + ")"
		}
		units = append(units, unit)
	}
	b.WriteString("}\n\\toprule\n")
	line := func(cells []string) { b.WriteString(strings.Join(cells, " & ") + " \\\\\n") }
	line(names)
	line(units)
	for i := range g.labels {
		if len(g.labels[i]) > 0 {
			b.WriteString("\\midrule\n")
		}
		for r := range g.labels[i] {
			cells := g.row(i, r)
			for j := range cells {
				k := j
				if g.labeled {
					k--
				}
				if k >= 0 && !g.columns[k].text {
					cells[j] = latexNumber(cells[j])
				} else {
					cells[j] = escapeLaTeX(cells[j])
				}
			}
			line(cells)
		}
	}
	b.WriteString("\\bottomrule\n\\end{tabular}\n")
	if len(constants) > 0 {
		var same []string
		for _, c := range constants {
			same = append(same, escapeLaTeX(strings.ReplaceAll(c.only(), "_", " ")))
		}
		fmt.Fprintf(&b, "\\par\\smallskip{\\footnotesize Same in all rows: %s.}\n", strings.Join(same, ", "))
	}
	_, err := io.WriteString(w, b.String())
	return err
}
