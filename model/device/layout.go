package device

import "math"

// transistorBox returns the sides of a bitcell's transistors: gate pitches
// along the bitline, fins and isolation along the wordline. Two gate pitches
// and two pitches of isolation are A = 2*CPP*(n+2)*FP (E39).
func transistorBox(gatePitches, gatePitch, fins, isolation, finPitch float64) (height, width float64) {
	return gatePitches * gatePitch, (fins + isolation) * finPitch
}

// channelBox returns the sides of the area that the SOT channel, the pillar and
// their routing take above the transistors (E40): along and across the channel.
func (p *Params) channelBox(c *Process) (along, across float64) {
	return max(p.channelLength()+p.SpaceSOT, 2*float64(c.MetalPitchX)),
		max(p.ChannelWidth+p.SpaceSOT, p.Diameter+p.SpaceMTJ, 2*float64(c.MetalPitchY))
}

// footprint returns the sides of the bitcell, along the bitline and along the
// wordline: in each direction the larger of the transistors and the channel
// box, the channel turned the way that needs less area. E39 and E40 take the
// larger area instead, which is the same where one box holds the other.
func (p *Params) footprint(c *Process, fins float64) (height, width float64) {
	along, across := p.channelBox(c)
	if p.Technology == STT {
		height, width = transistorBox(p.STTGatePitches, float64(c.GatePitch), fins, p.IsolationFins, float64(c.FinPitch))
		junction := p.Diameter + p.SpaceMTJ
		along, across = max(junction, 2*float64(c.MetalPitchX)), max(junction, 2*float64(c.MetalPitchY))
	} else {
		height, width = transistorBox(2, float64(c.GatePitch), fins, p.IsolationFins, float64(c.FinPitch))
		if p.Selector != FrontEnd {
			height *= 1 - p.SelectorSaving
		}
	}
	h1, w1 := math.Max(height, along), math.Max(width, across)
	h2, w2 := math.Max(height, across), math.Max(width, along)
	if h2*w2 < h1*w1 {
		return h2, w2
	}
	return h1, w1
}
