package main

import (
	"bytes"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"stco/cmd/stco/internal/command"
)

func TestMain(m *testing.M) {
	if _, given := os.LookupEnv(command.CacheVariable); !given { // scripts say where they keep schedules
		if err := os.Setenv(command.CacheVariable, "off"); err != nil {
			panic(err)
		}
	}
	testscript.Main(m, map[string]func(){"stco": main})
}

// TestScripts runs the command lines of testdata/script.
func TestScripts(t *testing.T) {
	onnx, err := filepath.Abs("../../model/workload/onnx/convert/testdata")
	if err != nil {
		t.Fatal(err)
	}
	schedules := t.TempDir() // of all scripts: they run the same networks
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script", UpdateScripts: os.Getenv("UPDATE_SCRIPTS") != "",
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"waitfor": waitFor},
		Setup: func(e *testscript.Env) error {
			e.Setenv("ONNX", onnx)
			e.Setenv(command.CacheVariable, schedules)
			return nil
		},
	})
}

// waitFor waits for a file that a command in the background makes.
func waitFor(ts *testscript.TestScript, _ bool, args []string) {
	for range 1200 {
		if _, err := os.Stat(ts.MkAbs(args[0])); err == nil {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	ts.Fatalf("no %s after a minute", args[0])
}

const smallStudy = `stco: 1
name: small
workloads:
  - {network: mobilenet_v2, phase: inference, batch: 1}
space:
  technology: sot
  material: [beta-w, beta-w-co]
  ecc: [none, secded, dec]
  capacity: {min: 1MiB, max: 16MiB}
  clock: 1GHz
  read_bus: 4096
  write_bus: 2048
objectives: [energy, latency, area]
search: {algorithm: nsga2, population: 40, islands: 2, migration_every: 3, evaluations: 60000, returned: 30}
seed: 5
`

// stco runs this test binary as stco.
func stco(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	path, err := exec.LookPath("stco")
	if err != nil {
		t.Fatal(err)
	}
	return exec.Command(path, args...)
}

// contents reads what must not depend on workers, kills and resumes: every file
// but run.json and the claims.
func contents(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		if name == "run.json" || strings.HasPrefix(name, "claims") || strings.Contains(name, "events") {
			return nil
		}
		files[name], err = os.ReadFile(path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func equalContents(t *testing.T, what string, got, want map[string][]byte) {
	t.Helper()
	for name, data := range want {
		if !bytes.Equal(got[name], data) {
			t.Errorf("%s: %s differs (%d and %d bytes)", what, name, len(got[name]), len(data))
		}
	}
	for name := range got {
		if want[name] == nil {
			t.Errorf("%s: has %s, the other run has not", what, name)
		}
	}
}

// seedsStudy repeats a search with islands over five seeds under a constraint.
var seedsStudy = strings.NewReplacer("name: small", "name: seeds", "evaluations: 60000", "evaluations: 5000", "seed: 5", "seed: 5\nseeds: 5\nconstraints: {area: {max: 20mm^2}}").Replace(smallStudy)

// gridStudy enumerates 466,560 designs.
var gridStudy = strings.NewReplacer("name: small", "name: grid", "algorithm: nsga2", "algorithm: grid", "material: [beta-w, beta-w-co]", `material: beta-w-co
  mtj_diameter: {min: 40nm, max: 80nm, levels: 3}
  width_margin: [0nm, 10nm]
  channel_thickness: 3nm
  free_layer: {min: 1nm, max: 1.4nm, levels: 3}
  anisotropy: {min: 0.6mJ/m^2, max: 1.1mJ/m^2, step: 0.1mJ/m^2}
  barrier: {min: 0.9nm, max: 1.1nm, levels: 2}
  pulse: {min: 0.5ns, max: 5ns, levels: 4}
  read_voltage: [0.1V, 0.2V]
  banks: [4, 16, 32]
  word: [256, 512, 1024]`, "capacity: {min: 1MiB, max: 16MiB}", "capacity: [1MiB, 2MiB, 4MiB, 6MiB, 8MiB, 12MiB, 16MiB, 24MiB, 32MiB, 64MiB]").Replace(smallStudy)

// TestSameBytes runs studies with 1, 2 and 8 workers, and killed at random
// moments and resumed: every result file has the same bytes.
func TestSameBytes(t *testing.T) {
	for _, c := range []struct {
		name, study string
		evaluations string
	}{
		{"islands", smallStudy, `"evaluations":60000,`},
		{"seeds", seedsStudy, `"evaluations":5000,`},
		{"grid", gridStudy, `"evaluations":466560,`},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			study := filepath.Join(dir, "study.yaml")
			if err := os.WriteFile(study, []byte(c.study), 0o644); err != nil {
				t.Fatal(err)
			}
			want := sameForWorkers(t, dir, study)
			for name, data := range want {
				if strings.HasSuffix(name, "generations.jsonl") && !bytes.Contains(data, []byte(c.evaluations)) {
					t.Errorf("%s does not end after %s", name, c.evaluations)
				}
			}
			sameAfterKills(t, dir, study, want)
		})
	}
}

// sameForWorkers runs a study with 1, 2 and 8 workers and returns the files.
func sameForWorkers(t *testing.T, dir, study string) map[string][]byte {
	t.Helper()
	var want map[string][]byte
	for _, workers := range []string{"1", "2", "8"} {
		out := filepath.Join(dir, "w"+workers)
		if msg, err := stco(t, "run", study, "--out", out, "--workers", workers, "--quiet").CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, msg)
		}
		got := contents(t, out)
		if want == nil {
			want = got
			for _, name := range []string{"front.json", "front.csv", "baselines.json", "gains.json", "decomposition.json", "manifest.json", "figures/pareto.svg", "figures/pareto.png"} {
				if want[name] == nil {
					t.Errorf("the run has no %s", name)
				}
			}
			continue
		}
		equalContents(t, workers+" workers", got, want)
	}
	return want
}

// logged is the number of bytes in the logs of a run.
func logged(dir string) (n int64) {
	files, _ := filepath.Glob(filepath.Join(dir, "shards", "*", "generations.jsonl"))
	for _, f := range files {
		if info, err := os.Stat(f); err == nil {
			n += info.Size()
		}
	}
	return n
}

// sameAfterKills kills and resumes a run at random moments until it ends.
func sameAfterKills(t *testing.T, dir, study string, want map[string][]byte) {
	t.Helper()
	rng := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // reproducible moments
	out := filepath.Join(dir, "killed")
	args := []string{"run", study, "--out", out, "--workers", "2", "--quiet"}
	kills := 0
	total := logged(filepath.Join(dir, "w1"))
	for range 5 {
		c := stco(t, args...)
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		done := make(chan error, 1)
		go func() { done <- c.Wait() }()
		// Killed after a random part of what is left to log.
		begun := logged(out)
		until := begun + int64(rng.Float64()*0.6*float64(total-begun))
		ended := false
		for !ended && logged(out) <= until {
			select {
			case <-done:
				ended = true
			case <-time.After(2 * time.Millisecond):
			}
		}
		if ended {
			break
		}
		_ = c.Process.Kill() // it may have ended by itself
		<-done
		kills++
		if _, err := os.Stat(filepath.Join(out, "run.json")); err == nil {
			args = []string{"resume", out, "--workers", "1", "--quiet"}
		}
	}
	if msg, err := stco(t, args...).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, msg)
	}
	if kills == 0 {
		t.Error("the run ended before it could be killed")
	}
	t.Logf("killed %d times", kills)
	equalContents(t, "killed and resumed", contents(t, out), want)
	if msg, err := stco(t, "verify", out).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, msg)
	}
}

// TestInterrupt checks that a signal leaves a resumable run and its exit code.
func TestInterrupt(t *testing.T) {
	dir := t.TempDir()
	study := filepath.Join(dir, "long.yaml")
	text := strings.Replace(smallStudy, "evaluations: 60000", "evaluations: 100000000", 1)
	if err := os.WriteFile(study, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		signal os.Signal
		code   int
	}{{os.Interrupt, 130}, {syscall.SIGTERM, 75}} {
		run := stco(t, "run", study, "--out", filepath.Join(dir, c.signal.String()), "--quiet")
		if err := run.Start(); err != nil {
			t.Fatal(err)
		}
		for range 600 { // until the first generation is on disk
			out, err := stco(t, "status", filepath.Join(dir, c.signal.String()), "--format", "csv").Output()
			if err == nil && !bytes.Contains(out, []byte(",0,0,0,0,0,0,0,0")) {
				break
			}
			time.Sleep(100 * time.Millisecond)
		}
		if err := run.Process.Signal(c.signal); err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		_ = run.Wait() // the exit code is looked at
		if code := run.ProcessState.ExitCode(); code != c.code {
			t.Errorf("%s: exit code %d, want %d", c.signal, code, c.code)
		}
		if d := time.Since(start); d > 5*time.Second { // 2 s of an idle machine
			t.Errorf("%s: took %s to stop", c.signal, d)
		}
		out, err := stco(t, "status", filepath.Join(dir, c.signal.String()), "--format", "csv").Output()
		if err != nil || bytes.Contains(out, []byte("done")) || bytes.Contains(out, []byte("waiting")) {
			t.Errorf("%s: status %q, %v", c.signal, out, err)
		}
	}
}
