package workload

import "math"

// Routing is a mixture of experts: every one of Tokens tokens is sent to TopK of
// Experts experts. The weights of a step with a routing are read for the experts
// that some token chose; which these are differs from one iteration to the next.
type Routing struct {
	Experts, TopK, Tokens int64
}

// Distinct returns the expected number of distinct experts that the tokens
// choose, uniformly and independently of each other: E (1 - (1 - k/E)^B), exact
// by linearity.
func (r Routing) Distinct() float64 {
	e := float64(r.Experts)
	miss := math.Pow(1-float64(r.TopK)/e, float64(r.Tokens))
	return e * (1 - miss)
}

// Share returns the part of n units of all experts that the distinct experts
// have, rounded to the nearest.
func (r Routing) Share(n int64) int64 {
	return max(1, min(n, int64(math.Round(float64(n)*r.Distinct()/float64(r.Experts)))))
}

// Route makes of a nest over the rows of all tokens (P = Tokens * TopK) the one
// with a group for every distinct expert, rounded to a whole number. The
// multiply-accumulates stay the same: rows that make the groups equal are masked.
func (r Routing) Route(n Nest) Nest {
	rows := n.P
	n.Groups = max(1, min(rows, int64(math.Round(r.Distinct()))))
	n.P = (rows + n.Groups - 1) / n.Groups
	n.H = n.P
	n.Masked = (n.Groups*n.P - rows) * n.C * n.K
	n.Form = RoutedForm
	return n
}
