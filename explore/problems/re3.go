package problems

import (
	"math"

	"stco/space"
)

// engineering is an engineering problem with m objectives and c margins.
type engineering struct {
	m, c   int
	lo, hi []float64
	whole  []int // variables that are whole numbers
	part   part
}

func (e engineering) space() *space.Space { return mixed(e.lo, e.hi, e.whole) }

// truss is the two bar truss.
func truss() engineering {
	return engineering{
		m: 2, c: 3, lo: []float64{0.00001, 0.00001, 1}, hi: []float64{100, 100, 3},
		part: func(x, f, g []float64) {
			long, short := math.Sqrt(16+x[2]*x[2]), math.Sqrt(1+x[2]*x[2])
			f[0] = x[0]*long + x[1]*short
			f[1] = 20 * long / (x[0] * x[2])
			g[0] = 0.1 - f[0]
			g[1] = 100000 - f[1]
			g[2] = 100000 - 80*short/(x[2]*x[1])
		},
	}
}

func re31() *Benchmark {
	return relaxed(truss(), []float64{5.53731918799e-05, 0.333333333333, 0}, []float64{500.002668442, 8246211.25124, 19359919.7502})
}

// weld is the welded beam.
func weld() engineering {
	return engineering{
		m: 2, c: 4, lo: []float64{0.125, 0.1, 0.1, 0.125}, hi: []float64{5, 10, 10, 5},
		part: func(x, f, g []float64) {
			const load, length, youngs, shear = 6000.0, 14.0, 30e6, 12e6
			h, l, t, b := x[0], x[1], x[2], x[3]
			f[0] = 1.10471*h*h*l + 0.04811*t*b*(14+l)
			f[1] = 4 * load * cubed(length) / (youngs * b * cubed(t))
			moment := load * (length + l/2)
			arm := math.Sqrt(l*l/4 + sq((h+t)/2))
			polar := 2 * math.Sqrt2 * h * l * (l*l/12 + sq((h+t)/2))
			direct := load / (math.Sqrt2 * h * l)
			torsion := moment * arm / polar
			stress := math.Sqrt(direct*direct + direct*torsion*l/arm + torsion*torsion)
			buckling := 4.013 * youngs * math.Sqrt(t*t*sq(cubed(b))/36) / (length * length) *
				(1 - t/(2*length)*math.Sqrt(youngs/(4*shear)))
			g[0] = 13600 - stress
			g[1] = 30000 - 6*load*length/(b*t*t)
			g[2] = b - h
			g[3] = buckling - load
		},
	}
}

func re32() *Benchmark {
	return relaxed(weld(), []float64{0.010205496875, 0.00043904, 0}, []float64{37.7831517014, 17561.6, 425062976.628})
}

// brake is the disc brake.
func brake() engineering {
	return engineering{
		m: 2, c: 4, lo: []float64{55, 75, 1000, 11}, hi: []float64{80, 110, 3000, 20},
		part: func(x, f, g []float64) {
			inner, outer, force, disks := x[0], x[1], x[2], x[3]
			ring := outer*outer - inner*inner
			shell := cubed(outer) - cubed(inner)
			f[0] = 4.9e-5 * ring * (disks - 1)
			f[1] = 9.82e6 * ring / (force * disks * shell)
			g[0] = outer - inner - 20
			g[1] = 0.4 - force/(3.14*ring)
			g[2] = 1 - 2.22e-3*force*shell/sq(ring)
			g[3] = 2.66e-2*force*disks*shell/ring - 900
		},
	}
}

func re33() *Benchmark {
	return relaxed(brake(), []float64{-0.721525, 1.13907203907, 0}, []float64{5.3067, 3.12833430979, 25})
}

// re34 is vehicle crashworthiness.
func re34() *Benchmark {
	return plain(3, cube(5, 1, 3), []float64{1661.7078225, 6.14280000608, 0.0394}, []float64{1695.2002035, 10.7454, 0.26399999965},
		func(x, f, _ []float64) {
			a, b, c, d, e := x[0], x[1], x[2], x[3], x[4]
			f[0] = 1640.2823 + 2.3573285*a + 2.3220035*b + 4.5688768*c + 7.7213633*d + 4.4559504*e
			f[1] = 6.5856 + 1.15*a - 1.0427*b + 0.9738*c + 0.8364*d - 0.3695*a*d + 0.0861*a*e + 0.3628*b*d - 0.1106*a*a -
				0.3437*c*c + 0.1764*d*d
			f[2] = -0.0551 + 0.0181*a + 0.1024*b + 0.0421*c - 0.0073*a*b + 0.024*b*c - 0.0118*b*d - 0.0204*c*d - 0.008*c*e -
				0.0241*b*b + 0.0109*d*d
		})
}

// reducer is the speed reducer.
func reducer() engineering {
	return engineering{
		m: 2, c: 11, lo: []float64{2.6, 0.7, 17, 7.3, 7.3, 2.9, 5}, hi: []float64{3.6, 0.8, 28, 8.3, 8.3, 3.9, 5.5}, whole: []int{2},
		part: func(x, f, g []float64) {
			w, module, teeth := x[0], x[1], math.RoundToEven(x[2])
			l1, l2, d1, d2 := x[3], x[4], x[5], x[6]
			f[0] = 0.7854*w*module*module*(10*teeth*teeth/3+14.933*teeth-43.0934) - 1.508*w*(d1*d1+d2*d2) +
				7.477*(cubed(d1)+cubed(d2)) + 0.7854*(l1*d1*d1+l2*d2*d2)
			f[1] = math.Sqrt(sq(745*l1/(module*teeth))+1.69e7) / (0.1 * cubed(d1))
			g[0] = 1.0/27 - 1/(w*module*module*teeth)
			g[1] = 1/397.5 - 1/(w*module*module*teeth*teeth)
			g[2] = 1/1.93 - cubed(l1)/(module*teeth*sq(sq(d1)))
			g[3] = 1/1.93 - cubed(l2)/(module*teeth*sq(sq(d2)))
			g[4] = 40 - module*teeth
			g[5] = 12 - w/module
			g[6] = w/module - 5
			g[7] = l1 - 1.5*d1 - 1.9
			g[8] = l2 - 1.1*d2 - 1.9
			g[9] = 1300 - f[1]
			g[10] = 1100 - math.Sqrt(sq(745*l2/(module*teeth))+1.575e8)/(0.1*cubed(d2))
		},
	}
}

func re35() *Benchmark {
	return relaxed(reducer(), []float64{2352.34611145, 694.233587469, 0}, []float64{6634.56208, 1695.96387746, 397.358927317})
}

// gears is the gear train; all variables are numbers of teeth.
func gears() engineering {
	return engineering{
		m: 2, c: 1, lo: fill(4, 12), hi: fill(4, 60), whole: []int{0, 1, 2, 3},
		part: func(x, f, g []float64) {
			a, b := math.RoundToEven(x[0]), math.RoundToEven(x[1])
			c, d := math.RoundToEven(x[2]), math.RoundToEven(x[3])
			f[0] = math.Abs(6.931 - c/a*(d/b))
			f[1] = max(a, b, c, d)
			g[0] = 0.5 - f[0]/6.931
		},
	}
}

func re36() *Benchmark {
	return relaxed(gears(), []float64{7.89473684213e-05, 12, 0}, []float64{5.931, 56, 0.355720675227})
}

// re37 is the rocket injector.
func re37() *Benchmark {
	return plain(3, cube(4, 0, 1), []float64{0.00889341391106, 0.00488, -0.431499999825}, []float64{0.98949120096, 0.956587924661, 0.987530948586},
		func(x, f, _ []float64) {
			a, h, o, p := x[0], x[1], x[2], x[3]
			f[0] = 0.692 + 0.477*a - 0.687*h - 0.08*o - 0.065*p - 0.167*a*a - 0.0129*h*a + 0.0796*h*h - 0.0634*o*a - 0.0257*o*h +
				0.0877*o*o - 0.0521*p*a + 0.00156*p*h + 0.00198*p*o + 0.0184*p*p
			f[1] = 0.153 - 0.322*a + 0.396*h + 0.424*o + 0.0226*p + 0.175*a*a + 0.0185*h*a - 0.0701*h*h - 0.251*o*a + 0.179*o*h +
				0.015*o*o + 0.0134*p*a + 0.0296*p*h + 0.0752*p*o + 0.0192*p*p
			f[2] = 0.37 - 0.205*a + 0.0307*h + 0.108*o + 1.019*p - 0.135*a*a + 0.0141*h*a + 0.0998*h*h + 0.208*o*a - 0.0301*o*h -
				0.226*o*o + 0.353*p*a - 0.0497*p*o - 0.423*p*p + 0.202*h*a*a - 0.281*o*a*a - 0.342*h*h*a - 0.245*h*h*o +
				0.281*o*o*h - 0.184*p*p*a - 0.281*h*a*o
		})
}

func cre21() *Benchmark {
	return constrained(truss(), []float64{0.004, 1712.5}, []float64{0.1, 1e5}, []float64{0.1, 1e5, 1e5})
}

func cre22() *Benchmark {
	return constrained(weld(), []float64{1.7407, 0.00043904}, []float64{35.314, 0.01365}, []float64{13600, 30000, 1, 6000})
}

func cre23() *Benchmark {
	return constrained(brake(), []float64{1.274, 1.139072}, []float64{5.3067, 3.0745}, []float64{20, 0.4, 1, 900})
}

func cre24() *Benchmark {
	return constrained(reducer(), nil, nil, []float64{1.0 / 27, 1 / 397.5, 1 / 1.93, 1 / 1.93, 40, 12, 5, 1.9, 1.9, 1300, 1100})
}

func cre25() *Benchmark {
	return constrained(gears(), nil, nil, []float64{0.5})
}
