// Package regimes holds the experiments on where SOT-MRAM pays and by how much:
// each searches the best SOT buffer under many circumstances and sets it beside
// the best SRAM buffers.
package regimes

import (
	"context"
	"strings"

	"stco/experiments/baselines"
	"stco/experiments/reproduction"
	"stco/experiments/reproduction/rivals"
	"stco/model"
	"stco/model/workload"
)

const (
	mib = 1 << 20
	mm2 = 1e-6
)

// flavours are those of the SRAM buffers.
func flavours() []string { return []string{"hp", "lop", "lstp"} }

// evaluations is the length of a search at one capacity. SRAM is enumerated, so
// that a search that is too short errs in favour of SRAM.
func evaluations(s *reproduction.Setting) int64 {
	return reproduction.Either[int64](s, 1500, 200)
}

// pair is an SOT buffer beside an SRAM buffer.
type pair struct {
	sot  *model.Report
	sram baselines.Baseline
}

// best returns the SOT buffer of the least product of energy and latency in a
// case of one capacity, with its baselines in every flavour, each of the least
// product; nil where no SOT buffer meets the limits.
func best(ctx context.Context, s *reproduction.Setting, c *rivals.Case) (*model.Report, []baselines.Baseline, error) {
	f, err := c.Thorough(ctx, rivals.Effort{Evaluations: evaluations(s), Seed: s.Seed, Workers: 1})
	if err != nil {
		return nil, nil, err
	}
	m := f.Least(rivals.Product, nil)
	if m == nil {
		return nil, nil, nil
	}
	r, err := c.Report(&m.Design)
	if err != nil {
		return nil, nil, err
	}
	all, err := beside(ctx, c, c.SRAM(ctx, 1), r)
	return r, all, err
}

// beside returns the baselines of a buffer in every flavour, each of the least
// product.
func beside(ctx context.Context, c *rivals.Case, sram *baselines.SRAMSearch, r *model.Report) ([]baselines.Baseline, error) {
	var all []baselines.Baseline
	for _, flavour := range flavours() {
		list, err := sram.Baselines(r, flavour)
		if err != nil {
			return nil, err
		}
		for i := range list {
			if list[i].Least != baselines.LeastEDP || !list[i].Found {
				continue
			}
			if strings.HasPrefix(list[i].Name, sameArea) {
				if err := c.Finer(ctx, r, &list[i]); err != nil {
					return nil, err
				}
			}
			all = append(all, list[i])
		}
	}
	return all, nil
}

// gains are those of a pair: whole, and of the memory alone.
func (p *pair) gains() (energy, latency, memoryEnergy, memoryLatency float64) {
	a, b := &p.sram.Report, p.sot
	return a.Energy / b.Energy, a.Latency / b.Latency, a.MemoryEnergy / b.MemoryEnergy, a.MemoryLatency / b.MemoryLatency
}

// temperatures are settings of a buffer that never gets warm, and of one that
// does.
func temperatures() map[string][]string {
	return map[string][]string{
		"300": {"t_cold=298.15K", "t_nominal=300K", "t_hot=300K"},
		"358": {"t_cold=298.15K", "t_nominal=300K", "t_hot=358.15K"},
	}
}

// training is the iteration that most experiments look at.
func training(s *reproduction.Setting) rivals.Iteration {
	n := reproduction.Either(s, rivals.Networks()[0], rivals.Net{Name: "squeezenet1_1", Family: "cv"})
	return n.Of(workload.Training, 16)
}
