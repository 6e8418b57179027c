package store

import (
	"math"
	"strings"
	"testing"

	"stco/results"
)

func TestTableFile(t *testing.T) {
	tab := &results.Table{Name: "front", Columns: []results.Column{
		{Name: "energy", Unit: "J", Kind: results.Objective, Goal: results.Min, Meaning: "per iteration & <image>"},
		{Name: "material", Kind: results.Parameter, Choices: []string{"W", "Pt"}},
	}}
	tab.Add("", 0.1, 1)
	tab.Add("knee", math.NaN(), tab.Choice(1, "Ta"))
	m := newMemFS()
	r := openTest(t, m)
	if err := r.WriteTable(tab); err != nil {
		t.Fatal(err)
	}
	body, _, _ := strings.Cut(string(m.live[dir+"/front.json"].data), ",\n\"sha256\":\"")
	want := `{"schema":1,"run":"` + r.identity + `",
"name":"front",
"columns":[
{"name":"energy","unit":"J","kind":"objective","goal":"min","meaning":"per iteration & <image>"},
{"name":"material","kind":"parameter","choices":["W","Pt","Ta"]}
],
"labels":[
"",
"knee"
],
"rows":[
[0.1,"Pt"],
[null,"Ta"]
]`
	if body != want {
		t.Errorf("got\n%s\nwant\n%s", body, want)
	}
	back, err := r.ReadTable("front")
	if err != nil || back.Text(1, 1) != "Ta" || back.Rows[0][0] != 0.1 || !math.IsNaN(back.Rows[1][0]) || back.LabelOf(1) != "knee" {
		t.Errorf("read back: %v %v", back, err)
	}
	if tab.Text(1, 1) != "Ta" || tab.Choice(1, "W") != 0 {
		t.Error("choices")
	}
}
