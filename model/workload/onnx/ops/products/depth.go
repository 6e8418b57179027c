package products

import (
	"fmt"
	"slices"

	"stco/model/workload/graph"
	"stco/model/workload/onnx"
	"stco/model/workload/onnx/walk"
)

// window3 is a window over three dimensions and the sizes it runs over.
type window3 struct {
	images, c, h, w int64
	k               graph.Window
	d               graph.Depth
}

// windowOf3 splits the attributes of a node over three spatial dimensions into
// those of depth and those of the other two.
func windowOf3(n *onnx.Node, x *walk.Entry, kernel []int64) (window3, error) {
	var o window3
	if len(x.Dims) != 5 || len(kernel) != 3 {
		return o, fmt.Errorf("a window of %d dimensions over %v", len(kernel), x.Dims)
	}
	strides, dil, pads := n.AttrInts("strides"), n.AttrInts("dilations"), n.AttrInts("pads")
	if strides == nil {
		strides = []int64{1, 1, 1}
	}
	if dil == nil {
		dil = []int64{1, 1, 1}
	}
	if pads == nil {
		pads = make([]int64, 6)
	}
	if len(strides) != 3 || len(dil) != 3 || len(pads) != 6 {
		return o, fmt.Errorf("%d strides, %d dilations, %d paddings for three dimensions", len(strides), len(dil), len(pads))
	}
	for _, v := range slices.Concat(kernel, strides, dil, pads, x.Dims) {
		if v < 0 || v > 1<<24 {
			return o, fmt.Errorf("a size of %d: must be 0 to %d", v, 1<<24)
		}
	}
	if min(kernel[0], kernel[1], kernel[2], strides[0], strides[1], strides[2], dil[0], dil[1], dil[2]) < 1 {
		return o, fmt.Errorf("a window of %v, strides %v, dilations %v", kernel, strides, dil)
	}
	switch mode := n.AttrString("auto_pad", "NOTSET"); mode {
	case "NOTSET", "", "VALID":
	case "SAME_UPPER", "SAME_LOWER":
		for i := range 3 {
			size := x.Dims[2+i]
			total := max(0, ((size+strides[i]-1)/strides[i]-1)*strides[i]+dil[i]*(kernel[i]-1)+1-size)
			pads[i] = total / 2
			if mode == "SAME_LOWER" {
				pads[i] = total - total/2
			}
			pads[3+i] = total - pads[i]
		}
	default:
		return o, fmt.Errorf("auto_pad %q", mode)
	}
	o.images, o.c, o.h, o.w = x.Dims[0], x.Dims[1], x.Dims[3], x.Dims[4]
	o.d = graph.Depth{Frames: x.Dims[2], Taps: kernel[0], Stride: strides[0], Pad: pads[0], End: pads[3] - pads[0], Dilation: dil[0]}
	o.k = graph.Window{
		R: kernel[1], StrideH: strides[1], DilH: dil[1], PadH: pads[1], EndH: pads[4] - pads[1],
		S: kernel[2], StrideW: strides[2], DilW: dil[2], PadW: pads[2], EndW: pads[5] - pads[2],
		Ceil: n.AttrInt("ceil_mode", 0) != 0,
	}
	return o, nil
}

// conv3 adds a convolution over three dimensions.
func conv3(im *walk.Importer, n *onnx.Node, x, w *walk.Entry, params []int32) error {
	o, err := windowOf3(n, x, w.Dims[2:])
	if err != nil {
		return err
	}
	groups := n.AttrInt("group", 1)
	if groups < 1 || groups > 1<<24 {
		return fmt.Errorf("group %d", groups)
	}
	v := im.B.Reshape(x.Val, o.images*o.d.Frames*o.c, o.h, o.w)
	if n.Op == "Conv" {
		if w.Dims[1]*groups != o.c {
			return fmt.Errorf("weights %v for %d channels in %d groups", w.Dims, o.c, groups)
		}
		y := im.B.ConvDepth(n.Name, v, o.images, w.Dims[0], o.k, o.d, groups, params...)
		return im.Give(n, 0, []int64{o.images, w.Dims[0], o.d.Out(), y.H, y.W}, y)
	}
	if w.Dims[0] != o.c {
		return fmt.Errorf("weights %v for %d channels", w.Dims, o.c)
	}
	if pad := n.AttrInts("output_padding"); len(pad) == 3 {
		o.d.End -= pad[0]
		o.k.EndH, o.k.EndW = o.k.EndH-pad[1], o.k.EndW-pad[2]
	}
	f := w.Dims[1] * groups
	y := im.B.ConvTransposeDepth(n.Name, v, o.images, f, o.k, o.d, groups, params...)
	return im.Give(n, 0, []int64{o.images, f, y.C / max(1, o.images*f), y.H, y.W}, y)
}

// pool3 adds a pooling over three dimensions: over the frames' pixels, then over
// the frames.
func pool3(im *walk.Importer, n *onnx.Node, x *walk.Entry) error {
	o, err := windowOf3(n, x, n.AttrInts("kernel_shape"))
	if err != nil {
		return err
	}
	fn := graph.AvgPool
	if n.Op == "MaxPool" {
		fn = graph.MaxPool
	}
	y := im.B.Pool(n.Name, im.B.Reshape(x.Val, o.images*o.c*o.d.Frames, o.h, o.w), fn, o.k)
	h, w := y.H, y.W
	depth := graph.Window{R: o.d.Taps, S: 1, StrideH: o.d.Stride, StrideW: 1, PadH: o.d.Pad, EndH: o.d.End, DilH: o.d.Dilation, DilW: 1, Ceil: o.k.Ceil}
	y = im.B.Pool(n.Name+".depth", im.B.Reshape(y, o.images*o.c, o.d.Frames, h*w), fn, depth)
	return im.Give(n, 0, []int64{o.images, o.c, y.H, h, w}, y)
}

// deformConv adds a convolution whose windows read where offsets say: every tap
// is interpolated from four pixels, then the products.
func deformConv(im *walk.Importer, n *onnx.Node) error {
	x, err := im.Data(n)
	if err != nil {
		return err
	}
	w, err := im.Weight(n, 1, 4)
	if err != nil {
		return err
	}
	if len(x.Dims) != 4 {
		return fmt.Errorf("input of dimensions %v", x.Dims)
	}
	names := []string{n.In[1]}
	if b := im.Arg(n, 3); b != nil {
		names = append(names, n.In[3])
	}
	params, err := im.ParamList(names)
	if err != nil {
		return err
	}
	images, c, h, wd, k, err := window(im, n, x, w.Dims[2:])
	if err != nil {
		return err
	}
	groups := n.AttrInt("group", 1)
	if groups < 1 || groups > 1<<24 || w.Dims[1]*groups != c {
		return fmt.Errorf("weights %v for %d channels in %d groups", w.Dims, c, groups)
	}
	y := im.B.ConvWith(n.Name, im.B.Reshape(x.Val, images*c, h, wd), images, w.Dims[0], k, groups, params...)
	if err := im.B.Err(); err != nil {
		return err
	}
	taps := float64(images*c*w.Dims[2]*w.Dims[3]) * float64(y.H*y.W)
	if taps > 1e15 {
		return fmt.Errorf("%g taps", taps)
	}
	y = im.B.PointwiseOver(n.Name+".taps", graph.Scale, y, 8*int64(taps)) // four products and sums
	return im.Give(n, 0, []int64{images, w.Dims[0], y.H, y.W}, y)
}
