package schedule

import (
	"encoding/csv"
	"math"
	"os"
	"strconv"
	"testing"

	"stco/model/accel/residency"
	"stco/model/workload"
	"stco/model/workload/lower"
	"stco/model/workload/suite"
)

// network prepares a network of the suites at a batch.
func network(tb testing.TB, name string, batch int) *Network {
	tb.Helper()
	return networkOf(tb, name, workload.Inference, batch)
}

func networkOf(tb testing.TB, name string, phase workload.Phase, batch int) *Network {
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
	part := lower.Parts(net, o)
	whole, err := part(batch, 1)
	if err != nil {
		tb.Fatal(err)
	}
	n, err := New(&Traces{Whole: whole, Part: part}, residency.Conventions{AccumBytes: 4})
	if err != nil {
		tb.Fatal(err)
	}
	return n
}

// candidates returns the executions of all parts of the batch.
func candidates(n *Network, capacity int64) (list []*Execution) {
	for lv := range n.Levels() {
		list = append(list, n.Candidates(lv, capacity, Groups, 0)...)
	}
	return list
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

// published compares networks with attained values of an independent program
// (testdata/published/schedules_networks.csv, one of its columns) and returns the
// geometric mean of ours over theirs. It streams whole operands; ours pays for
// tiles and has pooling and softmax as steps.
func published(t *testing.T, phase workload.Phase, column int, most float64, compared func(name string, batch int, mib float64) bool) float64 {
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
		name, batch, mib := r[0], int(number(r[2])), number(r[3])
		if r[1] != phase.String() || !compared(name, batch, mib) {
			continue
		}
		key := name + r[2]
		if nets[key] == nil {
			nets[key] = networkOf(t, name, phase, batch)
		}
		e := least(candidates(nets[key], int64(mib)<<20))
		ratio := e.Total() / number(r[column])
		t.Logf("%s batch %d, %g MiB: %.1f MiB, %.3f of theirs; %d samples, %d groups", name, batch, mib, e.Total()/(1<<20), ratio, e.Samples, len(e.Groups))
		if ratio > most {
			t.Errorf("%s batch %d, %g MiB: %.3f of the attained value", name, batch, mib, ratio)
		}
		sum += math.Log(ratio)
		count++
	}
	mean := math.Exp(sum / count)
	t.Logf("geometric mean of %g rows: %.3f", count, mean)
	return mean
}

// Columns: traffic of the best part of the batch for the whole network, and of
// groups of layers.
const (
	networkColumn = 6
	groupsColumn  = 9
)

// TestNetworkCurves leaves out less than 4 MiB, where tiles count, and BERT, whose
// scores cross twice; the long tests have all rows.
func TestNetworkCurves(t *testing.T) {
	mean := published(t, workload.Inference, groupsColumn, 1.25, func(name string, batch int, mib float64) bool {
		return name != "bert_base" && (batch == 1 || batch == 16) && (mib == 4 || mib == 16 || mib == 64)
	})
	if mean > 1.10 {
		t.Errorf("geometric mean %.3f of the attained values", mean)
	}
}

// TestTrainingCurves compares BERT-base in training with the best micro-batch of the
// independent program. There only operands of multiplications are kept; here also
// what softmax, normalisation and activation need, and the table of embeddings and the
// head are part of the network, which counts from 512 MiB on (up to 1.97, long tests).
func TestTrainingCurves(t *testing.T) {
	if mean := published(t, workload.Training, networkColumn, 1.4, func(_ string, batch int, mib float64) bool {
		return batch == 4 && (mib == 16 || mib == 64 || mib == 256)
	}); mean < 1.1 || mean > 1.35 {
		t.Errorf("geometric mean %.3f of the attained values", mean)
	}
}

// TestBatchNeverLoses checks that a batch moves at most what its parts move in
// runs of their own: BERT-base in a buffer that holds its weights, and a network
// of convolutions in one that does not.
func TestBatchNeverLoses(t *testing.T) {
	for _, c := range []struct {
		name string
		mib  int64
	}{{"bert_base", 192}, {"squeezenet1_0", 1}, {"mobilenet_v2", 4}} {
		whole := least(candidates(network(t, c.name, 8), c.mib<<20)).Total()
		for _, d := range []int{1, 2, 4} {
			part := least(candidates(network(t, c.name, d), c.mib<<20)).Total()
			t.Logf("%s at %d MiB: batch 8 %.2f MiB, %d runs of batch %d %.2f MiB", c.name, c.mib, whole/(1<<20), 8/d, d, part*float64(8/d)/(1<<20))
			if whole > part*float64(8/d)*(1+1e-9) {
				t.Errorf("%s at %d MiB: batch 8 moves %.0f B, %d runs of batch %d %.0f B", c.name, c.mib, whole, 8/d, d, part*float64(8/d))
			}
		}
	}
}

// TestLeastTraffic: what a part of the batch must move is never more than what the
// schedules found for it move, so that none that can be best is left out. Networks
// whose steps touch parts of tensors: look-ups in tables, experts, caches.
func TestLeastTraffic(t *testing.T) {
	for _, c := range []struct {
		name  string
		phase workload.Phase
		batch int
	}{
		{"bert_tiny", workload.Training, 8},
		{"squeezenet1_1", workload.Training, 4},
		{"dlrm", workload.Training, 4},
		{"bert_tiny", workload.Inference, 8},
		{"mobilenet_v2", workload.Inference, 4},
		{"dlrm", workload.Inference, 4},
		{"gpt2_small", workload.Decode, 4},
	} {
		n := networkOf(t, c.name, c.phase, c.batch)
		closest := 0.0
		for lv := range n.Levels() {
			for _, mib := range []float64{0.5, 2, 8, 32} {
				least := n.LeastTraffic(lv, mib*(1<<20))
				for _, e := range n.Candidates(lv, int64(mib*(1<<20)), Groups, 0) {
					closest = max(closest, least/e.Total())
					if e.Total() < least*(1-1e-12) {
						t.Errorf("%s %s, batch %d in parts of %d, %g MiB: %.0f B moved, at least %.0f", c.name, c.phase, c.batch, e.Samples, mib, e.Total(), least)
					}
				}
			}
		}
		t.Logf("%s %s: at most %.2f of what is moved", c.name, c.phase, closest)
		if closest < 0.3 {
			t.Errorf("%s %s: bounds are at most %.3f of what is moved", c.name, c.phase, closest)
		}
	}
}
