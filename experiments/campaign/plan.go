package campaign

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"stco/experiments/study"
	"stco/explore"
	"stco/space"
)

// Plan is what a campaign would do and take, without doing it.
type Plan struct {
	Parameters  int      // free ones
	Continuous  []string // of these, without a grid
	Designs     int64    // of the space; 0 when it is not finite, or more than 2^63
	Seeds       int
	Evaluations int64         // of all seeds; 0 without a limit
	Each        time.Duration // an evaluation on one core, mean of random designs
	Time        time.Duration // of the evaluations, on the workers; 0 without a limit
	Disk        int64         // bytes, at most; 0 without a limit
}

// planSample is the number of designs that are evaluated to measure the time.
const planSample = 2000

// NewPlan measures random designs of a study. The clock is the caller's.
func NewPlan(s *study.Study, workers int, now func() time.Time) (*Plan, error) {
	c, err := prepared(s)
	if err != nil {
		return nil, err
	}
	p := c.Problem
	sp := p.Decoder.Space
	c.warm()
	plan := &Plan{Seeds: s.Seeds, Designs: size(c.strata)}
	plan.Parameters, plan.Continuous = free(c.strata)
	e := study.Searched(p).NewEvaluator()
	rng := rand.New(rand.NewPCG(s.Seed, 0)) //nolint:gosec // a sample to time
	u, x := make([]float64, sp.Dim()), make([]float64, sp.Dim())
	f, g := make([]float64, len(p.Objectives)), make([]float64, p.NumConstraints())
	var started time.Time
	for k := range 2 * planSample {
		if k == planSample { // the first half fills caches
			started = now()
		}
		randomPoint(sp, rng, u, x)
		e.Evaluate(x, f, g)
	}
	plan.Each = now().Sub(started) / planSample
	each := c.budget()
	if each == 0 {
		return plan, nil
	}
	plan.Evaluations = each * int64(s.Seeds)
	plan.Time = time.Duration(float64(plan.Each) * float64(plan.Evaluations) / float64(max(workers, 1)))
	plan.Disk = int64(s.Seeds) * c.disk(each)
	return plan, nil
}

// overhead is what a search takes over the time of its evaluations: 2.1 to 2.9
// measured, of 300,000 and 100,000 evaluations with three objectives.
const overhead = 2.5

// ShardTime is an estimate of the time that a shard takes on so many processors,
// from the measured time of random designs; 0 without a limit of evaluations.
func (c *Campaign) ShardTime(workers int) (time.Duration, error) {
	p, err := NewPlan(c.Study, workers, c.opts.Now)
	if err != nil {
		return 0, err
	}
	return time.Duration(overhead * float64(p.Time) / float64(p.Seeds)), nil
}

// free counts the parameters that mean something for a stratum, technology and
// selector with several values among them, and names the continuous ones.
func free(strata []study.Stratum) (n int, continuous []string) {
	seen := map[string]bool{}
	for i := range strata {
		sp := strata[i].Problem.Decoder.Space
		for j := range sp.Dim() {
			name := sp.Parameter(j).Name
			if !seen[name] && sp.GridSize(j) == 0 {
				continuous = append(continuous, name)
			}
			seen[name] = true
		}
	}
	return len(seen), continuous
}

func randomPoint(s *space.Space, rng *rand.Rand, u, x []float64) {
	for i := range u {
		u[i] = rng.Float64()
	}
	s.Decode(u, x)
}

// disk bounds the bytes of a shard: the checkpoint with the keys of the designs
// it remembers, a line of the log for each generation and the members on some
// of them, and the tables of archive and front with as many designs as a search
// usually ends with.
func (c *Campaign) disk(evaluations int64) int64 {
	const (
		key, remembered = 16, 1 << 21
		line, number    = 250, 20
		batch           = 1 << 14 // of a grid
		tableRow        = 1200
		archived        = 3000
	)
	q := &c.Study.Search
	generation, keys := int64(q.Population*q.Islands), min(evaluations, remembered)*key
	if q.Algorithm == explore.Grid {
		generation, keys = batch, 0
	}
	steps := int64(step(evaluations))
	return keys + evaluations/generation*line + steps*mostMembers*number*int64(len(c.Study.Objectives)) + archived*tableRow
}

// Text describes the plan in lines of name and value.
func (p *Plan) Text() [][2]string {
	out := [][2]string{{"free parameters", strconv.Itoa(p.Parameters)}}
	if len(p.Continuous) > 0 {
		out = append(out, [2]string{"continuous", strings.Join(p.Continuous, ", ")})
	}
	designs := "not finite"
	if p.Designs > 0 {
		designs = strconv.FormatInt(p.Designs, 10)
	} else if len(p.Continuous) == 0 {
		designs = "more than 2^63"
	}
	out = append(out, [2]string{"designs", designs}, [2]string{"seeds", strconv.Itoa(p.Seeds)})
	out = append(out, [2]string{"time of an evaluation", p.Each.Round(100 * time.Nanosecond).String()})
	if p.Evaluations == 0 {
		return append(out, [2]string{"evaluations", "without a limit"})
	}
	return append(out, [2]string{"evaluations", strconv.FormatInt(p.Evaluations, 10)},
		[2]string{"time", "about " + p.Time.Round(max(time.Second/10, p.Time.Truncate(time.Minute)/100)).String()},
		[2]string{"disk", fmt.Sprintf("at most %.0f MB", math.Ceil(float64(p.Disk)/1e6))})
}
