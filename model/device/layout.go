package device

import (
	"math"

	"stco/model/units"
)

// accessPitches returns the gate pitches that transistors of a number of
// fingers take along the bitline: a gate each, and for an odd number the broken
// end of the diffusion, of which an even number has none because its outer
// lines are shared with the neighbours (E39). Two gates are 2 pitches, one is
// 1.5 with a single break.
func accessPitches(fingers, broken float64) float64 {
	return fingers + broken*math.Mod(fingers, 2)
}

// transistors returns the sides of a bitcell's transistors along the bitline
// and the wordline: the write transistor in fingers, beside it the read
// transistor of a 2T1R cell, and the pitches of isolation (E39).
func (p *Params) transistors(c *Process, fingers, write, read float64, selector Selector) (height, width float64) {
	pitches := accessPitches(fingers, p.DiffusionBreak)
	fins := math.Ceil(write / fingers)
	if p.Technology == SOT && selector == FrontEnd {
		pitches = p.SharedArea * (pitches + accessPitches(1, p.DiffusionBreak))
		fins = max(fins, read)
	}
	return pitches * float64(c.GatePitch), (fins + p.IsolationFins) * float64(c.FinPitch)
}

// backEnd returns the sides of the area that pillar, channel and their routing
// take above the transistors, along and across the channel (E40).
func (p *Params) backEnd(c *Process) (along, across float64) {
	pillar := max(p.Diameter+p.SpaceMTJ, p.PitchRatio*p.Diameter)
	along, across = max(pillar, 2*float64(c.MetalPitchX)), max(pillar, 2*float64(c.MetalPitchY))
	if p.Technology == STT {
		return along, across
	}
	along, across = max(along, p.channelLength()+p.SpaceSOT), max(across, p.ChannelWidth+p.SpaceSOT)
	if p.FieldMode == HardMask && p.Field > 0 {
		along = max(along, p.MagnetWidth)
	}
	return along, across
}

// CellArea returns the footprint of a bitcell with transistors of given fins,
// and the gate pitches along the bitline (E39, E40).
func (p *Params) CellArea(c *Process, writeFins, readFins float64) (area units.Area, pitches float64) {
	f := p.footprint(c, writeFins, readFins)
	h, _ := p.transistors(c, f.fingers, writeFins, readFins, p.Selector)
	return units.Area(f.height * f.width), h / float64(c.GatePitch)
}

// footprint is the outline of a bitcell.
type footprint struct {
	height, width float64 // along the bitline and the wordline, m
	fingers       float64 // of the write transistor
	backEnd       bool    // channel or pillar are larger than the transistors in a direction
}

// footprint returns the outline: in each direction the larger of the
// transistors and of what stands above them, the channel turned the way that
// needs less area, with the number of fingers that needs least.
func (p *Params) footprint(c *Process, write, read float64) footprint {
	f := p.outline(c, write, read, p.Selector)
	if p.Technology == SOT && p.Selector != FrontEnd {
		// What the second transistor leaves is not all free: pillar, selector and
		// their wires need room too.
		full := p.outline(c, write, read, FrontEnd)
		f.width = max(f.width, p.SelectorArea*full.height*full.width/f.height)
	}
	return f
}

// outline returns the outline with a read selector.
func (p *Params) outline(c *Process, write, read float64, selector Selector) footprint {
	first, last := p.WriteFingers, p.WriteFingers
	switch {
	case p.Technology == STT:
		first, last = p.STTFingers, p.STTFingers
	case first == 0:
		first, last = 1, p.MostFingers
	}
	along, across := p.backEnd(c)
	best := footprint{height: math.Inf(1), width: 1}
	for fingers := first; fingers <= last; fingers++ {
		h, w := p.transistors(c, fingers, write, read, selector)
		f := footprint{height: max(h, along), width: max(w, across), fingers: fingers}
		if h2, w2 := max(h, across), max(w, along); h2*w2 < f.height*f.width {
			f.height, f.width = h2, w2
		}
		f.backEnd = f.height*f.width > h*w*(1+1e-9)
		if f.height*f.width < best.height*best.width {
			best = f
		}
	}
	return best
}
