package machines

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"stco/model"
)

// Validate predicts every figure of a list that it understands.
func Validate(catalog *model.Catalog, text []byte) ([]Row, error) {
	all, err := Read(text)
	if err != nil {
		return nil, err
	}
	l := &lab{catalog: catalog, ladder: map[string][]float64{}}
	var rows []Row
	for i := range all {
		m := &all[i]
		found, err := l.machine(m)
		if err != nil {
			return nil, err
		}
		rows = append(rows, found...)
	}
	return append(rows, l.spread()...), nil
}

// machine predicts the figures of one machine.
func (l *lab) machine(m *Machine) ([]Row, error) {
	rows, err := l.traffic(m)
	if err != nil {
		return nil, err
	}
	s, ok := shapeOf(m)
	if !ok {
		return rows, nil
	}
	for _, check := range []func(*Machine, *shape) ([]Row, error){
		l.networks, l.products, l.layers, l.board, l.weights,
		func(m *Machine, _ *shape) ([]Row, error) { return l.unitEnergies(m) },
	} {
		found, err := check(m, s)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", m.Name, err)
		}
		rows = append(rows, found...)
	}
	return rows, nil
}

// spread holds the steps of the vendor's ladder to each other.
func (l *lab) spread() []Row {
	var ratios []float64
	for _, name := range slices.Sorted(maps.Keys(l.ladder)) {
		ratios = append(ratios, l.ladder[name]...)
	}
	if len(ratios) < 2 {
		return nil
	}
	r := Row{
		Source: "NVDLA primer", Case: fmt.Sprintf("ladder of %d machines from %d multipliers", len(ratios), leastLadder),
		Quantity: "largest over least of predicted over published", Unit: "1", Ours: slices.Max(ratios) / slices.Min(ratios), Theirs: 1, Low: 1, High: ladderSpread,
	}
	if math.IsNaN(r.Ours) || r.Ours > r.High {
		r.Deviation = Outside
	}
	return []Row{r}
}
