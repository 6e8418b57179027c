package tiling

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"stco/model/workload"
)

// gradientTwin executes the gradient of an attention with numbers: everything
// that is not in its buffer comes from its DRAM, and both are counted.
type gradientTwin struct {
	rows, keys, d, dv int64
	dram              map[AttentionOperand][]float64
	read, write       AttentionBytes
}

func (g *gradientTwin) load(o AttentionOperand, row, width int64) []float64 {
	g.read[o] += width
	return append([]float64(nil), g.dram[o][row*width:(row+1)*width]...)
}

func (g *gradientTwin) store(o AttentionOperand, row int64, x []float64) {
	g.write[o] += int64(len(x))
	copy(g.dram[o][row*int64(len(x)):], x)
}

// pair adds what one query and one key give each other.
func pair(q, do, stat, dq, k, v, dk, dv []float64) {
	p := math.Exp(dot(q, k) - stat[0])
	ds := p * (dot(do, v) - stat[1])
	for i := range q {
		dq[i] += ds * k[i]
		dk[i] += ds * q[i]
	}
	for i := range do {
		dv[i] += p * do[i]
	}
}

func dot(x, y []float64) (sum float64) {
	for i := range x {
		sum += x[i] * y[i]
	}
	return sum
}

// run executes a point and returns the largest number of elements in the buffer.
func (g *gradientTwin) run(p *AttentionPoint) (peak int64) {
	d, dv := g.d, g.dv
	type row struct{ a, b, c, x, y []float64 } // inputs, results
	query := func(i int64, fresh bool) row {
		r := row{a: g.load(Query, i, d), b: g.load(ContextGrad, i, dv), c: g.load(RowStatistics, i, 2), x: make([]float64, d)}
		if !fresh {
			r.x = g.load(QueryGrad, i, d)
		}
		return r
	}
	key := func(j int64, fresh bool) row {
		r := row{a: g.load(Key, j, d), b: g.load(Value, j, dv), x: make([]float64, d), y: make([]float64, dv)}
		if !fresh {
			r.x, r.y = g.load(KeyGrad, j, d), g.load(ValueGrad, j, dv)
		}
		return r
	}
	storeQuery := func(i int64, r row) { g.store(QueryGrad, i, r.x) }
	storeKey := func(j int64, r row) {
		g.store(KeyGrad, j, r.x)
		g.store(ValueGrad, j, r.y)
	}
	elems := func(rows ...row) (n int64) {
		for _, r := range rows {
			n += int64(len(r.a) + len(r.b) + len(r.c) + len(r.x) + len(r.y))
		}
		return n
	}
	outer, size, inner := g.rows, p.Queries, g.keys
	if p.Keys > 0 {
		outer, size, inner = g.keys, p.Keys, g.rows
	}
	for i := int64(0); i < outer; i += size {
		var tile []row
		for k := i; k < min(i+size, outer); k++ {
			if p.Keys > 0 {
				tile = append(tile, key(k, true))
			} else {
				tile = append(tile, query(k, true))
			}
		}
		for j := range inner {
			var s row
			if p.Keys > 0 {
				s = query(j, i == 0)
			} else {
				s = key(j, i == 0)
			}
			peak = max(peak, elems(tile...)+elems(s)+2*int64(len(tile)))
			for _, r := range tile {
				if p.Keys > 0 {
					pair(s.a, s.b, s.c, s.x, r.a, r.b, r.x, r.y)
				} else {
					pair(r.a, r.b, r.c, r.x, s.a, s.b, s.x, s.y)
				}
			}
			if p.Keys > 0 {
				storeQuery(j, s)
			} else {
				storeKey(j, s)
			}
		}
		for k, r := range tile {
			if p.Keys > 0 {
				storeKey(i+int64(k), r)
			} else {
				storeQuery(i+int64(k), r)
			}
		}
	}
	return peak
}

// objective is the sum of the result of the attention times weights, whose
// gradient with respect to the result is the weights; it fills the statistics.
func objective(g *gradientTwin) float64 {
	total := 0.0
	at := func(o AttentionOperand, i, width int64) []float64 { return g.dram[o][i*width : (i+1)*width] }
	for i := range g.rows {
		sum, top := 0.0, 0.0
		for j := range g.keys {
			e := math.Exp(dot(at(Query, i, g.d), at(Key, j, g.d)))
			sum += e
			top += e * dot(at(ContextGrad, i, g.dv), at(Value, j, g.dv))
		}
		stat := at(RowStatistics, i, 2)
		stat[0], stat[1] = math.Log(sum), top/sum
		total += top / sum
	}
	return total
}

// TestAttentionGradientReplay executes every point of small attentions number by
// number: bytes moved and held are those of the point, and dQ, dK and dV are the
// derivatives, taken by differences.
func TestAttentionGradientReplay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string, hi int64) int64 { return rapid.Int64Range(1, hi).Draw(t, name) }
		g := &gradientTwin{rows: draw("rows", 7), keys: draw("keys", 7), d: draw("d", 3), dv: draw("dv", 3)}
		qk, av := heads(1, g.rows, g.keys, g.d, g.dv)
		points, err := fused(qk, av, attentionElements(), true)
		if err != nil {
			t.Fatal(err)
		}
		fill := func(n int64) []float64 {
			return rapid.SliceOfN(rapid.Float64Range(-1, 1), int(n), int(n)).Draw(t, "x")
		}
		g.dram = map[AttentionOperand][]float64{
			Query: fill(g.rows * g.d), Key: fill(g.keys * g.d), Value: fill(g.keys * g.dv), ContextGrad: fill(g.rows * g.dv),
			RowStatistics: make([]float64, 2*g.rows),
		}
		for _, p := range points {
			objective(g)
			g.read, g.write = AttentionBytes{}, AttentionBytes{}
			g.dram[QueryGrad], g.dram[KeyGrad], g.dram[ValueGrad] = make([]float64, g.rows*g.d), make([]float64, g.keys*g.d), make([]float64, g.keys*g.dv)
			peak := g.run(&p)
			if g.read != p.Read || g.write != p.Write || peak != p.Space {
				t.Fatalf("%+v: moved %v and %v in %d", p, g.read, g.write, peak)
			}
			for x, dx := range map[AttentionOperand]AttentionOperand{Query: QueryGrad, Key: KeyGrad, Value: ValueGrad} {
				for i := range g.dram[x] {
					const h = 1e-5
					v := g.dram[x][i]
					g.dram[x][i] = v + h
					up := objective(g)
					g.dram[x][i] = v - h
					down := objective(g)
					g.dram[x][i] = v
					if got, want := g.dram[dx][i], (up-down)/(2*h); math.Abs(got-want) > 1e-6 {
						t.Fatalf("%+v: derivative %d of operand %d is %g, by differences %g", p, i, x, got, want)
					}
				}
			}
		}
	})
}

// TestAttentionOneStep: with the scores spilled where that is better, the
// staircase descends to the compulsory traffic, and is never above the products
// apart with their softmax; the gradient never above its products with the
// scores computed again.
func TestAttentionOneStep(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string, hi int64) int64 { return rapid.Int64Range(1, hi).Draw(t, name) }
		groups, rows, keys, d, dv := draw("groups", 4), draw("rows", 600), draw("keys", 600), draw("d", 128), draw("dv", 128)
		qk, av := heads(groups, rows, keys, d, dv)
		o := attentionElements()
		o.DoubleBuffer = rapid.Bool().Draw(t, "double")
		gradient := rapid.Bool().Draw(t, "gradient")
		points, err := Attention(qk, av, o, gradient)
		if err != nil {
			t.Fatal(err)
		}
		for i := 1; i < len(points); i++ {
			if points[i].Space <= points[i-1].Space || points[i].Total() >= points[i-1].Total() {
				t.Fatalf("point %d does not descend: %+v after %+v", i, points[i], points[i-1])
			}
		}
		want, scores := groups*(rows*d+keys*d+keys*dv+rows*dv), 2*groups*rows*keys
		apart := []*workload.Nest{qk, av}
		if gradient {
			want += groups * (rows*(d+2) + keys*(d+dv))
			apart, scores = nil, groups*rows*(keys+2)
			for _, p := range products(qk, av, true) {
				apart = append(apart, &p.nest)
			}
		}
		if last := points[len(points)-1]; last.Total() != want {
			t.Fatalf("the last point moves %d, compulsory are %d", last.Total(), want)
		}
		for space := int64(64); space < 1<<20; space = space*3/2 + 1 {
			sum, fits := scores, true
			for _, n := range apart {
				p, ok := At(Thin(Curve(n, &Conventions{ElemBytes: [3]float64{1, 1, 1}, DoubleBuffer: o.DoubleBuffer})), space)
				sum, fits = sum+p.Total(), fits && ok
			}
			if p, ok := attentionAt(points, space); fits && (!ok || p.Total() > sum) {
				t.Fatalf("%d elements of buffer: one step moves %d, apart %d", space, p.Total(), sum)
			}
		}
	})
}
