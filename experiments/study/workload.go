package study

import (
	"fmt"
	"path/filepath"

	"go.yaml.in/yaml/v4"

	"stco/experiments/study/networks"
	"stco/model"
	"stco/model/units"
	"stco/model/workload"
	"stco/model/workload/lower"
	"stco/model/workload/onnx/walk"
	"stco/model/workload/suite"
)

// workloads reads the list of networks and how each is run.
func (d *decoder) workloads(n *yaml.Node, key string) []model.Workload {
	var all []model.Workload
	d.items(n, key, func(item *yaml.Node, key string) {
		if w, ok := d.workload(item, key); ok {
			all = append(all, w)
		}
	})
	if n.Kind == yaml.SequenceNode && len(n.Content) == 0 {
		d.note(n, key, "the list is empty")
	}
	return all
}

func (d *decoder) workload(n *yaml.Node, key string) (model.Workload, bool) {
	w := model.Workload{Weight: 1, Options: workload.Options{Batch: 1, Precision: workload.MixedPrecision()}}
	o := &w.Options
	in := model.Import{}
	before := len(d.problems)
	small := func(into *int, hi int64) func(*yaml.Node, string) {
		return func(n *yaml.Node, key string) {
			if v, ok := d.integer(n, key, 1, hi); ok {
				*into = int(v)
			}
		}
	}
	d.mapping(n, key, []field{
		{"network", true, func(n *yaml.Node, key string) { w.Network, _ = d.network(n, key) }},
		{"kind", false, func(n *yaml.Node, key string) { in.Kind, _ = d.word(n, key, networks.Kinds()) }},
		{"bind", false, func(n *yaml.Node, key string) { in.Bind = d.sizes(n, key) }},
		{"bound", false, func(n *yaml.Node, key string) { in.Bound = d.sizes(n, key) }},
		{"set", false, func(n *yaml.Node, key string) { in.Set = d.scalars(n, key) }},
		{"unknown", false, func(n *yaml.Node, key string) { in.Unknown, _ = d.word(n, key, []string{"refuse", "pointwise"}) }},
		{"sha256", false, func(n *yaml.Node, key string) { in.SHA256, _ = d.text(n, key) }},
		{"graph", false, func(n *yaml.Node, key string) { in.Skeleton, _ = d.text(n, key) }},
		{"phase", true, word(d, &o.Phase, workload.ParsePhase)},
		{"batch", false, small(&o.Batch, 1<<16)},
		{"seq_len", false, small(&o.SeqLen, 1<<17)},
		{"context", false, small(&o.Context, 1<<20)},
		{"image_size", false, small(&o.ImageSize, 1<<13)},
		{"precision", false, word(d, &o.Precision, workload.PrecisionByName)},
		{"optimizer", false, word(d, &o.Optimizer, workload.ParseOptimizer)},
		{"micro_batches", false, small(&o.MicroBatches, 1<<16)},
		{"checkpointing", false, word(d, &o.Checkpoint, workload.ParseCheckpointing)},
		{"fusion", false, func(n *yaml.Node, key string) {
			if v, ok := d.truth(n, key); ok {
				o.NoFusion = !v
			}
		}},
		{"fused_attention", false, func(n *yaml.Node, key string) { o.FusedAttention, _ = d.truth(n, key) }},
		{"causal", false, func(n *yaml.Node, key string) { o.Causal, _ = d.truth(n, key) }},
		{"logits", false, func(n *yaml.Node, key string) {
			v, _ := d.word(n, key, []string{"all", "last"})
			o.LastLogits = v == "last"
		}},
		{"window", false, small(&o.Window, 1<<20)},
		{"cache", false, func(n *yaml.Node, key string) {
			v, _ := d.word(n, key, []string{"latent", "heads"})
			o.HeadCache = v == "heads"
		}},
		{"slice", false, func(n *yaml.Node, key string) {
			d.mapping(n, key, []field{
				{"tensor", false, small(&o.Slice.Tensor, 1<<12)}, {"pipeline", false, small(&o.Slice.Pipeline, 1<<12)}, {"sequence", false, small(&o.Slice.Sequence, 1<<12)},
			})
		}},
		{"dropout", false, func(n *yaml.Node, key string) { o.Dropout, _ = d.truth(n, key) }},
		{"weights", false, func(n *yaml.Node, key string) {
			v, _ := d.word(n, key, []string{"resident", "streamed"})
			o.StreamedWeights = v == "streamed"
		}},
		{"weight", false, func(n *yaml.Node, key string) {
			if v, ok := d.quantity(n, key, units.DimRatio, 0, 1e6); ok {
				w.Weight = v
			}
		}},
	})
	if len(d.problems) != before {
		return w, false
	}
	// The options as a whole are judged by the builder.
	switch {
	case networks.IsFile(w.Network):
		if err := d.imported(&w, &in); err != nil {
			d.noteErr(n, key, err)
			return w, false
		}
	case in.Bind != nil || in.Set != nil || in.Bound != nil || in.Kind != "" || in.Unknown != "" || in.SHA256 != "" || in.Skeleton != "":
		d.note(n, key, "kind, bind, set, bound, unknown, sha256 and graph belong to a file; %s is built in", w.Network)
		return w, false
	}
	net, err := w.Build()
	if err == nil && w.Import != nil {
		_, err = lower.Trace(net, w.Options)
	}
	if err != nil {
		d.noteErr(n, key, err)
		return w, false
	}
	return w, true
}

// network reads the name of a built-in network or of a file.
func (d *decoder) network(n *yaml.Node, key string) (string, bool) {
	if n.Kind == yaml.ScalarNode && networks.IsFile(n.Value) {
		return n.Value, true
	}
	return d.word(n, key, suite.Names(""))
}

// sizes reads sizes by name.
func (d *decoder) sizes(n *yaml.Node, key string) map[string]int64 {
	all := map[string]int64{}
	d.each(n, key, func(name, v *yaml.Node) {
		if size, ok := d.integer(v, join(key, name.Value), 1, 1<<30); ok {
			all[name.Value] = size
		}
	})
	return all
}

// scalars reads numbers by name.
func (d *decoder) scalars(n *yaml.Node, key string) map[string]float64 {
	all := map[string]float64{}
	d.each(n, key, func(name, v *yaml.Node) {
		var x float64
		if err := v.Decode(&x); err != nil {
			d.note(v, join(key, name.Value), "%q is no number", v.Value)
			return
		}
		all[name.Value] = x
	})
	return all
}

// imported reads the file that a workload names, relative to the study file, or
// the graph that a resolved study holds of it. The network keeps the
// file's base name: a study does not depend on where the file is.
func (d *decoder) imported(w *model.Workload, in *model.Import) error {
	var f *networks.File
	var err error
	if in.Skeleton != "" {
		if f, err = networks.FromSkeleton(w.Network, in.Kind, in.Skeleton); err != nil {
			return err
		}
	} else {
		path := w.Network
		if !filepath.IsAbs(path) {
			path = filepath.Join(filepath.Dir(d.file), path)
		}
		if f, err = networks.Open(path, in.Kind); err != nil {
			return err
		}
		sum, err := networks.Hash(path)
		if err != nil {
			return err
		}
		if in.SHA256 != "" && in.SHA256 != sum {
			return fmt.Errorf("%s: its SHA-256 is %s, the study asks for %s", path, sum, in.SHA256)
		}
		in.SHA256 = sum
		if in.Skeleton, err = f.Skeleton(); err != nil {
			return err
		}
	}
	in.Kind = f.Kind
	in.Graph, _, err = f.Build(w.Options, walk.Choices{Bind: in.Bind, Set: in.Set, Bound: in.Bound, Pointwise: in.Unknown == "pointwise"})
	if err != nil {
		return err
	}
	w.Network, w.Import = filepath.Base(w.Network), in
	return nil
}
