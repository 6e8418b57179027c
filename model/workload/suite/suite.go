package suite

import (
	"stco/model/workload"
	"stco/model/workload/graph"
)

import (
	"fmt"
	"slices"
	"strings"

	"github.com/xrash/smetrics"
)

// shape is the size a network is built for.
type shape struct {
	image         int64
	seq           int64 // tokens that pass through the network
	context       int64 // tokens in the KV cache before them
	cache, decode bool  // keys and values go through a KV cache
}

// builder declares the networks of the suites: blocks and heads that several
// share are methods.
type builder struct {
	*graph.Builder
	training bool // parts that run in training only
	dropout  bool
}

// Drop adds a dropout layer when the network is built with dropout.
func (b *builder) Drop(name string, x graph.Value) graph.Value {
	if !b.dropout {
		return x
	}
	return b.Pointwise(name, graph.Dropout, x)
}

// spec declares one network of the suites.
type spec struct {
	name, family string
	counted      string // what is counted, and the source
	image        int    // default input size; 0: no image
	seq, maxSeq  int    // default and largest sequence length; 0: no sequence, no limit
	decoder      bool   // inference keeps a KV cache; has a decode phase
	build        func(b *builder, s shape)
}

// Families lists the families of the suites.
func Families() []string { return []string{"cv", "nlp", "rec"} }

func specs() []spec { return slices.Concat(cvSpecs(), nlpSpecs(), recSpecs()) }

// Names returns the names of a family's networks, of all families for "".
func Names(family string) []string {
	var names []string
	for _, s := range specs() {
		if family == "" || s.family == family {
			names = append(names, s.name)
		}
	}
	return names
}

// lookup returns the declaration called name. An unknown name is an error that
// lists the nearest names.
func lookup(name string) (spec, error) {
	all := specs()
	if i := slices.IndexFunc(all, func(s spec) bool { return s.name == name }); i >= 0 {
		return all[i], nil
	}
	type near struct {
		d int
		s string
	}
	var nearest []near
	for _, s := range all {
		d := smetrics.WagnerFischer(strings.ToLower(name), s.name, 1, 1, 1)
		if d <= 1+len(s.name)/3 || strings.Contains(s.name, strings.ToLower(name)) {
			nearest = append(nearest, near{d, s.name})
		}
	}
	slices.SortFunc(nearest, func(a, b near) int { return a.d*1000 - b.d*1000 + strings.Compare(a.s, b.s) })
	names := Names("")
	if len(nearest) > 0 && name != "" {
		names = nil
		for _, c := range nearest[:min(4, len(nearest))] {
			names = append(names, c.s)
		}
		return spec{}, fmt.Errorf("network %q: unknown; near names: %s", name, strings.Join(names, ", "))
	}
	return spec{}, fmt.Errorf("network %q: unknown; one of %s", name, strings.Join(names, ", "))
}

// Build returns the network called name for the phase, sequence length, context,
// image size and dropout of the options.
func Build(name string, o workload.Options) (*graph.Network, error) {
	s, err := lookup(name)
	if err != nil {
		return nil, err
	}
	if o, err = o.Normalized(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	sh, err := s.shape(o)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	b := &builder{Builder: graph.NewBuilder(name), training: o.Phase == workload.Training, dropout: o.Dropout}
	s.build(b, sh)
	n, err := b.Network()
	if err != nil {
		return nil, err
	}
	n.Family, n.Counted, n.Phase, n.Dropout = s.family, s.counted, o.Phase, o.Dropout
	n.SeqLen, n.Context, n.ImageSize = int(sh.seq), int(sh.context), int(sh.image)
	if sh.decode {
		n.SeqLen = o.SeqLen
	}
	return n, nil
}

// shape resolves the sizes a network is built for.
func (s *spec) shape(o workload.Options) (shape, error) {
	sh := shape{}
	if o.ImageSize != 0 && s.image == 0 {
		return sh, fmt.Errorf("image_size %d pixels: the network reads no image", o.ImageSize)
	}
	if o.SeqLen != 0 && s.seq == 0 {
		return sh, fmt.Errorf("seq_len %d tokens: the network reads no sequence", o.SeqLen)
	}
	sh.image, sh.seq = int64(s.image), int64(s.seq)
	if o.ImageSize != 0 {
		sh.image = int64(o.ImageSize)
	}
	if o.SeqLen != 0 {
		sh.seq = int64(o.SeqLen)
	}
	sh.cache = s.decoder && o.Phase != workload.Training
	if o.Phase == workload.Decode {
		if !s.decoder {
			return sh, fmt.Errorf("phase decode: the network generates no tokens from a KV cache")
		}
		sh.context, sh.seq, sh.decode = sh.seq, 1, true
		if o.Context != 0 {
			sh.context = int64(o.Context)
		}
	}
	if n := sh.seq + sh.context; s.maxSeq > 0 && n > int64(s.maxSeq)+boolInt(sh.decode && o.Context == 0) {
		return sh, fmt.Errorf("%d tokens: the position table holds 1 to %d", n, s.maxSeq)
	}
	return sh, nil
}

func boolInt(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// DefaultOptions returns the machine-independent defaults of a network: batch 1
// in inference and decode; 16 (cv, rec) or 8 (nlp) in training, with momentum
// for cv, SGD for rec and Adam for nlp; bf16 mixed precision; the network's
// sequence length (512 tokens, GPT-2 1024) and image size.
func DefaultOptions(name string, phase workload.Phase) (workload.Options, error) {
	s, err := lookup(name)
	if err != nil {
		return workload.Options{}, err
	}
	o := workload.Options{Phase: phase, Batch: 1, Precision: workload.MixedPrecision()}
	o.ImageSize, o.SeqLen = s.image, s.seq
	if phase == workload.Training {
		o.Batch, o.Optimizer = 16, workload.Momentum
		switch s.family {
		case "nlp":
			o.Batch, o.Optimizer = 8, workload.Adam
		case "rec":
			o.Optimizer = workload.SGD
		}
	}
	return o, nil
}

// Batches returns the batches at which a family is studied in a phase.
func Batches(family string, phase workload.Phase) []int {
	switch {
	case phase == workload.Training && family == "nlp":
		return []int{8}
	case phase == workload.Training:
		return []int{16}
	case family == "nlp":
		return []int{1, 8}
	default:
		return []int{1, 16}
	}
}
