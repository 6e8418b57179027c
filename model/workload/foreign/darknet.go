package foreign

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"stco/model/workload/graph"
)

// section is one [name] of a Darknet configuration with its keys.
type section struct {
	line  int
	kind  string
	keys  map[string]string
	lines map[string]int
}

// isDarknet reports whether a text is a Darknet configuration: its first section
// is the network.
func isDarknet(text []byte) bool {
	for line := range bytes.Lines(text) {
		switch line = bytes.TrimSpace(line); {
		case len(line) == 0 || line[0] == '#' || line[0] == ';':
		default:
			return bytes.Equal(line, []byte("[net]")) || bytes.Equal(line, []byte("[network]"))
		}
	}
	return false
}

// sections splits a configuration.
func (r *reader) sections(text []byte) []section {
	var all []section
	at := 0
	for line := range bytes.Lines(text) {
		at++
		s := strings.ReplaceAll(strings.TrimSpace(string(line)), " ", "")
		switch {
		case s == "" || s[0] == '#' || s[0] == ';':
		case s[0] == '[':
			name, rest, ok := strings.Cut(s[1:], "]")
			if !ok || (rest != "" && rest[0] != '#') {
				r.fail(at, "%q is no section", s)
			}
			if len(all) >= maxSections {
				r.fail(at, "more than %d sections", maxSections)
				return all
			}
			all = append(all, section{at, name, map[string]string{}, map[string]int{}})
		case len(all) == 0:
			r.fail(at, "%q stands before the first section", s)
		default:
			key, value, ok := strings.Cut(s, "=")
			if !ok {
				r.fail(at, "%q: want key=value", s)
				continue
			}
			all[len(all)-1].keys[key], all[len(all)-1].lines[key] = value, at
		}
	}
	return all
}

const (
	maxSections = 1 << 14
	maxTaps     = 1 << 12 // of a window of a Darknet layer
)

// number reads a key of whole numbers lo to hi.
func (r *reader) number(s *section, key string, def, lo, hi int64) int64 {
	text, ok := s.keys[key]
	if !ok {
		return def
	}
	v, err := strconv.ParseInt(text, 10, 64)
	if err != nil || v < lo || v > hi {
		r.fail(s.lines[key], "[%s] %s: %q, must be a whole number of %d to %d", s.kind, key, text, lo, hi)
		return max(lo, min(def, hi))
	}
	return v
}

// darknetNet is the network while its layers are read.
type darknetNet struct {
	r    *reader
	b    *graph.Builder
	outs []graph.Value // of every layer
	ends []bool        // layers that are predictions
}

// darknet reads a Darknet configuration.
func (r *reader) darknet(text []byte) {
	all := r.sections(text)
	if len(all) < 2 || (all[0].kind != "net" && all[0].kind != "network") {
		r.fail(1, "want a section [net] and layers behind it")
		return
	}
	d := &darknetNet{r: r, b: r.b}
	x, ok := d.input(&all[0])
	if !ok {
		return
	}
	for i := range all[1:] {
		s := &all[i+1]
		if errs := len(r.errs); r.b.Err() == nil {
			x = d.layer(s, fmt.Sprintf("%d.%s", i, s.kind), x)
			if err := r.b.Err(); err != nil && len(r.errs) == errs {
				r.fail(s.line, "[%s]: %v", s.kind, err)
			}
		} else {
			d.check(s)
		}
		d.outs = append(d.outs, x)
		d.ends = append(d.ends, s.kind == "yolo" || s.kind == "region" || s.kind == "detection")
	}
	for i, v := range d.outs {
		if len(r.errs) == 0 && (d.ends[i] || i == len(d.outs)-1) {
			r.b.Output(v)
		}
	}
}

// input declares the input of the network.
func (d *darknetNet) input(s *section) (graph.Value, bool) {
	errs := len(d.r.errs)
	h, w, c := d.r.number(s, "height", 0, 1, 1<<16), d.r.number(s, "width", 0, 1, 1<<16), d.r.number(s, "channels", 0, 1, 1<<16)
	steps := d.r.number(s, "time_steps", 1, 1, 1<<12)
	n := d.r.number(s, "inputs", h*w*c, 1, maxSize)
	if len(d.r.errs) > errs {
		return graph.Value{}, false
	}
	switch {
	case h*w*c > 0:
		return d.b.Input("input", c, h, w), true
	case n > 0:
		return d.b.Input("input", n, steps, 1), true
	}
	d.r.fail(s.line, "[%s]: want height, width and channels, or inputs", s.kind)
	return graph.Value{}, false
}

// check reads the numbers of a section behind an error, so that all are told.
func (d *darknetNet) check(s *section) {
	for _, key := range []string{"filters", "size", "stride", "groups", "output", "hidden"} {
		d.r.number(s, key, 1, 1, 1<<24)
	}
	if !darknetKinds[s.kind] {
		d.unknown(s)
	}
}

var darknetKinds = map[string]bool{
	"convolutional": true, "conv": true, "deconvolutional": true, "deconv": true, "local": true, "connected": true, "conn": true, "rnn": true, "gru": true, "lstm": true,
	"maxpool": true, "max": true, "avgpool": true, "avg": true, "route": true, "shortcut": true, "upsample": true, "reorg": true, "crop": true, "softmax": true, "soft": true,
	"yolo": true, "region": true, "detection": true, "cost": true, "dropout": true, "batchnorm": true, "normalization": true, "lrn": true, "activation": true, "logistic": true, "l2norm": true,
}

func (d *darknetNet) unknown(s *section) {
	d.r.fail(s.line, "[%s]: the layer is not supported", s.kind)
}

// layer adds a layer.
func (d *darknetNet) layer(s *section, name string, x graph.Value) graph.Value {
	b, r := d.b, d.r
	switch s.kind {
	case "convolutional", "conv", "deconvolutional", "deconv":
		return d.conv(s, name, x)
	case "local":
		return d.local(s, name, x)
	case "connected", "conn":
		f := r.number(s, "output", 1, 1, 1<<24)
		return d.act(s, name, d.normed(s, name, d.dense(s, name, b.Flatten(x), f)))
	case "rnn", "gru", "lstm":
		return d.recurrent(s, name, x)
	case "maxpool", "max":
		stride := r.number(s, "stride", 1, 1, maxTaps)
		size := r.number(s, "size", stride, 1, maxTaps)
		pad := r.number(s, "padding", size-1, 0, maxTaps)
		k := graph.Square(size, stride, pad/2)
		k.EndH, k.EndW = pad-2*(pad/2), pad-2*(pad/2)
		return b.Pool(name, x, graph.MaxPool, k)
	case "avgpool", "avg":
		return b.GlobalPool(name, x, 1, 1)
	case "route":
		return d.route(s, x)
	case "shortcut":
		from, ok := d.earlier(s, "from", s.keys["from"])
		if !ok {
			return x
		}
		if from.Elems() != x.Elems() { // the common part is added
			from = b.Copy(name+".fit", from, x.Elems())
		}
		return d.act(s, name, b.Add(name, x, b.Reshape(from, x.C, x.H, x.W)))
	case "upsample":
		k := r.number(s, "stride", 2, 1, 64)
		y := b.Copy(name, x, x.Elems()*k*k)
		return b.Reshape(y, x.C, x.H*k, x.W*k)
	case "reorg":
		k := r.number(s, "stride", 1, 1, 64)
		if s.keys["extra"] != "" || x.H%k != 0 || x.W%k != 0 || s.keys["reverse"] == "1" {
			return x // a permutation
		}
		return b.Reshape(x, x.C*k*k, x.H/k, x.W/k)
	case "crop":
		h, w := r.number(s, "crop_height", x.H, 1, x.H), r.number(s, "crop_width", x.W, 1, x.W)
		return b.Reshape(b.Copy(name, x, x.C*h*w), x.C, h, w)
	}
	return d.pointwise(s, name, x)
}

// pointwise adds a layer that keeps the shape.
func (d *darknetNet) pointwise(s *section, name string, x graph.Value) graph.Value {
	b := d.b
	switch s.kind {
	case "softmax", "soft":
		return b.Softmax(name, x)
	case "yolo", "region", "detection", "logistic":
		return b.Act(name, x, graph.Sigmoid)
	case "batchnorm":
		return b.Norm(name, x, graph.BatchNorm)
	case "normalization", "lrn", "l2norm":
		return b.NormWith(name, x, graph.RMSNorm, x.H*x.W)
	case "activation":
		return d.act(s, name, x)
	case "cost", "dropout": // training only
		return x
	}
	d.unknown(s)
	return x
}

func (d *darknetNet) conv(s *section, name string, x graph.Value) graph.Value {
	r := d.r
	f, size, stride := r.number(s, "filters", 1, 1, 1<<24), r.number(s, "size", 1, 1, maxTaps), r.number(s, "stride", 1, 1, maxTaps)
	groups, pad := r.number(s, "groups", 1, 1, 1<<24), r.number(s, "padding", 0, 0, maxTaps)
	if r.number(s, "pad", 0, 0, 1) == 1 {
		pad = size / 2
	}
	norm := s.keys["batch_normalize"] == "1"
	k := graph.Square(size, stride, pad)
	if strings.HasPrefix(s.kind, "deconv") {
		return d.act(s, name, d.normed(s, name, d.b.ConvTranspose(name, x, f, k, 1, !norm)))
	}
	return d.act(s, name, d.normed(s, name, d.b.Conv(name, x, f, k, groups, !norm)))
}

// local adds a convolution with filters of its own at every position.
func (d *darknetNet) local(s *section, name string, x graph.Value) graph.Value {
	r, b := d.r, d.b
	f, size, stride := r.number(s, "filters", 1, 1, 1<<24), r.number(s, "size", 1, 1, maxTaps), r.number(s, "stride", 1, 1, maxTaps)
	out := func(n int64) int64 {
		if r.number(s, "pad", 0, 0, 1) == 1 {
			return (n-1)/stride + 1
		}
		return max(0, n-size)/stride + 1
	}
	h, w := out(x.H), out(x.W)
	k := size * size * x.C
	if float64(h*w)*float64(k)*float64(f) > maxLocal {
		r.fail(s.line, "[local]: %d x %d positions with %d filters of %d", h, w, f, k)
		return x
	}
	windows := b.Copy(name+".windows", x, h*w*k)
	weights := b.ConstantWith(name+".weight", b.Param(name+".weight", h*w*k*f))
	y := b.MatMul(name, windows, weights, h*w, 1, k, f)
	y = b.Pointwise(name+".bias", graph.ParamAdd, y, b.Param(name+".bias", h*w*f))
	return d.act(s, name, b.Reshape(y, f, h, w))
}

// maxLocal bounds the weights of a local layer.
const maxLocal = 1 << 40

// dense adds a dense layer, whose bias a normalisation takes in.
func (d *darknetNet) dense(s *section, name string, x graph.Value, f int64) graph.Value {
	return d.b.Linear(name, x, f, s.keys["batch_normalize"] != "1")
}

// normed adds the normalisation that a layer asks for.
func (d *darknetNet) normed(s *section, name string, x graph.Value) graph.Value {
	if s.keys["batch_normalize"] != "1" {
		return x
	}
	return d.b.Norm(name+".norm", x, graph.BatchNorm)
}

// recurrent adds a recurrent layer: dense layers of input, state and, of an rnn,
// output.
func (d *darknetNet) recurrent(s *section, name string, x graph.Value) graph.Value {
	r, b := d.r, d.b
	f := r.number(s, "output", 1, 1, 1<<20)
	if x.W != 1 {
		x = b.Flatten(x)
	}
	h := f
	fn := map[string]graph.Fn{"rnn": graph.RNN, "gru": graph.GRU, "lstm": graph.LSTM}[s.kind]
	if s.kind == "rnn" {
		h = r.number(s, "hidden", 1, 1, 1<<20)
	}
	g := fn.Gates()
	gx := d.normed(s, name+".input", d.dense(s, name+".input", x, g*h))
	states := []graph.Value{b.Input(name+".h0", h, 1, 1)}
	if fn == graph.LSTM {
		states = append(states, b.Input(name+".c0", h, 1, 1))
	}
	y := b.Recurrent(name+".self", gx, fn, true, states...)
	if s.keys["batch_normalize"] == "1" {
		y = b.Pointwise(name+".self.norm", graph.ParamMul, y, b.Param(name+".self.norm.weight", g*h))
	}
	if s.kind != "rnn" {
		return y
	}
	return d.act(s, name, d.normed(s, name+".output", d.dense(s, name+".output", y, f)))
}

// earlier returns the output of a layer: relative to this one when negative.
func (d *darknetNet) earlier(s *section, key, text string) (graph.Value, bool) {
	at, err := strconv.Atoi(text)
	if err == nil && at < 0 {
		at += len(d.outs)
	}
	if err != nil || at < 0 || at >= len(d.outs) {
		d.r.fail(max(s.line, s.lines[key]), "[%s] %s: %q is no layer before this one, of which there are %d", s.kind, key, text, len(d.outs))
		return graph.Value{}, false
	}
	return d.outs[at], true
}

// route joins the channels of earlier layers.
func (d *darknetNet) route(s *section, x graph.Value) graph.Value {
	var vs []graph.Value
	for text := range strings.SplitSeq(strings.TrimSuffix(s.keys["layers"], ","), ",") {
		v, ok := d.earlier(s, "layers", text)
		if !ok {
			return x
		}
		if len(vs) > 0 && (v.H != vs[0].H || v.W != vs[0].W) {
			d.r.fail(s.line, "[route]: maps of %d x %d and %d x %d do not join", vs[0].H, vs[0].W, v.H, v.W)
			return x
		}
		if vs = append(vs, v); len(vs) > maxTaps {
			d.r.fail(s.line, "[route]: more than %d layers", maxTaps)
			return x
		}
	}
	return d.b.Concat(vs...)
}

// act adds the function of a layer.
func (d *darknetNet) act(s *section, name string, x graph.Value) graph.Value {
	word, given := s.keys["activation"]
	if !given {
		if s.kind == "shortcut" {
			return x
		}
		word = "logistic"
	}
	fn := graph.GELU
	switch word {
	case "linear":
		return x
	case "relu", "leaky", "ramp", "plse", "relie":
		fn = graph.ReLU
	case "logistic", "loggy":
		fn = graph.Sigmoid
	case "tanh", "lhtan", "hardtan":
		fn = graph.Tanh
	case "swish":
		fn = graph.SiLU
	case "elu", "selu", "stair", "mish":
	default:
		d.r.fail(s.lines["activation"], "[%s] activation: %q is not known", s.kind, word)
		return x
	}
	return d.b.Act(name+".act", x, fn)
}
