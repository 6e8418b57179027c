package accel

import (
	"cmp"
	"slices"

	"stco/model/accel/schedule"
)

// Traffic returns the DRAM bytes of an iteration with a buffer of exactly this
// capacity: also between two grid capacities, where Table takes the lower.
func (p *Plan) Traffic(capacity int64) (float64, error) {
	k := -1
	if capacity < LeastCapacity || capacity >= gridBase { // between, as in an edge device: below the ladder
		var err error
		if k, err = GridIndex(capacity); err != nil {
			return 0, err
		}
	}
	var s []*schedule.Execution
	var err error
	if k >= 0 && GridCapacity(k) == capacity {
		s, err = p.schedule(k)
	} else {
		s, err = p.executions(capacity, 0, k)
	}
	if err != nil {
		return 0, err
	}
	p.settle()
	return s[0].Total(), nil
}

// Demand is a bandwidth in bytes per cycle.
type Demand struct{ Read, Write, DRAM float64 }

// DemandFor returns the bandwidths of buffer and DRAM that let steps with a
// share (0 to 1) of the cycles of the PE array run at its full speed; each is
// the least for its own resource.
func (t *Traffic) DemandFor(share float64) Demand {
	type asks struct{ cycles, perCycle float64 }
	quantile := func(of func(*load) float64) float64 {
		var list []asks
		total := 0.0
		for i := range t.loads {
			if l := &t.loads[i]; l.macs > 0 && l.cycles > 0 {
				list = append(list, asks{l.cycles * l.repeat, of(l) / l.cycles})
				total += l.cycles * l.repeat
			}
		}
		slices.SortStableFunc(list, func(a, b asks) int { return cmp.Compare(a.perCycle, b.perCycle) })
		sum := 0.0
		for _, a := range list {
			if sum += a.cycles; sum >= share*total {
				return a.perCycle
			}
		}
		return 0
	}
	return Demand{
		Read:  quantile(func(l *load) float64 { return l.read }),
		Write: quantile(func(l *load) float64 { return l.write }),
		DRAM:  quantile(func(l *load) float64 { return l.dram }),
	}
}
