package tech

import (
	"testing"

	"stco/model/units"
)

func TestNodes(t *testing.T) {
	tables, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tables.Node("2nm", LowOperatingPower); err == nil {
		t.Error("unknown node accepted")
	}
	if _, err := tables.Circuits(); err != nil {
		t.Error(err)
	}
	for _, name := range tables.NodeNames() {
		var leak, drive []float64
		for _, f := range []Flavour{LowStandbyPower, LowOperatingPower, HighPerformance} {
			n, err := tables.Node(name, f)
			if err != nil {
				t.Fatal(err)
			}
			if n.Dense.Area >= n.Fast.Area {
				t.Errorf("%s: dense cell %v not below fast cell %v", name, n.Dense.Area, n.Fast.Area)
			}
			if n.Local.Resistance <= n.Middle.Resistance || n.Middle.Resistance <= n.Global.Resistance {
				t.Errorf("%s: wire resistance does not fall with the layer", name)
			}
			last := units.CurrentPerM(0)
			for k := 230.0; k <= 400; k += 10 {
				i := n.OffCurrentAt(units.Temperature(k))
				if i <= last {
					t.Errorf("%s %s: leakage does not rise at %g K", name, f, k)
				}
				last = i
			}
			// Leakage doubles every 10 to 25 K around the operating range.
			ratio := float64(n.OffCurrentAt(350) / n.OffCurrentAt(300))
			if ratio < 4 || ratio > 33 {
				t.Errorf("%s %s: leakage rises %.1f times from 300 to 350 K", name, f, ratio)
			}
			t.Logf("%s %s: Ioff(350)/Ioff(300) = %.1f, %.3g nA/um", name, f, ratio, float64(n.OffCurrentAt(350))*1e3)
			leak = append(leak, float64(n.OffCurrentAt(350)))
			drive = append(drive, float64(n.OnCurrent))
		}
		for i := 1; i < 3; i++ {
			if leak[i] <= leak[i-1] || drive[i] <= drive[i-1] {
				t.Errorf("%s: flavours not ordered: leakage %v, drive %v", name, leak, drive)
			}
		}
	}
}
