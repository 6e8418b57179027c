package problems

import "math"

// The ZDT problems minimise f1 and g(x2, ...) h(f1, g).

func mean(x []float64) float64 {
	s := 0.0
	for _, v := range x {
		s += v
	}
	return s / float64(len(x))
}

func zdt1(size Size) *Benchmark {
	return plain(2, cube(size.Variables, 0, 1), fill(2, 0), fill(2, 1), func(x, f, _ []float64) {
		g := 1 + 9*mean(x[1:])
		f[0], f[1] = x[0], g*(1-math.Sqrt(x[0]/g))
	})
}

func zdt2(size Size) *Benchmark {
	return plain(2, cube(size.Variables, 0, 1), fill(2, 0), fill(2, 1), func(x, f, _ []float64) {
		g := 1 + 9*mean(x[1:])
		f[0], f[1] = x[0], g*(1-sq(x[0]/g))
	})
}

func zdt3(size Size) *Benchmark {
	return plain(2, cube(size.Variables, 0, 1), fill(2, 0), fill(2, 1), func(x, f, _ []float64) {
		g := 1 + 9*mean(x[1:])
		r := x[0] / g
		f[0], f[1] = x[0], g*(1-math.Sqrt(r)-r*math.Sin(10*math.Pi*x[0]))
	})
}

func zdt4(size Size) *Benchmark {
	lo, hi := fill(size.Variables, -5), fill(size.Variables, 5)
	lo[0], hi[0] = 0, 1
	return plain(2, reals(lo, hi), fill(2, 0), fill(2, 1), func(x, f, _ []float64) {
		g := 1 + 10*float64(len(x)-1)
		for _, v := range x[1:] {
			g += v*v - 10*math.Cos(4*math.Pi*v)
		}
		f[0], f[1] = x[0], g*(1-math.Sqrt(x[0]/g))
	})
}

func zdt6(size Size) *Benchmark {
	return plain(2, cube(size.Variables, 0, 1), fill(2, 0), fill(2, 1), func(x, f, _ []float64) {
		f[0] = 1 - math.Exp(-4*x[0])*math.Pow(math.Sin(6*math.Pi*x[0]), 6)
		g := 1 + 9*math.Pow(mean(x[1:]), 0.25)
		f[1] = g * (1 - sq(f[0]/g))
	})
}
