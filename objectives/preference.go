package objectives

import "math"

// Preference says what of an objective matters: how small a difference counts,
// and within which range.
type Preference struct {
	Metric string
	Over   Over // the circumstances that it is taken over
	// Percent of the value, or Absolute, SI, is the resolution: designs in the same
	// box of that size count as one. 0: every difference counts. One of them is 0.
	Percent, Absolute float64
	// From and To, SI, are where the objective matters: beyond the better end no
	// more is worth having, beyond the worse end a design is infeasible. They are
	// infinite where there is no end.
	From, To float64
	// Times is the aspiration: at most this many times the best value found (at
	// least, where larger is better). 0: none.
	Times float64
}

// NewPreference returns the preference of an objective of which every difference
// counts.
func NewPreference(metric string) Preference {
	return Preference{Metric: metric, From: math.Inf(-1), To: math.Inf(1)}
}

// Plain tells whether every difference counts everywhere.
func (p *Preference) Plain() bool {
	q := *p
	q.Over = Over{}
	return q == NewPreference(p.Metric)
}

// Objective is the metric under its name as an objective, with what of it is worth
// having.
func (p *Preference) Objective() (Metric, error) {
	m, err := MetricByName(p.Metric)
	return p.Over.named(p.limited(m)), err
}

// limited returns the metric with no more worth than the better end of the range.
func (p *Preference) limited(m Metric) Metric {
	switch {
	case m.Max && !math.IsInf(p.To, 1):
		m.Most = p.To
	case !m.Max && !math.IsInf(p.From, -1):
		m.Floor = max(m.Floor, p.From)
	}
	return m
}

// Bound is the limit at the worse end of the range, if there is one.
func (p *Preference) Bound() (b Bound, ok bool) {
	m, err := MetricByName(p.Metric)
	b = Bound{Metric: p.Metric, Min: math.Inf(-1), Max: math.Inf(1)}
	if m.Max {
		b.Min = p.From
	} else {
		b.Max = p.To
	}
	return b, err == nil && !(math.IsInf(b.Min, -1) && math.IsInf(b.Max, 1))
}

// View is an objective as a table of designs is judged by it: values are in the
// unit of the metric.
type View struct {
	metric Metric
	pref   Preference
}

// NewView returns the view of a metric under a preference.
func NewView(p Preference) (View, error) {
	m, err := MetricByName(p.Metric)
	return View{p.limited(m), p}, err
}

// Axis returns the coordinate of the search for a value: smaller is better.
func (v *View) Axis(value float64) float64 {
	m := &v.metric
	switch si := value * m.SI; {
	case m.Most > 0 && si > m.Most:
		value = m.Most / m.SI
	case si < m.Floor:
		value = m.Floor / m.SI
	}
	if !m.Linear {
		value = math.Log(value)
	}
	if m.Max {
		return -value
	}
	return value
}

// Box numbers the box of a value, smaller is better; without a resolution it is the
// coordinate itself.
func (v *View) Box(value float64) float64 {
	switch p := &v.pref; {
	case p.Percent > 0:
		return math.Floor(v.Axis(value) / math.Log1p(p.Percent/100))
	case p.Absolute > 0:
		m := &v.metric
		step := m.Worth(value*m.SI) / p.Absolute
		if m.Max {
			step = -step
		}
		return math.Floor(step)
	}
	return v.Axis(value)
}

// WithoutAspiration returns the view of one part of the designs, of which the best
// is not known.
func (v View) WithoutAspiration() View {
	v.pref.Times = 0
	return v
}

// Aspires tells whether there is an aspiration.
func (v *View) Aspires() bool { return v.pref.Times > 0 }

// Reaches tells whether a value is within the aspiration of the best one.
func (v *View) Reaches(value, best float64) bool {
	const slack = 1e-12 // of the product
	switch limit := v.pref.Times * best; {
	case v.pref.Times == 0:
		return true
	case v.metric.Max:
		return value >= limit-slack*math.Abs(limit)
	default:
		return value <= limit+slack*math.Abs(limit)
	}
}
