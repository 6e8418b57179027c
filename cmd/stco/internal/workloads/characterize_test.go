package workloads

import (
	"cmp"
	"flag"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"stco/model/accel"
	"stco/model/workload/suite"
)

var update = flag.Bool("update", false, "rewrite docs/characterisation.md")

const (
	askedDoc   = "../../../../docs/characterisation.md"
	askedBegin = "<!-- table: go test ./cmd/stco/internal/workloads -run Characterisation -update -->\n"
)

// askedRow is one row of the table in docs/characterisation.md.
func askedRow(a *Asked) string {
	size := func(b float64) string {
		switch {
		case b >= 1<<30:
			return fmt.Sprintf("%.3g GiB", b/(1<<30))
		case b >= 1<<20:
			return fmt.Sprintf("%.3g MiB", b/(1<<20))
		}
		return fmt.Sprintf("%.3g KiB", b/(1<<10))
	}
	orNone := func(bytes int64) string {
		if bytes == 0 {
			return "–"
		}
		return size(float64(bytes))
	}
	longest, class := 0.0, "–"
	for c, s := range a.Lifetimes {
		if s > longest || s == longest && c < class {
			longest, class = s, c
		}
	}
	return fmt.Sprintf("| %s | %s | %d | %s | %s | %s | %s | %s | %.3g | %.0f | %.0f | %.0f | %.3g ms, %s |",
		a.Network, a.Phase, a.Batch, size(float64(a.CompulsoryBytes)), size(float64(a.LiveBytes)), orNone(a.KneeBytes), size(float64(a.AtKnee.DRAM)), orNone(a.EnoughBytes),
		a.AtKnee.MACsPerByte, a.Demand.Read, a.Demand.Write, a.Demand.DRAM, 1e3*longest, class)
}

// TestCharacterisationDoc compares rows of the documented table with what the
// model says; -update rewrites all of it.
func TestCharacterisationDoc(t *testing.T) {
	names := []string{"squeezenet1_1", "dlrm", "lstm_1024x2"}
	if *update {
		names = suite.Names("")
	}
	list, err := Characterize(names, CharacterizeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(askedDoc)
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		head, _, ok := strings.Cut(string(text), askedBegin)
		if !ok {
			t.Fatalf("%s has no line %s", askedDoc, askedBegin)
		}
		var b strings.Builder
		b.WriteString(head + askedBegin)
		b.WriteString("\n| network | phase | batch | compulsory | live | knee | traffic there | enough | MACs/B there | buffer read B/cycle | buffer write | DRAM | longest life |\n|---|---|---|---|---|---|---|---|---|---|---|---|---|\n")
		for i := range list {
			b.WriteString(askedRow(&list[i]) + "\n")
		}
		if err := os.WriteFile(askedDoc, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	for i := range list {
		if row := askedRow(&list[i]); !strings.Contains(string(text), row+"\n") {
			t.Errorf("%s has not the row\n%s\n-update rewrites it", askedDoc, row)
		}
	}
}

// TestKnee checks the knee on curves whose knee is known.
func TestKnee(t *testing.T) {
	curve := func(traffic ...int64) []At {
		var c []At
		for i, v := range traffic {
			c = append(c, At{Bytes: 1 << i, DRAM: v})
		}
		return c
	}
	for _, c := range []struct {
		name string
		at   []At
		want int
	}{
		{"a step", curve(100, 100, 100, 10, 10, 10), 3},
		{"a corner", curve(100, 50, 10, 9, 8, 7), 2},
		{"flat", curve(100, 99, 98, 97, 96, 95), -1},
		{"a straight line", curve(100, 80, 60, 40, 20, 0), 5},
		{"late", curve(100, 99, 98, 97, 96, 10), 5},
	} {
		if got := knee(c.at); got != c.want {
			t.Errorf("%s: knee at %d, want %d", c.name, got, c.want)
		}
	}
}

// TestCharacterizeCapacities: traffic does not rise with capacity, also at
// capacities between those of the ladder, which the ladder bounds from both
// sides.
func TestCharacterizeCapacities(t *testing.T) {
	var odd []string
	for mib := 1.13; mib < 400; mib *= 1.37 {
		odd = append(odd, fmt.Sprintf("%.0fB", mib*(1<<20)))
	}
	list, err := Characterize([]string{"resnet18", "gpt2_small"}, CharacterizeOptions{Capacities: odd})
	if err != nil {
		t.Fatal(err)
	}
	for i := range list {
		a := &list[i]
		var ladder, between []At
		for _, x := range a.Capacity {
			if k, err := accel.RungOf(x.Bytes); err == nil && accel.Rung(k) == x.Bytes {
				ladder = append(ladder, x)
			} else {
				between = append(between, x)
			}
		}
		if len(between) != len(odd) || !slices.IsSortedFunc(a.Capacity, func(x, y At) int { return cmp.Compare(x.Bytes, y.Bytes) }) {
			t.Fatalf("%s %s: %d of %d capacities, in order: %v", a.Network, a.Phase, len(between), len(odd), a.Capacity)
		}
		worst := 1.0
		for k := 1; k < len(ladder); k++ {
			if ladder[k].DRAM > ladder[k-1].DRAM {
				t.Errorf("%s %s: traffic rises at %d B", a.Network, a.Phase, ladder[k].Bytes)
			}
		}
		for _, x := range between {
			k := 0
			for k+1 < len(ladder) && ladder[k+1].Bytes <= x.Bytes {
				k++
			}
			if x.DRAM > ladder[k].DRAM {
				t.Errorf("%s %s: %d B of traffic at %d B, %d at the rung below", a.Network, a.Phase, x.DRAM, x.Bytes, ladder[k].DRAM)
			}
			if k+1 < len(ladder) && float64(x.DRAM) < 0.98*float64(ladder[k+1].DRAM) {
				t.Errorf("%s %s: %d B of traffic at %d B, %d at the rung above", a.Network, a.Phase, x.DRAM, x.Bytes, ladder[k+1].DRAM)
			}
			worst = math.Max(worst, float64(ladder[k].DRAM)/float64(x.DRAM))
		}
		t.Logf("%s %s: the rung below moves at most %.3f times the traffic of the exact capacity", a.Network, a.Phase, worst)
	}
}
