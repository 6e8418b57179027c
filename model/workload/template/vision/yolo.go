package vision

import (
	"fmt"
	"math"

	"stco/model/workload/graph"
	"stco/model/workload/template"
	"stco/model/workload/template/cnn"
)

// yolov3 is Redmon and Farhadi 2018: Darknet-53 with heads on three maps.
type yolov3 struct {
	Classes int64 `yaml:"classes"`
}

func (m *yolov3) Traits() template.Traits { return template.Traits{Family: "cv", Image: 416} }

func (m *yolov3) Build(b *template.Builder, s template.Shape) {
	layer := 0
	conv := func(x graph.Value, f, r, stride int64) graph.Value {
		n := fmt.Sprintf("conv_%d", layer)
		layer++
		return cnn.ConvBN(b, n, n+".bn", x, f, graph.Square(r, stride, r/2), 1, graph.ReLU)
	}
	x := conv(cnn.Image(b, s), 32, 3, 1)
	var maps []graph.Value
	for i, repeat := range []int{1, 2, 8, 8, 4} {
		b.Block()
		f := int64(64) << i
		x = conv(x, f, 3, 2)
		for range repeat {
			x = b.Add(fmt.Sprintf("shortcut_%d", layer), conv(conv(x, f/2, 1, 1), f, 3, 1), x)
		}
		maps = append(maps, x)
	}
	for i := range 3 {
		b.Block()
		f := int64(512) >> i
		if i > 0 {
			x = conv(x, f, 1, 1)
			x = b.Reshape(b.Copy(fmt.Sprintf("upsample_%d", layer), x, 4*x.Elems()), x.C, 2*x.H, 2*x.W)
			x = b.Concat(x, maps[4-i])
		}
		for k := range int64(5) {
			x = conv(x, f<<(k%2), 1+2*(k%2), 1)
		}
		n := fmt.Sprintf("conv_%d", layer+1)
		y := conv(x, 2*f, 3, 1)
		layer++
		b.Logits(b.Conv(n, y, 3*(5+m.Classes), graph.Square(1, 1, 0), 1, true))
	}
}

// yolov8 is the detector of Ultralytics in one of its scales.
type yolov8 struct {
	Width   float64 `yaml:"width" need:"1"`
	Depth   float64 `yaml:"depth" need:"1"`
	Most    int64   `yaml:"max_channels" need:"1"`
	Classes int64   `yaml:"classes"`
}

func (m *yolov8) Traits() template.Traits { return template.Traits{Family: "cv", Image: 640} }

func (m *yolov8) conv(b *template.Builder, n string, x graph.Value, f, r, stride int64) graph.Value {
	return cnn.ConvBN(b, n+".conv", n+".bn", x, f, graph.Square(r, stride, r/2), 1, graph.SiLU)
}

// c2f adds a stage whose bottlenecks' outputs are all concatenated.
func (m *yolov8) c2f(b *template.Builder, n string, x graph.Value, out int64, repeat float64, shortcut bool) graph.Value {
	b.Block()
	c := out / 2
	x = m.conv(b, n+".cv1", x, 2*c, 1, 1)
	all := []graph.Value{x}
	y := b.Slice(x, c*x.H*x.W, c, x.H, x.W)
	for i := range max(1, int64(math.RoundToEven(repeat*m.Depth))) {
		p := fmt.Sprintf("%s.m.%d", n, i)
		z := m.conv(b, p+".cv2", m.conv(b, p+".cv1", y, c, 3, 1), c, 3, 1)
		if shortcut {
			z = b.Add(p+".add", z, y)
		}
		y = z
		all = append(all, y)
	}
	return m.conv(b, n+".cv2", b.Concat(all...), out, 1, 1)
}

func (m *yolov8) Build(b *template.Builder, s template.Shape) {
	c := func(f int64) int64 { return int64(math.Ceil(float64(min(f, m.Most))*m.Width/8)) * 8 }
	up := func(n string, x graph.Value) graph.Value {
		return b.Reshape(b.Copy(n, x, 4*x.Elems()), x.C, 2*x.H, 2*x.W)
	}
	x := m.conv(b, "model.1", m.conv(b, "model.0", cnn.Image(b, s), c(64), 3, 2), c(128), 3, 2)
	x = m.c2f(b, "model.2", x, c(128), 3, true)
	p3 := m.c2f(b, "model.4", m.conv(b, "model.3", x, c(256), 3, 2), c(256), 6, true)
	p4 := m.c2f(b, "model.6", m.conv(b, "model.5", p3, c(512), 3, 2), c(512), 6, true)
	x = m.c2f(b, "model.8", m.conv(b, "model.7", p4, c(1024), 3, 2), c(1024), 3, true)
	x = m.conv(b, "model.9.cv1", x, x.C/2, 1, 1)
	all := []graph.Value{x}
	for i := range 3 {
		x = b.Pool(fmt.Sprintf("model.9.m.%d", i), x, graph.MaxPool, graph.Square(5, 1, 2))
		all = append(all, x)
	}
	p5 := m.conv(b, "model.9.cv2", b.Concat(all...), c(1024), 1, 1)
	h4 := m.c2f(b, "model.12", b.Concat(up("model.10", p5), p4), c(512), 3, false)
	h3 := m.c2f(b, "model.15", b.Concat(up("model.13", h4), p3), c(256), 3, false)
	h4 = m.c2f(b, "model.18", b.Concat(m.conv(b, "model.16", h3, c(256), 3, 2), h4), c(512), 3, false)
	h5 := m.c2f(b, "model.21", b.Concat(m.conv(b, "model.19", h4, c(512), 3, 2), p5), c(1024), 3, false)
	const bins = 16
	box, cls := max(16, h3.C/4, 4*bins), max(h3.C, min(m.Classes, 100))
	dfl := b.FixedParam("model.22.dfl.conv.weight", bins)
	var boxes []graph.Value
	for i, x := range []graph.Value{h3, h4, h5} {
		b.Block()
		n := fmt.Sprintf("model.22.cv2.%d", i)
		y := m.conv(b, n+".1", m.conv(b, n+".0", x, box, 3, 1), box, 3, 1)
		boxes = append(boxes, b.Conv(n+".2", y, 4*bins, graph.Square(1, 1, 0), 1, true))
		n = fmt.Sprintf("model.22.cv3.%d", i)
		y = m.conv(b, n+".1", m.conv(b, n+".0", x, cls, 3, 1), cls, 3, 1)
		b.Logits(b.Conv(n+".2", y, m.Classes, graph.Square(1, 1, 0), 1, true))
	}
	y := b.Tail(boxes...) // the mean of the bins' positions, weighted by their probabilities
	y = b.Softmax("model.22.dfl.softmax", b.Reshape(y, bins, y.Elems()/bins, 1))
	y = b.Pointwise("model.22.dfl.conv", graph.ParamMul, y, dfl)
	b.Logits(b.GlobalPool("model.22.dfl.sum", b.Reshape(y, y.Elems()/bins, bins, 1), 1, 1))
}
