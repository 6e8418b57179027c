package cnn

import (
	"fmt"

	"stco/model/workload/graph"
	"stco/model/workload/template"
)

// multiple returns the multiple of 8 nearest to v, raised where that is more than
// a tenth below (the rounding of channels in MobileNet and EfficientNet).
func multiple(v float64) int64 {
	n := max(8, int64(v+4)/8*8)
	if float64(n) < 0.9*v {
		n += 8
	}
	return n
}

// mobilenetV3 is Howard et al. 2019.
type mobilenetV3 struct {
	Blocks  []mobileBlock `yaml:"blocks" need:"1"`
	Last    int64         `yaml:"last" need:"1"`
	Head    int64         `yaml:"head" need:"1"`
	Classes int64         `yaml:"classes"`
}

// mobileBlock is one inverted residual.
type mobileBlock struct {
	Kernel int64  `yaml:"kernel" range:"1,31" need:"1"`
	Expand int64  `yaml:"expand" need:"1"`
	Out    int64  `yaml:"out" need:"1"`
	SE     bool   `yaml:"se"`
	Act    string `yaml:"act" oneof:"relu,hardswish" need:"1"`
	Stride int64  `yaml:"stride" range:"1,4" need:"1"`
}

func (m *mobilenetV3) Traits() template.Traits { return ImageTraits() }

func (m *mobilenetV3) Build(b *template.Builder, s template.Shape) {
	x := ConvBN(b, "features.0.0", "features.0.1", Image(b, s), 16, graph.Square(3, 2, 1), 1, graph.HardSwish)
	for i, g := range m.Blocks {
		b.Block()
		n := fmt.Sprintf("features.%d.", i+1)
		fn := graph.ReLU
		if g.Act == "hardswish" {
			fn = graph.HardSwish
		}
		sub := 0
		next := func() string {
			sub++
			return fmt.Sprintf("%sblock.%d", n, sub-1)
		}
		y := x
		if g.Expand != x.C {
			p := next()
			y = ConvBN(b, p+".0", p+".1", y, g.Expand, graph.Square(1, 1, 0), 1, fn)
		}
		p := next()
		y = ConvBN(b, p+".0", p+".1", y, g.Expand, graph.Square(g.Kernel, g.Stride, g.Kernel/2), g.Expand, fn)
		if g.SE {
			y = SqueezeExcite(b, next(), y, multiple(float64(g.Expand/4)), graph.ReLU, graph.HardSigmoid)
		}
		p = next()
		y = ConvBN(b, p+".0", p+".1", y, g.Out, graph.Square(1, 1, 0), 1, graph.FnNone)
		if g.Stride == 1 && g.Out == x.C {
			y = b.Add(n+"add", y, x)
		}
		x = y
	}
	b.Block()
	p := fmt.Sprintf("features.%d", len(m.Blocks)+1)
	x = ConvBN(b, p+".0", p+".1", x, m.Last, graph.Square(1, 1, 0), 1, graph.HardSwish)
	x = b.Flatten(b.GlobalPool("avgpool", x, 1, 1))
	b.Block()
	x = b.Drop("classifier.2", b.Act("classifier.1", b.Linear("classifier.0", x, m.Head, true), graph.HardSwish))
	b.Logits(b.Linear("classifier.3", x, m.Classes, true))
}

// mnasnet is Tan et al. 2019 with a width multiplier; the stem is multiplied too.
type mnasnet struct {
	Width   float64 `yaml:"width"`
	Classes int64   `yaml:"classes"`
}

func (m *mnasnet) Traits() template.Traits { return ImageTraits() }

func (m *mnasnet) Build(b *template.Builder, s template.Shape) {
	scale := func(c float64) int64 { return multiple(c * m.Width) }
	x := ConvBN(b, "layers.0", "layers.1", Image(b, s), scale(32), graph.Square(3, 2, 1), 1, graph.ReLU)
	x = ConvBN(b, "layers.3", "layers.4", x, x.C, graph.Square(3, 1, 1), x.C, graph.ReLU)
	x = ConvBN(b, "layers.6", "layers.7", x, scale(16), graph.Square(1, 1, 0), 1, graph.FnNone)
	for i, g := range [][5]int64{ // kernel, stride, expansion, filters, repeats
		{3, 2, 3, 24, 3}, {5, 2, 3, 40, 3}, {5, 2, 6, 80, 3}, {3, 1, 6, 96, 2}, {5, 2, 6, 192, 4}, {3, 1, 6, 320, 1},
	} {
		for j := range g[4] {
			b.Block()
			n := fmt.Sprintf("layers.%d.%d.layers.", i+8, j)
			stride, f := g[1], scale(float64(g[3]))
			if j > 0 {
				stride = 1
			}
			y := ConvBN(b, n+"0", n+"1", x, x.C*g[2], graph.Square(1, 1, 0), 1, graph.ReLU)
			y = ConvBN(b, n+"3", n+"4", y, y.C, graph.Square(g[0], stride, g[0]/2), y.C, graph.ReLU)
			y = ConvBN(b, n+"6", n+"7", y, f, graph.Square(1, 1, 0), 1, graph.FnNone)
			if stride == 1 && f == x.C {
				y = b.Add(n+"add", y, x)
			}
			x = y
		}
	}
	b.Block()
	x = ConvBN(b, "layers.14", "layers.15", x, 1280, graph.Square(1, 1, 0), 1, graph.ReLU)
	Classify(b, "classifier.1", b.GlobalPool("mean", x, 1, 1), m.Classes, true)
}

// SqueezeExcite scales the channels of x by a function of their means.
func SqueezeExcite(b *template.Builder, name string, x graph.Value, squeeze int64, fn, gate graph.Fn) graph.Value {
	one := graph.Square(1, 1, 0)
	y := b.GlobalPool(name+".avgpool", x, 1, 1)
	y = b.Act(name+".activation", b.Conv(name+".fc1", y, squeeze, one, 1, true), fn)
	y = b.Act(name+".scale_activation", b.Conv(name+".fc2", y, x.C, one, 1, true), gate)
	return b.Mul(name+".mul", x, y)
}

// mobilenetV2 is Sandler et al. 2018 of width 1; ReLU6 throughout.
type mobilenetV2 struct {
	Classes int64 `yaml:"classes"`
}

func (m *mobilenetV2) Traits() template.Traits { return ImageTraits() }

func (m *mobilenetV2) Build(b *template.Builder, s template.Shape) {
	x := ConvBN(b, "features.0.0", "features.0.1", Image(b, s), 32, graph.Square(3, 2, 1), 1, graph.ReLU6)
	layer := 1
	for _, g := range [][4]int64{{1, 16, 1, 1}, {6, 24, 2, 2}, {6, 32, 3, 2}, {6, 64, 4, 2}, {6, 96, 3, 1}, {6, 160, 3, 2}, {6, 320, 1, 1}} {
		for i := range g[2] {
			b.Block()
			stride := g[3]
			if i > 0 {
				stride = 1
			}
			name := fmt.Sprintf("features.%d.conv", layer)
			y, sub := x, 0
			if g[0] > 1 {
				y = ConvBN(b, name+".0.0", name+".0.1", y, x.C*g[0], graph.Square(1, 1, 0), 1, graph.ReLU6)
				sub++
			}
			dw, pw := fmt.Sprintf("%s.%d", name, sub), fmt.Sprintf("%s.%d", name, sub+1)
			y = ConvBN(b, dw+".0", dw+".1", y, y.C, graph.Square(3, stride, 1), y.C, graph.ReLU6)
			y = ConvBN(b, pw, fmt.Sprintf("%s.%d", name, sub+2), y, g[1], graph.Square(1, 1, 0), 1, graph.FnNone)
			if stride == 1 && x.C == g[1] {
				y = b.Add(fmt.Sprintf("features.%d.add", layer), x, y)
			}
			x = y
			layer++
		}
	}
	b.Block()
	x = ConvBN(b, "features.18.0", "features.18.1", x, 1280, graph.Square(1, 1, 0), 1, graph.ReLU6)
	Classify(b, "classifier.1", b.GlobalPool("avgpool", x, 1, 1), m.Classes, true)
}
