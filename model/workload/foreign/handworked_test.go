package foreign

import (
	"fmt"
	"strings"
	"testing"

	"stco/model/workload/graph"
)

// shapes prints the operators of a network with what sets their work.
func shapes(n *graph.Network) string {
	var b strings.Builder
	for i := range n.Ops {
		o := &n.Ops[i]
		fmt.Fprintf(&b, "%s %s", o.Name, o.Kind)
		if x := &o.Nest; o.HasMACs() {
			fmt.Fprintf(&b, " n%d c%d %dx%d > k%d %dx%d, window %dx%d stride %d,%d dilation %d,%d groups %d", x.N, x.C, x.H, x.W, x.K, x.P, x.Q, x.R, x.S, x.StrideH, x.StrideW, x.DilH, x.DilW, x.Groups)
		} else {
			fmt.Fprintf(&b, " %d operations", o.Vec)
		}
		for _, in := range o.In {
			elems := int64(0)
			for _, p := range in {
				elems += p.Len
			}
			fmt.Fprintf(&b, " in %d", elems)
		}
		for _, p := range o.Params {
			fmt.Fprintf(&b, " param %d", n.Params[p].Elems)
		}
		fmt.Fprintf(&b, " out %d\n", o.Out[0].Len)
	}
	return b.String()
}

// TestShapes reads small files of every kind whose layers are worked out by hand:
// an input is (outputs - 1) stride + (window - 1) dilation + 1 long, so 7 outputs
// of 3 taps at a stride of 2 take 15, 8 of 5 taps at a dilation of 3 take 20.
func TestShapes(t *testing.T) {
	for _, c := range []struct{ name, kind, text, want string }{
		{"the shape of older files, when none is named", Timeloop, "problem: {C: 3, K: 4, R: 3, S: 5, P: 7, Q: 8, N: 2, Wstride: 2, Hdilation: 3}", `problem conv n2 c3 15x20 > k4 7x8, window 3x5 stride 2,1 dilation 1,3 groups 1 in 1800 param 180 out 448
`},
		{"by its name", Timeloop, "problem: {shape: cnn-layer, C: 3, K: 4, R: 1, S: 1, P: 7, Q: 8, N: 1}", `problem conv n1 c3 7x8 > k4 7x8, window 1x1 stride 1,1 dilation 1,1 groups 1 in 168 param 12 out 224
`},
		{"a product", Timeloop, "problem: {shape: gemm_ABZ, M: 5, N: 6, K: 7}", `problem linear n1 c7 5x1 > k6 5x1, window 1x1 stride 1,1 dilation 1,1 groups 1 in 35 param 42 out 30
`},
		{
			"window and stride of a convolution, its pooling and a sum", ZigZag, `
- {id: 0, name: c, operator_type: Conv, equation: 'O[b][k][oy][ox]+=W[k][c][fy][fx]*I[b][c][iy][ix]', dimension_relations: [ix=2*ox+1*fx, iy=1*oy+3*fy], loop_dims: [B, K, C, OY, OX, FY, FX], loop_sizes: [2, 4, 3, 6, 8, 3, 5], operand_source: {W: 0, I: 0}}
- {id: 1, operator_type: MaxPool, equation: 'O[b][g][oy][ox]+=W[fx][fy]*I[b][g][iy][ix]', dimension_relations: [ix=2*ox+fx, iy=3*oy+1*fy], loop_dims: [B, G, OY, OX, FX, FY], loop_sizes: [2, 4, 2, 4, 2, 3], operand_source: {W: 1, I: 0}}
- {id: 2, operator_type: Add, equation: 'O[b][g][y][x]+=W[b][g][y][x]*I[b][g][y][x]', loop_dims: [B, G, Y, X], loop_sizes: [2, 4, 2, 4], operand_source: {W: 2, I: 1}}
`, `c conv n2 c3 12x19 > k4 6x8, window 3x5 stride 1,2 dilation 3,1 groups 1 in 1368 param 180 out 384
layer1 pool 384 operations in 384 out 64
layer2 elementwise 64 operations in 64 in 64 out 64
`,
		},
		{
			"products of data and of parameters", ZigZag, `
- {id: 0, operator_type: Gemm, equation: 'O[d0][d1]+=I[d0][d2]*W[d2][d1]', loop_dims: [D0, D1, D2], loop_sizes: [4, 6, 5], operand_source: {I: 0, W: 0}}
- {id: 1, operator_type: Gemm, equation: 'O[b][c][k]+=I[b][c][d]*W[b][d][k]', loop_dims: [B, C, D, K], loop_sizes: [2, 3, 4, 5], operand_source: {I: 0, W: 0}}
`, `layer0 linear n1 c5 4x1 > k6 4x1, window 1x1 stride 1,1 dilation 1,1 groups 1 in 20 param 30 out 24
layer1 matmul n1 c4 3x1 > k5 3x1, window 1x1 stride 1,1 dilation 1,1 groups 2 in 24 in 40 out 30
`,
		},
		{"convolutions of SCALE-Sim", ScaleSimConv, "name, h, w, fh, fw, c, k, s,\nc1, 9, 11, 3, 5, 2, 4, 2,\ndwDP, 6, 6, 3, 3, 5, 1, 1,\nfc, 1, 1, 1, 1, 7, 3, 1,\n", `c1 conv n1 c2 9x11 > k4 4x4, window 3x5 stride 2,2 dilation 1,1 groups 1 in 198 param 120 out 64
dwDP conv n1 c1 6x6 > k1 4x4, window 3x3 stride 1,1 dilation 1,1 groups 5 in 180 param 45 out 80
fc conv n1 c7 1x1 > k3 1x1, window 1x1 stride 1,1 dilation 1,1 groups 1 in 7 param 21 out 3
`},
		{"products of SCALE-Sim", ScaleSimGEMM, "name, m, n, k,\na, 2, 3, 5,\n", `a linear n1 c5 2x1 > k3 2x1, window 1x1 stride 1,1 dilation 1,1 groups 1 in 10 param 15 out 6
`},
		{"a block of Calculon", Calculon, `{"hidden": 6, "feedforward": 8, "seq_size": 4, "attn_heads": 2, "attn_size": 3, "num_blocks": 1}`, `block0.attn_norm norm 144 operations in 24 param 6 param 6 out 24
block0.query linear n1 c6 4x1 > k6 4x1, window 1x1 stride 1,1 dilation 1,1 groups 1 in 24 param 36 param 6 out 24
block0.key linear n1 c6 4x1 > k6 4x1, window 1x1 stride 1,1 dilation 1,1 groups 1 in 24 param 36 param 6 out 24
block0.value linear n1 c6 4x1 > k6 4x1, window 1x1 stride 1,1 dilation 1,1 groups 1 in 24 param 36 param 6 out 24
block0.scores matmul n1 c3 4x1 > k4 4x1, window 1x1 stride 1,1 dilation 1,1 groups 2 in 24 in 24 out 32
block0.softmax softmax 160 operations in 32 out 32
block0.context matmul n1 c4 4x1 > k3 4x1, window 1x1 stride 1,1 dilation 1,1 groups 2 in 32 in 24 out 24
block0.output linear n1 c6 4x1 > k6 4x1, window 1x1 stride 1,1 dilation 1,1 groups 1 in 24 param 36 param 6 out 24
block0.attn_add elementwise 24 operations in 24 in 24 out 24
block0.mlp_norm norm 144 operations in 24 param 6 param 6 out 24
block0.mlp_up linear n1 c6 4x1 > k8 4x1, window 1x1 stride 1,1 dilation 1,1 groups 1 in 24 param 48 param 8 out 32
block0.gelu activation 96 operations in 32 out 32
block0.mlp_down linear n1 c8 4x1 > k6 4x1, window 1x1 stride 1,1 dilation 1,1 groups 1 in 32 param 48 param 6 out 24
block0.mlp_add elementwise 24 operations in 24 in 24 out 24
`},
	} {
		n, _, err := Read(c.kind, "f", "net", []byte(c.text))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if got := shapes(n); got != c.want {
			t.Errorf("%s:\n%s", c.name, got)
		}
	}
}
