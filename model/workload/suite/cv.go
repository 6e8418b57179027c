package suite

import (
	"stco/model/workload/graph"
)

import "fmt"

// The declarations follow torchvision 0.14, whose module names the layers have.

func cvSpecs() []spec {
	tv := "torchvision 0.14, head of 1000 classes"
	cv := func(name string, build func(*builder, shape)) spec {
		return spec{name: name, family: "cv", counted: tv, image: 224, build: build}
	}
	sized := func(s spec, image int, counted string) spec {
		s.image, s.counted = image, counted
		return s
	}
	ceil := graph.Square(3, 2, 0)
	return []spec{
		cv("alexnet", alexnet),
		cv("vgg16", vgg16),
		sized(cv("googlenet", googlenet), 224, tv+", without the auxiliary classifiers"),
		sized(cv("inception_v3", inceptionV3), 299, tv+"; the auxiliary classifier is among the parameters and runs in training only"),
		cv("resnet18", resnet(false, 2, 2, 2, 2)),
		cv("resnet50", resnet(true, 3, 4, 6, 3)),
		cv("resnet101", resnet(true, 3, 4, 23, 3)),
		cv("resnet152", resnet(true, 3, 8, 36, 3)),
		cv("densenet121", densenet121),
		cv("mobilenet_v2", mobilenetV2),
		cv("efficientnet_b0", efficientnetB0),
		cv("squeezenet1_0", squeezenet(96, graph.Square(7, 2, 0), 0, 16, 16, 32, 0, 32, 48, 48, 64, 0, 64)),
		cv("squeezenet1_1", squeezenet(64, ceil, 0, 16, 16, 0, 32, 32, 0, 48, 48, 64, 64)),
		cv("shufflenet_v2_x1_0", shufflenetV2),
		cv("vit_b_16", vitB16),
		cv("convnext_tiny", convnextTiny),
		sized(cv("ssd300_vgg16", ssd300), 300, "torchvision 0.14, heads of 91 COCO classes; boxes are not decoded"),
		sized(cv("unet", unet), 572, "Ronneberger et al. 2015, figure 1: 572 x 572 pixels of one channel, two classes, no batch normalisation"),
	}
}

// image declares the input image.
func (b *builder) image(s shape) graph.Value { return b.Input("image", 3, s.image, s.image) }

// convBN adds a convolution without bias, a batch normalisation and, unless fn is
// FnNone, a pointwise function.
func (b *builder) convBN(conv, bn string, x graph.Value, f int64, k graph.Window, groups int64, fn graph.Fn) graph.Value {
	x = b.Norm(bn, b.Conv(conv, x, f, k, groups, false), graph.BatchNorm)
	if fn == graph.FnNone {
		return x
	}
	return b.Act(bn+".act", x, fn)
}

// classify adds the head: dropout, then a linear layer of 1000 classes.
func (b *builder) classify(name string, x graph.Value, drop bool) {
	b.Block()
	x = b.Flatten(x)
	if drop {
		x = b.Drop(name+".dropout", x)
	}
	b.Logits(b.Linear(name, x, 1000, true))
}

// resnet returns the declaration of a ResNet with n blocks per stage (He et al.
// 2016; the stride of a bottleneck is in its 3x3 convolution).
func resnet(bottleneck bool, n ...int) func(*builder, shape) {
	return func(b *builder, s shape) {
		x := b.convBN("conv1", "bn1", b.image(s), 64, graph.Square(7, 2, 3), 1, graph.ReLU)
		x = b.Pool("maxpool", x, graph.MaxPool, graph.Square(3, 2, 1))
		for stage, blocks := range n {
			f := int64(64) << stage
			for i := range blocks {
				b.Block()
				stride := int64(1)
				if i == 0 && stage > 0 {
					stride = 2
				}
				x = b.residual(fmt.Sprintf("layer%d.%d", stage+1, i), x, f, stride, bottleneck)
			}
		}
		b.classify("fc", b.GlobalPool("avgpool", x, 1, 1), false)
	}
}

func (b *builder) residual(name string, x graph.Value, f, stride int64, bottleneck bool) graph.Value {
	part := func(i int, y graph.Value, f int64, k graph.Window, fn graph.Fn) graph.Value {
		return b.convBN(fmt.Sprintf("%s.conv%d", name, i), fmt.Sprintf("%s.bn%d", name, i), y, f, k, 1, fn)
	}
	out := f
	var y graph.Value
	if bottleneck {
		out = 4 * f
		y = part(1, x, f, graph.Square(1, 1, 0), graph.ReLU)
		y = part(2, y, f, graph.Square(3, stride, 1), graph.ReLU)
		y = part(3, y, out, graph.Square(1, 1, 0), graph.FnNone)
	} else {
		y = part(1, x, f, graph.Square(3, stride, 1), graph.ReLU)
		y = part(2, y, out, graph.Square(3, 1, 1), graph.FnNone)
	}
	if stride != 1 || x.C != out {
		x = b.convBN(name+".downsample.0", name+".downsample.1", x, out, graph.Square(1, stride, 0), 1, graph.FnNone)
	}
	return b.Act(name+".relu", b.Add(name+".add", y, x), graph.ReLU)
}

// vgg16 is configuration D of Simonyan and Zisserman 2015.
func vgg16(b *builder, s shape) {
	x := b.image(s)
	layer := 0
	for _, stage := range [][]int64{{64, 64}, {128, 128}, {256, 256, 256}, {512, 512, 512}, {512, 512, 512}} {
		b.Block()
		for _, f := range stage {
			x = b.Conv(fmt.Sprintf("features.%d", layer), x, f, graph.Square(3, 1, 1), 1, true)
			x = b.Act(fmt.Sprintf("features.%d", layer+1), x, graph.ReLU)
			layer += 2
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
	b.Logits(b.Linear("classifier.6", x, 1000, true))
}

// mobilenetV2 is width 1.0 of Sandler et al. 2018; ReLU6 throughout.
func mobilenetV2(b *builder, s shape) {
	x := b.convBN("features.0.0", "features.0.1", b.image(s), 32, graph.Square(3, 2, 1), 1, graph.ReLU6)
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
				y = b.convBN(name+".0.0", name+".0.1", y, x.C*g[0], graph.Square(1, 1, 0), 1, graph.ReLU6)
				sub++
			}
			dw, pw := fmt.Sprintf("%s.%d", name, sub), fmt.Sprintf("%s.%d", name, sub+1)
			y = b.convBN(dw+".0", dw+".1", y, y.C, graph.Square(3, stride, 1), y.C, graph.ReLU6)
			y = b.convBN(pw, fmt.Sprintf("%s.%d", name, sub+2), y, g[1], graph.Square(1, 1, 0), 1, graph.FnNone)
			if stride == 1 && x.C == g[1] {
				y = b.Add(fmt.Sprintf("features.%d.add", layer), x, y)
			}
			x = y
			layer++
		}
	}
	b.Block()
	x = b.convBN("features.18.0", "features.18.1", x, 1280, graph.Square(1, 1, 0), 1, graph.ReLU6)
	b.classify("classifier.1", b.GlobalPool("avgpool", x, 1, 1), true)
}

// vitB16 is ViT-B/16 of Dosovitskiy et al. 2021; the class token is classified. As in
// torchvision, nothing is dropped.
func vitB16(b *builder, s shape) {
	const d = 768
	if s.image%16 != 0 {
		b.Failf("image_size %d pixels: must be a multiple of the patch of 16", s.image)
		return
	}
	x := b.Conv("conv_proj", b.image(s), d, graph.Square(16, 16, 0), 1, true)
	x = b.Concat(b.Constant("class_token", d, 1, 1), b.Reshape(x, d, x.H*x.W, 1))
	x = b.Pointwise("encoder.pos_embedding", graph.ParamAdd, x, b.Param("encoder.pos_embedding", x.Elems()))
	for i := range 12 {
		b.Block()
		n := fmt.Sprintf("encoder.layers.encoder_layer_%d.", i)
		y := b.Norm(n+"ln_1", x, graph.LayerNorm)
		y = b.Linear(n+"self_attention.in_proj(qkv)", y, 3*d, true)
		q, k, v := b.thirds(y)
		y = b.attend(n+"self_attention", q, k, v, 12, 12, false, nil)
		x = b.Add(n+"add_1", x, b.Linear(n+"self_attention.out_proj", y, d, true))
		y = b.Norm(n+"ln_2", x, graph.LayerNorm)
		y = b.Act(n+"mlp.1", b.Linear(n+"mlp.0", y, 4*d, true), graph.GELU)
		x = b.Add(n+"add_2", x, b.Linear(n+"mlp.3", y, d, true))
	}
	b.Block()
	x = b.Norm("encoder.ln", x, graph.LayerNorm)
	b.classify("heads.head", b.Slice(x, 0, d, 1, 1), false)
}
