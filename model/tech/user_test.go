package tech

import (
	"math"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

const userHeader = "# Mine\nentry,quantity,value,unit,kind,source,note\n"

// extend reads user's tables, by name of the file.
func extend(t *testing.T, files map[string]string) (*Tables, []*Fault) {
	t.Helper()
	built, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	user, err := ReadUser(fsys, "mine")
	if err != nil {
		t.Fatal(err)
	}
	return built.Extend(user, func(string, string) (Limit, bool) { return Limit{}, false })
}

// TestExtend: a user's entries stand beside the built-in ones, which stay as they
// are; a base gives what is not said; a source may be a citation or a listed key.
func TestExtend(t *testing.T) {
	built, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	before, err := built.SOTMaterial("beta-w")
	if err != nil {
		t.Fatal(err)
	}
	count := len(built.All())
	tables, faults := extend(t, map[string]string{
		"sot_materials.csv": userHeader + "our-w,base,beta-w,name,user,lab,\nour-w,rho,165,uOhm*cm,measured,lab,four points\n",
		"sources_mine.csv":  "# s\nkey,citation,read\nlab,\"Loops of wafer 7, 2026\",read\n",
		"cmos.csv":          userHeader + "fine,base,14nm,name,user,us,\nfine,gate_pitch,72,nm,measured,us,\n",
		"cmos_devices.csv":  userHeader + "fine-lop,vdd,0.75,V,measured,us,\n",
		"dram.csv":          userHeader + "wide,base,hbm2e,name,user,us,\nwide,bandwidth,900,GB/s,published,us,\n",
	})
	for _, f := range faults {
		t.Error(f)
	}
	m, err := tables.SOTMaterial("our-w")
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(float64(m.Resistivity)-165e-8) > 1e-20 || m.Efficiency != before.Efficiency || m.SpinLength != before.SpinLength {
		t.Errorf("%+v beside %+v", m, before)
	}
	if s, err := tables.Source("lab"); err != nil || s.Citation != "Loops of wafer 7, 2026" {
		t.Errorf("source %v, %v", s, err)
	}
	for f := HighPerformance; f <= LowStandbyPower; f++ {
		n, err := tables.Node("fine", f)
		if err != nil {
			t.Fatal(err)
		}
		b, err := built.Node("14nm", f)
		if err != nil {
			t.Fatal(err)
		}
		vdd := b.Vdd
		if f == LowOperatingPower {
			vdd = 0.75
		}
		if math.Abs(float64(n.GatePitch)-72e-9) > 1e-20 || n.FinPitch != b.FinPitch || n.Vdd != vdd || n.OnCurrent != b.OnCurrent {
			t.Errorf("%s: %+v", f, n)
		}
	}
	a, err := tables.Arithmetic("fine")
	if err != nil {
		t.Fatal(err)
	}
	if b, err := built.Arithmetic("14nm"); err != nil || math.Abs(float64(a.Mul[BF16]/b.Mul[BF16])-1) > 1e-15 {
		t.Errorf("arithmetic %+v beside %+v", a, b)
	}
	if d, err := tables.DRAM("wide"); err != nil || math.Abs(float64(d.Bandwidth)/900e9-1) > 1e-15 || d.Energy == 0 {
		t.Errorf("%+v, %v", d, err)
	}
	if after, err := built.SOTMaterial("beta-w"); err != nil || after != before || len(built.All()) != count {
		t.Error("the built-in tables have changed")
	}
	if _, err := built.SOTMaterial("our-w"); err == nil {
		t.Error("the built-in tables have the user's entry")
	}
}

// TestUserRows: the rows that a resolved study keeps give the same values, to the
// last bit, without the files.
func TestUserRows(t *testing.T) {
	tables, faults := extend(t, map[string]string{
		"sot_materials.csv": userHeader + "our-w,base,beta-w,name,user,us,\nour-w,rho,165.3,uOhm*cm,measured,us,\"a, \"\"note\"\"\"\n",
		"cmos.csv":          userHeader + "fine,base,14nm,name,user,us,\n",
		"machines.csv":      userHeader + "small,base,one-stack,name,user,us,\nsmall,pe_rows,64,1,user,us,\n",
	})
	for _, f := range faults {
		t.Error(f)
	}
	built, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	rows, sources := tables.UserRows(built)
	again, faults := built.Extend(append([]UserTable{{Sources: sources}}, rows...), func(string, string) (Limit, bool) { return Limit{}, false })
	for _, f := range faults {
		t.Error(f)
	}
	for _, tab := range tables.All() {
		for _, e := range tab.Entries {
			if !e.User {
				continue
			}
			other, err := again.Entry(tab.Name, e.Name)
			if err != nil || !other.User || len(other.Values) != len(e.Values) {
				t.Fatalf("%s/%s: %v", tab.Name, e.Name, err)
			}
			for i, v := range e.Values {
				if w := other.Values[i]; w.SI != v.SI || w.Quantity != v.Quantity || w.Kind != v.Kind || w.Source != v.Source || w.Note != v.Note || w.Text != v.Text {
					t.Errorf("%s/%s: %+v came back as %+v", tab.Name, e.Name, v, w)
				}
			}
		}
	}
	if w, err := again.Entry("sot_materials", "our-w"); err != nil || w.Has("sigma_sh") || w.Has("relative_write_power") || !w.Has("xi_dl") {
		t.Errorf("conductivity of the base with another resistivity: %v", err)
	}
	small, err := again.Entry("machines", "small")
	if err != nil || small.Has("peak") || !small.Has("cores") {
		t.Errorf("peak of the base on another machine: %v", err)
	}
}

// TestUserFaults: every wrong row is named with line, column, unit and allowed
// range, all at once.
func TestUserFaults(t *testing.T) {
	for _, c := range []struct {
		file, row, where, says string
	}{
		{"sot_materials", "w1,rho,165,Ohm,measured,us,", ":3:12:", "want one such as uOhm*cm"},
		{"sot_materials", "w1,rho,165,kOhm*cm,measured,us,", ":3:8:", "outside "},
		{"sot_materials", "w1,rho,165,kOhm*cm,measured,us,", ":3:8:", "kOhm*cm"},
		{"sot_materials", "w1,rho,-5,uOhm*cm,measured,us,", ":3:8:", "outside "},
		{"sot_materials", "w1,rho,x,uOhm*cm,measured,us,", ":3:8:", "not a decimal number"},
		{"sot_materials", "w1,rho,5,parsec,measured,us,", ":3:10:", "unknown symbol"},
		{"sot_materials", "w1,rhoo,5,uOhm*cm,measured,us,", ":3:4:", "did you mean rho"},
		{"sot_materials", "w1,rho,165,uOhm*cm,guessed,us,", ":3:20:", "guessed"},
		{"sot_materials", "w1,rho,165,uOhm*cm,assumed,us,", ":3:31:", "needs a note"},
		{"sot_materials", "w1,rho,165,uOhm*cm,measured,,", ":3:29:", "needs a source"},
		{"sot_materials", "beta-w,rho,165,uOhm*cm,measured,us,", ":3:1:", "built in"},
		{"sot_materials", "our w,rho,165,uOhm*cm,measured,us,", ":3:1:", "letters, digits"},
		{"sot_materials", "w1,rho,165,Ohm,measured,us,", ":3:12:", "(0.33 to 1.3e+06 uOhm*cm)"},
		{"sot_materials", "w1,rho,x,uOhm*cm,measured,us,", ":3:8:", "want 0.33 to 1.3e+06 uOhm*cm"},
		{"sot_materials", "w1,rho,5,parsec,measured,us,", ":3:10:", "want 0.33 to 1.3e+06 uOhm*cm"},
		{"sot_materials", "w1,rho,high,name,user,us,", ":3:13:", "(0.33 to 1.3e+06 uOhm*cm)"},
		{"sot_materials", "w1,rho,165,uOhm*cm,guessed,us,", ":3:20:", "assumed or user"},
		{"sot_materials", "w1,,165,uOhm*cm,measured,us,", ":3:4:", "needs a quantity"},
		{"sot_materials", "w1,unheard_of,165,uOhm*cm,measured,us,", ":3:4:", "there are base, xi_dl"},
		{"sot_materials", "w1,base,beta-w,1,user,us,", ":3:16:", "its unit is \"name\", not \"1\""},
		{"sot_materials", "w1,base,beta-x,name,user,us,", ":3:9:", "no entry"},
		{"sot_materials", "w1,rho,high,name,user,us,", ":3:13:", "number with a unit"},
		{"machines", "m1,dataflow,5,V,user,us,", ":3:13:", ""},
		{"sources_of_power", "", "", ""},
		{"accelerators", "a,b,1,1,measured,us,", ":3:1:", "can be extended"},
		{"cmos", "n1,matching,9000,mV*m,measured,us,", ":3:13:", "outside "},
		{"sot_materials", "w1,rho,165,uOhm*cm,measured,us,\nw1,rho,166,uOhm*cm,measured,us,", ":4:4:", "twice"},
		{"sot_materials", "w1,base,beta-w,name,user,us,\nw1,base,pt,name,user,us,", ":4:4:", "twice"},
	} {
		if c.where == "" || c.says == "" {
			continue
		}
		_, faults := extend(t, map[string]string{c.file + ".csv": userHeader + c.row + "\n" + "w2,nonsense,1,1,measured,us,\n"})
		texts := make([]string, len(faults))
		for i, f := range faults {
			texts[i] = f.Error()
		}
		if !slices.ContainsFunc(texts, func(s string) bool {
			return strings.HasPrefix(s, "mine/"+c.file+".csv"+c.where) && strings.Contains(s, c.says)
		}) {
			t.Errorf("%s: want %s %s, have\n%s", c.row, c.where, c.says, strings.Join(texts, "\n"))
		}
		if len(faults) != 2 && c.file != "accelerators" {
			t.Errorf("%s: the row after it is not named, or this one twice:\n%s", c.row, strings.Join(texts, "\n"))
		}
	}
	ends := "# Mine\nentry,quantity,value,unit,kind,source,note,low,high\n"
	for row, want := range map[string]string{
		"w1,rho,5,uOhm*cm,measured,us,,a,9":  "d/t.csv:3:31: entry \"w1\", quantity \"rho\": low end of the range: \"a\"",
		"w1,rho,5,uOhm*cm,measured,us,,1,b":  "d/t.csv:3:33: entry \"w1\", quantity \"rho\": high end of the range: \"b\"",
		"w1,rho,50,uOhm*cm,measured,us,,1,9": "d/t.csv:3:8: entry \"w1\", quantity \"rho\": 50 is outside its range, 1 to 9 uOhm*cm; want 0.33 to",
	} {
		user, err := ReadUser(fstest.MapFS{"sot_materials.csv": {Data: []byte(ends + row + "\n")}}, "d")
		if err != nil {
			t.Fatal(err)
		}
		built, err := Load()
		if err != nil {
			t.Fatal(err)
		}
		if _, faults := built.Extend(user, func(string, string) (Limit, bool) { return Limit{}, false }); len(faults) != 1 || !strings.HasPrefix(faults[0].Error(), strings.Replace(want, "t.csv", "sot_materials.csv", 1)) {
			t.Errorf("%s: %v, want %s", row, faults, want)
		}
	}
	for text, want := range map[string]string{
		userHeader + "a,b\nc,d\n":                   "d/t.csv:3:1: wrong number of fields: 2, the header has 7\nd/t.csv:4:1: wrong number of fields: 2, the header has 7",
		userHeader + "a,\"b\"c,1,1,user,us,\nc,d\n": "d/t.csv:3:5: extraneous or missing \" in quoted-field\nd/t.csv:4:1: wrong number of fields: 2, the header has 7",
		"entry,quantity\n":                          "d/t.csv:1:1: the first line is not a title \"# ...\"",
		"# Mine\nentry,amount\n":                    "d/t.csv:2:1: the header is not entry,quantity,value,unit,kind,source,note",
		"# Mine\n":                                  "d/t.csv:2:1: the header is not entry,quantity,value,unit,kind,source,note",
	} {
		if _, err := ReadUser(fstest.MapFS{"t.csv": {Data: []byte(text)}}, "d"); err == nil || err.Error() != want {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
	marked := fstest.MapFS{"sot_materials.csv": {Data: []byte("\ufeff" + userHeader + "w1,base,beta-w,name,user,us,\n")}}
	if user, err := ReadUser(marked, "d"); err != nil || len(user) != 1 || len(user[0].Rows) != 1 {
		t.Errorf("a mark of byte order is no title: %v", err)
	}
	if _, err := ReadUser(fstest.MapFS{"sources_x.csv": {Data: []byte("# s\nkey,citation,read\na,b,heard\n,b,read\n")}}, "d"); err == nil ||
		err.Error() != "d/sources_x.csv:3:5: source a: read is \"heard\", not read, secondary, memory or none\nd/sources_x.csv:4:1: source \"\" has no key or citation" {
		t.Errorf("two wrong sources: %v", err)
	}
	if _, err := ReadUser(fstest.MapFS{}, "d"); err == nil {
		t.Error("a folder without tables is accepted")
	}
}
