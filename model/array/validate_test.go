package array

import (
	"os"
	"testing"

	"stco/model/tech"
)

func compared(t *testing.T) []Compared {
	t.Helper()
	tables, err := tech.Load()
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Open("../../testdata/published/array_peers.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	peers, err := ReadPeers(f)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := Compare(tables, peers)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestPrint(t *testing.T) {
	for _, r := range compared(t) {
		t.Logf("%-14.14s %-5s %4s %-4s %4.0f %2d %-11.11s A%6.2f tr%6.2f tw%6.2f er%6.2f ew%6.2f L%6.2f | %s eff %.2f v %.2f", r.Tool, r.Cell, r.Node, r.Flavour, r.CapacityMiB, r.Banks, r.Target,
			r.Ratio[0], r.Ratio[1], r.Ratio[2], r.Ratio[3], r.Ratio[4], r.Ratio[5], r.Ours.Organisation, r.Ours.Efficiency, r.Ours.Violations.Worst())
	}
}

func TestParts(t *testing.T) {
	for _, r := range compared(t) {
		if r.Target != "ReadEDP" && r.Tool != "CACTI7" || r.Tool == "DESTINY" {
			continue
		}
		f := &r.Ours
		t.Logf("%-8.8s %-5s %4s %-4s %4.0f ns: way %.2f dec %.2f wl %.2f bl %.2f sa %.2f = %.2f cyc %.2f/%.2f (%.2f)| pJ: h %.1f d %.1f b %.1f s %.1f = %.1f (%.1f)", r.Tool, r.Cell, r.Node, r.Flavour, r.CapacityMiB,
			(f.Read.HTree+f.Read.Interconnect)*1e9, f.Read.Decode*1e9, f.Read.Wordline*1e9, f.Read.Bitline*1e9, f.Read.Sense*1e9, f.Read.Total*1e9, f.ReadCycle*1e9, f.WriteCycle*1e9, r.Values[1]*1e9,
			f.ReadEnergy.HTree*1e12, f.ReadEnergy.Decode*1e12, f.ReadEnergy.Bitline*1e12, f.ReadEnergy.Sense*1e12, f.ReadEnergy.Total*1e12, r.Values[3]*1e12)
		a := f.Area
		t.Logf("      area%%: edge %.1f dec %.1f col %.1f amp %.1f wd %.1f tree %.1f macro %.1f; eff %.2f", a.Edges/a.Total*100, a.Decoders/a.Total*100, a.Columns/a.Total*100, a.Amplifiers/a.Total*100, a.WriteDrivers/a.Total*100, a.HTree/a.Total*100, a.Macro/a.Total*100, f.Efficiency)
	}
}
