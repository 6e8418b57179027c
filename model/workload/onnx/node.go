package onnx

// FullOp is the operator with its domain.
func (n *Node) FullOp() string {
	if n.Domain == "" {
		return n.Op
	}
	return n.Domain + "." + n.Op
}

// AttrInt returns an integer attribute, def when it is absent.
func (n *Node) AttrInt(name string, def int64) int64 {
	for i := range n.Attrs {
		if n.Attrs[i].Name == name {
			return n.Attrs[i].Int
		}
	}
	return def
}

// AttrInts returns an attribute of integers, nil when it is absent.
func (n *Node) AttrInts(name string) []int64 {
	for i := range n.Attrs {
		if n.Attrs[i].Name == name {
			return n.Attrs[i].Ints
		}
	}
	return nil
}

// AttrFloats returns an attribute of numbers, nil when it is absent.
func (n *Node) AttrFloats(name string) []float32 {
	for i := range n.Attrs {
		if n.Attrs[i].Name == name {
			return n.Attrs[i].Floats
		}
	}
	return nil
}

// AttrString returns an attribute of text.
func (n *Node) AttrString(name, def string) string {
	for i := range n.Attrs {
		if n.Attrs[i].Name == name {
			return n.Attrs[i].Text
		}
	}
	return def
}
