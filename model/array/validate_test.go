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
