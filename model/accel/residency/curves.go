package residency

import (
	"sync"

	"stco/model/accel/tiling"
	"stco/model/workload"
)

// stair is one execution of a nest: buffer space, and DRAM bytes read and
// written by operand group (two inputs, output).
type stair struct {
	space       float64
	read, write [3]float64
	total       float64 // of all groups
}

// curveKey identifies a tiling problem; equal layers share their curves.
type curveKey struct {
	nest      workload.Nest
	attention workload.Attention // of a fused attention, which has no nest
	gradient  bool
	bytes     [3]float64
	partial   float64
	resident  [3]bool
	slices    int
}

// Curves keeps the tiling curves of nests, each computed at most once, for
// all problems that share it. It is safe for concurrent use.
type Curves struct {
	mu sync.Mutex
	of map[curveKey]func() []stair
}

// NewCurves returns an empty store of curves.
func NewCurves() *Curves { return &Curves{of: map[curveKey]func() []stair{}} }

// get returns the curve of a key; it is computed when first called.
func (c *Curves) get(k *curveKey, groups [3]workload.Role) func() []stair {
	c.mu.Lock()
	defer c.mu.Unlock()
	if f, ok := c.of[*k]; ok {
		return f
	}
	key := *k
	f := sync.OnceValue(func() []stair {
		if key.attention != (workload.Attention{}) {
			return attentionStairs(&key)
		}
		points := tiling.Thin(tiling.Curve(&key.nest, &tiling.Conventions{
			ElemBytes: key.bytes, PartialBytes: key.partial, DoubleBuffer: true, Resident: key.resident, Slices: key.slices,
		}))
		stairs := make([]stair, len(points))
		for i := range points {
			stairs[i].space, stairs[i].total = float64(points[i].Space), float64(points[i].Total())
			for g, role := range groups {
				stairs[i].read[g], stairs[i].write[g] = float64(points[i].Read[role]), float64(points[i].Write[role])
			}
		}
		return stairs
	})
	c.of[key] = f
	return f
}

// group returns the operand group of a fused attention's operand: the first
// input is what has a row for every query, the second K and V. Scores that leave
// the chip are charged to the output.
func group(o tiling.AttentionOperand) int {
	switch o {
	case tiling.Query, tiling.ContextGrad, tiling.RowStatistics:
		return in0
	case tiling.Key, tiling.Value:
		return in1
	default:
		return out
	}
}

// statisticBytes is the size of a row statistic, float32.
const statisticBytes = 4

// attentionStairs returns the curve of a fused attention. Inputs and output
// have the roles of a forward nest.
func attentionStairs(key *curveKey) []stair {
	o := tiling.AttentionOptions{
		PartialBytes: key.partial, DoubleBuffer: true,
		ResidentQueries: key.resident[workload.Ifmap], ResidentKeys: key.resident[workload.Filter], ResidentResults: key.resident[workload.Ofmap],
	}
	for i := range o.ElemBytes {
		o.ElemBytes[i] = key.bytes[roles(workload.Ofmap)[group(tiling.AttentionOperand(i))]]
	}
	o.ElemBytes[tiling.RowStatistics] = statisticBytes
	o.ElemBytes[tiling.ContextGrad] = key.bytes[workload.Ofmap] // a gradient, as dQ, dK and dV
	points, err := tiling.Attention(&key.attention.Scores, &key.attention.Context, &o, key.gradient)
	if err != nil {
		return nil // prepare refuses what is no attention
	}
	stairs := make([]stair, len(points))
	for i := range points {
		p, s := &points[i], &stairs[i]
		s.space, s.total = float64(p.Space), float64(p.Total())
		for k := range p.Read {
			g := group(tiling.AttentionOperand(k))
			s.read[g] += float64(p.Read[k])
			s.write[g] += float64(p.Write[k])
		}
	}
	return stairs
}
