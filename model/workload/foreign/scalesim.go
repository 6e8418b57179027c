package foreign

import (
	"strconv"
	"strings"

	"stco/model/workload/graph"
)

// row is one row of a CSV file, its header row left out.
type row struct {
	line   int
	fields []string
}

// readRows splits a topology. The first row is a header whatever it holds; the
// comma that ends a row is optional.
func readRows(text []byte) []row {
	var rows []row
	for i, line := range strings.Split(string(text), "\n") {
		line = strings.TrimSpace(strings.TrimSuffix(line, "\r"))
		if i == 0 || line == "" {
			continue
		}
		fields := strings.Split(strings.TrimSuffix(line, ","), ",")
		for k := range fields {
			fields[k] = strings.TrimSpace(fields[k])
		}
		rows = append(rows, row{i + 1, fields})
	}
	return rows
}

// numbers reads the numbers of a row behind its name. A ratio N:M at the end is
// structured sparsity, which does not change dense counts.
func (r *reader) numbers(x row, lo, hi int) []int64 {
	fields := x.fields[1:]
	if n := len(fields); n > 0 && strings.Contains(fields[n-1], ":") {
		a, b, _ := strings.Cut(fields[n-1], ":")
		num, err1 := strconv.Atoi(a)
		den, err2 := strconv.Atoi(b)
		if err1 != nil || err2 != nil || num < 1 || den < num {
			r.fail(x.line, "column %d: %q is no sparsity N:M", n+1, fields[n-1])
		}
		fields = fields[:n-1]
	}
	if len(fields) < lo || len(fields) > hi {
		r.fail(x.line, "%d numbers behind the name, want %d to %d", len(fields), lo, hi)
		return nil
	}
	var out []int64
	for k, f := range fields {
		v, err := strconv.ParseInt(f, 10, 64)
		if err != nil || v < 1 || v > maxSize {
			r.fail(x.line, "column %d: %q must be a whole number of 1 to %d", k+2, f, int64(maxSize))
			return nil
		}
		out = append(out, v)
	}
	return out
}

// scaleSim reads a topology of SCALE-Sim: layers without a graph between them.
func (r *reader) scaleSim(text []byte, gemm bool) {
	rows := readRows(text)
	for _, x := range rows {
		if len(x.fields) < 2 {
			r.fail(x.line, "one field")
			continue
		}
		var y graph.Value
		name := x.fields[0]
		if gemm {
			v := r.numbers(x, 3, 3)
			if v == nil {
				continue
			}
			y = r.b.Linear(name, r.b.Input(name+".in", v[2], v[0], 1), v[1], false)
		} else {
			v := r.numbers(x, 7, 8)
			if v == nil {
				continue
			}
			y = r.topologyConv(x.line, name, v)
		}
		r.b.Output(y)
	}
}

// topologyConv adds a convolution: the tool rounds the output up where windows do
// not fit, which padding at the end reproduces.
func (r *reader) topologyConv(line int, name string, v []int64) graph.Value {
	h, w, kh, kw, c, f, sh := v[0], v[1], v[2], v[3], v[4], v[5], v[6]
	sw := sh
	if len(v) == 8 {
		sw = v[7]
	}
	if kh > h || kw > w {
		r.fail(line, "%s: a filter of %d x %d over %d x %d", name, kh, kw, h, w)
		return graph.Value{C: 1, H: 1, W: 1}
	}
	k := graph.Window{R: kh, S: kw, StrideH: sh, StrideW: sw, DilH: 1, DilW: 1}
	up := func(size, taps, stride int64) int64 { return (size-taps+stride-1)/stride*stride + taps - size }
	k.EndH, k.EndW = up(h, kh, sh), up(w, kw, sw)
	if k.EndH+k.EndW > 0 {
		r.warn(line, "%s: windows of stride %d x %d do not divide the input; %d x %d outputs as SCALE-Sim counts, %d x %d whole windows",
			name, sh, sw, (h-kh+sh-1)/sh+1, (w-kw+sw-1)/sw+1, (h-kh)/sh+1, (w-kw)/sw+1)
	}
	groups := int64(1)
	if strings.Contains(name, "DP") {
		if f != 1 {
			r.fail(line, "%s: DP makes it one layer for every channel; the filters must be 1, not %d", name, f)
			return graph.Value{C: 1, H: 1, W: 1}
		}
		groups, f = c, c
	}
	return r.b.Conv(name, r.b.Input(name+".in", c, h, w), f, k, groups, false)
}
