package campaign

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	"stco/experiments/study"
	"stco/explore"
	"stco/results"
	"stco/results/store"
	"stco/space"
)

// Plan is what a campaign would do and take, without writing anything.
type Plan struct {
	Parameters  int      // free ones
	Continuous  []string // of these, without a grid
	Designs     int64    // of the space; 0 when it is not finite, or more than 2^63
	Seeds       int
	Scenarios   int           // 1 for a study without
	Evaluations int64         // of all shards; 0 without a limit
	Each        time.Duration // an evaluation on one core, mean of random designs
	// Tables, Search and Conclude are the time of the whole campaign, on the workers:
	// tables of traffic, the searches of all shards, and what follows them. Search is
	// 0 without a limit of evaluations.
	Tables, Search, Conclude time.Duration
	Limit                    time.Duration // of time, of the study; 0 without
	Disk                     int64         // bytes, at most; 0 without a limit of evaluations
}

// planSample is the number of random designs that are evaluated to measure the time.
const planSample = 2000

// rehearsal is how long the search of the first shard is tried. A longer one is
// taken to go on as in the second half of it.
const rehearsal = 4 * time.Second

// NewPlan measures random designs, builds the tables of the first scenario, begins
// its search, and concludes from what that finds: what the campaign does, for a few
// seconds. The clock is the caller's.
func NewPlan(ctx context.Context, s *study.Study, workers int, now func() time.Time) (*Plan, error) {
	plan, c, found, err := searched(ctx, s, workers, now)
	if err != nil || found == nil {
		return plan, err
	}
	conclude, err := c.rehearseEnd(ctx, found)
	plan.Conclude = conclude * time.Duration(plan.Scenarios)
	return plan, err
}

// searched plans all but the end, and returns what the rehearsal of the first shard
// found; nil without a limit of evaluations.
func searched(ctx context.Context, s *study.Study, workers int, now func() time.Time) (plan *Plan, c *Campaign, found *explore.Stratified, err error) {
	whole, err := prepared(s)
	if err != nil {
		return nil, nil, nil, err
	}
	whole.opts = Environment{Workers: workers, Now: now}
	plan = &Plan{Seeds: s.Seeds, Scenarios: max(len(s.Scenarios()), 1), Limit: time.Duration(float64(s.Search.Time) * float64(time.Second))}
	strata, err := s.Strata(whole.Problem)
	if err != nil {
		return nil, nil, nil, err
	}
	plan.Designs = size(strata)
	plan.Parameters, plan.Continuous = free(strata)
	if c, err = whole.in(0); err != nil {
		return nil, nil, nil, err
	}
	begun := now()
	c.warm()
	cfg := c.config(store.ShardInfo{Seed: s.Seed})
	plan.Tables = now().Sub(begun) * time.Duration(plan.Scenarios)
	plan.Each = c.timeOf(planSample)
	each := c.budget()
	if each == 0 {
		return plan, c, nil, nil
	}
	shards := plan.Seeds * plan.Scenarios
	plan.Evaluations = each * int64(shards)
	plan.Disk = int64(shards) * c.disk(each)
	search, found, err := c.rehearse(ctx, cfg)
	if err != nil {
		return nil, nil, nil, err
	}
	plan.Search = search * time.Duration(shards)
	return plan, c, found, nil
}

// Time is that of the whole campaign; 0 without any limit.
func (p *Plan) Time() time.Duration {
	switch {
	case p.Search == 0 && p.Limit == 0:
		return 0
	case p.Limit > 0 && (p.Search == 0 || p.Tables+p.Search > p.Limit):
		return p.Limit + p.Conclude
	}
	return p.Tables + p.Search + p.Conclude
}

// timeOf is the time of an evaluation, the mean of so many random designs.
func (c *Campaign) timeOf(sample int) time.Duration {
	sp := c.Problem.Decoder.Space
	e := study.Searched(c.Problem).NewEvaluator()
	rng := rand.New(rand.NewPCG(c.Study.Seed, 0)) //nolint:gosec // a sample to time
	u, x := make([]float64, sp.Dim()), make([]float64, sp.Dim())
	f, g := make([]float64, len(c.Problem.Objectives)), make([]float64, c.Problem.NumConstraints())
	var started time.Time
	for k := range 2 * sample {
		if k == sample { // the first half fills caches
			started = c.opts.Now()
		}
		randomPoint(sp, rng, u, x)
		e.Evaluate(x, f, g)
	}
	return c.opts.Now().Sub(started) / time.Duration(sample)
}

// rehearse begins a search and returns the time that the whole of it takes, from
// the pace of the second half of what was tried.
func (c *Campaign) rehearse(ctx context.Context, cfg explore.Config) (time.Duration, *explore.Stratified, error) {
	type moment struct {
		spent time.Duration
		made  int64
	}
	begun := c.opts.Now()
	spent := func() time.Duration { return c.opts.Now().Sub(begun) }
	cfg.Stop = func() bool { return spent() >= rehearsal }
	var way []moment
	r, err := explore.RunStrata(ctx, c.parts(), cfg, nil, func(_ int, p *explore.Progress, _ func() ([]byte, error)) error {
		way = append(way, moment{spent(), p.Evaluations})
		return nil
	})
	if err != nil {
		return 0, nil, err
	}
	took := spent()
	if r.Reason != explore.Stopped || len(way) < 2 {
		return took + time.Duration(float64(took)*float64(c.closing())/float64(max(r.Evaluations, 1))), r, nil
	}
	if cause := context.Cause(ctx); cause != nil {
		return 0, nil, cause
	}
	last := way[len(way)-1]
	half := way[slices.IndexFunc(way, func(m moment) bool { return m.spent >= last.spent/2 })]
	if half.made == last.made {
		half = way[0]
	}
	pace := float64(last.spent-half.spent) / float64(max(last.made-half.made, 1))
	return took + time.Duration(pace*float64(max(c.budget()-last.made, 0))), r, nil
}

// rehearseEnd concludes from what a search found and returns the time that takes; 0
// where it found nothing.
func (c *Campaign) rehearseEnd(ctx context.Context, r *explore.Stratified) (time.Duration, error) {
	front, archive, err := c.tables(r, c.Study.Seed)
	if err != nil || len(front.Rows) == 0 {
		return 0, err
	}
	begun := c.opts.Now()
	err = c.judge(ctx, &Summary{Front: front, Limits: c.limits(r)}, []*results.Table{archive})
	return c.opts.Now().Sub(begun), err
}

// ShardTime is an estimate of the time that a shard takes on so many processors; 0
// without a limit of evaluations.
func (c *Campaign) ShardTime(ctx context.Context, workers int) (time.Duration, error) {
	p, _, _, err := searched(ctx, c.Study, workers, c.opts.Now)
	if err != nil || p.Search == 0 {
		return 0, err
	}
	return p.Tables/time.Duration(p.Scenarios) + p.Search/time.Duration(p.Seeds*p.Scenarios), nil
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
	if p.Scenarios > 1 {
		out = append(out, [2]string{"scenarios", strconv.Itoa(p.Scenarios)})
	}
	out = append(out, [2]string{"time of an evaluation", p.Each.Round(100 * time.Nanosecond).String()})
	round := func(d time.Duration) string {
		if d < time.Second {
			return d.Round(time.Millisecond).String()
		}
		return d.Round(max(time.Second/10, d.Truncate(time.Minute)/100)).String()
	}
	if p.Evaluations == 0 {
		out = append(out, [2]string{"evaluations", "without a limit"})
	} else {
		out = append(out, [2]string{"evaluations", strconv.FormatInt(p.Evaluations, 10)})
	}
	if t := p.Time(); t > 0 {
		out = append(out, [2]string{"time", fmt.Sprintf("about %s (tables %s, searches %s, conclusions %s); less where the searches come to rest before", round(t), round(p.Tables), round(p.Search), round(p.Conclude))})
	}
	if p.Disk > 0 {
		out = append(out, [2]string{"disk", fmt.Sprintf("at most %.0f MB", math.Ceil(float64(p.Disk)/1e6))})
	}
	return out
}
