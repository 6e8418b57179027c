package pattern

import (
	"slices"
	"strings"

	"stco/model/workload/graph"
	"stco/model/workload/onnx"
	"stco/model/workload/onnx/infer"
)

// Role says what a node is within a pattern.
type Role uint8

// The roles.
const (
	Alone    Role = iota // an operator of its own
	Absorbed             // part of another node's operator
	Leader               // its operator stands for the nodes of a pattern
)

// Idiom tells the patterns apart.
type Idiom uint8

// The patterns that one operator stands for.
const (
	Biased     Idiom = iota + 1 // product with a weight, then its bias
	LayerNorm                   // mean, deviation, gain and shift
	RMSNorm                     // mean square, gain
	Pointwise                   // a nonlinear function of one tensor
	RowSoftmax                  // exponentials over their sum
)

// Rewrite is what to do with a node.
type Rewrite struct {
	Role   Role
	Kind   Idiom
	Fn     graph.Fn // of a pointwise pattern
	Input  string   // the tensor the pattern reads
	Reduce int      // node whose output counts the rows of a normalisation
	Params []string // constants in the order of the operator's parameters
	Last   string   // the tensor the pattern writes
}

// maxRegion bounds the nodes of a pattern.
const maxRegion = 64

// findPatterns recognises what exporters write in several nodes: a linear
// layer's bias, layer and RMS normalisation, GELU and SiLU, the scale and the
// constant mask in front of a softmax.
func (ix *Index) findPatterns(inputs []onnx.Info) {
	ix.Plans = make([]Rewrite, len(ix.Graph.Nodes))
	for i := range ix.Graph.Nodes {
		ix.findBias(i)
	}
	for _, in := range inputs {
		ix.findRegion(in.Name)
	}
	for i := range ix.Graph.Nodes {
		for _, out := range ix.Graph.Nodes[i].Out {
			if !ix.Fixed[out] {
				ix.findRegion(ix.alias(out))
			}
		}
	}
	for i := range ix.Graph.Nodes {
		if n := &ix.Graph.Nodes[i]; n.Domain == "" && n.Op == "Softmax" && len(n.In) == 1 {
			ix.absorbScale(n.In[0])
			ix.absorbFactors(n.In[0])
		}
	}
}

// sole returns the only node that reads a tensor.
func (ix *Index) sole(name string) (int, bool) {
	u := ix.Users[name]
	if len(u) != 1 || ix.Out[name] {
		return 0, false
	}
	return u[0], true
}

// constOperand returns the constant input of a two-input node whose other input
// is name.
func (ix *Index) constOperand(n *onnx.Node, name string) (string, bool) {
	if n.Domain != "" || len(n.In) != 2 {
		return "", false
	}
	for i, in := range n.In {
		if in == name && n.In[1-i] != "" && ix.Fixed[n.In[1-i]] {
			return n.In[1-i], true
		}
	}
	return "", false
}

// constElems returns the elements of an initializer or a Constant node, also
// behind nodes that keep the number of elements; 0 when they are not known yet.
func (ix *Index) constElems(name string) int64 {
	for range maxRegion {
		if t := ix.inits[name]; t != nil {
			return t.Elems()
		}
		i, ok := ix.From[name]
		if !ok {
			return 0
		}
		switch n := &ix.Graph.Nodes[i]; n.Op {
		case "Constant":
			t, err := infer.Constant(n)
			if err != nil {
				return 0
			}
			return t.Elems()
		case "Identity", "Cast", "Unsqueeze", "Squeeze", "Reshape", "Flatten", "Transpose", "Sqrt", "Neg", "Reciprocal":
			if len(n.In) == 0 {
				return 0
			}
			name = n.In[0]
		default:
			return 0
		}
	}
	return 0
}

// columns returns the columns of a constant matrix, which may be transposed in a
// node; 0 when they are not known yet.
func (ix *Index) columns(name string) int64 {
	transposed := false
	for range maxRegion {
		if t := ix.inits[name]; t != nil {
			switch rank := len(t.Dims); {
			case transposed && rank == 2:
				return t.Dims[0]
			case !transposed && rank >= 2:
				return t.Dims[rank-1]
			}
			return 0
		}
		i, ok := ix.From[name]
		if !ok || len(ix.Graph.Nodes[i].In) == 0 {
			return 0
		}
		switch ix.Graph.Nodes[i].Op {
		case "Identity", "Cast", "DequantizeLinear":
		case "Transpose":
			transposed = !transposed
		default:
			return 0
		}
		name = ix.Graph.Nodes[i].In[0]
	}
	return 0
}

// findBias joins MatMul by a constant matrix and the Add of a constant row.
func (ix *Index) findBias(i int) {
	n := &ix.Graph.Nodes[i]
	if n.Domain != "" || n.Op != "MatMul" || len(n.In) != 2 || ix.Fixed[n.In[0]] || !ix.Fixed[n.In[1]] {
		return
	}
	columns := ix.columns(n.In[1])
	j, ok := ix.sole(n.Out[0])
	if !ok || columns == 0 || ix.Graph.Nodes[j].Op != "Add" {
		return
	}
	add := &ix.Graph.Nodes[j]
	bias, ok := ix.constOperand(add, n.Out[0])
	if !ok || ix.constElems(bias) != columns {
		return
	}
	ix.Plans[i] = Rewrite{Role: Leader, Kind: Biased, Params: []string{bias}, Last: add.Out[0]}
	ix.Plans[j].Role = Absorbed
}

// alias returns the tensor that stands for name after a bias was joined.
func (ix *Index) alias(name string) string {
	if i, ok := ix.From[name]; ok && ix.Plans[i].Role == Leader && ix.Plans[i].Kind == Biased {
		return ix.Plans[i].Last
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
func (ix *Index) findRegion(x string) {
	direct := 0
	for _, u := range ix.Users[x] {
		if inRegion(&ix.Graph.Nodes[u]) {
			direct++
		}
	}
	if direct < 2 || len(ix.Users[x]) > maxRegion {
		return
	}
	region, best := ix.reconverging(x)
	if best < 0 {
		return
	}
	if next := ix.centred(region, best); next != "" {
		more, end := ix.reconverging(next)
		if end < 0 {
			return
		}
		if i := ix.From[next]; i != best { // the exponential between
			region = append(region, i)
		}
		region, best = append(region, more...), end
	}
	p := Rewrite{Role: Leader, Input: x, Last: ix.Graph.Nodes[best].Out[0], Reduce: -1}
	if !ix.classify(&p, region) {
		return
	}
	for _, i := range region {
		ix.Plans[i].Role = Absorbed
	}
	ix.trailing(&p)
	ix.Plans[best] = p
}

// reconverging returns the smallest closed set of nodes that takes in the most
// of the paths which leave x, and the node where they meet; -1 when they do not.
func (ix *Index) reconverging(x string) (region []int, end int) {
	end = -1
	edges := 1
	members := ix.dominated(x)
	for _, e := range members {
		if r, k := ix.ancestors(e, x, members); k > edges && ix.closed(r, e) {
			region, end, edges = r, e, k
		}
	}
	return region, end
}

// centred returns the tensor from which a normalisation goes on when the region
// only subtracts a mean, or a maximum in front of an exponential.
func (ix *Index) centred(region []int, end int) string {
	if len(region) != 2 || ix.Graph.Nodes[end].Op != "Sub" {
		return ""
	}
	out := ix.Graph.Nodes[end].Out[0]
	switch ix.Graph.Nodes[min(region[0], region[1])].Op {
	case "ReduceMean":
		return out
	case "ReduceMax":
		if i, ok := ix.sole(out); ok && ix.Graph.Nodes[i].Op == "Exp" {
			return ix.Graph.Nodes[i].Out[0]
		}
	}
	return ""
}

// dominated returns, in order, nodes that depend on x and constants only.
func (ix *Index) dominated(x string) []int {
	inside := map[string]bool{x: true}
	var members []int
	queue := slices.Clone(ix.Users[x])
	for len(queue) > 0 && len(members) < maxRegion {
		slices.Sort(queue)
		i := queue[0]
		queue = slices.DeleteFunc(queue, func(j int) bool { return j == i })
		n := &ix.Graph.Nodes[i]
		if !inRegion(n) || ix.Plans[i].Role != Alone || slices.Contains(members, i) {
			continue
		}
		if slices.ContainsFunc(n.In, func(in string) bool { return in != "" && !inside[in] && !ix.Fixed[in] }) {
			continue
		}
		members = append(members, i)
		inside[n.Out[0]] = true
		if u := ix.Users[n.Out[0]]; len(u) <= maxRegion {
			queue = append(queue, u...)
		}
	}
	return members
}

// ancestors returns the members that node e needs, e included, and how many of
// their inputs are x.
func (ix *Index) ancestors(e int, x string, members []int) (region []int, edges int) {
	need := map[string]bool{}
	for _, in := range ix.Graph.Nodes[e].In {
		need[in] = true
	}
	for _, i := range slices.Backward(members) {
		n := &ix.Graph.Nodes[i]
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
func (ix *Index) closed(region []int, e int) bool {
	for _, i := range region {
		out := ix.Graph.Nodes[i].Out[0]
		if i == e {
			continue
		}
		if ix.Out[out] {
			return false
		}
		for _, u := range ix.Users[out] {
			if !slices.Contains(region, u) {
				return false
			}
		}
	}
	return true
}

// classify finds out what a region computes; false for nothing known, or when
// parameters take part in it.
func (ix *Index) classify(p *Rewrite, region []int) bool {
	slices.Sort(region)
	sub, exp, root, reduced := false, false, false, false
	for _, i := range region {
		n := &ix.Graph.Nodes[i]
		if slices.ContainsFunc(n.In, func(in string) bool { return ix.Fixed[in] && !isAxes(n, in) && ix.constElems(in) > 1 }) {
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
				p.Reduce = i
			}
			reduced, root = true, root || n.Op == "ReduceL2"
		}
	}
	switch {
	case reduced && exp:
		p.Kind = RowSoftmax
	case reduced && !root:
		return false
	case reduced && sub:
		p.Kind = LayerNorm
	case reduced:
		p.Kind = RMSNorm
	default:
		p.Kind, p.Fn = Pointwise, ix.function(region)
	}
	return true
}

// function names the pointwise function that a region computes: x sigmoid(x) is
// SiLU, x clip(x + 3) / 6 hard swish; others have the cost of GELU.
func (ix *Index) function(region []int) graph.Fn {
	var ops []string
	for _, i := range region {
		ops = append(ops, ix.Graph.Nodes[i].Op)
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
func (ix *Index) trailing(p *Rewrite) {
	for _, op := range []string{"Mul", "Add"} {
		i, ok := ix.sole(p.Last)
		if !ok || ix.Graph.Nodes[i].Op != op || ix.Plans[i].Role != Alone {
			return
		}
		c, ok := ix.constOperand(&ix.Graph.Nodes[i], p.Last)
		norm := p.Kind == LayerNorm || p.Kind == RMSNorm
		if !ok || (ix.constElems(c) > 1) != norm {
			return
		}
		if norm {
			p.Params = append(p.Params, c)
		} else if op == "Add" {
			return
		}
		ix.Plans[i].Role = Absorbed
		p.Last = ix.Graph.Nodes[i].Out[0]
	}
}
