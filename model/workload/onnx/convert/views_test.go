package convert

import (
	"slices"
	"testing"

	"stco/model/workload/onnx"
	"stco/model/workload/onnx/infer"
	"stco/model/workload/onnx/pattern"
	"stco/model/workload/onnx/walk"
)

// TestWeightInputs holds the inputs that are weights to the operator
// specification: of an LSTM (X, W, R, B, sequence_lens, initial_h, initial_c, P)
// W, R, B and the peepholes P.
func TestWeightInputs(t *testing.T) {
	for op, want := range map[string][]int{
		"LSTM": {1, 2, 3, 7}, "GRU": {1, 2, 3}, "RNN": {1, 2, 3}, // these have six inputs
		"Conv": {1, 2}, "BatchNormalization": {1, 2, 3, 4}, // X, W, B; X, scale, B, mean, var
		"ConvInteger": {1, 2, 3}, "DeformConv": {1, 3}, // x, w, their zero points; X, W, offset, B, mask
		"MatMul": nil, "Add": nil,
	} {
		inputs := map[string]int{"LSTM": 8, "GRU": 6, "RNN": 6, "Conv": 3, "BatchNormalization": 5, "ConvInteger": 4, "DeformConv": 5, "MatMul": 2, "Add": 2}[op]
		var got []int
		for k := range max(inputs, 9) {
			if k < inputs && weightInput(&onnx.Node{Op: op}, k) {
				got = append(got, k)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: inputs %v hold weights, want %v", op, got, want)
		}
	}
	if weightInput(&onnx.Node{Op: "LSTM"}, 8) {
		t.Error("an LSTM has no ninth input")
	}
}

// TestAbsorb: a mask that another operator takes in may add dimensions of one,
// not repeat the data.
func TestAbsorb(t *testing.T) {
	for _, c := range []struct{ mask, want []int64 }{
		{[]int64{3}, []int64{2, 3}}, {[]int64{1, 1, 3}, []int64{1, 2, 3}}, {[]int64{4, 1, 3}, nil}, {[]int64{5}, nil},
	} {
		data := &walk.Entry{Tensor: infer.Tensor{Dims: []int64{2, 3}}, Ready: true, Param: walk.NoParam}
		im := &walk.Importer{Tensors: map[string]*walk.Entry{"x": data, "mask": {Tensor: infer.Tensor{Dims: c.mask}, Fixed: true}}}
		err := absorb(im, &onnx.Node{Op: "Mul", In: []string{"x", "mask"}, Out: []string{"y"}}, &pattern.Rewrite{Input: "x", Last: "y"})
		switch y := im.Tensors["y"]; {
		case c.want == nil && err == nil:
			t.Errorf("a mask of %v repeats [2 3]", c.mask)
		case c.want != nil && (err != nil || y == nil || !slices.Equal(y.Dims, c.want) || !y.Ready):
			t.Errorf("a mask of %v: %v, want %v (%v)", c.mask, y, c.want, err)
		}
	}
}

// TestIdentityOfList: an Identity passes a sequence on as it is.
func TestIdentityOfList(t *testing.T) {
	list := &walk.Entry{IsList: true, List: []*walk.Entry{{}, {}}}
	im := &walk.Importer{Tensors: map[string]*walk.Entry{"s": list}}
	if err := reinterpret(im, &onnx.Node{Op: "Identity", In: []string{"s"}, Out: []string{"t"}}); err != nil || im.Tensors["t"] != list {
		t.Errorf("%v, %v", im.Tensors["t"], err)
	}
}
