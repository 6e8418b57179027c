package pattern

import "slices"

// absorbScale joins what lies between a product and its softmax: constant
// factors and constant masks.
func (ix *Index) absorbScale(name string) {
	for {
		i, ok := ix.From[name]
		if !ok || ix.Plans[i].Role != Alone {
			return
		}
		n := &ix.Graph.Nodes[i]
		if _, ok := ix.sole(name); !ok || n.Domain != "" || len(n.Out) != 1 {
			return
		}
		next := ""
		switch n.Op {
		case "Mul", "Div", "Add":
			for k, in := range n.In {
				if len(n.In) == 2 && !ix.Fixed[in] && ix.Fixed[n.In[1-k]] {
					next = in
				}
			}
			if k := slices.IndexFunc(n.In, func(in string) bool { return ix.Fixed[in] }); n.Op != "Add" && k >= 0 && ix.constElems(n.In[k]) > 1 {
				return
			}
		case "Where":
			if len(n.In) == 3 && ix.Fixed[n.In[0]] && ix.Fixed[n.In[1]] != ix.Fixed[n.In[2]] {
				next = n.In[1]
				if ix.Fixed[next] {
					next = n.In[2]
				}
			}
		}
		if next == "" {
			return
		}
		ix.Plans[i] = Rewrite{Role: Absorbed, Input: next, Last: name}
		name = next
	}
}

// absorbFactors joins the constant factors of queries and keys in front of the
// product that a softmax reads: they are part of the scale of attention.
func (ix *Index) absorbFactors(name string) {
	i, ok := ix.From[name]
	for ok && ix.Plans[i].Role == Absorbed && ix.Plans[i].Input != "" {
		name = ix.Plans[i].Input
		i, ok = ix.From[name]
	}
	if !ok || ix.Graph.Nodes[i].Domain != "" || ix.Graph.Nodes[i].Op != "MatMul" {
		return
	}
	for _, in := range ix.Graph.Nodes[i].In {
		ix.absorbFactor(in)
	}
}

// absorbFactor looks for one constant factor behind views of a tensor.
func (ix *Index) absorbFactor(name string) {
	for range maxRegion {
		i, ok := ix.From[name]
		if _, one := ix.sole(name); !ok || !one || ix.Plans[i].Role != Alone {
			return
		}
		n := &ix.Graph.Nodes[i]
		if n.Domain != "" || len(n.In) == 0 {
			return
		}
		switch n.Op {
		case "Transpose", "Reshape", "Unsqueeze", "Squeeze", "Identity", "Flatten":
			name = n.In[0]
		case "Mul", "Div":
			for k, in := range n.In {
				if len(n.In) == 2 && !ix.Fixed[in] && ix.Fixed[n.In[1-k]] && ix.constElems(n.In[1-k]) <= 1 && (n.Op == "Mul" || k == 0) {
					ix.Plans[i] = Rewrite{Role: Absorbed, Input: in, Last: name}
					return
				}
			}
			return
		default:
			return
		}
	}
}
