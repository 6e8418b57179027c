package infer

import "testing"

// TestSame: SAME paddings of the operator's definition, for ceil(size/stride)
// outputs: (outputs-1) stride + (r-1) dilation + 1 - size in all, the odd one
// behind (upper) or in front (lower).
func TestSame(t *testing.T) {
	for _, c := range []struct{ size, r, stride, dil, all int64 }{
		{5, 3, 1, 1, 2}, {5, 2, 1, 1, 1}, {6, 3, 2, 1, 1}, {7, 3, 2, 1, 2}, {224, 7, 2, 1, 5}, {8, 3, 1, 2, 4}, {9, 4, 3, 1, 1}, {8, 2, 4, 1, 0}, {1, 1, 1, 1, 0}, {5, 3, 0, 1, 0},
	} {
		pad, end := same(c.size, c.r, c.stride, c.dil, "SAME_UPPER")
		if pad != c.all/2 || end != c.all%2 {
			t.Errorf("%+v upper: %d in front and %d more behind", c, pad, end)
		}
		pad, end = same(c.size, c.r, c.stride, c.dil, "SAME_LOWER")
		if pad != (c.all+1)/2 || end != -(c.all%2) {
			t.Errorf("%+v lower: %d in front and %d more behind", c, pad, end)
		}
	}
}
