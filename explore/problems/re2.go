package problems

import (
	"math"
	"sort"
)

// The RE problems turn every constraint of a published engineering problem
// into a violation, summed up as the last objective; the CRE problems keep the
// violations as constraints. Both are built of the same parts: objectives and
// margins, a margin below 0 being a violation.

// part writes objectives and constraint margins of an engineering problem.
type part func(x, f, margin []float64)

// relaxed makes the RE problem of a part with m objectives and c margins.
func relaxed(e engineering, ideal, nadir []float64) *Benchmark {
	p := plain(e.m+1, e.space(), ideal, nadir, nil)
	p.start = func() function {
		margin := make([]float64, e.c)
		return func(x, f, _ []float64) {
			e.part(x, f, margin)
			f[e.m] = 0
			for _, v := range margin {
				f[e.m] += lack(v)
			}
		}
	}
	return p
}

// constrained makes the CRE problem; the scale of each constraint is the size
// of its limit.
func constrained(e engineering, ideal, nadir, scale []float64) *Benchmark {
	return bounded(e.m, e.space(), ideal, nadir, scale, func(x, f, g []float64) {
		e.part(x, f, g)
		for j, v := range g {
			g[j] = lack(v)
		}
	})
}

// nearest returns the value of an ascending list that is closest to v.
func nearest(list []float64, v float64) float64 {
	k := sort.SearchFloat64s(list, v)
	switch {
	case k == 0:
		return list[0]
	case k == len(list):
		return list[k-1]
	case v-list[k-1] <= list[k]-v:
		return list[k-1]
	}
	return list[k]
}

// re21 is the four bar truss.
func re21() *Benchmark {
	r := math.Sqrt2
	return plain(2, reals([]float64{1, r, r, 1}, fill(4, 3)), []float64{1237.8414230005742, 0.002761423749158419}, []float64{2886.37, 0.04},
		func(x, f, _ []float64) {
			const force, youngs, length = 10, 2e5, 200
			f[0] = length * (2*x[0] + r*x[1] + math.Sqrt(x[2]) + x[3])
			f[1] = force * length / youngs * (2/x[0] + 2*r/x[1] - 2*r/x[2] + 2/x[3])
		})
}

// barAreas returns the reinforcement areas of re22, with the 3 and 10 that the
// published program has in the place of 3.10.
func barAreas() []float64 {
	return []float64{
		0.2, 0.31, 0.4, 0.44, 0.6, 0.62, 0.79, 0.8, 0.88, 0.93, 1, 1.2, 1.24, 1.32, 1.4, 1.55, 1.58, 1.6, 1.76, 1.8,
		1.86, 2, 2.17, 2.2, 2.37, 2.4, 2.48, 2.6, 2.64, 2.79, 2.8, 3, 3.08, 3.16, 3.41, 3.52, 3.6, 3.72, 3.95, 3.96,
		4, 4.03, 4.2, 4.34, 4.4, 4.65, 4.74, 4.8, 4.84, 5, 5.28, 5.4, 5.53, 5.72, 6, 6.16, 6.32, 6.6, 7.11, 7.2,
		7.8, 7.9, 8, 8.4, 8.69, 9, 9.48, 10, 10.27, 11, 11.06, 11.85, 12, 13, 14, 15,
	}
}

// re22 is the reinforced concrete beam.
func re22() *Benchmark {
	areas := barAreas()
	return relaxed(engineering{
		m: 1, c: 2, lo: []float64{0.2, 0, 0}, hi: []float64{15, 20, 40},
		part: func(x, f, g []float64) {
			a := nearest(areas, x[0])
			f[0] = 29.4*a + 0.6*x[1]*x[2]
			g[0] = a*x[2] - 7.735*(a*a/x[1]) - 180
			g[1] = 4 - x[2]/x[1]
		},
	}, []float64{5.88, 0}, []float64{361.262944647, 180.01547})
}

// re23 is the pressure vessel; two thicknesses are multiples of 1/16.
func re23() *Benchmark {
	return relaxed(engineering{
		m: 1, c: 3, lo: []float64{1, 1, 10, 10}, hi: []float64{100, 100, 200, 240}, whole: []int{0, 1},
		part: func(x, f, g []float64) {
			shell, head := 0.0625*math.RoundToEven(x[0]), 0.0625*math.RoundToEven(x[1])
			r, l := x[2], x[3]
			f[0] = 0.6224*shell*r*l + 1.7781*head*r*r + 3.1661*shell*shell*l + 19.84*shell*shell*r
			g[0] = shell - 0.0193*r
			g[1] = head - 0.00954*r
			g[2] = math.Pi*r*r*l + 4.0/3*(math.Pi*r*r*r) - 1296000
		},
	}, []float64{15.9018007813, 0}, []float64{5852.05896876, 1288669.78054})
}

// re24 is the hatch cover.
func re24() *Benchmark {
	return relaxed(engineering{
		m: 1, c: 4, lo: []float64{0.5, 0.5}, hi: []float64{4, 50},
		part: func(x, f, g []float64) {
			const youngs = 700000
			f[0] = x[0] + 120*x[1]
			buckling := youngs * x[0] * x[0] / 100
			bending := 4500 / (x[0] * x[1])
			shear := 1800 / x[1]
			deflection := 56.2 * 10000 / (youngs * x[0] * x[1] * x[1])
			g[0] = 1 - bending/700
			g[1] = 1 - shear/450
			g[2] = 1 - deflection/1.5
			g[3] = 1 - bending/buckling
		},
	}, []float64{60.5, 0}, []float64{481.608088535, 44.2819047619})
}

// re25 is the coil compression spring.
func re25() *Benchmark {
	wires := []float64{
		0.009, 0.0095, 0.0104, 0.0118, 0.0128, 0.0132, 0.014, 0.015, 0.0162, 0.0173, 0.018, 0.02, 0.023, 0.025, 0.028,
		0.032, 0.035, 0.041, 0.047, 0.054, 0.063, 0.072, 0.08, 0.092, 0.105, 0.12, 0.135, 0.148, 0.162, 0.177, 0.192,
		0.207, 0.225, 0.244, 0.263, 0.283, 0.307, 0.331, 0.362, 0.394, 0.4375, 0.5,
	}
	return relaxed(engineering{
		m: 1, c: 6, lo: []float64{1, 0.6, 0.09}, hi: []float64{70, 3, 0.5}, whole: []int{0},
		part: func(x, f, g []float64) {
			const most, preload, stress, shear = 1000.0, 300.0, 189000.0, 11.5e6
			turns, coil, wire := math.RoundToEven(x[0]), x[1], nearest(wires, x[2])
			f[0] = math.Pi * math.Pi * coil * wire * wire * (turns + 2) / 4
			index := coil / wire
			wahl := (4*index-1)/(4*index-4) + 0.615*wire/coil
			rate := shear * sq(sq(wire)) / (8 * turns * cubed(coil))
			free := most/rate + 1.05*(turns+2)*wire
			g[0] = stress - 8*wahl*most*coil/(math.Pi*cubed(wire))
			g[1] = 14 - free
			g[2] = index - 3
			g[3] = 6 - preload/rate
			g[4] = free - preload/rate - (most-preload)/rate - 1.05*(turns+2)*wire
			g[5] = 1.25 - (most-preload)/rate
		},
	}, []float64{0.037591349242869145, 0}, []float64{0.40397042546, 2224669.22419})
}
