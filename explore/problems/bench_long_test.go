//go:build long

package problems

import (
	"context"
	"encoding/csv"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"stco/explore"
	"stco/explore/hypervolume"
)

var (
	update    = flag.Bool("update", false, "write docs/search-benchmarks.md")
	seeds     = flag.Int("seeds", 11, "seeds of each problem")
	only      = flag.String("only", "", "problems to run, separated by commas")
	algorithm = flag.String("algorithm", "auto", "algorithm")
)

// peer is the best public result of a problem.
type peer struct {
	problem, by string
	hv          float64
}

func peers(t *testing.T) []peer {
	t.Helper()
	file, err := os.Open("testdata/published/moo_best.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []peer
	for _, r := range rows[1:] {
		hv, err := strconv.ParseFloat(r[1], 64)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, peer{r[0], r[2], hv})
	}
	return out
}

// volume is the normalised hypervolume of solutions.
func volume(p *Benchmark, solutions []explore.Solution) float64 {
	var f []float64
	for _, s := range solutions {
		for j, v := range s.F {
			f = append(f, (v-p.Ideal[j])/(p.Nadir[j]-p.Ideal[j]))
		}
	}
	var v hypervolume.Volume
	return v.Hypervolume(f, p.m, fill(p.m, 1.1))
}

// cpu returns the processor time of this process in seconds.
func cpu(t *testing.T) float64 {
	t.Helper()
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		t.Fatal(err)
	}
	return float64(r.Utime.Nano()+r.Stime.Nano()) * 1e-9
}

// quantile interpolates between sorted values.
func quantile(sorted []float64, q float64) float64 {
	at := q * float64(len(sorted)-1)
	k := min(int(at), len(sorted)-2)
	return sorted[k] + (at-float64(k))*(sorted[k+1]-sorted[k])
}

const budget = 25000

// unpublished names problems of moo_best.csv whose normalisation is not stated:
// their volumes are not comparable with the peers'.
var unpublished = []string{"srn", "cre32"}

// outcome is what seeds of one algorithm gave on one problem.
type outcome struct {
	answer, archive []float64 // volumes, ascending
	cost            float64   // processor time per evaluation in microseconds, median
}

func measure(t *testing.T, p *Benchmark, a explore.Algorithm) outcome {
	t.Helper()
	var o outcome
	var costs []float64
	for seed := range *seeds {
		before := cpu(t)
		r, err := explore.Run(context.Background(), p, explore.Config{
			Algorithm: a, Budget: explore.Budget{Evaluations: budget}, Key: []byte(p.Name), Seed: uint64(seed),
			Ideal: p.Ideal, Nadir: p.Nadir,
		}, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		costs = append(costs, (cpu(t)-before)/budget*1e6)
		o.answer = append(o.answer, volume(p, r.Answer))
		if p.m < 5 {
			o.archive = append(o.archive, volume(p, r.Archive))
		}
	}
	slices.Sort(o.answer)
	slices.Sort(o.archive)
	slices.Sort(costs)
	o.cost = quantile(costs, 0.5)
	return o
}

// evaluation returns the processor time of one evaluation in microseconds.
func evaluation(t *testing.T, p *Benchmark) float64 {
	t.Helper()
	s := p.Space()
	rng := rand.New(rand.NewPCG(1, 1))
	const points = 64
	u, x := make([]float64, s.Dim()), make([]float64, points*s.Dim())
	for k := range points {
		for i := range u {
			u[i] = rng.Float64()
		}
		s.Decode(u, x[k*s.Dim():(k+1)*s.Dim()])
	}
	f, g := make([]float64, p.NumObjectives()), make([]float64, p.NumConstraints())
	e := p.NewEvaluator()
	before := cpu(t)
	for i := range budget {
		k := i % points
		e.Evaluate(x[k*s.Dim():(k+1)*s.Dim()], f, g)
	}
	return (cpu(t) - before) / budget * 1e6
}

func selected(name string) bool {
	return *only == "" || slices.Contains(strings.Split(*only, ","), name)
}

// TestSearchBenchmarks runs the default search on the problems of moo_best.csv
// by their conventions: 25,000 evaluations, default population, at most so many
// returned points. Then on others, of which no peer's results are at hand.
func TestSearchBenchmarks(t *testing.T) {
	var doc strings.Builder
	line := func(format string, args ...any) {
		fmt.Printf(format, args...)
		fmt.Fprintf(&doc, format, args...)
	}
	header := "| problem | M | default, median | quartiles | its archive | NSGA-II | random | best peer | of | default / peer | us per evaluation | of these the problem |\n" +
		"|---|---|---|---|---|---|---|---|---|---|---|---|\n"
	line("%s", header)
	above, near, all := 0, 0, 0
	row := func(p *Benchmark, best *peer) {
		o := measure(t, p, explore.Algorithm(*algorithm))
		median := quantile(o.answer, 0.5)
		whole := func(o outcome) string {
			if len(o.archive) == 0 {
				return "-"
			}
			return fmt.Sprintf("%.5f", quantile(o.archive, 0.5))
		}
		theirs, by, ratio := "-", "-", "-"
		if best != nil {
			theirs, by = fmt.Sprintf("%.6f", best.hv), best.by
		}
		switch {
		case best == nil:
		case slices.Contains(unpublished, best.problem):
			ratio = "not comparable"
		default:
			all++
			if median > best.hv {
				above++
			}
			if median >= 0.999*best.hv {
				near++
			}
			ratio = fmt.Sprintf("%.5f", median/best.hv)
		}
		nsga2 := measure(t, p, explore.NSGA2)
		line("| %s | %d | %.6f | %.6f..%.6f | %s | %.6f | %s | %s | %s | %s | %.2f | %.2f |\n", p.Name, p.m, median,
			quantile(o.answer, 0.25), quantile(o.answer, 0.75), whole(o), quantile(nsga2.answer, 0.5),
			whole(measure(t, p, explore.Random)), theirs, by, ratio, o.cost, evaluation(t, p))
	}
	known := map[string]bool{}
	for _, best := range peers(t) {
		p, err := Lookup(best.problem, Size{})
		if err != nil {
			t.Fatal(err)
		}
		known[p.Name] = true
		if selected(best.problem) {
			row(p, &best)
		}
	}
	line("\n%d of %d comparable problems at 0.999 of the best peer or more, %d above it.\n\n%s", near, all, above, header)
	for _, name := range append(Names(), "dtlz1:4", "dtlz2:4", "wfg4:4", "dtlz2:5", "dtlz2:6") {
		p, err := Lookup(name, Size{})
		if err != nil {
			t.Fatal(err)
		}
		if known[name] || !selected(name) || p.Ideal == nil {
			continue
		}
		row(p, nil)
	}
	if *update {
		write(t, doc.String())
	}
}

// BenchmarkSearch is the default search with four objectives and more.
func BenchmarkSearch(b *testing.B) {
	for _, name := range []string{"dtlz1:4", "dtlz2:4", "wfg4:4", "re42", "dtlz2:5"} {
		p, err := Lookup(name, Size{})
		if err != nil {
			b.Fatal(err)
		}
		b.Run(name, func(b *testing.B) {
			for i := 0; b.Loop(); i++ {
				if _, err := explore.Run(context.Background(), p, explore.Config{
					Budget: explore.Budget{Evaluations: budget}, Seed: uint64(i), Ideal: p.Ideal, Nadir: p.Nadir,
				}, nil, nil); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(budget*b.N), "ns/evaluation")
		})
	}
}

const (
	report = "../../docs/search-benchmarks.md"
	begin  = "<!-- test problems: written by make bench-search -->\n"
	end    = "<!-- end of test problems -->\n"
)

// write puts the tables between the marks of the document.
func write(t *testing.T, tables string) {
	t.Helper()
	data, err := os.ReadFile(report)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok := strings.Cut(string(data), begin)
	_, tail, closed := strings.Cut(rest, end)
	if !ok || !closed {
		t.Fatalf("%s: no marks", report)
	}
	tables = fmt.Sprintf("\n%d seeds, %d evaluations, one thread, %s, %s/%s.\n\n", *seeds, budget, runtime.Version(), runtime.GOOS, runtime.GOARCH) + tables
	if err := os.WriteFile(report, []byte(head+begin+tables+"\n"+end+tail), 0o600); err != nil {
		t.Fatal(err)
	}
}
