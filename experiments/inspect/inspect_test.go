package inspect_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"stco/experiments/campaign"
	"stco/experiments/study"
	"stco/results/store"
	"stco/results/store/disk"
)

const smallStudy = `stco: 1
name: small
workloads: [{network: mobilenet_v2, phase: inference, batch: 1}]
space:
  technology: sot
  material: [beta-w, beta-w-co]
  capacity: [1MiB, 2MiB, 4MiB]
  clock: 1GHz
  read_bus: 4096
  write_bus: 2048
objectives: [energy, latency, area]
constraints: {area: {max: 20mm^2}}
search: {algorithm: nsga2, population: 20, islands: 2, migration_every: 3, evaluations: 1500, returned: 15}
seed: 6
`

type silent struct{}

func (silent) Shard(int, int, string, int64)      {}
func (silent) Note(string)                        {}
func (silent) Generation(store.Generation, int64) {}

// complete runs a study in a new directory and returns it.
func complete(t *testing.T, changes ...string) string {
	t.Helper()
	s, err := study.Parse("test", []byte(strings.NewReplacer(changes...).Replace(smallStudy)))
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "run")
	c, err := campaign.Start(s, dir, campaign.Environment{Workers: 2, FS: disk.OS{}, Observer: silent{}, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Execute(t.Context()); err != nil {
		t.Fatal(err)
	}
	return dir
}

func column(t *testing.T, index func(string) (int, error), name string) int {
	t.Helper()
	at, err := index(name)
	if err != nil {
		t.Fatal(err)
	}
	return at
}
