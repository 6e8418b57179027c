package schedule

import (
	"encoding/json"
	"os"
	"testing"

	"stco/model/accel/residency"
	"stco/model/workload"
)

// instance is a small graph with its exact optima (testdata/published/schedules_small.json).
type instance struct {
	ID       string `json:"id"`
	Batch    int    `json:"batch"`
	Capacity int64  `json:"capacity"`
	Tensors  map[string]struct {
		Kind string `json:"kind"`
		Size int64  `json:"size"`
	} `json:"tensors"`
	Steps []struct {
		Name   string   `json:"name"`
		Reads  []string `json:"reads"`
		Writes []string `json:"writes"`
	} `json:"steps"`
	Stream struct {
		Layer, Network, Groups, Optimum *float64
	} `json:"stream"`
	Compulsory float64 `json:"compulsory"`
}

const unit = 1 << 20 // bytes

func (x *instance) trace(batch int) *workload.Trace {
	t := &workload.Trace{Network: x.ID, Batch: batch}
	ids := map[string]workload.TensorID{}
	id := func(name string) workload.TensorID {
		if k, ok := ids[name]; ok {
			return k
		}
		d := x.Tensors[name]
		bytes := d.Size * unit
		if d.Kind != "weight" {
			bytes *= int64(batch)
		}
		t.Tensors = append(t.Tensors, workload.Tensor{
			Name: name, Elems: bytes, Bytes: bytes,
			Persistent: d.Kind == "weight", External: d.Kind == "input", Output: d.Kind == "output",
		})
		ids[name] = workload.TensorID(len(t.Tensors) - 1)
		return ids[name]
	}
	for _, s := range x.Steps {
		step := workload.Step{Name: s.Name, VectorOps: 1, Op: workload.OpElementwise}
		for _, name := range s.Reads {
			k := id(name)
			step.Reads = append(step.Reads, workload.Operand{Tensor: k, Bytes: t.Tensors[k].Bytes})
		}
		for _, name := range s.Writes {
			k := id(name)
			step.Writes = append(step.Writes, workload.Operand{Tensor: k, Bytes: t.Tensors[k].Bytes})
		}
		t.Steps = append(t.Steps, step)
	}
	return t
}

func instances(tb testing.TB) []instance {
	tb.Helper()
	b, err := os.ReadFile("../../../testdata/published/schedules_small.json")
	if err != nil {
		tb.Fatal(err)
	}
	var all struct{ Instances []instance }
	if err := json.Unmarshal(b, &all); err != nil {
		tb.Fatal(err)
	}
	return all.Instances
}

// TestSmallOptima compares the traffic of small graphs with their exact optima.
// A result may lie below one: a vector step's results take the place of the dead
// operands, which the exact model forbids.
func TestSmallOptima(t *testing.T) {
	sum, worst, count, where := 0.0, 0.0, 0.0, ""
	layerSum := 0.0
	for _, x := range instances(t) {
		n, err := New(&Traces{Whole: x.trace(x.Batch), Part: func(batch, _ int) (*workload.Trace, error) { return x.trace(batch), nil }}, residency.Conventions{AccumBytes: 4, Apart: true})
		if err != nil {
			t.Fatal(err)
		}
		least := inf
		desc := []Stack{}
		for _, e := range candidates(n, x.Capacity*unit) {
			if e.Total() < least {
				least, desc = e.Total(), e.Groups
			}
		}
		layer := n.Candidates(n.Levels()-1, x.Capacity*unit, Layers, 0)[0].Total()
		if least < x.Compulsory*unit {
			t.Errorf("%s: %g units, compulsory %g", x.ID, least/unit, x.Compulsory)
		}
		ratio := least / unit / *x.Stream.Optimum
		t.Logf("%s batch %d: %.2f of %g (%.3f) %v; layer %.2f of %g", x.ID, x.Batch, least/unit, *x.Stream.Optimum, ratio, desc, layer/unit, *x.Stream.Layer)
		sum += ratio
		count++
		layerSum += layer / unit / *x.Stream.Layer
		if ratio > worst {
			worst, where = ratio, x.ID
		}
	}
	t.Logf("mean %.4f, worst %.4f (%s); layer mean %.4f", sum/count, worst, where, layerSum/count)
	if sum/count > 1.05 || worst > 1.25 {
		t.Errorf("%.4f of the optimum in the mean, %.4f at worst (%s)", sum/count, worst, where)
	}
}
