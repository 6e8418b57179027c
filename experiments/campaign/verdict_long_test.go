//go:build long

package campaign

import (
	"errors"
	"math"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"stco/experiments/study"
)

// sheet is a CSV file read by its header.
type sheet struct {
	head []string
	rows [][]string
}

func readSheet(t *testing.T, dir, name string) sheet {
	t.Helper()
	rows, err := readCSV(filepath.Join(dir, name+".csv"))
	if err != nil || len(rows) < 2 {
		t.Fatalf("%s.csv: %d rows, %v", name, len(rows), err)
	}
	return sheet{rows[0], rows[1:]}
}

// text is a cell; its column begins with the name, before a unit.
func (s sheet) text(t *testing.T, row int, name string) string {
	t.Helper()
	for _, unit := range []string{"", "_J", "_s", "_mm2", "_MiB", "_percent", "_pct"} {
		if c := slices.Index(s.head, name+unit); c >= 0 {
			return s.rows[row][c]
		}
	}
	t.Fatalf("no column %s in %v", name, s.head)
	return ""
}

// number is a cell; NaN where it is empty.
func (s sheet) number(t *testing.T, row int, name string) float64 {
	t.Helper()
	text := s.text(t, row, name)
	if text == "" {
		return math.NaN()
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// budgets reads "1 to 8, 32" with the area budgets of a ladder.
func (s sheet) budgets(t *testing.T, list string) (rows []int) {
	t.Helper()
	at := func(text string) int {
		for r := range s.rows {
			if s.text(t, r, "area_budget") == text {
				return r
			}
		}
		t.Fatalf("no area budget of %s mm2 in ladder.csv", text)
		return 0
	}
	for _, part := range strings.Split(list, ", ") {
		from, to, wide := strings.Cut(part, " to ")
		lo := at(from)
		hi := lo
		if wide {
			hi = at(to)
		}
		for r := lo; r <= hi; r++ {
			rows = append(rows, r)
		}
	}
	return rows
}

const (
	figure  = `([0-9.]+)`
	figures = `([0-9.]+(?: to [0-9.]+)?)`
	budget  = `([0-9.]+(?: to [0-9.]+)?(?:, [0-9.]+(?: to [0-9.]+)?)*)`
	at      = figure + ` mm² \(` + figure + `, ` + figure + ` to ` + figure + ` with the doubts about the device, its limits met in ` + figure +
		` % of the draws; sot ` + figure + ` MiB, (\S+), (\S+) against SRAM (\w+) ` + figure + ` MiB, (\S+), (\S+)\)\.`
)

var (
	nowhere = regexp.MustCompile(`^No SOT-MRAM design pays here: at area budgets of ` + budget +
		` mm² the energy-delay product of the best SRAM buffer within the area is ` + figures + ` times its own; most at ` + at + `$`)
	somewhere = regexp.MustCompile(`^SOT-MRAM pays at area budgets of ` + budget + ` mm²: the best SRAM buffer within the area takes ` + figures +
		` times its energy, ` + figures + ` times its latency and ` + figures + ` times its energy-delay product; most at ` + at +
		`(?: It does not at ` + budget + ` mm² \(` + figures + `\)\.)?$`)
)

// TestVerdictsOfStudies runs the four embedded studies, briefly, and follows every
// number of the verdict to a row of ladder.csv: the budgets at which SOT-MRAM pays
// are those, and all those, whose gain is 1.02 or more; ranges are the least and
// the largest of a column over these rows; the buffer named is that of its row.
// And every buffer of the ladder beats what it says by its own energy and latency.
func TestVerdictsOfStudies(t *testing.T) {
	for _, name := range []string{"cv-training", "cv-inference", "nlp-training", "nlp-inference"} {
		text, _ := study.Embedded(name)
		s, err := study.Parse(name, append(text, "search: {evaluations: 3000}\n"...))
		if err != nil {
			t.Fatal(err)
		}
		dir := filepath.Join(t.TempDir(), name)
		c, err := Start(s, dir, (&clock{2 * time.Second}).options(&silent{}))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Execute(t.Context()); err != nil && !errors.As(err, new(*InfeasibleError)) {
			t.Fatal(err)
		}
		checkVerdict(t, name, readSheet(t, dir, "verdict"), readSheet(t, dir, "ladder"))
	}
}

func checkVerdict(t *testing.T, name string, verdict, ladder sheet) {
	t.Helper()
	var pays, not []int
	for r := range ladder.rows {
		own := func(tech string) float64 {
			return ladder.number(t, r, tech+"_energy") * ladder.number(t, r, tech+"_latency")
		}
		gain := ladder.number(t, r, "sot_edp_gain")
		if math.IsNaN(gain) {
			continue
		}
		if math.Abs(gain-own("sram")/own("sot")) > 1e-9*gain {
			t.Errorf("%s: row %d of ladder.csv: gain %v, its energies and latencies say %v", name, r+2, gain, own("sram")/own("sot"))
		}
		if gain >= 1.02 {
			pays = append(pays, r)
		} else {
			not = append(not, r)
		}
	}
	if len(verdict.rows) != 2 {
		t.Fatalf("%s: %d sentences", name, len(verdict.rows))
	}
	said := verdict.rows[0][0]
	is := func(what, got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("%s: %s is %s in ladder.csv: %s", name, what, want, said)
		}
	}
	two := func(v float64) string { return strconv.FormatFloat(v, 'f', 2, 64) }
	within := func(rows []int, column string) string {
		lo, hi := math.Inf(1), math.Inf(-1)
		for _, r := range rows {
			lo, hi = min(lo, ladder.number(t, r, column)), max(hi, ladder.number(t, r, column))
		}
		if two(lo) == two(hi) {
			return two(lo)
		}
		return two(lo) + " to " + two(hi)
	}
	var found []string
	if m := nowhere.FindStringSubmatch(said); m != nil {
		if len(pays) > 0 || !slices.Equal(ladder.budgets(t, m[1]), not) {
			t.Errorf("%s: SOT-MRAM pays in the rows %v, not in %v: %s", name, pays, not, said)
		}
		is("the gain in energy-delay product", m[2], within(not, "sot_edp_gain"))
		found = m[3:]
	} else if m := somewhere.FindStringSubmatch(said); m != nil {
		if !slices.Equal(ladder.budgets(t, m[1]), pays) {
			t.Errorf("%s: SOT-MRAM pays in the rows %v: %s", name, pays, said)
		}
		for i, column := range []string{"energy", "latency", "edp"} {
			is("the gain in "+column, m[2+i], within(pays, "sot_"+column+"_gain"))
		}
		if found = m[5:]; len(not) > 0 {
			if !slices.Equal(ladder.budgets(t, m[17]), not) {
				t.Errorf("%s: SOT-MRAM does not pay in the rows %v: %s", name, not, said)
			}
			is("the gain where it does not pay", m[18], within(not, "sot_edp_gain"))
		}
	} else {
		t.Fatalf("%s: a sentence of no known form: %s", name, said)
	}
	r := ladder.budgets(t, found[0])[0]
	for _, other := range slices.Concat(pays, not) {
		if ladder.number(t, other, "sot_edp_gain") > ladder.number(t, r, "sot_edp_gain") {
			t.Errorf("%s: more is gained in row %d of ladder.csv: %s", name, other+2, said)
		}
	}
	is("the gain", found[1], two(ladder.number(t, r, "sot_edp_gain")))
	is("its lower end", found[2], two(ladder.number(t, r, "sot_edp_gain_low")))
	is("its upper end", found[3], two(ladder.number(t, r, "sot_edp_gain_high")))
	is("the share of draws", found[4], strconv.FormatFloat(ladder.number(t, r, "sot_feasible_share"), 'f', 0, 64))
	is("the flavour", found[8], ladder.text(t, r, "sram_flavour"))
	for i, tech := range []string{"sot", "sram"} {
		part := found[5+4*i : 8+4*i]
		is("the capacity of "+tech, part[0], ladder.text(t, r, tech+"_capacity"))
		for k, column := range []string{"_energy", "_latency"} {
			if got, want := quantity(t, part[1+k]), ladder.number(t, r, tech+column); math.Abs(got-want) > 6e-4*want {
				t.Errorf("%s: %s%s is %v in ladder.csv: %s", name, tech, column, want, said)
			}
		}
	}
}

// quantity reads 468.7mJ or 150.3ms, in J or s.
func quantity(t *testing.T, text string) float64 {
	t.Helper()
	cut := strings.IndexFunc(text, func(r rune) bool { return r != '.' && (r < '0' || r > '9') })
	if cut < 0 {
		t.Fatalf("%s has no unit", text)
	}
	v, err := strconv.ParseFloat(text[:cut], 64)
	scale, known := map[string]float64{"J": 1, "s": 1, "mJ": 1e-3, "ms": 1e-3, "uJ": 1e-6, "us": 1e-6}[text[cut:]]
	if err != nil || !known {
		t.Fatalf("%s is no quantity", text)
	}
	return v * scale
}
