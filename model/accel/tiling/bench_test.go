package tiling

import (
	"testing"

	"stco/model/workload"
)

func conv(batch, c, h, k, r, stride int64) *workload.Nest {
	pad := (r - 1) / 2
	p := (h+2*pad-r)/stride + 1
	return &workload.Nest{
		N: batch, C: c, H: h, W: h, K: k, P: p, Q: p, R: r, S: r,
		StrideH: stride, StrideW: stride, PadH: pad, PadW: pad, DilH: 1, DilW: 1, Groups: 1, Out: workload.Ofmap,
	}
}

func produces(n *workload.Nest, out workload.Role) *workload.Nest {
	m := *n
	m.Out = out
	return &m
}

// mixed is the convention of the accelerator model: bf16 operands, fp32 sums.
func mixed() *Conventions {
	return &Conventions{ElemBytes: [3]float64{2, 2, 2}, PartialBytes: 4, DoubleBuffer: true}
}

// BenchmarkCurve computes the whole staircase of one nest; points is its length.
func BenchmarkCurve(b *testing.B) {
	for _, c := range []struct {
		name string
		nest *workload.Nest
	}{
		{"resnet50 conv1 b16", conv(16, 3, 224, 64, 7, 2)},
		{"resnet50 3x3 56 b16", conv(16, 64, 56, 64, 3, 1)},
		{"resnet50 3x3 14 b16", conv(16, 256, 14, 256, 3, 1)},
		{"resnet50 3x3 7 b16", conv(16, 512, 7, 512, 3, 1)},
		{"resnet50 1x1 56 b16", conv(16, 64, 56, 256, 1, 1)},
		{"resnet50 3x3 14 b16 dX", produces(conv(16, 256, 14, 256, 3, 1), workload.Ifmap)},
		{"resnet50 3x3 14 b16 dW", produces(conv(16, 256, 14, 256, 3, 1), workload.Filter)},
		{"vgg16 3x3 224 b16", conv(16, 64, 224, 64, 3, 1)},
		{"bert ffn1 b8 s512", gemm(4096, 3072, 768)},
		{"gpt2 logits b8 s1024", gemm(8192, 50257, 768)},
		{"gpt3 ffn1 s2048", gemm(2048, 49152, 12288)},
		{"unet 3x3 572", conv(1, 64, 572, 64, 3, 1)},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			o := mixed()
			n := 0
			for b.Loop() {
				n = len(Curve(c.nest, o))
			}
			b.ReportMetric(float64(n), "points")
		})
	}
}

// BenchmarkAt reads one buffer size.
func BenchmarkAt(b *testing.B) {
	curve := Curve(conv(16, 64, 56, 64, 3, 1), mixed())
	b.ReportAllocs()
	space := int64(1)
	for b.Loop() {
		space = (space*5 + 1) & (1<<26 - 1)
		At(curve, space)
	}
}
