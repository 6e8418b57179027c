package schedule

import (
	"fmt"
	"slices"
	"sync"

	"stco/model/accel/residency"
	"stco/model/workload"
)

// Mode says how freely a schedule may split the batch.
type Mode uint8

// The modes: every layer over the whole batch; the whole network for parts of
// the batch; groups of layers, each with a sub-batch of its own.
const (
	Groups Mode = iota
	Parts
	Layers
	numModes
)

// String returns the name used in studies: groups, batch, layer.
func (m Mode) String() string { return [numModes]string{"groups", "batch", "layer"}[m] }

// Modes returns the names of the modes, in order.
func Modes() []string { return []string{Groups.String(), Parts.String(), Layers.String()} }

// Traces is a network at all parts of its batch.
type Traces struct {
	// Whole is the trace of the whole batch.
	Whole *workload.Trace
	// Part returns the trace of micro parts of batch/micro samples each; more
	// than one only in training, where gradients accumulate. Nil: the batch is
	// not split.
	Part func(batch, micro int) (*workload.Trace, error)
}

// Network is a network prepared for all parts of its batch. It is safe for
// concurrent use.
type Network struct {
	levels  []*level // by divisor of the batch, ascending; the last is the whole
	whole   *residency.Manager
	micro   bool // parts are micro-batches of one iteration
	mu      sync.Mutex
	cuts    []int
	crossed map[[2]int]map[int32]entry
	found   map[bestKey]*Execution
}

// level is the network at one part of the batch.
type level struct {
	batch    int
	rounds   int // of a training iteration: micro-batches
	problem  *residency.Manager
	segments []int // of a training iteration: first steps of its groups, and the end

	lasting float64 // bytes that may be held from one iteration or micro-batch to the next
	read    float64 // of these, what every part or micro-batch reads at least: weights
	summed  float64 // and of the gradients, what every micro-batch adds to
	updated float64 // and what training updates: weights and optimizer state
}

// New prepares a network.
func New(s *Traces, o residency.Conventions) (*Network, error) {
	if o.Curves == nil {
		o.Curves = residency.NewCurves()
	}
	whole, err := residency.New(s.Whole, o)
	if err != nil {
		return nil, err
	}
	n := &Network{whole: whole, micro: s.Whole.Phase == workload.Training, crossed: map[[2]int]map[int32]entry{}, found: map[bestKey]*Execution{}}
	batch := max(1, s.Whole.Batch)
	for d := 1; s.Part != nil && d < batch; d++ {
		if batch%d != 0 {
			continue
		}
		l := &level{batch: d, rounds: batch / d}
		micro := 1
		if n.micro {
			micro = min(2, l.rounds)
		}
		t, err := s.Part(d*micro, micro)
		if err != nil {
			return nil, err
		}
		if l.problem, err = residency.New(t, o); err != nil {
			return nil, err
		}
		if n.micro {
			l.segments = microSegments(t)
		} else if err := sameShape(s.Whole, t); err != nil {
			return nil, err
		}
		n.levels = append(n.levels, l)
	}
	n.levels = append(n.levels, &level{batch: batch, rounds: 1, problem: whole, segments: []int{0, whole.Steps()}})
	n.cuts = cutPoints(whole)
	for _, l := range n.levels {
		n.weigh(l)
	}
	return n, nil
}

// weigh adds up what lasts: whole tensors, and what the steps of one part touch of
// them.
func (n *Network) weigh(l *level) {
	p := l.problem
	for k := range n.touched(p, 0, p.Steps()) {
		bytes, _, _, _, _ := p.Tensor(k)
		l.lasting += float64(bytes)
	}
	first, end := 0, p.Steps()
	if n.micro {
		for k, bytes := range n.touched(p, 0, end) {
			_, persistent, _, _, _ := p.Tensor(k)
			if _, written := p.WrittenIn(k, 0, end); persistent && written {
				l.updated += bytes
			}
		}
		if l.rounds == 1 {
			return
		}
		first, end = l.segments[1], l.segments[2]
	}
	for k, bytes := range n.touched(p, first, end) {
		_, _, _, class, _ := p.Tensor(k)
		_, written := p.WrittenIn(k, first, end)
		switch {
		case n.micro && written && class == workload.WeightGradient:
			l.summed += bytes
		case !written && (!n.micro || class == workload.Weight):
			l.read += bytes
		}
	}
}

// touched returns, of the data that last, the most bytes that one of some steps
// touches.
func (n *Network) touched(p *residency.Manager, first, end int) map[int32]float64 {
	most := map[int32]float64{}
	var touches []residency.Touch
	for i := first; i < end; i++ {
		touches = p.Touches(i, touches[:0])
		for _, c := range touches {
			if n.lasting(p, c.Tensor) {
				most[c.Tensor] = max(most[c.Tensor], float64(c.Bytes))
			}
		}
	}
	return most
}

// lasting says whether a tensor may be held from one iteration or micro-batch to
// the next: persistent data that the next samples use as well, and the gradients
// that micro-batches accumulate.
func (n *Network) lasting(p *residency.Manager, k int32) bool {
	_, persistent, _, class, _ := p.Tensor(k)
	if n.micro {
		return persistent || p != n.whole && class == workload.WeightGradient
	}
	return persistent && (p == n.whole || n.same(k))
}

// shared says whether all samples use the same content of a tensor.
func (n *Network) shared(p *residency.Manager, k int32) bool {
	return n.lasting(p, k) && (n.micro || n.same(k))
}

// same says whether a tensor is as large for one sample as for all.
func (n *Network) same(k int32) bool {
	least, _, _, _, _ := n.levels[0].problem.Tensor(k)
	most, _, _, _, _ := n.whole.Tensor(k)
	return least == most
}

// sameShape checks that two traces of one network have the same steps and
// tensors.
func sameShape(a, b *workload.Trace) error {
	if len(a.Steps) != len(b.Steps) || len(a.Tensors) != len(b.Tensors) {
		return fmt.Errorf("%s: %d steps at batch %d, %d at batch %d", a.Network, len(a.Steps), a.Batch, len(b.Steps), b.Batch)
	}
	return nil
}

// microSegments returns the first steps of the first micro-batch, the second,
// and the update, and the end.
func microSegments(t *workload.Trace) []int {
	at := []int{0}
	for i := 1; i < len(t.Steps); i++ {
		pass, before := t.Steps[i].Pass, t.Steps[i-1].Pass
		if pass == workload.Forward && before != workload.Forward || pass == workload.Update && before != workload.Update {
			at = append(at, i)
		}
	}
	return append(at, len(t.Steps))
}

// Whole returns the problem of the whole batch.
func (n *Network) Whole() *residency.Manager { return n.whole }

// Levels returns the number of parts of the batch.
func (n *Network) Levels() int { return len(n.levels) }

// Level returns the problem of part k of the batch and its samples; the last is
// the whole batch.
func (n *Network) Level(k int) (p *residency.Manager, samples int) {
	return n.levels[k].problem, n.levels[k].batch
}

// mostCuts bounds the places at which the dynamic programme may cut.
const mostCuts = 64

// cutPoints returns the steps before which a group may begin, the first and the
// end included: all, or those that the least bytes cross.
func cutPoints(p *residency.Manager) []int {
	n := p.Steps()
	cross := crossing(p)
	list := []int{}
	for i := 1; i < n; i++ {
		if n <= mostCuts || cross[i] <= cross[i-1] && cross[i] <= cross[min(i+1, n-1)] {
			list = append(list, i)
		}
	}
	if len(list) > mostCuts {
		slices.SortStableFunc(list, func(a, b int) int { return int(min(1, max(-1, cross[a]-cross[b]))) })
		list = list[:mostCuts]
		slices.Sort(list)
	}
	return append(append([]int{0}, list...), n)
}

// crossing returns the bytes that are made before each step and needed at it or
// later in the iteration.
func crossing(p *residency.Manager) []float64 {
	delta := make([]float64, p.Steps()+1)
	var touches []residency.Touch
	for i := range p.Steps() {
		touches = p.Touches(i, touches[:0])
		for _, c := range touches {
			if _, persistent, _, _, _ := p.Tensor(c.Tensor); persistent || c.Next < 0 {
				continue
			}
			bytes, _, _, _, _ := p.Tensor(c.Tensor)
			if p.Exists(c.Tensor, 0) {
				continue
			}
			delta[i+1] += float64(bytes)
			delta[min(int(c.Next)+1, p.Steps())] -= float64(bytes)
		}
	}
	sum := 0.0
	for i := range delta {
		sum += delta[i]
		delta[i] = sum
	}
	return delta
}
