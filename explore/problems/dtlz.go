package problems

import "math"

// dtlz returns DTLZ k.
func dtlz(k int, size Size) *Benchmark {
	m := size.Objectives
	ideal, nadir := fill(m, 0), fill(m, 1)
	var f function
	switch k {
	case 1:
		nadir = fill(m, 0.5)
		f = func(x, f, _ []float64) { simplexFront(x, f, rastrigin(x[m-1:])) }
	case 2:
		f = func(x, f, _ []float64) { sphereFront(x, f, offset(x[m-1:]), right) }
	case 3:
		f = func(x, f, _ []float64) { sphereFront(x, f, rastrigin(x[m-1:]), right) }
	case 4:
		f = func(x, f, _ []float64) { sphereFront(x, f, offset(x[m-1:]), biased) }
	case 5, 6:
		nadir = curveNadir(m)
		f = func(x, f, _ []float64) {
			g := 0.0
			if k == 5 {
				g = offset(x[m-1:])
			} else {
				for _, v := range x[m-1:] {
					g += math.Pow(v, 0.1)
				}
			}
			sphereFront(x, f, g, func(i int, v float64) float64 {
				if i == 0 {
					return v * math.Pi / 2
				}
				return math.Pi / (4 * (1 + g)) * (1 + 2*g*v)
			})
		}
	case 7:
		ideal, nadir = patchBounds(m)
		f = patches
	}
	return plain(m, cube(size.Variables, 0, 1), ideal, nadir, f)
}

// rastrigin is the multimodal distance of DTLZ1 and DTLZ3.
func rastrigin(x []float64) float64 {
	g := float64(len(x))
	for _, v := range x {
		g += sq(v-0.5) - math.Cos(20*math.Pi*(v-0.5))
	}
	return 100 * g
}

func offset(x []float64) float64 {
	g := 0.0
	for _, v := range x {
		g += sq(v - 0.5)
	}
	return g
}

// simplexFront writes DTLZ1's linear front at distance g.
func simplexFront(x, f []float64, g float64) {
	m := len(f)
	rest := 0.5 * (1 + g)
	for i := range m - 1 {
		f[m-1-i] = rest * (1 - x[i])
		rest *= x[i]
	}
	f[0] = rest
}

func right(_ int, v float64) float64 { return v * math.Pi / 2 }

func biased(_ int, v float64) float64 { return math.Pow(v, 100) * math.Pi / 2 }

// sphereFront writes the spherical front at distance g, with the angle of each
// position variable.
func sphereFront(x, f []float64, g float64, angle func(int, float64) float64) {
	m := len(f)
	rest := 1 + g
	for i := range m - 1 {
		sin, cos := math.Sincos(angle(i, x[i]))
		f[m-1-i] = rest * sin
		rest *= cos
	}
	f[0] = rest
}

// curveNadir is that of the curve of DTLZ5 and DTLZ6: all angles but the first
// are 45 degrees, so objective j of m has m - 1 - j of them (0 counted once).
func curveNadir(m int) []float64 {
	n := fill(m, 1)
	for j := range m - 1 {
		n[j] = math.Pow(math.Sqrt2/2, float64(m-1-max(j, 1)))
	}
	return n
}

// patches is DTLZ7: 2^(m-1) disconnected parts.
func patches(x, f, _ []float64) {
	m := len(f)
	g := 1 + 9*mean(x[m-1:])
	h := float64(m)
	for i := range m - 1 {
		f[i] = x[i]
		h -= f[i] / (1 + g) * (1 + math.Sin(3*math.Pi*f[i]))
	}
	f[m-1] = (1 + g) * h
}

// patchBounds are those of DTLZ7's front, where g = 1: each of the first
// objectives ranges up to the largest non-dominated value of
// v (1 + sin 3 pi v), found numerically: 0.859400.
func patchBounds(m int) (ideal, nadir []float64) {
	const last = 0.8594008566447239
	ideal, nadir = fill(m, 0), fill(m, last)
	nadir[m-1] = 2 * float64(m)
	ideal[m-1] = 2*float64(m) - float64(m-1)*last*(1+math.Sin(3*math.Pi*last))
	return ideal, nadir
}

// c1dtlz1 is DTLZ1 with a thin feasible layer over its front.
func c1dtlz1(size Size) *Benchmark {
	m := size.Objectives
	p := dtlz(1, size)
	p.scale = []float64{1}
	base := p.start()
	p.start = func() function {
		return func(x, f, g []float64) {
			base(x, f, g)
			g[0] = f[m-1]/0.6 - 1
			for _, v := range f[:m-1] {
				g[0] += v / 0.5
			}
		}
	}
	return p
}

// c2dtlz2 is DTLZ2 with a front cut to m + 1 patches of radius 0.4 (m = 3) or
// 0.5.
func c2dtlz2(size Size) *Benchmark {
	m := size.Objectives
	p := dtlz(2, size)
	p.scale = []float64{1}
	r := 0.5
	if m <= 3 {
		r = 0.4
	}
	base := p.start()
	p.start = func() function {
		return func(x, f, g []float64) {
			base(x, f, g)
			all, mid := 0.0, 0.0
			for _, v := range f {
				all += v * v
				mid += sq(v - 1/math.Sqrt(float64(m)))
			}
			g[0] = mid - r*r
			for _, v := range f {
				g[0] = min(g[0], all-v*v+sq(v-1)-r*r)
			}
		}
	}
	return p
}
