package vision

import (
	"fmt"

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
