// Package systolic gives the cycles of an operator nest on a systolic array of
// rows x columns, and the elements it reads from and writes to the buffer.
//
// A nest becomes a matrix product, rows x depth times depth x columns, for each
// group (docs/model-traffic.md):
//
//	forward  pixels x (channels*window) times (channels*window) x filters
//	dX       input pixels x (filters*window) times (filters*window) x channels
//	dW       (channels*window) x pixels times pixels x filters
//
// The array runs it in folds: what it holds (output, weight or input tile)
// covers rows x columns of the array, and a fold lasts until the third
// dimension has streamed through, filled and drained. Folds do not overlap, and
// a fold at the edge of the matrix lasts as long as a full one but moves only
// what exists. This is the rule of SCALE-Sim (Samajdar et al., ISPASS 2020),
// whose figures ScaleSim returns; Map differs where docs/deviations-systolic.md
// says so.
//
// A group with one input channel (depthwise convolution) gives a product of
// depth R*S by a few filters, which leaves a systolic array idle. It runs on the
// vector lanes: one multiply-accumulate per lane and cycle, the window sliding
// along an image row in the lane's registers.
//
// A DotProduct array is not systolic: in every cycle each column multiplies the
// same inputs, as many as there are rows, with weights of its own and adds the
// products to an accumulator (NVDLA, tensor cores, the adder trees of neural
// processors). Window positions follow one another, so channels are rounded up to
// the rows; of an image, of at most four channels, the lines of a window are taken
// with their channels side by side, as NVDLA does. Nothing is filled or drained; inputs pass once for each set of
// columns, weights once for each stripe of outputs that the accumulators hold.
//
// Several cores share a nest: cores.go.
//
// The package does not model buffer banks, DRAM, or the overlap of steps.
package systolic

import (
	"fmt"
	"math"

	"stco/model/accel/window"
	"stco/model/workload"
)

// Dataflow says what a fold holds in the array.
type Dataflow uint8

// The dataflows. For dX the held input is dY. For dW, WeightStationary holds dY
// and InputStationary the ifmap: the second and the first factor of the
// product.
const (
	OutputStationary Dataflow = iota
	WeightStationary
	InputStationary
	// DotProduct is no systolic array: a column adds the products of as many
	// inputs as the array has rows in every cycle.
	DotProduct
	numDataflows
)

// DataflowNames lists the dataflows as ParseDataflow reads them, in order.
func DataflowNames() []string {
	var all []string
	for d := range numDataflows {
		all = append(all, d.String())
	}
	return all
}

// String returns the short name used in studies and tables.
func (d Dataflow) String() string {
	switch d {
	case OutputStationary:
		return "os"
	case WeightStationary:
		return "ws"
	case InputStationary:
		return "is"
	case DotProduct:
		return "dot"
	default:
		return fmt.Sprintf("Dataflow(%d)", uint8(d))
	}
}

// ParseDataflow reads "os", "ws", "is" or "dot".
func ParseDataflow(s string) (Dataflow, error) {
	for d := range numDataflows {
		if s == d.String() {
			return d, nil
		}
	}
	return 0, fmt.Errorf("dataflow %q: want os, ws, is or dot", s)
}

// Array is the compute side: cores with processing elements in rows and columns
// each, and multiply-accumulates per cycle of the vector lanes of all cores. Rows,
// columns and lanes are positive; no cores are one.
type Array struct {
	Rows, Cols  int64
	VectorLanes int64
	Cores       int64
}

// Cost is what one nest takes.
type Cost struct {
	Cycles      int64
	Utilization float64  // MACs over cycles times processing elements (of the lanes if Vector)
	Reads       [3]int64 // elements read from the buffer, by workload.Role; zero for the output
	Writes      int64    // finished output elements

	// Sums that leave the array unfinished because the depth takes several
	// folds: written, and read by the next fold.
	PartialReads, PartialWrites int64

	Vector bool // ran on the vector lanes
}

// Map returns the cost of a nest, with all groups and images. The nest's
// dimensions and the array's are positive.
func Map(n *workload.Nest, a Array, d Dataflow) Cost {
	if n.C == 1 && n.Groups > 1 {
		return mapLanes(n, a)
	}
	if a.Cores > 1 {
		return spread(n, a, d)
	}
	return mapOne(n, a, d)
}

// mapOne returns the cost of a nest on one core.
func mapOne(n *workload.Nest, a Array, d Dataflow) Cost {
	h := window.New(n.P, n.H, n.R, n.StrideH, n.PadH, n.DilH)
	w := window.New(n.Q, n.W, n.S, n.StrideW, n.PadW, n.DilW)
	g := product{groups: n.Groups, taps: 1}
	switch n.Out {
	case workload.Ifmap:
		pixels := max(h.Touched*w.Touched, 1)
		g.rows, g.cols, g.taps, g.lines = n.N*pixels, n.C, n.R*n.S, n.R
		g.depth = window.CeilDiv(n.K*n.P*n.R*n.Q*n.S, pixels)
		g.left, g.right, g.out = workload.Ofmap, workload.Filter, workload.Ifmap
		g.leftReads, g.rightReads = n.N*n.K*h.Pairs*w.Pairs, n.K*n.C*n.R*n.S
		g.written = n.N * n.C * n.H * n.W
	case workload.Filter:
		g.rows, g.cols, g.depth = n.C*n.R*n.S, n.K, n.N*n.P*n.Q
		g.left, g.right, g.out = workload.Ifmap, workload.Ofmap, workload.Filter
		g.leftReads, g.rightReads = n.N*n.C*h.Pairs*w.Pairs, g.depth*g.cols
		g.written = g.rows * g.cols
	default:
		g.rows, g.cols, g.depth, g.taps, g.lines = n.N*n.P*n.Q, n.K, n.C*n.R*n.S, n.R*n.S, n.R
		g.left, g.right, g.out = workload.Ifmap, workload.Filter, workload.Ofmap
		g.leftReads, g.rightReads = n.N*n.C*h.Pairs*w.Pairs, g.depth*g.cols
		g.image = n.C <= imageChannels
		g.written = g.rows * g.cols
	}
	c := g.run(a, d)
	c.mask(n)
	c.Cycles = max(c.Cycles, window.CeilDiv(n.MACs(), a.Rows*a.Cols))
	c.Utilization = float64(n.MACs()) / (float64(c.Cycles) * float64(a.Rows*a.Cols))
	return c
}

// mask leaves out what the nest does not do: tiles above the diagonal of a causal
// attention or outside a window take no cycles and read nothing, the rows that
// make the experts of a mixture equal do not exist. Scores left out are still
// written, as zeros; experts are read whole. Masked multiply-accumulates are taken
// to be whole tiles: those cut by a diagonal count by their share.
func (c *Cost) mask(n *workload.Nest) {
	if n.Masked == 0 {
		return
	}
	done, all := float64(n.MACs()), float64(n.Box())
	share := func(v int64) int64 { return int64(math.Ceil(float64(v) * done / all)) }
	c.Cycles = share(c.Cycles)
	c.PartialReads, c.PartialWrites = share(c.PartialReads), share(c.PartialWrites)
	routed := n.Form == workload.RoutedForm
	for role := range c.Reads {
		if !routed || workload.Role(role) != workload.Filter {
			c.Reads[role] = share(c.Reads[role])
		}
	}
	if routed && n.Out != workload.Filter {
		c.Writes = share(c.Writes)
	}
}

// ScaleSim returns cycles and operand reads as SCALE-Sim reports them for one
// image of a forward nest without groups: padding zeros are read, unfinished
// sums are not read back. SCALE-Sim derives the output size from the input by
// rounding up; here it is P x Q, which is what it computes for an input cropped
// to the pixels the windows cover.
func ScaleSim(n *workload.Nest, a Array, d Dataflow) Cost {
	g := product{
		groups: 1, rows: n.P * n.Q, cols: n.K, depth: n.C * n.R * n.S,
		left: workload.Ifmap, right: workload.Filter, out: workload.Ofmap,
	}
	g.leftReads, g.rightReads, g.written = g.rows*g.depth, g.depth*g.cols, g.rows*g.cols
	c := g.run(a, d)
	c.PartialReads = 0
	c.Utilization = float64(g.rows*g.depth*g.cols) / (float64(c.Cycles) * float64(a.Rows*a.Cols))
	return c
}

// product is one matrix product, repeated for each group: left (rows x depth)
// times right (depth x cols).
type product struct {
	groups, rows, cols, depth int64
	taps, lines               int64 // window positions and lines of the depth: an adder tree takes them one after the other
	image                     bool  // lines are taken with their channels side by side
	left, right, out          workload.Role
	leftReads, rightReads     int64 // elements of the operand matrices that exist
	written                   int64
}

func (g *product) run(a Array, d Dataflow) Cost {
	var c Cost
	left, right, passes := int64(1), int64(1), int64(1)
	switch d {
	case WeightStationary:
		passes = window.CeilDiv(g.depth, a.Rows)
		left = window.CeilDiv(g.cols, a.Cols)
		c.Cycles = passes * left * (g.rows + 2*a.Rows + a.Cols - 2)
	case InputStationary:
		passes = window.CeilDiv(g.depth, a.Rows)
		right = window.CeilDiv(g.rows, a.Cols)
		c.Cycles = passes * right * (g.cols + 2*a.Rows + a.Cols - 2)
	case DotProduct:
		left, right = window.CeilDiv(g.cols, a.Cols), window.CeilDiv(g.rows, stripe)
		taps := g.taps
		if g.image {
			taps = g.lines
		}
		c.Cycles = left*g.rows*taps*window.CeilDiv(window.CeilDiv(g.depth, taps), a.Rows) + 1 // less the one below
	default:
		left, right = window.CeilDiv(g.cols, a.Cols), window.CeilDiv(g.rows, a.Rows)
		c.Cycles = left * right * (g.depth + a.Rows + a.Cols - 2)
	}
	c.Cycles = g.groups*c.Cycles - 1 // SCALE-Sim reports the number of the last cycle, from zero
	c.Reads[g.left] = g.groups * left * g.leftReads
	c.Reads[g.right] = g.groups * right * g.rightReads
	c.Writes = g.groups * g.written
	c.PartialWrites = g.groups * (passes - 1) * g.rows * g.cols
	c.PartialReads = c.PartialWrites
	return c
}

// imageChannels is the most channels of an image.
const imageChannels = 4

// stripe is the number of outputs that the accumulators of a column hold: NVDLA
// works on stripes of 16 to 32.
const stripe = 32

// mapLanes runs a nest with one input channel per group on the vector lanes.
// The window slides along image rows in registers, so each row of the sliding
// operand is read once per window row that meets it; the filter is read once
// per filter and pass over the batch; a filter gradient is summed in registers.
func mapLanes(n *workload.Nest, a Array) Cost {
	h := window.New(n.P, n.H, n.R, n.StrideH, n.PadH, n.DilH)
	w := window.New(n.Q, n.W, n.S, n.StrideW, n.PadW, n.DilW)
	filter := n.Groups * n.K * n.R * n.S
	ofmap := n.Groups * n.N * n.K * n.P * n.Q
	ifmapRows := n.Groups * n.N * h.Pairs * w.Touched
	c := Cost{Vector: true, Cycles: window.CeilDiv(n.MACs(), a.VectorLanes)}
	switch n.Out {
	case workload.Ifmap:
		c.Reads[workload.Ofmap] = n.Groups * n.N * n.K * h.Pairs * n.Q
		c.Reads[workload.Filter] = filter
		c.Writes = n.Groups * n.N * n.H * n.W
	case workload.Filter:
		c.Reads[workload.Ifmap], c.Reads[workload.Ofmap] = n.K*ifmapRows, ofmap
		c.Writes = filter
	default:
		c.Reads[workload.Ifmap], c.Reads[workload.Filter] = n.K*ifmapRows, filter
		c.Writes = ofmap
	}
	c.Utilization = float64(n.MACs()) / (float64(c.Cycles) * float64(a.VectorLanes))
	return c
}
