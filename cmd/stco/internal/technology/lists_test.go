package technology

import (
	"bytes"
	"math"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"

	"stco/cmd/stco/internal/command"
	"stco/experiments/study/catalog"
	"stco/experiments/study/strict"
	"stco/model/array"
	"stco/results"
)

// TestTech: every value of every table with its unit, its kind and the citation of
// its source, by the name of the table or of its entries.
func TestTech(t *testing.T) {
	tables := catalog.Builtin().Tables
	list := TechList(tables)
	seen := map[string]float64{}
	for i, r := range list.Rows {
		seen[list.Text(i, 0)] += r[2]
	}
	cell := func(s *results.Table, row int, name string) string {
		c, err := s.Index(name)
		if err != nil {
			t.Fatal(err)
		}
		return s.Text(row, c)
	}
	rows := 0
	for _, x := range tables.All() {
		s, err := TechShow(tables, x.Name)
		if err != nil {
			t.Fatal(err)
		}
		if float64(len(s.Rows)) != seen[x.Name] {
			t.Errorf("%s: %d values, the list says %g", x.Name, len(s.Rows), seen[x.Name])
		}
		at, ranges := 0, false
		for _, e := range x.Entries {
			for _, v := range e.Values {
				source, err := tables.Source(v.Source)
				if err != nil {
					t.Fatal(err)
				}
				if cell(s, at, "table") != x.Name || cell(s, at, "entry") != e.Name || cell(s, at, "quantity") != v.Quantity || cell(s, at, "unit") != v.Unit ||
					cell(s, at, "kind") != v.Kind.String() || cell(s, at, "source") != source.Citation || cell(s, at, "note") != v.Note {
					t.Errorf("%s %s %s: row %d", x.Name, e.Name, v.Quantity, at)
				}
				at++
				rows++
				ranges = ranges || !math.IsNaN(v.Low)
			}
		}
		_, low := s.Index("low")
		if _, high := s.Index("high"); (low == nil) != ranges || (high == nil) != ranges {
			t.Errorf("%s: columns of a range %v, %v; there is one: %v", x.Name, low == nil, high == nil, ranges)
		}
	}
	if rows < 500 {
		t.Errorf("%d values", rows)
	}
	entry := tables.All()[0].Entries[0]
	if s, err := TechShow(tables, entry.Name); err != nil || cell(s, 0, "entry") != entry.Name {
		t.Error(err)
	}
	if _, err := TechShow(tables, "nonsense"); !command.Is[*strict.InputError](err) || !strings.Contains(err.Error(), "nonsense") {
		t.Error(err)
	}
}

// TestMissed: limits that are missed, as a multiple of what is there.
func TestMissed(t *testing.T) {
	for _, c := range []struct {
		v    array.Violations
		want string
	}{
		{array.Violations{}, "before"},
		{array.Violations{WriteDrive: 0.25}, "before; write drive: the path needs 1.25 times its supply"},
		{array.Violations{ReadSignal: 1.5}, "before; read signal: 2.5 times what the cell gives is needed"},
		{array.Violations{WriteDrive: -1, ReadSignal: -0.5}, "before"},
	} {
		if got := strings.Join(appendMissed([]string{"before"}, &c.v), "; "); got != c.want {
			t.Errorf("%+v: %q, want %q", c.v, got, c.want)
		}
	}
}

// TestDominates: nowhere above and somewhere below.
func TestDominates(t *testing.T) {
	a := [6]float64{1, 2, 3, 4, 5, 6}
	for i := range a {
		b := a
		b[i]++
		if !dominates(a, b) || dominates(b, a) {
			t.Errorf("figure %d", i)
		}
	}
	if dominates(a, a) || dominates([6]float64{0, 3, 3, 4, 5, 6}, a) {
		t.Error("an array dominates its like")
	}
}

// TestPartsByHand: shares of a total, none of a total of nothing.
func TestPartsByHand(t *testing.T) {
	var f array.Figures
	f.Area.Cells, f.Area.Edges = 3e-6, 1e-6
	f.Read.Decode, f.Read.Sense = 1e-9, 2e-9
	f.CellLeakage, f.Periphery = 0.25, 0.75
	f.Geometry.BankSide = 2e-3
	s := arrayParts(&f)
	got := map[string][2]float64{}
	for i, r := range s.Rows {
		got[s.Text(i, 0)+" "+s.Text(i, 1)+" "+s.Text(i, 3)] = [2]float64{r[2], r[4]}
	}
	for name, want := range map[string][2]float64{
		"area cells mm2": {3, 0.75}, "area edges mm2": {1, 0.25}, "area total mm2": {4, 1}, "area macro mm2": {0, 0},
		"read latency decode s": {1e-9, 0.333}, "read latency sense s": {2e-9, 0.667}, "read latency total s": {3e-9, 1},
		"write latency total s": {0, 0}, "write energy total J": {0, 0}, "leakage cells W": {0.25, 0.25}, "leakage periphery W": {0.75, 0.75},
	} {
		if v, ok := got[name]; !ok || math.Abs(v[0]-want[0]) > 1e-12 || v[1] != want[1] {
			t.Errorf("%s: %v, want %v", name, v, want)
		}
	}
	if v := got["geometry bank side um"]; v[0] != 2000 || !math.IsNaN(v[1]) {
		t.Error(v)
	}
}

// TestArrayCommand: the defaults are those that the help prints, more words are
// refused, and what the flags say reaches the array.
func TestArrayCommand(t *testing.T) {
	run := func(args ...string) (string, error) {
		var out bytes.Buffer
		env := &command.Env{Out: &out, Err: &out, Getenv: func(string) string { return "" }}
		app := &cli.App{Writer: &out, ErrWriter: &out, Commands: []*cli.Command{ArrayCommand(env), TechCommand(env)}, ExitErrHandler: func(*cli.Context, error) {}}
		err := app.Run(append([]string{"stco"}, args...))
		return out.String(), err
	}
	plain, err := run("array", "--format", "csv")
	if err != nil {
		t.Fatal(err)
	}
	same := []string{
		"--cell", "sram", "--node", "14nm", "--flavour", "lop", "--temperature", "350K", "--capacity", "1MiB", "--banks", "1", "--word", "128", "--target", "edp",
		"--ecc", "none", "--codeword", "64", "--ports", "single", "--corner", "typical", "--wires", "intermediate",
	}
	if got, err := run(append([]string{"array", "--format", "csv"}, same...)...); err != nil || got != plain {
		t.Errorf("the defaults give\n%s and said in full\n%s, %v", plain, got, err)
	}
	for i := 0; i < len(same); i += 2 {
		other := map[string]string{
			"--cell": "sot", "--node": "7nm", "--flavour": "hp", "--temperature": "300K", "--capacity": "2MiB", "--banks": "2", "--word": "64", "--target": "area",
			"--ecc": "secded", "--ports": "1r1w", "--corner": "slow", "--wires": "global",
		}[same[i]]
		if other == "" {
			continue
		}
		if got, err := run("array", "--format", "csv", same[i], other); err != nil || got == plain {
			t.Errorf("%s %s changes nothing: %v", same[i], other, err)
		}
	}
	for _, args := range [][]string{
		{"array", "more"},
		{"array", "--parts", "--organisations"},
		{"array", "--presets", "--parts"},
		{"array", "--presets", "--cell", "sot"},
		{"array", "--presets", "--node", "7nm"},
		{"array", "--presets", "--flavour", "hp"},
		{"array", "--cell", "no-such-file"},
	} {
		if _, err := run(args...); !command.Is[*command.UsageError](err) {
			t.Errorf("%v: %v", args, err)
		}
	}
}
