//go:build long

package campaign

import (
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
	"time"

	"stco/experiments/study"
)

var knee = regexp.MustCompile(`\bknee\b`)

// concluded runs an embedded study with a seed and returns its directory.
func concluded(t *testing.T, name string, seed int, more string) string {
	t.Helper()
	text, _ := study.Embedded(name)
	s, err := study.Parse(name, fmt.Appendf(text, "seed: %d\n%s", seed, more))
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), fmt.Sprintf("%s-%d", name, seed))
	c, err := Start(s, dir, (&clock{2 * time.Second}).options(&silent{}))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Execute(t.Context()); err != nil && !errors.As(err, new(*InfeasibleError)) {
		t.Fatal(err)
	}
	return dir
}

// spreadOf is the difference of the largest and the least value over their mean.
func spreadOf(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return (slices.Max(values) - slices.Min(values)) * float64(len(values)) / sum
}

// TestSeedsAgree runs the embedded studies with the seeds 1 to 10 and their own
// budget: the quoted gains differ by less than 2 %, the area of the knee by less than
// 25 %, and no printed design that an SRAM buffer beats lacks its mark. A knee that is
// recommended and one that SRAM dominates are not set beside each other: where one
// design of a front comes out of the shadow of SRAM it is the only one to recommend.
func TestSeedsAgree(t *testing.T) {
	for _, name := range []string{"cv-training", "cv-inference", "nlp-training", "nlp-inference"} {
		var gains []float64
		knees := map[bool][]float64{}
		for seed := 1; seed <= 10; seed++ {
			dir := concluded(t, name, seed, "")
			ladder, front, sram := readSheet(t, dir, "ladder"), readSheet(t, dir, "front"), readSheet(t, dir, "sram")
			best := math.NaN()
			for r := range ladder.rows {
				if g := ladder.number(t, r, "sot_edp_gain"); !(g <= best) && !math.IsNaN(g) {
					best = g
				}
			}
			gains = append(gains, best)
			area, dominated := kneeArea(t, front)
			knees[dominated] = append(knees[dominated], area)
			checkMarks(t, name, front, sram)
		}
		t.Logf("%s: gains %.4f, spread %.2f %%", name, gains, 100*spreadOf(gains))
		if !(spreadOf(gains) < 0.02) {
			t.Errorf("%s: the gains of ten seeds %.4f differ by %.1f %%", name, gains, 100*spreadOf(gains))
		}
		for dominated, areas := range knees {
			t.Logf("%s: areas of the knee, dominated %t, %.3f mm2, spread %.1f %%", name, dominated, areas, 100*spreadOf(areas))
			if !(spreadOf(areas) < 0.25) {
				t.Errorf("%s: the areas of the knee differ by %.0f %%", name, 100*spreadOf(areas))
			}
		}
	}
}

// kneeArea is the area of the design that is labelled the knee, and whether SRAM
// dominates it.
func kneeArea(t *testing.T, front sheet) (area float64, dominated bool) {
	t.Helper()
	for r := range front.rows {
		if label := front.text(t, r, "label"); knee.MatchString(label) {
			return front.number(t, r, "area"), front.text(t, r, "dominated_by") != ""
		}
	}
	t.Fatal("no knee")
	return 0, false
}

// checkMarks: a design of a front that a listed SRAM buffer beats in energy, latency and
// area is marked, and one that is recommended is not.
func checkMarks(t *testing.T, name string, front, sram sheet) {
	t.Helper()
	figures := []string{"energy", "latency", "area"}
	for r := range front.rows {
		beaten := false
		for s := range sram.rows {
			worse, better := false, false
			for _, f := range figures {
				a, b := front.number(t, r, f), sram.number(t, s, f)
				worse, better = worse || b > a, better || b < a
			}
			beaten = beaten || better && !worse
		}
		mark, label := front.text(t, r, "dominated_by"), front.text(t, r, "label")
		if beaten != (mark != "") {
			t.Errorf("%s: row %d of front.csv: beaten by an SRAM buffer %t, marked %q", name, r+2, beaten, mark)
		}
		if beaten && label != "" && label != "dominated knee" {
			t.Errorf("%s: row %d of front.csv is %s and beaten by an SRAM buffer", name, r+2, label)
		}
	}
}

// TestFourTechnologies: [sram, stt, sot, hybrid] reaches what the searches of one reach
// together with a quarter of the budget each, with every one of ten seeds.
func TestFourTechnologies(t *testing.T) {
	changes := []string{
		"capacity: [1MiB, 2MiB, 4MiB]", "capacity: {min: 1MiB, max: 64MiB}", "constraints: {area: {max: 20mm^2}}\n", "",
		"nsga2, population: 20", "auto, population: 100", "returned: 15", "returned: 100",
	}
	for seed := 1; seed <= 10; seed++ {
		search := func(technology, evaluations string) [][]float64 {
			f, _ := archived(t, append([]string{"seed: 6", fmt.Sprintf("seed: %d", seed), "technology: sot", technology, "evaluations: 1500", evaluations}, changes...)...)
			return f
		}
		joint := search("technology: [sram, stt, sot, hybrid]", "evaluations: 40000")
		var union [][]float64
		for _, one := range []string{"sram", "stt", "sot", "hybrid"} {
			union = append(union, search("technology: "+one, "evaluations: 10000")...)
		}
		share := volume(joint, union) / volume(union, union)
		if t.Logf("seed %d: %.4f", seed, share); share < 0.99 {
			t.Errorf("seed %d: %.4f of the hypervolume of the union", seed, share)
		}
	}
}
