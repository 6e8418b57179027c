package answer

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"stco/objectives"
	"stco/results"
)

// finds are random designs of several technologies and selectors, of few values so
// that many are equal in something.
func finds(rng *rand.Rand, from, n int, objectives string) *results.Table {
	t := results.NewList("found", "id:text", "technology:text", "selector:text", "flavour:text", "capacity [MiB]", "energy [J]", "latency [s]", "area [mm2]", "ecc:text")
	for i := range t.Columns {
		switch name := t.Columns[i].Name; name {
		case "id":
			t.Columns[i].Kind = results.Label
		case "energy", "latency", "area":
			if name != "area" || objectives == "energy latency area" {
				t.Columns[i].Kind, t.Columns[i].Goal = results.Objective, results.Min
			}
		}
	}
	value := func() float64 { return 1 + float64(rng.IntN(40))/20 }
	for i := range n {
		tech := []string{"sot", "stt", "sram"}[min(rng.IntN(4), 2)]
		selector := ""
		if tech == "sot" {
			selector = []string{"transistor", "diode"}[rng.IntN(2)]
		}
		e, l := value(), value()
		t.Append(fmt.Sprint(from+i), tech, selector, "lop", 1+rng.IntN(8), e, l, 4/(e*l)*value()*value(), []string{"none", "dec"}[rng.IntN(2)])
	}
	return t
}

// TestThin: what is concluded from parts that were thinned one after the other is
// what is concluded from all rows.
func TestThin(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8)) //nolint:gosec // rows of a test
	kept, of := 0, 0
	for round := range 60 {
		goals := "energy latency area"
		if round%2 == 1 {
			goals = "energy latency" // the ladder then needs dominated rows
		}
		var views []objectives.View
		for i, name := range []string{"energy", "latency", "area"}[:2+(round+1)%2] {
			p := objectives.NewPreference(name)
			if round%3 == 2 && i == 0 {
				p.Percent = 7
			}
			v, err := objectives.NewView(p)
			if err != nil {
				t.Fatal(err)
			}
			views = append(views, v)
		}
		var all, thinned []*results.Table
		for part := range 5 {
			one := finds(rng, 1000*part, 1+rng.IntN(120), goals)
			all = append(all, one)
			joined, err := results.Concat("found", append(thinned, one)...)
			if err != nil {
				t.Fatal(err)
			}
			if joined, err = Thin(joined, views, Plain()); err != nil {
				t.Fatal(err)
			}
			thinned = []*results.Table{joined}
		}
		full, err := results.Concat("found", all...)
		if err != nil {
			t.Fatal(err)
		}
		kept, of = kept+len(thinned[0].Rows), of+len(full.Rows)
		sram := finds(rng, 9000, 20, goals)
		for what, of := range map[string]func(found *results.Table) ([]*results.Table, error){
			"front": func(found *results.Table) ([]*results.Table, error) {
				return []*results.Table{Choose(found, 10, views), Choose(found, 1e6, views)}, nil
			},
			"technologies": func(found *results.Table) ([]*results.Table, error) {
				a, b, c, err := Technologies(found, 10, views)
				return []*results.Table{compact(a), b, c}, err
			},
			"ladder": func(found *results.Table) ([]*results.Table, error) {
				l, err := Ladder(found, sram, Plain())
				return []*results.Table{l}, err
			},
			"largest": func(found *results.Table) ([]*results.Table, error) {
				area := 7
				l := results.NewList("largest", "area", "magnetic")
				most, magnetic := 0.0, 0.0
				for r, row := range found.Rows {
					if most = max(most, row[area]); found.Text(r, 1) != "sram" {
						magnetic = max(magnetic, row[area])
					}
				}
				l.Append(most, magnetic)
				return []*results.Table{l}, nil
			},
		} {
			want, err := of(full)
			if err != nil {
				t.Fatal(err)
			}
			got, err := of(thinned[0])
			if err != nil {
				t.Fatal(err)
			}
			for k := range want {
				a, err := want[k].MarshalJSON()
				if err != nil {
					t.Fatal(err)
				}
				b, err := got[k].MarshalJSON()
				if err != nil {
					t.Fatal(err)
				}
				if string(a) != string(b) {
					t.Fatalf("round %d, %s %d:\n%s\nwant\n%s", round, what, k, b, a)
				}
			}
		}
	}
	if kept*2 > of {
		t.Errorf("%d of %d rows are left: it does not thin", kept, of)
	}
	p := objectives.NewPreference("energy")
	p.Times = 0.5
	v, err := objectives.NewView(p)
	if err != nil {
		t.Fatal(err)
	}
	some := finds(rng, 0, 50, "energy latency area")
	if same, err := Thin(some, []objectives.View{v, v, v}, Plain()); err != nil || len(same.Rows) != 50 {
		t.Errorf("with an aspiration: %v", err)
	}
}
