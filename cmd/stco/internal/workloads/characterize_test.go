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

// documented returns the networks of which a text has rows, in order.
func documented(text string) []string {
	var names []string
	for line := range strings.Lines(text) {
		cells := strings.Split(line, " | ")
		if name := strings.TrimPrefix(cells[0], "| "); len(cells) > 3 && slices.Contains(suite.Names(""), name) && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// sides are the networks whose schedules stand side by side: inference at batch 16,
// training without statistics over the batch at that of the suite.
var sides = map[string][]string{
	"inference": {"squeezenet1_1", "resnet18", "resnet50", "mobilenet_v2", "vgg16", "vit_b_16", "bert_base", "gpt2_small", "dlrm"},
	"training":  {"alexnet", "vgg16", "vit_b_16", "bert_base", "gpt2_small"},
}

// sidesAt are the capacities of that table.
var sidesAt = []string{"1MiB", "4MiB", "16MiB", "64MiB", "256MiB"}

// sideRow is a row of the table of schedules: MiB of every layer over the whole batch,
// the network in parts of the batch, groups of layers.
func sideRow(a *Asked) string {
	row := fmt.Sprintf("| %s | %s | %d |", a.Network, a.Phase, a.Batch)
	for _, at := range a.Capacity {
		for _, mib := range []int64{1, 4, 16, 64, 256} {
			if at.Bytes == mib<<20 {
				row += fmt.Sprintf(" %.4g / %.4g / %.4g |", float64(at.Layer)/(1<<20), float64(at.Batch)/(1<<20), float64(at.DRAM)/(1<<20))
			}
		}
	}
	return row
}

func sideRows(t *testing.T, phase string, names []string) (rows []string) {
	t.Helper()
	o := CharacterizeOptions{Phases: []string{phase}}
	if phase == "inference" {
		o.Batches = []int{16}
	}
	list, err := Characterize(names, o)
	if err != nil {
		t.Fatal(err)
	}
	for i := range list {
		rows = append(rows, sideRow(&list[i]))
	}
	return rows
}

// TestCharacterisationDoc compares rows of the documented tables with what the
// model says; -update rewrites all of them.
func TestCharacterisationDoc(t *testing.T) {
	content, err := os.ReadFile(askedDoc)
	if err != nil {
		t.Fatal(err)
	}
	text := string(content)
	if *update {
		head, tail, ok := strings.Cut(text, askedBegin)
		if !ok {
			t.Fatalf("%s has no line %s", askedDoc, askedBegin)
		}
		list, err := Characterize(documented(tail), CharacterizeOptions{})
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		b.WriteString(head + askedBegin)
		b.WriteString("\n| network | phase | batch | compulsory | live | knee | traffic there | enough | MACs/B there | buffer read B/cycle | buffer write | DRAM | longest life |\n|---|---|---|---|---|---|---|---|---|---|---|---|---|\n")
		for i := range list {
			b.WriteString(askedRow(&list[i]) + "\n")
		}
		b.WriteString("\nDRAM traffic of an iteration in MiB: every layer over the whole batch / the network in parts of the batch / groups of layers.\n\n| network | phase | batch | " + strings.Join(sidesAt, " | ") + " |\n|---|---|---|" + strings.Repeat("---|", len(sidesAt)) + "\n")
		for _, phase := range []string{"inference", "training"} {
			b.WriteString(strings.Join(sideRows(t, phase, sides[phase]), "\n") + "\n")
		}
		if err := os.WriteFile(askedDoc, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	list, err := Characterize([]string{"squeezenet1_1", "dlrm", "lstm_1024x2"}, CharacterizeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	rows := sideRows(t, "inference", []string{"squeezenet1_1", "dlrm"})
	for i := range list {
		rows = append(rows, askedRow(&list[i]))
	}
	for _, row := range rows {
		if !strings.Contains(text, row+"\n") {
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
// capacities between those of the grid, which the ladder bounds from both
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
			if k, err := accel.GridIndex(x.Bytes); err == nil && accel.GridCapacity(k) == x.Bytes {
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
				t.Errorf("%s %s: %d B of traffic at %d B, %d at the grid capacity below", a.Network, a.Phase, x.DRAM, x.Bytes, ladder[k].DRAM)
			}
			if k+1 < len(ladder) && float64(x.DRAM) < 0.98*float64(ladder[k+1].DRAM) {
				t.Errorf("%s %s: %d B of traffic at %d B, %d at the grid capacity above", a.Network, a.Phase, x.DRAM, x.Bytes, ladder[k+1].DRAM)
			}
			worst = math.Max(worst, float64(ladder[k].DRAM)/float64(x.DRAM))
		}
		t.Logf("%s %s: the grid capacity below moves at most %.3f times the traffic of the exact capacity", a.Network, a.Phase, worst)
	}
}
