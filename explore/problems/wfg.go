package problems

import "math"

// wfgSetting is a WFG problem with k position and l distance variables.
type wfgSetting struct {
	kind, m, k, l int
	y, t, h, sums []float64
}

// wfg returns WFG kind.
func wfg(kind int, size Size) *Benchmark {
	m, k, l := size.Objectives, size.Position, size.Variables-size.Position
	hi := make([]float64, k+l)
	for i := range hi {
		hi[i] = 2 * float64(i+1)
	}
	ideal, nadir := fill(m, 0), make([]float64, m)
	for j := range nadir {
		nadir[j] = 2 * float64(j+1)
	}
	p := plain(m, reals(fill(k+l, 0), hi), ideal, nadir, nil)
	p.start = func() function {
		w := &wfgSetting{
			kind: kind, m: m, k: k, l: l,
			y: make([]float64, k+l), t: make([]float64, k+l), h: make([]float64, m), sums: make([]float64, k+l+1),
		}
		return w.evaluate
	}
	return p
}

func (w *wfgSetting) evaluate(x, f, _ []float64) {
	for i, v := range x {
		w.y[i] = v / (2 * float64(i+1))
	}
	t := w.transform()
	m := w.m
	last := t[m-1]
	for i := range m - 1 {
		a := 1.0
		if w.kind == 3 && i > 0 {
			a = 0
		}
		t[i] = max(last, a)*(t[i]-0.5) + 0.5
	}
	w.shape(t[:m-1])
	for j := range f {
		f[j] = last + 2*float64(j+1)*w.h[j]
	}
}

// transform applies the transformations of the problem to y and returns the m
// reduced parameters.
func (w *wfgSetting) transform() []float64 {
	y, k := w.y, w.k
	switch w.kind {
	case 1:
		each(y[k:], shiftLinear)
		each(y[k:], func(v float64) float64 { return biasFlat(v, 0.8, 0.75, 0.85) })
		each(y, func(v float64) float64 { return unit(math.Pow(v, 0.02)) })
		return w.reduce(func(part []float64, first int) float64 { return weightedMean(part, first) })
	case 2, 3:
		each(y[k:], shiftLinear)
		for i := range w.l / 2 {
			y[k+i] = nonSeparable(y[k+2*i:k+2*i+2], 2)
		}
		y = y[:k+w.l/2]
	case 4:
		each(y, func(v float64) float64 { return shiftMulti(v, 30, 10) })
	case 5:
		each(y, shiftDeceptive)
	case 6:
		each(y[k:], shiftLinear)
		return w.reduceNonSeparable()
	case 7:
		w.prefix()
		n := len(y)
		for i := range k {
			y[i] = biasParam(y[i], (w.sums[n]-w.sums[i+1])/float64(n-i-1))
		}
		each(y[k:], shiftLinear)
	case 8:
		w.prefix()
		for i := k; i < len(y); i++ {
			y[i] = biasParam(y[i], w.sums[i]/float64(i))
		}
		each(y[k:], shiftLinear)
	case 9:
		w.prefix()
		n := len(y)
		for i := range n - 1 {
			y[i] = biasParam(y[i], (w.sums[n]-w.sums[i+1])/float64(n-i-1))
		}
		each(y[:k], shiftDeceptive)
		each(y[k:], func(v float64) float64 { return shiftMulti(v, 30, 95) })
		return w.reduceNonSeparable()
	}
	full := w.y
	w.y = y
	out := w.reduce(func(part []float64, _ int) float64 { return unit(mean(part)) })
	w.y = full
	return out
}

// prefix sets sums[i] to y[0] + ... + y[i-1].
func (w *wfgSetting) prefix() {
	for i, v := range w.y {
		w.sums[i+1] = w.sums[i] + v
	}
}

// reduce applies r to the m - 1 groups of position variables and to the
// distance variables; first is the index of a group's first variable.
func (w *wfgSetting) reduce(r func(part []float64, first int) float64) []float64 {
	size := w.k / (w.m - 1)
	for g := range w.m - 1 {
		w.t[g] = r(w.y[g*size:(g+1)*size], g*size)
	}
	w.t[w.m-1] = r(w.y[w.k:], w.k)
	return w.t[:w.m]
}

func (w *wfgSetting) reduceNonSeparable() []float64 {
	return w.reduce(func(part []float64, _ int) float64 { return nonSeparable(part, len(part)) })
}

// shape sets h to the shape functions of the problem.
func (w *wfgSetting) shape(x []float64) {
	m := w.m
	rest := 1.0
	for i, v := range x {
		var along, across float64
		switch {
		case w.kind <= 2:
			sin, cos := math.Sincos(v * math.Pi / 2)
			along, across = 1-cos, 1-sin
		case w.kind == 3:
			along, across = v, 1-v
		default:
			along, across = math.Sincos(v * math.Pi / 2)
		}
		w.h[m-1-i] = rest * across
		rest *= along
	}
	w.h[0] = rest
	const folds = 5
	switch w.kind {
	case 1:
		w.h[m-1] = 1 - x[0] - math.Cos(2*folds*math.Pi*x[0]+math.Pi/2)/(2*folds*math.Pi)
	case 2:
		w.h[m-1] = 1 - x[0]*sq(math.Cos(folds*x[0]*math.Pi))
	}
}

func each(y []float64, f func(float64) float64) {
	for i, v := range y {
		y[i] = f(v)
	}
}

// unit corrects the rounding of values that belong in [0, 1].
func unit(v float64) float64 { return min(max(v, 0), 1) }

func biasFlat(y, a, b, c float64) float64 {
	return unit(a + min(0, math.Floor(y-b))*a*(b-y)/b - min(0, math.Floor(c-y))*(1-a)*(y-c)/(1-c))
}

func biasParam(y, u float64) float64 {
	const a, b, c = 0.98 / 49.98, 0.02, 50
	v := a - (1-2*u)*math.Abs(math.Floor(0.5-u)+a)
	return unit(math.Pow(y, b+(c-b)*v))
}

// optimum is the place the shifts move the optimum to.
const optimum = 0.35

func shiftLinear(y float64) float64 {
	return unit(math.Abs(y-optimum) / math.Abs(math.Floor(optimum-y)+optimum))
}

func shiftDeceptive(y float64) float64 {
	const a, b, c = optimum, 0.001, 0.05
	low := math.Floor(y-a+b) * (1 - c + (a-b)/b) / (a - b)
	high := math.Floor(a+b-y) * (1 - c + (1-a-b)/b) / (1 - a - b)
	return unit(1 + (math.Abs(y-a)-b)*(low+high+1/b))
}

func shiftMulti(y, minima, hill float64) float64 {
	u := math.Abs(y-optimum) / (2 * (math.Floor(optimum-y) + optimum))
	return unit((1 + math.Cos((4*minima+2)*math.Pi*(0.5-u)) + 4*hill*u*u) / (hill + 2))
}

func weightedMean(y []float64, first int) float64 {
	sum, weights := 0.0, 0.0
	for i, v := range y {
		w := 2 * float64(first+i+1)
		sum += w * v
		weights += w
	}
	return unit(sum / weights)
}

func nonSeparable(y []float64, a int) float64 {
	n := len(y)
	sum := 0.0
	for j, v := range y {
		sum += v
		for k := range a - 1 {
			sum += math.Abs(v - y[(j+k+1)%n])
		}
	}
	half := math.Ceil(float64(a) / 2)
	return unit(sum / (float64(n) / float64(a) * half * (1 + 2*float64(a) - 2*half)))
}
