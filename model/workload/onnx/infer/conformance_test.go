package infer

import (
	"encoding/json"
	"io"
	"math"
	"os"
	"slices"
	"testing"

	"stco/model/workload/onnx"
)

// constantCase is one line of conformance.jsonl.
type constantCase struct {
	Case, Op string
	Opset    int64
	Attrs    []struct {
		Name   string
		Int    int64
		Ints   []int64
		Float  float32
		Text   string
		Tensor *value
	}
	In  []*value
	Out value
}

type value struct {
	Dims   []int64
	Type   int64
	Values []float64
}

func (c *constantCase) call() *Call {
	n := &onnx.Node{Name: c.Case, Op: c.Op}
	for _, a := range c.Attrs {
		x := onnx.Attr{Name: a.Name, Int: a.Int, Ints: a.Ints, Float: a.Float, Text: a.Text}
		if a.Tensor != nil {
			x.Tensor = &onnx.Constant{Dims: a.Tensor.Dims, Type: a.Tensor.Type, Values: a.Tensor.Values}
		}
		n.Attrs = append(n.Attrs, x)
	}
	call := &Call{Node: n}
	for _, v := range c.In {
		var t *Tensor
		name := ""
		if v != nil {
			t, name = &Tensor{Dims: v.Dims, Type: v.Type, Values: v.Values}, "x"
		}
		call.Args, n.In = append(call.Args, t), append(n.In, name)
	}
	return call
}

// TestConformance holds dimensions and values of constants to the node tests of
// ONNX. Where no value is computed (Resize, reductions to several elements, Pad)
// the dimensions must agree.
func TestConformance(t *testing.T) {
	f, err := os.Open("testdata/published/conformance.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	cases, known := 0, 0
	for d := json.NewDecoder(f); ; cases++ {
		var c constantCase
		if err := d.Decode(&c); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		call := c.call()
		if c.Op == "Resize" {
			dims, err := call.ResizeDims(c.Opset)
			if err != nil || !slices.Equal(dims, c.Out.Dims) {
				t.Errorf("%s: %v, %v; want %v", c.Case, dims, err, c.Out.Dims)
			}
			continue
		}
		got, err := call.Fold()
		if err != nil {
			t.Errorf("%s: %v", c.Case, err)
			continue
		}
		if !slices.Equal(got.Dims, c.Out.Dims) {
			t.Errorf("%s: dimensions %v, want %v", c.Case, got.Dims, c.Out.Dims)
			continue
		}
		if got.Values == nil {
			continue
		}
		known++
		if len(got.Values) != len(c.Out.Values) {
			t.Errorf("%s: %d values, want %d", c.Case, len(got.Values), len(c.Out.Values))
			continue
		}
		for i, v := range got.Values {
			if math.Abs(v-c.Out.Values[i]) > 1e-5*max(1, math.Abs(v)) {
				t.Errorf("%s: value %d is %g, want %g", c.Case, i, v, c.Out.Values[i])
				break
			}
		}
	}
	if cases < 180 || known < 120 {
		t.Errorf("%d cases, values of %d", cases, known)
	}
	t.Logf("%d cases, values of %d", cases, known)
}
