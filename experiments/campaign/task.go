package campaign

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"stco/results/store/claims"
)

// Share are the shards of one of so many tasks, numbered from 0: consecutive ones
// where those of a scenario stand together, since they share its tables. Every
// shard is in one share, and shares differ by one shard at most.
func (c *Campaign) Share(task, of int) []int {
	n := len(c.Run.Info().Shards)
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	slices.SortStableFunc(all, func(a, b int) int { return cmp.Compare(c.scenarioOf(a), c.scenarioOf(b)) })
	return all[task*n/of : (task+1)*n/of]
}

// Missing are those of some shards that are not done.
func (c *Campaign) Missing(shards []int) ([]int, error) {
	var out []int
	for _, i := range shards {
		end, err := c.Run.Ended(i)
		if err != nil {
			return nil, err
		}
		if end == nil {
			out = append(out, i)
		}
	}
	return out, nil
}

// Done is what became of the shards of a task.
type Done struct {
	Here, Before int
	Held         []string // by processes that give signs of life
}

// look is the time between two looks at shards that other processes hold.
const look = 2 * time.Second

// Task does those shards that no other process does: it passes over those that are
// claimed and comes back to them, until each is done or its owner has given a sign
// of life meanwhile. A claim without one is taken over after claims.StaleAfter. With
// Wait it stays until all are done. It does not merge.
func (c *Campaign) Task(ctx context.Context, shards []int) (*Done, error) {
	c.started = c.opts.Now()
	left, err := c.Missing(shards)
	if err != nil {
		return nil, err
	}
	d := &Done{Before: len(shards) - len(left)}
	first := map[int]claims.Holding{} // claims as they were seen first
	for {
		var held []int
		for _, i := range left {
			before, err := c.Missing([]int{i})
			if err != nil {
				return nil, err
			}
			if len(before) == 0 {
				d.Before++ // another process has ended it meanwhile
				continue
			}
			switch err := c.shard(ctx, i); {
			case err == nil:
				d.Here++
			case errors.Is(err, claims.ErrClaimed), errors.Is(err, claims.ErrClaimLost):
				held = append(held, i)
			default:
				return nil, err
			}
		}
		left = held
		if !c.opts.Wait {
			if left, err = c.silent(left, first, d); err != nil {
				return nil, err
			}
		}
		if len(left) == 0 {
			return d, nil
		}
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-time.After(look):
		}
	}
}

// silent are those of some shards whose owners are not known to live; the others
// are counted as held.
func (c *Campaign) silent(shards []int, first map[int]claims.Holding, d *Done) ([]int, error) {
	var out []int
	for _, i := range shards {
		name := c.Run.Info().Shards[i].Name
		h, err := c.Run.Holder(name)
		if err != nil {
			return nil, err
		}
		if h == nil {
			out = append(out, i) // released a moment ago
			continue
		}
		was, seen := first[i]
		if h.Seen(claims.ThisProcess()) || seen && was.Owner == h.Owner && !was.Beat.Equal(h.Beat) {
			d.Held = append(d.Held, c.holder(name))
			continue
		}
		first[i] = *h
		out = append(out, i)
	}
	return out, nil
}

// MissingError says which shards a merge lacks.
type MissingError struct {
	Dir   string
	Names []string
	Of    int
}

func (e *MissingError) Error() string {
	return fmt.Sprintf("%s: %d of %d shards are not done: %s\ngo on with: stco resume %s, or stco resume --slurm %s", e.Dir, len(e.Names), e.Of, held(e.Names), e.Dir, e.Dir)
}

// Merge joins the shards of a run that are all done, and writes its tables. For so
// long it looks again for what files of other hosts do not show yet.
func (c *Campaign) Merge(ctx context.Context, settle time.Duration) (*Summary, error) {
	info := c.Run.Info()
	all := c.Share(0, 1)
	for from := c.opts.Now(); ; {
		missing, err := c.Missing(all)
		if err != nil {
			return nil, err
		}
		if len(missing) == 0 {
			break
		}
		if c.opts.Now().Sub(from) >= settle {
			e := &MissingError{Dir: c.Run.Dir(), Of: len(info.Shards)}
			for _, i := range missing {
				e.Names = append(e.Names, info.Shards[i].Name)
			}
			return nil, e
		}
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-time.After(look):
		}
	}
	s, err := c.mergeClaimed(ctx)
	if errors.Is(err, claims.ErrClaimed) {
		return nil, &HeldError{Dir: c.Run.Dir(), Held: []string{c.holder(mergeClaim)}, Ended: len(info.Shards), Of: len(info.Shards)}
	}
	return s, err
}
