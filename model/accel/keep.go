package accel

import (
	"sync"
	"sync/atomic"

	"stco/model/accel/kept"
)

// keeper is the store of this process.
var keeper atomic.Pointer[kept.Store]

// Keep lets the plans that are made from now on take schedules from a store, and
// keep there what they find; nil: they find all themselves. What they give is the same.
func Keep(s kept.Store) {
	if s == nil {
		keeper.Store(nil)
		return
	}
	keeper.Store(&s)
}

// open returns the book of a plan; nil without a store.
func (p *Plan) open() *kept.Book {
	s := keeper.Load()
	if s == nil {
		return nil
	}
	// What decides about the schedules beside the program. How transfers overlap does not.
	describe := []any{p.array, p.opts.NoResidency, p.opts.Schedule, p.opts.Tiles, len(p.traces)}
	for _, t := range p.traces {
		describe = append(describe, t)
	}
	return kept.Open(*s, describe...)
}

// left are the books with something that is not saved yet.
var left struct {
	sync.Mutex
	books map[*kept.Book]bool
}

// mostLeft bounds the books that are held only to be saved.
const mostLeft = 32

// settle saves what the plan has found, now or with Flush.
func (p *Plan) settle() {
	b := p.book()
	if !b.Settle() {
		return
	}
	left.Lock()
	if left.books == nil {
		left.books = map[*kept.Book]bool{}
	}
	left.books[b] = true
	full := len(left.books) > mostLeft
	left.Unlock()
	if full {
		Flush()
	}
}

// Flush saves what plans have found and not saved yet, at the end of a process.
func Flush() {
	left.Lock()
	books := left.books
	left.books = nil
	left.Unlock()
	for b := range books {
		b.Save()
	}
}
