package vision

import (
	"fmt"
	"math"

	"stco/model/workload/graph"
	"stco/model/workload/template"
	"stco/model/workload/template/cnn"
)

// ultralytics is what the detectors of Ultralytics have in common: the factors of
// a scale, and modules.
type ultralytics struct {
	b            *template.Builder
	width, depth float64
	most         int64
}

// channels scales a number of channels.
func (u *ultralytics) channels(f int64) int64 {
	return int64(math.Ceil(float64(min(f, u.most))*u.width/8)) * 8
}

// repeats scales a number of bottlenecks.
func (u *ultralytics) repeats(n float64) int {
	return max(1, int(math.RoundToEven(n*u.depth)))
}

// conv adds a convolution, its normalisation and a SiLU.
func (u *ultralytics) conv(n string, x graph.Value, f, r, stride int64) graph.Value {
	return u.plain(n, x, f, graph.Square(r, stride, r/2), 1, graph.SiLU)
}

func (u *ultralytics) plain(n string, x graph.Value, f int64, k graph.Window, groups int64, fn graph.Fn) graph.Value {
	return cnn.ConvBN(u.b, n+".conv", n+".bn", x, f, k, groups, fn)
}

// bottleneck adds two convolutions, the first of r x r to hidden channels, and
// with a shortcut the sum with the input.
func (u *ultralytics) bottleneck(n string, x graph.Value, hidden, r int64, shortcut bool) graph.Value {
	y := u.conv(n+".cv2", u.conv(n+".cv1", x, hidden, r, 1), x.C, 3, 1)
	if shortcut {
		y = u.b.Add(n+".add", y, x)
	}
	return y
}

// c2f adds a stage whose cells' outputs are all concatenated; c channels run
// through the cells.
func (u *ultralytics) c2f(n string, x graph.Value, out, c int64, repeat float64, cell func(string, graph.Value) graph.Value) graph.Value {
	u.b.Block()
	x = u.conv(n+".cv1", x, 2*c, 1, 1)
	all := []graph.Value{x}
	y := u.b.Slice(x, c*x.H*x.W, c, x.H, x.W)
	for i := range u.repeats(repeat) {
		y = cell(fmt.Sprintf("%s.m.%d", n, i), y)
		all = append(all, y)
	}
	return u.conv(n+".cv2", u.b.Concat(all...), out, 1, 1)
}

// c3 adds a stage of two branches, one of them with bottlenecks of r x r then 3 x 3.
func (u *ultralytics) c3(n string, x graph.Value, out int64, repeat int, r int64, shortcut bool) graph.Value {
	u.b.Block()
	c := out / 2
	y := u.conv(n+".cv1", x, c, 1, 1)
	for i := range repeat {
		y = u.bottleneck(fmt.Sprintf("%s.m.%d", n, i), y, c, r, shortcut)
	}
	return u.conv(n+".cv3", u.b.Concat(y, u.conv(n+".cv2", x, c, 1, 1)), out, 1, 1)
}

// sppf adds three poolings in a row, whose outputs are concatenated.
func (u *ultralytics) sppf(n string, x graph.Value, out int64) graph.Value {
	x = u.conv(n+".cv1", x, x.C/2, 1, 1)
	all := []graph.Value{x}
	for i := range 3 {
		x = u.b.Pool(fmt.Sprintf("%s.m.%d", n, i), x, graph.MaxPool, graph.Square(5, 1, 2))
		all = append(all, x)
	}
	return u.conv(n+".cv2", u.b.Concat(all...), out, 1, 1)
}

func (u *ultralytics) up(n string, x graph.Value) graph.Value {
	return u.b.Reshape(u.b.Copy(n, x, 4*x.Elems()), x.C, 2*x.H, 2*x.W)
}

// detect adds the head on three maps: boxes as distributions over bins, and
// classes; light has depthwise convolutions in the branch of the classes.
func (u *ultralytics) detect(n string, maps []graph.Value, classes int64, light bool) {
	const bins = 16
	b, first := u.b, maps[0].C
	box, cls := max(16, first/4, 4*bins), max(first, min(classes, 100))
	dfl := b.FixedParam(n+".dfl.conv.weight", bins)
	var boxes []graph.Value
	for i, x := range maps {
		b.Block()
		p := fmt.Sprintf("%s.cv2.%d", n, i)
		y := u.conv(p+".1", u.conv(p+".0", x, box, 3, 1), box, 3, 1)
		boxes = append(boxes, b.Conv(p+".2", y, 4*bins, graph.Square(1, 1, 0), 1, true))
		p = fmt.Sprintf("%s.cv3.%d", n, i)
		y = x
		for j := range 2 {
			part := fmt.Sprintf("%s.%d", p, j)
			if light {
				y = u.plain(part+".0", y, y.C, graph.Square(3, 1, 1), y.C, graph.SiLU)
				y = u.conv(part+".1", y, cls, 1, 1)
			} else {
				y = u.conv(part, y, cls, 3, 1)
			}
		}
		b.Logits(b.Conv(p+".2", y, classes, graph.Square(1, 1, 0), 1, true))
	}
	y := b.Tail(boxes...) // the mean of the bins' positions, weighted by their probabilities
	y = b.Softmax(n+".dfl.softmax", b.Reshape(y, bins, y.Elems()/bins, 1))
	y = b.Pointwise(n+".dfl.conv", graph.ParamMul, y, dfl)
	b.Logits(b.GlobalPool(n+".dfl.sum", b.Reshape(y, y.Elems()/bins, bins, 1), 1, 1))
}

// yolov8 is the detector of Ultralytics of 2023 in one of its scales.
type yolov8 struct {
	Width   float64 `yaml:"width" need:"1"`
	Depth   float64 `yaml:"depth" need:"1"`
	Most    int64   `yaml:"max_channels" need:"1"`
	Classes int64   `yaml:"classes"`
}

func (m *yolov8) Traits() template.Traits { return template.Traits{Family: "cv", Image: 640} }

func (m *yolov8) Build(b *template.Builder, s template.Shape) {
	u := &ultralytics{b, m.Width, m.Depth, m.Most}
	stage := func(n string, x graph.Value, f int64, repeat float64, shortcut bool) graph.Value {
		out := u.channels(f)
		return u.c2f(n, x, out, out/2, repeat, func(n string, y graph.Value) graph.Value {
			return u.bottleneck(n, y, y.C, 3, shortcut)
		})
	}
	half := func(n string, x graph.Value, f int64) graph.Value { return u.conv(n, x, u.channels(f), 3, 2) }
	x := half("model.1", half("model.0", cnn.Image(b, s), 64), 128)
	x = stage("model.2", x, 128, 3, true)
	p3 := stage("model.4", half("model.3", x, 256), 256, 6, true)
	p4 := stage("model.6", half("model.5", p3, 512), 512, 6, true)
	x = stage("model.8", half("model.7", p4, 1024), 1024, 3, true)
	p5 := u.sppf("model.9", x, u.channels(1024))
	h4 := stage("model.12", b.Concat(u.up("model.10", p5), p4), 512, 3, false)
	h3 := stage("model.15", b.Concat(u.up("model.13", h4), p3), 256, 3, false)
	h4 = stage("model.18", b.Concat(half("model.16", h3, 256), h4), 512, 3, false)
	h5 := stage("model.21", b.Concat(half("model.19", h4, 512), p5), 1024, 3, false)
	u.detect("model.22", []graph.Value{h3, h4, h5}, m.Classes, false)
}

// yolov5 is the detector of Ultralytics of 2020 (version 7.0) in one of its scales.
type yolov5 struct {
	Width   float64 `yaml:"width" need:"1"`
	Depth   float64 `yaml:"depth" need:"1"`
	Classes int64   `yaml:"classes"`
}

func (m *yolov5) Traits() template.Traits { return template.Traits{Family: "cv", Image: 640} }

func (m *yolov5) Build(b *template.Builder, s template.Shape) {
	u := &ultralytics{b, m.Width, m.Depth, 1 << 20}
	stage := func(n string, x graph.Value, f int64, repeat float64, shortcut bool) graph.Value {
		return u.c3(n, x, u.channels(f), u.repeats(repeat), 1, shortcut)
	}
	half := func(n string, x graph.Value, f int64) graph.Value { return u.conv(n, x, u.channels(f), 3, 2) }
	x := u.plain("model.0", cnn.Image(b, s), u.channels(64), graph.Square(6, 2, 2), 1, graph.SiLU)
	x = stage("model.2", half("model.1", x, 128), 128, 3, true)
	p3 := stage("model.4", half("model.3", x, 256), 256, 6, true)
	p4 := stage("model.6", half("model.5", p3, 512), 512, 9, true)
	x = stage("model.8", half("model.7", p4, 1024), 1024, 3, true)
	p5 := u.conv("model.10", u.sppf("model.9", x, u.channels(1024)), u.channels(512), 1, 1)
	x = stage("model.13", b.Concat(u.up("model.11", p5), p4), 512, 3, false)
	h4 := u.conv("model.14", x, u.channels(256), 1, 1)
	h3 := stage("model.17", b.Concat(u.up("model.15", h4), p3), 256, 3, false)
	h4 = stage("model.20", b.Concat(half("model.18", h3, 256), h4), 512, 3, false)
	h5 := stage("model.23", b.Concat(half("model.21", h4, 512), p5), 1024, 3, false)
	const anchors = 3
	for i, x := range []graph.Value{h3, h4, h5} {
		b.Block()
		b.Logits(b.Conv(fmt.Sprintf("model.24.m.%d", i), x, anchors*(5+m.Classes), graph.Square(1, 1, 0), 1, true))
	}
}

// yolo11 is the detector of Ultralytics of 2024 in one of its scales; deep has
// bottlenecks of two branches in every stage, as the scales m, l and x.
type yolo11 struct {
	Width   float64 `yaml:"width" need:"1"`
	Depth   float64 `yaml:"depth" need:"1"`
	Most    int64   `yaml:"max_channels" need:"1"`
	Deep    bool    `yaml:"deep"`
	Classes int64   `yaml:"classes"`
}

func (m *yolo11) Traits() template.Traits { return template.Traits{Family: "cv", Image: 640} }

func (m *yolo11) Build(b *template.Builder, s template.Shape) {
	u := &ultralytics{b, m.Width, m.Depth, m.Most}
	stage := func(n string, x graph.Value, f, part int64, deep bool) graph.Value {
		out := u.channels(f)
		return u.c2f(n, x, out, out/part, 2, func(n string, y graph.Value) graph.Value {
			if deep || m.Deep {
				return u.c3(n, y, y.C, 2, 3, true)
			}
			return u.bottleneck(n, y, y.C/2, 3, true)
		})
	}
	half := func(n string, x graph.Value, f int64) graph.Value { return u.conv(n, x, u.channels(f), 3, 2) }
	x := half("model.1", half("model.0", cnn.Image(b, s), 64), 128)
	x = stage("model.2", x, 256, 4, false)
	p3 := stage("model.4", half("model.3", x, 256), 512, 4, false)
	p4 := stage("model.6", half("model.5", p3, 512), 512, 2, true)
	x = stage("model.8", half("model.7", p4, 1024), 1024, 2, true)
	p5 := m.attention(u, "model.10", u.sppf("model.9", x, u.channels(1024)))
	h4 := stage("model.13", b.Concat(u.up("model.11", p5), p4), 512, 2, false)
	h3 := stage("model.16", b.Concat(u.up("model.14", h4), p3), 256, 2, false)
	h4 = stage("model.19", b.Concat(half("model.17", h3, 256), h4), 512, 2, false)
	h5 := stage("model.22", b.Concat(half("model.20", h4, 512), p5), 1024, 2, true)
	u.detect("model.23", []graph.Value{h3, h4, h5}, m.Classes, true)
}

// attention adds blocks of attention over all positions on half of the channels;
// a head has 64 channels of values and 32 of queries and keys.
func (m *yolo11) attention(u *ultralytics, n string, x graph.Value) graph.Value {
	b, c, one := u.b, x.C/2, graph.Square(1, 1, 0)
	x = u.conv(n+".cv1", x, 2*c, 1, 1)
	y := b.Slice(x, c*x.H*x.W, c, x.H, x.W)
	heads := max(1, c/64)
	for i := range u.repeats(2) {
		b.Block()
		p := fmt.Sprintf("%s.m.%d", n, i)
		t, keys := y.H*y.W, c/2
		qkv := u.plain(p+".attn.qkv", y, c+2*keys, one, 1, graph.FnNone)
		q, k := b.Slice(qkv, 0, keys, t, 1), b.Slice(qkv, keys*t, keys, t, 1)
		v := b.Slice(qkv, 2*keys*t, c, y.H, y.W)
		z := b.Attend(p+".attn", q, k, b.Reshape(v, c, t, 1), template.Heads{Q: heads, KV: heads}, false, nil)
		z = b.Add(p+".attn.add", b.Reshape(z, c, y.H, y.W), u.plain(p+".attn.pe", v, c, graph.Square(3, 1, 1), c, graph.FnNone))
		y = b.Add(p+".add_1", y, u.plain(p+".attn.proj", z, c, one, 1, graph.FnNone))
		z = u.plain(p+".ffn.1", u.conv(p+".ffn.0", y, 2*c, 1, 1), c, one, 1, graph.FnNone)
		y = b.Add(p+".add_2", y, z)
	}
	return u.conv(n+".cv2", b.Concat(b.Slice(x, 0, c, x.H, x.W), y), 2*c, 1, 1)
}
