package tiling

import "stco/model/accel/window"

// shape is a pixel tile: a rectangle of some images, all tiles of which cover
// the batch. Counts are per filter (out) and per channel (in).
type shape struct {
	tiles           int64
	out, in         int64 // outputs and inputs of the largest tile
	nextOut, nextIn int64 // of these, not shared with the tile before
	sumOut, sumIn   int64 // over all tiles: halos moved again are counted again
	mapping         Mapping
}

// hold returns the space of a tile, with what replaces it when it must be there
// at the same time.
func (*shape) hold(size, next int64, double bool) int64 {
	if double {
		return size + next
	}
	return size
}

// outputShapes appends the pixel tiles with a stationary output tile: the halo
// of unfinished sums may stay in the buffer along the sweep, the halo of the
// streamed input may not.
func (s *search) outputShapes() {
	if s.flat {
		for _, m := range sizes(s.pixels) {
			s.shapes = append(s.shapes, shape{
				tiles: window.CeilDiv(s.pixels, m), out: m, in: m, nextOut: m, nextIn: m,
				sumOut: s.pixels, sumIn: s.pixels, mapping: Mapping{M: m},
			})
		}
		return
	}
	s.rectangles(func(t *span, a *axis) {
		if t.byInput {
			t.sumOut, t.keepsOutHalo = a.Out, true
		}
	})
}

// inputShapes appends the pixel tiles with a stationary input tile: the input
// halo stays in the buffer along the sweep.
func (s *search) inputShapes() {
	s.rectangles(func(t *span, a *axis) {
		if !t.byInput {
			t.sumIn = a.Touched
		}
	})
}

// rectangles appends the products of the tilings of the two image dimensions,
// sweeping along either; keep turns a tiling of the swept dimension into one
// whose stationary operand keeps the halo.
func (s *search) rectangles(keep func(*span, *axis)) {
	rows, cols := s.h.tilings(nil), s.w.tilings(nil)
	for _, sweepW := range []bool{false, true} {
		swept, across, a := rows, cols, &s.h
		if sweepW {
			swept, across, a = cols, rows, &s.w
		}
		for _, t := range swept {
			plain := t
			keep(&t, a)
			if sweepW && t.sumIn == plain.sumIn && t.sumOut == plain.sumOut {
				continue // the same tile was found sweeping along the height
			}
			if t.n == 1 {
				t.nextIn, t.nextOut = t.in, t.out
			}
			for _, u := range across {
				s.images(&t, &u, sweepW)
			}
		}
	}
}

// images appends the products of a rectangle with numbers of images: several
// images at a time only with tiles that span one dimension of the image.
func (s *search) images(t, u *span, sweepW bool) {
	for _, n := range sizes(s.n) {
		if n > 1 && t.n > 1 && u.n > 1 {
			break
		}
		blocks := window.CeilDiv(s.n, n)
		sh := shape{
			tiles: blocks * t.n * u.n,
			out:   n * t.out * u.out, in: n * t.in * u.in,
			nextOut: n * t.nextOut * u.out, nextIn: n * t.nextIn * u.in,
			sumOut: s.n * t.sumOut * u.sumOut, sumIn: s.n * t.sumIn * u.sumIn,
		}
		sh.mapping = Mapping{N: n, P: t.size, Q: u.size, SweepW: sweepW, KeepOut: t.keepsOutHalo}
		if sweepW {
			sh.mapping.P, sh.mapping.Q = u.size, t.size
		}
		s.shapes = append(s.shapes, sh)
	}
}

// strips appends the sweeps of the image, strip by strip, one row (or column)
// at a time, that a stationary filter tile uses.
func (s *search) strips() {
	if s.flat {
		s.shapes = append(s.shapes, shape{
			tiles: s.pixels, out: 1, in: 1, nextOut: 1, nextIn: 1,
			sumOut: s.pixels, sumIn: s.pixels, mapping: Mapping{M: 1},
		})
		return
	}
	rows, cols := s.h.tilings(nil), s.w.tilings(nil)
	for _, sweepW := range []bool{false, true} {
		swept, across := &s.h, cols
		if sweepW {
			swept, across = &s.w, rows
		}
		for _, keepOut := range []bool{false, true} {
			if keepOut && !swept.HasHalo() {
				continue
			}
			r := swept.ring(keepOut)
			for _, u := range across {
				// The operand without a ring is streamed pixel by pixel.
				if keepOut {
					u.in = 1
				} else {
					u.out = 1
				}
				sh := shape{
					tiles: s.n * u.n,
					out:   r.out * u.out, in: r.in * u.in,
					nextOut: r.nextOut * u.out, nextIn: r.nextIn * u.in,
					sumOut: s.n * r.sumOut * u.sumOut, sumIn: s.n * r.sumIn * u.sumIn,
				}
				sh.mapping = Mapping{N: 1, P: 1, Q: u.size, SweepW: sweepW, KeepOut: keepOut}
				if sweepW {
					sh.mapping.P, sh.mapping.Q = u.size, 1
				}
				s.shapes = append(s.shapes, sh)
			}
		}
	}
}
