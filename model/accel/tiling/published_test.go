package tiling

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"stco/model/workload"
)

// readCSV returns the records of a file of testdata/published by column name.
func readCSV(t *testing.T, name string) []map[string]string {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", "published", name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rd := csv.NewReader(f)
	rd.Comment = '#'
	rows, err := rd.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	out := make([]map[string]string, 0, len(rows)-1)
	for _, r := range rows[1:] {
		m := make(map[string]string, len(r))
		for i, k := range rows[0] {
			m[k] = r[i]
		}
		out = append(out, m)
	}
	return out
}

func integer(t *testing.T, m map[string]string, key string) int64 {
	t.Helper()
	v, err := strconv.ParseInt(m[key], 10, 64)
	if err != nil {
		t.Fatalf("%s: %v", key, err)
	}
	return v
}

// elements is the convention of the published tables: element counts, single
// buffered, accumulators as large as operands.
func elements() *Conventions { return &Conventions{ElemBytes: [3]float64{1, 1, 1}} }

func gemm(m, n, k int64) *workload.Nest {
	return &workload.Nest{
		N: 1, P: m, Q: 1, H: m, W: 1, C: k, K: n, R: 1, S: 1,
		StrideH: 1, StrideW: 1, DilH: 1, DilW: 1, Groups: 1, Out: workload.Ofmap,
	}
}

// TestPublishedGEMM compares with an exhaustive tiling search.
func TestPublishedGEMM(t *testing.T) {
	worst, best := 0.0, 2.0
	for _, r := range readCSV(t, "gemm_traffic.csv") {
		n := gemm(integer(t, r, "M"), integer(t, r, "N"), integer(t, r, "K"))
		s := integer(t, r, "buffer_elems")
		p, ok := At(Curve(n, elements()), s)
		if !ok {
			t.Fatalf("%s: no mapping in %d elements", r["name"], s)
		}
		want := integer(t, r, "attainable_min_traffic_elems")
		ratio := float64(p.Total()) / float64(want)
		worst, best = max(worst, ratio), min(best, ratio)
		if ratio > 1.02 {
			t.Errorf("%s S=%d: %d (%v), published %d (%s)", r["name"], s, p.Total(), p.Mapping, want, r["best_mapping"])
		}
		if lb := LowerBound(n, elements(), s); p.Total() < lb {
			t.Errorf("%s S=%d: %d is below the lower bound %d", r["name"], s, p.Total(), lb)
		}
		if got, c := LowerBound(n, elements(), 1<<60), integer(t, r, "compulsory_elems"); got != c {
			t.Errorf("%s: compulsory %d, published %d", r["name"], got, c)
		}
	}
	t.Logf("ratio to the published values: %.4f to %.4f", best, worst)
}

// layerNest returns the forward nest of a row of cv_layers.csv.
func layerNest(t *testing.T, l map[string]string, batch int64) *workload.Nest {
	t.Helper()
	n := &workload.Nest{
		N: batch, C: integer(t, l, "in_C"), H: integer(t, l, "in_H"), W: integer(t, l, "in_W"),
		K: integer(t, l, "out_K"), P: integer(t, l, "out_H"), Q: integer(t, l, "out_W"),
		R: integer(t, l, "kernel_h"), S: integer(t, l, "kernel_w"),
		StrideH: integer(t, l, "stride_h"), StrideW: integer(t, l, "stride_w"),
		PadH: integer(t, l, "pad_h"), PadW: integer(t, l, "pad_w"),
		DilH: integer(t, l, "dil_h"), DilW: integer(t, l, "dil_w"),
		Groups: integer(t, l, "groups"), Out: workload.Ofmap,
	}
	n.C /= n.Groups
	n.K /= n.Groups
	return n
}

// TestPublishedConv compares with an exhaustive search over another mapping
// family.
func TestPublishedConv(t *testing.T) {
	layers := map[[2]string]map[string]string{}
	for _, r := range readCSV(t, "cv_layers.csv") {
		layers[[2]string{r["model"], r["layer_index"]}] = r
	}
	curves := map[[2]string][]Point{}
	worst, best, lower := 0.0, 2.0, 0
	rows := readCSV(t, "conv_traffic.csv")
	for _, r := range rows {
		key := [2]string{r["model"], r["layer_index"]}
		l := layers[key]
		if l == nil || l["name"] != r["name"] {
			t.Fatalf("no layer %v %s", key, r["name"])
		}
		n := layerNest(t, l, integer(t, r, "batch"))
		if curves[key] == nil {
			curves[key] = Curve(n, elements())
		}
		s := integer(t, r, "buffer_elems")
		p, ok := At(curves[key], s)
		if !ok {
			t.Fatalf("%v %s: no mapping in %d elements", key, r["name"], s)
		}
		want := integer(t, r, "attainable_traffic_elems")
		ratio := float64(p.Total()) / float64(want)
		worst, best = max(worst, ratio), min(best, ratio)
		if ratio > 1.05 {
			t.Errorf("%v %s S=%d: %d (%v), published %d (%s)", key, r["name"], s, p.Total(), p.Mapping, want, r["mapping"])
		}
		if p.Total() < want {
			lower++
		}
		compulsory := integer(t, r, "compulsory_elems")
		if got := LowerBound(n, elements(), 1<<60); got != compulsory {
			t.Errorf("%v %s: compulsory %d, published %d", key, r["name"], got, compulsory)
		}
		if p.Total() < LowerBound(n, elements(), s) {
			t.Errorf("%v %s S=%d: %d is below the lower bound", key, r["name"], s, p.Total())
		}
	}
	t.Logf("ratio to the published values: %.4f to %.4f; lower on %d of %d rows", best, worst, lower, len(rows))
}

// TestResNet50Total checks the statement that the layers of ResNet-50 together
// move 46,228,648 elements at least at batch 1, reached with 256 Ki elements of
// buffer, and at batch 16 reach the least with 4 Mi.
func TestResNet50Total(t *testing.T) {
	for _, c := range []struct{ batch, buffer int64 }{{1, 256 << 10}, {16, 4 << 20}} {
		least, moved, layers := int64(0), int64(0), 0
		for _, l := range readCSV(t, "cv_layers.csv") {
			if l["model"] != "resnet50" {
				continue
			}
			n := layerNest(t, l, c.batch)
			p, ok := At(Curve(n, elements()), c.buffer)
			if !ok {
				t.Fatalf("%s: no mapping", l["name"])
			}
			least += LowerBound(n, elements(), 1<<60)
			moved += p.Total()
			layers++
		}
		if layers != 54 {
			t.Fatalf("%d layers", layers)
		}
		if c.batch == 1 && least != 46228648 {
			t.Errorf("compulsory %d, published 46228648", least)
		}
		if ratio := float64(moved) / float64(least); ratio > 1.005 {
			t.Errorf("batch %d: %d elements with %d of buffer, %.4f of the least", c.batch, moved, c.buffer, ratio)
		} else {
			t.Logf("batch %d: %d elements, %.4f of the least", c.batch, moved, ratio)
		}
	}
}
