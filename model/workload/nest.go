package workload

// Role says which tensor of a convolution nest a GEMM operand is.
type Role uint8

// The three tensors of a convolution or GEMM nest.
const (
	Ifmap  Role = iota // input feature map; GEMM: left matrix M x K
	Filter             // weights; GEMM: right matrix K x N
	Ofmap              // output feature map; GEMM: M x N
)

// Nest is the seven-loop nest of a convolution. A matrix product M x K by
// K x N is the nest N=1, P=M, Q=1, H=M, W=1, C=K, K=N, R=S=1. Groups multiplies
// everything: C and K are per group; a batched matrix product has Groups = the
// number of independent products.
//
// The same nest serves forward (Out == Ofmap), dX (Out == Ifmap) and dW
// (Out == Filter): only which tensor is accumulated changes.
type Nest struct {
	N, C, H, W int64 // batch, channels per group, input height and width without padding
	K, P, Q    int64 // filters per group, output height and width
	R, S       int64 // filter height and width
	StrideH    int64
	StrideW    int64
	PadH, PadW int64
	DilH, DilW int64
	Groups     int64
	Out        Role

	// Masked counts the multiply-accumulates of the loops that are not done,
	// over all groups: above the diagonal of causal attention, outside a sliding
	// window, rows that make the experts of a mixture equal.
	Masked int64
	// Form says what the tensors of the nest are when they are not its boxes.
	Form NestForm
	// A window over three dimensions has its output frames among N and its taps
	// in depth among C: DepthOut frames from DepthIn by DepthTaps. All are 0 for
	// a window over two.
	DepthIn, DepthOut, DepthTaps int64
}

// NestForm says what the tensors of a nest are.
type NestForm uint8

// The forms.
const (
	// BoxForm has every tensor as its loops give it.
	BoxForm NestForm = iota
	// RoutedForm is a product by the experts of a mixture: a group is an expert
	// that some token chose, P its rows rounded up. The filter's operand has the
	// expected bytes of the distinct experts chosen.
	RoutedForm
	// ScanForm is a state-space scan: the input feature map of the loops is the
	// state, which does not leave the step, and the filter the input and output
	// projections of every position. The first input is what enters the state.
	ScanForm
)

// Box returns the multiply-accumulates of the loops, masked ones included.
func (n *Nest) Box() int64 {
	return n.Groups * n.N * n.K * n.P * n.Q * n.C * n.R * n.S
}

// MACs returns the multiply-accumulates of the nest.
func (n *Nest) MACs() int64 { return n.Box() - n.Masked }

// ifmapElems returns the elements of the input feature map.
func (n *Nest) ifmapElems() int64 {
	e := n.Groups * n.N * n.C * n.H * n.W
	if n.DepthOut > 0 {
		e = e / (n.DepthOut * n.DepthTaps) * n.DepthIn
	}
	return e
}

// Touched returns the pixels of the input that the window of a nest visits, and
// all its pixels.
func (n *Nest) Touched() (touched, all int64) {
	axis := func(size, out, r, stride, pad, dil int64) int64 {
		var count, next int64 // rows below next are counted
		for p := range out {
			for k := range r {
				// Without dilation no later window visits a row left out before.
				if i := p*stride + k - pad; dil == 1 && i >= next && i < size {
					count++
					next = i + 1
				}
			}
		}
		if dil == 1 {
			return count
		}
		seen := make([]bool, size)
		for p := range out {
			for k := range r {
				if i := p*stride + k*dil - pad; i >= 0 && i < size && !seen[i] {
					seen[i] = true
					count++
				}
			}
		}
		return count
	}
	h := axis(n.H, n.P, n.R, n.StrideH, n.PadH, n.DilH)
	w := axis(n.W, n.Q, n.S, n.StrideW, n.PadW, n.DilW)
	return h * w, n.H * n.W
}
