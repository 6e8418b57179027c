package convert

import (
	"slices"
	"strings"

	"stco/model/workload/graph"
	"stco/model/workload/onnx"
	"stco/model/workload/onnx/infer"
)

// role says what a node is within a pattern.
type role uint8

const (
	alone    role = iota // an operator of its own
	absorbed             // part of another node's operator
	leader               // its operator stands for the nodes of a pattern
)

// shapeOf tells the patterns apart.
type patternKind uint8

const (
	biased     patternKind = iota + 1 // product with a weight, then its bias
	layerNorm                         // mean, deviation, gain and shift
	rmsNorm                           // mean square, gain
	pointwise                         // a nonlinear function of one tensor
	rowSoftmax                        // exponentials over their sum
)

// plan is what to do with a node.
type plan struct {
	role   role
	kind   patternKind
	fn     graph.Fn // of a pointwise pattern
	input  string   // the tensor the pattern reads
	reduce int      // node whose output counts the rows of a normalisation
	params []string // constants in the order of the operator's parameters
	last   string   // the tensor the pattern writes
	size   int      // nodes
}

// maxRegion bounds the nodes of a pattern.
const maxRegion = 64

// findPatterns recognises what exporters write in several nodes: a linear
// layer's bias, layer and RMS normalisation, GELU and SiLU, the scale and the
// constant mask in front of a softmax.
func (im *importer) findPatterns() {
	im.plans = make([]plan, len(im.g.Nodes))
	for i := range im.g.Nodes {
		im.findBias(i)
	}
	for _, in := range im.m.RuntimeInputs() {
		im.findRegion(in.Name)
	}
	for i := range im.g.Nodes {
		for _, out := range im.g.Nodes[i].Out {
			if !im.fixed[out] {
				im.findRegion(im.alias(out))
			}
		}
	}
	for i := range im.g.Nodes {
		if n := &im.g.Nodes[i]; n.Domain == "" && n.Op == "Softmax" && len(n.In) == 1 {
			im.absorbScale(n.In[0])
			im.absorbFactors(n.In[0])
		}
	}
}

// absorbFactors joins the constant factors of queries and keys in front of the
// product that a softmax reads: they are part of the scale of attention.
func (im *importer) absorbFactors(name string) {
	i, ok := im.from[name]
	for ok && im.plans[i].role == absorbed && im.plans[i].input != "" {
		name = im.plans[i].input
		i, ok = im.from[name]
	}
	if !ok || im.g.Nodes[i].Domain != "" || im.g.Nodes[i].Op != "MatMul" {
		return
	}
	for _, in := range im.g.Nodes[i].In {
		im.absorbFactor(in)
	}
}

// absorbFactor looks for one constant factor behind views of a tensor.
func (im *importer) absorbFactor(name string) {
	for range maxRegion {
		i, ok := im.from[name]
		if _, one := im.sole(name); !ok || !one || im.plans[i].role != alone {
			return
		}
		n := &im.g.Nodes[i]
		if n.Domain != "" || len(n.In) == 0 {
			return
		}
		switch n.Op {
		case "Transpose", "Reshape", "Unsqueeze", "Squeeze", "Identity", "Flatten":
			name = n.In[0]
		case "Mul", "Div":
			for k, in := range n.In {
				if len(n.In) == 2 && !im.fixed[in] && im.fixed[n.In[1-k]] && im.constElems(n.In[1-k]) <= 1 && (n.Op == "Mul" || k == 0) {
					im.plans[i] = plan{role: absorbed, input: in, last: name}
					return
				}
			}
			return
		default:
			return
		}
	}
}

// sole returns the only node that reads a tensor.
func (im *importer) sole(name string) (int, bool) {
	u := im.users[name]
	if len(u) != 1 || im.out[name] {
		return 0, false
	}
	return u[0], true
}

// constOperand returns the constant input of a two-input node whose other input
// is name.
func (im *importer) constOperand(n *onnx.Node, name string) (string, bool) {
	if n.Domain != "" || len(n.In) != 2 {
		return "", false
	}
	for i, in := range n.In {
		if in == name && n.In[1-i] != "" && im.fixed[n.In[1-i]] {
			return n.In[1-i], true
		}
	}
	return "", false
}

// constElems returns the elements of an initializer or a Constant node, also
// behind nodes that keep the number of elements; 0 when they are not known yet.
func (im *importer) constElems(name string) int64 {
	for range maxRegion {
		if e := im.tens[name]; e != nil && e.fixed {
			return e.Elems()
		}
		i, ok := im.from[name]
		if !ok {
			return 0
		}
		switch n := &im.g.Nodes[i]; n.Op {
		case "Constant":
			t, err := infer.Constant(n)
			if err != nil {
				return 0
			}
			return t.Elems()
		case "Identity", "Cast", "Unsqueeze", "Squeeze", "Reshape", "Flatten", "Transpose", "Sqrt", "Neg", "Reciprocal":
			name = n.In[0]
		default:
			return 0
		}
	}
	return 0
}

// columns returns the columns of a constant matrix, which may be transposed in a
// node; 0 when they are not known yet.
func (im *importer) columns(name string) int64 {
	transposed := false
	for range maxRegion {
		if e := im.tens[name]; e != nil && e.fixed {
			switch rank := len(e.Dims); {
			case transposed && rank == 2:
				return e.Dims[0]
			case !transposed && rank >= 2:
				return e.Dims[rank-1]
			}
			return 0
		}
		i, ok := im.from[name]
		if !ok || len(im.g.Nodes[i].In) == 0 {
			return 0
		}
		switch im.g.Nodes[i].Op {
		case "Identity", "Cast", "DequantizeLinear":
		case "Transpose":
			transposed = !transposed
		default:
			return 0
		}
		name = im.g.Nodes[i].In[0]
	}
	return 0
}

// findBias joins MatMul by a constant matrix and the Add of a constant row.
func (im *importer) findBias(i int) {
	n := &im.g.Nodes[i]
	if n.Domain != "" || n.Op != "MatMul" || len(n.In) != 2 || im.fixed[n.In[0]] || !im.fixed[n.In[1]] {
		return
	}
	columns := im.columns(n.In[1])
	j, ok := im.sole(n.Out[0])
	if !ok || columns == 0 || im.g.Nodes[j].Op != "Add" {
		return
	}
	add := &im.g.Nodes[j]
	bias, ok := im.constOperand(add, n.Out[0])
	if !ok || im.constElems(bias) != columns {
		return
	}
	im.plans[i] = plan{role: leader, kind: biased, params: []string{bias}, last: add.Out[0]}
	im.plans[j].role = absorbed
}

// alias returns the tensor that stands for name after a bias was joined.
func (im *importer) alias(name string) string {
	if i, ok := im.from[name]; ok && im.plans[i].role == leader && im.plans[i].kind == biased {
		return im.plans[i].last
	}
	return name
}

// inRegion reports whether a node may be part of a function of one tensor.
func inRegion(n *onnx.Node) bool {
	if n.Domain != "" || len(n.Out) != 1 || len(n.In) > 8 {
		return false
	}
	switch n.Op {
	case "Add", "Sub", "Mul", "Div", "Pow", "Sqrt", "Exp", "Log", "Erf", "Tanh", "Sigmoid", "HardSigmoid", "Relu", "Clip",
		"Neg", "Abs", "Reciprocal", "Softplus", "ReduceMean", "ReduceSum", "ReduceMax", "ReduceL2", "ReduceSumSquare", "Min", "Max", "Cast":
		return true
	}
	return false
}

// findRegion looks for nodes that together compute a function of x: they read
// only x, constants and each other, and only one result leaves them.
func (im *importer) findRegion(x string) {
	direct := 0
	for _, u := range im.users[x] {
		if inRegion(&im.g.Nodes[u]) {
			direct++
		}
	}
	if direct < 2 || len(im.users[x]) > maxRegion {
		return
	}
	region, best := im.reconverging(x)
	if best < 0 {
		return
	}
	if next := im.centred(region, best); next != "" {
		more, end := im.reconverging(next)
		if end < 0 {
			return
		}
		if i := im.from[next]; i != best { // the exponential between
			region = append(region, i)
		}
		region, best = append(region, more...), end
	}
	p := plan{role: leader, input: x, last: im.g.Nodes[best].Out[0], reduce: -1, size: len(region)}
	if !im.classify(&p, region) {
		return
	}
	for _, i := range region {
		im.plans[i].role = absorbed
	}
	im.trailing(&p)
	im.plans[best] = p
}

// reconverging returns the smallest closed set of nodes that takes in the most
// of the paths which leave x, and the node where they meet; -1 when they do not.
func (im *importer) reconverging(x string) (region []int, end int) {
	end = -1
	edges := 1
	members := im.dominated(x)
	for _, e := range members {
		if r, k := im.ancestors(e, x, members); k > edges && im.closed(r, e) {
			region, end, edges = r, e, k
		}
	}
	return region, end
}

// centred returns the tensor from which a normalisation goes on when the region
// only subtracts a mean, or a maximum in front of an exponential.
func (im *importer) centred(region []int, end int) string {
	if len(region) != 2 || im.g.Nodes[end].Op != "Sub" {
		return ""
	}
	out := im.g.Nodes[end].Out[0]
	switch im.g.Nodes[min(region[0], region[1])].Op {
	case "ReduceMean":
		return out
	case "ReduceMax":
		if i, ok := im.sole(out); ok && im.g.Nodes[i].Op == "Exp" {
			return im.g.Nodes[i].Out[0]
		}
	}
	return ""
}

// dominated returns, in order, nodes that depend on x and constants only.
func (im *importer) dominated(x string) []int {
	inside := map[string]bool{x: true}
	var members []int
	queue := slices.Clone(im.users[x])
	for len(queue) > 0 && len(members) < maxRegion {
		slices.Sort(queue)
		i := queue[0]
		queue = slices.DeleteFunc(queue, func(j int) bool { return j == i })
		n := &im.g.Nodes[i]
		if !inRegion(n) || im.plans[i].role != alone || slices.Contains(members, i) {
			continue
		}
		if slices.ContainsFunc(n.In, func(in string) bool { return in != "" && !inside[in] && !im.fixed[in] }) {
			continue
		}
		members = append(members, i)
		inside[n.Out[0]] = true
		if u := im.users[n.Out[0]]; len(u) <= maxRegion {
			queue = append(queue, u...)
		}
	}
	return members
}

// ancestors returns the members that node e needs, e included, and how many of
// their inputs are x.
func (im *importer) ancestors(e int, x string, members []int) (region []int, edges int) {
	need := map[string]bool{}
	for _, in := range im.g.Nodes[e].In {
		need[in] = true
	}
	for _, i := range slices.Backward(members) {
		n := &im.g.Nodes[i]
		if i != e && !need[n.Out[0]] {
			continue
		}
		region = append(region, i)
		for _, in := range n.In {
			need[in] = true
			if in == x {
				edges++
			}
		}
	}
	return region, edges
}

// closed reports whether nothing but the result of e leaves the region.
func (im *importer) closed(region []int, e int) bool {
	for _, i := range region {
		out := im.g.Nodes[i].Out[0]
		if i == e {
			continue
		}
		if im.out[out] {
			return false
		}
		for _, u := range im.users[out] {
			if !slices.Contains(region, u) {
				return false
			}
		}
	}
	return true
}

// classify finds out what a region computes; false for nothing known, or when
// parameters take part in it.
func (im *importer) classify(p *plan, region []int) bool {
	slices.Sort(region)
	sub, exp, root, reduced := false, false, false, false
	for _, i := range region {
		n := &im.g.Nodes[i]
		if slices.ContainsFunc(n.In, func(in string) bool { return im.fixed[in] && !isAxes(n, in) && im.constElems(in) > 1 }) {
			return false
		}
		switch n.Op {
		case "Sub":
			sub = sub || reduced
		case "Exp":
			exp = true
		case "Sqrt", "Pow":
			root = true
		case "ReduceMean", "ReduceSum", "ReduceL2", "ReduceSumSquare", "ReduceMax":
			if !reduced {
				p.reduce = i
			}
			reduced, root = true, root || n.Op == "ReduceL2"
		}
	}
	switch {
	case reduced && exp:
		p.kind = rowSoftmax
	case reduced && !root:
		return false
	case reduced && sub:
		p.kind = layerNorm
	case reduced:
		p.kind = rmsNorm
	default:
		p.kind, p.fn = pointwise, im.function(region)
	}
	return true
}

// function names the pointwise function that a region computes: x sigmoid(x) is
// SiLU, x clip(x + 3) / 6 hard swish; others have the cost of GELU.
func (im *importer) function(region []int) graph.Fn {
	var ops []string
	for _, i := range region {
		ops = append(ops, im.g.Nodes[i].Op)
	}
	slices.Sort(ops)
	switch strings.Join(ops, " ") {
	case "Mul Sigmoid":
		return graph.SiLU
	case "HardSigmoid Mul", "Add Clip Div Mul", "Add Clip Mul Mul":
		return graph.HardSwish
	}
	return graph.GELU
}

// isAxes reports whether an input holds the axes of a reduction.
func isAxes(n *onnx.Node, in string) bool {
	return strings.HasPrefix(n.Op, "Reduce") && len(n.In) > 1 && n.In[1] == in
}

// trailing joins the gain and shift behind a normalisation, and a constant
// factor behind another function.
func (im *importer) trailing(p *plan) {
	for _, op := range []string{"Mul", "Add"} {
		i, ok := im.sole(p.last)
		if !ok || im.g.Nodes[i].Op != op || im.plans[i].role != alone {
			return
		}
		c, ok := im.constOperand(&im.g.Nodes[i], p.last)
		norm := p.kind == layerNorm || p.kind == rmsNorm
		if !ok || (im.constElems(c) > 1) != norm {
			return
		}
		if norm {
			p.params = append(p.params, c)
		} else if op == "Add" {
			return
		}
		im.plans[i].role = absorbed
		p.last = im.g.Nodes[i].Out[0]
	}
}

// absorbScale joins what lies between a product and its softmax: constant
// factors and constant masks.
func (im *importer) absorbScale(name string) {
	for {
		i, ok := im.from[name]
		if !ok || im.plans[i].role != alone {
			return
		}
		n := &im.g.Nodes[i]
		if _, ok := im.sole(name); !ok || n.Domain != "" || len(n.Out) != 1 {
			return
		}
		next := ""
		switch n.Op {
		case "Mul", "Div", "Add":
			for k, in := range n.In {
				if len(n.In) == 2 && !im.fixed[in] && im.fixed[n.In[1-k]] {
					next = in
				}
			}
			if k := slices.IndexFunc(n.In, func(in string) bool { return im.fixed[in] }); n.Op != "Add" && k >= 0 && im.constElems(n.In[k]) > 1 {
				return
			}
		case "Where":
			if len(n.In) == 3 && im.fixed[n.In[0]] && im.fixed[n.In[1]] != im.fixed[n.In[2]] {
				next = n.In[1]
				if im.fixed[next] {
					next = n.In[2]
				}
			}
		}
		if next == "" {
			return
		}
		im.plans[i] = plan{role: absorbed, input: next, last: name}
		name = next
	}
}
