package foreign

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"stco/model/workload/graph"
)

// Kinds are the kinds of files.
const (
	ScaleSimConv = "scalesim-conv"
	ScaleSimGEMM = "scalesim-gemm"
	Timeloop     = "timeloop"
	ZigZag       = "zigzag"
	Calculon     = "calculon"
	Darknet      = "darknet"
)

// Kinds returns the names of the kinds.
func Kinds() []string {
	return []string{ScaleSimConv, ScaleSimGEMM, Timeloop, ZigZag, Calculon, Darknet}
}

// Detect returns the kind of a text by its content, "" for a mapping that is none
// of them. What cannot be told is an error.
func Detect(file string, text []byte) (string, error) {
	switch trimmed := bytes.TrimSpace(text); {
	case len(trimmed) == 0:
		return "", fmt.Errorf("%s: the file is empty", file)
	case bytes.Contains(trimmed, []byte("{{")) || bytes.Contains(trimmed, []byte("<<<")):
		return "", fmt.Errorf("%s: is a template of Timeloop's Python front end; give the parsed-processed-input.yaml that it writes", file)
	case trimmed[0] == '{' && bytes.Contains(trimmed, []byte(`"hidden"`)):
		return Calculon, nil
	case isDarknet(text):
		return Darknet, nil
	}
	var doc yaml.Node
	err := yaml.Load(text, &doc)
	root := content(&doc)
	switch {
	case err == nil && root.Kind == yaml.SequenceNode:
		return ZigZag, nil
	case err == nil && root.Kind == yaml.MappingNode && field(root, "problem") != nil:
		return Timeloop, nil
	case err == nil && root.Kind == yaml.MappingNode && (field(root, "template") != nil || field(root, "layers") != nil || field(root, "network") != nil):
		return "", nil
	}
	rows := readRows(text)
	if err == nil && root.Kind == yaml.MappingNode { // other YAML
		rows = nil
	}
	if len(rows) == 0 || len(rows[0].fields) < 4 {
		if err != nil {
			return "", fmt.Errorf("%s: %w", file, err)
		}
		return "", fmt.Errorf("%s: neither a network, nor a topology of SCALE-Sim, a problem of Timeloop, a list of ZigZag, an application of Calculon or a configuration of Darknet", file)
	}
	switch n := len(rows[0].fields); {
	case n == 4 || n == 5:
		return ScaleSimGEMM, nil
	case n >= 8 && n <= 10:
		return ScaleSimConv, nil
	default:
		return "", fmt.Errorf("%s:%d: rows of %d fields: GEMM topologies have 4 or 5, convolutions 8 to 10; name the kind", file, rows[0].line, n)
	}
}

// Read returns the network of a text of a kind, called name, and warnings.
func Read(kind, file, name string, text []byte) (*graph.Network, []string, error) {
	r := &reader{file: file, b: graph.NewBuilder(name)}
	var err error
	switch kind {
	case ScaleSimConv, ScaleSimGEMM:
		r.scaleSim(text, kind == ScaleSimGEMM)
	case Timeloop:
		err = r.timeloop(text)
	case ZigZag:
		err = r.zigzag(text)
	case Calculon:
		err = r.calculon(text)
	case Darknet:
		r.darknet(text)
	default:
		return nil, nil, fmt.Errorf("kind %q: unknown; use %s", kind, strings.Join(Kinds(), ", "))
	}
	if err = errors.Join(err, errors.Join(r.errs...)); err != nil {
		return nil, nil, err
	}
	n, err := r.b.Network()
	if n != nil {
		n.Counted = "imported from a file of kind " + kind
	}
	return n, r.warnings, err
}

// reader builds the network of one file.
type reader struct {
	file     string
	b        *graph.Builder
	warnings []string
	errs     []error
}

func (r *reader) fail(line int, format string, args ...any) {
	r.errs = append(r.errs, fmt.Errorf("%s:%d: %s", r.file, max(1, line), fmt.Sprintf(format, args...)))
}

func (r *reader) warn(line int, format string, args ...any) {
	r.warnings = append(r.warnings, fmt.Sprintf("%s:%d: %s", r.file, line, fmt.Sprintf(format, args...)))
}

// maxSize bounds every size in a file.
const maxSize = 1 << 30

// load reads YAML.
func (r *reader) load(text []byte) (*yaml.Node, error) {
	var doc yaml.Node
	if err := yaml.Load(text, &doc); err != nil {
		return nil, fmt.Errorf("%s: %w", r.file, err)
	}
	return content(&doc), nil
}

func content(doc *yaml.Node) *yaml.Node {
	if doc.Kind == yaml.DocumentNode && len(doc.Content) == 1 {
		return doc.Content[0]
	}
	return doc
}

// field returns the value of a key; hyphens and underscores are the same.
func field(n *yaml.Node, key string) *yaml.Node {
	if n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if strings.ReplaceAll(n.Content[i].Value, "-", "_") == key {
			return n.Content[i+1]
		}
	}
	return nil
}

// size reads a size of at least 1.
func (r *reader) size(n *yaml.Node, what string) int64 {
	var v int64
	if n == nil || n.Kind != yaml.ScalarNode {
		r.fail(lineOf(n), "%s: want a whole number", what)
		return 1
	}
	if err := n.Decode(&v); err != nil || v < 1 || v > maxSize {
		r.fail(n.Line, "%s: %q, must be a whole number of 1 to %d", what, n.Value, int64(maxSize))
		return 1
	}
	return v
}

func lineOf(n *yaml.Node) int {
	if n == nil {
		return 1
	}
	return n.Line
}

// text returns the value of a scalar.
func text(n *yaml.Node) string {
	if n == nil {
		return ""
	}
	return n.Value
}

// term is a loop times a factor; a rank of a tensor is a sum of terms.
type term struct {
	loop   string
	factor int64
}

type rank []term

// contraction is a product of two tensors summed into a third.
type contraction struct {
	line          int
	name          string
	sizes         map[string]int64
	out           []rank
	left, right   []rank
	leftV, rightV *graph.Value // data that are read; nil: an input, or a parameter when weights
	weights       bool         // right is a parameter
}

// windows of an input: an output loop with its stride, a window loop with its
// dilation.
type axis struct{ out, stride, taps, dilation int64 }

// holds reports whether a loop indexes a tensor.
func holds(t []rank, loop string) bool {
	return slices.ContainsFunc(t, func(k rank) bool {
		return slices.ContainsFunc(k, func(x term) bool { return x.loop == loop })
	})
}

// add adds the operator of a contraction: a convolution when a tensor has ranks
// that are sums, else a matrix product.
func (r *reader) add(c *contraction) graph.Value {
	sums := func(t []rank) int {
		n := 0
		for _, k := range t {
			if len(k) > 1 {
				n++
			}
		}
		return n
	}
	if sums(c.right) > sums(c.left) {
		c.left, c.right, c.leftV, c.rightV = c.right, c.left, c.rightV, c.leftV
	}
	axes, inWindow := r.axes(c)
	group, m, k, n := int64(1), int64(1), int64(1), int64(1)
	for loop, size := range c.sizes {
		if inWindow[loop] {
			continue
		}
		o, a, b := holds(c.out, loop), holds(c.left, loop), holds(c.right, loop)
		switch {
		case o && a && b:
			group *= size
		case a && b:
			k *= size
		case o && a:
			m *= size
		case o && b:
			n *= size
		default:
			r.fail(c.line, "%s: loop %s is in one tensor alone", c.name, loop)
		}
	}
	if len(axes) > 2 {
		r.fail(c.line, "%s: windows over %d dimensions: 1 and 2 are supported", c.name, len(axes))
	}
	if len(r.errs) > 0 {
		return graph.Value{C: 1, H: 1, W: 1}
	}
	if len(axes) == 0 {
		return r.product(c, group, m, k, n)
	}
	for len(axes) < 2 {
		axes = append(axes, axis{1, 1, 1, 1})
	}
	size := func(a axis) int64 { return (a.out-1)*a.stride + (a.taps-1)*a.dilation + 1 }
	h, w := size(axes[0]), size(axes[1])
	x := r.input(c.leftV, c.name, m*group*k, h, w)
	win := graph.Window{
		R: axes[0].taps, StrideH: axes[0].stride, DilH: axes[0].dilation,
		S: axes[1].taps, StrideW: axes[1].stride, DilW: axes[1].dilation,
	}
	p := r.b.Param(c.name+".weight", group*k*n*win.R*win.S)
	return r.b.ConvWith(c.name, x, m, group*n, win, group, p)
}

// axes returns the windows of the left tensor, and the loops they are made of.
func (r *reader) axes(c *contraction) (all []axis, in map[string]bool) {
	in = map[string]bool{}
	for _, k := range c.left {
		if len(k) < 2 {
			continue
		}
		a := axis{}
		for _, x := range k {
			in[x.loop] = true
			switch inOut, inFilter := holds(c.out, x.loop), holds(c.right, x.loop); {
			case inOut && !inFilter && a.out == 0:
				a.out, a.stride = c.sizes[x.loop], x.factor
			case inFilter && !inOut && a.taps == 0:
				a.taps, a.dilation = c.sizes[x.loop], x.factor
			default:
				r.fail(c.line, "%s: a rank that sums %s is no window", c.name, x.loop)
			}
		}
		if a.out == 0 || a.taps == 0 {
			r.fail(c.line, "%s: a rank that sums loops is no window", c.name)
		}
		all = append(all, a)
	}
	return all, in
}

// product adds a matrix product: a linear layer when the right factor is a
// parameter.
func (r *reader) product(c *contraction, group, m, k, n int64) graph.Value {
	if c.weights && group == 1 {
		return r.b.Linear(c.name, r.input(c.leftV, c.name, k, m, 1), n, false)
	}
	left := r.input(c.leftV, c.name+".left", k, group*m, 1)
	var right graph.Value
	if c.weights {
		right = r.b.ConstantWith(c.name+".weight", r.b.Param(c.name+".weight", group*k*n))
	} else {
		right = r.input(c.rightV, c.name+".right", n, group*k, 1)
	}
	return r.b.MatMul(c.name, left, right, group, m, k, n)
}

// input returns data of a shape: those given when they have as many elements,
// else a new input.
func (r *reader) input(v *graph.Value, name string, c, h, w int64) graph.Value {
	if v != nil && v.Elems() == c*h*w {
		return r.b.Reshape(*v, c, h, w)
	}
	return r.b.Input(name+".in", c, h, w)
}
