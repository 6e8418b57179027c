package reproduction

import (
	"encoding/csv"
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"stco/results"
)

var link = regexp.MustCompile(`\[([^\]]*)\]\(([^)#\s]*\.csv)#L(\d+) "([^"]*)"\)`)

// shown is the line before a table that is printed.
var shown = regexp.MustCompile(`^Lines of \[[^\]]*\]\(([^)#\s]*\.csv)\):$`)

// Traced tells which numbers of a text are not those of the CSV files that it
// names: a number that is a link is that of its line and column, a row of a printed
// table has its cells in one row of the file named above the table, and the table
// of claims has a row of the file of claims each. File returns the content of a file
// by the name in the link.
func Traced(text string, file func(name string) (string, error)) error {
	var faults []error
	all := link.FindAllStringSubmatch(text, -1)
	if len(all) == 0 {
		return errors.New("no number leads to a row")
	}
	for _, m := range all {
		data, err := file(m[2])
		if err != nil {
			faults = append(faults, err)
			continue
		}
		if !holds(data, m[3], m[4], m[1]) {
			faults = append(faults, fmt.Errorf("%s is not what the file has", m[0]))
		}
	}
	faults = append(faults, tracedTables(text, file)...)
	return errors.Join(append(faults, tracedClaims(text, file)...)...)
}

// holds tells whether the line of a CSV file has a number in a column.
func holds(data, line, column, number string) bool {
	lines := strings.Split(data, "\n")
	row, _ := strconv.Atoi(line)
	if row < 2 || row > len(lines) {
		return false
	}
	both, err := csv.NewReader(strings.NewReader(lines[0] + "\n" + lines[row-1])).ReadAll() // texts with line ends are not traced
	if err != nil || len(both) != 2 {
		return false
	}
	cells := both[1]
	for i, name := range both[0] {
		if name == column {
			v, err := strconv.ParseFloat(cells[i], 64)
			return err == nil && Digits(v) == number
		}
	}
	return false
}

// tracedTables are the faults of the tables that are printed below a line that
// names their file.
func tracedTables(text string, file func(name string) (string, error)) []error {
	var faults []error
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		m := shown.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		data, err := file(m[1])
		if err != nil {
			faults = append(faults, err)
			continue
		}
		rows, err := csv.NewReader(strings.NewReader(data)).ReadAll()
		if err != nil || len(rows) < 2 || i+4 >= len(lines) {
			faults = append(faults, fmt.Errorf("%s: no table", m[1]))
			continue
		}
		title := cellsOf(lines[i+2])
		if !strings.HasPrefix(lines[i+4], "|") {
			faults = append(faults, fmt.Errorf("%s: no row is printed", m[1]))
		}
		for k := i + 4; k < len(lines) && strings.HasPrefix(lines[k], "|"); k++ {
			cells := cellsOf(lines[k])
			if !slices.ContainsFunc(rows[1:], func(row []string) bool { return sameRow(title, cells, rows[0], row) }) {
				faults = append(faults, fmt.Errorf("%s has no row %s", m[1], lines[k]))
			}
		}
	}
	return faults
}

// claimsFile is where a section names the file of its claims.
var claimsFile = regexp.MustCompile(`(?m)^Data: \[claims\.csv\]\(([^)#\s]*)\)`)

// tracedClaims are the faults of the tables of claims, each beside the file that is
// named below it: the same claims in the same order with the same figures and texts.
func tracedClaims(text string, file func(name string) (string, error)) []error {
	var faults []error
	from := 0
	for _, at := range claimsFile.FindAllStringSubmatchIndex(text, -1) {
		name := text[at[2]:at[3]]
		_, table, _ := strings.Cut(text[from:at[0]], "\n| published | theirs |")
		from = at[1]
		data, err := file(name)
		if err != nil {
			faults = append(faults, err)
			continue
		}
		rows, err := csv.NewReader(strings.NewReader(data)).ReadAll()
		if err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", name, err))
			continue
		}
		table, _, _ = strings.Cut(table, "\n\n")
		lines := strings.Split(table, "\n")[min(2, strings.Count(table, "\n")+1):]
		if len(lines) != len(rows)-1 {
			faults = append(faults, fmt.Errorf("%s has %d claims, the text %d", name, len(rows)-1, len(lines)))
			continue
		}
		for i, line := range lines {
			if want := claimLine(rows[i+1]); link.ReplaceAllString(line, "$1") != want {
				faults = append(faults, fmt.Errorf("%s: have %s, want %s", name, line, want))
			}
		}
	}
	return faults
}

// claimLine is the row of the table of claims for a row of their file, without
// links.
func claimLine(row []string) string {
	number := func(cell, none string) string {
		v, err := strconv.ParseFloat(cell, 64)
		if err != nil {
			return none
		}
		return Digits(v)
	}
	return fmt.Sprintf("| %s | %s | %s | %s | %s | %s |", row[0], number(row[1], "in words"), number(row[2], "none"), number(row[3], ""), row[7], row[8])
}

// cellsOf splits a row of a Markdown table.
func cellsOf(line string) []string {
	line = strings.NewReplacer(`\|`, "\x01", `\_`, "_", `\*`, "*", `\<`, "<", "\\`", "`", `\\`, `\`).Replace(strings.Trim(line, "|"))
	var out []string
	for c := range strings.SplitSeq(line, "|") {
		out = append(out, strings.ReplaceAll(strings.TrimSpace(c), "\x01", "|"))
	}
	return out
}

// sameRow tells whether a printed row has the cells of a row of a CSV file.
func sameRow(titles, cells, header, row []string) bool {
	for i, title := range titles {
		at, factor := columnOf(title, header)
		if at < 0 || i >= len(cells) || !sameCell(cells[i], row[at], factor) {
			return false
		}
	}
	return true
}

// columnOf is the column of a CSV file that a printed title means, with the factor
// from its unit to the printed one; -1: none.
func columnOf(title string, header []string) (at int, factor float64) {
	name, unit, _ := strings.Cut(strings.TrimSuffix(title, ")"), " (")
	unit = strings.NewReplacer("²", "2", "³", "3", "µ", "u").Replace(unit)
	column := func(unit string) int {
		c := results.Column{Name: name, Unit: unit}
		return slices.Index(header, c.Header())
	}
	if at = column(unit); at >= 0 {
		return at, 1
	}
	for prefix, f := range map[string]float64{"f": 1e15, "p": 1e12, "n": 1e9, "u": 1e6, "m": 1e3, "k": 1e-3, "K": 1e-3, "M": 1e-6, "G": 1e-9, "T": 1e-12} {
		if base, ok := strings.CutPrefix(unit, prefix); ok && base != "" {
			if at = column(base); at >= 0 {
				return at, f
			}
		}
	}
	return -1, 0
}

// sameCell tells whether a printed cell is that of a file, a number to its last
// digit.
func sameCell(printed, cell string, factor float64) bool {
	if printed == cell || printed == "–" && cell == "" {
		return true
	}
	x, err := strconv.ParseFloat(printed, 64)
	v, fault := strconv.ParseFloat(cell, 64)
	if err != nil || fault != nil {
		return false
	}
	mantissa, exponent, _ := strings.Cut(printed, "e")
	_, decimals, _ := strings.Cut(mantissa, ".")
	e, _ := strconv.Atoi(exponent)
	return math.Abs(x-v*factor) <= 0.5000001*math.Pow10(e-len(decimals))
}
