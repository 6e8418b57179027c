package views

import (
	"errors"
	"fmt"
	"slices"

	"stco/model/workload/onnx"
	"stco/model/workload/onnx/infer"
	"stco/model/workload/onnx/walk"
)

// sequenceArg returns input i, a sequence.
func sequenceArg(im *walk.Importer, n *onnx.Node, i int) (*walk.Entry, error) {
	e, err := im.Need(n, i)
	if err != nil {
		return nil, err
	}
	if !e.IsList {
		return nil, fmt.Errorf("input %q is no sequence", n.In[i])
	}
	return e, nil
}

// place returns the position that input i gives in a sequence of a length; last
// where the input is absent.
func place(im *walk.Importer, n *onnx.Node, i, length, last int) (int, error) {
	v, err := im.Call(n).Ints(i, "")
	switch {
	case err != nil:
		return 0, err
	case v == nil:
		return last, nil
	case len(v) != 1:
		return 0, fmt.Errorf("a position of %d numbers", len(v))
	}
	at := v[0]
	if at < 0 {
		at += int64(length)
	}
	if at < 0 || at > int64(last) {
		return 0, fmt.Errorf("position %d of a sequence of %d", v[0], length)
	}
	return int(at), nil
}

// sequence follows the operators of sequences: lists of tensors of which no data
// move.
func sequence(im *walk.Importer, n *onnx.Node) error {
	list := func(es []*walk.Entry) error {
		if len(es) > walk.MaxParts {
			return fmt.Errorf("a sequence of more than %d tensors", walk.MaxParts)
		}
		if im.Work += len(es); im.Work > walk.MaxWork {
			return fmt.Errorf("sequences of more than %d pieces", walk.MaxWork)
		}
		im.Alias(n, 0, &walk.Entry{Param: walk.NoParam, List: es, IsList: true})
		return nil
	}
	switch n.Op {
	case "SequenceEmpty":
		return list(nil)
	case "SequenceConstruct":
		var es []*walk.Entry
		for i := range n.In {
			e, err := im.Need(n, i)
			if err != nil {
				return err
			}
			es = append(es, e)
		}
		return list(es)
	case "SplitToSequence":
		return splitToSequence(im, n, list)
	}
	s, err := sequenceArg(im, n, 0)
	if err != nil {
		return err
	}
	k := len(s.List)
	switch n.Op {
	case "SequenceInsert":
		e, err := im.Need(n, 1)
		if err != nil {
			return err
		}
		at, err := place(im, n, 2, k, k)
		if unknown(err) { // anywhere
			at, err = k, nil
		}
		if err != nil {
			return err
		}
		return list(slices.Insert(slices.Clone(s.List), at, e))
	case "SequenceErase", "SequenceAt":
		at, err := place(im, n, 1, k, k-1)
		if unknown(err) && k > 0 {
			im.Warn("node %q (%s): data say which tensor; it is taken to be the first of %d", n.Name, n.Op, k)
			at, err = 0, nil
		}
		if err != nil || k == 0 {
			return errors.Join(err, emptyError(k))
		}
		if n.Op == "SequenceAt" {
			im.Alias(n, 0, s.List[at])
			return nil
		}
		return list(slices.Delete(slices.Clone(s.List), at, at+1))
	case "SequenceLength":
		e := &walk.Entry{Fixed: true, Param: walk.NoParam}
		e.Dims, e.Type, e.Values = []int64{}, onnx.TypeInt64, []float64{float64(k)}
		im.Alias(n, 0, e)
		return nil
	}
	return concatFromSequence(im, n, s.List)
}

// unknown reports whether an error says that values are not known.
func unknown(err error) bool {
	var u *infer.UnknownError
	return errors.As(err, &u)
}

func emptyError(k int) error {
	if k == 0 {
		return errors.New("the sequence is empty")
	}
	return nil
}

// concatFromSequence joins the tensors of a sequence, along a new axis or one
// they have.
func concatFromSequence(im *walk.Importer, n *onnx.Node, es []*walk.Entry) error {
	if err := emptyError(len(es)); err != nil {
		return err
	}
	c := onnx.Node{Name: n.Name, Op: "Concat", Out: n.Out, Attrs: n.Attrs}
	fresh := n.AttrInt("new_axis", 0) != 0
	for i, e := range es {
		name := fmt.Sprintf("%s.part%d", n.Name, i)
		if fresh {
			a := n.AttrInt("axis", 0)
			rank := int64(len(e.Dims) + 1)
			if a < 0 {
				a += rank
			}
			if a < 0 || a >= rank {
				return fmt.Errorf("axis %d of a tensor of rank %d", n.AttrInt("axis", 0), rank)
			}
			wide := *e
			wide.Dims, wide.Cat, wide.Rep, wide.Pad = slices.Insert(slices.Clone(e.Dims), int(a), 1), nil, nil, nil
			if e.Rep != nil || e.Pad != nil {
				return errors.New("a sequence of tensors that are not written out is not supported")
			}
			e = &wide
		}
		im.Tensors[name] = e
		c.In = append(c.In, name)
	}
	return Concat(im, &c)
}

// splitToSequence cuts a tensor into a sequence.
func splitToSequence(im *walk.Importer, n *onnx.Node, list func([]*walk.Entry) error) error {
	x, a, err := im.DataAlong(n)
	if err != nil {
		return err
	}
	sizes, err := im.Call(n).Ints(1, "")
	if err != nil {
		return err
	}
	each := int64(1)
	if sp := im.Arg(n, 1); sp != nil && len(sp.Dims) == 0 && len(sizes) == 1 {
		each, sizes = sizes[0], nil
	}
	keep := n.AttrInt("keepdims", 1) != 0 || im.Arg(n, 1) != nil
	if sizes == nil {
		if each < 1 || x.Dims[a]/each > walk.MaxParts {
			return fmt.Errorf("parts of %d along an axis of %d", each, x.Dims[a])
		}
		for at := int64(0); at < x.Dims[a]; at += each {
			sizes = append(sizes, min(each, x.Dims[a]-at))
		}
	}
	var es []*walk.Entry
	at := int64(0)
	for _, s := range sizes {
		if s < 1 || s > x.Dims[a]-at {
			return fmt.Errorf("parts of %v along an axis of %d", sizes, x.Dims[a])
		}
		v, err := cutData(im, x, a, at, s, 0)
		if err != nil {
			return err
		}
		e := &walk.Entry{Param: walk.NoParam}
		e.Dims, e.Type = slices.Clone(x.Dims), x.Type
		if e.Dims[a] = s; !keep {
			e.Dims = slices.Delete(e.Dims, a, a+1)
		}
		im.Set(e, v)
		es = append(es, e)
		at += s
	}
	if at != x.Dims[a] {
		return fmt.Errorf("parts of %v along an axis of %d", sizes, x.Dims[a])
	}
	return list(es)
}
