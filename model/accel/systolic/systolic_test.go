package systolic

import (
	"encoding/csv"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"stco/model/workload"
)

func readCSV(t *testing.T, path string) []map[string]string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	out := make([]map[string]string, 0, len(rows)-1)
	for _, r := range rows[1:] {
		m := make(map[string]string, len(r))
		for i, k := range rows[0] {
			m[k] = r[i]
		}
		out = append(out, m)
	}
	return out
}

func integer(t *testing.T, m map[string]string, key string) int64 {
	t.Helper()
	v, err := strconv.ParseInt(m[key], 10, 64)
	if err != nil {
		t.Fatalf("%s: %v", key, err)
	}
	return v
}

// layers returns the forward nests of cv_layers.csv at batch 1.
func layers(t *testing.T) map[string]*workload.Nest {
	t.Helper()
	nests := map[string]*workload.Nest{}
	for _, l := range readCSV(t, filepath.Join("..", "tiling", "testdata", "published", "cv_layers.csv")) {
		n := &workload.Nest{
			N: 1, C: integer(t, l, "in_C"), H: integer(t, l, "in_H"), W: integer(t, l, "in_W"),
			K: integer(t, l, "out_K"), P: integer(t, l, "out_H"), Q: integer(t, l, "out_W"),
			R: integer(t, l, "kernel_h"), S: integer(t, l, "kernel_w"),
			StrideH: integer(t, l, "stride_h"), StrideW: integer(t, l, "stride_w"),
			PadH: integer(t, l, "pad_h"), PadW: integer(t, l, "pad_w"),
			DilH: integer(t, l, "dil_h"), DilW: integer(t, l, "dil_w"),
			Groups: integer(t, l, "groups"), Out: workload.Ofmap,
		}
		n.C /= n.Groups
		n.K /= n.Groups
		nests[l["model"]+"/"+l["layer_index"]] = n
	}
	return nests
}

// TestScaleSim: every row of the published table, exactly; and what Map does
// differently at batch 1 is what docs/deviations-systolic.md says.
func TestScaleSim(t *testing.T) {
	nests := layers(t)
	rows := readCSV(t, filepath.Join("testdata", "published", "scalesim.csv"))
	if len(rows) != 174 {
		t.Fatalf("%d rows", len(rows))
	}
	for _, r := range rows {
		n := nests[r["model"]+"/"+r["layer"]]
		if n == nil || n.MACs() != integer(t, r, "macs") {
			t.Fatalf("%s %s: no such layer", r["model"], r["name"])
		}
		d, err := ParseDataflow(r["dataflow"])
		if err != nil {
			t.Fatal(err)
		}
		a := Array{VectorLanes: 128}
		if _, err := fmt.Sscanf(r["array"], "%dx%d", &a.Rows, &a.Cols); err != nil {
			t.Fatal(err)
		}
		got, own := ScaleSim(n, a, d), Map(n, a, d)
		want := [3]int64{integer(t, r, "cycles"), integer(t, r, "sram_ifmap_reads"), integer(t, r, "sram_filter_reads")}
		if have := [3]int64{got.Cycles, got.Reads[workload.Ifmap], got.Reads[workload.Filter]}; have != want {
			t.Errorf("%s %s %s %s: cycles, ifmap and filter reads %v, published %v", r["model"], r["array"], d, r["name"], have, want)
		}
		if own.Cycles != got.Cycles || own.Reads[workload.Filter] != got.Reads[workload.Filter] {
			t.Errorf("%s %s: %+v, SCALE-Sim %+v", r["name"], d, own, got)
		}
		padded := n.PadH > 0
		if reads := own.Reads[workload.Ifmap]; reads > want[1] || (reads < want[1]) != padded {
			t.Errorf("%s %s: ifmap reads %d, with padding zeros %d", r["name"], d, reads, want[1])
		}
		if own.PartialReads != own.PartialWrites || got.PartialReads != 0 || got.PartialWrites != own.PartialWrites {
			t.Errorf("%s %s: unfinished sums %d written, %d read", r["name"], d, own.PartialWrites, own.PartialReads)
		}
	}
}

// TestScaleSimProducts: 300 matrix products on ten arrays, square and not, of one
// row or column and larger than the product, against the array models of SCALE-Sim
// 2.0.2: cycles and operand reads of the three dataflows, exactly.
func TestScaleSimProducts(t *testing.T) {
	rows := readCSV(t, filepath.Join("testdata", "published", "scalesim_products.csv"))
	if len(rows) != 300 {
		t.Fatalf("%d rows", len(rows))
	}
	for _, r := range rows {
		d, err := ParseDataflow(r["dataflow"])
		if err != nil {
			t.Fatal(err)
		}
		m, n, k := integer(t, r, "m"), integer(t, r, "n"), integer(t, r, "k")
		nest := workload.Nest{
			N: 1, H: m, W: 1, P: m, Q: 1, C: k, K: n, R: 1, S: 1, StrideH: 1, StrideW: 1, DilH: 1, DilW: 1, Groups: 1, Out: workload.Ofmap,
		}
		a := Array{Rows: integer(t, r, "rows"), Cols: integer(t, r, "cols"), VectorLanes: 1}
		c := Map(&nest, a, d)
		want := [3]int64{integer(t, r, "cycles"), integer(t, r, "ifmap_reads"), integer(t, r, "filter_reads")}
		if got := [3]int64{c.Cycles, c.Reads[workload.Ifmap], c.Reads[workload.Filter]}; got != want {
			t.Errorf("%dx%d %s, %d x %d x %d: cycles, ifmap and filter reads %v, SCALE-Sim %v", a.Rows, a.Cols, d, m, n, k, got, want)
		}
	}
}

// matrix lists the pairs of addresses a GEMM of the nest multiplies: the twin of
// Map's dimensions, from the definition of the convolution.
type multiply struct{ ifmap, filter, ofmap [4]int64 }

func listMACs(n *workload.Nest) []multiply {
	var all []multiply
	for b := range n.N {
		for k := range n.K {
			for c := range n.C {
				for p := range n.P {
					for q := range n.Q {
						for r := range n.R {
							for s := range n.S {
								h, w := p*n.StrideH+r*n.DilH-n.PadH, q*n.StrideW+s*n.DilW-n.PadW
								if h < 0 || h >= n.H || w < 0 || w >= n.W {
									continue
								}
								all = append(all, multiply{[4]int64{b, c, h, w}, [4]int64{k, c, r, s}, [4]int64{b, k, p, q}})
							}
						}
					}
				}
			}
		}
	}
	return all
}

func draw(t *rapid.T, name string, lo, hi int64) int64 {
	return rapid.Int64Range(lo, hi).Draw(t, name)
}

func drawNest(t *rapid.T) *workload.Nest {
	n := &workload.Nest{
		N: draw(t, "N", 1, 2), C: draw(t, "C", 1, 5), K: draw(t, "K", 1, 5),
		P: draw(t, "P", 1, 5), Q: draw(t, "Q", 1, 5), R: draw(t, "R", 1, 3), S: draw(t, "S", 1, 3),
		StrideH: draw(t, "sh", 1, 3), StrideW: draw(t, "sw", 1, 3), PadH: draw(t, "ph", 0, 1), PadW: draw(t, "pw", 0, 1),
		DilH: draw(t, "dh", 1, 2), DilW: draw(t, "dw", 1, 2), Groups: draw(t, "groups", 1, 3),
		Out: workload.Role(draw(t, "out", 0, 2)),
	}
	n.H = max(1, (n.P-1)*n.StrideH+(n.R-1)*n.DilH+1-2*n.PadH)
	n.W = max(1, (n.Q-1)*n.StrideW+(n.S-1)*n.DilW+1-2*n.PadW)
	return n
}

// TestReadsAgainstFolds executes the folds with lists of addresses: every
// dataflow reads of each operand what its folds stream or load.
func TestReadsAgainstFolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := drawNest(t)
		if n.C == 1 && n.Groups > 1 {
			n.C = 2 // the lanes have their own test
		}
		macs := listMACs(n)
		a := Array{Rows: draw(t, "rows", 1, 6), Cols: draw(t, "cols", 1, 6), VectorLanes: 1}
		d := Dataflow(draw(t, "dataflow", 0, 2))
		got := Map(n, a, d)

		// Rows and columns of the product and the elements of its factors.
		type cell struct {
			m [4]int64 // row of the product
			e [4]int64 // element of the left factor
		}
		rowsOf, left := map[[4]int64]bool{}, map[[2]cell]bool{}
		colsOf, right := map[int64]bool{}, map[[4]int64]bool{}
		outs := map[[4]int64]bool{}
		for _, x := range macs {
			var row, depth, l, r, o [4]int64
			var col int64
			switch n.Out {
			case workload.Ifmap:
				// dX[n,c,h,w] += dY[n,k,p,q] * F[k,c,r,s]
				row, col = [4]int64{x.ifmap[0], 0, x.ifmap[2], x.ifmap[3]}, x.ifmap[1]
				depth = [4]int64{x.filter[0], x.filter[2], x.filter[3], 0}
				l, r, o = x.ofmap, x.filter, x.ifmap
			case workload.Filter:
				row, col = [4]int64{x.filter[1], x.filter[2], x.filter[3], 0}, x.filter[0]
				depth = [4]int64{x.ofmap[0], x.ofmap[2], x.ofmap[3], 0}
				l, r, o = x.ifmap, x.ofmap, x.filter
			default:
				row, col = [4]int64{x.ofmap[0], x.ofmap[2], x.ofmap[3], 0}, x.ofmap[1]
				depth = [4]int64{x.filter[1], x.filter[2], x.filter[3], 0}
				l, r, o = x.ifmap, x.filter, x.ofmap
			}
			rowsOf[row], colsOf[col], outs[o] = true, true, true
			left[[2]cell{{m: row}, {m: depth, e: l}}] = true
			right[r] = true
		}
		if len(macs) == 0 {
			return
		}
		roles := map[workload.Role][2]workload.Role{
			workload.Ofmap:  {workload.Ifmap, workload.Filter},
			workload.Ifmap:  {workload.Ofmap, workload.Filter},
			workload.Filter: {workload.Ifmap, workload.Ofmap},
		}[n.Out]
		folds := func(count int, size int64) int64 { return (int64(count) + size - 1) / size }
		leftTimes, rightTimes := int64(1), int64(1)
		switch d {
		case OutputStationary:
			leftTimes = folds(len(colsOf), a.Cols)
			rightTimes = ceil(gemmRows(n), a.Rows)
		case WeightStationary:
			leftTimes = folds(len(colsOf), a.Cols)
		case InputStationary:
			rightTimes = ceil(gemmRows(n), a.Cols)
		case DotProduct, numDataflows: // TestDotProduct
			return
		}
		if got.Reads[roles[0]] != n.Groups*leftTimes*int64(len(left)) {
			t.Errorf("%v out=%d: left factor read %d times, folds %d of %d", d, n.Out, got.Reads[roles[0]], leftTimes, len(left))
		}
		whole := map[workload.Role]int64{
			workload.Filter: n.K * n.C * n.R * n.S, workload.Ofmap: n.N * n.K * n.P * n.Q,
		}[roles[1]]
		if got.Reads[roles[1]] != n.Groups*rightTimes*whole {
			t.Errorf("%v out=%d: right factor read %d times, folds %d of %d", d, n.Out, got.Reads[roles[1]], rightTimes, whole)
		}
		if got.Reads[n.Out] != 0 {
			t.Errorf("the output is read %d times outside PartialReads", got.Reads[n.Out])
		}
	})
}

func ceil(a, b int64) int64 { return (a + b - 1) / b }

// gemmRows counts the rows of the product from its definition.
func gemmRows(n *workload.Nest) int64 {
	switch n.Out {
	case workload.Ifmap:
		rows := map[[3]int64]bool{}
		for _, x := range listMACs(n) {
			rows[[3]int64{x.ifmap[0], x.ifmap[2], x.ifmap[3]}] = true
		}
		return int64(len(rows))
	case workload.Filter:
		return n.C * n.R * n.S
	default:
		return n.N * n.P * n.Q
	}
}

// TestCycles: enough cycles for the work, and what must hold of folds.
func TestCycles(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := drawNest(t)
		a := Array{Rows: draw(t, "rows", 1, 64), Cols: draw(t, "cols", 1, 64), VectorLanes: draw(t, "lanes", 1, 64)}
		for d := OutputStationary; d <= InputStationary; d++ {
			c := Map(n, a, d)
			if c.Utilization <= 0 || c.Utilization > 1 {
				t.Errorf("%v: utilization %g of %+v", d, c.Utilization, c)
			}
			width := float64(a.Rows * a.Cols)
			if c.Vector {
				width = float64(a.VectorLanes)
			}
			if work := c.Utilization * float64(c.Cycles) * width; math.Abs(work/float64(n.MACs())-1) > 1e-12 {
				t.Errorf("%v: %g MACs, want %d", d, work, n.MACs())
			}
			g := *n
			g.Groups *= 3
			if d3 := Map(&g, a, d); n.Groups > 1 && (d3.Reads[n.Out] != 0 || d3.Writes != 3*c.Writes || d3.PartialReads != 3*c.PartialReads) {
				t.Errorf("%v: three times the groups: %+v, one %+v", d, d3, c)
			}
		}
	})
}

// TestGradientProducts: the products of a training step have the published
// dimensions, and a strided dX does the work of its forward product.
func TestGradientProducts(t *testing.T) {
	n := &workload.Nest{
		N: 16, C: 128, H: 56, W: 56, K: 128, P: 28, Q: 28, R: 3, S: 3, StrideH: 2, StrideW: 2, PadH: 1, PadW: 1,
		DilH: 1, DilW: 1, Groups: 1, Out: workload.Ifmap,
	}
	a := Array{Rows: 128, Cols: 128, VectorLanes: 128}
	dX := Map(n, a, OutputStationary)
	// 16*56*56 pixels, 128 channels, 128*9/4 = 288 filter taps for each pixel.
	if want := int64(16*56*56/128*(288+254) - 1); dX.Cycles != want {
		t.Errorf("dX takes %d cycles, want %d", dX.Cycles, want)
	}
	n.Out = workload.Filter
	dW := Map(n, a, OutputStationary)
	// 1152 x 128 results over 16*28*28 pixels.
	if want := int64(9*(16*28*28+254) - 1); dW.Cycles != want {
		t.Errorf("dW takes %d cycles, want %d", dW.Cycles, want)
	}
	// A 1x1 convolution of stride 2 gives a gradient to a quarter of the pixels.
	p := &workload.Nest{
		N: 1, C: 256, H: 56, W: 56, K: 512, P: 28, Q: 28, R: 1, S: 1, StrideH: 2, StrideW: 2, DilH: 1, DilW: 1,
		Groups: 1, Out: workload.Ifmap,
	}
	c := Map(p, a, OutputStationary)
	if want := int64(7*2*(512+254) - 1); c.Cycles != want || c.Writes != 256*56*56 {
		t.Errorf("strided 1x1 dX takes %d cycles and writes %d, want %d and %d", c.Cycles, c.Writes, want, 256*56*56)
	}
}

// TestLanes: a depthwise layer by hand, 3x3, stride 1, 4x5 image, 2 channels.
func TestLanes(t *testing.T) {
	n := &workload.Nest{
		N: 3, C: 1, H: 4, W: 5, K: 1, P: 4, Q: 5, R: 3, S: 3, StrideH: 1, StrideW: 1, PadH: 1, PadW: 1,
		DilH: 1, DilW: 1, Groups: 2, Out: workload.Ofmap,
	}
	a := Array{Rows: 8, Cols: 8, VectorLanes: 7}
	for d := OutputStationary; d <= InputStationary; d++ {
		c := Map(n, a, d)
		// 3*2*20*9 = 1080 MACs; 10 of 12 (row, tap) pairs in the image, 5 columns.
		want := Cost{
			Cycles: 155, Utilization: 1080. / (155 * 7), Vector: true, Writes: 120,
			Reads: [3]int64{workload.Ifmap: 3 * 2 * 10 * 5, workload.Filter: 18},
		}
		if c != want {
			t.Errorf("%v: %+v, want %+v", d, c, want)
		}
	}
	n.Out = workload.Filter
	if c := Map(n, a, OutputStationary); c.Writes != 18 || c.Reads[workload.Ofmap] != 120 || c.Reads[workload.Ifmap] != 300 {
		t.Errorf("dW: %+v", c)
	}
	n.Out = workload.Ifmap
	if c := Map(n, a, OutputStationary); c.Writes != 120 || c.Reads[workload.Ofmap] != 300 || c.Reads[workload.Filter] != 18 {
		t.Errorf("dX: %+v", c)
	}
}

// TestMasked: of 512 queries by 512 keys of width 64 a causal attention does
// 512 x 513 / 2 x 64 multiply-accumulates; experts with 30 of 32 rows read all
// their weights.
func TestMasked(t *testing.T) {
	a := Array{Rows: 32, Cols: 32, VectorLanes: 1024}
	n := workload.Nest{N: 1, P: 512, Q: 1, H: 512, W: 1, C: 64, K: 512, R: 1, S: 1, StrideH: 1, StrideW: 1, DilH: 1, DilW: 1, Groups: 12, Out: workload.Ofmap}
	full := Map(&n, a, WeightStationary)
	n.Masked = n.Box() - 12*512*513/2*64
	got := Map(&n, a, WeightStationary)
	for _, x := range [][2]int64{
		{got.Cycles, full.Cycles},
		{got.Reads[workload.Ifmap], full.Reads[workload.Ifmap]},
		{got.Reads[workload.Filter], full.Reads[workload.Filter]},
		{got.PartialReads, full.PartialReads},
		{got.PartialWrites, full.PartialWrites},
	} {
		if want := float64(x[1]) * 513 / 1024; float64(x[0]) < want || float64(x[0]) >= want+1 {
			t.Errorf("causal: %d of %d, want %g", x[0], x[1], want)
		}
	}
	if got.Writes != full.Writes {
		t.Errorf("causal: %d scores of %d", got.Writes, full.Writes)
	}
	n = workload.Routing{Experts: 8, TopK: 1, Tokens: 30}.Route(workload.Nest{
		N: 1, P: 30, Q: 1, H: 30, W: 1, C: 64, K: 32, R: 1, S: 1, StrideH: 1, StrideW: 1, DilH: 1, DilW: 1, Groups: 1, Out: workload.Ofmap,
	})
	if n.Masked == 0 {
		t.Fatalf("%+v has no rows to leave out", n)
	}
	c := Map(&n, a, OutputStationary)
	if c.Writes != 30*32 || c.Reads[workload.Ifmap] != 30*64 || c.Reads[workload.Filter] != n.Groups*64*32 {
		t.Errorf("experts: %+v", c)
	}
}

func TestDataflowNames(t *testing.T) {
	for d := OutputStationary; d <= InputStationary; d++ {
		if got, err := ParseDataflow(d.String()); err != nil || got != d {
			t.Errorf("%v: %v, %v", d, got, err)
		}
	}
	if _, err := ParseDataflow("row-stationary"); err == nil {
		t.Error("row-stationary accepted")
	}
}

func TestAllocations(t *testing.T) {
	n := &workload.Nest{
		N: 16, C: 64, H: 56, W: 56, K: 64, P: 56, Q: 56, R: 3, S: 3, StrideH: 1, StrideW: 1, PadH: 1, PadW: 1,
		DilH: 1, DilW: 1, Groups: 1, Out: workload.Ofmap,
	}
	a := Array{Rows: 128, Cols: 128, VectorLanes: 128}
	if k := testing.AllocsPerRun(100, func() { Map(n, a, WeightStationary) }); k != 0 {
		t.Errorf("%g allocations", k)
	}
}

func BenchmarkMap(b *testing.B) {
	n := &workload.Nest{
		N: 16, C: 64, H: 56, W: 56, K: 64, P: 56, Q: 56, R: 3, S: 3, StrideH: 1, StrideW: 1, PadH: 1, PadW: 1,
		DilH: 1, DilW: 1, Groups: 1, Out: workload.Ofmap,
	}
	a := Array{Rows: 128, Cols: 128, VectorLanes: 128}
	b.ReportAllocs()
	for b.Loop() {
		Map(n, a, OutputStationary)
	}
}

// TestNothingTouched: an image gradient whose windows lie in the padding alone is
// zeros, without work.
func TestNothingTouched(t *testing.T) {
	n := &workload.Nest{N: 1, C: 2, H: 1, W: 1, K: 3, P: 1, Q: 1, R: 1, S: 1, StrideH: 1, StrideW: 1, PadH: 2, PadW: 2, DilH: 1, DilW: 1, Groups: 1, Out: workload.Ifmap}
	if c := Map(n, Array{Rows: 4, Cols: 4, VectorLanes: 4, Cores: 1}, OutputStationary); c.Reads[workload.Filter] < 0 || c.Writes != 2 {
		t.Errorf("%+v", c)
	}
}
