//go:build long

package problems

import (
	"context"
	"encoding/csv"
	"flag"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"stco/explore"
	"stco/explore/pareto"
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
func volume(p *Problem, solutions []explore.Solution) float64 {
	var f []float64
	for _, s := range solutions {
		for j, v := range s.F {
			f = append(f, (v-p.Ideal[j])/(p.Nadir[j]-p.Ideal[j]))
		}
	}
	var v pareto.Volume
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

// TestSearchBenchmarks runs the default search on the problems of moo_best.csv
// by its conventions: 25,000 evaluations, default population, at most so many
// returned points.
func TestSearchBenchmarks(t *testing.T) {
	var table strings.Builder
	above, near, all := 0, 0, 0
	for _, best := range peers(t) {
		if *only != "" && !slices.Contains(strings.Split(*only, ","), best.problem) {
			continue
		}
		p, err := Lookup(best.problem)
		if err != nil {
			t.Fatal(err)
		}
		var answer, archive []float64
		before := cpu(t)
		results := make([]*explore.Result, *seeds)
		for seed := range results {
			r, err := explore.Run(context.Background(), p, explore.Config{
				Algorithm: explore.Algorithm(*algorithm), Budget: explore.Budget{Evaluations: budget},
				Study: []byte(p.Name), Seed: uint64(seed),
			}, nil, nil)
			if err != nil {
				t.Fatal(err)
			}
			results[seed] = r
		}
		cost := (cpu(t) - before) / float64(*seeds) / budget * 1e6
		for _, r := range results {
			answer = append(answer, volume(p, r.Answer))
			if p.m < 5 {
				archive = append(archive, volume(p, r.Archive))
			}
		}
		slices.Sort(answer)
		slices.Sort(archive)
		median := quantile(answer, 0.5)
		all++
		if median > best.hv {
			above++
		}
		if median >= 0.999*best.hv {
			near++
		}
		whole := "-"
		if p.m < 5 {
			whole = fmt.Sprintf("%.6f", quantile(archive, 0.5))
		}
		row := fmt.Sprintf("| %s | %d | %.6f | %.6f | %.6f | %s | %.6f | %s | %.5f | %.2f |\n", p.Name, p.m,
			median, quantile(answer, 0.25), quantile(answer, 0.75), whole, best.hv, best.by, median/best.hv, cost)
		fmt.Print(row)
		table.WriteString(row)
	}
	summary := fmt.Sprintf("%d of %d problems at 0.999 of the best peer or more, %d above it", near, all, above)
	fmt.Println(summary)
}
