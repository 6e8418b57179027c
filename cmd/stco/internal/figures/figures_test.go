package figures

import (
	"bytes"
	"encoding/csv"
	"math"
	"strconv"
	"testing"

	"stco"
	"stco/model/tech"
	"stco/results"
	"stco/results/plot"
)

func options(tb testing.TB, node string) *Selection {
	tb.Helper()
	t, err := tech.Load()
	if err != nil {
		tb.Fatal(err)
	}
	return &Selection{Tables: t, Published: stco.Published(), Node: node, Flavour: "lop", Preset: "ref-w"}
}

func drawn(tb testing.TB, group, name string, o *Selection) *plot.Figure {
	tb.Helper()
	f, err := Draw(group, name, o)
	if err != nil {
		tb.Fatal(err)
	}
	return f
}

// curves returns x and y of every series of a figure.
func curves(t *results.Table) map[string][][2]float64 {
	out := map[string][][2]float64{}
	for i, r := range t.Rows {
		if !math.IsNaN(r[1]) {
			out[t.Text(i, 0)] = append(out[t.Text(i, 0)], [2]float64{r[1], r[2]})
		}
	}
	return out
}

// rising counts the steps of a curve that rise and that fall.
func rising(c [][2]float64) (up, down int) {
	for i := 1; i < len(c); i++ {
		switch {
		case c[i][1] > c[i-1][1]:
			up++
		case c[i][1] < c[i-1][1]:
			down++
		}
	}
	return up, down
}

// TestDevice checks the shape that physics gives every curve.
func TestDevice(t *testing.T) {
	o := options(t, "14nm")
	for name, want := range map[string]struct{ rises, falls bool }{
		"current-width": {true, false}, "area-width": {true, false}, "current-delta": {true, false}, "area-delta": {true, false},
		"error-current": {false, true}, "error-pulse": {false, true}, "read-time": {true, false}, "retention-map": {true, false},
	} {
		all := curves(drawn(t, "device", name, o).Data())
		if len(all) < 3 {
			t.Errorf("%s: %d curves", name, len(all))
		}
		for series, c := range all {
			up, down := rising(c)
			if len(c) < 20 || (up > 0) != want.rises || (down > 0) != want.falls && name != "read-time" {
				t.Errorf("%s, %s: %d points, %d steps rise and %d fall", name, series, len(c), up, down)
			}
			// A thick barrier gives little current; a thin one little signal, which
			// the clamped bitline hardly waits for.
			if name == "read-time" && c[len(c)-1][1] <= 2*least(c) {
				t.Errorf("%s, %s: %g s through the thickest barrier, least %g s", name, series, c[len(c)-1][1], least(c))
			}
		}
	}
	if len(Names("device")) != 9 {
		t.Errorf("figures %v", Names("device"))
	}
	// Longer retention needs a more stable cell.
	at := curves(drawn(t, "device", "retention-map", o).Data())
	last := 0.0
	for _, name := range []string{"1 ms", "1 s", "1 h", "1 d", "10 yr"} {
		if x := at[name][0][0]; x <= last {
			t.Errorf("%s needs a factor of %g, a shorter time %g", name, x, last)
		} else {
			last = x
		}
	}
}

func least(c [][2]float64) float64 {
	m := math.Inf(1)
	for _, p := range c {
		m = min(m, p[1])
	}
	return m
}

// TestArray checks that the points are the figures of the reference file, and
// that every line spans the capacities and rises.
func TestArray(t *testing.T) {
	theirs := map[string]bool{}
	file, err := stco.Published().Open(peersFile)
	if err != nil {
		t.Fatal(err)
	}
	r := csv.NewReader(file)
	r.Comment = '#'
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows[1:] {
		for _, k := range []int{9, 10, 11, 12, 13, 14} {
			if v, err := strconv.ParseFloat(row[k], 64); err == nil {
				theirs[strconv.FormatFloat(v, 'g', 10, 64)] = true
			}
		}
	}
	for _, node := range []string{"22nm-itrs", "14nm", "7nm"} {
		o := options(t, node)
		for _, name := range Names("array") {
			f := drawn(t, "array", name, o)
			points := 0
			for series, c := range curves(f.Data()) {
				switch series {
				case "SRAM", "SOT", "STT":
					if up, down := rising(c); up != 8 || down != 0 {
						t.Errorf("%s %s, %s: %d steps rise and %d fall", node, name, series, up, down)
					}
				default:
					for _, p := range c {
						if points++; !theirs[strconv.FormatFloat(p[1], 'g', 10, 64)] {
							t.Errorf("%s %s, %s: %g at %g MiB is in no row of the reference", node, name, series, p[1], p[0])
						}
					}
				}
			}
			if points < 8 {
				t.Errorf("%s %s: %d points", node, name, points)
			}
			var a, b bytes.Buffer
			if err := f.WriteSVG(&a); err != nil {
				t.Fatal(err)
			}
			if err := drawn(t, "array", name, o).WriteSVG(&b); err != nil || !bytes.Equal(a.Bytes(), b.Bytes()) {
				t.Errorf("%s %s: drawn twice, the bytes differ (%v)", node, name, err)
			}
		}
	}
}

func TestUnknown(t *testing.T) {
	o := options(t, "14nm")
	if _, err := Draw("device", "colour", o); err == nil {
		t.Error("an unknown figure is drawn")
	}
	o.Preset = "stt-ref"
	if _, err := Draw("device", "current-width", o); err == nil {
		t.Error("a channel is drawn for a cell without one")
	}
	o.Preset, o.Node = "ref-w", "9nm"
	for _, g := range []string{"device", "array"} {
		if _, err := Draw(g, Names(g)[0], o); err == nil {
			t.Errorf("%s: an unknown node is drawn", g)
		}
	}
}

// TestDeltaOverDiameter: below coherent reversal all laws agree; beyond it the
// plateau ends where the others go on, the wall slower than with the area; the
// published ratios of the device level stand on the plateau.
func TestDeltaOverDiameter(t *testing.T) {
	all := curves(drawn(t, "device", "delta-diameter", options(t, "14nm")).Data())
	at := func(name string, nm float64) float64 {
		for _, p := range all[name] {
			if math.Abs(p[0]-nm) < 1e-6 {
				return p[1]
			}
		}
		t.Fatalf("%s has no %g nm among %d", name, nm, len(all[name]))
		return 0
	}
	for _, name := range []string{"domain wall", "plateau", "coherent"} {
		if v := at(name, 44); math.Abs(v-1) > 1e-9 {
			t.Errorf("%s: %g at 44 nm", name, v)
		}
		if v := at(name, 30); math.Abs(v-at("coherent", 30)) > 1e-9 {
			t.Errorf("%s: %g at 30 nm, coherent %g", name, v, at("coherent", 30))
		}
	}
	// REF film of the reference page, Delta at 44 and 76 nm: coherent 36.28 and
	// 93.41, wall 60.63, plateau 39.35.
	for name, want := range map[string]float64{"coherent": 93.41 / 36.28, "domain wall": 60.63 / 36.28, "plateau": 39.35 / 36.28} {
		if got := at(name, 76); math.Abs(got-want) > 2e-3*want {
			t.Errorf("%s: %g at 76 nm, want %g", name, got, want)
		}
	}
	// Retention of chips grows from 55 to 100 nm: above the plateau, at most as coherent reversal.
	band := 0
	for _, r := range drawn(t, "device", "delta-diameter", options(t, "14nm")).Data().Rows {
		if nm, low, high := r[1], r[3], r[4]; !math.IsNaN(low) {
			band++
			if nm < 55 || nm > 100 || math.Abs(low-at("plateau", nm)) > 1e-9 || math.Abs(high-at("coherent", nm)) > 1e-9 {
				t.Errorf("%g nm: band from %g to %g", nm, low, high)
			}
		}
	}
	if band != 46 {
		t.Errorf("a band over %d nm", band)
	}
	points := 0
	for name, c := range all {
		if len(c) == 2 {
			points++
			if last := at("plateau", math.Round(c[1][0])); math.Abs(c[1][1]/last-1) > 0.15 {
				t.Errorf("%s: %g, plateau %g", name, c[1][1], last)
			}
		}
	}
	if points < 2 {
		t.Errorf("%d published ratios", points)
	}
}
