package sweep

import "math"

// Item is a value with the row it belongs to.
type Item struct {
	Value float64
	Row   int32
}

// Orderer sorts rows by one value, stably.
type Orderer struct {
	a, b  []Item
	count []int32
}

// Load makes room for n items and returns them to be filled.
func (o *Orderer) Load(n int) []Item {
	if cap(o.a) < n {
		o.a, o.b, o.count = make([]Item, n), make([]Item, n), make([]int32, n+1)
	}
	return o.a[:n]
}

// By returns the rows of f, dimension d, ordered by objective j; ties keep the
// order of rows. The result is valid until the next call.
func (o *Orderer) By(f []float64, d, j int) []Item {
	n := len(f) / d
	it := o.Load(n)
	for i := range it {
		it[i] = Item{f[i*d+j], int32(i)}
	}
	return o.Sort(n)
}

// crowded is the number of items in one bucket from which buckets do not pay.
const crowded = 48

// Sort orders the n loaded items: into as many buckets as items, evenly over
// the range of values, then by insertion. Values too uneven for that are sorted
// by the digits of their bits.
func (o *Orderer) Sort(n int) []Item {
	a, b := o.a[:n], o.b[:n]
	if n <= 24 {
		insertion(a)
		return a
	}
	lo, hi := a[0].Value, a[0].Value
	for i := range a {
		lo, hi = min(lo, a[i].Value), max(hi, a[i].Value)
	}
	scale := float64(n-1) / (hi - lo)
	if !(scale > 0) || math.IsInf(scale, 0) {
		return radix(a, b)
	}
	count := o.count[:n+1]
	clear(count)
	for i := range a {
		count[int((a[i].Value-lo)*scale)]++
	}
	most, sum := int32(0), int32(0)
	for k, c := range count {
		most = max(most, c)
		count[k] = sum
		sum += c
	}
	if most > crowded {
		return radix(a, b)
	}
	for i := range a {
		k := int((a[i].Value - lo) * scale)
		b[count[k]] = a[i]
		count[k]++
	}
	insertion(b)
	return b
}

func insertion(it []Item) {
	for i := 1; i < len(it); i++ {
		x := it[i]
		k := i
		for ; k > 0 && it[k-1].Value > x.Value; k-- {
			it[k] = it[k-1]
		}
		it[k] = x
	}
}

// sortable maps a float64 to a word of the same order; -0 equals 0.
func sortable(v float64) uint64 {
	b := math.Float64bits(v + 0)
	return b ^ (uint64(int64(b)>>63) | 1<<63)
}

// radix sorts a by eleven bits at a time, with b as scratch, and returns
// whichever holds the result.
func radix(a, b []Item) []Item {
	const width, digits = 11, 6
	var count [digits][1 << width]uint32
	for i := range a {
		k := sortable(a[i].Value)
		for p := range digits {
			count[p][k>>(width*p)&(1<<width-1)]++
		}
	}
	for p := range digits {
		shift := width * p
		c := &count[p]
		if int(c[sortable(a[0].Value)>>shift&(1<<width-1)]) == len(a) {
			continue // all share the digit
		}
		sum := uint32(0)
		for d, n := range c {
			c[d] = sum
			sum += n
		}
		for i := range a {
			d := sortable(a[i].Value) >> shift & (1<<width - 1)
			b[c[d]] = a[i]
			c[d]++
		}
		a, b = b, a
	}
	return a
}

// Lexicographic returns the rows ordered by objective first, ties by the
// objectives in rest, then by row.
func (o *Orderer) Lexicographic(f []float64, d, first int, rest ...int) []Item {
	it := o.By(f, d, first)
	for lo := 0; lo < len(it); {
		hi := lo + 1
		for hi < len(it) && it[hi].Value == it[lo].Value {
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
func tie(it []Item, f []float64, d int, rest []int) {
	if len(it) > 40 {
		mid := len(it) / 2
		tie(it[:mid], f, d, rest)
		tie(it[mid:], f, d, rest)
		merged := make([]Item, 0, len(it))
		l, r := it[:mid], it[mid:]
		for len(l) > 0 && len(r) > 0 {
			if after(l[0].Row, r[0].Row, f, d, rest) {
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
		for ; k > 0 && after(it[k-1].Row, x.Row, f, d, rest); k-- {
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
