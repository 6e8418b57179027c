package products

import (
	"fmt"

	"stco/model/workload/graph"
	"stco/model/workload/onnx"
	"stco/model/workload/onnx/walk"
)

// recurrent adds the directions of an LSTM or GRU.
func recurrent(im *walk.Importer, n *onnx.Node) error {
	x, err := im.Data(n)
	if err != nil {
		return err
	}
	w, err := im.Weight(n, 1, 3)
	if err != nil {
		return err
	}
	r, err := im.Weight(n, 2, 3)
	if err != nil {
		return err
	}
	if len(x.Dims) != 3 {
		return fmt.Errorf("input of dimensions %v", x.Dims)
	}
	fn := map[string]graph.Fn{"LSTM": graph.LSTM, "GRU": graph.GRU, "RNN": graph.RNN}[n.Op]
	gates := fn.Gates()
	steps, batch, features := x.Dims[0], x.Dims[1], x.Dims[2]
	batchFirst := n.AttrInt("layout", 0) != 0
	if batchFirst {
		steps, batch = batch, steps
	}
	dirs, h := w.Dims[0], r.Dims[2]
	if dirs < 1 || dirs > 2 || r.Dims[0] != dirs || w.Dims[1] != gates*h || r.Dims[1] != gates*h || w.Dims[2] != features {
		return fmt.Errorf("weights %v and %v for %d features", w.Dims, r.Dims, features)
	}
	if steps < 1 || batch < 1 {
		return fmt.Errorf("%d time steps of %d sequences", steps, batch)
	}
	peep := im.Arg(n, 7)
	if peep != nil && (n.Op != "LSTM" || !peep.Fixed || peep.Elems() != dirs*3*h) {
		return fmt.Errorf("peephole weights of dimensions %v", peep.Dims)
	}
	bias := im.Arg(n, 3)
	var outs, lasts []graph.Value
	for d := range dirs {
		name := n.Name
		if dirs > 1 {
			name = fmt.Sprintf("%s.%d", n.Name, d)
		}
		wp := []int32{im.B.Param(name+".W", gates*h*features)}
		rp := []int32{im.B.Param(name+".R", gates*h*h)}
		if bias != nil {
			if !bias.Fixed || bias.Elems() != dirs*2*gates*h {
				return fmt.Errorf("bias of dimensions %v", bias.Dims)
			}
			wp = append(wp, im.B.Param(name+".Wb", gates*h))
			rp = append(rp, im.B.Param(name+".Rb", gates*h))
		}
		gx := im.B.LinearWith(name+".W_ih", im.B.Reshape(x.Val, features, steps*batch, 1), gates*h, wp...)
		if peep != nil { // one weight of a cell and gate, three of the four
			gx = im.B.PointwiseOver(name+".P", graph.ParamMul, gx, 3*h*steps*batch, im.B.Param(name+".P", 3*h))
		}
		states, err := states(im, n, name, fn, h*batch, d, dirs)
		if err != nil {
			return err
		}
		y := im.B.RecurrentWith(name+".W_hh", im.B.Reshape(gx, gates*h, steps, batch), fn, rp, states...)
		outs = append(outs, y)
		lasts = append(lasts, im.B.Slice(y, (steps-1)*h*batch, h, 1, batch))
	}
	all, last := []int64{steps, dirs, batch, h}, []int64{dirs, batch, h}
	if batchFirst {
		all, last = []int64{batch, steps, dirs, h}, []int64{batch, dirs, h}
	}
	if err := im.Give(n, 0, all, im.B.Tail(outs...)); err != nil {
		return err
	}
	if len(n.Out) > 1 && n.Out[1] != "" {
		if err := im.Give(n, 1, last, im.B.Tail(lasts...)); err != nil {
			return err
		}
	}
	if len(n.Out) > 2 && n.Out[2] != "" { // as many elements as the hidden states, for which they stand
		return im.Give(n, 2, last, im.B.Tail(lasts...))
	}
	return nil
}

// states returns the initial states of one direction: data, or zeros that
// arrive with every batch.
func states(im *walk.Importer, n *onnx.Node, name string, fn graph.Fn, elems, dir, dirs int64) ([]graph.Value, error) {
	var out []graph.Value
	for k, s := range []string{".h0", ".c0"} {
		if k == 1 && fn != graph.LSTM {
			break
		}
		e := im.Arg(n, 5+k)
		switch {
		case e == nil || e.Fixed:
			out = append(out, im.B.Input(name+s, elems, 1, 1))
		case !e.Ready || e.Elems() != dirs*elems:
			return nil, fmt.Errorf("initial state of dimensions %v", e.Dims)
		default:
			out = append(out, im.B.Slice(e.Val, dir*elems, elems, 1, 1))
		}
	}
	return out, nil
}
