package vision

import (
	"fmt"

	"stco/model/workload/graph"
	"stco/model/workload/template"
	"stco/model/workload/template/cnn"
)

// segment is FCN (Long et al. 2015) or DeepLabV3 (Chen et al. 2017) on a ResNet of
// bottlenecks whose last two stages are dilated, with the auxiliary head of
// torchvision.
type segment struct {
	Head    string  `yaml:"head" oneof:"fcn,deeplab" need:"1"`
	Depths  []int64 `yaml:"depths" range:"1,256" need:"1"`
	Classes int64   `yaml:"classes"`
}

func (m *segment) Traits() template.Traits { return template.Traits{Family: "cv", Image: 520} }

func (m *segment) Build(b *template.Builder, s template.Shape) {
	trunk := cnn.ResNet{Block: "bottleneck", Depths: m.Depths, Groups: 1, Width: 64, Dilated: 2}
	stages := trunk.Trunk(b, "backbone.", cnn.Image(b, s))
	if len(stages) < 2 {
		b.Failf("depths: %d stages, want at least 2", len(stages))
		return
	}
	x := stages[len(stages)-1]
	b.Block()
	if m.Head == "deeplab" {
		x = m.pyramid(b, "classifier.0", x)
		x = cnn.ConvBN(b, "classifier.1", "classifier.2", x, 256, graph.Square(3, 1, 1), 1, graph.ReLU)
		m.classify(b, "classifier.4", x, s)
	} else {
		m.fcn(b, "classifier", x, s)
	}
	b.Block()
	m.fcn(b, "aux_classifier", stages[len(stages)-2], s)
}

// fcn adds a convolution to a quarter of the channels and the classes.
func (m *segment) fcn(b *template.Builder, n string, x graph.Value, s template.Shape) {
	x = cnn.ConvBN(b, n+".0", n+".1", x, x.C/4, graph.Square(3, 1, 1), 1, graph.ReLU)
	m.classify(b, n+".4", b.Drop(n+".3", x), s)
}

// classify adds the classes of every position, as many as the image has pixels.
func (m *segment) classify(b *template.Builder, n string, x graph.Value, s template.Shape) {
	x = b.Conv(n, x, m.Classes, graph.Square(1, 1, 0), 1, true)
	b.Logits(b.Reshape(b.Copy(n+".interpolate", x, x.C*s.Image*s.Image), x.C, s.Image, s.Image))
}

// pyramid adds convolutions of several dilations and the mean of the map.
func (m *segment) pyramid(b *template.Builder, n string, x graph.Value) graph.Value {
	const f = 256
	one := graph.Square(1, 1, 0)
	all := []graph.Value{cnn.ConvBN(b, n+".convs.0.0", n+".convs.0.1", x, f, one, 1, graph.ReLU)}
	for i, rate := range []int64{12, 24, 36} {
		k := graph.Square(3, 1, rate)
		k.DilH, k.DilW = rate, rate
		p := fmt.Sprintf("%s.convs.%d", n, i+1)
		all = append(all, cnn.ConvBN(b, p+".0", p+".1", x, f, k, 1, graph.ReLU))
	}
	y := cnn.ConvBN(b, n+".convs.4.1", n+".convs.4.2", b.GlobalPool(n+".convs.4.0", x, 1, 1), f, one, 1, graph.ReLU)
	all = append(all, b.Reshape(b.Copy(n+".convs.4.interpolate", y, f*x.H*x.W), f, x.H, x.W))
	return b.Drop(n+".project.3", cnn.ConvBN(b, n+".project.0", n+".project.1", b.Concat(all...), f, one, 1, graph.ReLU))
}
