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
	nest     workload.Nest
	bytes    [3]float64
	partial  float64
	resident [3]bool
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
		points := thin(tiling.Curve(&key.nest, &tiling.Options{
			ElemBytes: key.bytes, PartialBytes: key.partial, DoubleBuffer: true, Resident: key.resident,
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

// thin keeps a point of a staircase only if it saves at least 2 % of the
// traffic of the last one kept; first and last always stay.
func thin(curve []tiling.Point) []tiling.Point {
	if len(curve) < 3 {
		return curve
	}
	kept := []tiling.Point{curve[0]}
	last := float64(curve[0].Total())
	for _, p := range curve[1 : len(curve)-1] {
		if t := float64(p.Total()); t < 0.98*last {
			kept, last = append(kept, p), t
		}
	}
	return append(kept, curve[len(curve)-1])
}
