//go:build long

package compare

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"stco/experiments/campaign"
	"stco/experiments/study"
	"stco/results"
	"stco/results/store"
	"stco/results/store/disk"
)

var update = flag.Bool("update", false, "write the section of docs/search-benchmarks.md")

// silent is an observer that shows nothing.
type silent struct{}

func (silent) Shard(int, int, string, int64)      {}
func (silent) Generation(store.Generation, int64) {}
func (silent) Note(string)                        {}

// TestGroundTruth enumerates the ground-truth study, searches it with a
// hundredth of the evaluations and ten seeds, and asks for 99 % of the exact
// front's hypervolume.
func TestGroundTruth(t *testing.T) {
	dir := t.TempDir()
	var open []*store.Run
	var took time.Duration
	for _, algorithm := range []string{"grid", "auto", "nsga2", "nsga3", "random", "sobol"} {
		text, _ := study.Embedded("ground-truth")
		s, err := study.Parse("ground-truth", text)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.SetAlgorithm(algorithm); err != nil {
			t.Fatal(err)
		}
		if algorithm == "grid" {
			s.Seeds = 1
		}
		start := time.Now()
		c, err := campaign.Start(s, filepath.Join(dir, algorithm), campaign.Environment{
			Workers: runtime.GOMAXPROCS(0), Now: time.Now, Observer: silent{}, FS: disk.OS{},
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Execute(context.Background()); err != nil {
			t.Fatal(err)
		}
		if algorithm == "grid" {
			took = time.Since(start)
		}
		open = append(open, c.Run)
	}
	runs, err := Load(open)
	if err != nil {
		t.Fatal(err)
	}
	logarithmic, err := Measure(runs, Measurement{})
	if err != nil {
		t.Fatal(err)
	}
	linear, err := Measure(runs, Measurement{Linear: true})
	if err != nil {
		t.Fatal(err)
	}
	cell := func(tab *results.Table, row int, name string) float64 {
		i, err := tab.Index(name)
		if err != nil {
			t.Fatal(err)
		}
		return tab.Rows[row][i]
	}
	var doc strings.Builder
	fmt.Fprintf(&doc, groundTruthHead, cell(logarithmic.Summary, 0, "evaluations"), cell(logarithmic.Summary, 0, "archive"), took.Round(time.Second), runtime.GOMAXPROCS(0))
	for row := range logarithmic.Summary.Rows {
		l, s := logarithmic.Summary, linear.Summary
		name := l.Text(row, 1)
		interval := "-"
		if name != "grid" {
			interval = fmt.Sprintf("%.3f to %.3f", cell(l, row, "share_from"), cell(l, row, "share_to"))
		}
		fmt.Fprintf(&doc, "| %s | %.0f | %.0f | %.1f | %.1f | %g | %.3f | %s | %.3f | %.3f |\n", name, cell(l, row, "seeds"), cell(l, row, "evaluations"),
			cell(l, row, "infeasible"), cell(l, row, "duplicates"), cell(l, row, "archive"), cell(l, row, "share"), interval, cell(l, row, "share_least"), cell(s, row, "share"))
		if searches := name != "grid" && name != "random" && name != "sobol"; searches && (cell(l, row, "share") < 99 || cell(s, row, "share") < 99) {
			t.Errorf("%s: median share %.3f %% (logarithmic) and %.3f %% (linear), want 99 %%", name, cell(l, row, "share"), cell(s, row, "share"))
		}
	}
	doc.WriteString("\nRank tests of the hypervolumes (Mann-Whitney, two-sided, corrected by Holm for all pairs):\n\n| pair | median difference (%) | wins of the first (%) | p | p (Holm) |\n|---|---|---|---|---|\n")
	for row, r := range logarithmic.Tests.Rows {
		fmt.Fprintf(&doc, "| %s, %s | %+.3f | %.0f | %.2g | %.2g |\n", logarithmic.Tests.Text(row, 0), logarithmic.Tests.Text(row, 1), r[2], r[3], r[5], r[6])
	}
	t.Log(doc.String())
	if *update {
		writeSection(t, doc.String())
	}
}

// writeSection replaces the part of docs/search-benchmarks.md between two marks,
// or appends it.
func writeSection(t *testing.T, text string) {
	t.Helper()
	const (
		file  = "../../docs/search-benchmarks.md"
		begin = "<!-- exact front: written by make bench-search -->\n"
		end   = "<!-- end of exact front -->\n"
	)
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(data), begin)
	_, after, closed := strings.Cut(rest, end)
	if found != closed {
		t.Fatalf("%s: one mark of the section without the other", file)
	}
	if !found {
		before = strings.TrimRight(before, "\n") + "\n\n"
	}
	if err := os.WriteFile(file, []byte(before+begin+"\n"+text+"\n"+end+after), 0o644); err != nil {
		t.Fatal(err)
	}
}

const groundTruthHead = `## Against an exact front

The embedded study ground-truth is the space of cv-training with few values of each parameter, for
energy, latency and area of the buffer over four networks. All %.0f designs were evaluated; their exact front has %.0f (%s on
%d threads). The searches had a hundredth of the evaluations and ten seeds. Shares are those of the hypervolume of the exact front,
of everything non-dominated that a search found, with the objectives between ideal and nadir of the exact front and the reference
point at 1.1; the interval holds the median with 97.9 %% confidence (second to ninth of ten).

The same on the command line:

    stco run ground-truth --search grid --out exact
    stco run ground-truth --out auto
    stco run ground-truth --search random --out random
    stco compare exact auto random

| algorithm | seeds | evaluations | infeasible (%%) | duplicates (%%) | designs | share, log objectives (%%) | interval of the median | worst seed | share, linear objectives (%%) |
|---|---|---|---|---|---|---|---|---|---|
`
