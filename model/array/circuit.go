package array

import (
	"math"

	"stco/model/tech"
	"stco/model/units"
)

// circuit holds the figures of a node at one temperature that no cell changes,
// as float64 in SI units. Widths are effective gate widths of n-channel
// transistors; an inverter has a p-channel transistor beta times as wide, so
// that both edges are equally fast.
type circuit struct {
	k   *tech.Circuits
	vdd float64

	rN        float64 // switching resistance times width, Ohm m
	rOn       float64 // linear-region resistance times width, Ohm m
	onCurrent float64 // A/m
	beta      float64
	cGate     float64 // F/m of one gate
	cDrain    float64
	cin       float64 // input capacitance of an inverter per n width, F/m
	cout      float64
	tau       float64 // ln2 rN cin, s
	par       float64 // parasitic delay over tau
	fo4       float64

	minWidth float64 // of an n-channel transistor in logic
	perWidth float64 // layout area per gate width, m
	matched  float64 // width of a transistor of a pair that meets the offset
	leak     float64 // supply current per total gate width of idle logic, A/m

	node  *tech.Node
	rHeat float64 // line resistance over that at 300 K
	cLine float64 // wordlines and bitlines, F/m
	wires [3]repeated
}

// The designs of a repeated line.
const (
	balancedWire = iota // least product of energy and delay
	fastWire            // least delay
	frugalWire          // least energy at up to twice the least delay
)

// repeated is a line with repeaters.
type repeated struct {
	delay float64 // s/m
	cap   float64 // switched, wire and repeaters, F/m
	width float64 // total gate width of the repeaters per m of line
}

const ln2 = math.Ln2

func newCircuit(n *tech.Node, k *tech.Circuits, t units.Temperature, layer tech.Wire) *circuit {
	c := &circuit{
		k: k, vdd: float64(n.Vdd), onCurrent: float64(n.OnCurrentAt(t)),
		beta: 1 / n.PDrive, cGate: float64(n.GateCap), cDrain: float64(n.DrainCap),
		node: n, rHeat: float64(n.ResistanceAt(n.Local, t) / n.Local.Resistance), cLine: float64(n.Local.Capacitance),
	}
	c.rN = n.ResistanceFactor * c.vdd / c.onCurrent
	c.rOn = n.LinearShare * c.vdd / c.onCurrent
	c.cin = c.cGate * (1 + c.beta)
	c.cout = c.cDrain * (1 + c.beta)
	c.tau = ln2 * c.rN * c.cin
	c.par = c.cout / c.cin
	c.fo4 = c.tau * (4 + c.par)
	c.minWidth = k.LogicFins * float64(n.FinWidth)
	if n.FinWidth == n.FinPitch {
		c.minWidth = k.LogicPlanar * float64(n.Feature)
	}
	// Pelgrom 1989: sigma = A/sqrt(W L) of a pair.
	sigma := float64(k.OffsetSigma)
	c.matched = math.Max(c.minWidth, n.Matching*n.Matching/(sigma*sigma*float64(n.GateLength)))
	c.perWidth = k.LayoutFactor * float64(n.FinPitch) / float64(n.FinWidth) * float64(n.GatePitch)
	// Either side of a gate is off half of the time; both leak the same by beta.
	c.leak = float64(n.OffCurrentAt(t))*k.StackFactor/(1+c.beta) + float64(n.GateLeakage)/2
	c.repeat(float64(n.ResistanceAt(layer, t)), float64(layer.Capacitance))
	return c
}

// lineResistance returns the resistance per m of wordlines or bitlines that
// share an extent of the cell with tracks-1 others.
func (c *circuit) lineResistance(extent, tracks float64) float64 {
	width := units.Length(extent / (2 * tracks))
	return c.rHeat * float64(c.node.ResistanceOfWidth(c.node.Local, width))
}

// repeat sizes and spaces the repeaters of a line of r and cw per m. Size and
// spacing are scanned on a fixed grid around the delay optimum
// h = sqrt(R0 cw/(r C0)), l = sqrt(R0 (C0+Cp) ln2/(0.38 r cw)) (Bakoglu 1990).
func (c *circuit) repeat(r, cw float64) {
	distributed := c.k.DistributedDelay
	size := math.Sqrt(c.rN * cw / (r * c.cin)) // n width
	space := math.Sqrt(c.rN * (c.cin + c.cout) * ln2 / (distributed * r * cw))
	var grid [18 * 51]repeated
	k := 0
	balanced, fast := &grid[0], &grid[0]
	for i := 3; i <= 20; i++ {
		h := size * float64(i) / 20
		in, out, drive := c.cin*h, c.cout*h, ln2*c.rN/h
		for j := 10; j <= 60; j++ {
			l := space * float64(j) / 20
			line := cw * l
			w := &grid[k]
			w.delay = (drive*(in+out+line) + r*l*(distributed*line+ln2*in)) / l
			w.cap = cw + (in+out)/l
			w.width = h * (1 + c.beta) / l
			if w.delay*w.cap < balanced.delay*balanced.cap {
				balanced = w
			}
			if w.delay < fast.delay {
				fast = w
			}
			k++
		}
	}
	frugal := fast
	for i := range grid {
		if w := &grid[i]; w.delay <= c.k.FrugalDelay*fast.delay && w.cap < frugal.cap {
			frugal = w
		}
	}
	c.wires = [3]repeated{balancedWire: *balanced, fastWire: *fast, frugalWire: *frugal}
}

// chain is a string of inverters of rising size between an input capacitance
// and a load.
type chain struct {
	delay float64 // without the load's own wire
	cap   float64 // switched: load, gates and drains
	width float64 // total gate width
}

// drive sizes a chain by logical effort (Sutherland 1999) with a stage effort
// near 4. effort is the logical effort of the first gate, above 1;
// last is the effort of the last stage, above 4 where its area counts more
// than its delay.
func (c *circuit) drive(load, in, effort, last float64) chain {
	driver := load / last // input capacitance of the last stage
	ch := chain{delay: c.tau * (last + c.par), cap: load}
	path := driver / in * effort
	if driver <= in {
		// The gate drives the load by itself: behind it the series of inverters
		// would shrink.
		f := load / in * effort
		return chain{delay: c.tau * (f + c.par*effort), cap: load + in*effort*(1+c.par), width: in * effort / c.cGate}
	}
	stages, f := stageEffort(path)
	sum := driver + effort*(driver-in)/(f-1)
	ch.delay += stages * c.tau * (f + c.par*effort)
	ch.cap += sum * (1 + c.par)
	ch.width = sum / c.cGate
	return ch
}

// stageEffort splits the effort of a path into the number of equal stages whose
// effort is nearest to 4 on a logarithmic scale.
func stageEffort(path float64) (stages, effort float64) {
	switch {
	case path <= 8:
		return 1, path
	case path <= 32:
		return 2, math.Sqrt(path)
	case path <= 128:
		return 3, math.Cbrt(path)
	case path <= 512:
		return 4, math.Sqrt(math.Sqrt(path))
	}
	stages = math.Round(math.Log2(path) / 2)
	return stages, math.Exp2(math.Log2(path) / stages)
}
