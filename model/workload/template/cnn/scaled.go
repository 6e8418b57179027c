package cnn

import (
	"fmt"
	"math"

	"stco/model/workload/graph"
	"stco/model/workload/template"
)

// efficientnet is Tan and Le 2019 and 2021; stochastic depth is the identity. Of
// the first version width and depth multiply the blocks; a fused block has one
// convolution in place of expansion and depthwise one.
type efficientnet struct {
	Width   float64          `yaml:"width"`
	Depth   float64          `yaml:"depth"`
	Stem    int64            `yaml:"stem"`
	Blocks  []efficientBlock `yaml:"blocks"`
	Last    int64            `yaml:"last"`
	Classes int64            `yaml:"classes"`
}

// efficientBlock is one stage.
type efficientBlock struct {
	Fused  bool  `yaml:"fused"`
	Expand int64 `yaml:"expand" range:"1,64" need:"1"`
	Kernel int64 `yaml:"kernel" range:"1,31" need:"1"`
	Stride int64 `yaml:"stride" range:"1,4" need:"1"`
	Out    int64 `yaml:"out" need:"1"`
	Repeat int64 `yaml:"repeat" range:"1,256" need:"1"`
}

func (m *efficientnet) Traits() template.Traits { return ImageTraits() }

func (m *efficientnet) Build(b *template.Builder, s template.Shape) {
	blocks := m.Blocks
	if blocks == nil {
		blocks = []efficientBlock{
			{false, 1, 3, 1, 16, 1},
			{false, 6, 3, 2, 24, 2},
			{false, 6, 5, 2, 40, 2},
			{false, 6, 3, 2, 80, 3},
			{false, 6, 5, 1, 112, 3},
			{false, 6, 5, 2, 192, 4},
			{false, 6, 3, 1, 320, 1},
		}
	}
	scale := func(c int64) int64 { return multiple(float64(c) * m.Width) }
	x := ConvBN(b, "features.0.0", "features.0.1", Image(b, s), scale(m.Stem), graph.Square(3, 2, 1), 1, graph.SiLU)
	for i, g := range blocks {
		repeat := int64(math.Ceil(float64(g.Repeat) * m.Depth))
		for j := range repeat {
			b.Block()
			stride := g.Stride
			if j > 0 {
				stride = 1
			}
			x = m.block(b, fmt.Sprintf("features.%d.%d", i+1, j), x, g, stride, scale(g.Out))
		}
	}
	b.Block()
	last := m.Last
	if last == 0 {
		last = 4 * x.C
	}
	p := fmt.Sprintf("features.%d", len(blocks)+1)
	x = ConvBN(b, p+".0", p+".1", x, last, graph.Square(1, 1, 0), 1, graph.SiLU)
	Classify(b, "classifier.1", b.GlobalPool("avgpool", x, 1, 1), m.Classes, true)
}

func (m *efficientnet) block(b *template.Builder, n string, x graph.Value, g efficientBlock, stride, out int64) graph.Value {
	sub := 0
	conv := func(y graph.Value, f int64, k graph.Window, groups int64, fn graph.Fn) graph.Value {
		p := fmt.Sprintf("%s.block.%d", n, sub)
		sub++
		return ConvBN(b, p+".0", p+".1", y, f, k, groups, fn)
	}
	square := graph.Square(g.Kernel, stride, g.Kernel/2)
	one := graph.Square(1, 1, 0)
	y, wide := x, multiple(float64(x.C*g.Expand))
	switch {
	case g.Fused && g.Expand == 1:
		y = conv(y, out, square, 1, graph.SiLU)
	case g.Fused:
		y = conv(conv(y, wide, square, 1, graph.SiLU), out, one, 1, graph.FnNone)
	default:
		if g.Expand > 1 {
			y = conv(y, wide, one, 1, graph.SiLU)
		}
		y = conv(y, y.C, square, y.C, graph.SiLU)
		y = SqueezeExcite(b, fmt.Sprintf("%s.block.%d", n, sub), y, max(1, x.C/4), graph.SiLU, graph.Sigmoid)
		sub++
		y = conv(y, out, one, 1, graph.FnNone)
	}
	if stride == 1 && x.C == out {
		y = b.Add(n+".add", y, x)
	}
	return y
}

// regnet is Radosavovic et al. 2020: the widths of the blocks follow a line
// through w_0 with slope w_a, quantised to powers of w_m and multiples of 8.
type regnet struct {
	Depth      int64   `yaml:"depth" range:"1,256" need:"1"`
	W0         float64 `yaml:"w_0" need:"1"`
	WA         float64 `yaml:"w_a" need:"1"`
	WM         float64 `yaml:"w_m" need:"1"`
	GroupWidth int64   `yaml:"group_width" need:"1"`
	SE         bool    `yaml:"se"`
	Classes    int64   `yaml:"classes"`
}

func (m *regnet) Traits() template.Traits { return ImageTraits() }

// stages returns width, depth and group width of every stage.
func (m *regnet) stages() [][3]int64 {
	var all [][3]int64
	for i := range m.Depth {
		u := m.W0 + m.WA*float64(i)
		k := math.RoundToEven(math.Log(u/m.W0) / math.Log(m.WM))
		w := int64(math.RoundToEven(m.W0*math.Pow(m.WM, k)/8)) * 8
		if n := len(all); n > 0 && all[n-1][0] == w {
			all[n-1][1]++
			continue
		}
		all = append(all, [3]int64{w, 1, 0})
	}
	for i := range all {
		g := min(m.GroupWidth, all[i][0])
		all[i][0] = multipleOf(float64(all[i][0]), g)
		all[i][2] = g
	}
	return all
}

// multipleOf is multiple for another divisor.
func multipleOf(v float64, d int64) int64 {
	n := max(d, int64(v+float64(d)/2)/d*d)
	if float64(n) < 0.9*v {
		n += d
	}
	return n
}

func (m *regnet) Build(b *template.Builder, s template.Shape) {
	x := ConvBN(b, "stem.0", "stem.1", Image(b, s), 32, graph.Square(3, 2, 1), 1, graph.ReLU)
	one := graph.Square(1, 1, 0)
	for i, st := range m.stages() {
		for j := range st[1] {
			b.Block()
			n := fmt.Sprintf("trunk_output.block%d.block%d-%d.", i+1, i+1, j)
			stride, w := int64(1), st[0]
			if j == 0 {
				stride = 2
			}
			short := x
			if stride != 1 || x.C != w { // runs first, as in torchvision
				short = ConvBN(b, n+"proj.0", n+"proj.1", x, w, graph.Square(1, stride, 0), 1, graph.FnNone)
			}
			y := ConvBN(b, n+"f.a.0", n+"f.a.1", x, w, one, 1, graph.ReLU)
			y = ConvBN(b, n+"f.b.0", n+"f.b.1", y, w, graph.Square(3, stride, 1), w/st[2], graph.ReLU)
			if m.SE {
				y = SqueezeExcite(b, n+"f.se", y, int64(math.RoundToEven(0.25*float64(x.C))), graph.ReLU, graph.Sigmoid)
			}
			y = ConvBN(b, n+"f.c.0", n+"f.c.1", y, w, one, 1, graph.FnNone)
			x = b.Act(n+"relu", b.Add(n+"add", short, y), graph.ReLU)
		}
	}
	Classify(b, "fc", b.GlobalPool("avgpool", x, 1, 1), m.Classes, false)
}

// shufflenet is Ma et al. 2018: the filters of the stem, of the stages and of
// the last convolution. Channel split and shuffle are
// views.
type shufflenet struct {
	Depths  []int64 `yaml:"depths" need:"1" range:"1,64"`
	Widths  []int64 `yaml:"channels" need:"1"`
	Classes int64   `yaml:"classes"`
}

func (m *shufflenet) Traits() template.Traits { return ImageTraits() }

func (m *shufflenet) Build(b *template.Builder, s template.Shape) {
	if len(m.Widths) != len(m.Depths)+2 {
		b.Failf("channels: %d entries for %d stages, want those of the stem, every stage and the last convolution", len(m.Widths), len(m.Depths))
		return
	}
	x := ConvBN(b, "conv1.0", "conv1.1", Image(b, s), m.Widths[0], graph.Square(3, 2, 1), 1, graph.ReLU)
	x = b.Pool("maxpool", x, graph.MaxPool, graph.Square(3, 2, 1))
	one := graph.Square(1, 1, 0)
	for i, f := range m.Widths[1 : len(m.Widths)-1] {
		for j := range m.Depths[i] {
			b.Block()
			n := fmt.Sprintf("stage%d.%d.", i+2, j)
			part := func(branch string, i int, y graph.Value, f int64, k graph.Window, groups int64, fn graph.Fn) graph.Value {
				return ConvBN(b, fmt.Sprintf("%s%s.%d", n, branch, i), fmt.Sprintf("%s%s.%d", n, branch, i+1), y, f, k, groups, fn)
			}
			left, right, stride := x, x, int64(2)
			if j == 0 {
				left = part("branch1", 0, left, left.C, graph.Square(3, 2, 1), left.C, graph.FnNone)
				left = part("branch1", 2, left, f/2, one, 1, graph.ReLU)
			} else {
				stride = 1
				left, right = b.Slice(x, 0, f/2, x.H, x.W), b.Slice(x, x.Elems()/2, f/2, x.H, x.W)
			}
			right = part("branch2", 0, right, f/2, one, 1, graph.ReLU)
			right = part("branch2", 3, right, f/2, graph.Square(3, stride, 1), f/2, graph.FnNone)
			right = part("branch2", 5, right, f/2, one, 1, graph.ReLU)
			x = b.Shuffle(b.Concat(left, right), 2)
		}
	}
	b.Block()
	x = ConvBN(b, "conv5.0", "conv5.1", x, m.Widths[len(m.Widths)-1], one, 1, graph.ReLU)
	Classify(b, "fc", b.GlobalPool("mean", x, 1, 1), m.Classes, false)
}

// convnext is Liu et al. 2022; stochastic depth is the identity.
type convnext struct {
	Depths  []int64 `yaml:"depths" need:"1" range:"1,256"`
	Width   int64   `yaml:"channels" need:"1"`
	Classes int64   `yaml:"classes"`
}

func (m *convnext) Traits() template.Traits { return ImageTraits() }

func (m *convnext) Build(b *template.Builder, s template.Shape) {
	x := b.Norm("features.0.1", b.Conv("features.0.0", Image(b, s), m.Width, graph.Square(4, 4, 0), 1, true), graph.LayerNorm)
	for i, blocks := range m.Depths {
		f := m.Width << i
		if i > 0 {
			b.Block()
			n := fmt.Sprintf("features.%d.", 2*i)
			x = b.Conv(n+"1", b.Norm(n+"0", x, graph.LayerNorm), f, graph.Square(2, 2, 0), 1, true)
		}
		for j := range blocks {
			b.Block()
			n := fmt.Sprintf("features.%d.%d.", 2*i+1, j)
			y := b.Norm(n+"block.2", b.Conv(n+"block.0", x, f, graph.Square(7, 1, 3), f, true), graph.LayerNorm)
			y = b.Act(n+"block.4", b.Linear(n+"block.3", y, 4*f, true), graph.GELU)
			y = b.Linear(n+"block.5", y, f, true)
			y = b.Pointwise(n+"layer_scale", graph.ParamMul, y, b.Param(n+"layer_scale", f))
			x = b.Add(n+"add", y, x)
		}
	}
	b.Block()
	x = b.Norm("classifier.0", b.GlobalPool("avgpool", x, 1, 1), graph.LayerNorm)
	Classify(b, "classifier.2", x, m.Classes, false)
}
