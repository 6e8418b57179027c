package plot

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func gains() *HeatMap {
	return &HeatMap{
		Y: "network", Value: "gain", Columns: []string{"hp", "lop", "lstp", "hp", "lop", "lstp"}, Groups: []Heading{{"iso-capacity", 3}, {"iso-area", 3}},
		Rows: []string{"resnet50", "transformer_base"}, Values: [][]float64{{9.2, 1.02, 0.5, 2.5, 1, 0.9}, {12.4, 0.98, math.NaN(), 3, 1.4, 0.1}}, From: []float64{8, 13}, FromName: "claim",
	}
}

// TestHeat: the same bytes twice, each value once in its cell and in the data, a
// frame around what meets the claim, none drawn where there is no value.
func TestHeat(t *testing.T) {
	h := gains()
	f, err := Heat(h)
	if err != nil {
		t.Fatal(err)
	}
	var a, b bytes.Buffer
	for _, w := range []*bytes.Buffer{&a, &b} {
		if err := f.WriteSVG(w); err != nil {
			t.Fatal(err)
		}
	}
	svg := a.String()
	if svg != b.String() {
		t.Error("two drawings differ")
	}
	for text, n := range map[string]int{">9.20<": 1, ">1.02<": 1, ">0.90<": 1, ">iso-area<": 1, ">transformer_base<": 1, ">NaN<": 0, ">claim<": 1} {
		if got := strings.Count(svg, text); got != n {
			t.Errorf("%d times %s, want %d", got, text, n)
		}
	}
	if frames := strings.Count(svg, "stroke-width:1.2"); frames != 2 { // a cell and the legend
		t.Errorf("%d frames", frames)
	}
	data := f.Data()
	if len(data.Rows) != 12 || data.Text(6, 0) != "transformer_base" || data.Text(10, 1) != "iso-area lop" || data.Rows[10][2] != 1.4 {
		t.Errorf("%d rows, %v", len(data.Rows), data.Rows[10])
	}
	if f.width != OneColumn {
		t.Errorf("width %g", f.width)
	}
	if *look != "" {
		out, err := os.Create(filepath.Join(*look, "heat.png"))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = out.Close() }()
		if err := f.WritePNG(out); err != nil {
			t.Fatal(err)
		}
	}
}

// TestHeatColours: white at the even value, more orange below, bluer above, equally
// far for a value and its reciprocal.
func TestHeatColours(t *testing.T) {
	m := &heat{even: 2, reach: math.Log(4)}
	for v, want := range map[float64][3]uint32{2: {255, 255, 255}, 8: {38, 135, 190}, 0.5: {219, 118, 38}} {
		r, g, b, _ := m.colour(v).RGBA()
		if got := [3]uint32{r >> 8, g >> 8, b >> 8}; got != want {
			t.Errorf("%g is %v, want %v", v, got, want)
		}
	}
	_, _, near, _ := m.colour(1.5).RGBA()
	_, _, far, _ := m.colour(0.8).RGBA()
	if far >= near {
		t.Errorf("blue %d of 0.8, %d of 1.5", far, near)
	}
	flat := &heat{even: 1}
	if r, g, b, _ := flat.colour(1).RGBA(); r+g+b != 3*0xffff || len((&heat{of: &HeatMap{}, even: 1}).legend("x")) != 2 {
		t.Error("a map of one value has one colour")
	}
}

// TestHeatMistakes: sizes that do not fit, and values without a logarithm.
func TestHeatMistakes(t *testing.T) {
	for name, change := range map[string]func(*HeatMap){
		"no rows":      func(h *HeatMap) { h.Rows = nil },
		"rows missing": func(h *HeatMap) { h.Values = h.Values[:1] },
		"a short row":  func(h *HeatMap) { h.Values[1] = h.Values[1][:3] },
		"zero":         func(h *HeatMap) { h.Values[0][0] = 0 },
		"infinite":     func(h *HeatMap) { h.Values[0][0] = math.Inf(1) },
		"claims":       func(h *HeatMap) { h.From = h.From[:1] },
		"headings":     func(h *HeatMap) { h.Groups = h.Groups[:1] },
	} {
		h := gains()
		change(h)
		if _, err := Heat(h); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	h := gains()
	h.Columns, h.Groups, h.From = make([]string, 12), nil, nil
	for i := range h.Columns {
		h.Columns[i] = string(rune('a' + i))
	}
	h.Rows, h.Values = h.Rows[:1], [][]float64{make([]float64, 12)}
	for i := range h.Values[0] {
		h.Values[0][i] = float64(i + 1)
	}
	if f, err := Heat(h); err != nil || f.width != TwoColumns {
		t.Errorf("%v", err)
	}
}
