package validation

import (
	"encoding/csv"
	"errors"
	"io/fs"
	"math"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"stco"
	"stco/model/array"
	"stco/model/array/bitcell"
	"stco/model/tech"
	"stco/model/units"
)

// publishedRows reads a published table as a spreadsheet does: row 1 is the
// first below the header.
func publishedRows(t *testing.T, name string) [][]string {
	t.Helper()
	for _, dir := range []string{"testdata/published/", suiteDir, systolicDir, tilingDir} {
		f, err := stco.Published().Open(dir + name)
		if err != nil {
			continue
		}
		defer f.Close()
		c := csv.NewReader(f)
		c.Comment, c.FieldsPerRecord = '#', -1
		rows, err := c.ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		return rows
	}
	t.Fatalf("no published table %s", name)
	return nil
}

// TestRowsOfFigures: the row that a check names holds the published figure.
func TestRowsOfFigures(t *testing.T) {
	tables, err := tech.Load()
	if err != nil {
		t.Fatal(err)
	}
	r, err := Run(&Input{Files: stco.Published(), Tables: tables}, "silicon", "node", "bitcell", "network", "pe-array", "tiling")
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][][]string{}
	held := 0
	for i := range r.Checks {
		c := &r.Checks[i]
		if c.Source == "direction of silicon" {
			continue // of two rows
		}
		name, at, _ := strings.Cut(c.Row, ":")
		if files[name] == nil {
			files[name] = publishedRows(t, name)
		}
		n, err := strconv.Atoi(at)
		if err != nil || n < 1 || n >= len(files[name]) {
			t.Fatalf("%s %s: row %q of %d", c.Group, c.Case, c.Row, len(files[name])-1)
		}
		found := false
		for j, cell := range files[name][n] {
			v, err := strconv.ParseFloat(cell, 64)
			if err != nil {
				continue
			}
			switch header := files[name][0][j]; {
			case strings.HasSuffix(header, "_ns"):
				v *= 1e-9
			case strings.HasSuffix(header, "_pJ"):
				v *= 1e-12
			case header == "leak_uW_per_Mb":
				capacity, err := strconv.ParseFloat(files[name][n][6], 64)
				if err != nil {
					t.Fatal(err)
				}
				v *= 1e-6 * capacity
			}
			found = found || math.Abs(v-c.Theirs) <= 1e-12*math.Abs(v)
		}
		if !found {
			t.Errorf("%s, %s %s: %s does not hold %g", c.Group, c.Case, c.Quantity, c.Row, c.Theirs)
		}
		held++
	}
	if held < 2000 {
		t.Errorf("%d figures held", held)
	}
}

// TestRoundedCounts: a count that its source rounds to two digits may be off by
// half of the last: torchvision says 1.50 and 5.71 thousand million for
// GoogLeNet and Inception v3.
func TestRoundedCounts(t *testing.T) {
	r, err := Run(&Input{Files: stco.Published()}, "network")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][2]float64{"googlenet": {1.495, 1.505}, "inception_v3": {5.705, 5.715}}
	for i := range r.Checks {
		c := &r.Checks[i]
		w, ok := want[c.Case]
		if !ok || c.Quantity != "MACs" || c.Note != "rounded by the source" {
			continue
		}
		if math.Abs(c.Low-w[0]) > 1e-6 || math.Abs(c.High-w[1]) > 1e-6 {
			t.Errorf("%s: %.7f to %.7f, want %g to %g", c.Case, c.Low, c.High, w[0], w[1])
		}
		delete(want, c.Case)
	}
	if len(want) > 0 {
		t.Errorf("no counts of %v", want)
	}
}

// TestCasesOfSilicon: the case says what the row is: a quarter of a Mib, one bank.
func TestCasesOfSilicon(t *testing.T) {
	tables, err := tech.Load()
	if err != nil {
		t.Fatal(err)
	}
	r, err := Run(&Input{Files: stco.Published(), Tables: tables}, "silicon")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := r.Checks[0].Case, "macro SRAM 5nm lop 300 K, 0.25 Mib, 1 bank, 64 bit, edp"; !strings.EqualFold(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestFiguresOfNode holds the figures of a node to arrays solved here: 16 and
// 1 MiB read in words of 128 bits, 256 Kib in words of 64.
func TestFiguresOfNode(t *testing.T) {
	tables, err := tech.Load()
	if err != nil {
		t.Fatal(err)
	}
	got, err := figuresOfNode(tables, "14nm")
	if err != nil {
		t.Fatal(err)
	}
	n, err := tables.Node("14nm", tech.LowOperatingPower)
	if err != nil {
		t.Fatal(err)
	}
	circuits, err := tables.Circuits()
	if err != nil {
		t.Fatal(err)
	}
	s, err := array.NewSolver(n, array.Options{Temperature: 300, Circuits: *circuits})
	if err != nil {
		t.Fatal(err)
	}
	cell := bitcell.SRAM(n, bitcell.HighDensity, false, 300)
	solved := func(capacity units.Bytes, word int, target array.Target) (f array.Figures) {
		spec := array.DefaultSpec()
		spec.Capacity, spec.WordBits, spec.Target = capacity, word, target
		if err := s.Solve(&cell, &spec, &f); err != nil {
			t.Fatal(err)
		}
		return f
	}
	large, small, dense := solved(16777216, 128, array.ReadEDP), solved(1048576, 128, array.ReadEDP), solved(32768, 64, array.EDP)
	for name, want := range map[string]float64{
		"SRAM cell": float64(n.Dense.Area), "supply": float64(n.Vdd), "leakage of a cell": float64(cell.Leakage) * float64(n.Vdd),
		"macro density": 262144 / float64(dense.Area.Total), "gate delay": float64(s.GateDelay()),
		"read latency of 16 MiB": float64(large.Read.Total), "read energy of 16 MiB": float64(large.ReadEnergy.Total),
		"read energy of 1 MiB": float64(small.ReadEnergy.Total),
	} {
		if got[name] != want {
			t.Errorf("%s: %g, want %g", name, got[name], want)
		}
	}
}

// TestNoFile: a published file that is missing is the error of its group.
func TestNoFile(t *testing.T) {
	tables, err := tech.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, group := range Groups() {
		_, err := Run(&Input{Files: fstest.MapFS{}, Tables: tables}, group)
		if !errors.Is(err, fs.ErrNotExist) || !strings.HasPrefix(err.Error(), group+": ") {
			t.Errorf("%s without its file: %v", group, err)
		}
	}
}
