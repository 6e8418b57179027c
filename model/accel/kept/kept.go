// Package kept keeps the schedules of a plan from one process to the next. They
// are functions of the traces, the PE array and the program alone and take seconds
// to find, so that tasks of a campaign, or commands called one after the other,
// would otherwise find the same ones again and again.
package kept

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"sync"

	"stco/model/accel/residency"
	"stco/model/accel/schedule"
)

// Store keeps texts under names, as well as it can: what it has lost or finds
// damaged it does not have. It is safe for concurrent use.
type Store interface {
	// Program is the version of the program, a part of what names are made of;
	// "" where it is not known, and nothing is kept.
	Program() string
	Load(name string) ([]byte, bool)
	Save(name string, data []byte)
}

// Book holds the schedules of one plan. A nil Book keeps nothing.
type Book struct {
	store Store
	name  string

	mu         sync.Mutex
	executions map[int64][]*schedule.Execution // by capacity in bytes; an empty list where none fits
	once       map[Pass]*residency.Schedule    // nil where the smallest tile does not fit
	fresh      int                             // found since the last save
	saves      int
}

// Pass names steps that run once through a level before the buffer: the part of the
// batch, and the capacity of the level in bytes.
type Pass struct {
	Level    int
	Capacity int64
}

// Open returns the book of what some values describe, in which a store has what
// earlier processes found.
func Open(s Store, describe ...any) *Book {
	program := s.Program()
	if program == "" {
		return nil
	}
	h := sha256.New()
	b := appendValue(nil, reflect.ValueOf(program))
	for _, v := range describe {
		if b = appendValue(b, reflect.ValueOf(v)); len(b) > 1<<16 {
			_, _ = h.Write(b) // a hash takes all
			b = b[:0]
		}
	}
	_, _ = h.Write(b)
	k := &Book{store: s, name: hex.EncodeToString(h.Sum(nil)), executions: map[int64][]*schedule.Execution{}, once: map[Pass]*residency.Schedule{}}
	if data, ok := s.Load(k.name); ok {
		if page, err := decode(data); err == nil {
			page.fill(k)
		}
	}
	return k
}

// Executions returns the executions at a capacity, and whether they are known.
func (b *Book) Executions(capacity int64) (list []*schedule.Execution, known bool) {
	if b == nil {
		return nil, false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	list, known = b.executions[capacity]
	return list, known
}

// KeepExecutions notes the executions that were found at a capacity; none: nothing
// fits.
func (b *Book) KeepExecutions(capacity int64, list []*schedule.Execution) {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.executions[capacity] = list
	b.fresh++
}

// Once returns the schedule of steps that run once, and whether it is known; nil
// where the smallest tile does not fit.
func (b *Book) Once(p Pass) (s *residency.Schedule, known bool) {
	if b == nil {
		return nil, false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	s, known = b.once[p]
	return s, known
}

// KeepOnce notes the schedule of steps that run once.
func (b *Book) KeepOnce(p Pass, s *residency.Schedule) {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.once[p] = s
	b.fresh++
}

// Settle saves the book when what was found since the last time is worth it: at the
// first find of a process, then each time twice as many as before. So a process that
// is killed loses half at most, and writes a book a few times. It says whether
// something is left.
func (b *Book) Settle() bool {
	if b == nil {
		return false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.fresh >= 1<<b.saves {
		b.save()
	}
	return b.fresh > 0
}

// Save saves what was found since the last time.
func (b *Book) Save() {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.fresh > 0 {
		b.save()
	}
}

// save writes the book, with what another process has added meanwhile.
func (b *Book) save() {
	b.fresh = 0
	b.saves++
	if data, ok := b.store.Load(b.name); ok {
		if page, err := decode(data); err == nil {
			if page.fill(b); len(page.Capacities) == len(b.executions) && len(page.Passes) == len(b.once) {
				return // it has all
			}
		}
	}
	b.store.Save(b.name, b.encode())
}

// page is a book as it is written: every schedule once, although many capacities
// share it.
type page struct {
	Capacities []int64
	Lists      [][]int32 // by capacity: places among the executions
	Executions []schedule.Kept
	Passes     []Pass
	Places     []int32 // by pass: among the schedules; -1: does not fit
	Schedules  []residency.Schedule
}

const magic = "stco schedules 1\n"

// encode returns the written book in the order of capacities.
func (b *Book) encode() []byte {
	var p page
	places := map[*schedule.Execution]int32{}
	for _, c := range sorted(b.executions, func(c int64) [2]int64 { return [2]int64{c} }) {
		list := []int32{}
		for _, e := range b.executions[c] {
			at, known := places[e]
			if !known {
				at = int32(len(p.Executions))
				places[e] = at
				p.Executions = append(p.Executions, e.Keep())
			}
			list = append(list, at)
		}
		p.Capacities, p.Lists = append(p.Capacities, c), append(p.Lists, list)
	}
	of := map[*residency.Schedule]int32{nil: -1}
	for _, pass := range sorted(b.once, func(p Pass) [2]int64 { return [2]int64{int64(p.Level), p.Capacity} }) {
		s := b.once[pass]
		at, known := of[s]
		if !known {
			at = int32(len(p.Schedules))
			of[s] = at
			p.Schedules = append(p.Schedules, *s)
		}
		p.Passes, p.Places = append(p.Passes, pass), append(p.Places, at)
	}
	return appendValue([]byte(magic), reflect.ValueOf(p))
}

func decode(data []byte) (*page, error) {
	body, ok := bytes.CutPrefix(data, []byte(magic))
	if !ok {
		return nil, fmt.Errorf("no book of schedules")
	}
	p := &page{}
	r := &reader{in: body}
	r.read(reflect.ValueOf(p).Elem())
	switch {
	case r.err != nil:
		return nil, r.err
	case len(r.in) > 0:
		return nil, fmt.Errorf("%d bytes too many", len(r.in))
	case len(p.Lists) != len(p.Capacities) || len(p.Places) != len(p.Passes):
		return nil, fmt.Errorf("lists of unequal length")
	}
	for _, list := range p.Lists {
		for _, at := range list {
			if at < 0 || int(at) >= len(p.Executions) {
				return nil, fmt.Errorf("no execution %d", at)
			}
		}
	}
	for _, at := range p.Places {
		if at < -1 || int(at) >= len(p.Schedules) {
			return nil, fmt.Errorf("no schedule %d", at)
		}
	}
	return p, nil
}

// fill adds what a book does not have yet.
func (p *page) fill(b *Book) {
	executions := make([]*schedule.Execution, len(p.Executions))
	for i := range executions {
		executions[i] = p.Executions[i].Execution()
	}
	for i, c := range p.Capacities {
		if _, known := b.executions[c]; known {
			continue
		}
		var list []*schedule.Execution
		for _, at := range p.Lists[i] {
			list = append(list, executions[at])
		}
		b.executions[c] = list
	}
	for i, pass := range p.Passes {
		if _, known := b.once[pass]; known {
			continue
		}
		b.once[pass] = nil
		if at := p.Places[i]; at >= 0 {
			b.once[pass] = &p.Schedules[at]
		}
	}
}

// sorted returns the keys of a map in the order of two numbers.
func sorted[K comparable, V any](m map[K]V, of func(K) [2]int64) []K {
	return slices.SortedFunc(maps.Keys(m), func(a, b K) int {
		x, y := of(a), of(b)
		return cmp.Or(cmp.Compare(x[0], y[0]), cmp.Compare(x[1], y[1]))
	})
}
