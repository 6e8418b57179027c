package problems

import "math"

// car is the side impact of a car.
func car() engineering {
	return engineering{
		m: 3, c: 10, lo: []float64{0.5, 0.45, 0.5, 0.5, 0.875, 0.4, 0.4}, hi: []float64{1.5, 1.35, 1.5, 1.5, 2.625, 1.2, 1.2},
		part: func(x, f, g []float64) {
			a, b, c, d, e, h, k := x[0], x[1], x[2], x[3], x[4], x[5], x[6]
			f[0] = 1.98 + 4.9*a + 6.67*b + 6.98*c + 4.01*d + 1.78*e + 0.00001*h + 2.73*k
			f[1] = 4.72 - 0.5*d - 0.19*b*c
			pillar := 10.58 - 0.674*a*b - 0.67275*b
			door := 16.45 - 0.489*c*k - 0.843*e*h
			f[2] = 0.5 * (pillar + door)
			g[0] = 1 - (1.16 - 0.3717*b*d - 0.0092928*c)
			g[1] = 0.32 - (0.261 - 0.0159*a*b - 0.06486*a - 0.019*b*k + 0.0144*c*e + 0.0154464*h)
			g[2] = 0.32 - (0.214 + 0.00817*e - 0.045195*a - 0.0135168*a + 0.03099*b*h - 0.018*b*k + 0.007176*c + 0.023232*c -
				0.00364*e*h - 0.018*b*b)
			g[3] = 0.32 - (0.74 - 0.61*b - 0.031296*c - 0.031872*k + 0.227*b*b)
			g[4] = 32 - (28.98 + 3.818*c - 4.2*a*b + 1.27296*h - 2.68065*k)
			g[5] = 32 - (33.86 + 2.95*c - 5.057*a*b - 3.795*b - 3.4431*k + 1.45728)
			g[6] = 32 - (46.36 - 9.9*b - 4.4505*a)
			g[7] = 4 - f[1]
			g[8] = 9.9 - pillar
			g[9] = 15.7 - door
		},
	}
}

func re41() *Benchmark {
	return relaxed(car(), []float64{15.576004, 3.58525, 10.61064375, 0}, []float64{39.2905121788, 4.42725, 13.09138125, 9.49401929991})
}

func cre31() *Benchmark {
	return constrained(car(), nil, nil, []float64{1, 0.32, 0.32, 0.32, 32, 32, 32, 4, 9.9, 15.7})
}

// ship is the conceptual design of a bulk carrier, with the limit of 500000 t
// of the corrected program.
func ship() engineering {
	return engineering{
		m: 3, c: 9, lo: []float64{150, 20, 13, 10, 14, 0.63}, hi: []float64{274.32, 32.31, 25, 11.71, 18, 0.75},
		part: func(x, f, g []float64) {
			length, beam, depth, draught, speed, block := x[0], x[1], x[2], x[3], x[4], x[5]
			displacement := 1.025 * length * beam * draught * block
			froude := 0.5144 * speed / math.Sqrt(9.8065*length)
			a := 4977.06*block*block - 8105.61*block + 4456.51
			b := -10847.2*block*block + 12817*block - 6960.32
			power := math.Pow(displacement, 2.0/3) * cubed(speed) / (a + b*froude)
			outfit := math.Pow(length, 0.8) * math.Pow(beam, 0.6) * math.Pow(depth, 0.3) * math.Pow(block, 0.1)
			steel := 0.034 * math.Pow(length, 1.7) * math.Pow(beam, 0.7) * math.Pow(depth, 0.4) * math.Sqrt(block)
			machinery := 0.17 * math.Pow(power, 0.9)
			light := steel + outfit + machinery
			price := 1.3 * (2000*math.Pow(steel, 0.85) + 3500*outfit + 2400*math.Pow(power, 0.8))
			dead := displacement - light
			seaDays := 5000.0 / 24 * speed
			fuelPerDay := 0.19*power*24/1000 + 0.2
			cargo := dead - fuelPerDay*(seaDays+5) - 2*math.Sqrt(dead)
			trips := 350 / (seaDays + 2*(cargo/8000+0.5))
			voyages := (1.05*fuelPerDay*seaDays*100 + 6.3*math.Pow(dead, 0.8)) * trips
			annual := 0.2*price + 40000*math.Pow(dead, 0.3) + voyages
			f[0] = annual / (cargo * trips)
			f[1] = light
			f[2] = -cargo * trips
			g[0] = length/beam - 6
			g[1] = 15 - length/depth
			g[2] = 19 - length/draught
			g[3] = 0.45*math.Pow(dead, 0.31) - draught
			g[4] = 0.7*depth + 0.7 - draught
			g[5] = 500000 - dead
			g[6] = dead - 3000
			g[7] = 0.32 - froude
			g[8] = 0.53*draught + (0.085*block-0.002)*beam*beam/(draught*block) - (1 + 0.52*depth) - 0.07*beam
		},
	}
}

func re42() *Benchmark {
	return relaxed(ship(), []float64{-2756.2590400638524, 3962.557843228888, 1947.880856925791, 0},
		[]float64{-1010.5229595219643, 13827.138456300128, 2611.9668107424536, 12.437669929732023})
}

func cre32() *Benchmark {
	return constrained(ship(), []float64{-1941.861456, 4880.113536, 2440.838866}, []float64{-691.563824, 10723.105725, 4925.960549}, []float64{6, 15, 19, 10, 10, 5e5, 3000, 0.32, 2})
}

// water is the planning of water resources.
func water() engineering {
	return engineering{
		m: 5, c: 7, lo: fill(3, 0.01), hi: []float64{0.45, 0.1, 0.1},
		part: func(x, f, g []float64) {
			a, b, c := x[0], x[1], x[2]
			r := 1 / (a * b)
			f[0] = 106780.37*(b+c) + 61704.67
			f[1] = 3000 * a
			f[2] = 305700 * 2289 * b / math.Pow(0.06*2289, 0.65)
			f[3] = 250 * 2289 * math.Exp(-39.75*b+9.9*c+2.74)
			f[4] = 25 * (1.39*r + 4940*c - 80)
			g[0] = 1 - (0.00139*r + 4.94*c - 0.08)
			g[1] = 1 - (0.000306*r + 1.082*c - 0.0986)
			g[2] = 50000 - (12.307*r + 49408.24*c + 4051.02)
			g[3] = 16000 - (2.098*r + 8046.33*c - 696.71)
			g[4] = 10000 - (2.138*r + 7883.39*c - 705.04)
			g[5] = 2000 - (0.417*a*b + 1721.26*c - 136.54)
			g[6] = 550 - (0.164*r + 631.13*c - 54.48)
		},
	}
}

func re61() *Benchmark {
	return relaxed(water(), []float64{63840.2774, 30, 285346.896494, 183749.967061, 7.22222222222, 0},
		[]float64{80896.9128355, 1350, 2853468.96494, 7076861.67064, 87748.6339553, 2.50994535821})
}

func cre51() *Benchmark {
	return constrained(water(), nil, nil, []float64{1, 1, 50000, 16000, 10000, 2000, 550})
}
