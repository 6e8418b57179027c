package tiling

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"stco/model/workload"
)

// heads returns the nests of QK^T and AV.
func heads(groups, rows, keys, width, values int64) (qk, av *workload.Nest) {
	qk, av = gemm(rows, keys, width), gemm(rows, values, keys)
	qk.Groups, av.Groups = groups, groups
	return qk, av
}

func ones() (elem [NumAttentionOperands]float64) {
	for i := range elem {
		elem[i] = 1
	}
	return elem
}

func attentionElements() *AttentionOptions {
	return &AttentionOptions{ElemBytes: ones()}
}

// attentionAt returns the least traffic within space.
func attentionAt(points []AttentionPoint, space int64) (AttentionPoint, bool) {
	best, ok := AttentionPoint{}, false
	for _, p := range points {
		if p.Space <= space {
			best, ok = p, true
		}
	}
	return best, ok
}

// TestAttentionReplay counts what a tiled execution moves and holds, row by row.
func TestAttentionReplay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string, hi int64) int64 { return rapid.Int64Range(1, hi).Draw(t, name) }
		groups, rows, keys, d, dv := draw("groups", 2), draw("rows", 12), draw("keys", 12), draw("d", 5), draw("dv", 5)
		qk, av := heads(groups, rows, keys, d, dv)
		points, err := fused(qk, av, attentionElements(), false)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range points {
			var read, write AttentionBytes
			peak, scores := int64(0), int64(0)
			for range groups {
				if p.Queries > 0 {
					for i := int64(0); i < rows; i += p.Queries {
						tile := min(p.Queries, rows-i)
						read[Query] += tile * d
						for range keys {
							read[Key] += d
							read[Value] += dv
							scores += tile
							// Q, O, maximum, sum; the key, the value; the scores.
							peak = max(peak, tile*(d+dv+2)+d+dv+tile)
						}
						write[Context] += tile * dv
					}
					continue
				}
				for j := int64(0); j < keys; j += p.Keys {
					tile := min(p.Keys, keys-j)
					read[Key] += tile * d
					read[Value] += tile * dv
					for range rows {
						read[Query] += d
						if j > 0 {
							read[Context] += dv + 2
						}
						write[Context] += dv
						if j+tile < keys {
							write[Context] += 2
						}
						scores += tile
						peak = max(peak, tile*(d+dv)+d+dv+2+tile)
					}
				}
			}
			if scores != groups*rows*keys {
				t.Fatalf("%+v computes %d scores", p, scores)
			}
			if read != p.Read || write != p.Write || peak != p.Space {
				t.Errorf("%+v: moved %v and %v in %d", p, read, write, peak)
			}
		}
	})
}

// TestAttentionStaircase: descending, ending at Q, K, V and O once each, and
// never more than the two products apart.
func TestAttentionStaircase(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string, hi int64) int64 { return rapid.Int64Range(1, hi).Draw(t, name) }
		groups, rows, keys, d, dv := draw("groups", 16), draw("rows", 4096), draw("keys", 4096), draw("d", 128), draw("dv", 128)
		qk, av := heads(groups, rows, keys, d, dv)
		o := attentionElements()
		o.DoubleBuffer = rapid.Bool().Draw(t, "double")
		points, err := fused(qk, av, o, false)
		if err != nil {
			t.Fatal(err)
		}
		for i := 1; i < len(points); i++ {
			if points[i].Space <= points[i-1].Space || points[i].Total() >= points[i-1].Total() {
				t.Fatalf("point %d does not descend: %+v after %+v", i, points[i], points[i-1])
			}
		}
		last := points[len(points)-1]
		if want := groups * (rows*d + keys*d + keys*dv + rows*dv); last.Total() != want {
			t.Fatalf("the last point moves %d, compulsory are %d", last.Total(), want)
		}
	})
}

// TestAttentionKnown compares with the closed form of the publication and with
// the separate products at 4,096 tokens.
func TestAttentionKnown(t *testing.T) {
	const tokens, width = 4096, 64
	qk, av := heads(12, tokens, tokens, width, width)
	points, err := fused(qk, av, attentionElements(), false)
	if err != nil {
		t.Fatal(err)
	}
	first, second := Curve(qk, elements()), Curve(av, elements())
	for _, space := range []int64{16 << 10, 64 << 10, 256 << 10} {
		p, ok := attentionAt(points, space)
		if !ok {
			t.Fatalf("no point in %d", space)
		}
		// A tile of S/(2d+3) queries passes over K and V: 4 N^2 d^2 / S to
		// leading order (theorem 2 of arXiv:2205.14135).
		tiles := math.Ceil(tokens / math.Floor(float64(space-2*width)/(2*width+3)))
		want := 12 * (2*tokens*width + tiles*2*tokens*width)
		if space < 2*tokens*width && math.Abs(float64(p.Total())/want-1) > 0.03 {
			t.Errorf("%d elements of buffer: %d, closed form %.0f", space, p.Total(), want)
		}
		a, _ := At(first, space)
		b, _ := At(second, space)
		if apart := a.Total() + b.Total(); 2*p.Total() > apart {
			t.Errorf("%d elements of buffer: fused %d, apart %d", space, p.Total(), apart)
		}
	}
}

func TestAttentionErrors(t *testing.T) {
	qk, av := heads(2, 8, 6, 4, 4)
	av.C = 5
	if _, err := fused(qk, av, attentionElements(), false); err == nil {
		t.Error("scores of 6 keys accepted for 5 values")
	}
	qk, av = heads(2, 8, 6, 4, 4)
	o := attentionElements()
	o.ElemBytes[Value] = 0
	if _, err := fused(qk, av, o, false); err == nil {
		t.Error("elements without size accepted")
	}
	qk.Out = workload.Filter
	if _, err := fused(qk, av, attentionElements(), false); err == nil {
		t.Error("a gradient accepted as QK^T")
	}
}

func BenchmarkFusedAttention(b *testing.B) {
	qk, av := heads(96, 2048, 2048, 64, 64)
	o := attentionElements()
	o.PartialBytes, o.DoubleBuffer = 4, true
	b.ReportAllocs()
	for b.Loop() {
		if _, err := fused(qk, av, o, false); err != nil {
			b.Fatal(err)
		}
	}
}
