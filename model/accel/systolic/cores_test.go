package systolic

import (
	"math/rand/v2"
	"testing"

	"stco/model/workload"
)

// TestCoresByHand: what several cores do of a nest, counted on paper.
func TestCoresByHand(t *testing.T) {
	product := func(images, channels, filters int64, out workload.Role) *workload.Nest {
		return &workload.Nest{N: images, C: channels, H: 16, W: 16, K: filters, P: 16, Q: 16, R: 1, S: 1, StrideH: 1, StrideW: 1, DilH: 1, DilW: 1, Groups: 1, Out: out}
	}
	array := func(cores int64) Array { return Array{Rows: 32, Cols: 32, VectorLanes: 32, Cores: cores} }
	for _, c := range []struct {
		name   string
		nest   *workload.Nest
		cores  int64
		cycles int64
	}{
		// 2,048 pixels by 256 filters are 64 x 8 folds of 64 + 62 cycles; a quarter each.
		{"one core", product(8, 64, 256, workload.Ofmap), 1, 512*126 - 1},
		{"four cores", product(8, 64, 256, workload.Ofmap), 4, 128*126 - 1},
		// Three images: two for one core and one for another, or all three with half
		// of the filters: 24 x 4 folds against 16 x 8.
		{"three images on two", product(3, 64, 256, workload.Ofmap), 2, 24*4*126 - 1},
		// One image of 32 filters fills the columns of one core: a quarter of its rows each.
		{"rows of one image", product(1, 64, 32, workload.Ofmap), 4, 2*126 - 1},
		// Of dX, whose windows overlap, the image stays whole.
		{"nothing to deal", product(1, 32, 64, workload.Ifmap), 4, 8*126 - 1},
		// dW: 64 channels by 256 filters, depth 2,048: 2 x 8 folds; 8 cores take 2 each.
		{"filter gradient", product(8, 64, 256, workload.Filter), 8, 2*(2048+62) - 1},
		// dX: 2,048 pixels by 64 channels, depth 256: 64 x 2 folds; 8 images for 8 cores.
		{"input gradient", product(8, 64, 256, workload.Ifmap), 8, 16*(256+62) - 1},
	} {
		if got := Map(c.nest, array(c.cores), OutputStationary); got.Cycles != c.cycles {
			t.Errorf("%s: %d cycles, want %d", c.name, got.Cycles, c.cycles)
		}
	}
	// Four filters for one core each: 64 columns dealt to 3 cores are 22, 22 and 20,
	// and the ifmap is read by each.
	c := deal(product(1, 10, 64, workload.Ofmap), array(3), OutputStationary, [3]int64{1, 1, 3})
	if c.Reads[workload.Ifmap] != 3*10*256 || c.Reads[workload.Filter] != 8*10*64 || c.Writes != 64*256 || c.Cycles != 8*(10+62)-1 {
		t.Errorf("dealt filters: %+v", c)
	}
}

// TestCoresConserve: whatever the deal, results are written once, no core waits
// for more than all work on one, and more cores are never slower.
func TestCoresConserve(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	upTo := func(n int64) int64 { return 1 + random.Int64N(n) }
	for range 500 {
		n := &workload.Nest{N: upTo(9), C: upTo(70), K: upTo(300), P: upTo(14), Q: upTo(14), R: upTo(3), S: upTo(3), StrideH: 1, StrideW: 1, DilH: 1, DilW: 1, Groups: upTo(3), Out: workload.Role(random.IntN(3))}
		n.H, n.W = n.P+n.R-1, n.Q+n.S-1
		if n.C == 1 {
			n.C = 2
		}
		d := Dataflow(random.IntN(int(numDataflows)))
		a := Array{Rows: 16, Cols: 8, VectorLanes: 8}
		one := Map(n, a, d)
		last := one.Cycles
		for _, cores := range []int64{1, 2, 4, 8, 16} {
			a.Cores = cores
			c := Map(n, a, d)
			if c.Writes != one.Writes {
				t.Fatalf("%+v on %d cores: %d written, %d on one", n, cores, c.Writes, one.Writes)
			}
			if c.Cycles > last {
				t.Fatalf("%+v %s: %d cycles on %d cores, %d on half", n, d, c.Cycles, cores, last)
			}
			if c.Cycles*cores < n.MACs()/(a.Rows*a.Cols) || c.Utilization > 1 || c.Utilization <= 0 {
				t.Fatalf("%+v on %d cores: %d cycles, utilisation %g", n, cores, c.Cycles, c.Utilization)
			}
			for role := range c.Reads {
				if c.Reads[role] < one.Reads[role]/cores {
					t.Fatalf("%+v on %d cores: reads %v, on one %v", n, cores, c.Reads, one.Reads)
				}
			}
			last = c.Cycles
		}
	}
}

// TestDotProduct: adder trees on paper. Channels are rounded up to the rows and
// filters to the columns, window positions follow one another, nothing is filled
// or drained.
func TestDotProduct(t *testing.T) {
	conv := func(channels, filters, r int64, out workload.Role) *workload.Nest {
		return &workload.Nest{N: 2, C: channels, H: 10 + r - 1, W: 10 + r - 1, K: filters, P: 10, Q: 10, R: r, S: r, StrideH: 1, StrideW: 1, DilH: 1, DilW: 1, Groups: 1, Out: out}
	}
	a := Array{Rows: 64, Cols: 32, VectorLanes: 8}
	for _, c := range []struct {
		name   string
		nest   *workload.Nest
		cycles int64
	}{
		{"whole", conv(64, 32, 3, workload.Ofmap), 200 * 9},
		{"a filter too many", conv(64, 33, 3, workload.Ofmap), 2 * 200 * 9},
		{"a channel too many", conv(65, 32, 3, workload.Ofmap), 200 * 9 * 2},
		{"few channels are rounded up", conv(5, 32, 3, workload.Ofmap), 200 * 9},
		{"lines of an image", conv(3, 32, 7, workload.Ofmap), 200 * 7},
		{"lines longer than the rows", conv(4, 32, 17, workload.Ofmap), 200 * 17 * 2},
		// dX: every pixel of 12 x 12 asks for 32 filters at 1600/144 positions of 9.
		{"input gradient", conv(64, 32, 3, workload.Ifmap), 2 * 144 * 2 * 9},
		// dW: 64 channels at 9 positions, by 32 filters, over 200 pixels.
		{"filter gradient", conv(64, 32, 3, workload.Filter), 576 * 4},
	} {
		if got := Map(c.nest, a, DotProduct); got.Cycles != c.cycles {
			t.Errorf("%s: %d cycles, want %d", c.name, got.Cycles, c.cycles)
		}
	}
	// Inputs pass once for each set of 32 filters, weights once for each stripe of
	// 32 of the 200 outputs; sums stay in the accumulators.
	c := Map(conv(64, 33, 1, workload.Ofmap), a, DotProduct)
	if c.Reads[workload.Ifmap] != 2*200*64 || c.Reads[workload.Filter] != 7*64*33 || c.Writes != 200*33 || c.PartialWrites != 0 {
		t.Errorf("%+v", c)
	}
	if d, err := ParseDataflow("dot"); err != nil || d != DotProduct || len(DataflowNames()) != 4 {
		t.Errorf("%v, %v", d, err)
	}
}

// TestCoresMasked: what a mask leaves out of a nest it leaves out of every share of
// it: half of the multiply-accumulates take half of the cycles on one core and on four.
func TestCoresMasked(t *testing.T) {
	n := &workload.Nest{N: 8, C: 64, H: 16, W: 16, K: 256, P: 16, Q: 16, R: 1, S: 1, StrideH: 1, StrideW: 1, DilH: 1, DilW: 1, Groups: 1}
	n.Out = workload.Ofmap
	a := Array{Rows: 32, Cols: 32, VectorLanes: 32, Cores: 4}
	full := Map(n, a, OutputStationary)
	n.Masked = n.Box() / 2
	half := Map(n, a, OutputStationary)
	if x := float64(half.Cycles) / float64(full.Cycles); x < 0.499 || x > 0.501 {
		t.Errorf("four cores take %d cycles for half of what takes %d", half.Cycles, full.Cycles)
	}
	if x := float64(half.Reads[workload.Ifmap]) / float64(full.Reads[workload.Ifmap]); x < 0.499 || x > 0.501 {
		t.Errorf("four cores read %d elements for half of what reads %d", half.Reads[workload.Ifmap], full.Reads[workload.Ifmap])
	}
}

// TestStripes: adder trees read a filter once for every 32 outputs: of 64 twice, of 65
// three times.
func TestStripes(t *testing.T) {
	for pixels, times := range map[int64]int64{1: 1, 32: 1, 33: 2, 64: 2, 65: 3} {
		n := &workload.Nest{N: 1, C: 16, H: pixels, W: 1, K: 8, P: pixels, Q: 1, R: 1, S: 1, StrideH: 1, StrideW: 1, DilH: 1, DilW: 1, Groups: 1, Out: workload.Ofmap}
		if got := Map(n, Array{Rows: 16, Cols: 8, VectorLanes: 8, Cores: 1}, DotProduct); got.Reads[workload.Filter] != times*16*8 {
			t.Errorf("%d outputs: %d elements of filters read, want %d times 128", pixels, got.Reads[workload.Filter], times)
		}
	}
}
