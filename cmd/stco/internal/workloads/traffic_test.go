package workloads

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"stco/results"

	"pgregory.net/rapid"
)

// enumerated returns the least traffic of a matrix product over all tile sizes
// and all orders of the three tile loops, one tile of each operand in the
// buffer: a tile is moved again whenever a loop outside its innermost index
// comes round, and unfinished sums are written and read.
func enumerated(m, n, k, elements int64) int64 {
	best := int64(math.MaxInt64)
	ceil := func(a, b int64) int64 { return (a + b - 1) / b }
	orders := [][3]int{{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}} // outermost first; 0 M, 1 N, 2 K
	for tm := int64(1); tm <= m; tm++ {
		for tn := int64(1); tn <= n; tn++ {
			for tk := int64(1); tk <= k; tk++ {
				if tm*tk+tk*tn+tm*tn > elements {
					break
				}
				trips := [3]int64{ceil(m, tm), ceil(n, tn), ceil(k, tk)}
				for _, order := range orders {
					// visits of an operand that loop free does not index
					visits := func(free int) int64 {
						if at := slices.Index(order[:], free); trips[free] > 1 {
							for _, inner := range order[at+1:] {
								if trips[inner] > 1 {
									return trips[free]
								}
							}
						}
						return 1
					}
					best = min(best, m*k*visits(1)+k*n*visits(0)+m*n*(2*visits(2)-1))
				}
			}
		}
	}
	return best
}

// TestGEMMTrafficIsLeast compares what the command prints with an enumeration
// of tiled loop nests and with the lower bound, on products down to vectors and
// on buffers down to one element of each operand.
func TestGEMMTrafficIsLeast(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		dim := rapid.Int64Range(1, 17)
		m, n, k := dim.Draw(t, "M"), dim.Draw(t, "N"), dim.Draw(t, "K")
		elements := rapid.Int64Range(3, 3*17*17).Draw(t, "S")
		s, err := GEMMTraffic(fmt.Sprintf("%d,%d,%d", m, n, k), elements)
		if err != nil {
			t.Fatal(err)
		}
		row := s.Rows[0]
		got, want := int64(row[len(row)-1]), enumerated(m, n, k, elements)
		if bound := int64(row[len(row)-2]); got > want || got < bound {
			t.Fatalf("%d x %d x %d, %d elements: %d, enumeration %d, lower bound %d", m, n, k, elements, got, want, bound)
		}
	})
}

// TestGEMMTrafficExtremes: sizes whose traffic nearly overflows, vectors, and
// products too large to count.
func TestGEMMTrafficExtremes(t *testing.T) {
	for _, c := range []struct {
		dims     string
		elements int64
		want     string
	}{
		{"1,1,1", 3, "3"},
		{"1000000,1000000,1000000", 64, "285717000000000000"}, // 7 x 7 outputs stay
		{"1048576,1048576,1048576", 3, "2305844108725321728"}, // one output stays
		{"1048576,1048576,1048576", 1 << 42, "3298534883328"}, // everything once
		{"1,50257,768", 4096, "38648401"},
		{"1000003,1,7", 15, "8000031"}, // the column stays
	} {
		s, err := GEMMTraffic(c.dims, c.elements)
		if err != nil {
			t.Errorf("%s: %v", c.dims, err)
		} else if got := listRows(t, s)[0]["traffic_elements"]; got != c.want {
			t.Errorf("%s with %d elements: %s, want %s", c.dims, c.elements, got, c.want)
		}
	}
	for _, dims := range []string{"16777216,16777216,16777216", "0,1,1", "1,1", "1,1,1,1", "x,1,1", "-1,2,3", "20000000,1,1"} {
		if _, err := GEMMTraffic(dims, 1000); err == nil {
			t.Errorf("%s is accepted", dims)
		}
	}
	if _, err := GEMMTraffic("4,4,4", 2); err == nil {
		t.Error("a buffer of two elements is accepted")
	}
}

// TestNetworkTraffic: on networks with grouped, depthwise and dilated layers,
// traffic never rises with the buffer, is never below the compulsory one, and
// reaches it.
func TestNetworkTraffic(t *testing.T) {
	for _, name := range []string{"mobilenet_v2", "squeezenet1_1", "ssd300_vgg16", "convnext_tiny", "gpt2_small", "dlrm"} {
		var last []int64
		for _, elements := range []int64{64, 1000, 4096, 100003, 1 << 20, 1e9} {
			s, err := NetworkTraffic(name, WorkloadOptions{Batch: 3}, elements, true)
			if err != nil {
				t.Fatal(err)
			}
			now := make([]int64, len(s.Rows))
			for i, row := range s.Rows {
				got, least := int64(row[len(row)-1]), int64(row[len(row)-2])
				if now[i] = got; got < least || last != nil && got > last[i] || elements == 1e9 && got != least {
					t.Errorf("%s %s, %d elements: %d, compulsory %d", name, s.Text(i, 1), elements, got, least)
				}
			}
			last = now
		}
	}
}

// TestFusedAttentionTraffic: an attention in one step is one row that moves no
// more than its products with the softmax between them; the other rows and the
// products stay.
func TestFusedAttentionTraffic(t *testing.T) {
	num := func(s *results.Table, column string) (sum int64) {
		k, err := s.Index(column)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range s.Rows {
			sum += int64(row[k])
		}
		return sum
	}
	for _, elements := range []int64{4 << 10, 64 << 10, 1 << 20} {
		apart, err := NetworkTraffic("bert_base", WorkloadOptions{}, elements, true)
		if err != nil {
			t.Fatal(err)
		}
		fused, err := NetworkTraffic("bert_base", WorkloadOptions{FusedAttention: true}, elements, true)
		if err != nil {
			t.Fatal(err)
		}
		if len(fused.Rows) != len(apart.Rows)-12 || num(fused, "macs") != num(apart, "macs") {
			t.Errorf("%d rows of %d multiply-accumulates, apart %d of %d", len(fused.Rows), num(fused, "macs"), len(apart.Rows), num(apart, "macs"))
		}
		const softmax = 2 * 12 * 12 * 512 * 512
		if got, most := num(fused, "traffic_elements"), num(apart, "traffic_elements")+softmax; got > most {
			t.Errorf("%d elements of buffer: one step moves %d, apart %d", elements, got, most)
		}
		// Scores and probabilities are neither written nor read.
		if got, want := num(fused, "compulsory_elements"), num(apart, "compulsory_elements")-softmax; got != want {
			t.Errorf("compulsory %d, want %d", got, want)
		}
	}
}

// TestNetworkTrafficTooLarge: a batch whose counts do not fit is refused.
func TestNetworkTrafficTooLarge(t *testing.T) {
	for name, o := range map[string]WorkloadOptions{
		"gpt3_175b": {Batch: 65536, SeqLen: 2048}, "llama3_8b": {Batch: 65536, SeqLen: 131072},
	} {
		if _, err := NetworkTraffic(name, o, 1000, false); err == nil || !strings.Contains(err.Error(), "multiply-accumulates") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
