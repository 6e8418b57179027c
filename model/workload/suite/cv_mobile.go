package suite

import (
	"stco/model/workload/graph"
)

import "fmt"

// efficientnetB0 is Tan and Le 2019; stochastic depth is the identity.
func efficientnetB0(b *builder, s shape) {
	x := b.convBN("features.0.0", "features.0.1", b.image(s), 32, graph.Square(3, 2, 1), 1, graph.SiLU)
	for i, g := range [][5]int64{ // expansion, kernel, stride, filters, blocks
		{1, 3, 1, 16, 1}, {6, 3, 2, 24, 2}, {6, 5, 2, 40, 2}, {6, 3, 2, 80, 3}, {6, 5, 1, 112, 3}, {6, 5, 2, 192, 4}, {6, 3, 1, 320, 1},
	} {
		for j := range g[4] {
			b.Block()
			stride := g[2]
			if j > 0 {
				stride = 1
			}
			n := fmt.Sprintf("features.%d.%d", i+1, j)
			sub := 0
			next := func() string {
				sub++
				return fmt.Sprintf("%s.block.%d", n, sub-1)
			}
			y := x
			if g[0] > 1 {
				p := next()
				y = b.convBN(p+".0", p+".1", y, x.C*g[0], graph.Square(1, 1, 0), 1, graph.SiLU)
			}
			p := next()
			y = b.convBN(p+".0", p+".1", y, y.C, graph.Square(g[1], stride, g[1]/2), y.C, graph.SiLU)
			y = b.squeezeExcite(next(), y, max(1, x.C/4))
			p = next()
			y = b.convBN(p+".0", p+".1", y, g[3], graph.Square(1, 1, 0), 1, graph.FnNone)
			if stride == 1 && x.C == g[3] {
				y = b.Add(n+".add", y, x)
			}
			x = y
		}
	}
	b.Block()
	x = b.convBN("features.8.0", "features.8.1", x, 1280, graph.Square(1, 1, 0), 1, graph.SiLU)
	b.classify("classifier.1", b.GlobalPool("avgpool", x, 1, 1), true)
}

// squeezeExcite scales the channels of x by a function of their means.
func (b *builder) squeezeExcite(name string, x graph.Value, squeeze int64) graph.Value {
	one := graph.Square(1, 1, 0)
	y := b.GlobalPool(name+".avgpool", x, 1, 1)
	y = b.Act(name+".activation", b.Conv(name+".fc1", y, squeeze, one, 1, true), graph.SiLU)
	y = b.Act(name+".scale_activation", b.Conv(name+".fc2", y, x.C, one, 1, true), graph.Sigmoid)
	return b.Mul(name+".mul", x, y)
}

// shufflenetV2 is width 1.0 of Ma et al. 2018. Channel split and shuffle are
// views.
func shufflenetV2(b *builder, s shape) {
	x := b.convBN("conv1.0", "conv1.1", b.image(s), 24, graph.Square(3, 2, 1), 1, graph.ReLU)
	x = b.Pool("maxpool", x, graph.MaxPool, graph.Square(3, 2, 1))
	one := graph.Square(1, 1, 0)
	for i, f := range []int64{116, 232, 464} {
		for j := range []int{4, 8, 4}[i] {
			b.Block()
			n := fmt.Sprintf("stage%d.%d.", i+2, j)
			part := func(branch string, i int, y graph.Value, f int64, k graph.Window, groups int64, fn graph.Fn) graph.Value {
				return b.convBN(fmt.Sprintf("%s%s.%d", n, branch, i), fmt.Sprintf("%s%s.%d", n, branch, i+1), y, f, k, groups, fn)
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
	x = b.convBN("conv5.0", "conv5.1", x, 1024, one, 1, graph.ReLU)
	b.classify("fc", b.GlobalPool("mean", x, 1, 1), false)
}

// convnextTiny is Liu et al. 2022; stochastic depth is the identity.
func convnextTiny(b *builder, s shape) {
	x := b.Norm("features.0.1", b.Conv("features.0.0", b.image(s), 96, graph.Square(4, 4, 0), 1, true), graph.LayerNorm)
	for i, blocks := range []int{3, 3, 9, 3} {
		f := int64(96) << i
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
	b.classify("classifier.2", x, false)
}

// ssd300 is Liu et al. 2016 on VGG-16 with the 91 classes of COCO.
func ssd300(b *builder, s shape) {
	x := b.image(s)
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
	}{{"regression", 4}, {"classification", 91}} {
		var out []graph.Value
		for i, m := range maps {
			n := fmt.Sprintf("head.%s_head.module_list.%d", head.name, i)
			out = append(out, b.Conv(n, m, head.f*anchors[i], graph.Square(3, 1, 1), 1, true))
		}
		b.Logits(b.Tail(out...))
	}
}

// unet is Ronneberger et al. 2015: convolutions without padding, so that the
// skipped maps are cropped; one input channel, two classes.
func unet(b *builder, s shape) {
	double := func(name string, x graph.Value, f int64) graph.Value {
		b.Block()
		for i := range 2 {
			n := fmt.Sprintf("%s.conv%d", name, i+1)
			x = b.Act(n+".relu", b.Conv(n, x, f, graph.Square(3, 1, 0), 1, true), graph.ReLU)
		}
		return x
	}
	x := b.Input("image", 1, s.image, s.image)
	var skips []graph.Value
	for i := range 4 {
		x = double(fmt.Sprintf("down%d", i+1), x, 64<<i)
		skips = append(skips, x)
		if x.H%2 != 0 {
			b.Failf("image_size %d pixels: level %d has an odd map of %d pixels; use 188 + 16 n", s.image, i+1, x.H)
			return
		}
		x = b.Pool(fmt.Sprintf("down%d.pool", i+1), x, graph.MaxPool, graph.Square(2, 2, 0))
	}
	x = double("bottom", b.Drop("bottom.dropout", x), 1024)
	for i := 3; i >= 0; i-- {
		n := fmt.Sprintf("up%d", i+1)
		x = b.ConvTranspose(n+".upconv", x, 64<<i, graph.Square(2, 2, 0), 1, true)
		x = b.Concat(b.Slice(skips[i], 0, skips[i].C, x.H, x.W), x)
		x = double(n, x, 64<<i)
	}
	b.Logits(b.Conv("out", x, 2, graph.Square(1, 1, 0), 1, true))
}
