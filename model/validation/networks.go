package validation

import (
	"fmt"
	"math"
	"strings"

	"stco/model/workload"
	"stco/model/workload/graph"
	"stco/model/workload/lower"
	"stco/model/workload/suite"
)

// networks compares parameters and multiply-accumulates of networks and their
// layers, of training, and the bytes that training keeps.
func (r *Report) networks(in *Input) error {
	for _, step := range []func(*Input) error{r.visionModels, r.counts, r.languageModels, r.layers, r.trainingWork, r.keptBytes} {
		if err := step(in); err != nil {
			return err
		}
	}
	return nil
}

func build(name string, o workload.Options) (*graph.Network, error) {
	o.Batch = max(1, o.Batch)
	return suite.Build(name, o)
}

func (r *Report) visionModels(in *Input) error {
	return in.totals("cv_models.csv", "model", func(at string, row map[string]string, params, macs int64) {
		r.add(exact("network", "torchvision", at, row["model"], "parameters", float64(params), number(row["params_total"])),
			exact("network", "torchvision", at, row["model"], "MACs", float64(macs), number(row["macs_total"])))
	})
}

// totals gives the parameters and multiply-accumulates of the network that each row
// of a table names in a column.
func (in *Input) totals(file, column string, each func(at string, row map[string]string, params, macs int64)) error {
	t, err := in.read(suiteDir + file)
	if err != nil {
		return err
	}
	for i, row := range t.rows {
		n, err := build(row[column], workload.Options{})
		if err != nil {
			return err
		}
		params, macs := n.Totals()
		each(t.at(i), row, params, macs)
	}
	return nil
}

// counts compares with published counts that are rounded to some digits.
func (r *Report) counts(in *Input) error {
	return in.totals("counts.csv", "name", func(at string, row map[string]string, params, macs int64) {
		r.add(exact("network", row["source"], at, row["name"], "parameters", float64(params), number(row["params"])))
		if theirs := number(row["gmacs"]); !math.IsNaN(theirs) {
			half := 0.5000001 * math.Pow10(-int(number(row["digits"])))
			c := Check{
				Group: "network", Source: row["source"], Row: at, Case: row["name"], Quantity: "MACs", Unit: "1e9",
				Ours: float64(macs) / 1e9, Theirs: theirs, Low: theirs - half, High: theirs + half, Note: "rounded by the source",
			}
			c.judge(Unexplained)
			r.add(c)
		}
	})
}

func (r *Report) languageModels(in *Input) error {
	t, err := in.read(suiteDir + "nlp_models.csv")
	if err != nil {
		return err
	}
	for i, row := range t.rows {
		name := strings.TrimSuffix(strings.TrimSuffix(row["model"], "_s512"), "_vaswani")
		seq, _, _ := strings.Cut(row["seq_len"], "/")
		n, err := build(name, workload.Options{SeqLen: int(number(seq))})
		if err != nil {
			return err
		}
		params, macs := n.Totals()
		var products int64
		for _, l := range n.Layers(1) {
			if l.Type == "matmul" {
				products += l.MACs
			}
		}
		what := fmt.Sprintf("%s, %s tokens", name, row["seq_len"])
		r.add(exact("network", "published configuration", t.at(i), what, "parameters", float64(params), number(row["params"])),
			exact("network", "published configuration", t.at(i), what, "MACs", float64(macs), number(row["macs_fwd_batch1"])),
			exact("network", "published configuration", t.at(i), what, "MACs of attention products", float64(products), number(row["macs_attention_matmul"])))
	}
	return nil
}

func (r *Report) layers(in *Input) error {
	t, err := in.read(suiteDir + "cv_layers.csv")
	if err != nil {
		return err
	}
	all := map[string][]graph.Layer{}
	for i, row := range t.rows {
		name := row["model"]
		if all[name] == nil {
			n, err := build(name, workload.Options{})
			if err != nil {
				return err
			}
			all[name] = n.Layers(1)
		}
		at := int(number(row["layer_index"]))
		if at >= len(all[name]) {
			return fmt.Errorf("%s has %d layers, the table has layer %d", name, len(all[name]), at)
		}
		l := all[name][at]
		r.add(exact("network", "torchvision", t.at(i), name+" "+row["name"], "MACs", float64(l.MACs), number(row["macs"])),
			exact("network", "torchvision", t.at(i), name+" "+row["name"], "parameters", float64(l.Params), number(row["params"])))
	}
	return nil
}

func trace(name string, o workload.Options) (*workload.Trace, error) {
	n, err := build(name, o)
	if err != nil {
		return nil, err
	}
	return lower.Trace(n, o)
}

func (r *Report) trainingWork(in *Input) error {
	t, err := in.read(suiteDir + "training_macs.csv")
	if err != nil {
		return err
	}
	fp32, err := workload.PrecisionByName("fp32")
	if err != nil {
		return err
	}
	for i, row := range t.rows {
		tr, err := trace(row["model"], workload.Options{Phase: workload.Training, Batch: int(number(row["batch"])), Precision: fp32, Optimizer: workload.SGD})
		if err != nil {
			return err
		}
		s := workload.Summarize(tr)
		what := fmt.Sprintf("%s, batch %s", row["model"], row["batch"])
		for _, f := range []struct {
			quantity string
			ours     int64
			column   string
		}{
			{"MACs forward", s.MACsForward, "macs_fwd"}, {"MACs of dX", s.MACsDX, "macs_dX"}, {"MACs of dW", s.MACsDW, "macs_dW"}, {"MACs", s.MACs, "macs_total"},
		} {
			r.add(exact("network", "derived from the layers", t.at(i), what, f.quantity, float64(f.ours), number(row[f.column])))
		}
	}
	return nil
}

// keptMargin bounds what training keeps for backward to what PyTorch keeps.
const keptMargin = 0.10

func (r *Report) keptBytes(in *Input) error {
	t, err := in.read(suiteDir + "training_saved_activations.csv")
	if err != nil {
		return err
	}
	fp32, err := workload.PrecisionByName("fp32")
	if err != nil {
		return err
	}
	for i, row := range t.rows {
		name, o := row["model"], workload.Options{Phase: workload.Training, Batch: int(number(row["batch"])), Precision: fp32}
		if base, ok := strings.CutSuffix(name, "_s128_nodropout"); ok {
			name, o.SeqLen = base, 128
		}
		o.Dropout = name == "alexnet" // its row is of training mode; the others drop nothing
		tr, err := trace(name, o)
		if err != nil {
			return err
		}
		theirs := number(row["saved_bytes_fp32_per_sample"])
		c := Check{
			Group: "network", Source: "PyTorch 1.13", Row: t.at(i), Case: row["model"], Quantity: "bytes kept for backward per sample", Unit: "B",
			Ours: float64(workload.SavedForBackward(tr)) / float64(o.Batch), Theirs: theirs,
			Low: theirs * (1 - keptMargin), High: theirs * (1 + keptMargin), Note: "a pooling index takes 1 byte here and 8 there, a dropout mask 1 and 4",
		}
		if name == "alexnet" {
			c.judge("W1")
		} else {
			c.judge(Unexplained)
		}
		r.add(c)
	}
	return nil
}
