package accel

import (
	"bytes"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"sync"
	"testing"

	"stco/model/accel/overlap"
	"stco/model/accel/schedule"
	"stco/model/workload"
)

// shelf is a store in memory.
type shelf struct {
	mu      sync.Mutex
	program string
	texts   map[string][]byte
	saves   int
	deaf    bool // keeps nothing
}

func newShelf() *shelf { return &shelf{program: "a", texts: map[string][]byte{}} }

func (s *shelf) Program() string { return s.program }

func (s *shelf) Load(name string) ([]byte, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	text, ok := s.texts[name]
	return bytes.Clone(text), ok
}

func (s *shelf) Save(name string, text []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.saves++
	if !s.deaf {
		s.texts[name] = bytes.Clone(text)
	}
}

// keptNetworks are plans of all modes, in training with parts and without.
func keptNetworks(t *testing.T) []*Plan {
	t.Helper()
	var plans []*Plan
	for _, mode := range []schedule.Mode{schedule.Groups, schedule.Parts, schedule.Layers} {
		plans = append(plans, splitPlan(t, "alexnet", workload.Inference, 4, nil, mode))
	}
	return append(plans, splitPlan(t, "alexnet", workload.Training, 2, nil, schedule.Groups))
}

// everything is what plans give at capacities on the grid and between, with a
// scratchpad, without one, below the ladder, and where nothing fits.
func everything(t *testing.T, plans []*Plan, most int64) []any {
	t.Helper()
	var all []any
	add := func(v *Traffic, err error) { all = append(all, v, fmt.Sprint(err)) }
	for _, p := range plans {
		for c := int64(16 << 10); c <= most; c *= 8 {
			add(p.Table(c))
			add(p.Exact(c + c/7))
			add(p.Hybrid(c, c/4))
			for _, at := range []int64{c, c + c/3, c / 16} {
				bytes, err := p.Traffic(at)
				all = append(all, bytes, fmt.Sprint(err))
			}
		}
	}
	return all
}

// with runs a function with a store in use.
func with(s *shelf, f func()) {
	Keep(s)
	defer Keep(nil)
	f()
}

// TestKeptSame checks that plans give the same to the last bit without a store,
// with an empty one, with what that has kept, up to the same capacity or to a
// larger one, and with one whose texts are damaged.
func TestKeptSame(t *testing.T) {
	const half, most = 128 << 10, 1 << 20
	want := everything(t, keptNetworks(t), most)
	s := newShelf()
	check := func(what string, saves bool) {
		t.Helper()
		before := s.saves
		with(s, func() {
			if got := everything(t, keptNetworks(t), most); !reflect.DeepEqual(got, want) {
				t.Errorf("%s: other tables", what)
			}
		})
		if saved := s.saves > before; saved != saves {
			t.Errorf("%s: %d texts written", what, s.saves-before)
		}
	}
	with(s, func() { everything(t, keptNetworks(t), half) })
	if len(s.texts) != 4 {
		t.Errorf("%d texts of 4 plans", len(s.texts))
	}
	check("half kept", true)
	with(s, func() { // what a process leaves out is kept in the end
		for _, p := range keptNetworks(t) {
			everything(t, []*Plan{p}, most)
		}
		Flush()
	})
	check("all kept", false)
	for _, name := range slices.Sorted(maps.Keys(s.texts)) {
		s.texts[name] = s.texts[name][:len(s.texts[name])/2]
	}
	check("damaged", true)
	s.texts, s.deaf = map[string][]byte{}, true
	check("a full disk", true)
	s.program = ""
	check("a program of no version", false)
}

// TestKeptFound checks that what is kept is not found again: with all of it the
// network is not asked.
func TestKeptFound(t *testing.T) {
	s := newShelf()
	plan := func() *Plan { return splitPlan(t, "mobilenet_v2", workload.Inference, 2, nil, schedule.Groups) }
	with(s, func() {
		p := plan()
		if _, err := p.Table(1 << 20); err != nil {
			t.Fatal(err)
		}
		Flush()
	})
	with(s, func() {
		p := plan()
		p.network = nil // panics when it is asked
		for k := 0; GridCapacity(k) <= 1<<20; k++ {
			_, _ = p.schedule(k)
		}
		if _, err := p.Table(1 << 20); err != nil {
			t.Error(err)
		}
		if got, err := p.Traffic(1 << 20); err != nil || got == 0 {
			t.Error(got, err)
		}
	})
}

// TestKeptApart checks that plans that differ in what decides about schedules do
// not share them, and those that differ in something else do.
func TestKeptApart(t *testing.T) {
	base := planOf(t, "alexnet", workload.Inference, func(o *workload.Options) { o.Batch = 2 })
	of := func(change func(*Array, *BufferPolicy, *workload.Trace, *shelf)) int {
		s := newShelf()
		a, o, tr := base.array, base.opts, *base.trace
		tr.Steps, tr.Tensors = slices.Clone(tr.Steps), slices.Clone(tr.Tensors)
		with(s, func() {
			for range 2 {
				p, err := NewPlan(&tr, a, o)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := p.Table(1 << 20); err != nil {
					t.Fatal(err)
				}
				change(&a, &o, &tr, s)
			}
		})
		return len(s.texts)
	}
	for name, c := range map[string]struct {
		texts  int
		change func(*Array, *BufferPolicy, *workload.Trace, *shelf)
	}{
		"nothing":   {1, func(*Array, *BufferPolicy, *workload.Trace, *shelf) {}},
		"rows":      {2, func(a *Array, _ *BufferPolicy, _ *workload.Trace, _ *shelf) { a.Rows *= 2 }},
		"PE buffer": {2, func(a *Array, _ *BufferPolicy, _ *workload.Trace, _ *shelf) { a.PEBuffer += 1 << 16 }},
		"sums":      {2, func(a *Array, _ *BufferPolicy, _ *workload.Trace, _ *shelf) { a.AccumBytes++ }},
		"residency": {2, func(_ *Array, o *BufferPolicy, _ *workload.Trace, _ *shelf) { o.NoResidency = true }},
		"schedule":  {2, func(_ *Array, o *BufferPolicy, _ *workload.Trace, _ *shelf) { o.Schedule = schedule.Layers }},
		"overlap":   {1, func(_ *Array, o *BufferPolicy, _ *workload.Trace, _ *shelf) { o.Overlap = overlap.Ideal }},
		"a step":    {2, func(_ *Array, _ *BufferPolicy, tr *workload.Trace, _ *shelf) { tr.Steps[0].VectorOps++ }},
		"a tensor":  {2, func(_ *Array, _ *BufferPolicy, tr *workload.Trace, _ *shelf) { tr.Tensors[1].Output = true }},
		"program":   {2, func(_ *Array, _ *BufferPolicy, _ *workload.Trace, s *shelf) { s.program = "b" }},
	} {
		if got := of(c.change); got != c.texts {
			t.Errorf("%s: %d texts, want %d", name, got, c.texts)
		}
	}
	s := newShelf()
	with(s, func() { // a plan under another way to split the batch has a book of its own
		p := splitPlan(t, "alexnet", workload.Inference, 4, nil, schedule.Groups)
		for _, q := range []*Plan{p, p.Under(schedule.Layers)} {
			if _, err := q.Table(1 << 20); err != nil {
				t.Fatal(err)
			}
		}
	})
	if len(s.texts) != 2 {
		t.Errorf("%d texts under two modes", len(s.texts))
	}
}

// TestFlush checks that what many plans leave is saved when they are too many, and
// the rest at the end.
func TestFlush(t *testing.T) {
	base := planOf(t, "alexnet", workload.Inference, func(o *workload.Options) { o.Batch = 1 })
	s := newShelf()
	with(s, func() {
		Flush() // what other tests left
		for i := range mostLeft + 3 {
			a := base.array
			a.Cores = i + 1
			p, err := NewPlan(base.trace, a, base.opts)
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range []int64{1 << 20, 1 << 12} { // at once, and left
				if _, err := p.Traffic(c); err != nil {
					t.Fatal(err)
				}
			}
			left.Lock()
			n := len(left.books)
			left.Unlock()
			if want := i + 1; i < mostLeft && n != want || i == mostLeft && n != 0 || i > mostLeft && n != i-mostLeft {
				t.Errorf("%d books are left of %d", n, want)
			}
		}
		before := s.saves
		Flush()
		if s.saves-before != 2 {
			t.Errorf("%d books saved at the end, want 2", s.saves-before)
		}
		Flush()
		if s.saves-before != 2 {
			t.Error("saved again")
		}
	})
}
