// Package monitor looks at a run from outside while other processes work on it:
// how far each shard is, how fast it goes, when it will end.
package monitor

import (
	"time"

	"stco/experiments/study"
	"stco/explore"
	"stco/results/store"
	"stco/results/store/claims"
	"stco/results/store/disk"
)

// The states of a shard and of a run.
const (
	Waiting = "waiting" // not begun
	Started = "started" // begun, and nobody works on it
	Running = string(claims.Alive)
	Silent  = string(claims.Silent) // its process cannot be seen and gives no sign of life
	Merging = "merging"
	Done    = "done"
)

// Shard is how far a shard is.
type Shard struct {
	Name  string
	State string
	Last  store.Generation // the zero value before the first
	Notes []disk.Note      // what is damaged
}

// Best is the best feasible value of an objective over all shards.
type Best struct {
	Name, Unit string
	Value      float64
}

// Snapshot is a run at a moment.
type Snapshot struct {
	At          time.Time
	Dir         string
	State       string
	Shards      []Shard
	Ended       int   // shards that are done
	Evaluations int64 // of all shards
	Infeasible  int64
	Duplicates  int64
	Budget      int64         // evaluations of all shards together; 0 without a limit
	Rate        float64       // evaluations a second since the look before; 0 at the first
	Left        time.Duration // until the budget is spent, at that rate; 0 unknown
	Front       int           // of the shard that was looked at last
	Hypervolume float64
	Best        []Best
}

// Share is the part of the budget that is spent; 0 without a limit. A shard that
// is done has spent its own, whatever ended it.
func (s *Snapshot) Share() float64 {
	if s.Budget == 0 {
		return 0
	}
	each := float64(s.Budget) / float64(len(s.Shards))
	spent := 0.0
	for i := range s.Shards {
		if s.Shards[i].State == Done {
			spent++
		} else {
			spent += min(float64(s.Shards[i].Last.Evaluations)/each, 1)
		}
	}
	return spent / float64(len(s.Shards))
}

// Monitor looks at a run again and again.
type Monitor struct {
	fs    disk.FS
	dir   string
	me    claims.Owner
	last  *Snapshot
	known map[string]Shard // shards that are done, by the identity of their result
}

// New returns a monitor of a run directory.
func New(fsys disk.FS, dir string) *Monitor {
	return &Monitor{fs: fsys, dir: dir, me: claims.ThisProcess(), known: map[string]Shard{}}
}

// Look reads the run at a moment. The rate is that since the look before.
func (m *Monitor) Look(now time.Time) (*Snapshot, error) {
	r, err := store.Open(m.fs, m.dir)
	if err != nil {
		return nil, err
	}
	q, err := study.Parse(m.dir+"/run.json", []byte(r.Info().Study))
	if err != nil {
		return nil, err
	}
	s := &Snapshot{At: now, Dir: m.dir}
	if q.Search.Algorithm != explore.Grid {
		s.Budget = q.Search.Evaluations * int64(len(r.Info().Shards))
	}
	for i, info := range r.Info().Shards {
		sh, ok := m.known[info.Result]
		if !ok || info.Result == "" {
			if sh, err = m.shard(r, i, now); err != nil {
				return nil, err
			}
		}
		if sh.State == Done && sh.Notes == nil {
			m.known[info.Result] = sh
		}
		s.add(sh)
	}
	s.best(q)
	if err := m.state(r, s); err != nil {
		return nil, err
	}
	s.pace(m.last)
	m.last = s
	return s, nil
}

// checked is the largest number of shards whose logs are read whole and checked at
// every look; those of a larger run are checked by stco verify.
const checked = 256

// shard reads one shard.
func (m *Monitor) shard(r *store.Run, index int, now time.Time) (Shard, error) {
	sh := Shard{Name: r.Info().Shards[index].Name, State: Waiting}
	look := r.Progress
	if len(r.Info().Shards) > checked {
		look = r.Brief
	}
	p, err := look(index)
	if err != nil {
		return sh, err
	}
	sh.Notes = p.Notes
	if n := len(p.Generations); n > 0 {
		sh.State, sh.Last = Started, p.Generations[n-1]
	}
	if p.Done {
		sh.State = Done
		return sh, nil
	}
	h, err := r.Holder(sh.Name)
	if err != nil || h == nil {
		return sh, err
	}
	if life := h.Life(m.me, now); life != claims.Gone {
		sh.State = string(life)
	}
	return sh, nil
}

// add counts a shard.
func (s *Snapshot) add(sh Shard) {
	s.Shards = append(s.Shards, sh)
	if sh.State == Done {
		s.Ended++
	}
	s.Evaluations += sh.Last.Evaluations
	s.Infeasible += sh.Last.Infeasible
	s.Duplicates += sh.Last.Duplicates
	if sh.Last.Number > 0 {
		s.Front, s.Hypervolume = sh.Last.Front, sh.Last.Hypervolume
	}
}

// best fills in the best values over the shards.
func (s *Snapshot) best(q *study.Study) {
	for k := range q.Preferences {
		metric, err := q.Preferences[k].Objective()
		if err != nil {
			continue // the study was read: it has none such
		}
		b, found := Best{Name: metric.Name, Unit: metric.Unit}, false
		for i := range s.Shards {
			values := s.Shards[i].Last.Best
			if k >= len(values) || values[k] != values[k] { // NaN: none is feasible yet
				continue
			}
			if v := values[k]; !found || metric.Max == (v > b.Value) {
				b.Value, found = v, true
			}
		}
		if found {
			s.Best = append(s.Best, b)
		}
	}
}

// state says what becomes of the run as a whole.
func (m *Monitor) state(r *store.Run, s *Snapshot) error {
	s.State = Waiting
	for i := range s.Shards {
		switch sh := s.Shards[i].State; {
		case sh == Running || s.State == Running:
			s.State = Running
		case sh == Silent || s.State == Silent:
			s.State = Silent
		case sh != Waiting:
			s.State = Started
		}
	}
	if s.Ended < len(s.Shards) {
		return nil
	}
	merged, err := r.Merged()
	if err != nil {
		return err
	}
	if merged {
		s.State = Done
		return nil
	}
	h, err := r.Holder("merge")
	if err == nil && h != nil && h.Life(m.me, s.At) != claims.Gone {
		s.State = Merging
	}
	return err
}

// pace measures the rate since a look before.
func (s *Snapshot) pace(before *Snapshot) {
	if before == nil || !s.At.After(before.At) {
		return
	}
	s.Rate = max(0, float64(s.Evaluations-before.Evaluations)/s.At.Sub(before.At).Seconds())
	if s.Rate > 0 && s.Budget > 0 && s.State == Running {
		s.Left = time.Duration((1 - s.Share()) * float64(s.Budget) / s.Rate * float64(time.Second))
	}
}
