package problems

import "math"

func bnh() *Benchmark {
	return bounded(2, reals([]float64{0, 0}, []float64{5, 3}), []float64{0, 4}, []float64{136, 50}, fill(2, 1), func(x, f, g []float64) {
		f[0] = 4*sq(x[0]) + 4*sq(x[1])
		f[1] = sq(x[0]-5) + sq(x[1]-5)
		g[0] = (sq(x[0]-5) + sq(x[1]) - 25) / 25
		g[1] = (7.7 - sq(x[0]-8) - sq(x[1]+3)) / 7.7
	})
}

func srn() *Benchmark {
	return bounded(2, cube(2, -20, 20), []float64{10.1, -217.73902097}, []float64{222.96917, 2.61}, fill(2, 1), func(x, f, g []float64) {
		f[0] = 2 + sq(x[0]-2) + sq(x[1]-1)
		f[1] = 9*x[0] - sq(x[1]-1)
		g[0] = (sq(x[0]) + sq(x[1]) - 225) / 225
		g[1] = (x[0] - 3*x[1] + 10) / 10
	})
}

func tnk() *Benchmark {
	return bounded(2, cube(2, 0, math.Pi), fill(2, 0), fill(2, 1.04), fill(2, 1), func(x, f, g []float64) {
		f[0], f[1] = x[0], x[1]
		angle := math.Pi / 2
		if x[1] > 0 {
			angle = math.Atan(x[0] / x[1])
		}
		g[0] = 1 + 0.1*math.Cos(16*angle) - sq(x[0]) - sq(x[1])
		g[1] = sq(x[0]-0.5) + sq(x[1]-0.5) - 0.5
	})
}

func osy() *Benchmark {
	lo, hi := []float64{0, 0, 1, 0, 1, 0}, []float64{10, 10, 5, 6, 5, 10}
	return bounded(2, reals(lo, hi), []float64{-274, 4}, []float64{-42, 76}, fill(6, 1), func(x, f, g []float64) {
		f[0] = -(25*sq(x[0]-2) + sq(x[1]-2) + sq(x[2]-1) + sq(x[3]-4) + sq(x[4]-1))
		f[1] = 0
		for _, v := range x {
			f[1] += v * v
		}
		g[0] = (2 - x[0] - x[1]) / 2
		g[1] = (x[0] + x[1] - 6) / 6
		g[2] = (x[1] - x[0] - 2) / 2
		g[3] = (x[0] - 3*x[1] - 2) / 2
		g[4] = (sq(x[2]-3) + x[3] - 4) / 4
		g[5] = (4 - sq(x[4]-3) - x[5]) / 4
	})
}
