// Package workloads reads and writes the section of a study that lists networks
// and how each is run. The networks themselves are built by model; files that
// hold one are opened by networks.
package workloads

import (
	"fmt"
	"path/filepath"

	"go.yaml.in/yaml/v4"

	"stco/experiments/study/networks"
	"stco/experiments/study/strict"
	"stco/model"
	"stco/model/units"
	"stco/model/workload"
	"stco/model/workload/lower"
	"stco/model/workload/onnx/walk"
	"stco/model/workload/suite"
)

type reader struct{ *strict.Reader }

// Read reads the list of networks and how each is run.
func Read(r *strict.Reader, n *yaml.Node, key string) []model.Workload {
	d := reader{r}
	var all []model.Workload
	d.Items(n, key, func(item *yaml.Node, key string) {
		if w, ok := d.workload(item, key); ok {
			all = append(all, w)
		}
	})
	if n.Kind == yaml.SequenceNode && len(n.Content) == 0 {
		d.Note(n, key, "the list is empty")
	}
	return all
}

func (d reader) workload(n *yaml.Node, key string) (model.Workload, bool) {
	w := model.Workload{Weight: 1, Options: workload.Options{Batch: 1, Precision: workload.MixedPrecision()}}
	o := &w.Options
	in := model.Import{}
	before := len(d.Problems)
	small := func(into *int, hi int64) func(*yaml.Node, string) {
		return func(n *yaml.Node, key string) {
			if v, ok := d.Integer(n, key, 1, hi); ok {
				*into = int(v)
			}
		}
	}
	d.Mapping(n, key, []strict.Key{
		strict.Required("network", func(n *yaml.Node, key string) { w.Network, _ = d.network(n, key) }),
		strict.Optional("kind", func(n *yaml.Node, key string) { in.Kind, _ = d.Word(n, key, networks.Kinds()) }),
		strict.Optional("bind", func(n *yaml.Node, key string) { in.Bind = d.sizes(n, key) }),
		strict.Optional("bound", func(n *yaml.Node, key string) { in.Bound = d.sizes(n, key) }),
		strict.Optional("set", func(n *yaml.Node, key string) { in.Set = d.scalars(n, key) }),
		strict.Optional("unknown", func(n *yaml.Node, key string) { in.Unknown, _ = d.Word(n, key, []string{"refuse", "pointwise"}) }),
		strict.Optional("sha256", func(n *yaml.Node, key string) { in.SHA256, _ = d.Text(n, key) }),
		strict.Optional("graph", func(n *yaml.Node, key string) { in.Skeleton, _ = d.Text(n, key) }),
		strict.Required("phase", word(d, &o.Phase, workload.ParsePhase)),
		strict.Optional("batch", small(&o.Batch, 1<<16)),
		strict.Optional("seq_len", small(&o.SeqLen, 1<<17)),
		strict.Optional("context", small(&o.Context, 1<<20)),
		strict.Optional("image_size", small(&o.ImageSize, 1<<13)),
		strict.Optional("precision", word(d, &o.Precision, workload.PrecisionByName)),
		strict.Optional("optimizer", word(d, &o.Optimizer, workload.ParseOptimizer)),
		strict.Optional("micro_batches", small(&o.MicroBatches, 1<<16)),
		strict.Optional("checkpointing", word(d, &o.Checkpoint, workload.ParseCheckpointing)),
		strict.Optional("fusion", func(n *yaml.Node, key string) {
			if v, ok := d.Truth(n, key); ok {
				o.NoFusion = !v
			}
		}),
		strict.Optional("fused_attention", func(n *yaml.Node, key string) { o.FusedAttention, _ = d.Truth(n, key) }),
		strict.Optional("causal", func(n *yaml.Node, key string) { o.Causal, _ = d.Truth(n, key) }),
		strict.Optional("logits", func(n *yaml.Node, key string) {
			v, _ := d.Word(n, key, []string{"all", "last"})
			o.LastLogits = v == "last"
		}),
		strict.Optional("window", small(&o.Window, 1<<20)),
		strict.Optional("cache", func(n *yaml.Node, key string) {
			v, _ := d.Word(n, key, []string{"latent", "heads"})
			o.HeadCache = v == "heads"
		}),
		strict.Optional("slice", func(n *yaml.Node, key string) {
			d.Mapping(n, key, []strict.Key{
				strict.Optional("tensor", small(&o.Slice.Tensor, 1<<12)), strict.Optional("pipeline", small(&o.Slice.Pipeline, 1<<12)), strict.Optional("sequence", small(&o.Slice.Sequence, 1<<12)),
			})
		}),
		strict.Optional("dropout", func(n *yaml.Node, key string) { o.Dropout, _ = d.Truth(n, key) }),
		strict.Optional("weights", func(n *yaml.Node, key string) {
			v, _ := d.Word(n, key, []string{"resident", "streamed"})
			o.StreamedWeights = v == "streamed"
		}),
		strict.Optional("weight", func(n *yaml.Node, key string) {
			if v, ok := d.Quantity(n, key, units.DimRatio, 0, 1e6); ok {
				w.Weight = v
			}
		}),
	})
	if len(d.Problems) != before {
		return w, false
	}
	// The options as a whole are judged by the builder.
	switch {
	case networks.IsFile(w.Network):
		if err := d.imported(&w, &in); err != nil {
			d.NoteErr(n, key, err)
			return w, false
		}
	case in.Bind != nil || in.Set != nil || in.Bound != nil || in.Kind != "" || in.Unknown != "" || in.SHA256 != "" || in.Skeleton != "":
		d.Note(n, key, "kind, bind, set, bound, unknown, sha256 and graph belong to a file; %s is built in", w.Network)
		return w, false
	}
	net, err := w.Build()
	if err == nil && w.Import != nil {
		_, err = lower.Trace(net, w.Options)
	}
	if err != nil {
		d.NoteErr(n, key, err)
		return w, false
	}
	return w, true
}

// network reads the name of a built-in network or of a file.
func (d reader) network(n *yaml.Node, key string) (string, bool) {
	if n.Kind == yaml.ScalarNode && networks.IsFile(n.Value) {
		return n.Value, true
	}
	if n.Kind == yaml.ScalarNode {
		if name, ok := suite.Canonical(n.Value); ok {
			return name, true
		}
	}
	return d.Word(n, key, suite.Names(""))
}

// sizes reads sizes by name.
func (d reader) sizes(n *yaml.Node, key string) map[string]int64 {
	all := map[string]int64{}
	d.Each(n, key, func(name, v *yaml.Node) {
		if size, ok := d.Integer(v, strict.Join(key, name.Value), 1, 1<<30); ok {
			all[name.Value] = size
		}
	})
	return all
}

// scalars reads numbers by name.
func (d reader) scalars(n *yaml.Node, key string) map[string]float64 {
	all := map[string]float64{}
	d.Each(n, key, func(name, v *yaml.Node) {
		var x float64
		if err := v.Decode(&x); err != nil {
			d.Note(v, strict.Join(key, name.Value), "%q is no number", v.Value)
			return
		}
		all[name.Value] = x
	})
	return all
}

// imported reads the file that a workload names, relative to the study file, or
// the graph that a resolved study holds of it. The network keeps the
// file's base name: a study does not depend on where the file is.
func (d reader) imported(w *model.Workload, in *model.Import) error {
	var f *networks.File
	var err error
	if in.Skeleton != "" {
		if f, err = networks.FromSkeleton(w.Network, in.Kind, in.Skeleton); err != nil {
			return err
		}
	} else {
		path := w.Network
		if !filepath.IsAbs(path) {
			path = filepath.Join(filepath.Dir(d.File), path)
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

// word reads a name by its own parser.
func word[T any](d reader, into *T, parse func(string) (T, error)) func(*yaml.Node, string) {
	return func(n *yaml.Node, key string) {
		s, ok := d.Text(n, key)
		if !ok {
			return
		}
		v, err := parse(s)
		if err != nil {
			d.Note(n, key, "%s", err)
			return
		}
		*into = v
	}
}
