package validation

import (
	"fmt"
	"math"

	"stco/model/accel/systolic"
	"stco/model/accel/tiling"
	"stco/model/workload"
)

// layerNests returns the forward nests of cv_layers.csv by model and index.
func (in *Input) layerNests() (map[string]workload.Nest, error) {
	t, err := in.read(tilingDir + "cv_layers.csv")
	if err != nil {
		return nil, err
	}
	nests := map[string]workload.Nest{}
	for _, row := range t.rows {
		v := func(key string) int64 { return int64(number(row[key])) }
		n := workload.Nest{
			N: 1, C: v("in_C"), H: v("in_H"), W: v("in_W"), K: v("out_K"), P: v("out_H"), Q: v("out_W"),
			R: v("kernel_h"), S: v("kernel_w"), StrideH: v("stride_h"), StrideW: v("stride_w"),
			PadH: v("pad_h"), PadW: v("pad_w"), DilH: v("dil_h"), DilW: v("dil_w"), Groups: v("groups"), Out: workload.Ofmap,
		}
		n.C /= n.Groups
		n.K /= n.Groups
		nests[row["model"]+"/"+row["layer_index"]] = n
	}
	return nests, nil
}

// peArrays compares the mapping of a layer on the PE array with SCALE-Sim:
// its own counting rule must be reproduced, and what the model uses differs
// where docs/deviations-systolic.md says so.
func (r *Report) peArrays(in *Input) error {
	nests, err := in.layerNests()
	if err != nil {
		return err
	}
	t, err := in.read(systolicDir + "scalesim.csv")
	if err != nil {
		return err
	}
	for i, row := range t.rows {
		n, ok := nests[row["model"]+"/"+row["layer"]]
		if !ok {
			return fmt.Errorf("no layer %s of %s", row["layer"], row["model"])
		}
		d, err := systolic.ParseDataflow(row["dataflow"])
		if err != nil {
			return err
		}
		a := systolic.Array{VectorLanes: 128}
		if _, err := fmt.Sscanf(row["array"], "%dx%d", &a.Rows, &a.Cols); err != nil {
			return fmt.Errorf("array %q: %w", row["array"], err)
		}
		what := fmt.Sprintf("%s %s, %s, %s", row["model"], row["name"], row["array"], d)
		rule, own := systolic.ScaleSim(&n, a, d), systolic.Map(&n, a, d)
		for _, f := range []struct {
			quantity, column string
			rule, own        int64
		}{
			{"cycles", "cycles", rule.Cycles, own.Cycles},
			{"ifmap reads", "sram_ifmap_reads", rule.Reads[workload.Ifmap], own.Reads[workload.Ifmap]},
			{"filter reads", "sram_filter_reads", rule.Reads[workload.Filter], own.Reads[workload.Filter]},
		} {
			theirs := number(row[f.column])
			r.add(exact("pe-array", "SCALE-Sim", t.at(i), what, f.quantity+" by its rule", float64(f.rule), theirs))
			c := exact("pe-array", "SCALE-Sim", t.at(i), what, f.quantity, float64(f.own), theirs)
			if c.Deviation != "" && f.quantity == "ifmap reads" && n.PadH > 0 && f.own < f.rule {
				c.Deviation = "S1"
			}
			r.add(c)
		}
	}
	return nil
}

// The bounds on our traffic over that of an exhaustive search.
const (
	gemmMargin = 1.02
	convMargin = 1.05 // another mapping family: an attained value
)

// elements is the convention of the published tables: element counts, single
// buffered, accumulators as large as operands.
func elements() *tiling.Conventions { return &tiling.Conventions{ElemBytes: [3]float64{1, 1, 1}} }

func (r *Report) tilings(in *Input) error {
	t, err := in.read(tilingDir + "gemm_traffic.csv")
	if err != nil {
		return err
	}
	for i, row := range t.rows {
		v := func(key string) int64 { return int64(number(row[key])) }
		m, n, k := v("M"), v("N"), v("K")
		nest := workload.Nest{
			N: 1, P: m, Q: 1, H: m, W: 1, C: k, K: n, R: 1, S: 1, StrideH: 1, StrideW: 1, DilH: 1, DilW: 1, Groups: 1, Out: workload.Ofmap,
		}
		c := Check{Group: "tiling", Source: "exhaustive GEMM search", Row: t.at(i), Case: row["name"], Theirs: number(row["attainable_min_traffic_elems"])}
		if err := r.traffic(c, &nest, tiling.Curve(&nest, elements()), v("buffer_elems"), gemmMargin); err != nil {
			return err
		}
	}
	nests, err := in.layerNests()
	if err != nil {
		return err
	}
	if t, err = in.read(tilingDir + "conv_traffic.csv"); err != nil {
		return err
	}
	curves := map[string][]tiling.Point{}
	for i, row := range t.rows {
		key := row["model"] + "/" + row["layer_index"]
		nest, ok := nests[key]
		if !ok {
			return fmt.Errorf("no layer %s", key)
		}
		nest.N = int64(number(row["batch"]))
		key += "/" + row["batch"]
		if curves[key] == nil {
			curves[key] = tiling.Curve(&nest, elements())
		}
		c := Check{
			Group: "tiling", Source: "exhaustive convolution search", Row: t.at(i), Case: fmt.Sprintf("%s %s, batch %s", row["model"], row["name"], row["batch"]),
			Theirs: number(row["attainable_traffic_elems"]), Note: "an attained value of another mapping family",
		}
		if err := r.traffic(c, &nest, curves[key], int64(number(row["buffer_elems"])), convMargin); err != nil {
			return err
		}
	}
	return nil
}

// traffic adds the check of one nest and buffer: between the lower bound of any
// mapping and a margin over what the search attained.
func (r *Report) traffic(c Check, nest *workload.Nest, curve []tiling.Point, buffer int64, margin float64) error {
	p, ok := tiling.At(curve, buffer)
	if !ok {
		return fmt.Errorf("%s: no mapping in %d elements", c.Case, buffer)
	}
	c.Case += fmt.Sprintf(", %d elements", buffer)
	c.Quantity, c.Unit = "traffic", "elements"
	c.Ours = float64(p.Total())
	c.Low, c.High = math.Min(c.Theirs, float64(tiling.LowerBound(nest, elements(), buffer))), c.Theirs*margin
	c.judge(Unexplained)
	r.add(c)
	return nil
}
