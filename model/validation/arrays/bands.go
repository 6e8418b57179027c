package arrays

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"stco/model/tech"
)

// Median is the middle of our figure over theirs for one tool and cell.
type Median struct {
	Tool, Cell, Node string
	Quantity         Metric
	Rows             int
	Ratio            float64
	Same             float64 // on the tool's own subarrays, without the target area; NaN where it names none
	Deviation        int     // as in Compared
}

// Slope is the growth of a figure from the smallest to the largest capacity:
// the exponent of a power law through all of them.
type Slope struct {
	Cell, Node, Target string
	Flavour            tech.Flavour
	Quantity           Metric
	Ours, Low, High    float64 // Low and High: the tools' range
	Deviation          int
}

// Comparison is our figures beside those of the peers, judged by the bounds of
// docs/model-array.md.
type Comparison struct {
	Rows    []Peer
	Medians []Median
	Slopes  []Slope
	Trees   []Tree
}

// Tree is the middle of our time and energy of the H-tree over a tool's, on its
// subarrays and on the thick layers, without the target area.
type Tree struct {
	Tool, Cell, Node string
	Flavour          tech.Flavour
	Rows             int
	Time, Energy     float64
}

// The bounds of the comparison.
const (
	areaLow, areaHigh = 0.75, 1.33 // median area over each tool's
	bandFactor        = 1.5        // latency and energy: the tools' band widened
	leakFactor        = 2.0        // leakage, where the tools agree within as much
	slopeMargin       = 0.12
	densityMargin     = 0.20 // of published SRAM macros
	siliconBand       = 2.0  // other figures of published macros: upper end over lower end
)

// Validate compares our figures with the peers' and numbers what falls outside
// the bounds. A figure outside that no deviation explains has number -1.
func Validate(tables *tech.Tables, peers io.Reader) (*Comparison, error) {
	rows, err := ReadPeers(peers)
	if err != nil {
		return nil, err
	}
	c := &Comparison{Rows: rows}
	for i := range c.Rows {
		if err := c.Rows[i].compare(tables); err != nil {
			return nil, fmt.Errorf("line %d: %w", c.Rows[i].Line, err)
		}
	}
	for i := range c.Rows {
		r := &c.Rows[i]
		ours := values(&r.Ours)
		for q := range NumQuantities {
			r.Band[q] = c.band(r, q)
			if v := ours[q]; v < r.Band[q][0] || v > r.Band[q][1] {
				r.Deviation[q] = explain(Outside{Tool: r.Tool, Cell: r.Cell, Node: r.Node, Target: r.Target, Flavour: r.Flavour, CapacityMiB: r.CapacityMiB, Quantity: q, High: v > r.Band[q][1], Ratio: v / r.Values[q]})
			}
		}
	}
	c.medians()
	c.slopes()
	c.trees()
	return c, nil
}

// targets tells whether two runs optimised for the same: CACTI's weighted sum
// of delay, energy and area stands beside every target but the area.
func targets(a, b string) bool {
	weighted := func(s string) bool { return strings.HasPrefix(s, "w ") }
	return a == b || weighted(a) && b != "Area" || weighted(b) && a != "Area"
}

// family is the tool without its variants: DESTINY is NVSim's model.
func family(tool string) string {
	name, _, _ := strings.Cut(tool, "(")
	if name == "DESTINY" {
		return "NVSim"
	}
	return name
}

// band returns the limits of a figure: for latency and energy the range of the
// tools for the same cell, node, capacity and target, of the same flavour if
// more than one model ran it, widened; for leakage as the constants say.
func (c *Comparison) band(r *Peer, q Metric) [2]float64 {
	none := [2]float64{math.NaN(), math.NaN()}
	if q == QArea || math.IsNaN(r.Values[q]) {
		return none
	}
	span := func(anyFlavour bool) (lo, hi float64, families []string) {
		lo, hi = math.Inf(1), math.Inf(-1)
		for i := range c.Rows {
			o := &c.Rows[i]
			if o.Cell != r.Cell || o.Node != r.Node || o.CapacityMiB != r.CapacityMiB || math.IsNaN(o.Values[q]) {
				continue
			}
			if !anyFlavour && (o.Flavour != r.Flavour || o.Temperature != r.Temperature) || !targets(o.Target, r.Target) {
				continue
			}
			lo, hi = min(lo, o.Values[q]), max(hi, o.Values[q])
			if f := family(o.Tool); !slices.Contains(families, f) {
				families = append(families, f)
			}
		}
		return lo, hi, families
	}
	lo, hi, families := span(false)
	if q == QLeakage {
		if hi/lo <= leakFactor {
			return [2]float64{hi / leakFactor, lo * leakFactor}
		}
		return [2]float64{lo, hi}
	}
	if len(families) < 2 {
		lo, hi, _ = span(true)
	}
	return [2]float64{lo / bandFactor, hi * bandFactor}
}

func (c *Comparison) medians() {
	type key struct {
		tool, cell, node string
	}
	type sample struct{ ratios, same [NumQuantities][]float64 }
	var keys []key
	samples := map[key]*sample{}
	for i := range c.Rows {
		r := &c.Rows[i]
		k := key{r.Tool, r.Cell, r.Node}
		all := samples[k]
		if all == nil {
			all = &sample{}
			keys, samples[k] = append(keys, k), all
		}
		for q := range NumQuantities {
			if !math.IsNaN(r.Ratio[q]) {
				all.ratios[q] = append(all.ratios[q], r.Ratio[q])
			}
			if !math.IsNaN(r.Same[q]) && r.Target != "Area" {
				all.same[q] = append(all.same[q], r.Same[q])
			}
		}
	}
	for _, k := range keys {
		all := samples[k]
		for q := range NumQuantities {
			if len(all.ratios[q]) == 0 {
				continue
			}
			m := Median{
				Tool: k.tool, Cell: k.cell, Node: k.node, Quantity: q, Rows: len(all.ratios[q]),
				Ratio: median(all.ratios[q]), Same: median(all.same[q]),
			}
			if q == QArea && (m.Ratio < areaLow || m.Ratio > areaHigh) {
				m.Deviation = explain(Outside{Tool: k.tool, Cell: k.cell, Node: k.node, Quantity: q, High: m.Ratio > areaHigh, Ratio: m.Ratio})
			}
			c.Medians = append(c.Medians, m)
		}
	}
}

func median(v []float64) float64 {
	n := len(v)
	if n == 0 {
		return math.NaN()
	}
	slices.Sort(v)
	return (v[(n-1)/2] + v[n/2]) / 2
}

func (c *Comparison) slopes() {
	type key struct {
		cell, node, target string
		flavour            tech.Flavour
	}
	var keys []key
	for i := range c.Rows {
		r := &c.Rows[i]
		k := key{r.Cell, r.Node, r.Target, r.Flavour}
		if r.Banks == 1 && !slices.Contains(keys, k) {
			keys = append(keys, k)
		}
	}
	for _, k := range keys {
		for q := range NumQuantities {
			s := Slope{Cell: k.cell, Node: k.node, Target: k.target, Flavour: k.flavour, Quantity: q, Low: math.Inf(1), High: math.Inf(-1), Ours: math.NaN()}
			var tools []string
			for i := range c.Rows {
				r := &c.Rows[i]
				same := r.Cell == k.cell && r.Node == k.node && r.Flavour == k.flavour && r.Banks == 1 && targets(r.Target, k.target)
				if !same || slices.Contains(tools, r.Tool+r.Target) {
					continue
				}
				tools = append(tools, r.Tool+r.Target)
				theirs, ours, ok := c.growth(r, q)
				if !ok {
					continue
				}
				s.Low, s.High = min(s.Low, theirs), max(s.High, theirs)
				if r.Target == k.target {
					s.Ours = ours
				}
			}
			if math.IsNaN(s.Ours) {
				continue
			}
			if s.Ours < s.Low-slopeMargin || s.Ours > s.High+slopeMargin {
				s.Deviation = explain(Outside{Cell: k.cell, Node: k.node, Target: k.target, Flavour: k.flavour, Quantity: q, Slope: true, High: s.Ours > s.High})
			}
			c.Slopes = append(c.Slopes, s)
		}
	}
}

// growth fits the exponents of a tool's and of our figures over the capacities
// that a tool ran for one cell and target; ok needs 1 and 256 MiB among them.
func (c *Comparison) growth(first *Peer, q Metric) (theirs, ours float64, ok bool) {
	var x, y, z []float64
	for i := range c.Rows {
		r := &c.Rows[i]
		if r.Tool == first.Tool && r.Cell == first.Cell && r.Node == first.Node && r.Flavour == first.Flavour &&
			r.Target == first.Target && r.Banks == 1 && !math.IsNaN(r.Values[q]) {
			x = append(x, math.Log(r.CapacityMiB))
			y = append(y, math.Log(r.Values[q]))
			z = append(z, math.Log(values(&r.Ours)[q]))
		}
	}
	if len(x) < 3 || slices.Min(x) > 0 || slices.Max(x) < math.Log(256)-1e-9 {
		return 0, 0, false
	}
	return slope(x, y), slope(x, z), true
}

// slope is the least-squares slope of y over x.
func slope(x, y []float64) float64 {
	n := float64(len(x))
	var sx, sy, sxx, sxy float64
	for i := range x {
		sx += x[i]
		sy += y[i]
		sxx += x[i] * x[i]
		sxy += x[i] * y[i]
	}
	return (n*sxy - sx*sy) / (n*sxx - sx*sx)
}

func (c *Comparison) trees() {
	for i := range c.Rows {
		r := &c.Rows[i]
		same := func(p *Peer) bool {
			return p.Tool == r.Tool && p.Cell == r.Cell && p.Node == r.Node && p.Flavour == r.Flavour && p.Target != "Area" && !math.IsNaN(p.Tree[0])
		}
		if first := slices.IndexFunc(c.Rows, func(p Peer) bool { return same(&p) }); first != i {
			continue
		}
		var times, energies []float64
		for j := range c.Rows {
			if p := &c.Rows[j]; same(p) {
				times, energies = append(times, p.Tree[0]), append(energies, p.Tree[1])
			}
		}
		c.Trees = append(c.Trees, Tree{Tool: r.Tool, Cell: r.Cell, Node: r.Node, Flavour: r.Flavour, Rows: len(times), Time: median(times), Energy: median(energies)})
	}
}
