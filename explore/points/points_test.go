package points

import (
	"math"
	"testing"
)

// TestSplitmix: Vigna's splitmix64.c gives these words from the seed 1234567
// (published in the Rosetta Code entry of the generator).
func TestSplitmix(t *testing.T) {
	s := splitmix(1234567)
	for i, w := range []uint64{6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821} {
		if got, want := s.uniform(), float64(w>>11)/(1<<53); got != want {
			t.Errorf("number %d is %g, want %g", i, got, want)
		}
	}
}

// TestSeeds: the first of a cloud is the first number of the seed 1000003 family
// + 1009 d + n, as the published results have it.
func TestSeeds(t *testing.T) {
	f, _ := Input(2, 5, 3)
	s := splitmix(2000006 + 3027 + 5)
	if want := s.uniform(); f[0] != want {
		t.Errorf("the first coordinate is %g, want %g", f[0], want)
	}
}

// TestFamilies: where the points of each family lie.
func TestFamilies(t *testing.T) {
	for family, name := range []string{"sphere", "convex", "cloud", "layers"} {
		for _, d := range []int{2, 5} {
			const n = 400
			f, ref := Input(family, n, d)
			if len(f) != n*d || len(ref) != d {
				t.Fatalf("%s: %d values, %d of reference", name, len(f), len(ref))
			}
			radii := map[int]int{}
			mean := 0.0
			for i := range n {
				norm := 0.0
				for _, v := range f[i*d : i*d+d] {
					if v < 0 || v > 1.9 || (family < 3 && v > 1) {
						t.Fatalf("%s: coordinate %g", name, v)
					}
					if family == 1 {
						v = 1 - v
					}
					norm += v * v
					mean += v / float64(n*d)
				}
				switch r := math.Sqrt(norm); family {
				case 0, 1:
					if math.Abs(r-1) > 1e-12 {
						t.Fatalf("%s: a point at %g", name, r)
					}
				case 3: // radii 1, 1.1 ... 1.9
					k := math.Round((r - 1) * 10)
					if math.Abs(r-1-k/10) > 1e-12 || k < 0 || k > 9 {
						t.Fatalf("layers: a point at %g", r)
					}
					radii[int(k)]++
				}
			}
			if family == 3 && len(radii) != 10 {
				t.Errorf("%d layers", len(radii))
			}
			if family == 2 && math.Abs(mean-0.5) > 0.05 {
				t.Errorf("the cloud's mean is %g", mean)
			}
			want := 1.1
			if family == 3 {
				want = 2.2
			}
			for _, r := range ref {
				if r != want {
					t.Errorf("%s: reference %v", name, ref)
				}
			}
			again, _ := Input(family, n, d)
			other, _ := Input(family, n+1, d)
			if again[0] != f[0] || other[0] == f[0] {
				t.Errorf("%s: not a function of family, number and dimension", name)
			}
		}
	}
}

// TestReferences: the published table is read whole, numbers in their places.
func TestReferences(t *testing.T) {
	all, err := References()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 10 {
		t.Fatalf("%d rows", len(all))
	}
	for _, r := range all {
		if r.Op == "" || r.Lib == "" || r.Family < 0 || r.Family > 3 || r.N < 1 || r.D < 2 || r.D > 20 || !(r.Seconds > 0) || !(r.Result > 0) {
			t.Errorf("%+v", r)
		}
	}
	if first, last := all[0], all[len(all)-1]; first == last {
		t.Error("all rows are one")
	}
}
