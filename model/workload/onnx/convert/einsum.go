package convert

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"stco/model/workload/graph"
	"stco/model/workload/onnx"
)

// einsum adds a product in index notation: a transposition or sum of one tensor,
// or a batched matrix product of two.
func (im *importer) einsum(n *onnx.Node) error {
	terms, out, err := equation(n.AttrString("equation", ""), len(n.In))
	if err != nil {
		return err
	}
	size := map[rune]int64{}
	for i, t := range terms {
		e, err := im.need(n, i)
		if err != nil {
			return err
		}
		if len(t) != len(e.Dims) {
			return fmt.Errorf("%d indices for a tensor of rank %d", len(t), len(e.Dims))
		}
		for k, r := range t {
			if d, ok := size[r]; ok && d != e.Dims[k] {
				return fmt.Errorf("index %c has sizes %d and %d", r, d, e.Dims[k])
			}
			size[r] = e.Dims[k]
		}
	}
	dims := []int64{}
	for _, r := range out {
		if _, ok := size[r]; !ok {
			return fmt.Errorf("index %c is in no input", r)
		}
		dims = append(dims, size[r])
	}
	if len(terms) == 1 {
		return im.einsumOne(n, dims)
	}
	m, k, cols, groups := int64(1), int64(1), int64(1), int64(1)
	for r, d := range size {
		a, b, o := slices.Contains(terms[0], r), slices.Contains(terms[1], r), slices.Contains(out, r)
		switch {
		case a && b && o:
			groups *= d
		case a && b:
			k *= d
		case a && o:
			m *= d
		case b && o:
			cols *= d
		default:
			return fmt.Errorf("index %c is summed in one input alone, which is not supported", r)
		}
	}
	y, err := im.product(n, groups, m, k, cols, nil)
	if err != nil {
		return err
	}
	return im.give(n, 0, dims, y)
}

func (im *importer) einsumOne(n *onnx.Node, dims []int64) error {
	x, err := im.data(n)
	if err != nil {
		return err
	}
	k, err := onnx.Elements(dims)
	if err != nil {
		return err
	}
	if k == x.Elems() {
		return im.give(n, 0, dims, x.val)
	}
	if k < 1 || x.Elems()%k != 0 {
		return fmt.Errorf("%v from %v", dims, x.Dims)
	}
	return im.give(n, 0, dims, im.meanOf(n.Name, x, k))
}

// meanOf reduces data to the given number of elements.
func (im *importer) meanOf(name string, x *entry, out int64) graph.Value {
	return im.b.GlobalPool(name, im.b.Reshape(x.val, out, x.Elems()/out, 1), 1, 1)
}

// equation splits "ij,jk->ik" into the indices of every input and of the result.
func equation(text string, inputs int) (terms [][]rune, out []rune, err error) {
	text = strings.ReplaceAll(text, " ", "")
	left, right, explicit := strings.Cut(text, "->")
	if strings.Contains(text, ".") {
		return nil, nil, fmt.Errorf("equation %q: an ellipsis is not supported", text)
	}
	count := map[rune]int{}
	for t := range strings.SplitSeq(left, ",") {
		seen := map[rune]bool{}
		for _, r := range t {
			if seen[r] {
				return nil, nil, fmt.Errorf("equation %q: a diagonal is not supported", text)
			}
			seen[r] = true
			count[r]++
		}
		terms = append(terms, []rune(t))
	}
	if len(terms) != inputs || inputs < 1 || inputs > 2 {
		return nil, nil, fmt.Errorf("equation %q with %d inputs: 1 and 2 are supported", text, inputs)
	}
	out = []rune(right)
	if !explicit { // indices that occur once, in alphabetical order
		for r, c := range count {
			if c == 1 {
				out = append(out, r)
			}
		}
		slices.Sort(out)
	}
	if len(slices.Compact(slices.Sorted(slices.Values(out)))) != len(out) {
		return nil, nil, errors.New("an index twice in the result")
	}
	return terms, out, nil
}
