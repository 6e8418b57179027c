//go:build long && !race

package main

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The harness kills each campaign so many times.
const (
	harnessCampaigns = 50
	harnessKills     = 10
	harnessStarts    = 40 // at most, of each campaign
)

var harnessSeed = flag.Uint64("harness-seed", 3, "of the moments at which the harness kills") //nolint:gochecknoglobals // a flag

// TestKillHarness kills and stops processes of campaigns at random moments, while
// tables are built, in the search, in the merge, then resumes them until they
// end: each ends with the bytes of the campaign that nobody touched. Some are
// extended on the way. One that ends before it was killed often enough begins anew.
func TestKillHarness(t *testing.T) {
	dir := t.TempDir()
	study := filepath.Join(dir, "study.yaml")
	text := strings.Replace(seedsStudy, "seeds: 5", "seeds: 2", 1)
	if err := os.WriteFile(study, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(*harnessSeed, 4)) //nolint:gosec // reproducible moments
	campaigns := harnessCampaigns
	if testing.Short() {
		campaigns = 5
	}
	counts := map[string]int{}
	wants := map[string]map[string][]byte{}
	var longest time.Duration
	for seed := range campaigns {
		budget := fmt.Sprint(1000 * (1 + seed%4))
		name := fmt.Sprintf("%s-%d", budget, seed%10)
		flags := []string{"--seed", fmt.Sprint(seed % 10), "--quiet", "--workers", "2"}
		if wants[name] == nil {
			out := filepath.Join(dir, "whole-"+name)
			begun := time.Now()
			if msg, err := stco(t, append([]string{"run", study, "--out", out, "--budget", budget}, flags...)...).CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, msg)
			}
			longest = max(longest, time.Since(begun))
			wants[name] = contents(t, out)
		}
		out := filepath.Join(dir, fmt.Sprintf("killed-%d", seed))
		first := "300" // extended later
		if seed%3 != 0 {
			first = budget
		}
		start := append([]string{"run", study, "--out", out, "--budget", first}, flags...)
		goOn := []string{"resume", out, "--budget", budget, "--quiet", "--workers", "1"}
		args, kills := start, 0
		for n := 0; n < harnessStarts && kills < harnessKills; n++ {
			c := stco(t, args...)
			var said strings.Builder
			c.Stderr = &said
			if err := c.Start(); err != nil {
				t.Fatal(err)
			}
			done := make(chan error, 1)
			go func() { done <- c.Wait() }()
			sent := []syscall.Signal{syscall.SIGKILL, syscall.SIGKILL, syscall.SIGTERM, syscall.SIGINT}[rng.IntN(4)]
			select {
			case <-done:
				counts["ended before"]++
				if err := os.RemoveAll(out); err != nil {
					t.Fatal(err)
				}
				args = start
			case <-time.After(time.Duration(rng.Float64() * float64(longest))):
				_ = c.Process.Signal(sent) // it may have ended by itself
				<-done
				counts[sent.String()]++
				kills++
			}
			if strings.Contains(said.String(), "panic") || strings.Contains(said.String(), "damaged") {
				t.Errorf("campaign %d: %s", seed, said.String())
			}
			if _, err := os.Stat(filepath.Join(out, "run.json")); err == nil {
				args = goOn
			}
		}
		if kills < harnessKills {
			t.Errorf("campaign %d: killed %d times in %d starts", seed, kills, harnessStarts)
		}
		if msg, err := stco(t, args...).CombinedOutput(); err != nil {
			t.Fatalf("campaign %d: %v\n%s", seed, err, msg)
		}
		if msg, err := stco(t, goOn...).CombinedOutput(); err != nil {
			t.Fatalf("campaign %d: %v\n%s", seed, err, msg)
		}
		equalContents(t, fmt.Sprintf("campaign %d", seed), contents(t, out), wants[name])
		if err := os.RemoveAll(out); err != nil {
			t.Fatal(err)
		}
		if seed%10 == 9 || seed == campaigns-1 { // told on the way: it takes long
			t.Logf("%d campaigns: %v", seed+1, counts)
		}
	}
}
