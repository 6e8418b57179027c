package foreign

import (
	"encoding/json"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v4"

	"stco/model/workload/graph"
)

// legacyShapes are the shapes that older files name instead of giving them.
var legacyShapes = map[string]string{
	"cnn_layer": `
dimensions: [C, K, R, S, N, P, Q]
coefficients: [{name: Wstride, default: 1}, {name: Hstride, default: 1}, {name: Wdilation, default: 1}, {name: Hdilation, default: 1}]
data_spaces:
- {name: Weights, projection: [[[C]], [[K]], [[R]], [[S]]]}
- {name: Inputs, projection: [[[N]], [[C]], [[R, Wdilation], [P, Wstride]], [[S, Hdilation], [Q, Hstride]]]}
- {name: Outputs, projection: [[[N]], [[K]], [[Q]], [[P]]], read_write: true}`,
	"gemm_ABZ": `
dimensions: [M, N, K]
data_spaces:
- {name: A, projection: [[[M]], [[K]]]}
- {name: B, projection: [[[K]], [[N]]]}
- {name: Z, projection: [[[M]], [[N]]], read_write: true}`,
}

// timeloop reads a problem: one product of two tensors.
func (r *reader) timeloop(text []byte) error {
	root, err := r.load(text)
	if err != nil {
		return err
	}
	problem := field(root, "problem")
	if problem == nil || problem.Kind != yaml.MappingNode {
		r.fail(root.Line, "no problem")
		return nil
	}
	shape := field(problem, "shape")
	if shape == nil || shape.Kind == yaml.ScalarNode {
		name := "cnn_layer"
		if shape != nil {
			name = strings.ReplaceAll(shape.Value, "-", "_")
		}
		known, ok := legacyShapes[name]
		if !ok {
			r.fail(shape.Line, "shape %q: unknown; give it as a mapping", shape.Value)
			return nil
		}
		if shape, err = r.load([]byte(known)); err != nil {
			return err
		}
	}
	sizes := field(problem, "instance")
	if sizes == nil {
		sizes = problem
	}
	c := &contraction{line: problem.Line, name: "problem", sizes: map[string]int64{}, weights: true}
	if n := field(shape, "name"); n != nil {
		c.name = n.Value
	}
	dims := field(shape, "dimensions")
	if dims == nil || len(dims.Content) == 0 {
		r.fail(shape.Line, "shape: no dimensions")
		return nil
	}
	for _, d := range dims.Content {
		v := exact(sizes, d.Value)
		if v == nil {
			r.fail(sizes.Line, "dimension %s has no size", d.Value)
			continue
		}
		c.sizes[d.Value] = r.size(v, "dimension "+d.Value)
	}
	r.spaces(c, shape, sizes)
	if len(r.errs) == 0 {
		r.b.Output(r.add(c))
	}
	return nil
}

// exact returns the value of a key written exactly so.
func exact(n *yaml.Node, key string) *yaml.Node {
	for i := 0; n != nil && i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}

// spaces reads the projections of the three tensors.
func (r *reader) spaces(c *contraction, shape, sizes *yaml.Node) {
	factors := map[string]int64{}
	if list := field(shape, "coefficients"); list != nil {
		for _, k := range list.Content {
			name := text(field(k, "name"))
			v := exact(sizes, name)
			if v == nil {
				v = field(k, "default")
			}
			factors[name] = r.size(v, "coefficient "+name)
		}
	}
	list := field(shape, "data_spaces")
	if list == nil || len(list.Content) != 3 {
		r.fail(shape.Line, "shape: three data_spaces are expected")
		return
	}
	var in [][]rank
	for _, s := range list.Content {
		var t []rank
		projection := field(s, "projection")
		if projection == nil {
			r.fail(s.Line, "data space %s: no projection", text(field(s, "name")))
			return
		}
		for _, k := range projection.Content {
			var one rank
			for _, product := range k.Content {
				x := term{factor: 1}
				for _, name := range product.Content {
					if f, ok := factors[name.Value]; ok {
						x.factor *= f
					} else if _, ok := c.sizes[name.Value]; ok && x.loop == "" {
						x.loop = name.Value
					} else {
						r.fail(name.Line, "projection: %s is neither a dimension nor a coefficient", name.Value)
					}
				}
				one = append(one, x)
			}
			t = append(t, one)
		}
		if strings.EqualFold(text(field(s, "read_write")), "true") {
			c.out = t
			continue
		}
		in = append(in, t)
	}
	if len(in) != 2 {
		r.fail(list.Line, "data_spaces: one must be read_write, two read")
		return
	}
	c.left, c.right = in[0], in[1]
}

// application is Calculon's description of a model.
type application struct {
	Hidden      int64 `json:"hidden"`
	Feedforward int64 `json:"feedforward"`
	Seq         int64 `json:"seq_size"`
	Heads       int64 `json:"attn_heads"`
	HeadSize    int64 `json:"attn_size"`
	Blocks      int64 `json:"num_blocks"`
}

// calculon reads an application: blocks of attention and feed-forward network,
// without embedding and output layer, attention over the full square.
func (r *reader) calculon(text []byte) error {
	var a application
	if err := json.Unmarshal(text, &a); err != nil {
		return fmt.Errorf("%s: %w", r.file, err)
	}
	for _, v := range []struct {
		key string
		n   int64
	}{{"hidden", a.Hidden}, {"feedforward", a.Feedforward}, {"seq_size", a.Seq}, {"attn_heads", a.Heads}, {"attn_size", a.HeadSize}, {"num_blocks", a.Blocks}} {
		if v.n < 1 || v.n > 1<<24 {
			r.fail(1, "%s: %d, must be a whole number of 1 to %d", v.key, v.n, 1<<24)
		}
	}
	if a.Blocks > 1<<12 {
		r.fail(1, "num_blocks: %d, at most %d", a.Blocks, 1<<12)
	}
	if len(r.errs) > 0 {
		return nil
	}
	b, width := r.b, a.Heads*a.HeadSize
	x := b.Input("hidden_states", a.Hidden, a.Seq, 1)
	for i := range a.Blocks {
		b.Block()
		n := fmt.Sprintf("block%d.", i)
		y := b.Norm(n+"attn_norm", x, graph.LayerNorm)
		q, k, v := b.Linear(n+"query", y, width, true), b.Linear(n+"key", y, width, true), b.Linear(n+"value", y, width, true)
		y = b.Core(func() graph.Value {
			p := b.Softmax(n+"softmax", b.MatMul(n+"scores", q, k, a.Heads, a.Seq, a.HeadSize, a.Seq))
			return b.MatMul(n+"context", p, v, a.Heads, a.Seq, a.Seq, a.HeadSize)
		})
		x = b.Add(n+"attn_add", b.Linear(n+"output", b.Reshape(y, width, a.Seq, 1), a.Hidden, true), x)
		y = b.Act(n+"gelu", b.Linear(n+"mlp_up", b.Norm(n+"mlp_norm", x, graph.LayerNorm), a.Feedforward, true), graph.GELU)
		x = b.Add(n+"mlp_add", b.Linear(n+"mlp_down", y, a.Hidden, true), x)
	}
	b.Output(x)
	return nil
}
