package cnn

import (
	"fmt"

	"stco/model/workload/graph"
	"stco/model/workload/template"
)

// alexnet is the one-column form of Krizhevsky 2014.
type alexnet struct {
	Classes int64 `yaml:"classes"`
}

func (m *alexnet) Traits() template.Traits { return ImageTraits() }

func (m *alexnet) Build(b *template.Builder, s template.Shape) {
	x := Image(b, s)
	conv := func(i int, f int64, k graph.Window, pool bool) {
		x = b.Act(fmt.Sprintf("features.%d", i+1), b.Conv(fmt.Sprintf("features.%d", i), x, f, k, 1, true), graph.ReLU)
		if pool {
			x = b.Pool(fmt.Sprintf("features.%d", i+2), x, graph.MaxPool, graph.Square(3, 2, 0))
		}
	}
	conv(0, 64, graph.Square(11, 4, 2), true)
	conv(3, 192, graph.Square(5, 1, 2), true)
	b.Block()
	conv(6, 384, graph.Square(3, 1, 1), false)
	conv(8, 256, graph.Square(3, 1, 1), false)
	conv(10, 256, graph.Square(3, 1, 1), true)
	x = b.Flatten(b.GlobalPool("avgpool", x, 6, 6))
	b.Block()
	for _, i := range []int{1, 4} {
		x = b.Drop(fmt.Sprintf("classifier.%d", i-1), x)
		x = b.Act(fmt.Sprintf("classifier.%d", i+1), b.Linear(fmt.Sprintf("classifier.%d", i), x, 4096, true), graph.ReLU)
	}
	b.Logits(b.Linear("classifier.6", x, m.Classes, true))
}

// squeezenet is version 1.0 or 1.1 of Iandola et al. 2016: the first layer, then
// the squeeze widths of fire modules, 0 for a pooling.
type squeezenet struct {
	First   int64   `yaml:"first" need:"1"`
	Kernel  int64   `yaml:"kernel" need:"1" range:"1,32"`
	Fires   []int64 `yaml:"fires" need:"1" range:"0,65536"`
	Classes int64   `yaml:"classes"`
}

func (m *squeezenet) Traits() template.Traits { return ImageTraits() }

func (m *squeezenet) Build(b *template.Builder, s template.Shape) {
	x := b.Act("features.1", b.Conv("features.0", Image(b, s), m.First, graph.Square(m.Kernel, 2, 0), 1, true), graph.ReLU)
	for i, squeeze := range m.Fires {
		n := fmt.Sprintf("features.%d", i+2)
		if squeeze == 0 {
			x = b.Pool(n, x, graph.MaxPool, graph.Window{R: 3, S: 3, StrideH: 2, StrideW: 2, DilH: 1, DilW: 1, Ceil: true})
			continue
		}
		b.Block()
		conv := func(name string, x graph.Value, f, r int64) graph.Value {
			return b.Act(n+"."+name+"_activation", b.Conv(n+"."+name, x, f, graph.Square(r, 1, r/2), 1, true), graph.ReLU)
		}
		x = conv("squeeze", x, squeeze, 1)
		x = b.Concat(conv("expand1x1", x, 4*squeeze, 1), conv("expand3x3", x, 4*squeeze, 3))
	}
	b.Block()
	x = b.Conv("classifier.1", b.Drop("classifier.0", x), m.Classes, graph.Square(1, 1, 0), 1, true)
	b.Logits(b.GlobalPool("classifier.3", b.Act("classifier.2", x, graph.ReLU), 1, 1))
}

// basicConv is torchvision's BasicConv2d.
func basicConv(b *template.Builder, name string, x graph.Value, f int64, k graph.Window) graph.Value {
	return ConvBN(b, name+".conv", name+".bn", x, f, k, 1, graph.ReLU)
}

// googlenet is Szegedy et al. 2015 with batch normalisation; torchvision has a
// 3x3 convolution where the paper has 5x5.
type googlenet struct {
	Classes int64 `yaml:"classes"`
}

func (m *googlenet) Traits() template.Traits { return ImageTraits() }

func (m *googlenet) Build(b *template.Builder, s template.Shape) {
	ceil := func(r int64) graph.Window {
		return graph.Window{R: r, S: r, StrideH: 2, StrideW: 2, DilH: 1, DilW: 1, Ceil: true}
	}
	x := basicConv(b, "conv1", Image(b, s), 64, graph.Square(7, 2, 3))
	x = b.Pool("maxpool1", x, graph.MaxPool, ceil(3))
	x = basicConv(b, "conv2", x, 64, graph.Square(1, 1, 0))
	x = basicConv(b, "conv3", x, 192, graph.Square(3, 1, 1))
	x = b.Pool("maxpool2", x, graph.MaxPool, ceil(3))
	cells := []struct {
		name string
		f    [6]int64 // 1x1; reduce, 3x3; reduce, "5x5"; pool projection
		pool int64    // window of a pooling behind the cell
	}{
		{"3a", [6]int64{64, 96, 128, 16, 32, 32}, 0},
		{"3b", [6]int64{128, 128, 192, 32, 96, 64}, 3},
		{"4a", [6]int64{192, 96, 208, 16, 48, 64}, 0},
		{"4b", [6]int64{160, 112, 224, 24, 64, 64}, 0},
		{"4c", [6]int64{128, 128, 256, 24, 64, 64}, 0},
		{"4d", [6]int64{112, 144, 288, 32, 64, 64}, 0},
		{"4e", [6]int64{256, 160, 320, 32, 128, 128}, 2},
		{"5a", [6]int64{256, 160, 320, 32, 128, 128}, 0},
		{"5b", [6]int64{384, 192, 384, 48, 128, 128}, 0},
	}
	for _, c := range cells {
		b.Block()
		n := "inception" + c.name + "."
		one, three := graph.Square(1, 1, 0), graph.Square(3, 1, 1)
		y := basicConv(b, n+"branch1", x, c.f[0], one)
		for i, f := range [][2]int64{{c.f[1], c.f[2]}, {c.f[3], c.f[4]}} {
			br := fmt.Sprintf("%sbranch%d", n, i+2)
			y = b.Concat(y, basicConv(b, br+".1", basicConv(b, br+".0", x, f[0], one), f[1], three))
		}
		p := b.Pool(n+"branch4.0", x, graph.MaxPool, graph.Square(3, 1, 1))
		x = b.Concat(y, basicConv(b, n+"branch4.1", p, c.f[5], one))
		if c.pool > 0 {
			x = b.Pool("maxpool"+string(c.name[0]), x, graph.MaxPool, ceil(c.pool))
		}
	}
	Classify(b, "fc", b.GlobalPool("avgpool", x, 1, 1), m.Classes, true)
}

// link is one convolution of a branch: suffix of its name, filters, window.
type link struct {
	suffix string
	f      int64
	k      graph.Window
}

// branch adds a chain of convolutions.
func branch(b *template.Builder, name string, x graph.Value, links ...link) graph.Value {
	for _, l := range links {
		x = basicConv(b, name+l.suffix, x, l.f, l.k)
	}
	return x
}

// rect is an r x s window that keeps the size.
func rect(r, s int64) graph.Window {
	return graph.Window{R: r, S: s, StrideH: 1, StrideW: 1, PadH: r / 2, PadW: s / 2, DilH: 1, DilW: 1}
}

// inceptionV3 is Szegedy et al. 2016. The auxiliary classifier is among the
// parameters and runs in training only.
type inceptionV3 struct {
	Classes int64 `yaml:"classes"`
}

func (m *inceptionV3) Traits() template.Traits { return template.Traits{Family: "cv", Image: 299} }

func (m *inceptionV3) Build(b *template.Builder, s template.Shape) {
	one, three, half := rect(1, 1), rect(3, 3), graph.Square(3, 2, 0)
	x := basicConv(b, "Conv2d_1a_3x3", Image(b, s), 32, half)
	x = basicConv(b, "Conv2d_2a_3x3", x, 32, graph.Square(3, 1, 0))
	x = basicConv(b, "Conv2d_2b_3x3", x, 64, three)
	x = b.Pool("maxpool1", x, graph.MaxPool, half)
	x = basicConv(b, "Conv2d_3b_1x1", x, 80, one)
	x = basicConv(b, "Conv2d_4a_3x3", x, 192, graph.Square(3, 1, 0))
	x = b.Pool("maxpool2", x, graph.MaxPool, half)
	pooled := func(n string, f int64) graph.Value {
		return basicConv(b, n+"branch_pool", b.Pool(n+"avg_pool", x, graph.AvgPool, three), f, one)
	}
	for i, pool := range []int64{32, 64, 64} {
		b.Block()
		n := fmt.Sprintf("Mixed_5%c.", 'b'+i)
		x = b.Concat(
			branch(b, n+"branch1x1", x, link{"", 64, one}),
			branch(b, n+"branch5x5", x, link{"_1", 48, one}, link{"_2", 64, rect(5, 5)}),
			branch(b, n+"branch3x3dbl", x, link{"_1", 64, one}, link{"_2", 96, three}, link{"_3", 96, three}),
			pooled(n, pool),
		)
	}
	b.Block()
	x = b.Concat(
		branch(b, "Mixed_6a.branch3x3", x, link{"", 384, half}),
		branch(b, "Mixed_6a.branch3x3dbl", x, link{"_1", 64, one}, link{"_2", 96, three}, link{"_3", 96, half}),
		b.Pool("Mixed_6a.max_pool", x, graph.MaxPool, half),
	)
	for i, f := range []int64{128, 160, 160, 192} {
		b.Block()
		n := fmt.Sprintf("Mixed_6%c.", 'b'+i)
		row, col := rect(1, 7), rect(7, 1)
		x = b.Concat(
			branch(b, n+"branch1x1", x, link{"", 192, one}),
			branch(b, n+"branch7x7", x, link{"_1", f, one}, link{"_2", f, row}, link{"_3", 192, col}),
			branch(b, n+"branch7x7dbl", x, link{"_1", f, one}, link{"_2", f, col}, link{"_3", f, row}, link{"_4", f, col}, link{"_5", 192, row}),
			pooled(n, 192),
		)
	}
	aux := auxiliary(b, x)
	b.Block()
	x = b.Concat(
		branch(b, "Mixed_7a.branch3x3", x, link{"_1", 192, one}, link{"_2", 320, half}),
		branch(b, "Mixed_7a.branch7x7x3", x, link{"_1", 192, one}, link{"_2", 192, rect(1, 7)}, link{"_3", 192, rect(7, 1)}, link{"_4", 192, half}),
		b.Pool("Mixed_7a.max_pool", x, graph.MaxPool, half),
	)
	for _, c := range "bc" {
		b.Block()
		n := fmt.Sprintf("Mixed_7%c.", c)
		y := branch(b, n+"branch1x1", x, link{"", 320, one})
		z := branch(b, n+"branch3x3", x, link{"_1", 384, one})
		w := func(name string, z graph.Value) graph.Value {
			return b.Concat(basicConv(b, name+"a", z, 384, rect(1, 3)), basicConv(b, name+"b", z, 384, rect(3, 1)))
		}
		y = b.Concat(y, w(n+"branch3x3_2", z))
		z = branch(b, n+"branch3x3dbl", x, link{"_1", 448, one}, link{"_2", 384, three})
		y = b.Concat(y, w(n+"branch3x3dbl_3", z))
		x = b.Concat(y, pooled(n, 192))
	}
	Classify(b, "fc", b.GlobalPool("avgpool", x, 1, 1), m.Classes, true)
	if b.Training {
		b.Logits(aux)
	}
}

// auxiliary adds the auxiliary classifier of Inception v3, in inference only its
// parameters.
func auxiliary(b *template.Builder, x graph.Value) graph.Value {
	if !b.Training {
		c := x.C
		for _, p := range []struct {
			name  string
			elems int64
		}{
			{"conv0.conv.weight", 128 * c},
			{"conv0.bn.weight", 128},
			{"conv0.bn.bias", 128},
			{"conv1.conv.weight", 768 * 128 * 25},
			{"conv1.bn.weight", 768},
			{"conv1.bn.bias", 768},
			{"fc.weight", 768 * 1000},
			{"fc.bias", 1000},
		} {
			b.Param("AuxLogits."+p.name, p.elems)
		}
		return x
	}
	b.Block()
	y := b.Pool("AuxLogits.avg_pool", x, graph.AvgPool, graph.Square(5, 3, 0))
	y = basicConv(b, "AuxLogits.conv0", y, 128, graph.Square(1, 1, 0))
	y = basicConv(b, "AuxLogits.conv1", y, 768, graph.Square(5, 1, 0))
	y = b.GlobalPool("AuxLogits.adaptive_pool", y, 1, 1)
	return b.Linear("AuxLogits.fc", b.Flatten(y), 1000, true)
}
