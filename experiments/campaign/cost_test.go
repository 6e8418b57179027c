package campaign

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"sync"
	"testing"
	"time"

	"stco/results/store/disk"
)

// counted counts the operations on the file system of the machine by kind, and the
// names in the directories that are listed.
type counted struct {
	disk.OS
	mu     *sync.Mutex
	counts map[string]int
}

func newCounted() counted { return counted{mu: &sync.Mutex{}, counts: map[string]int{}} }

func (c counted) add(what string, n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.counts[what] += n
}

func (c counted) OpenFile(path string, flag int, perm fs.FileMode) (disk.File, error) {
	if flag&os.O_CREATE != 0 {
		c.add("creations", 1)
	} else {
		c.add("openings", 1)
	}
	return c.OS.OpenFile(path, flag, perm)
}

func (c counted) Rename(from, to string) error {
	c.add("renamings", 1)
	return c.OS.Rename(from, to)
}

func (c counted) Link(from, to string) error {
	c.add("links", 1)
	return c.OS.Link(from, to)
}

func (c counted) Remove(path string) error {
	c.add("removals", 1)
	return c.OS.Remove(path)
}

func (c counted) MkdirAll(path string, perm fs.FileMode) error {
	c.add("directories", 1)
	return c.OS.MkdirAll(path, perm)
}

func (c counted) ReadDir(path string) ([]fs.DirEntry, error) {
	out, err := c.OS.ReadDir(path)
	c.add("listings", 1)
	c.add("names listed", len(out))
	return out, err
}

func (c counted) SyncDir(path string) error {
	c.add("directories synced", 1)
	return c.OS.SyncDir(path)
}

// TestCostOfAShard: what a shard costs a file system does not depend on how many
// there are, also where many are done, and a claim that is looked at costs a handful.
func TestCostOfAShard(t *testing.T) {
	var costs, looks []map[string]int
	for _, seeds := range []int{2, 40} {
		dir := t.TempDir() + "/run"
		c, err := Start(parse(t, "seed: 6", fmt.Sprintf("seed: 6\nseeds: %d", seeds), "evaluations: 1500", "evaluations: 120"), dir, (&clock{time.Second}).options(&silent{}))
		if err != nil {
			t.Fatal(err)
		}
		// The others first: their claims and directories are there.
		all := c.Share(0, 1)
		if _, err := c.Task(t.Context(), all[:seeds-1]); err != nil {
			t.Fatal(err)
		}
		o := (&clock{time.Second}).options(&silent{})
		f := newCounted()
		o.FS = f
		if c, err = Resume(dir, o, Extension{}); err != nil {
			t.Fatal(err)
		}
		clear(f.counts)
		if d, err := c.Task(t.Context(), all[seeds-1:]); err != nil || d.Here != 1 {
			t.Fatal(d, err)
		}
		costs = append(costs, maps.Clone(f.counts))
		clear(f.counts)
		if h, err := c.Run.Holder(c.Run.Info().Shards[0].Name); err != nil || h != nil {
			t.Fatal(h, err)
		}
		looks = append(looks, maps.Clone(f.counts))
	}
	t.Log("a shard:", costs[0], "a look at a claim:", looks[0])
	if !maps.Equal(costs[0], costs[1]) {
		t.Errorf("one of 2 shards: %v, of 40: %v", costs[0], costs[1])
	}
	if !maps.Equal(looks[0], looks[1]) || looks[0]["names listed"] > 2 || looks[0]["openings"] > 1 || looks[0]["listings"] > 1 {
		t.Errorf("a look at a claim of 2 shards: %v, of 40: %v", looks[0], looks[1])
	}
}
