package workload

// Nests returns the loop nests of the forward pass, one for every row of
// Layers(b).
func (n *Network) Nests(b int) []Nest {
	var out []Nest
	for i := range n.Ops {
		if o := &n.Ops[i]; o.hasMACs() {
			s := o.scaled(int64(b))
			if o.Kind == OpRecurrent {
				s.Groups *= int64(len(o.Out))
			}
			out = append(out, s)
		}
	}
	return out
}
