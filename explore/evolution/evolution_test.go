package evolution

import (
	"math"
	"reflect"
	"slices"
	"testing"

	"github.com/MaxHalford/eaopt"

	"stco/explore/internal/coding"
	"stco/explore/internal/evaluation"
	"stco/explore/internal/seen"
	"stco/explore/internal/stream"
	"stco/explore/selection"
	"stco/space"
)

// book is a Ledger that keeps what it was told.
type book struct {
	room     int64
	repeated int64
	counted  [][]float64
	keys     []space.Key
}

func (b *book) Room() int64    { return b.room - int64(len(b.counted)) }
func (b *book) Repeat(n int64) { b.repeated += n }
func (b *book) Count(x, _, _ []float64, _ float64, key space.Key) error {
	b.counted, b.keys = append(b.counted, slices.Clone(x)), append(b.keys, key)
	return nil
}

// line has the objectives a and 1 - a + b, and the constraint a >= 0.5.
type line struct{}

func (line) Evaluate(x, f, g []float64) { f[0], f[1], g[0] = x[0], 1-x[0]+x[1], 0.5-x[0] }

func setup(t *testing.T, islands int, room int64, step float64) (Setup, *book) {
	t.Helper()
	s, err := space.New(space.Parameter{Name: "a", Min: 0, Max: 1, Step: step}, space.Parameter{Name: "b", Min: 0, Max: 1, Step: step})
	if err != nil {
		t.Fatal(err)
	}
	b := &book{room: room}
	return Setup{
		Space: s, Objectives: 2, Constraints: 1, Islands: islands, Size: 10, MigrationEvery: 3,
		Selector: func() selection.Selector { return &selection.Crowding{} },
		Root:     stream.NewRoot([]byte("k"), 1), Known: seen.New(1000),
		Workers: []evaluation.Worker{line{}, line{}}, Ledger: b,
	}, b
}

// TestGenerations: a generation evaluates as many designs as there are members,
// none twice, and leaves every island at its size; start designs come first, one
// to an island in turn; a budget cuts a generation to the design.
func TestGenerations(t *testing.T) {
	for _, islands := range []int{1, 3} {
		u, b := setup(t, islands, int64(35*islands)+1, 0)
		u.Start = [][]float64{{0.75, 0}, {0.25, 0.5}, {1, 1}}
		a := New(u)
		for n := range int64(4) {
			progressed, cut, err := a.Generation(n, n == 0)
			if err != nil || !progressed || cut != (n == 3) {
				t.Fatalf("generation %d: progressed %v, cut %v: %v", n, progressed, cut, err)
			}
			if want := min(int(n+1)*10*islands, 35*islands+1); len(b.counted) != want {
				t.Fatalf("%d evaluations after generation %d, want %d", len(b.counted), n, want)
			}
			for i, p := range a.Populations() {
				if len(p.members) != 10 || p.age != n+1 {
					t.Errorf("island %d has %d members and the age %d", i, len(p.members), p.age)
				}
			}
		}
		a.Close()
		at := 0
		for i := range islands {
			for k := i; k < len(u.Start); k += islands {
				if got := b.counted[at+(k-i)/islands]; !slices.Equal(got, u.Start[k]) {
					t.Errorf("design %d of island %d is %v, want %v", (k-i)/islands, i, got, u.Start[k])
				}
			}
			at += 10
		}
		for i, k := range b.keys {
			if slices.Contains(b.keys[:i], k) {
				t.Fatalf("%v was evaluated twice", b.counted[i])
			}
		}
	}
}

// TestUsedUp: on a grid of 3 x 3 nine designs are evaluated and no more.
func TestUsedUp(t *testing.T) {
	u, b := setup(t, 1, 1000, 0.5)
	a := New(u)
	defer a.Close()
	for n := range int64(6) {
		progressed, cut, err := a.Generation(n, n == 0)
		if err != nil || cut || progressed != (n == 0) {
			t.Fatalf("generation %d: progressed %v, cut %v: %v", n, progressed, cut, err)
		}
	}
	if len(b.counted) != 9 || b.repeated == 0 {
		t.Errorf("%d designs, %d repeated", len(b.counted), b.repeated)
	}
}

// members puts designs into the population of an island, as children.
func members(a *Archipelago, island int, rows ...[4]float64) {
	for _, r := range rows { // f1, f2, violation, fitness
		g := a.islands[island].take()
		g.f[0], g.f[1], g.violation, g.op = r[0], r[1], r[2], opFresh
		a.pops[island].Individuals = append(a.pops[island].Individuals, eaopt.Individual{Genome: g, Fitness: r[3], Evaluated: true})
	}
}

// TestStartHasNoChildren: start designs are not evaluated when the first
// generation is filled, so they are the parents of none in it, however many there
// are: the rest is what it is with one of them.
func TestStartHasNoChildren(t *testing.T) {
	start := [][]float64{{0.75, 0.01}, {0.23, 0.52}, {0.97, 0.99}, {0.11, 0.37}, {0.43, 0.61}, {0.61, 0.29}}
	rest := func(n int) [][]float64 {
		u, b := setup(t, 1, 10, 0)
		u.Start = start[:n]
		a := New(u)
		defer a.Close()
		if _, _, err := a.Generation(0, true); err != nil {
			t.Fatal(err)
		}
		if len(b.counted) != 10 {
			t.Fatalf("%d designs", len(b.counted))
		}
		return b.counted[n:]
	}
	one := rest(1)
	for n := 2; n <= len(start); n++ {
		if got := rest(n); !slices.EqualFunc(got, one[:10-n], slices.Equal[[]float64]) {
			t.Errorf("after %d start designs %v, want %v", n, got, one[:10-n])
		}
	}
}

// TestReduce keeps four of seven members, by hand: the front (1,3), (2,2), (3,1),
// then of the second front (2,3) and (3,3), which (2,3) dominates, the first. The
// violators go, though one dominates all.
func TestReduce(t *testing.T) {
	u, _ := setup(t, 1, 0, 0)
	u.Size = 4
	a := New(u)
	defer a.Close()
	members(a, 0, [4]float64{3, 3}, [4]float64{1, 3}, [4]float64{0, 0, 0.5}, [4]float64{2, 2}, [4]float64{2, 3}, [4]float64{3, 1}, [4]float64{9, 9, 0.25})
	a.islands[0].reduce(&a.pops[0])
	var got [][2]float64
	for _, m := range a.Populations()[0].members {
		got = append(got, [2]float64(m.F))
		rank := int64(0)
		if m.F[0] == 2 && m.F[1] == 3 {
			rank = 1
		}
		if want := float64(rank) + 1/(2+m.Crowding); m.Rank != rank || m.Fitness != want {
			t.Errorf("%v: rank %d, fitness %g, want %d, %g", m.F, m.Rank, m.Fitness, rank, want)
		}
	}
	if want := [][2]float64{{1, 3}, {2, 2}, {2, 3}, {3, 1}}; !slices.Equal(got, want) {
		t.Errorf("%v survive, want %v", got, want)
	}
	members(a, 0, [4]float64{7, 7, 3}, [4]float64{7, 8, 1}, [4]float64{7, 9, 2})
	a.islands[0].size = 6
	a.islands[0].reduce(&a.pops[0])
	var violations []float64
	for _, m := range a.Populations()[0].members {
		if m.Violation > 0 {
			violations = append(violations, m.Violation)
			if want := int64(1 + m.Violation); m.Rank != want || m.Fitness != 1e6+m.Violation {
				t.Errorf("violation %g: rank %d, fitness %g, want %d", m.Violation, m.Rank, m.Fitness, want)
			}
		}
	}
	if !slices.Equal(violations, []float64{1, 2}) {
		t.Errorf("violations %v survive, want 1 and 2", violations)
	}
}

// TestRing: after an exchange the worst member of an island is a copy of the best
// of the island before it, the first's of the last.
func TestRing(t *testing.T) {
	u, _ := setup(t, 3, 0, 0)
	a := New(u)
	defer a.Close()
	for i := range 3 {
		at := float64(10 * i)
		members(a, i, [4]float64{at, 0, 0, 2}, [4]float64{at + 1, 0, 0, 1}, [4]float64{at + 2, 0, 0, 3}, [4]float64{at + 3, 0, 0, 4})
	}
	check := func(want [3][4]float64) {
		t.Helper()
		for i, p := range a.Populations() {
			for k, m := range p.members {
				if m.F[0] != want[i][k] {
					t.Errorf("member %d of island %d is %g, want %g", k, i, m.F[0], want[i][k])
				}
			}
		}
	}
	for _, filling := range []bool{false, true} { // the first generation, and one that fills
		if a.filling = filling; filling {
			a.number = 3
		}
		ring{a}.Apply(a.pops, nil)
		check([3][4]float64{{0, 1, 2, 3}, {10, 11, 12, 13}, {20, 21, 22, 23}})
	}
	a.number, a.filling = 3, false
	ring{a}.Apply(a.pops, nil)
	check([3][4]float64{{1, 0, 2, 21}, {11, 10, 12, 1}, {21, 20, 22, 11}})
	if a.pops[0].Individuals[3].Fitness != 1 {
		t.Error("a traveller has another fitness")
	}
}

// TestRestored goes on from populations that were coded: everything is that of
// the archipelago that was not.
func TestRestored(t *testing.T) {
	u, b := setup(t, 2, 1000, 0)
	a := New(u)
	defer a.Close()
	run := func(a *Archipelago, from, to int64) {
		for n := from; n < to; n++ {
			if _, _, err := a.Generation(n, n == 0 || n == 5); err != nil {
				t.Fatal(err)
			}
		}
	}
	code := func(p []Population) func(*coding.Codec) {
		return func(c *coding.Codec) { coding.List(c, &p, 8, func(q *Population) { q.Code(c) }) }
	}
	run(a, 0, 4)
	data := coding.Encode("m", code(a.Populations()))
	other, c := setup(t, 2, 1000, 0)
	for _, k := range b.keys {
		other.Known.Add(k)
	}
	before := len(b.keys)
	run(a, 4, 9)
	var p []Population
	if err := coding.Decode("m", data, func(c *coding.Codec) { coding.List(c, &p, 8, func(q *Population) { q.Code(c) }) }); err != nil {
		t.Fatal(err)
	}
	r := New(other)
	defer r.Close()
	if err := r.Restore(p); err != nil {
		t.Fatal(err)
	}
	run(r, 4, 9)
	if !slices.Equal(c.keys, b.keys[before:]) || !reflect.DeepEqual(r.Populations(), a.Populations()) {
		t.Error("another search after restoring")
	}
	u.Islands = 3
	if three := New(u); three.Restore(p) == nil {
		t.Error("populations of another number of islands were taken")
	}
	p[1].members[0].G = nil
	if r := New(other); r.Restore(p) == nil {
		t.Error("a member without constraints was taken")
	}
}

// TestFeasible appends the members that violate nothing, of all islands.
func TestFeasible(t *testing.T) {
	u, _ := setup(t, 2, 0, 0)
	a := New(u)
	defer a.Close()
	members(a, 0, [4]float64{1, 2}, [4]float64{3, 4, 1}, [4]float64{5, 6, math.Inf(1)})
	members(a, 1, [4]float64{7, 8})
	if got := a.Feasible([]float64{0}); !slices.Equal(got, []float64{0, 1, 2, 7, 8}) {
		t.Error(got)
	}
}

// TestMeasure: the unit of an objective is one over its range among the parents;
// one where there is none, or no end to it. Children do not count.
func TestMeasure(t *testing.T) {
	u, _ := setup(t, 1, 0, 0)
	a := New(u)
	defer a.Close()
	is := a.islands[0]
	members(a, 0, [4]float64{-3, 7}, [4]float64{5, 7}, [4]float64{1, 7}, [4]float64{100, 100})
	is.parents = 3
	if is.measure(&a.pops[0]); is.unit[0] != 1.0/8 || is.unit[1] != 1 {
		t.Errorf("units %v, want 1/8 and 1", is.unit)
	}
	members(a, 0, [4]float64{math.Inf(1), 3})
	is.parents = 5
	if is.measure(&a.pops[0]); is.unit[0] != 1 || is.unit[1] != 1.0/97 {
		t.Errorf("units %v, want 1 and 1/97", is.unit)
	}
}

// TestOperators: the share of an operator moves by a tenth towards that of its
// children which survive, and stays when it made none; the probabilities follow
// the shares between a floor of 0.05 and, of the local one, a limit of 0.15.
func TestOperators(t *testing.T) {
	u, _ := setup(t, 1, 0, 0)
	a := New(u)
	defer a.Close()
	is := a.islands[0]
	before := is.share
	is.tried[opCross], is.kept[opCross] = 8, 2
	is.tried[opLocal] = 5
	is.learn()
	for op, s := range is.share {
		want := before[op]
		switch op {
		case opCross:
			want = 0.9*want + 0.1*2/8
		case opLocal:
			want *= 0.9
		}
		if math.Abs(s-want) > 1e-15 || is.tried[op] != 0 || is.kept[op] != 0 {
			t.Errorf("operator %d: share %v, want %v; %d tried, %d kept", op, s, want, is.tried[op], is.kept[op])
		}
	}
	u.Space = grid(t)
	is = New(u).islands[0]
	is.share[opLocal], is.share[opCross] = 3, 1
	is.weigh()
	p := func(op int) float64 {
		if op == 0 {
			return is.bounds[0]
		}
		return is.bounds[op] - is.bounds[op-1]
	}
	free := 1 - 0.05 - numOps*0.05 // of plain mutation, and the floors
	for op := range numOps {
		want := 0.05
		switch op {
		case opCross:
			want += free / 4
		case opLocal:
			want = 0.15
		}
		if math.Abs(p(op)-want) > 1e-12 {
			t.Errorf("operator %d has the probability %v, want %v", op, p(op), want)
		}
	}
	clear(is.share[:])
	is.weigh()
	if want := 0.05 + free/numOps; math.Abs(p(opCross)-want) > 1e-12 {
		t.Errorf("without shares crossing has the probability %v, want %v", p(opCross), want)
	}
}
