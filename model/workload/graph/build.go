package graph

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"stco/model/workload"
)

// Value is the result of a builder call: data with a shape of C channels (or
// features) by H by W, for one item. A token sequence has C features, H tokens
// and W = 1. A Value may be a view of several data.
type Value struct {
	parts   []Part
	C, H, W int64
}

// Parts returns the number of data, or pieces of data, the value is made of.
func (v Value) Parts() int { return len(v.parts) }

// Elems returns the number of elements of one item.
func (v Value) Elems() int64 { return v.C * v.H * v.W }

// Builder declares a network operator by operator. The first error sticks and
// is returned by Network; after an error the calls return values of shape 1.
type Builder struct {
	net   *Network
	block int32
	times int64 // time steps of recurrent layers
	err   error
}

// MaxTimeSteps bounds the time steps of all recurrent layers of a network: a trace
// holds every one of them, two steps in inference and some seven in training.
const MaxTimeSteps = 1 << 14

// maxCountedSteps bounds the time steps of networks that are only counted.
const maxCountedSteps = 1 << 20

// NewBuilder starts a network.
func NewBuilder(name string) *Builder {
	return &Builder{net: &Network{Name: name}}
}

// Failf records an error, prefixed with the network's name.
func (b *Builder) Failf(format string, args ...any) {
	if b.err == nil {
		b.err = fmt.Errorf("%s: "+format, append([]any{b.net.Name}, args...)...)
	}
}

// At returns an error of what a line of a file declares.
func (b *Builder) At(file string, line int, err error) error {
	return fmt.Errorf("%s:%d: %s", file, line, strings.TrimPrefix(err.Error(), b.net.Name+": "))
}

// FailAll records errors that name their places, one a line.
func (b *Builder) FailAll(errs []error) {
	if b.err == nil {
		b.err = errors.Join(errs...)
	}
}

// Err returns the first error.
func (b *Builder) Err() error { return b.err }

// Recover returns the first error and forgets it, for a caller that looks for
// further ones: what was declared so far is no network.
func (b *Builder) Recover() error {
	err := b.err
	b.err = nil
	return err
}

// Network returns the finished network or the first error.
func (b *Builder) Network() (*Network, error) {
	if b.err != nil {
		return nil, b.err
	}
	if len(b.net.Outputs) == 0 {
		return nil, fmt.Errorf("%s: no output", b.net.Name)
	}
	return b.net, nil
}

// Block starts a new checkpoint segment.
func (b *Builder) Block() { b.block++ }

func (b *Builder) storage(d Storage) Part {
	b.net.Data = append(b.net.Data, d)
	return Part{Data: int32(len(b.net.Data) - 1), Len: d.Elems}
}

// Input declares external data that arrive with every batch: an image, or
// C = 1 token index in each of H places when form is an integer format.
func (b *Builder) Input(name string, c, h, w int64) Value {
	p := b.storage(Storage{Name: name, Elems: c * h * w, External: true})
	return Value{[]Part{p}, c, h, w}
}

// Tokens declares n token indices per item, 32 bits each.
func (b *Builder) Tokens(name string, n int64) Value {
	p := b.storage(Storage{Name: name, Elems: n, External: true, Form: workload.FP32})
	return Value{[]Part{p}, 1, n, 1}
}

// State declares data that persist from one iteration to the next in DRAM or on
// chip: a cache of keys or values, a recurrent state.
func (b *Builder) State(name string, class workload.Class, c, h, w int64) Value {
	p := b.storage(Storage{Name: name, Elems: c * h * w, Class: class, Persistent: true})
	return Value{[]Part{p}, c, h, w}
}

// Output marks v as a result of the network.
func (b *Builder) Output(v Value) { b.net.Outputs = append(b.net.Outputs, v.parts) }

// Logits marks v as a result that training keeps in float32.
func (b *Builder) Logits(v Value) {
	for _, p := range v.parts {
		b.net.Data[p.Data].Logits = true
	}
	b.Output(v)
}

// Param declares a parameter tensor.
func (b *Builder) Param(name string, elems int64) int32 {
	b.net.Params = append(b.net.Params, Param{Name: name, Elems: elems})
	return int32(len(b.net.Params) - 1)
}

// FixedParam declares a parameter that training leaves alone.
func (b *Builder) FixedParam(name string, elems int64) int32 {
	p := b.Param(name, elems)
	b.net.Params[p].Fixed = true
	return p
}

// FixExcept makes all parameters declared so far such that training leaves them
// alone, but those whose name holds the text.
func (b *Builder) FixExcept(text string) {
	for i := range b.net.Params {
		b.net.Params[i].Fixed = !strings.Contains(b.net.Params[i].Name, text)
	}
}

// Reduce counts elements that the devices of a sliced network sum over.
func (b *Builder) Reduce(elems int64) { b.net.Reduced += elems }

// FrozenParam declares a constant that training leaves alone.
func (b *Builder) FrozenParam(name string, elems int64) int32 {
	p := b.Param(name, elems)
	b.net.Params[p].Frozen = true
	return p
}

// SparseParam declares a parameter tensor of which one item touches only the
// given number of elements: an embedding table whose gradient holds only the
// rows looked up.
func (b *Builder) SparseParam(name string, elems, touched int64) int32 {
	p := b.Param(name, elems)
	b.net.Params[p].RowsTouched = touched
	return p
}

// add appends an operator that writes a new storage of shape c x h x w.
func (b *Builder) add(o Op, c, h, w int64, ins ...Value) Value {
	if b.err != nil {
		return Value{C: 1, H: 1, W: 1}
	}
	if c < 1 || h < 1 || w < 1 {
		b.Failf("%s: output of %d x %d x %d elements is empty; the input is too small", o.Name, c, h, w)
		return Value{C: 1, H: 1, W: 1}
	}
	p := b.storage(Storage{Name: o.Name, Elems: c * h * w})
	o.Out = append(o.Out, p)
	o.Block = b.block
	for _, in := range ins {
		o.In = append(o.In, in.parts)
	}
	b.net.Ops = append(b.net.Ops, o)
	return Value{[]Part{p}, c, h, w}
}

// Act adds a pointwise function.
func (b *Builder) Act(name string, x Value, fn Fn) Value {
	return b.pointwise(name, workload.OpActivation, fn, x, nil)
}

// Norm adds a batch, layer or RMS normalisation over C with gain and, unless
// fn is RMSNorm, shift.
func (b *Builder) Norm(name string, x Value, fn Fn) Value {
	ps := []int32{b.Param(name+".weight", x.C)}
	if fn != RMSNorm {
		ps = append(ps, b.Param(name+".bias", x.C))
	}
	return b.NormWith(name, x, fn, x.H*x.W, ps...)
}

// NormWith is Norm over the given number of rows, with given parameters.
func (b *Builder) NormWith(name string, x Value, fn Fn, rows int64, params ...int32) Value {
	v := b.pointwise(name, workload.OpNorm, fn, x, params)
	if b.err == nil {
		o := &b.net.Ops[len(b.net.Ops)-1]
		switch fn {
		case BatchNorm:
			o.Stats = 2 * x.C
		case RMSNorm:
			o.Stats = rows
		default:
			o.Stats = 2 * rows
		}
	}
	return v
}

func (b *Builder) pointwise(name string, kind workload.OpKind, fn Fn, x Value, params []int32, more ...Value) Value {
	e := x.Elems()
	o := Op{Name: name, Kind: kind, Fn: fn, Vec: e * fnTable[fn].fwd, VecBwd: e * fnTable[fn].bwd, Params: params}
	return b.add(o, x.C, x.H, x.W, slices.Insert(more, 0, x)...)
}

// Softmax adds a softmax over rows, scale and mask included.
func (b *Builder) Softmax(name string, x Value) Value {
	o := Op{Name: name, Kind: workload.OpSoftmax, Vec: x.Elems() * SoftmaxOps, VecBwd: x.Elems() * softmaxBwdOps}
	return b.add(o, x.C, x.H, x.W, x)
}

// SoftmaxOver is Softmax of which only elems elements are not masked.
func (b *Builder) SoftmaxOver(name string, x Value, elems int64) Value {
	v := b.Softmax(name, x)
	if b.err == nil {
		o := &b.net.Ops[len(b.net.Ops)-1]
		o.Vec, o.VecBwd = elems*SoftmaxOps, elems*softmaxBwdOps
	}
	return v
}

// Add adds the sum of x and y, which has as many elements or fewer (broadcast).
func (b *Builder) Add(name string, x, y Value) Value { return b.binary(name, Add, x, y) }

// Mul adds the product of x and y, which has as many elements or fewer.
func (b *Builder) Mul(name string, x, y Value) Value { return b.binary(name, Mul, x, y) }

func (b *Builder) binary(name string, fn Fn, x, y Value) Value {
	if y.Elems() > x.Elems() || x.Elems()%y.Elems() != 0 {
		b.Failf("%s: %d and %d elements do not broadcast", name, x.Elems(), y.Elems())
		return Value{C: 1, H: 1, W: 1}
	}
	return b.pointwise(name, workload.OpElementwise, fn, x, nil, y)
}

// Outer adds the sums of every one of the H positions of x with every one of y,
// as x.H * y.H positions of the common C features.
func (b *Builder) Outer(name string, x, y Value) Value {
	if x.C != y.C || x.W != 1 || y.W != 1 {
		b.Failf("%s: %d and %d features", name, x.C, y.C)
		return Value{C: 1, H: 1, W: 1}
	}
	v := b.Combine(name, x, y, x.C*x.H*y.H)
	v.C, v.H = x.C, x.H*y.H
	return v
}

// Combine adds a sum of x and y in which both are broadcast to elems elements.
func (b *Builder) Combine(name string, x, y Value, elems int64) Value {
	return b.add(Op{Name: name, Kind: workload.OpElementwise, Fn: Add, Vec: elems, VecBwd: 2 * elems}, elems, 1, 1, x, y)
}

// Copy adds a copy of x into a tensor of elems elements: repetition, padding.
func (b *Builder) Copy(name string, x Value, elems int64) Value {
	return b.add(Op{Name: name, Kind: workload.OpElementwise, Fn: Copy, Vec: elems, VecBwd: elems}, elems, 1, 1, x)
}

// Pointwise adds a function of one tensor and parameters: ParamAdd, ParamMul,
// Rotate, Scale.
func (b *Builder) Pointwise(name string, fn Fn, x Value, params ...int32) Value {
	return b.pointwise(name, workload.OpElementwise, fn, x, params)
}

// PointwiseOver is Pointwise of the given number of elementary operations.
func (b *Builder) PointwiseOver(name string, fn Fn, x Value, ops int64, params ...int32) Value {
	v := b.Pointwise(name, fn, x, params...)
	if b.err == nil {
		b.net.Ops[len(b.net.Ops)-1].Vec = ops
	}
	return v
}

// Constant adds a parameter of c x h x w elements expanded over the batch.
func (b *Builder) Constant(name string, c, h, w int64) Value {
	v := b.ConstantWith(name, b.Param(name, c*h*w))
	return Value{v.parts, c, h, w}
}

// ConstantWith is Constant with a given parameter, as one column.
func (b *Builder) ConstantWith(name string, param int32) Value {
	e := b.net.Params[param].Elems
	return b.add(Op{Name: name, Kind: workload.OpElementwise, Fn: ParamCopy, Vec: e, VecBwd: e, Params: []int32{param}}, e, 1, 1)
}

// Append writes x behind the contents of a cache and returns the whole cache.
func (b *Builder) Append(name string, x, cache Value) Value {
	n := x.Elems()
	if b.err != nil || len(cache.parts) != 1 || n > cache.Elems() {
		b.Failf("%s: %d elements do not fit a cache of %d", name, n, cache.Elems())
		return cache
	}
	p := cache.parts[0]
	p.Off, p.Len = p.Len-n, n
	b.net.Ops = append(b.net.Ops, Op{
		Name: name, Kind: workload.OpElementwise, Fn: Copy, In: [][]Part{x.parts}, Out: []Part{p}, Vec: n, VecBwd: n, Block: b.block,
	})
	return cache
}

// Pool adds a pooling window (MaxPool or AvgPool).
func (b *Builder) Pool(name string, x Value, fn Fn, k Window) Value {
	if !k.valid() {
		b.Failf("%s: a window of %s: size, stride and dilation are at least 1, padding at least 0", name, k)
		return Value{C: 1, H: 1, W: 1}
	}
	p, q := k.out(x.H, x.W)
	e := x.C * p * q * k.R * k.S
	o := Op{Name: name, Kind: workload.OpPool, Fn: fn, Vec: e, VecBwd: e}
	if fn == MaxPool {
		o.VecBwd = x.C * p * q
	}
	return b.add(o, x.C, p, q, x)
}

// GlobalPool adds an adaptive average pooling to h x w.
func (b *Builder) GlobalPool(name string, x Value, h, w int64) Value {
	if h == x.H && w == x.W {
		return x
	}
	e, fn := x.Elems(), AvgPool
	if h == 1 && w == 1 {
		fn = Mean
	}
	return b.add(Op{Name: name, Kind: workload.OpPool, Fn: fn, Vec: e, VecBwd: e}, x.C, h, w, x)
}

// Embed adds a look-up of one row of width c per index of ids in table.
func (b *Builder) Embed(name string, ids Value, c int64, table int32) Value {
	return b.EmbedBag(name, ids, c, 1, table)
}

// EmbedBag is Embed with the sum over every bag of consecutive indices.
func (b *Builder) EmbedBag(name string, ids Value, c, bag int64, table int32) Value {
	n := ids.Elems()
	o := Op{Name: name, Kind: workload.OpEmbedding, Params: []int32{table}, Vec: n * c, VecBwd: n * c}
	return b.add(o, c, n/bag, 1, ids)
}

// Recurrent adds a layer of LSTM or GRU cells over the H positions of gx, the
// products of the inputs with their weights, for W sequences. The states are the
// initial ones.
func (b *Builder) Recurrent(name string, gx Value, fn Fn, bias bool, states ...Value) Value {
	h := gx.C / fn.Gates()
	return b.RecurrentWith(name, gx, fn, b.weights(name, h*gx.C, gx.C, bias), states...)
}

// Gates returns the gates of a recurrent cell.
func (f Fn) Gates() int64 {
	switch f {
	case RNN:
		return 1
	case GRU:
		return 3
	default:
		return 4
	}
}

// RecurrentWith is Recurrent with given parameters.
func (b *Builder) RecurrentWith(name string, gx Value, fn Fn, params []int32, states ...Value) Value {
	h := gx.C / fn.Gates()
	if b.err != nil || gx.C != h*fn.Gates() || h < 1 || len(gx.parts) != 1 {
		b.Failf("%s: %d features are not %d gates", name, gx.C, fn.Gates())
		return Value{C: 1, H: 1, W: 1}
	}
	if b.times += gx.H; b.times > maxCountedSteps {
		b.Failf("%s: %d time steps, %d with the layers before: at most %d are counted", name, gx.H, b.times, maxCountedSteps)
		return Value{C: 1, H: 1, W: 1}
	}
	o := Op{
		Name: name, Kind: workload.OpRecurrent, Fn: fn, Nest: gemm(gx.W, h, gx.C, 1), Params: params,
		Vec: 8 * h * gx.W, VecBwd: 20 * h * gx.W, Block: b.block, In: [][]Part{gx.parts},
	}
	for _, s := range states {
		o.In = append(o.In, s.parts)
	}
	o.Out = make([]Part, 0, gx.H)
	for i := range gx.H {
		step := name + ".h" // of a sequence that no trace holds: one name for all
		if gx.H <= MaxTimeSteps {
			step = fmt.Sprintf("%s.h%d", name, i+1)
		}
		o.Out = append(o.Out, b.storage(Storage{Name: step, Elems: h * gx.W}))
	}
	b.net.Ops = append(b.net.Ops, o)
	return Value{o.Out, h, gx.H, gx.W}
}

// Core marks the operators added by f as the attention core.
func (b *Builder) Core(f func() Value) Value {
	from := len(b.net.Ops)
	v := f()
	for i := from; i < len(b.net.Ops); i++ {
		b.net.Ops[i].Core = true
	}
	return v
}

// MarkAttention marks as attention core every softmax whose input is a batched
// product and whose output only batched products read, with these products.
func (b *Builder) MarkAttention() {
	const none = -1
	n := b.net
	producer := slices.Repeat([]int{none}, len(n.Data))
	readers := make([][]int, len(n.Data))
	for i := range n.Ops {
		for _, in := range n.Ops[i].In {
			for _, p := range in {
				readers[p.Data] = append(readers[p.Data], i)
			}
		}
		for _, p := range n.Ops[i].Out {
			producer[p.Data] = i
		}
	}
	product := func(i int) bool { return i != none && n.Ops[i].Kind == workload.OpMatMul }
	for i := range n.Ops {
		o := &n.Ops[i]
		if o.Kind != workload.OpSoftmax {
			continue
		}
		scores, whole := n.Whole(o.In[0])
		after := readers[o.Out[0].Data]
		if !whole || !product(producer[scores]) || len(after) == 0 || slices.ContainsFunc(after, func(k int) bool { return !product(k) }) {
			continue
		}
		for _, k := range append([]int{producer[scores], i}, after...) {
			n.Ops[k].Core = true
		}
	}
}
