package baselines

import (
	"math"
	"testing"

	"stco/experiments/study"
)

// TestBandByHand: the band reaches from the 5 % to the 95 % quantile of the gains
// draw by draw; draws without figures do not count, infeasible ones do.
func TestBandByHand(t *testing.T) {
	var own, theirs []draw
	for i := range 21 {
		own = append(own, draw{1, 2, i%3 == 0})
		theirs = append(theirs, draw{float64(21 - i), 4, true})
	}
	own = append(own, draw{math.NaN(), 1, false}, draw{math.Inf(1), math.Inf(1), false})
	theirs = append(theirs, draw{1, 1, true}, draw{1, 1, true})
	b := bandOf(own, theirs)
	if b.Energy != [2]float64{2, 20} || b.Latency != [2]float64{2, 2} || b.EDP != [2]float64{4, 40} || math.Abs(b.Feasible-7.0/23) > 1e-15 {
		t.Errorf("%+v", b)
	}
	if none := bandOf(nil, nil); !math.IsNaN(none.EDP[0]) || none.Feasible != 0 {
		t.Errorf("%+v", none)
	}
}

// TestBands: a design has no doubt beside itself, one that the range moves has;
// the band of a wider range is wider.
func TestBands(t *testing.T) {
	e, s := laboratory(t, study.DefaultBaselines())
	bases, err := s.Baselines(&e.Report, "lop")
	if err != nil {
		t.Fatal(err)
	}
	wide := func(low, high string) [2]float64 {
		t.Helper()
		st, err := study.Parse("t", []byte("stco: 1\nname: t\nworkloads: [{network: mobilenet_v2, phase: inference}]\nobjectives: [energy]\nmodel: {logic_leakage: {range: ["+low+", "+high+"], distribution: loguniform}}\n"))
		if err != nil {
			t.Fatal(err)
		}
		again, err := study.Parse("t", st.YAML())
		if err != nil || len(again.Ranges) != 1 || again.Ranges[0] != st.Ranges[0] {
			t.Fatalf("%v: %+v", err, again)
		}
		again.Ranges = st.Ranges
		b, err := NewBands(e.Model, st)
		if err != nil {
			t.Fatal(err)
		}
		if len(b.evaluators) < Draws/2 {
			t.Errorf("%d draws", len(b.evaluators))
		}
		own, err := b.Pair(e.Model.Catalog, &e.Report.Design, &e.Report.Design)
		if err != nil || own.EDP != [2]float64{1, 1} {
			t.Errorf("beside itself %+v, %v", own, err)
		}
		x, err := b.Gains(e.Model, &e.Report.Design, &bases[0])
		if err != nil {
			t.Fatal(err)
		}
		if !(x.EDP[0] <= x.EDP[1]) {
			t.Errorf("%+v", x)
		}
		return x.EDP
	}
	near, far := wide("0.45W", "0.55W"), wide("0.05W", "20W")
	if !(far[1]-far[0] > near[1]-near[0]) {
		t.Errorf("%v and %v", near, far)
	}
}
