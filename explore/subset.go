package explore

import (
	"container/heap"
	"slices"

	"stco/explore/pareto"
)

// gain is the hypervolume a member would add to the chosen ones: an upper
// bound, computed when stamp members were chosen.
type gain struct {
	member int
	volume float64
	stamp  int
}

type gains []gain

func (g gains) Len() int { return len(g) }
func (g gains) Less(i, j int) bool {
	return g[i].volume > g[j].volume || (g[i].volume == g[j].volume && g[i].member < g[j].member)
}
func (g gains) Swap(i, j int) { g[i], g[j] = g[j], g[i] }
func (g *gains) Push(x any)   { *g = append(*g, x.(gain)) }
func (g *gains) Pop() any {
	last := (*g)[len(*g)-1]
	*g = (*g)[:len(*g)-1]
	return last
}

// subset chooses at most k of the members by lazy greedy hypervolume subset
// selection (Minoux 1978; Chen, Ishibuchi and Shang 2021): hypervolume is
// submodular, so an old gain bounds the present one. It returns indices into
// slots, ascending.
func (e *engine) subset(slots []int32, k int) []int {
	all := make([]int, len(slots))
	for i := range all {
		all[i] = i
	}
	if len(slots) <= k {
		return all
	}
	lo, hi := make([]float64, e.m), make([]float64, e.m)
	if e.cfg.Ideal != nil {
		copy(lo, e.cfg.Ideal)
		copy(hi, e.cfg.Nadir)
	} else {
		e.archive.bounds(lo, hi)
	}
	points := make([]float64, 0, len(slots)*e.m)
	for _, s := range slots {
		for j, v := range e.archive.values(s) {
			if hi[j] > lo[j] {
				v = (v - lo[j]) / (hi[j] - lo[j])
			} else {
				v = 0
			}
			points = append(points, v)
		}
	}
	return greedy(points, e.m, e.ref, k)
}

func greedy(points []float64, m int, ref []float64, k int) []int {
	var v pareto.Volume
	queue := make(gains, 0, len(points)/m)
	for i := 0; i < len(points)/m; i++ {
		queue = append(queue, gain{i, v.Hypervolume(points[i*m:(i+1)*m], m, ref), 0})
	}
	heap.Init(&queue)
	var chosen []int
	var set, limited []float64
	for len(chosen) < k && len(queue) > 0 {
		top := queue[0]
		p := points[top.member*m : (top.member+1)*m]
		if top.stamp < len(chosen) {
			// What p adds: its own box less the part the chosen ones cover.
			limited = limited[:0]
			for i := 0; i < len(set); i += m {
				for j := range p {
					limited = append(limited, max(set[i+j], p[j]))
				}
			}
			own := v.Hypervolume(p, m, ref)
			queue[0].volume, queue[0].stamp = own-v.Hypervolume(limited, m, ref), len(chosen)
			heap.Fix(&queue, 0)
			continue
		}
		heap.Pop(&queue)
		chosen = append(chosen, top.member)
		set = append(set, p...)
	}
	slices.Sort(chosen)
	return chosen
}
