package foreign

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"stco/model/workload/graph"
)

var (
	tensorIndex = regexp.MustCompile(`([A-Za-z]\w*)((?:\[\w+\])*)`)
	indexName   = regexp.MustCompile(`\[(\w+)\]`)
	relation    = regexp.MustCompile(`^(\w+)=(?:(\d+)\*)?(\w+)\+(?:(\d+)\*)?(\w+)$`)
)

// zigzag reads a list of layers. operand_source says which layer an operand comes
// from; a layer that names itself reads an input or parameters.
func (r *reader) zigzag(data []byte) error {
	root, err := r.load(data)
	if err != nil {
		return err
	}
	if root.Kind != yaml.SequenceNode || len(root.Content) == 0 {
		r.fail(root.Line, "want a list of layers")
		return nil
	}
	results := map[string]graph.Value{}
	read := map[string]bool{}
	for _, item := range root.Content {
		r.zigzagLayer(item, results, read)
		if len(r.errs) > 0 {
			return nil
		}
	}
	for _, item := range root.Content {
		if id := text(field(item, "id")); !read[id] {
			r.b.Output(results[id])
		}
	}
	return nil
}

func (r *reader) zigzagLayer(item *yaml.Node, results map[string]graph.Value, read map[string]bool) {
	id := text(field(item, "id"))
	name := text(field(item, "name"))
	if name == "" {
		name = "layer" + id
	}
	if _, twice := results[id]; twice || id == "" {
		r.fail(item.Line, "%s: id %q is missing or given twice", name, id)
		return
	}
	sizes := r.loops(item, name)
	out, ins := r.equation(item, name)
	if len(r.errs) > 0 {
		return
	}
	sources := map[string]*graph.Value{}
	for operand := range ins {
		from := text(field(field(item, "operand_source"), operand))
		if v, ok := results[from]; ok && from != id {
			sources[operand] = &v
			read[from] = true
		} else if from != id && from != "" {
			r.fail(item.Line, "%s: operand %s comes from layer %s, which is not before it", name, operand, from)
			return
		}
	}
	switch kind := text(field(item, "operator_type")); kind {
	case "Conv", "Gemm", "Conv_downsample":
		c := &contraction{line: item.Line, name: name, sizes: sizes, out: out, left: ins["I"], right: ins["W"], leftV: sources["I"], rightV: sources["W"]}
		c.weights = c.rightV == nil && (kind != "Gemm" || !batched(c))
		results[id] = r.add(c)
	case "Pooling", "Pool", "MaxPool", "AveragePool", "GlobalAveragePool", "Max":
		results[id] = r.zigzagPool(item, name, sizes, out, ins["I"], sources["I"], kind == "MaxPool" || kind == "Max")
	case "Add":
		elems := int64(1)
		for _, s := range sizes {
			elems *= s
		}
		x := r.input(sources["I"], name+".I", elems, 1, 1)
		results[id] = r.b.Add(name, x, r.input(sources["W"], name+".W", elems, 1, 1))
	default:
		r.fail(lineOf(field(item, "operator_type")), "%s: operator_type %q: unknown; use Conv, Gemm, Conv_downsample, Pooling, Pool, MaxPool, AveragePool, GlobalAveragePool, Max or Add", name, kind)
	}
}

// batched reports whether a loop indexes all three tensors.
func batched(c *contraction) bool {
	for loop := range c.sizes {
		if holds(c.out, loop) && holds(c.left, loop) && holds(c.right, loop) {
			return true
		}
	}
	return false
}

// loops reads loop_dims and loop_sizes.
func (r *reader) loops(item *yaml.Node, name string) map[string]int64 {
	dims, sizes := field(item, "loop_dims"), field(item, "loop_sizes")
	if dims == nil || sizes == nil || len(dims.Content) != len(sizes.Content) || len(dims.Content) == 0 {
		r.fail(item.Line, "%s: loop_dims and loop_sizes must be lists of one length", name)
		return nil
	}
	out := map[string]int64{}
	for i, d := range dims.Content {
		out[strings.ToLower(d.Value)] = r.size(sizes.Content[i], name+": loop "+d.Value)
	}
	return out
}

// equation reads O[..]+=W[..]*I[..] with the indices that dimension_relations
// replace by sums.
func (r *reader) equation(item *yaml.Node, name string) (out []rank, ins map[string][]rank) {
	eq := text(field(item, "equation"))
	left, right, ok := strings.Cut(strings.ReplaceAll(eq, " ", ""), "=")
	if !ok {
		r.fail(lineOf(field(item, "equation")), "%s: equation %q: want O[..]+=W[..]*I[..]", name, eq)
		return nil, nil
	}
	sums := map[string]rank{}
	if list := field(item, "dimension_relations"); list != nil {
		for _, n := range list.Content {
			m := relation.FindStringSubmatch(strings.ToLower(strings.ReplaceAll(n.Value, " ", "")))
			if m == nil {
				r.fail(n.Line, "%s: dimension relation %q: want ix=1*ox+1*fx", name, n.Value)
				continue
			}
			sums[m[1]] = rank{{m[3], factor(m[2])}, {m[5], factor(m[4])}}
		}
	}
	read := func(text string) []rank {
		t := []rank{}
		for _, m := range indexName.FindAllStringSubmatch(text, -1) {
			loop := strings.ToLower(m[1])
			if s, ok := sums[loop]; ok {
				t = append(t, s)
			} else {
				t = append(t, rank{{loop, 1}})
			}
		}
		return t
	}
	out = read(left)
	ins = map[string][]rank{}
	for _, m := range tensorIndex.FindAllStringSubmatch(right, -1) {
		ins[m[1]] = read(m[2])
	}
	if len(out) == 0 || ins["I"] == nil {
		r.fail(lineOf(field(item, "equation")), "%s: equation %q: no output or no input I", name, eq)
	}
	return out, ins
}

func factor(s string) int64 {
	if s == "" {
		return 1
	}
	v, err := strconv.ParseInt(s, 10, 32)
	if err != nil {
		return 1
	}
	return v
}

// zigzagPool adds a pooling: work of the vector lanes, no products.
func (r *reader) zigzagPool(item *yaml.Node, name string, sizes map[string]int64, out, in []rank, x *graph.Value, largest bool) graph.Value {
	k := graph.Square(1, 1, 0)
	spatial := []*[3]*int64{{&k.R, &k.StrideH, &k.DilH}, {&k.S, &k.StrideW, &k.DilW}}
	planes, pixels := int64(1), []int64{}
	for _, t := range in {
		switch {
		case len(t) == 1:
			planes *= sizes[t[0].loop]
		case len(t) == 2 && len(pixels) < 2:
			if !holds(out, t[0].loop) {
				slices.Reverse(t)
			}
			p := spatial[len(pixels)]
			*p[0], *p[1], *p[2] = sizes[t[1].loop], t[0].factor, t[1].factor
			pixels = append(pixels, (sizes[t[0].loop]-1)*t[0].factor+(sizes[t[1].loop]-1)*t[1].factor+1)
		default:
			r.fail(item.Line, "%s: windows over more than two dimensions", name)
			return graph.Value{C: 1, H: 1, W: 1}
		}
	}
	for len(pixels) < 2 {
		pixels = append(pixels, 1)
	}
	fn := graph.AvgPool
	if largest {
		fn = graph.MaxPool
	}
	v := r.input(x, fmt.Sprintf("%s.I", name), planes, pixels[0], pixels[1])
	return r.b.Pool(name, v, fn, k)
}
