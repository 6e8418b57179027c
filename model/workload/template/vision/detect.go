package vision

import (
	"fmt"
	"slices"

	"stco/model/workload/graph"
	"stco/model/workload/template"
	"stco/model/workload/template/cnn"
)

// ssd300 is Liu et al. 2016 on VGG-16 with 91 classes for COCO.
type ssd300 struct {
	Classes int64 `yaml:"classes"`
}

func (m *ssd300) Traits() template.Traits { return template.Traits{Family: "cv", Image: 300} }

func (m *ssd300) Build(b *template.Builder, s template.Shape) {
	x := cnn.Image(b, s)
	conv := func(name string, x graph.Value, f int64, k graph.Window) graph.Value {
		return b.Act(name+".relu", b.Conv(name, x, f, k, 1, true), graph.ReLU)
	}
	layer := 0
	for i, stage := range [][]int64{{64, 64}, {128, 128}, {256, 256, 256}, {512, 512, 512}} {
		b.Block()
		if i > 0 {
			k := graph.Square(2, 2, 0)
			k.Ceil = i == 3
			x = b.Pool(fmt.Sprintf("backbone.features.%d", layer), x, graph.MaxPool, k)
			layer++
		}
		for _, f := range stage {
			x = conv(fmt.Sprintf("backbone.features.%d", layer), x, f, graph.Square(3, 1, 1))
			layer += 2
		}
	}
	maps := []graph.Value{b.NormWith("backbone.scale_weight", x, graph.RMSNorm, x.H*x.W, b.Param("backbone.scale_weight", x.C))}
	b.Block()
	x = b.Pool("backbone.extra.0.0", x, graph.MaxPool, graph.Square(2, 2, 0))
	for _, i := range []int{1, 3, 5} {
		x = conv(fmt.Sprintf("backbone.extra.0.%d", i), x, 512, graph.Square(3, 1, 1))
	}
	x = b.Pool("backbone.extra.0.7.0", x, graph.MaxPool, graph.Square(3, 1, 1))
	fc6 := graph.Square(3, 1, 6)
	fc6.DilH, fc6.DilW = 6, 6
	x = conv("backbone.extra.0.7.1", x, 1024, fc6)
	x = conv("backbone.extra.0.7.3", x, 1024, graph.Square(1, 1, 0))
	maps = append(maps, x)
	b.Block()
	for i, g := range []struct {
		squeeze, f int64
		k          graph.Window
	}{{256, 512, graph.Square(3, 2, 1)}, {128, 256, graph.Square(3, 2, 1)}, {128, 256, graph.Square(3, 1, 0)}, {128, 256, graph.Square(3, 1, 0)}} {
		n := fmt.Sprintf("backbone.extra.%d.", i+1)
		x = conv(n+"2", conv(n+"0", x, g.squeeze, graph.Square(1, 1, 0)), g.f, g.k)
		maps = append(maps, x)
	}
	b.Block()
	anchors := []int64{4, 6, 6, 6, 4, 4}
	for _, head := range []struct {
		name string
		f    int64
	}{{"regression", 4}, {"classification", m.Classes}} {
		var out []graph.Value
		for i, m := range maps {
			n := fmt.Sprintf("head.%s_head.module_list.%d", head.name, i)
			out = append(out, b.Conv(n, m, head.f*anchors[i], graph.Square(3, 1, 1), 1, true))
		}
		b.Logits(b.Tail(out...))
	}
}

// unet is the network of Ronneberger et al. 2015: convolutions without padding, so that the
// skipped maps are cropped; one input channel.
type unet struct {
	Width   int64 `yaml:"channels"`
	Levels  int64 `yaml:"levels" range:"1,8"`
	Input   int64 `yaml:"input_channels"`
	Classes int64 `yaml:"classes"`
}

func (m *unet) Traits() template.Traits { return template.Traits{Family: "cv", Image: 572} }

func (m *unet) Build(b *template.Builder, s template.Shape) {
	double := func(name string, x graph.Value, f int64) graph.Value {
		b.Block()
		for i := range 2 {
			n := fmt.Sprintf("%s.conv%d", name, i+1)
			x = b.Act(n+".relu", b.Conv(n, x, f, graph.Square(3, 1, 0), 1, true), graph.ReLU)
		}
		return x
	}
	x := b.Input("image", m.Input, s.Image, s.Image)
	var skips []graph.Value
	for i := range m.Levels {
		x = double(fmt.Sprintf("down%d", i+1), x, m.Width<<i)
		skips = append(skips, x)
		if x.H%2 != 0 {
			b.Failf("image_size %d pixels: level %d has an odd map of %d pixels; use 188 + 16 n", s.Image, i+1, x.H)
			return
		}
		x = b.Pool(fmt.Sprintf("down%d.pool", i+1), x, graph.MaxPool, graph.Square(2, 2, 0))
	}
	x = double("bottom", b.Drop("bottom.dropout", x), m.Width<<m.Levels)
	for i := m.Levels - 1; i >= 0; i-- {
		n := fmt.Sprintf("up%d", i+1)
		x = b.ConvTranspose(n+".upconv", x, m.Width<<i, graph.Square(2, 2, 0), 1, true)
		x = b.Concat(b.Slice(skips[i], 0, skips[i].C, x.H, x.W), x)
		x = double(n, x, m.Width<<i)
	}
	b.Logits(b.Conv("out", x, m.Classes, graph.Square(1, 1, 0), 1, true))
}

// fpn adds a feature pyramid on the outputs of a trunk: a map of f channels for
// every one, the finest first.
func fpn(b *template.Builder, maps []graph.Value, f int64) []graph.Value {
	out := make([]graph.Value, len(maps))
	var top graph.Value
	for i := len(maps) - 1; i >= 0; i-- {
		b.Block()
		x := b.Conv(fmt.Sprintf("fpn.inner_blocks.%d", i), maps[i], f, graph.Square(1, 1, 0), 1, true)
		if i < len(maps)-1 {
			x = b.Add(fmt.Sprintf("fpn.add.%d", i), x, b.Reshape(b.Copy(fmt.Sprintf("fpn.up.%d", i), top, x.Elems()), x.C, x.H, x.W))
		}
		top = x
		out[i] = b.Conv(fmt.Sprintf("fpn.layer_blocks.%d", i), x, f, graph.Square(3, 1, 1), 1, true)
	}
	return out
}

// shared is a convolution whose parameters several calls share.
type shared struct {
	name   string
	f      int64
	k      graph.Window
	params []int32
}

//nolint:unparam // the channels that it reads belong to a convolution
func sharedConv(b *template.Builder, name string, c, f int64, k graph.Window) shared {
	return shared{name, f, k, []int32{b.Param(name+".weight", f*c*k.R*k.S), b.Param(name+".bias", f)}}
}

func call(b *template.Builder, l shared, at string, x graph.Value) graph.Value {
	return b.ConvWith(l.name+at, x, 1, l.f, l.k, 1, l.params...)
}

// retinanet is Lin et al. 2017 on ResNet-50 with frozen normalisation; heads
// share their weights over five levels.
type retinanet struct {
	Depths  []int64 `yaml:"depths" range:"1,256"`
	Anchors int64   `yaml:"anchors"`
	Classes int64   `yaml:"classes"`
}

func (m *retinanet) Traits() template.Traits { return template.Traits{Family: "cv", Image: 800} }

func (m *retinanet) Build(b *template.Builder, s template.Shape) {
	b.FrozenNorm = true
	trunk := cnn.ResNet{Block: "bottleneck", Depths: m.Depths, Groups: 1, Width: 64}
	stages := trunk.Trunk(b, "backbone.body.", cnn.Image(b, s))
	maps := fpn(b, stages[1:], 256)
	b.Block()
	p6 := b.Conv("backbone.fpn.p6", maps[len(maps)-1], 256, graph.Square(3, 2, 1), 1, true)
	p7 := b.Conv("backbone.fpn.p7", b.Act("backbone.fpn.p6.relu", p6, graph.ReLU), 256, graph.Square(3, 2, 1), 1, true)
	maps = append(maps, p6, p7)
	three := graph.Square(3, 1, 1)
	for _, head := range []struct {
		name, last string
		f          int64
	}{{"classification_head", "cls_logits", m.Classes}, {"regression_head", "bbox_reg", 4}} {
		var tower []shared
		for i := range 4 {
			tower = append(tower, sharedConv(b, fmt.Sprintf("head.%s.conv.%d", head.name, i), 256, 256, three))
		}
		last := sharedConv(b, "head."+head.name+"."+head.last, 256, head.f*m.Anchors, three)
		var out []graph.Value
		for level, x := range maps {
			b.Block()
			at := fmt.Sprintf("@%d", level)
			for _, l := range tower {
				x = b.Act(l.name+at+".relu", call(b, l, at, x), graph.ReLU)
			}
			out = append(out, call(b, last, at, x))
		}
		b.Logits(b.Tail(out...))
	}
}

// rcnn is Faster R-CNN (Ren et al. 2015) and, with masks, Mask R-CNN (He et al.
// 2017) on ResNet-50 with a feature pyramid and frozen normalisation. The box
// head runs on every proposal, the mask head on every detection.
type rcnn struct {
	Depths     []int64 `yaml:"depths" range:"1,256"`
	Proposals  int64   `yaml:"proposals" range:"1,65536"`
	Detections int64   `yaml:"detections" range:"0,65536"` // with a mask
	Classes    int64   `yaml:"classes"`
}

func (m *rcnn) Traits() template.Traits { return template.Traits{Family: "cv", Image: 800} }

func (m *rcnn) Build(b *template.Builder, s template.Shape) {
	b.FrozenNorm = true
	trunk := cnn.ResNet{Block: "bottleneck", Depths: m.Depths, Groups: 1, Width: 64}
	maps := fpn(b, trunk.Trunk(b, "backbone.body.", cnn.Image(b, s)), 256)
	pool := b.Pool("backbone.fpn.pool", maps[len(maps)-1], graph.MaxPool, graph.Square(1, 2, 0))
	conv := sharedConv(b, "rpn.head.conv", 256, 256, graph.Square(3, 1, 1))
	cls := sharedConv(b, "rpn.head.cls_logits", 256, 3, graph.Square(1, 1, 0))
	box := sharedConv(b, "rpn.head.bbox_pred", 256, 12, graph.Square(1, 1, 0))
	var scores []graph.Value
	for level, x := range append(slices.Clip(maps), pool) {
		b.Block()
		at := fmt.Sprintf("@%d", level)
		x = b.Act(conv.name+at+".relu", call(b, conv, at, x), graph.ReLU)
		scores = append(scores, call(b, cls, at, x), call(b, box, at, x))
	}
	b.Logits(b.Tail(scores...))
	all := b.Tail(maps...)
	b.Block()
	x := b.Reshape(b.Copy("roi_heads.box_roi_pool", all, 256*49*m.Proposals), 256*49, m.Proposals, 1)
	for _, n := range []string{"fc6", "fc7"} {
		x = b.Act("roi_heads.box_head."+n+".relu", b.Linear("roi_heads.box_head."+n, x, 1024, true), graph.ReLU)
	}
	b.Logits(b.Linear("roi_heads.box_predictor.cls_score", x, m.Classes, true))
	b.Logits(b.Linear("roi_heads.box_predictor.bbox_pred", x, 4*m.Classes, true))
	if m.Detections == 0 {
		return
	}
	b.Block()
	n := m.Detections
	x = b.Reshape(b.Copy("roi_heads.mask_roi_pool", all, 256*14*14*n), 256*n, 14, 14)
	for i := range 4 {
		l := sharedConv(b, fmt.Sprintf("roi_heads.mask_head.%d", i), 256, 256, graph.Square(3, 1, 1))
		x = b.Act(l.name+".relu", b.ConvWith(l.name, x, n, l.f, l.k, 1, l.params...), graph.ReLU)
	}
	up := sharedConv(b, "roi_heads.mask_predictor.conv5_mask", 256, 256, graph.Square(2, 2, 0))
	x = b.Act(up.name+".relu", b.ConvTransposeWith(up.name, x, n, up.f, up.k, 1, up.params...), graph.ReLU)
	last := sharedConv(b, "roi_heads.mask_predictor.mask_fcn_logits", 256, m.Classes, graph.Square(1, 1, 0))
	b.Logits(b.ConvWith(last.name, x, n, last.f, last.k, 1, last.params...))
}

// unet3d is the 3D U-Net of MLPerf (KiTS19): a volume of image_size in every
// direction, instance normalisation, transposed convolutions with bias.
type unet3d struct {
	Widths  []int64 `yaml:"channels" need:"1"`
	Input   int64   `yaml:"input_channels"`
	Classes int64   `yaml:"classes"`
}

func (m *unet3d) Traits() template.Traits { return template.Traits{Family: "cv", Image: 128} }

func (m *unet3d) Build(b *template.Builder, s template.Shape) {
	if s.Image>>(len(m.Widths)-1)<<(len(m.Widths)-1) != s.Image {
		b.Failf("image_size %d: must be a multiple of %d", s.Image, 1<<(len(m.Widths)-1))
		return
	}
	d := s.Image // frames of x
	conv := func(n string, x graph.Value, f, stride int64) graph.Value {
		c := x.C / d
		g := graph.Depth{Frames: d, Taps: 3, Stride: stride, Pad: 1, Dilation: 1}
		x = b.ConvDepth(n+".conv", x, 1, f, graph.Square(3, stride, 1), g, 1, b.Param(n+".conv.weight", 27*c*f))
		d = g.Out()
		x = b.NormWith(n+".norm", x, graph.LayerNorm, f, b.Param(n+".norm.weight", f), b.Param(n+".norm.bias", f))
		return b.Act(n+".relu", x, graph.ReLU)
	}
	x := b.Input("volume", m.Input*d, s.Image, s.Image)
	var skips []graph.Value
	for i, f := range m.Widths {
		b.Block()
		n, stride := fmt.Sprintf("down%d", i), int64(2)
		if i == 0 {
			stride = 1
		} else {
			skips = append(skips, x)
		}
		x = conv(n+".2", conv(n+".1", x, f, stride), f, 1)
	}
	for i := len(m.Widths) - 2; i >= 0; i-- {
		b.Block()
		n, f, c := fmt.Sprintf("up%d", i), m.Widths[i], x.C/d
		g := graph.Depth{Frames: d, Taps: 2, Stride: 2, Dilation: 1}
		x = b.ConvTransposeDepth(n+".upconv", x, 1, f, graph.Square(2, 2, 0), g, 1, b.Param(n+".upconv.weight", 8*c*f), b.Param(n+".upconv.bias", f))
		d *= 2
		x = b.Concat(x, skips[i])
		x = conv(n+".2", conv(n+".1", x, f, 1), f, 1)
	}
	g := graph.Depth{Frames: d, Taps: 1, Stride: 1, Dilation: 1}
	b.Logits(b.ConvDepth("output.conv", x, 1, m.Classes, graph.Square(1, 1, 0), g, 1, b.Param("output.conv.weight", m.Classes*m.Widths[0]), b.Param("output.conv.bias", m.Classes)))
}
