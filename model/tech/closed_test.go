package tech

import (
	"io/fs"
	"math"
	"strings"
	"testing"
	"testing/fstest"

	"stco/model/units"
)

func nearly(t *testing.T, what string, got, want float64) {
	t.Helper()
	if !(math.Abs(got-want) <= 1e-9*math.Abs(want)) {
		t.Errorf("%s is %.12g, want %.12g", what, got, want)
	}
}

// TestArithmeticByHand: 7 nm, from the rows of the table.
func TestArithmeticByHand(t *testing.T) {
	tables, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	a, err := tables.Arithmetic("7nm")
	if err != nil {
		t.Fatal(err)
	}
	// 64 bits of register file at 9.375 fJ are 0.6 pJ.
	nearly(t, "registers", float64(a.RegisterAccess(64)), 0.6e-12)
	// Half of 0.11 + 0.21 pJ, and 48 bits at 9.375 fJ.
	nearly(t, "bf16 vector operation", float64(a.Vector(BF16)), 0.16e-12+0.45e-12)
	nearly(t, "int8 vector operation", float64(a.Vector(Int8)), 0.0385e-12+0.225e-12)
	for p, bits := range map[Precision]int{Int8: 8, Int32: 32, BF16: 16, FP16: 16, FP32: 32} {
		if p.Bits() != bits {
			t.Errorf("%s has %d bits", p, p.Bits())
		}
	}
	if numPrecisions.String() != "unknown" {
		t.Errorf("no precision is called %s", numPrecisions)
	}
	// Between 45 nm and 7 nm on straight lines of logarithms: 14 nm and 22 nm lie
	// between, in this order, 5 nm beyond.
	var last units.Energy
	for _, node := range []string{"5nm", "7nm", "14nm", "22nm", "45nm"} {
		a, err := tables.Arithmetic(node)
		if err != nil {
			t.Fatal(err)
		}
		if a.Mul[BF16] <= last {
			t.Errorf("%s: %g J is not above the finer node's %g J", node, float64(a.Mul[BF16]), float64(last))
		}
		last = a.Mul[BF16]
	}
	a45, _ := tables.Arithmetic("45nm")
	a14, _ := tables.Arithmetic("14nm")
	share := math.Log(14./7) / math.Log(45./7)
	nearly(t, "fp32 product at 14 nm", float64(a14.Mul[FP32]), 1.31e-12*math.Pow(float64(a45.Mul[FP32])/1.31e-12, share))
}

// TestTransistorByHand: leakage, drive, wires and corner of a node whose numbers
// make the laws short.
func TestTransistorByHand(t *testing.T) {
	n := &Node{
		Vdd: 0.8, Threshold: 0.3, ThresholdSlope: 0, OnCurrent: 1000, OffCurrent: 2, Swing: 0.0595341, DriveTemperature: math.Ln2 / 50,
		WireTemperature: 0.004, Resistivity: 2e-8, SizeEffect: 8e-16,
	}
	// At 300 K a swing of kB T/e ln 10 = 59.53 mV is an ideality of 1; with a
	// threshold that stays, 375 K is (375/300)^2 exp(0.3 (1/300 - 1/375) e/kB).
	nearly(t, "leakage at 300 K", float64(n.OffCurrentAt(300)), 2)
	ideal := *n
	ideal.Swing = units.Voltage(1.380649e-23 / 1.602176634e-19 * 300 * math.Log(10))
	nearly(t, "leakage at 375 K", float64(ideal.OffCurrentAt(375)), 2*1.5625*math.Exp(0.3*(1./300-1./375)/8.617333262145e-5))
	falling := ideal
	falling.ThresholdSlope = 1e-3 // 75 mV less
	nearly(t, "leakage with a falling threshold", float64(falling.OffCurrentAt(375)), 2*1.5625*math.Exp((0.3/300-0.225/375)/8.617333262145e-5))
	nearly(t, "drive at 300 K", float64(n.OnCurrentAt(300)), 1000)
	nearly(t, "drive at 350 K", float64(n.OnCurrentAt(350)), 500)
	nearly(t, "drive at 250 K", float64(n.OnCurrentAt(250)), 2000)
	w := Wire{Pitch: 80e-9, Resistance: 100}
	nearly(t, "wire at 350 K", float64(n.ResistanceAt(w, 350)), 120)
	nearly(t, "wire at 250 K", float64(n.ResistanceAt(w, 250)), 80)
	// Half the pitch is 40 nm: rho 2e-8 + 8e-16/40e-9 = 4e-8; at 80 nm 3e-8.
	nearly(t, "wire of 80 nm", float64(n.ResistanceOfWidth(w, 80e-9)), 100*0.5*0.75)
	nearly(t, "wire of half its pitch", float64(n.ResistanceOfWidth(w, 40e-9)), 100)
	nearly(t, "wire no narrower", float64(n.ResistanceOfWidth(w, 10e-9)), 100)

	k := &Circuits{TailSignal: 0.8, TimingMargin: 0.1}
	c := Corner{Supply: 0.9, Threshold: 0.02, Saturation: 2, Signal: 0.75}
	slow, circuits := c.At(n, k)
	// Overdrive (0.72 - 0.32)/(0.8 - 0.3) = 0.8, squared.
	nearly(t, "slow supply", float64(slow.Vdd), 0.72)
	nearly(t, "slow threshold", float64(slow.Threshold), 0.32)
	nearly(t, "slow drive", float64(slow.OnCurrent), 640)
	nearly(t, "slow leakage", float64(slow.OffCurrent), 2*math.Pow(10, -0.02/0.0595341))
	nearly(t, "slow signal", circuits.TailSignal, 0.6)
	nearly(t, "the rest", circuits.TimingMargin, 0.1)
	if n.Vdd != 0.8 || k.TailSignal != 0.8 {
		t.Error("the nominal node was changed")
	}
	c.Supply = 0.2 // below the threshold: a twentieth of the overdrive is left
	off, _ := c.At(n, k)
	nearly(t, "drive of a starved node", float64(off.OnCurrent), 1000*0.0025)
}

// TestFilesByHand reads a folder of two tables and two lists of sources, and
// refuses each fault of one.
func TestFilesByHand(t *testing.T) {
	sources := "# S\nkey,citation,read\nb,Book,read\nm,Memory,memory\n"
	more := "# S\nkey,citation,read\na,Article,secondary\n"
	table := "# Wires \nentry,quantity,value,unit,kind,source,note\nx,width,5,nm,published,b,\ny,width,6,nm,assumed,m,guess\nx,speed,2,GHz,derived,a,from width\n"
	load := func(s, m, tab string) (*Tables, error) {
		return parseTables(fstest.MapFS{"d/sources.csv": {Data: []byte(s)}, "d/sources_more.csv": {Data: []byte(m)}, "d/wires.csv": {Data: []byte(tab)}, "d/readme.txt": {}}, "d")
	}
	good, err := load(sources, more, table)
	if err != nil {
		t.Fatal(err)
	}
	tab, err := good.Table("wires")
	if err != nil || tab.Title != "Wires" || strings.Join(tab.EntryNames(), " ") != "x y" {
		t.Errorf("%+v, %v", tab, err)
	}
	x, err := tab.Entry("x")
	if err != nil || len(x.Values) != 2 || !x.Has("speed") || x.Has("colour") {
		t.Fatalf("%+v, %v", x, err)
	}
	if v, err := x.Value("speed"); err != nil || v.SI != 2e9 || v.Kind != Derived || v.Source != "a" || v.Note != "from width" || v.Text != "2" {
		t.Errorf("%+v, %v", v, err)
	}
	if v, err := Get[units.Length](x, "width"); err != nil || v != 5e-9 {
		t.Errorf("%g m, %v", float64(v), err)
	}
	if _, err := Get[units.Time](x, "width"); err == nil {
		t.Error("a width is a time")
	}
	if s := good.sources; len(s) != 3 || s[0].Key != "a" || s[2].Read != "memory" {
		t.Errorf("sources %+v", s)
	}
	if found, err := good.Find("y"); err != nil || len(found) != 1 || found[0].Table != "wires" {
		t.Errorf("found %+v, %v", found, err)
	}
	for _, c := range []struct{ old, text, want string }{
		{"# S\nkey,citation,read\nb", "key,citation,read\nb", "first line is not a title"},
		{"# Wires ", "# ", "first line is not a title"},
		{"b,Book,read", "b,,read", `source "b" has no key or citation`},
		{"b,Book,read", ",Book,read", "no key or citation"},
		{"b,Book,read", "b,Book,seen", `read is "seen"`},
		{"b,Book,read", "b,Book", "wrong number of fields"},
		{"b,Book,read", "a,Book,read", `source "a" is listed twice`},
		{"entry,quantity,value", "entry,quantity,number", "the header is not entry,quantity,value"},
		{"y,width,6", "x,width,6", `entry "x" has "width" twice`},
		{"y,width,6", ",width,6", "a row needs an entry and a quantity"},
		{"y,width,6", "y,,6", "a row needs an entry and a quantity"},
		{"6,nm", "six,nm", "six"},
		{"6,nm", "6,parsec", "parsec"},
		{"nm,assumed", "nm,likely", "likely"},
		{"assumed,m,", "assumed,z,", `"z"`},
		{"m,guess", "m,", "kind assumed needs a note"},
		{"a,from width", "a,", "kind derived needs a note"},
		{"published,b", "published,m", "a published value cannot rest on source m"},
		{"published,b", "measured,m", "a measured value cannot rest on source m"},
	} {
		r := func(s string) string { return strings.Replace(s, c.old, c.text, 1) }
		if _, err := load(r(sources), more, r(table)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s for %s: %v, want %q", c.text, c.old, err, c.want)
		}
	}
	if _, err := load(sources, more, strings.SplitAfter(table, "note\n")[0]); err == nil || !strings.Contains(err.Error(), "no rows") {
		t.Errorf("an empty table: %v", err)
	}
	// A file that cannot be read says so.
	_, err = parseTables(fstest.MapFS{"d/sources.csv": {Mode: fs.ModeDir}}, "d")
	if err == nil || strings.Contains(err.Error(), "title") {
		t.Errorf("a folder in place of a file: %v", err)
	}
	// Every faulty table is named, not the first.
	_, err = parseTables(fstest.MapFS{"d/a.csv": {Data: []byte("x")}, "d/b.csv": {Data: []byte("y")}}, "d")
	if err == nil || !strings.Contains(err.Error(), "d/a.csv") || !strings.Contains(err.Error(), "d/b.csv") {
		t.Errorf("two faults: %v", err)
	}
}

// TestElements: energies and leakage of processing elements fall with the node
// and rise with the width of the format; the ranges that the verdicts are held
// over.
func TestElements(t *testing.T) {
	tables, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	var last map[Precision]Element
	for _, node := range []string{"22nm", "14nm", "7nm", "5nm"} {
		all := map[Precision]Element{}
		for _, p := range []Precision{Int8, BF16, FP16, FP32} {
			e, err := tables.Element(node, p)
			if err != nil {
				t.Fatal(err)
			}
			if all[p] = e; last != nil && (e.MAC >= last[p].MAC || e.Leakage >= last[p].Leakage) {
				t.Errorf("%s %s: %g J, %g W, no less than before", node, p, float64(e.MAC), float64(e.Leakage))
			}
		}
		if !(all[Int8].MAC <= all[BF16].MAC && all[BF16].MAC < all[FP16].MAC && all[FP16].MAC < all[FP32].MAC) {
			t.Errorf("%s: formats out of order: %v", node, all)
		}
		last = all
	}
	e, _ := tables.Entry("elements", "14nm")
	v, err := e.Value("bf16_mac")
	if err != nil || v.SI != 0.21e-12 || v.Low != 0.15e-12 || v.High != 0.45e-12 {
		t.Errorf("14 nm: %+v, %v", v, err)
	}
	if v, err := e.Value("bf16_leakage"); err != nil || math.Abs(v.SI*16384-0.521) > 0.001 {
		t.Errorf("128 x 128 elements leak %g W, %v", v.SI*16384, err)
	}
}
