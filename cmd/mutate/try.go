package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

// pkg is a package as go list describes it.
type pkg struct {
	Dir, ImportPath, Name, Export      string
	DepOnly                            bool
	GoFiles, TestGoFiles, XTestGoFiles []string
	TestImports, XTestImports          []string
	Module                             *struct{ Dir string }
	exports                            map[string]string // export data by import path
	short                              bool              // run the tests with -short
	valid                              func(site) bool   // whether a mutant compiles
}

func (p pkg) rel() string {
	r, err := filepath.Rel(p.Module.Dir, p.Dir)
	if err != nil {
		return p.Dir
	}
	return r
}

// list resolves patterns to packages, in the order of their paths.
func list(patterns []string) ([]pkg, error) {
	out, err := goTool(context.Background(), ".", append([]string{
		"list", "-export", "-deps",
		"-json=Dir,ImportPath,Name,Export,DepOnly,GoFiles,TestGoFiles,XTestGoFiles,TestImports,XTestImports,Module",
	}, patterns...)...)
	if err != nil {
		return nil, err
	}
	exports := map[string]string{}
	var pkgs []pkg
	for dec := json.NewDecoder(strings.NewReader(out)); dec.More(); {
		p := pkg{exports: exports}
		if err := dec.Decode(&p); err != nil {
			return nil, err
		}
		exports[p.ImportPath] = p.Export
		if !p.DepOnly && len(p.GoFiles) > 0 {
			pkgs = append(pkgs, p)
		}
	}
	slices.SortFunc(pkgs, func(a, b pkg) int { return strings.Compare(a.ImportPath, b.ImportPath) })
	return pkgs, nil
}

func goTool(ctx context.Context, dir string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = dir
	var errs strings.Builder
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("go %s: %w\n%s", args[0], err, errs.String())
	}
	return string(out), nil
}

type outcome int

const (
	killed outcome = iota
	survived
	timeout
	invalid
	outcomes
)

func (o outcome) String() string { return [...]string{"killed", "SURVIVED", "timeout", "invalid"}[o] }

// try runs the package's tests once as they are, which they must pass, and
// once per mutant: the quick ones first, the others only on what those let
// live. Without tests every mutant survives.
func (p pkg) try(sample []site, jobs int, deadline time.Duration) ([]outcome, error) {
	result := make([]outcome, len(sample))
	if len(p.TestGoFiles)+len(p.XTestGoFiles) == 0 {
		for i := range result {
			result[i] = survived
		}
		return result, nil
	}
	tmp, err := os.MkdirTemp("", "mutate")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(tmp)
	// One binary for all: building it is most of the time of a mutant.
	sample = slices.Clone(sample)
	for i := range sample {
		if !p.valid(sample[i]) {
			result[i] = invalid
			sample[i].in = function{}
		}
	}
	all, err := p.combined(filepath.Join(tmp, "all"), sample)
	if err != nil {
		return nil, err
	}
	stages, err := p.stages(all, deadline)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p.ImportPath, err)
	}
	var wg sync.WaitGroup
	errs := make([]error, len(sample))
	slots := make(chan struct{}, max(1, jobs))
	for i := range sample {
		if result[i] == invalid {
			continue
		}
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			result[i], errs[i] = p.test(filepath.Join(tmp, fmt.Sprint(i)), i, sample, all, stages)
		})
	}
	wg.Wait()
	return result, errors.Join(errs...)
}

// combined builds the test binary that holds the mutants of a sample; where that
// does not build, one of the code as it is, for which no mutant is in a function.
func (p pkg) combined(dir string, sample []site) (string, error) {
	if err := os.Mkdir(dir, 0o755); err != nil {
		return "", err
	}
	overlay, err := p.combine(dir, sample)
	if err != nil {
		return "", err
	}
	binary, err := p.build(dir, "-overlay", overlay)
	if err == nil {
		return binary, nil
	}
	for i := range sample {
		sample[i].in = function{}
	}
	return p.build(dir)
}

// stage is a set of tests that run one after the other.
type stage struct {
	args      []string
	processor time.Duration // longest time of the processor; 0: as long as deadline
	deadline  time.Duration
}

// quick is the longest test of the first stage.
const quick = 150 * time.Millisecond

// stages runs the tests as they are and divides them by their time. A mutant may
// take ten times what the code as it is takes, and 10 s, of the processor, and
// three times that by the clock: what else runs on the machine takes its part.
func (p pkg) stages(binary string, deadline time.Duration) ([]stage, error) {
	o, text, err := p.run(binary, 0, stage{args: []string{"-test.v"}, deadline: deadline})
	if err == nil && o != survived {
		err = fmt.Errorf("its tests do not pass as they are: %s", o)
	}
	if err != nil {
		return nil, err
	}
	var names, slow []string
	var total, fast time.Duration
	for _, m := range passed.FindAllStringSubmatch(text, -1) {
		d, err := time.ParseDuration(m[2])
		if err != nil {
			return nil, err
		}
		if total += d; d > quick {
			slow = append(slow, m[1])
		} else {
			names, fast = append(names, m[1]), fast+d
		}
	}
	within := func(d time.Duration, args ...string) stage {
		d = 10*d + 10*time.Second
		return stage{args, d, min(deadline, 3*d)}
	}
	if len(slow) == 0 || len(names) == 0 {
		return []stage{within(total)}, nil
	}
	// Fuzz targets and examples are in both: skipping names no test keeps them.
	return []stage{within(fast, "-test.skip", oneOf(slow)), within(total, "-test.skip", oneOf(names))}, nil
}

// passed matches the line of a test, not of a subtest.
var passed = regexp.MustCompile(`(?m)^--- PASS: (\S+) \((\S+)\)$`)

func oneOf(names []string) string { return "^(" + strings.Join(names, "|") + ")$" }

// build makes the package's test binary in dir.
func (p pkg) build(dir string, args ...string) (string, error) {
	binary := filepath.Join(dir, "tests")
	// No debug information: linking is most of the time of a build.
	args = append([]string{"test", "-c", "-vet=off", "-ldflags=-s -w", "-o", binary}, args...)
	_, err := goTool(context.Background(), p.Dir, append(args, ".")...)
	return binary, err
}

// test runs the stages of a mutant until one notices: of the binary of all, or of
// its own with the mutant in place of its file. dir is made and removed.
func (p pkg) test(dir string, i int, sample []site, all string, stages []stage) (outcome, error) {
	if err := os.Mkdir(dir, 0o755); err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	binary := all
	if sample[i].in.name == "" {
		overlay, err := sample[i].write(dir)
		if err != nil {
			return 0, err
		}
		if binary, err = p.build(dir, "-overlay", overlay); err != nil {
			return invalid, nil
		}
	}
	for _, s := range stages {
		if o, _, err := p.run(binary, i+1, s); err != nil || o != survived {
			return o, err
		}
	}
	return survived, nil
}

// run runs a stage of the binary, with a mutant of it, in the package's directory
// and returns what it printed.
func (p pkg) run(binary string, mutant int, s stage) (outcome, string, error) {
	ctx, stop := context.WithTimeout(context.Background(), s.deadline)
	defer stop()
	// The limit of data (KiB) stops a loop that appends for ever; that of all
	// addresses would stop a browser, which reserves more than there is.
	limits := "ulimit -d 8388608; "
	if s.processor > 0 {
		limits += fmt.Sprintf("ulimit -t %d; ", int(s.processor.Seconds()))
	}
	args := []string{"-c", limits + `exec "$@"`, "sh", binary, "-test.failfast", "-test.timeout=0"}
	if p.short {
		args = append(args, "-test.short")
	}
	args = append(args, s.args...)
	if slices.Contains(append(p.TestImports, p.XTestImports...), "pgregory.net/rapid") {
		args = append(args, "-rapid.nofailfile") // else it writes under testdata
	}
	tmp, err := os.MkdirTemp(filepath.Dir(binary), "run")
	if err != nil {
		return 0, "", err
	}
	defer os.RemoveAll(tmp)
	cmd := exec.CommandContext(ctx, "sh", args...)
	var text strings.Builder
	if len(s.args) > 0 && s.args[0] == "-test.v" { // a mutant may print for ever
		cmd.Stdout = &text
	}
	cmd.Dir = p.Dir
	cmd.Env = append(os.Environ(), fmt.Sprintf("TMPDIR=%s", tmp), fmt.Sprintf("%s=%d", variable, mutant))
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = 5 * time.Second
	err = cmd.Run()
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return timeout, "", nil
	case err == nil:
		return survived, text.String(), nil
	case errors.As(err, &exit):
		if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signal() == syscall.SIGKILL { // by the limit of processor time
			return timeout, "", nil
		}
		return killed, "", nil
	default:
		return 0, "", err
	}
}

// write puts the mutated file and the overlay that names it into dir.
func (s site) write(dir string) (string, error) {
	src, err := os.ReadFile(s.path)
	if err != nil {
		return "", err
	}
	mutant := filepath.Join(dir, "mutant.go")
	if err := os.WriteFile(mutant, s.mutant(src), 0o644); err != nil {
		return "", err
	}
	return writeOverlay(dir, map[string]string{s.path: mutant})
}

// writeOverlay writes what a build takes in place of which file.
func writeOverlay(dir string, replace map[string]string) (string, error) {
	overlay, err := json.Marshal(map[string]map[string]string{"Replace": replace})
	if err != nil {
		return "", err
	}
	name := filepath.Join(dir, "overlay.json")
	return name, os.WriteFile(name, overlay, 0o644)
}
