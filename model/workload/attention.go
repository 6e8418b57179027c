package workload

// Attention is the geometry of softmax(Q K^T) V executed as one step whose
// scores never leave the chip (Dao et al., NeurIPS 2022, arXiv:2205.14135).
//
// The step of the forward pass reads Q, then K and V, and writes the result O
// and, when its backward pass follows, one float32 statistic per query (the
// logarithm of the sum of exponentials). The step of the backward pass reads Q,
// dO and two statistics per query (that one, and the sum of dO times O), then K
// and V, computes the scores again, and writes dQ, dK and dV.
type Attention struct {
	Scores  Nest // QK^T
	Context Nest // AV
}

// Products returns the matrix products of a step: of a fused attention those it
// consists of in their order, the scores first; none of a vector step.
func (s *Step) Products() []Nest {
	a := s.Attention
	switch {
	case s.MACs == 0:
		return nil
	case a == nil:
		return []Nest{s.Nest}
	case s.Pass != Backward:
		return []Nest{a.Scores, a.Context}
	}
	return []Nest{a.Scores, a.Context.accumulating(Filter), a.Context.accumulating(Ifmap), a.Scores.accumulating(Ifmap), a.Scores.accumulating(Filter)}
}

// accumulating returns the nest with another result: a gradient.
func (n Nest) accumulating(out Role) Nest {
	n.Out = out
	return n
}

// Results returns the number of leading operands of Writes that the products of
// the step accumulate.
func (s *Step) Results() int {
	switch {
	case s.MACs == 0:
		return 0
	case s.Attention != nil && s.Pass == Backward:
		return 3
	default:
		return 1
	}
}

// Recomputed returns the multiply-accumulates of a step that repeat those of the
// forward pass.
func (s *Step) Recomputed() int64 {
	switch {
	case s.Pass == Recompute:
		return s.MACs
	case s.Attention != nil && s.Pass == Backward:
		return s.Attention.Scores.MACs()
	default:
		return 0
	}
}
