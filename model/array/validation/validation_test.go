package validation

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"stco/model/tech"
)

func compared(t *testing.T) *Comparison {
	t.Helper()
	tables, err := tech.Load()
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Open("../../../testdata/published/array_peers.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	c, err := Validate(tables, f)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestPeers holds every figure to its bound or to a numbered deviation, and
// every deviation to something it explains.
func TestPeers(t *testing.T) {
	c := compared(t)
	if len(c.Rows) != 231 {
		t.Errorf("%d rows, want 231", len(c.Rows))
	}
	used := map[int]int{}
	inside := 0
	for i := range c.Rows {
		r := &c.Rows[i]
		for q := range NumQuantities {
			switch n := r.Deviation[q]; n {
			case 0:
				inside++
			case unexplained:
				t.Errorf("line %d, %s %s %s %s %g MiB %s: %s %.3g outside %.3g..%.3g, ratio %.2f", r.Line, r.Tool, r.Cell,
					r.Node, r.Flavour, r.CapacityMiB, r.Target, q, values(&r.Ours)[q], r.Band[q][0], r.Band[q][1], r.Ratio[q])
			default:
				used[n]++
			}
		}
	}
	for _, m := range c.Medians {
		t.Logf("median %-40s %-5s %-4s %-13s %5.2f of %d rows, deviation %d", m.Tool, m.Cell, m.Node, m.Quantity, m.Ratio, m.Rows, m.Deviation)
		if m.Deviation == unexplained {
			t.Errorf("median %s of %s %s %s: %.2f", m.Quantity, m.Tool, m.Cell, m.Node, m.Ratio)
		}
		used[m.Deviation]++
	}
	for _, s := range c.Slopes {
		t.Logf("slope %-5s %-4s %-4s %-12.12s %-13s %5.2f, tools %5.2f to %5.2f, deviation %d", s.Cell, s.Node, s.Flavour, s.Target, s.Quantity, s.Ours, s.Low, s.High, s.Deviation)
		if s.Deviation == unexplained {
			t.Errorf("slope of %s, %s %s %s %s: %.2f outside %.2f..%.2f", s.Quantity, s.Cell, s.Node, s.Flavour, s.Target, s.Ours, s.Low, s.High)
		}
		used[s.Deviation]++
	}
	text, err := os.ReadFile("../../../docs/deviations-array.md")
	if err != nil {
		t.Fatal(err)
	}
	for i, d := range Deviations() {
		if d.Number != i+1 || used[d.Number] == 0 {
			t.Errorf("deviation %d %q explains nothing or is out of order", d.Number, d.Title)
		}
		if !strings.Contains(string(text), fmt.Sprintf("## A%d. %s", d.Number, strings.ToUpper(d.Title[:1])+d.Title[1:])) {
			t.Errorf("deviation %d %q is not told in docs/deviations-array.md", d.Number, d.Title)
		}
	}
	t.Logf("%d figures inside; outside by deviation: %v", inside, used)
}

// TestSilicon bounds the density of published SRAM macros and prints the rest.
func TestSilicon(t *testing.T) {
	tables, err := tech.Load()
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Open("../../../testdata/published/array_silicon.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := CompareSilicon(tables, f)
	if err != nil {
		t.Fatal(err)
	}
	bounded := 0
	for i := range rows {
		s := &rows[i]
		t.Logf("%-28s %-5s %7.3f mm2 published, %7.3f ours, %5.2f; read %5.2f ns published, %5.2f ours; %4.0f uW/Mb, eff %.2f, %s", s.Name, s.Level,
			float64(s.Area)*1e6, float64(s.Ours.Area.Total)*1e6, s.Overhead(), float64(s.Read)*1e9, float64(s.Ours.Read.Total)*1e9, float64(s.Ours.Leakage)*1e6/s.CapacityMb, s.Ours.Efficiency, s.Ours.Organisation)
		if s.Bound == 0 {
			continue
		}
		bounded++
		if r := s.Overhead() - 1; r > s.Bound || r < -s.Bound {
			t.Errorf("%s: density %.2f of the published one", s.Name, s.Overhead())
		}
	}
	if bounded < 4 {
		t.Errorf("%d macros bounded", bounded)
	}
}
