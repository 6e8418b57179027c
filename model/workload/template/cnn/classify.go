package cnn

import (
	"fmt"

	"stco/model/workload/graph"
	"stco/model/workload/template"
)

// The declarations follow torchvision 0.14, whose module names the layers have.

// Image declares the input image.
func Image(b *template.Builder, s template.Shape) graph.Value {
	return b.Input("image", 3, s.Image, s.Image)
}

// ConvBN adds a convolution without bias, a batch normalisation and, unless fn is
// FnNone, a pointwise function.
func ConvBN(b *template.Builder, conv, bn string, x graph.Value, f int64, k graph.Window, groups int64, fn graph.Fn) graph.Value {
	x = b.Conv(conv, x, f, k, groups, false)
	if b.FrozenNorm { // constants, folded into a factor and a term
		x = b.Pointwise(bn, graph.ParamMul, x, b.FrozenParam(bn+".scale", f))
		x = b.Pointwise(bn+".shift", graph.ParamAdd, x, b.FrozenParam(bn+".shift", f))
	} else {
		x = b.Norm(bn, x, graph.BatchNorm)
	}
	if fn == graph.FnNone {
		return x
	}
	return b.Act(bn+".act", x, fn)
}

// Classify adds the head: dropout, then a linear layer.
func Classify(b *template.Builder, name string, x graph.Value, n int64, drop bool) {
	b.Block()
	x = b.Flatten(x)
	if drop {
		x = b.Drop(name+".dropout", x)
	}
	b.Logits(b.Linear(name, x, n, true))
}

// ImageTraits are those of a classifier of 224 pixels.
func ImageTraits() template.Traits { return template.Traits{Family: "cv", Image: 224} }

// ResNet is a ResNet, wide ResNet or ResNeXt (He et al. 2016; the stride of a
// bottleneck is in its 3x3 convolution).
type ResNet struct {
	Block   string  `yaml:"block" oneof:"basic,bottleneck" need:"1"`
	Depths  []int64 `yaml:"depths" need:"1" range:"1,256"`
	Groups  int64   `yaml:"groups"`
	Width   int64   `yaml:"width_per_group"`
	Classes int64   `yaml:"classes"`

	Dilated int // last stages that spread their windows instead of halving the map
}

// Traits are those of a classifier.
func (m *ResNet) Traits() template.Traits { return ImageTraits() }

// Trunk adds the network before its head and returns the output of every stage.
func (m *ResNet) Trunk(b *template.Builder, prefix string, x graph.Value) []graph.Value {
	x = ConvBN(b, prefix+"conv1", prefix+"bn1", x, 64, graph.Square(7, 2, 3), 1, graph.ReLU)
	x = b.Pool(prefix+"maxpool", x, graph.MaxPool, graph.Square(3, 2, 1))
	var stages []graph.Value
	spread := int64(1)
	for stage, blocks := range m.Depths {
		for i := range blocks {
			b.Block()
			stride, dilation := int64(1), spread
			if i == 0 && stage > 0 {
				stride = 2
				if stage >= len(m.Depths)-m.Dilated {
					stride, spread = 1, 2*spread
				}
			}
			x = m.residual(b, fmt.Sprintf("%slayer%d.%d", prefix, stage+1, i), x, 64<<stage, stride, dilation)
		}
		stages = append(stages, x)
	}
	return stages
}

// Build adds the trunk and its head.
func (m *ResNet) Build(b *template.Builder, s template.Shape) {
	stages := m.Trunk(b, "", Image(b, s))
	Classify(b, "fc", b.GlobalPool("avgpool", stages[len(stages)-1], 1, 1), m.Classes, false)
}

func (m *ResNet) residual(b *template.Builder, name string, x graph.Value, f, stride, dilation int64) graph.Value {
	three := graph.Square(3, stride, dilation)
	three.DilH, three.DilW = dilation, dilation
	part := func(i int, y graph.Value, f int64, k graph.Window, groups int64, fn graph.Fn) graph.Value {
		return ConvBN(b, fmt.Sprintf("%s.conv%d", name, i), fmt.Sprintf("%s.bn%d", name, i), y, f, k, groups, fn)
	}
	out := f
	var y graph.Value
	if m.Block == "bottleneck" {
		out = 4 * f
		width := f * m.Width / 64 * m.Groups
		y = part(1, x, width, graph.Square(1, 1, 0), 1, graph.ReLU)
		y = part(2, y, width, three, m.Groups, graph.ReLU)
		y = part(3, y, out, graph.Square(1, 1, 0), 1, graph.FnNone)
	} else {
		y = part(1, x, f, three, 1, graph.ReLU)
		y = part(2, y, out, graph.Square(3, 1, 1), 1, graph.FnNone)
	}
	if stride != 1 || x.C != out {
		x = ConvBN(b, name+".downsample.0", name+".downsample.1", x, out, graph.Square(1, stride, 0), 1, graph.FnNone)
	}
	return b.Act(name+".relu", b.Add(name+".add", y, x), graph.ReLU)
}

// vgg is Simonyan and Zisserman 2015: stages of 3x3 convolutions with a pooling
// behind each.
type vgg struct {
	Depths  []int64 `yaml:"depths" need:"1" range:"1,64"`
	Norm    bool    `yaml:"batch_norm"`
	Classes int64   `yaml:"classes"`
}

func (m *vgg) Traits() template.Traits { return ImageTraits() }

func (m *vgg) Build(b *template.Builder, s template.Shape) {
	x := Image(b, s)
	layer := 0
	for stage, depth := range m.Depths {
		b.Block()
		for range depth {
			x = b.Conv(fmt.Sprintf("features.%d", layer), x, int64(min(512, 64<<stage)), graph.Square(3, 1, 1), 1, true)
			layer++
			if m.Norm {
				x = b.Norm(fmt.Sprintf("features.%d", layer), x, graph.BatchNorm)
				layer++
			}
			x = b.Act(fmt.Sprintf("features.%d", layer), x, graph.ReLU)
			layer++
		}
		x = b.Pool(fmt.Sprintf("features.%d", layer), x, graph.MaxPool, graph.Square(2, 2, 0))
		layer++
	}
	x = b.Flatten(b.GlobalPool("avgpool", x, 7, 7))
	b.Block()
	for i := range 2 {
		x = b.Act(fmt.Sprintf("classifier.%d", 3*i+1), b.Linear(fmt.Sprintf("classifier.%d", 3*i), x, 4096, true), graph.ReLU)
		x = b.Drop(fmt.Sprintf("classifier.%d", 3*i+2), x)
	}
	b.Logits(b.Linear("classifier.6", x, m.Classes, true))
}

// densenet is Huang et al. 2017. The concatenation is a view: its copy in memory,
// which frameworks make, is not modelled.
type densenet struct {
	Growth  int64   `yaml:"growth" need:"1"`
	Blocks  []int64 `yaml:"depths" need:"1" range:"1,256"`
	Stem    int64   `yaml:"stem"`
	Classes int64   `yaml:"classes"`
}

func (m *densenet) Traits() template.Traits { return ImageTraits() }

func (m *densenet) Build(b *template.Builder, s template.Shape) {
	x := ConvBN(b, "features.conv0", "features.norm0", Image(b, s), m.Stem, graph.Square(7, 2, 3), 1, graph.ReLU)
	x = b.Pool("features.pool0", x, graph.MaxPool, graph.Square(3, 2, 1))
	pre := func(norm, conv string, x graph.Value, f int64, k graph.Window) graph.Value {
		return b.Conv(conv, b.Act(norm+".relu", b.Norm(norm, x, graph.BatchNorm), graph.ReLU), f, k, 1, false)
	}
	for i, layers := range m.Blocks {
		for j := range layers {
			b.Block()
			n := fmt.Sprintf("features.denseblock%d.denselayer%d.", i+1, j+1)
			y := pre(n+"norm1", n+"conv1", x, 4*m.Growth, graph.Square(1, 1, 0))
			x = b.Concat(x, pre(n+"norm2", n+"conv2", y, m.Growth, graph.Square(3, 1, 1)))
		}
		if i < len(m.Blocks)-1 {
			b.Block()
			n := fmt.Sprintf("features.transition%d.", i+1)
			x = b.Pool(n+"pool", pre(n+"norm", n+"conv", x, x.C/2, graph.Square(1, 1, 0)), graph.AvgPool, graph.Square(2, 2, 0))
		}
	}
	b.Block()
	x = b.Act("relu", b.Norm("features.norm5", x, graph.BatchNorm), graph.ReLU)
	Classify(b, "classifier", b.GlobalPool("avgpool", x, 1, 1), m.Classes, false)
}
