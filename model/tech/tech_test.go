package tech

import (
	"strings"
	"testing"
	"testing/fstest"
)

const testSources = "# s\nkey,citation,read\na,A paper,read\nm,A memory,memory\no,Own,none\n"

func parse(rows string) (*Tables, error) {
	return parseTables(fstest.MapFS{
		"data/sources.csv": {Data: []byte(testSources)},
		"data/t.csv":       {Data: []byte("# T\nentry,quantity,value,unit,kind,source,note\n" + rows)},
	}, "data")
}

func TestRowsRefused(t *testing.T) {
	if _, err := parse("x,rho,200,uOhm*cm,measured,a,\n"); err != nil {
		t.Fatalf("a good row: %v", err)
	}
	for _, c := range []struct{ row, says string }{
		{"x,rho,200,uOhm*cm,measured,,\n", `no source ""`},
		{"x,rho,200,uOhm*cm,measured,b,\n", `no source "b"`},
		{"x,rho,200,uOhm*cm,,a,\n", `kind ""`},
		{"x,rho,200,uOhm*cm,guessed,a,\n", `kind "guessed"`},
		{"x,rho,200,uohm*cm,measured,a,\n", "unknown symbol"},
		{"x,rho,200,,measured,a,\n", "empty unit"},
		{"x,rho,0x10,1,measured,a,\n", "not a decimal number"},
		{"x,rho,NaN,1,measured,a,\n", "not a decimal number"},
		{"x,rho,,1,measured,a,\n", "not a decimal number"},
		{"x,rho,1e999,1,measured,a,\n", "out of range"},
		{",rho,1,1,measured,a,\n", "needs an entry"},
		{"x,,1,1,measured,a,\n", "needs an entry"},
		{"x,rho,1,1,assumed,o,\n", "needs a note"},
		{"x,rho,1,1,derived,a,\n", "needs a note"},
		{"x,rho,1,1,published,m,\n", "cannot rest on"},
		{"x,rho,1,1,measured,o,\n", "cannot rest on"},
		{"x,rho,1,1,measured,a,\nx,rho,2,1,measured,a,\n", "twice"},
		{"x,rho,1,1,measured,a\n", "wrong number of fields"},
		{"", "no rows"},
	} {
		_, err := parse(c.row)
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%q: error %v does not say %q", c.row, err, c.says)
		}
	}
}

func TestFilesRefused(t *testing.T) {
	table := "# T\nentry,quantity,value,unit,kind,source,note\nx,q,1,1,measured,a,\n"
	for _, c := range []struct{ sources, table, says string }{
		{testSources, strings.TrimPrefix(table, "# T\n"), "not a title"},
		{testSources, strings.Replace(table, "kind", "sort", 1), "header"},
		{strings.Replace(testSources, "A paper,read", "A paper,heard", 1), table, `"heard"`},
		{strings.Replace(testSources, "A paper", "", 1), table, "no key or citation"},
		{testSources + "a,Again,read\n", table, "twice"},
	} {
		_, err := parseTables(fstest.MapFS{"data/sources.csv": {Data: []byte(c.sources)}, "data/t.csv": {Data: []byte(c.table)}}, "data")
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("error %v does not say %q", err, c.says)
		}
	}
}

func TestUnknownNames(t *testing.T) {
	tables, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tables.Table("nothing"); err == nil || !strings.Contains(err.Error(), "sot") {
		t.Errorf("unknown table: %v", err)
	}
	if _, err := tables.Entry("sot", "unobtainium"); err == nil || !strings.Contains(err.Error(), "pt0.6-mgo0.4") {
		t.Errorf("unknown entry: %v", err)
	}
	if _, err := tables.Find("unobtainium"); err == nil {
		t.Error("unknown name found")
	}
	if e, err := tables.Find("sot/pt0.6-mgo0.4"); err != nil || len(e) != 1 {
		t.Errorf("qualified name: %v, %v", e, err)
	}
}
