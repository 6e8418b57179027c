// Package template reads a network from a YAML file: a template with its
// parameters, or a list of layers. Spec.Build returns the network for a phase,
// sequence length and image size; the packages below hold the templates.
package template

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"stco/model/workload"
	"stco/model/workload/graph"

	"go.yaml.in/yaml/v4"
)

// Spec is a network as data: a template with its parameters, or a list of
// layers.
type Spec struct {
	Name, Family string
	Template     string
	Counted      string // what is counted, and the source

	image       int // default input size; 0: no image
	seq, maxSeq int // default and largest sequence length; 0: no sequence, no limit
	template    Template
	text        []byte
	at          place // of the template's name
}

// Template is the parameters of a kind of network, read from the keys of a file.
// Integers without a range must be 1 to 2^24.
type Template interface {
	// Traits says what the networks of the template are, and the default sizes.
	Traits() Traits
	Build(b *Builder, s Shape)
}

// Traits are what the options of a run may ask of a network.
type Traits struct {
	Family         string
	Image, Seq     int
	MaxSeq         int
	Decoder        bool // inference keeps a cache; has a decode phase
	Causal         bool // has self-attention that can leave out later keys
	Window, Latent bool
	Slices         bool
	AnyRecurrence  bool // cost per token does not depend on the context
}

// header is the keys that every file may have.
type header struct {
	Network  string `yaml:"network"`
	Template string `yaml:"template"`
	Family   string `yaml:"family"`
	Source   string `yaml:"source"`
	Image    int64  `yaml:"image_size" range:"0,8192"`
	Seq      int64  `yaml:"seq_len" range:"0,131072"`
	MaxSeq   int64  `yaml:"max_tokens" range:"0,1048576"`
}

// Parse reads a network from the text of a YAML file. Errors name file, line and
// key, all of them at once.
func (ks Kinds) Parse(file string, text []byte) (*Spec, error) {
	var doc yaml.Node
	if err := yaml.Load(text, &doc); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	root := &doc
	if doc.Kind == yaml.DocumentNode && len(doc.Content) == 1 {
		root = doc.Content[0]
	}
	d := &decoder{file: file}
	if root.Kind != yaml.MappingNode {
		return nil, fmt.Errorf("%s:%d: a network is a mapping with the keys network, template or layers", file, max(1, root.Line))
	}
	h := header{}
	name, line := "", root.Line
	for i := 0; i < len(root.Content); i += 2 {
		switch k, v := root.Content[i], root.Content[i+1]; k.Value {
		case "template":
			name, line = v.Value, v.Line
		case "layers":
			if v.Kind == yaml.SequenceNode && name == "" {
				name = layersTemplate
			}
		}
	}
	t := ks.template(name)
	if t == nil {
		return nil, fmt.Errorf("%s:%d: template %q: unknown; use one of %s", file, line, name, strings.Join(ks.names(), ", "))
	}
	d.mapping(root, "", reflect.ValueOf(&h).Elem(), reflect.ValueOf(t).Elem())
	tr := t.Traits()
	s := &Spec{Name: h.Network, Family: h.Family, Template: name, Counted: h.Source, template: t, text: text, at: place{file, line}}
	s.image, s.seq, s.maxSeq = tr.Image, tr.Seq, tr.MaxSeq
	for _, v := range []struct {
		key  string
		n    int64
		into *int
	}{{"image_size", h.Image, &s.image}, {"seq_len", h.Seq, &s.seq}, {"max_tokens", h.MaxSeq, &s.maxSeq}} {
		if v.n > 0 {
			*v.into = int(v.n)
		}
	}
	if s.Family == "" {
		s.Family = tr.Family
	}
	if !slices.Contains(Families(), s.Family) {
		d.note(root, "family %q: unknown; use %s", s.Family, strings.Join(Families(), ", "))
	}
	return s, errors.Join(d.errs...)
}

// Kinds are templates with their defaults, by name.
type Kinds map[string]func() Template

func (ks Kinds) template(name string) Template {
	if name == layersTemplate {
		return &layers{}
	}
	if build := ks[name]; build != nil {
		return build()
	}
	return nil
}

func (ks Kinds) names() []string {
	return slices.Sorted(maps.Keys(ks))
}

// decoder reads mappings into structures and gathers what is wrong.
type decoder struct {
	file string
	errs []error
}

// place is where an entry stands in a file.
type place struct {
	file string
	line int
}

func (d *decoder) note(n *yaml.Node, format string, args ...any) {
	d.errs = append(d.errs, fmt.Errorf("%s:%d: %s", d.file, max(1, n.Line), fmt.Sprintf(format, args...)))
}

// mapping reads the keys of a node into the fields of structures.
func (d *decoder) mapping(n *yaml.Node, path string, into ...reflect.Value) {
	if n.Kind != yaml.MappingNode {
		d.note(n, "%s: want a mapping", strings.TrimSuffix(path, "."))
		return
	}
	type slot struct {
		v     reflect.Value
		rule  reflect.StructTag
		given bool
	}
	slots, keys := map[string]*slot{}, []string{}
	for _, v := range into {
		if at := v.FieldByName("At"); at.IsValid() { // for what is found out when the network is built
			at.Set(reflect.ValueOf(place{d.file, max(1, n.Line)}))
		}
		for i := range v.NumField() {
			f := v.Type().Field(i)
			if key := f.Tag.Get("yaml"); key != "" {
				slots[key] = &slot{v: v.Field(i), rule: f.Tag}
				keys = append(keys, key)
			}
		}
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		s := slots[k.Value]
		switch {
		case s == nil:
			d.note(k, "%s%s: unknown key; use %s", path, k.Value, strings.Join(keys, ", "))
		case s.given:
			d.note(k, "%s%s: given twice", path, k.Value)
		default:
			s.given = true
			d.value(v, path+k.Value, s.v, s.rule)
		}
	}
	for _, key := range keys {
		if s := slots[key]; s.rule.Get("need") != "" && !s.given {
			d.note(n, "%s%s: missing", path, key)
		}
	}
}

// value reads one value.
func (d *decoder) value(n *yaml.Node, key string, into reflect.Value, rule reflect.StructTag) {
	switch into.Kind() {
	case reflect.Pointer:
		into.Set(reflect.New(into.Type().Elem()))
		d.value(n, key, into.Elem(), rule)
	case reflect.Struct:
		d.mapping(n, key+".", into)
	case reflect.Slice:
		if n.Kind != yaml.SequenceNode {
			d.note(n, "%s: want a list", key)
			return
		}
		if len(n.Content) == 0 || len(n.Content) > maxList {
			d.note(n, "%s: %d entries, must be 1 to %d", key, len(n.Content), maxList)
			return
		}
		into.Set(reflect.MakeSlice(into.Type(), len(n.Content), len(n.Content)))
		for i, c := range n.Content {
			d.value(c, fmt.Sprintf("%s[%d]", key, i), into.Index(i), rule)
		}
	case reflect.Int64:
		lo, hi := int64(1), int64(1<<24)
		if r := rule.Get("range"); r != "" {
			a, b, _ := strings.Cut(r, ",")
			lo, _ = strconv.ParseInt(a, 10, 64)
			hi, _ = strconv.ParseInt(b, 10, 64)
		}
		v, err := strconv.ParseInt(n.Value, 10, 64)
		if n.Kind != yaml.ScalarNode || err != nil || v < lo || v > hi {
			d.note(n, "%s: %q, must be a whole number of %d to %d", key, n.Value, lo, hi)
			return
		}
		into.SetInt(v)
	default:
		d.scalar(n, key, into, rule)
	}
}

func (d *decoder) scalar(n *yaml.Node, key string, into reflect.Value, rule reflect.StructTag) {
	if n.Kind != yaml.ScalarNode {
		d.note(n, "%s: want a single value", key)
		return
	}
	switch into.Kind() {
	case reflect.Float64:
		v, err := strconv.ParseFloat(n.Value, 64)
		if err != nil || !(v > 0 && v <= 1e6) {
			d.note(n, "%s: %q, must be a number above 0 to 1e6", key, n.Value)
			return
		}
		into.SetFloat(v)
	case reflect.Bool:
		v, err := strconv.ParseBool(n.Value)
		if err != nil {
			d.note(n, "%s: %q, must be true or false", key, n.Value)
			return
		}
		into.SetBool(v)
	default:
		if words := rule.Get("oneof"); words != "" && !slices.Contains(strings.Split(words, ","), n.Value) {
			d.note(n, "%s: %q, must be one of %s", key, n.Value, strings.ReplaceAll(words, ",", ", "))
			return
		}
		into.SetString(n.Value)
	}
}

// maxList bounds the entries of a list in a file.
const maxList = 1 << 12

// Text returns the YAML of the network.
func (s *Spec) Text() []byte { return s.text }

// Decodes reports whether inference keeps a cache, so that there is a decode phase.
func (s *Spec) Decodes() bool { return s.template.Traits().Decoder }

// Build returns the network for the phase, sizes and form of the options.
func (s *Spec) Build(o workload.Options) (*graph.Network, error) {
	o, err := o.Normalized()
	sh, wrong := s.shape(o)
	if err = errors.Join(err, wrong); err != nil {
		return nil, fmt.Errorf("%s: %w", s.Name, err)
	}
	b := &Builder{Builder: graph.NewBuilder(s.Name), Training: o.Phase == workload.Training, Dropout: o.Dropout}
	s.template.Build(b, sh)
	n, err := b.Network()
	switch {
	case err != nil && s.Template != layersTemplate && s.at.file != "": // a list names the lines itself
		return nil, b.At(s.at.file, s.at.line, err)
	case err != nil:
		return nil, err
	}
	n.Family, n.Counted, n.Phase, n.Dropout = s.Family, s.Counted, o.Phase, o.Dropout
	n.SeqLen, n.Context, n.ImageSize = int(sh.Seq), int(sh.Context), int(sh.Image)
	if sh.Decode {
		n.SeqLen = o.SeqLen
	}
	n.Form = graph.FormOf(o)
	return n, nil
}

// shape resolves the sizes a network is built for.
func (s *Spec) shape(o workload.Options) (Shape, error) {
	tr := s.template.Traits()
	sh := Shape{Causal: o.Causal, Last: o.LastLogits, Window: int64(o.Window), Heads: o.HeadCache}
	sh.Tensor, sh.Pipeline, sh.Parts = o.Slice.Ways()
	var errs []error
	refuse := func(bad bool, format string, args ...any) {
		if bad {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	refuse(o.ImageSize != 0 && s.image == 0, "image_size %d pixels: the network reads no image", o.ImageSize)
	refuse(o.SeqLen != 0 && s.seq == 0, "seq_len %d tokens: the network reads no sequence", o.SeqLen)
	refuse(o.Causal && !tr.Causal, "causal: the network has no attention over earlier tokens")
	refuse(o.LastLogits && !tr.Causal && !tr.AnyRecurrence, "logits last: the network predicts no next token")
	refuse(o.Window != 0 && !tr.Window, "window %d tokens: the network has no attention over earlier tokens", o.Window)
	refuse(o.HeadCache && !tr.Latent, "cache heads: the network has no latent attention")
	refuse(o.Slice.Devices() > 1 && !tr.Slices, "slice %s: the template %s has no slices", o.Slice, s.Template)
	sh.Image, sh.Seq = int64(s.image), int64(s.seq)
	if o.ImageSize != 0 {
		sh.Image = int64(o.ImageSize)
	}
	if o.SeqLen != 0 {
		sh.Seq = int64(o.SeqLen)
	}
	sh.Cache = s.Decodes() && o.Phase != workload.Training
	if o.Phase == workload.Decode {
		refuse(!s.Decodes(), "phase decode: the network generates no tokens from a KV cache")
		sh.Context, sh.Seq, sh.Decode = sh.Seq, 1, true
		if o.Context != 0 {
			sh.Context = int64(o.Context)
		}
	}
	n := sh.Seq + sh.Context
	refuse(s.maxSeq > 0 && n > int64(s.maxSeq)+boolInt(sh.Decode && o.Context == 0), "%d tokens: the position table holds 1 to %d", n, s.maxSeq)
	return sh, errors.Join(errs...)
}

func boolInt(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// DefaultOptions returns the machine-independent defaults of the network: batch
// 1 in inference and decode; 16 (cv, rec) or 8 (nlp) in training, with momentum
// for cv, SGD for rec and Adam for nlp; bf16 mixed precision; the network's
// sequence length and image size.
func (s *Spec) DefaultOptions(phase workload.Phase) workload.Options {
	o := workload.Options{Phase: phase, Batch: 1, Precision: workload.MixedPrecision()}
	o.ImageSize, o.SeqLen = s.image, s.seq
	if phase == workload.Training {
		o.Batch, o.Optimizer = 16, workload.Momentum
		switch s.Family {
		case "nlp":
			o.Batch, o.Optimizer = 8, workload.Adam
		case "rec":
			o.Optimizer = workload.SGD
		}
	}
	return o
}
