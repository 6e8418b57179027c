package schedule

import (
	"encoding/csv"
	"math"
	"os"
	"strconv"
	"testing"
	"time"

	"stco/model/accel/residency"
	"stco/model/workload"
	"stco/model/workload/lower"
	"stco/model/workload/suite"
)

// network prepares a network of the suites at a batch.
func network(tb testing.TB, name string, phase workload.Phase, batch int) *Network {
	tb.Helper()
	o, err := suite.DefaultOptions(name, phase)
	if err != nil {
		tb.Fatal(err)
	}
	o.Batch = batch
	net, err := suite.Build(name, o)
	if err != nil {
		tb.Fatal(err)
	}
	part := func(b, micro int) (*workload.Trace, error) {
		p := o
		p.Batch, p.MicroBatches = b, micro
		return lower.Trace(net, p)
	}
	whole, err := part(batch, 1)
	if err != nil {
		tb.Fatal(err)
	}
	n, err := New(&Source{Whole: whole, Part: part}, residency.Options{AccumBytes: 4})
	if err != nil {
		tb.Fatal(err)
	}
	return n
}

// least returns the least traffic over the candidates.
func least(list []*Execution) *Execution {
	best := list[0]
	for _, e := range list {
		if e.Total() < best.Total() {
			best = e
		}
	}
	return best
}

func TestNetworkCurves(t *testing.T) {
	f, err := os.Open("../../../testdata/published/schedules_networks.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	number := func(s string) float64 { v, _ := strconv.ParseFloat(s, 64); return v }
	nets := map[string]*Network{}
	sum, count := 0.0, 0.0
	for _, r := range rows[1:] {
		name, phase, batch, mib := r[0], r[1], int(number(r[2])), number(r[3])
		ph, err := workload.ParsePhase(phase)
		if err != nil {
			t.Fatal(err)
		}
		if testing.Short() && batch > 4 {
			continue
		}
		key := name + phase + r[2]
		if nets[key] == nil {
			nets[key] = network(t, name, ph, batch)
		}
		start := time.Now()
		e := least(nets[key].Candidates(int64(mib)<<20, Groups))
		took := time.Since(start)
		want := number(r[9])
		if ph == workload.Training {
			want = number(r[6])
		}
		ratio := e.Total() / want
		t.Logf("%-13s %-9s %3d %5.0f MiB  ours %8.1f theirs %8.1f MiB ratio %.3f (compulsory %.2f) samples %d groups %d  %v", name, phase, batch, mib, e.Total()/(1<<20), want/(1<<20), ratio, nets[key].whole.Compulsory()/number(r[4]), e.Samples, len(e.Groups), took.Round(time.Millisecond))
		sum += math.Log(ratio)
		count++
	}
	t.Logf("geometric mean %.3f", math.Exp(sum/count))
}
