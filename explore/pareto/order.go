package pareto

import "math"

// item is a sort key with the row it belongs to.
type item struct {
	key uint64
	row int32
}

// sortable maps a float64 to a word of the same order; -0 equals 0.
func sortable(v float64) uint64 {
	b := math.Float64bits(v + 0)
	return b ^ (uint64(int64(b)>>63) | 1<<63)
}

// orderer sorts rows by one value with a radix sort, stable.
type orderer struct {
	a, b []item
}

// load makes room for n items and returns them to be filled.
func (o *orderer) load(n int) []item {
	if cap(o.a) < n {
		o.a, o.b = make([]item, n), make([]item, n)
	}
	return o.a[:n]
}

// by returns the rows of f, dimension d, ordered by objective j; ties keep the
// order of rows. The result is valid until the next call.
func (o *orderer) by(f []float64, d, j int) []item {
	n := len(f) / d
	it := o.load(n)
	for i := range it {
		it[i] = item{sortable(f[i*d+j]), int32(i)}
	}
	return o.sort(n)
}

// sort orders the n loaded items by key.
func (o *orderer) sort(n int) []item {
	switch {
	case n <= 40:
		insertion(o.a[:n])
		return o.a[:n]
	case n < 3000:
		return radix8(o.a[:n], o.b[:n])
	}
	return radix11(o.a[:n], o.b[:n])
}

func insertion(it []item) {
	for i := 1; i < len(it); i++ {
		x := it[i]
		k := i
		for ; k > 0 && it[k-1].key > x.key; k-- {
			it[k] = it[k-1]
		}
		it[k] = x
	}
}

func radix8(a, b []item) []item {
	var count [8][256]uint32
	for i := range a {
		k := a[i].key
		count[0][k&255]++
		count[1][k>>8&255]++
		count[2][k>>16&255]++
		count[3][k>>24&255]++
		count[4][k>>32&255]++
		count[5][k>>40&255]++
		count[6][k>>48&255]++
		count[7][k>>56]++
	}
	for pass := range 8 {
		a, b = scatter(a, b, count[pass][:], uint(8*pass), 255)
	}
	return a
}

func radix11(a, b []item) []item {
	var count [6][2048]uint32
	for i := range a {
		k := a[i].key
		count[0][k&2047]++
		count[1][k>>11&2047]++
		count[2][k>>22&2047]++
		count[3][k>>33&2047]++
		count[4][k>>44&2047]++
		count[5][k>>55]++
	}
	for pass := range 6 {
		a, b = scatter(a, b, count[pass][:], uint(11*pass), 2047)
	}
	return a
}

// scatter does one pass of a radix sort from a into b, and returns the slices
// with the result first. A digit that all keys share is passed over.
func scatter(a, b []item, count []uint32, shift uint, mask uint64) (out, spare []item) {
	if int(count[a[0].key>>shift&mask]) == len(a) {
		return a, b
	}
	sum := uint32(0)
	for d, c := range count {
		count[d] = sum
		sum += c
	}
	for i := range a {
		d := a[i].key >> shift & mask
		b[count[d]] = a[i]
		count[d]++
	}
	return b, a
}

// lexicographic returns the rows ordered by objective first, ties by the
// objectives in rest, then by row.
func (o *orderer) lexicographic(f []float64, d, first int, rest ...int) []item {
	it := o.by(f, d, first)
	for lo := 0; lo < len(it); {
		hi := lo + 1
		for hi < len(it) && it[hi].key == it[lo].key {
			hi++
		}
		if hi-lo > 1 {
			tie(it[lo:hi], f, d, rest)
		}
		lo = hi
	}
	return it
}

// tie orders rows that are equal so far by the remaining objectives. Runs are
// short in general; long ones fall back on a binary insertion by halves.
func tie(it []item, f []float64, d int, rest []int) {
	if len(it) > 40 {
		mid := len(it) / 2
		tie(it[:mid], f, d, rest)
		tie(it[mid:], f, d, rest)
		merged := make([]item, 0, len(it))
		l, r := it[:mid], it[mid:]
		for len(l) > 0 && len(r) > 0 {
			if after(l[0].row, r[0].row, f, d, rest) {
				merged, r = append(merged, r[0]), r[1:]
			} else {
				merged, l = append(merged, l[0]), l[1:]
			}
		}
		copy(it, append(append(merged, l...), r...))
		return
	}
	for i := 1; i < len(it); i++ {
		x := it[i]
		k := i
		for ; k > 0 && after(it[k-1].row, x.row, f, d, rest); k-- {
			it[k] = it[k-1]
		}
		it[k] = x
	}
}

// after tells whether row a comes after row b by the objectives in rest.
func after(a, b int32, f []float64, d int, rest []int) bool {
	for _, j := range rest {
		va, vb := f[int(a)*d+j], f[int(b)*d+j]
		if va != vb {
			return va > vb
		}
	}
	return false
}
