package answer

import (
	"fmt"
	"testing"

	"stco/results"
)

// designsOf is a table of designs: technology, energy, latency, area, capacity.
func designsOf(rows ...[]any) *results.Table {
	t := results.NewList("buffers", "technology:text", "energy [J]", "latency [s]", "area [mm2]", "capacity [MiB]")
	for _, r := range rows {
		t.Append(r...)
	}
	return t
}

// TestCapacities: against a table worked out on paper.
func TestCapacities(t *testing.T) {
	sram := designsOf(
		[]any{"sram", 4, 4, 2, 1},
		[]any{"sram", 2, 2, 4, 2},
		[]any{"sram", 3, 3, 6, 4}, // larger and worse: it is nobody's rival
		[]any{"sram", 1, 2, 8, 8},
	)
	found := designsOf(
		[]any{"sot", 4, 2, 4, 2},     // over 2 x 2 of 4 mm2: 0.5
		[]any{"sot", 2, 1.5, 3.9, 2}, // over 4 x 4 of 2 mm2: 16 / 3
		[]any{"sot", 1, 1, 7, 4},     // over 2 x 2 of 4 mm2: 4
		[]any{"sot", 1, 1, 1.9, 1},   // no SRAM buffer is so small
		[]any{"stt", 2, 2, 100, 2},   // over 1 x 2: 0.5
		[]any{"stt", 1, 8, 100, 2},   // worse
		[]any{"sram", 1, 1, 100, 2},
	)
	got, err := Capacities(found, sram, Plain())
	if err != nil {
		t.Fatal(err)
	}
	text := ""
	for i, row := range got.Rows {
		text += fmt.Sprintf("%s %.4g\n", got.Text(i, 0), row[1:])
	}
	if want := "stt [2 100 8 0.5 1 0.5]\nsot [2 3.9 1 2 2.667 5.333]\nsot [4 7 2 2 2 4]\n"; text != want {
		t.Errorf("got\n%swant\n%s", text, want)
	}
	found.Columns[3].Name = "size"
	if _, err := Capacities(found, sram, Plain()); err == nil {
		t.Error("designs without an area are accepted")
	}
}
