package figures

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"

	"stco"
	"stco/cmd/stco/internal/command"
	"stco/model"
	"stco/model/array"
	"stco/model/device"
	"stco/model/tech"
	"stco/results/store/disk"
)

// cell evaluates the preset with changes, apart from what the figures use.
func cell(t *testing.T, o *Selection, change func(*device.Params)) (device.Params, device.Figures, device.Cell, *tech.Node) {
	t.Helper()
	n, err := o.Tables.Node(o.Node, tech.LowOperatingPower)
	if err != nil {
		t.Fatal(err)
	}
	p, err := device.Preset(o.Tables, o.Preset)
	if err != nil {
		t.Fatal(err)
	}
	change(&p)
	s := model.DefaultSetup()
	process := model.Process(n, s.Hot)
	at := device.Operating{Cold: s.Cold, Nominal: s.Nominal, Hot: s.Hot, Sigma: float64(s.ProcessSigma), BitError: 4e-6}
	var f device.Figures
	var c device.Cell
	device.Evaluate(&p, &process, &at, &f, &c)
	return p, f, c, n
}

// stability finds by secants the anisotropy of a thermal stability factor.
func stability(t *testing.T, o *Selection, delta, width float64) float64 {
	t.Helper()
	off := func(ki float64) float64 {
		_, f, _, _ := cell(t, o, func(p *device.Params) { p.Anisotropy, p.ChannelWidth = ki, width })
		return f.DeltaNominal - delta
	}
	p, _, _, _ := cell(t, o, func(*device.Params) {})
	a, b := p.Anisotropy, 1.02*p.Anisotropy
	for range 60 {
		fa, fb := off(a), off(b)
		if math.Abs(fb) < 1e-9*delta || fa == fb {
			break
		}
		a, b = b, b-fb*(b-a)/(fb-fa)
	}
	return b
}

func near(a, b float64) bool { return math.Abs(a-b) <= 1e-6*math.Abs(b) }

// TestValues: points of the figures are what the model says of the cell that the
// axes and the name of the line describe, in the units of the axes.
func TestValues(t *testing.T) {
	o := options(t, "14nm")
	preset, _, _, node := cell(t, o, func(*device.Params) {})
	d := preset.Diameter
	for name, value := range map[string]func(*device.Figures) float64{
		"current": func(f *device.Figures) float64 { return float64(f.CriticalCurrent) / 1e-6 },
		"area":    func(f *device.Figures) float64 { return float64(f.Area) / 1e-12 },
	} {
		wide := curves(drawn(t, "device", name+"-width", o).Data())
		for _, delta := range []float64{30, 45, 60} {
			c := wide[fmt.Sprintf("Delta %g", delta)]
			if len(c) != 401 {
				t.Fatalf("%s-width: %d points of factor %g", name, len(c), delta)
			}
			ki := stability(t, o, delta, preset.ChannelWidth)
			for i, width := range map[int]float64{0: d, 100: 1.5 * d, 400: 3 * d} {
				_, f, _, _ := cell(t, o, func(p *device.Params) { p.Anisotropy, p.ChannelWidth = ki, width })
				if !near(c[i][0], width*1e9) || !near(c[i][1], value(&f)) {
					t.Errorf("%s-width, factor %g: (%g, %g), want (%g, %g)", name, delta, c[i][0], c[i][1], width*1e9, value(&f))
				}
			}
		}
		tall := curves(drawn(t, "device", name+"-delta", o).Data())
		for _, w := range []float64{1, 1.5, 2} {
			width := w * preset.ChannelWidth
			c := tall[fmt.Sprintf("%.3g nm wide", width*1e9)]
			if len(c) != 241 {
				t.Fatalf("%s-delta: %d points of %g", name, len(c), width)
			}
			for i, delta := range map[int]float64{0: 20, 100: 45, 240: 80} {
				ki := stability(t, o, delta, width)
				_, f, _, _ := cell(t, o, func(p *device.Params) { p.Anisotropy, p.ChannelWidth = ki, width })
				if c[i][0] != delta || !near(c[i][1], value(&f)) {
					t.Errorf("%s-delta, %g m: (%g, %g), want (%g, %g)", name, width, c[i][0], c[i][1], delta, value(&f))
				}
			}
		}
		line := math.NaN()
		data := drawn(t, "device", name+"-width", o).Data()
		for i := range data.Rows {
			if text := data.Text(i, 0); strings.Contains(text, "dense SRAM cell of 14 nm") {
				line = data.Rows[i][2]
			}
		}
		if want := float64(node.Dense.Area) * 1e12; (name == "area") != (line == want) {
			t.Errorf("%s: dense cell of %g um^2, want %g", name, line, want)
		}
	}
}

// TestReadTimes of an array with barriers from half that of the preset, where the
// signal suffices.
func TestReadTimes(t *testing.T) {
	o := options(t, "14nm")
	circuits, err := o.Tables.Circuits()
	if err != nil {
		t.Fatal(err)
	}
	all := curves(drawn(t, "device", "read-time", o).Data())
	if len(all) != 4 {
		t.Errorf("%d curves", len(all))
	}
	for _, v := range []float64{0.1, 0.15, 0.2, 0.3} {
		var want [][2]float64
		for i := range 81 {
			_, f, c, n := cell(t, o, func(p *device.Params) { p.ReadVoltage, p.Barrier = v, p.BarrierRef*float64(80+i)/160 })
			solver, err := array.NewSolver(n, array.Options{Temperature: model.DefaultSetup().Hot, Circuits: *circuits})
			if err != nil {
				t.Fatal(err)
			}
			spec := array.DefaultSpec()
			spec.Rows, spec.Target = 256, array.ReadLatency
			var a array.Figures
			if err := solver.Solve(&c, &spec, &a); err != nil {
				t.Fatal(err)
			}
			if f.Signal > 0 && a.Violations.ReadSignal <= 0 {
				want = append(want, [2]float64{float64(f.RA) * 1e12, (float64(a.Read.Bitline) + float64(a.Read.Sense)) * 1e9})
			}
		}
		got := all[strconv.FormatFloat(v, 'g', -1, 64)+" V"]
		if len(want) < 20 || !slices.EqualFunc(got, want, func(a, b [2]float64) bool { return near(a[0], b[0]) && near(a[1], b[1]) }) {
			t.Errorf("%g V: %d points, want %d: %v, want %v", v, len(got), len(want), got, want)
		}
	}
}

// TestErrors: the currents and pulses that the lines of the write error run over.
func TestErrors(t *testing.T) {
	o := options(t, "14nm")
	for name, want := range map[string]struct {
		lines int
		x     [2]float64 // least and most drawn
		over  func(line string) float64
	}{
		"error-current": {4, [2]float64{0.8, 1.8}, func(line string) float64 {
			ns, _ := strconv.ParseFloat(strings.TrimSuffix(line, " ns"), 64)
			_, f, _, _ := cell(t, o, func(p *device.Params) { p.Pulse = ns * 1e-9 })
			return float64(f.HalfCurrent) * 1e6
		}},
		"error-pulse": {4, [2]float64{0.1, 10}, func(string) float64 { return 1 }},
	} {
		all := curves(drawn(t, "device", name, o).Data())
		if len(all) != want.lines {
			t.Errorf("%s: %d lines", name, len(all))
		}
		for line, c := range all {
			unit := want.over(line)
			if first := c[0][0] / unit; !near(first, want.x[0]) {
				t.Errorf("%s, %s: begins at %g, want %g", name, line, first, want.x[0])
			}
			if last := c[len(c)-1][0] / unit; last > want.x[1]*(1+1e-9) || c[len(c)-1][1] < 1e-12 || c[0][1] > 1 {
				t.Errorf("%s, %s: ends at %g with %g", name, line, last, c[len(c)-1][1])
			}
		}
	}
	_, f, _, _ := cell(t, o, func(*device.Params) {})
	all := curves(drawn(t, "device", "error-pulse", o).Data())
	for _, over := range []float64{1.2, 1.5, 2, 3} {
		if name := fmt.Sprintf("%.3g uA", over*float64(f.CriticalCurrent)*1e6); all[name] == nil {
			t.Errorf("no line of %s", name)
		}
	}
}

// TestPeers: every reference run of one bank is one point, of the series of its
// tool and its technology, in the unit of the axis; nothing else is drawn.
func TestPeers(t *testing.T) {
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
	at := map[string]int{}
	for i, name := range rows[0] {
		at[name] = i
	}
	o := options(t, "22nm-itrs")
	for name, header := range map[string]string{"area": "area_mm2", "read-latency": "read_ns", "write-energy": "write_pJ", "leakage": "leak_mW"} {
		column, ok := at[header]
		if !ok {
			t.Fatalf("no column %s among %v", header, rows[0])
		}
		want := map[string]int{}
		for _, row := range rows[1:] {
			target := row[at["opt_target"]]
			if v, err := strconv.ParseFloat(row[column], 64); err == nil && row[at["node_nm"]] == "22" && strings.HasSuffix(strings.ToLower(row[at["roadmap"]]), o.Flavour) && row[at["banks"]] == "1" && (target == "ReadEDP" || strings.HasPrefix(target, "w ")) {
				tech := strings.TrimSuffix(row[at["cell"]], "50")
				want[fmt.Sprintf("%s %s MiB %.9g", tech, row[at["capacity_MB"]], v)]++
			}
		}
		got := map[string]int{}
		for series, c := range curves(drawn(t, "array", name, o).Data()) {
			if slices.Contains([]string{"SRAM", "SOT", "STT"}, series) {
				continue
			}
			tech, _, _ := strings.Cut(series, ", ")
			for _, p := range c {
				got[fmt.Sprintf("%s %g MiB %.9g", tech, p[0], p[1])]++
			}
		}
		if len(want) < 8 || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: got  %v\nwant %v", name, got, want)
		}
	}
}

// TestPublishedRatios start on the plateau at their smaller diameter and reach
// what is published of them at the larger one.
func TestPublishedRatios(t *testing.T) {
	all := curves(drawn(t, "device", "delta-diameter", options(t, "14nm")).Data())
	published, err := stabilityRatios(stco.Published())
	if err != nil || len(published) < 2 {
		t.Fatalf("%v, %v", published, err)
	}
	plateau := map[float64]float64{}
	for _, p := range all["plateau"] {
		plateau[math.Round(p[0])] = p[1]
	}
	for _, r := range published {
		c := all[r.source]
		start, whole := plateau[math.Round(r.from*1e9)], math.Abs(r.from*1e9-math.Round(r.from*1e9)) < 1e-6
		if len(c) < 2 || !near(c[1][1]/c[0][1], r.ratio) && len(c) == 2 || whole && len(c) == 2 && !near(c[0][1], start) || c[0][1] <= 0 {
			t.Errorf("%s: %v, want %g times %g", r.source, c, r.ratio, start)
		}
	}
}

// TestCommand: the files of the figures, each with its data, in a folder that is
// made; a folder that cannot be made is a failure of the disk.
func TestCommand(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	run := func(args ...string) (string, error) {
		var out bytes.Buffer
		env := &command.Env{Out: &out, Getenv: func(string) string { return "" }}
		app := &cli.App{Writer: &out, ErrWriter: &out, Commands: Commands(env), ExitErrHandler: func(*cli.Context, error) {}}
		err := app.Run(append([]string{"plot"}, args...))
		return out.String(), err
	}
	base := filepath.Join(dir, "device-area-width")
	if out, err := run("device", "--figure", "area-width", "--out", dir); err != nil || out != base+".svg\n"+base+".csv\n" {
		t.Errorf("%q, %v", out, err)
	}
	for ending, begins := range map[string]string{".svg": "<?xml", ".csv": "series,"} {
		if text, err := os.ReadFile(base + ending); err != nil || !bytes.HasPrefix(text, []byte(begins)) {
			t.Errorf("%s: %.40q, %v", ending, text, err)
		}
	}
	if out, err := run("device", "--figure", "area-width", "--out", dir, "--format", "csv"); err != nil || out != base+".csv\n" {
		t.Errorf("%q, %v", out, err)
	}
	if _, err := run("device", "--figure", "area-width", "--out", base+".csv"); !command.Is[*disk.IOError](err) || !strings.Contains(err.Error(), "mkdir") {
		t.Error(err)
	}
	for _, args := range [][]string{{"device", "--figure", "x"}, {"device", "--node", "x", "--out", dir}, {"array", "--figure", "area-width"}, {"device", "more"}} {
		if _, err := run(args...); !command.Is[*command.UsageError](err) {
			t.Errorf("%v: %v", args, err)
		}
	}
	_, err := os.Stat("figures")
	if !errors.Is(err, os.ErrNotExist) {
		t.Error("a wrong command line made the folder")
		_ = os.Remove("figures")
	}
}
