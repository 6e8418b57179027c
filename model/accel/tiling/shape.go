package tiling

// shape is a pixel tile: a rectangle of some images, all tiles of which cover
// the batch. Counts are per filter (out) and per channel (in).
type shape struct {
	tiles           int64
	out, in         int64 // outputs and inputs of the largest tile
	nextOut, nextIn int64 // of these, not shared with the tile before
	sumOut, sumIn   int64 // over all tiles: halos moved again are counted again
	mapping         Mapping
}

// eachShape calls f with every pixel tile of every family.
func (s *search) eachShape(f func(t *shape, family uint8)) {
	if s.flat {
		s.flatShapes(f)
		return
	}
	rows, cols := s.h.tilings(), s.w.tilings()
	if s.slices {
		cols = cols[:1] // whole rows
	}
	s.strips(rows, cols, func(t *shape) { f(t, weightStationary) })
	// A stationary input tile keeps the halo of the input along the sweep, and
	// a stationary output tile that of the unfinished sums; a streamed operand
	// moves its halo again.
	s.rectangles(rows, cols, func(t *span, a *axis) {
		if !t.byInput {
			t.sumIn = a.Touched
		}
	}, func(t *shape) { f(t, inputStationary) })
	s.rectangles(rows, cols, func(t *span, a *axis) {
		if t.byInput {
			t.sumOut = a.Out
		}
	}, func(t *shape) { f(t, outputStationary) })
}

func (s *search) flatShapes(f func(t *shape, family uint8)) {
	t := shape{sumOut: s.pixels, sumIn: s.pixels}
	for i, m := range cuts(s.pixels) {
		t.tiles, t.mapping.M = m.n, m.size
		t.out, t.in, t.nextOut, t.nextIn = m.size, m.size, m.size, m.size
		if i == 0 {
			f(&t, weightStationary)
		}
		f(&t, outputStationary)
		f(&t, inputStationary)
	}
}

// rectangles calls f with the products of the tilings of the two image
// dimensions and of the batch, sweeping along either dimension; keep turns a
// tiling of the swept dimension into one whose stationary operand keeps the
// halo.
func (s *search) rectangles(rows, cols []span, keep func(*span, *axis), f func(*shape)) {
	images := cuts(s.n)
	var sh shape
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
			for i := range across {
				u := &across[i]
				for _, n := range images {
					// Several images at a time only with tiles that span one
					// dimension of the image.
					if n.size > 1 && t.n > 1 && u.n > 1 {
						break
					}
					sh = s.product(&t, u, n, sweepW)
					f(&sh)
				}
			}
		}
	}
}

// product returns the pixel tile of a swept tiling, one across, and a number of
// images.
func (s *search) product(t, u *span, images cut, sweepW bool) shape {
	n := images.size
	sh := shape{
		tiles: images.n * t.n * u.n,
		out:   n * t.out * u.out, in: n * t.in * u.in,
		nextOut: n * t.nextOut * u.out, nextIn: n * t.nextIn * u.in,
		sumOut: s.n * t.sumOut * u.sumOut, sumIn: s.n * t.sumIn * u.sumIn,
		mapping: Mapping{N: n, P: t.size, Q: u.size, InputRows: t.byInput, InputCols: u.byInput, SweepW: sweepW},
	}
	if m := &sh.mapping; sweepW {
		m.P, m.Q, m.InputRows, m.InputCols = u.size, t.size, u.byInput, t.byInput
	}
	return sh
}

// strips calls f with the sweeps of the image that a stationary filter tile
// uses: strip by strip, one row (or column) at a time, with a ring of input rows
// and single output pixels, or a ring of output rows and single input pixels.
func (s *search) strips(rows, cols []span, f func(*shape)) {
	one := cut{size: 1, n: s.n}
	var sh shape
	for _, sweepW := range []bool{false, true} {
		swept, across := &s.h, cols
		if sweepW {
			swept, across = &s.w, rows
		}
		for _, holdOut := range []bool{false, true} {
			r := swept.ring(holdOut)
			for i := range across {
				sh = s.product(&r, &across[i], one, sweepW)
				sh.mapping.HoldOut = holdOut
				// The operand that is not held passes pixel by pixel.
				if holdOut {
					sh.in, sh.nextIn = 1, 1
				} else {
					sh.out, sh.nextOut = 1, 1
				}
				f(&sh)
			}
		}
	}
}
