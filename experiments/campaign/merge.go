package campaign

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"sync"
	"sync/atomic"

	"stco/experiments/answer"
	"stco/experiments/baselines"
	"stco/experiments/designs"
	"stco/experiments/inspect"
	"stco/model"
	"stco/results"
	"stco/results/csv"
	"stco/results/store"
	"stco/results/store/claims"
	"stco/results/store/disk"
)

// Summary is what a finished campaign prints.
type Summary struct {
	Front         *results.Table // every design of the answer, knobs and metrics, with the SRAM buffer that dominates it
	SRAM          *results.Table // the enumerated SRAM buffers that no other one beats
	Fronts        *results.Table // of each technology by itself
	Technologies  *results.Table // beside each other
	Shares        *results.Table // of each technology in the joint front along the objectives
	Regimes       *results.Table // of several scenarios: where each technology pays; nil for one
	Ladder        *results.Table // the best buffer of every technology under each area
	Verdict       *results.Table // sentences
	Doubts        *results.Table // knobs on their bounds, warnings of the model
	Baselines     *results.Table // SRAM buffers beside the knee
	Gains         *results.Table
	Decomposition *results.Table
	Parts         *results.Table // the decomposition over all workloads, with shares
	Limits        *results.Table // how often each was missed
	Dir           string         // of the run
	Machine       string         // what the buffers serve
	Seeds         int            // merged into the front
	Scenarios     int            // of the study; 0 without
	Empty         []string       // shards without a feasible design
	Evaluations   int64          // of all seeds, with those before a resume
	Infeasible    int64          // evaluated designs that miss a limit
	Duplicates    int64          // proposals that were known and not evaluated again
	Files         []string       // paths of what was written
	Notes         []string       // what could not be made, and why
}

// parts is the number of archives that are joined at a time.
const parts = 64

// read adds up what the searches of the shards of a scenario did, one of so many,
// and returns their archives: of many shards what is left of them where the
// conclusions are the same.
func (c *Campaign) read(s *Summary, scenario, of int) (archives []*results.Table, err error) {
	var shards []int
	for i := range c.Run.Info().Shards {
		if i%of == scenario {
			shards = append(shards, i)
		}
	}
	s.Seeds = len(shards)
	var limits []*results.Table
	for len(shards) > 0 {
		n := min(parts, len(shards))
		ended, err := c.readEach(shards[:n])
		if err != nil {
			return nil, err
		}
		for k, e := range ended {
			if len(e.archive.Rows) == 0 {
				s.Empty = append(s.Empty, c.Run.Info().Shards[shards[k]].Name)
			}
			archives, limits = append(archives, e.archive), append(limits, e.limits)
			s.Evaluations += e.last.Evaluations
			s.Infeasible += e.last.Infeasible
			s.Duplicates += e.last.Duplicates
		}
		shards = shards[n:]
		if archives, err = c.thinned(archives); err != nil {
			return nil, err
		}
	}
	s.Limits = addLimits(limits, s.Evaluations)
	return archives, nil
}

// thinned joins archives once they are many, and leaves out the rows on which no
// conclusion depends.
func (c *Campaign) thinned(archives []*results.Table) ([]*results.Table, error) {
	if len(archives) <= parts {
		return archives, nil
	}
	joined, err := results.Concat(store.ArchiveTable, archives...)
	if err == nil {
		joined, err = answer.Thin(joined, c.Study.Views(), c.judged())
	}
	return []*results.Table{joined}, err
}

// each does something for every number below n, several at once.
func (c *Campaign) each(n int, do func(k int)) {
	var next atomic.Int64
	var wait sync.WaitGroup
	for range max(c.opts.Workers, 1) {
		wait.Go(func() {
			for k := int(next.Add(1)) - 1; k < n; k = int(next.Add(1)) - 1 {
				do(k)
			}
		})
	}
	wait.Wait()
}

// ended is what a merge takes from a shard.
type ended struct {
	archive, limits *results.Table
	last            store.Generation
	err             error
}

// readEach reads shards that are done, several at once.
func (c *Campaign) readEach(shards []int) ([]ended, error) {
	out := make([]ended, len(shards))
	c.each(len(shards), func(k int) { out[k] = c.readOne(shards[k]) })
	for k := range out {
		if err := out[k].err; err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (c *Campaign) readOne(i int) (e ended) {
	if e.archive, e.err = c.Run.ReadShardTable(i, store.ArchiveTable); e.err != nil {
		return e
	}
	if e.limits, e.err = c.Run.ReadShardTable(i, store.LimitsTable); e.err != nil {
		return e
	}
	end, err := c.Run.Ended(i)
	if err != nil || end != nil && end.Last.Number > 0 {
		if e.err = err; err == nil {
			e.last = end.Last
		}
		return e
	}
	p, err := c.Run.Progress(i) // it says no more how it ended, or never did
	if n := len(p.Generations); n > 0 {
		e.last = p.Generations[n-1]
	}
	e.err = err
	return e
}

// mergeClaimed merges while no other process does.
func (c *Campaign) mergeClaimed(ctx context.Context) (s *Summary, err error) {
	err = c.holding(ctx, mergeClaim, func(*claims.Claim) error {
		s, err = c.merge(ctx)
		return err
	})
	return s, err
}

// merge joins the archives of the shards and writes the tables, sets the
// highlights beside their baselines, and draws figures; all for each scenario.
func (c *Campaign) merge(ctx context.Context) (*Summary, error) {
	n := max(len(c.Study.Scenarios()), 1)
	all := make([]*Summary, n)
	archives := make([][]*results.Table, n)
	for i := range all {
		s := &Summary{Dir: c.Run.Dir()}
		var err error
		if archives[i], err = c.read(s, i, n); err != nil {
			return nil, err
		}
		if s.Front, err = c.front(s.Seeds, archives[i], i); err != nil {
			return nil, err
		}
		all[i] = s
	}
	total := c.together(all)
	total.Machine = c.Study.Setup.MachineText()
	note, err := c.platforms()
	if err != nil {
		return nil, err
	}
	// What the search found is on disk before anything else can fail.
	if err := c.write(total, total.Front, total.Limits); err != nil {
		return nil, err
	}
	if len(total.Front.Rows) == 0 {
		if err := c.Run.WriteManifest(); err != nil {
			return nil, err
		}
		return nil, infeasible(all[0].Limits, all[0].Evaluations)
	}
	for i, s := range all {
		if len(s.Front.Rows) == 0 {
			continue
		}
		one, err := c.in(i)
		if err == nil {
			err = one.judge(ctx, s, archives[i])
		}
		if err != nil {
			return nil, err
		}
	}
	c.phase("writing tables and figures")
	files := total.Files
	total = c.together(all)
	total.Files = files
	if note != "" {
		total.Notes = append(total.Notes, note)
	}
	if err := c.write(total, total.tables()...); err != nil {
		return nil, err
	}
	if n > 1 {
		return total, c.Run.WriteManifest()
	}
	if err := c.figures(total); err != nil {
		if errors.As(err, new(*disk.IOError)) {
			return nil, err
		}
		total.Notes = append(total.Notes, fmt.Sprintf("no figure: %v", err))
	}
	return total, c.Run.WriteManifest()
}

// named is a table of a summary by the name of its file.
type named struct {
	name  string
	table **results.Table
}

// named lists the tables of a summary, in the order in which they are written.
func (s *Summary) named() []named {
	return []named{
		{store.FrontTable, &s.Front},
		{store.LimitsTable, &s.Limits},
		{designs.SRAMTable, &s.SRAM},
		{"fronts", &s.Fronts},
		{"technologies", &s.Technologies},
		{"shares", &s.Shares},
		{"regimes", &s.Regimes},
		{"ladder", &s.Ladder},
		{"verdict", &s.Verdict},
		{"doubts", &s.Doubts},
		{"baselines", &s.Baselines},
		{"gains", &s.Gains},
		{"decomposition", &s.Decomposition},
		{"parts", &s.Parts},
	}
}

// tables are those of a summary that there are.
func (s *Summary) tables() []*results.Table {
	var out []*results.Table
	for _, n := range s.named() {
		if *n.table != nil {
			out = append(out, *n.table)
		}
	}
	return out
}

// together joins the summaries of the scenarios.
func (c *Campaign) together(all []*Summary) *Summary {
	if c.Study.Scenarios() == nil {
		return all[0]
	}
	out := &Summary{Dir: c.Run.Dir(), Seeds: c.Study.Seeds, Scenarios: len(all)}
	for i, name := range c.Study.Scenarios() {
		s := all[i]
		out.Evaluations += s.Evaluations
		out.Infeasible += s.Infeasible
		out.Duplicates += s.Duplicates
		out.Empty = append(out.Empty, s.Empty...)
		for _, n := range s.Notes {
			out.Notes = append(out.Notes, name.Name+": "+n)
		}
	}
	for at, n := range out.named() {
		tables := make([]*results.Table, len(all))
		some := false
		for i, s := range all {
			tables[i] = *s.named()[at].table
			some = some || tables[i] != nil
		}
		if some {
			*n.table = inspect.Stack(c.Study, tables)
		}
	}
	return out
}

// judge concludes from what the search of a scenario found.
func (c *Campaign) judge(ctx context.Context, s *Summary, archives []*results.Table) error {
	c.phase("concluding: SRAM buffers of the same space, ladder, verdict")
	search := baselines.NewSRAMSearch(ctx, c.Model, c.Study, c.opts.Workers).In(c.Problem)
	free, err := c.conclude(s, archives, search)
	if err != nil {
		return err
	}
	c.phase("concluding: gains over baselines, doubts about the device")
	list := answer.Highlights(s.Front, free, s.SRAM)
	for _, h := range list {
		s.Front.SetLabel(h.Row, h.Name)
	}
	if err := c.compare(s, list, search); err != nil {
		return err
	}
	s.Parts, err = answer.Parts(s.Decomposition)
	return err
}

// front is the merged front: of one shard that which it returned, of several the
// designs of the largest hypervolume together among the archives, the same choice
// as a shard makes from its own.
func (c *Campaign) front(shards int, archives []*results.Table, shard int) (*results.Table, error) {
	if shards == 1 {
		return c.Run.ReadShardTable(shard, store.FrontTable)
	}
	all, err := results.Concat(store.FrontTable, archives...)
	if err != nil {
		return nil, err
	}
	return answer.Choose(all, c.Study.Search.Returned, c.Study.Views()), nil
}

// compare sets the highlights beside their baselines and takes them apart.
func (c *Campaign) compare(s *Summary, list []answer.Highlight, search *baselines.SRAMSearch) error {
	eval, err := c.Model.NewEvaluator()
	if err != nil {
		return err
	}
	gains, parts := baselines.NewGains(), baselines.NewDecomposition()
	if gains.Bands, err = c.doubts(); err != nil {
		return err
	}
	s.Baselines = &results.Table{Name: "baselines", Columns: s.Front.Pick([]int{}, nil).Columns}
	for i, h := range list {
		d, err := designs.FromRow(c.Model.Catalog, s.Front, h.Row)
		if err != nil {
			return err
		}
		var r model.Report
		if err := eval.Evaluate(&d, &r); err != nil {
			return err
		}
		if err := parts.Add(c.Model, h.Name, &r); err != nil {
			return err
		}
		// The setup's flavour first; the knee also beside the other flavours.
		flavours := []string{d.Flavour}
		if i == 0 {
			for _, f := range []string{"hp", "lop", "lstp"} {
				if f != d.Flavour {
					flavours = append(flavours, f)
				}
			}
		}
		for _, f := range flavours {
			bases, err := search.Baselines(&r, f)
			if err != nil {
				return err
			}
			for j := range bases {
				b := &bases[j]
				if err := gains.Add(c.Model, h.Name, &r, b); err != nil {
					return err
				}
				if i != 0 || f != d.Flavour || !b.Found || b.Least != baselines.LeastEDP {
					continue
				}
				s.Baselines.Add(b.Title(), c.baselineRow(&b.Report, s.Baselines)...)
				if err := parts.Add(b.Model, b.Title(), &b.Report); err != nil {
					return err
				}
			}
		}
	}
	s.Gains, s.Decomposition = gains.Table, parts.Table
	return nil
}

// baselineRow returns the row of a report in the columns of a table of designs.
// No seed found it.
func (c *Campaign) baselineRow(r *model.Report, t *results.Table) []float64 {
	cells := designs.Row(c.Model.Catalog, r)
	names := designs.Columns(c.Model.Catalog, nil, nil)
	row := make([]float64, len(t.Columns))
	for i, col := range t.Columns {
		switch at := slices.IndexFunc(names, func(n results.Column) bool { return n.Name == col.Name }); {
		case at >= 0:
			row[i] = cells[at]
		case col.Name == results.IDColumn:
			row[i] = t.Choice(i, c.Model.Catalog.Identity(&r.Design))
		default:
			row[i] = math.NaN()
		}
	}
	return row
}

// write stores tables of the campaign, also as CSV.
func (c *Campaign) write(s *Summary, tables ...*results.Table) error {
	for _, t := range tables {
		if err := c.Run.WriteTable(t); err != nil {
			return err
		}
		if err := c.file(s, t.Name+".csv", func(w io.Writer) error { return csv.Write(w, t) }); err != nil {
			return err
		}
		// The sidecar: what the columns mean and what the numbers come from.
		if err := c.Run.WriteFile(t.Name+".csv.json", func(w io.Writer) error { return csv.Sidecar(w, t, inspect.Provenance(c.Run)) }); err != nil {
			return err
		}
	}
	return nil
}

// file writes one file of the run and notes its path.
func (c *Campaign) file(s *Summary, name string, write func(io.Writer) error) error {
	if path := c.Run.Dir() + "/" + name; !slices.Contains(s.Files, path) {
		s.Files = append(s.Files, path)
	}
	return c.Run.WriteFile(name, write)
}
