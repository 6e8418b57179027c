package products

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"stco/model/workload/graph"
	"stco/model/workload/onnx"
	"stco/model/workload/onnx/walk"
)

// einsum adds a product in index notation: a transposition or sum of one tensor,
// or a batched matrix product of two.
func einsum(im *walk.Importer, n *onnx.Node) error {
	text, err := withoutEllipsis(im, n)
	if err != nil {
		return err
	}
	terms, out, err := equation(text, len(n.In))
	if err != nil {
		return err
	}
	if n, err = diagonals(im, n, terms); err != nil {
		return err
	}
	if n, err = sums(im, n, terms, out); err != nil {
		return err
	}
	size := map[rune]int64{}
	for i, t := range terms {
		e, err := im.Need(n, i)
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
		return einsumOne(im, n, dims)
	}
	if len(terms) > 2 {
		return einsumMany(im, n, terms, out, size)
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
		}
	}
	y, err := product(im, n, groups, m, k, cols, nil)
	if err != nil {
		return err
	}
	return im.Give(n, 0, dims, y)
}

func einsumOne(im *walk.Importer, n *onnx.Node, dims []int64) error {
	x, err := im.Data(n)
	if err != nil {
		return err
	}
	k, err := onnx.Elements(dims)
	if err != nil {
		return err
	}
	if k == x.Elems() {
		return im.Give(n, 0, dims, x.Val)
	}
	if k < 1 || x.Elems()%k != 0 {
		return fmt.Errorf("%v from %v", dims, x.Dims)
	}
	return im.Give(n, 0, dims, MeanOf(im, n.Name, x, k))
}

// MeanOf reduces data to the given number of elements.
func MeanOf(im *walk.Importer, name string, x *walk.Entry, out int64) graph.Value {
	return im.B.GlobalPool(name, im.B.Reshape(x.Val, out, x.Elems()/out, 1), 1, 1)
}

// withoutEllipsis returns the equation of a node with indices of their own in place
// of every ellipsis, as many as the inputs have dimensions beside the others.
func withoutEllipsis(im *walk.Importer, n *onnx.Node) (string, error) {
	const ellipsis, first = "...", 'α'
	text := strings.ReplaceAll(n.AttrString("equation", ""), " ", "")
	if !strings.Contains(text, ".") {
		return text, nil
	}
	left, right, explicit := strings.Cut(text, "->")
	terms := strings.Split(left, ",")
	widest := 0
	spare := make([]int, len(terms))
	for i, t := range terms {
		e, err := im.Need(n, i)
		if err != nil {
			return "", err
		}
		if !strings.Contains(t, ellipsis) {
			continue
		}
		spare[i] = len(e.Dims) - len(strings.Replace(t, ellipsis, "", 1))
		if spare[i] < 0 || spare[i] > onnx.MaxRank {
			return "", fmt.Errorf("equation %q: %d dimensions for %q", text, len(e.Dims), t)
		}
		widest = max(widest, spare[i])
	}
	letters := func(count int) string { // of the last dimensions
		var s []rune
		for k := widest - count; k < widest; k++ {
			s = append(s, first+rune(k))
		}
		return string(s)
	}
	for i := range terms {
		terms[i] = strings.Replace(terms[i], ellipsis, letters(spare[i]), 1)
	}
	left = strings.Join(terms, ",")
	if !explicit { // the ellipsis, then what occurs once
		right = ellipsis
		for _, r := range slices.Sorted(slices.Values([]rune(strings.ReplaceAll(left, ",", "")))) {
			if r < first && strings.Count(left, string(r)) == 1 {
				right += string(r)
			}
		}
	}
	return left + "->" + strings.Replace(right, ellipsis, letters(widest), 1), nil
}

// equation splits "ij,jk->ik" into the indices of every input and of the result.
func equation(text string, inputs int) (terms [][]rune, out []rune, err error) {
	text = strings.ReplaceAll(text, " ", "")
	left, right, explicit := strings.Cut(text, "->")
	count := map[rune]int{}
	for t := range strings.SplitSeq(left, ",") {
		for _, r := range t {
			count[r]++
		}
		terms = append(terms, []rune(t))
	}
	if len(terms) != inputs || inputs < 1 || inputs > maxFactors {
		return nil, nil, fmt.Errorf("equation %q with %d inputs: 1 to %d are supported", text, inputs, maxFactors)
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

// diagonals returns a node that reads diagonals, copied, in place of the tensors that
// have an index twice, and takes the second index from the terms.
func diagonals(im *walk.Importer, n *onnx.Node, terms [][]rune) (*onnx.Node, error) {
	for i, t := range terms {
		var once []rune
		for _, r := range t {
			if !slices.Contains(once, r) {
				once = append(once, r)
			}
		}
		if len(once) == len(t) {
			continue
		}
		e, err := indexed(im, n, i, t)
		if err != nil {
			return nil, err
		}
		dims, elems := make([]int64, len(once)), int64(1)
		for k, r := range t {
			at := slices.Index(once, r)
			if dims[at] != 0 && dims[at] != e.Dims[k] {
				return nil, fmt.Errorf("index %c has sizes %d and %d", r, dims[at], e.Dims[k])
			}
			dims[at] = e.Dims[k]
		}
		for _, d := range dims {
			elems *= d
		}
		out := *n
		out.In = slices.Clone(n.In)
		out.In[i] = fmt.Sprintf("%s.diagonal%d", n.Out[0], i)
		one := onnx.Node{Name: n.Name, Out: []string{out.In[i]}}
		if err := im.Give(&one, 0, dims, im.B.Copy(out.In[i], e.Val, elems)); err != nil {
			return nil, err
		}
		n, terms[i] = &out, once
	}
	return n, nil
}

// indexed is an input with an index for each of its dimensions.
func indexed(im *walk.Importer, n *onnx.Node, i int, t []rune) (*walk.Entry, error) {
	e, err := im.DataArg(n, i)
	if err == nil && len(t) != len(e.Dims) {
		err = fmt.Errorf("%d indices for a tensor of rank %d", len(t), len(e.Dims))
	}
	return e, err
}

// sums returns a node that reads sums in place of the tensors that have an index
// which neither another tensor nor the result has, and takes it from the terms.
func sums(im *walk.Importer, n *onnx.Node, terms [][]rune, out []rune) (*onnx.Node, error) {
	if len(terms) < 2 {
		return n, nil
	}
	for i, t := range terms {
		alone := func(r rune) bool {
			return !slices.Contains(out, r) && !slices.ContainsFunc(slices.Concat(terms[:i], terms[i+1:]), func(o []rune) bool { return slices.Contains(o, r) })
		}
		if !slices.ContainsFunc(t, alone) {
			continue
		}
		e, err := indexed(im, n, i, t)
		if err != nil {
			return nil, err
		}
		var rest []rune
		dims, elems := []int64{}, int64(1)
		for k, r := range t {
			if !alone(r) {
				rest, dims, elems = append(rest, r), append(dims, e.Dims[k]), elems*e.Dims[k]
			}
		}
		if elems < 1 || e.Elems() < 1 {
			return nil, fmt.Errorf("a sum of %v", e.Dims)
		}
		next := *n
		next.In = slices.Clone(n.In)
		next.In[i] = fmt.Sprintf("%s.sum%d", n.Out[0], i)
		one := onnx.Node{Name: n.Name, Out: []string{next.In[i]}}
		if err := im.Give(&one, 0, dims, MeanOf(im, next.In[i], e, elems)); err != nil {
			return nil, err
		}
		n, terms[i] = &next, rest
	}
	return n, nil
}

// maxFactors bounds the inputs of an Einsum.
const maxFactors = 6

// contractionOf is the product of two factors of an Einsum: its indices, those
// that the result or another factor has, and its multiply-accumulates.
func contractionOf(a, b []rune, keep func(rune) bool, size map[rune]int64) (indices []rune, macs float64) {
	macs = 1
	for _, r := range append(slices.Clone(a), b...) {
		if slices.Contains(indices, r) {
			continue
		}
		indices = append(indices, r)
		macs *= float64(size[r])
	}
	return slices.DeleteFunc(indices, func(r rune) bool { return !keep(r) }), macs
}

// cheapest returns the order of pairs with the fewest multiply-accumulates: the
// pair to take first of the remaining terms, and the cost of all.
func cheapest(terms [][]rune, out []rune, size map[rune]int64) (i, j int, cost float64) {
	cost = -1
	for a := range terms {
		for b := a + 1; b < len(terms); b++ {
			rest := slices.Concat(terms[:a:a], terms[a+1:b:b], terms[b+1:])
			indices, macs := contractionOf(terms[a], terms[b], func(r rune) bool {
				return slices.Contains(out, r) || slices.ContainsFunc(rest, func(t []rune) bool { return slices.Contains(t, r) })
			}, size)
			if len(rest) > 0 {
				_, _, more := cheapest(append(rest, indices), out, size)
				macs += more
			}
			if cost < 0 || macs < cost {
				i, j, cost = a, b, macs
			}
		}
	}
	return i, j, cost
}

// einsumMany adds a product of more than two tensors pair by pair, in the order
// with the fewest multiply-accumulates.
func einsumMany(im *walk.Importer, n *onnx.Node, terms [][]rune, out []rune, size map[rune]int64) error {
	names := slices.Clone(n.In)
	for step := 0; len(terms) > 1; step++ {
		i, j, _ := cheapest(terms, out, size)
		rest := slices.Concat(terms[:i:i], terms[i+1:j:j], terms[j+1:])
		others := slices.Concat(names[:i:i], names[i+1:j:j], names[j+1:])
		indices, _ := contractionOf(terms[i], terms[j], func(r rune) bool {
			return slices.Contains(out, r) || slices.ContainsFunc(rest, func(t []rune) bool { return slices.Contains(t, r) })
		}, size)
		result := fmt.Sprintf("%s.pair%d", n.Out[0], step)
		if len(rest) == 0 {
			result, indices = n.Out[0], out
		}
		pair := onnx.Node{
			Name: fmt.Sprintf("%s.%d", n.Name, step), Op: "Einsum", In: []string{names[i], names[j]}, Out: []string{result},
			Attrs: []onnx.Attr{{Name: "equation", Text: string(terms[i]) + "," + string(terms[j]) + "->" + string(indices)}},
		}
		if err := einsum(im, &pair); err != nil {
			return err
		}
		terms, names = append(rest, indices), append(others, result)
	}
	return nil
}
