package kept

import (
	"bytes"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"stco/model/accel/residency"
	"stco/model/accel/schedule"
	"stco/model/workload"
)

type shelf struct {
	texts map[string][]byte
	sizes []int // executions of what was saved
}

func (s *shelf) Program() string { return "p" }
func (s *shelf) Load(name string) ([]byte, bool) {
	text, ok := s.texts[name]
	return text, ok
}

func (s *shelf) Save(name string, data []byte) {
	s.texts[name] = data
	if p, err := decode(data); err == nil {
		s.sizes = append(s.sizes, len(p.Capacities))
	}
}

// fill gives every field of a value that other packages see a random value, of
// lists some nil, some empty.
func fill(v reflect.Value, r *rand.Rand) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				fill(v.Field(i), r)
			}
		}
	case reflect.Array:
		for i := range v.Len() {
			fill(v.Index(i), r)
		}
	case reflect.Slice:
		if n := r.IntN(5); n > 0 {
			v.Set(reflect.MakeSlice(v.Type(), n-1, n-1))
			for i := range n - 1 {
				fill(v.Index(i), r)
			}
		}
	case reflect.Float64:
		v.SetFloat(math.Float64frombits(r.Uint64() &^ (1 << 52))) // no NaN: it is not equal to itself
	default:
		v.SetInt(int64(int32(r.Uint64())))
	}
}

// TestBinary checks that values come back with all their bits, and that no shorter
// or longer text is taken for one.
func TestBinary(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		var want, got page
		fill(reflect.ValueOf(&want).Elem(), r)
		b := appendValue(nil, reflect.ValueOf(want))
		in := reader{in: b}
		if in.read(reflect.ValueOf(&got).Elem()); in.err != nil || len(in.in) > 0 || !reflect.DeepEqual(got, want) {
			t.Fatalf("%v, %d bytes left: %+v is not %+v", in.err, len(in.in), got, want)
		}
		for range 20 {
			var cut page
			in := reader{in: b[:r.IntN(len(b))]}
			if in.read(reflect.ValueOf(&cut).Elem()); in.err == nil {
				t.Fatalf("the first bytes of %d are taken for all", len(b))
			}
		}
		if _, err := decode(append([]byte(magic), append(b, 0)...)); err == nil {
			t.Fatal("a byte too many is not seen")
		}
	}
	if _, err := decode([]byte("something else")); err == nil {
		t.Error("another file is read")
	}
}

// TestBooleans: what describes a trace may have conditions; false is not nothing.
func TestBooleans(t *testing.T) {
	for want, v := range map[string]bool{"\x00": false, "\x01": true} {
		if got := string(appendValue(nil, reflect.ValueOf(v))); got != want {
			t.Errorf("%v is %q, want %q", v, got, want)
		}
	}
}

// TestNumbersThatDoNotFit: the ends of an int32 are read, what is beyond is refused.
func TestNumbersThatDoNotFit(t *testing.T) {
	for v, fits := range map[int64]bool{math.MaxInt32: true, math.MinInt32: true, math.MaxInt32 + 1: false, math.MinInt32 - 1: false} {
		var got int32
		in := reader{in: appendValue(nil, reflect.ValueOf(v))}
		if in.read(reflect.ValueOf(&got).Elem()); (in.err == nil) != fits || fits && int64(got) != v {
			t.Errorf("%d is read as %d, %v", v, got, in.err)
		}
	}
}

// TestOrder: the same book is the same text: capacities and passes ascend.
func TestOrder(t *testing.T) {
	p, err := decode(filled(t).encode())
	if err != nil {
		t.Fatal(err)
	}
	if want := []Pass{{0, 2048}, {0, 4096}, {1, 4096}}; !slices.Equal(p.Passes, want) {
		t.Errorf("passes %v, want %v", p.Passes, want)
	}
}

// TestHostile checks that no text makes the reader panic or ask for much memory.
func TestHostile(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	b := filled(t).encode()
	for range 2000 {
		x := bytes.Clone(b)
		for range 1 + r.IntN(4) {
			x[len(magic)+r.IntN(len(x)-len(magic))] = byte(r.Uint32())
		}
		if p, err := decode(x); err == nil {
			p.fill(empty(&shelf{texts: map[string][]byte{}}))
		}
	}
}

func empty(s Store) *Book { return Open(s, int64(1)) }

// execution has a number of bytes.
func execution(total float64) *schedule.Execution {
	k := schedule.Kept{What: schedule.Execution{Outer: 2, Read: []float64{total, math.Copysign(0, -1)}, Live: [workload.NumClasses][]float64{{1}, nil, {}}}, Total: total}
	return k.Execution()
}

// filled is a book in which capacities share executions.
func filled(t *testing.T) *Book {
	t.Helper()
	b := empty(&shelf{texts: map[string][]byte{}})
	x, y := execution(5), execution(3)
	b.KeepExecutions(1<<20, []*schedule.Execution{y, x})
	b.KeepExecutions(1<<19, []*schedule.Execution{x})
	b.KeepExecutions(1<<10, nil)
	s := &residency.Schedule{Write: []float64{7}}
	b.KeepOnce(Pass{0, 4096}, s)
	b.KeepOnce(Pass{0, 2048}, nil)
	b.KeepOnce(Pass{1, 4096}, s)
	return b
}

// TestBook checks that a book read back has what was noted, what was shared is
// shared, and what does not fit is known not to.
func TestBook(t *testing.T) {
	b := filled(t)
	b.Save()
	c := empty(b.store)
	x, known := c.Executions(1 << 20)
	y, _ := c.Executions(1 << 19)
	if !known || len(x) != 2 || len(y) != 1 || x[1] != y[0] || x[0].Total() != 3 || x[1].Total() != 5 || math.Signbit(x[0].Read[1]) != true || x[0].Live[1] != nil || x[0].Live[2] == nil {
		t.Errorf("%+v, %+v", x, y)
	}
	if z, known := c.Executions(1 << 10); z != nil || !known {
		t.Errorf("what does not fit: %v, %v", z, known)
	}
	if _, known := c.Executions(1 << 21); known {
		t.Error("a capacity that was not asked for is known")
	}
	s, known := c.Once(Pass{1, 4096})
	u, _ := c.Once(Pass{0, 4096})
	if !known || s == nil || s != u || s.Write[0] != 7 {
		t.Errorf("%v, %v", s, u)
	}
	if s, known := c.Once(Pass{0, 2048}); s != nil || !known {
		t.Errorf("%v, %v", s, known)
	}
	if _, known := c.Once(Pass{2, 4096}); known {
		t.Error("a part that was not asked for is known")
	}
	if !bytes.Equal(c.encode(), b.encode()) {
		t.Error("the same book is written otherwise")
	}
	var none *Book
	none.KeepExecutions(1, nil)
	none.KeepOnce(Pass{}, nil)
	if none.Settle() {
		t.Error("no book has something left")
	}
	none.Save()
	if _, known := none.Executions(1); known {
		t.Error("no book knows something")
	}
	if _, known := none.Once(Pass{}); known {
		t.Error("no book knows something")
	}
}

// TestRefused checks that places that there are not are refused.
func TestRefused(t *testing.T) {
	for name, p := range map[string]page{
		"execution":     {Capacities: []int64{1}, Lists: [][]int32{{0}}},
		"below":         {Capacities: []int64{1}, Lists: [][]int32{{-1}}, Executions: make([]schedule.Kept, 1)},
		"schedule":      {Passes: []Pass{{}}, Places: []int32{0}},
		"below none":    {Passes: []Pass{{}}, Places: []int32{-2}},
		"no list":       {Capacities: []int64{1}},
		"no place":      {Passes: []Pass{{}}},
		"list too many": {Lists: [][]int32{{}}},
	} {
		if _, err := decode(appendValue([]byte(magic), reflect.ValueOf(p))); err == nil {
			t.Errorf("%s: not refused", name)
		}
	}
}

// TestSettle checks how often a process writes, and that two processes do not lose
// what the other has found.
func TestSettle(t *testing.T) {
	s := &shelf{texts: map[string][]byte{}}
	a, b := empty(s), empty(s)
	for i := range 20 {
		a.KeepExecutions(int64(i), nil)
		if left, all := a.Settle(), i == 0 || i == 2 || i == 6 || i == 14; left == all {
			t.Errorf("after %d: something is left: %v", i+1, left)
		}
	}
	if want := []int{1, 3, 7, 15}; !reflect.DeepEqual(s.sizes, want) {
		t.Errorf("saved with %v capacities, want %v", s.sizes, want)
	}
	b.KeepExecutions(100, nil)
	b.Settle()
	a.Save()
	a.Save()
	if want := []int{1, 3, 7, 15, 16, 21}; !reflect.DeepEqual(s.sizes, want) {
		t.Errorf("saved with %v capacities, want %v", s.sizes, want)
	}
	c := empty(s)
	if c.KeepExecutions(7, nil); c.fresh != 1 {
		t.Error("what is new is not counted")
	}
	if c.Save(); len(s.sizes) != 6 {
		t.Error("written although nothing is new to the store")
	}
}

// TestNames checks that books of different descriptions have different names.
func TestNames(t *testing.T) {
	s := &shelf{texts: map[string][]byte{}}
	type d struct {
		A string
		B []int64
		C *float64
		D bool
		E uint8
	}
	x := 1.5
	seen := map[string]bool{}
	all := [][]any{{d{}}, {d{A: "a"}}, {d{B: []int64{}}}, {d{B: []int64{1}}}, {d{C: &x}}, {d{D: true}}, {d{E: 3}}, {d{}, d{}}, {d{A: string(make([]byte, 1<<17))}, d{}}, {d{A: string(make([]byte, 1<<17))}, d{E: 1}}}
	for _, values := range all {
		seen[Open(s, values...).name] = true
	}
	if len(seen) != len(all) {
		t.Errorf("%d names of %d descriptions", len(seen), len(all))
	}
}
