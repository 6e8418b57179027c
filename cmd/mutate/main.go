// Command mutate measures whether the tests of a package notice when its code
// is wrong. It samples places of the package's files (the order is a hash of
// seed, file, operator and line text, so an edit elsewhere leaves the sample
// as it is), changes one at a time, and runs the package's own tests against
// the changed file through an overlay: the tree is never written. A mutant is
// killed (a test failed), SURVIVED, timeout or invalid (did not compile).
//
// Mutants judged equivalent, and the number of survivors a package may have,
// are tab-separated files; a package above its budget, or more than 15 % over
// all packages, makes the exit code 1.
// See docs/testing.md.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// run is the command: exit code 0 within budget, 1 above it, 2 if it could not
// measure.
func run(args []string, out, errs io.Writer) int {
	fs := flag.NewFlagSet("mutate", flag.ContinueOnError)
	fs.SetOutput(errs)
	n := fs.Int("n", 20, "mutants per package; 0: all")
	seed := fs.Uint64("seed", 1, "order in which the places are sampled")
	jobs := fs.Int("j", runtime.NumCPU(), "mutants at once")
	deadline := fs.Duration("deadline", 4*time.Minute, "longest run of the tests by the clock; a mutant may take ten times their own time and 10 s of the processor")
	short := fs.Bool("short", false, "run the tests with -short")
	equivFile := fs.String("equivalents", "", "file of mutants judged equivalent: file, operator, line text, reason")
	budgetFile := fs.String("budget", "", "file of survivors allowed: package, number; a package without a row may have 15 % of its sample")
	verbose := fs.Bool("v", false, "print the killed ones too")
	if err := fs.Parse(args); err != nil {
		return 2
	}
	fail := func(err error) int { fmt.Fprintln(errs, "mutate:", err); return 2 }
	equivalent, err := readEquivalents(*equivFile)
	if err != nil {
		return fail(err)
	}
	budget, err := readBudget(*budgetFile)
	if err != nil {
		return fail(err)
	}
	pkgs, err := list(fs.Args())
	if err != nil {
		return fail(err)
	}
	var rows []counts
	var failed error // of packages that could not be measured; the others are
	began := time.Now()
	for i, p := range pkgs {
		p.short = *short
		sites, err := p.sites()
		var sample []site
		var outcomes []outcome
		if err == nil {
			sample = choose(sites, *seed, *n, equivalent)
			outcomes, err = p.try(sample, *jobs, *deadline)
		}
		if err != nil {
			failed = errors.Join(failed, err)
			continue
		}
		row := counts{pkg: p.ImportPath, sites: len(sites)}
		for i, o := range outcomes {
			row.outcome[o]++
			if o == survived || *verbose {
				fmt.Fprintf(out, "%-8s %s\n", o, sample[i])
			}
		}
		rows = append(rows, row)
		fmt.Fprintf(errs, "%d of %d, %s: %d of %d survive, %s so far\n", i+1, len(pkgs), p.ImportPath,
			row.outcome[survived], row.valid(), time.Since(began).Round(time.Second))
	}
	code := summary(out, rows, budget)
	if failed != nil {
		return fail(failed)
	}
	return code
}

// counts are the outcomes of one package.
type counts struct {
	pkg     string
	sites   int
	outcome [outcomes]int
}

func (c counts) valid() int { return c.outcome[killed] + c.outcome[survived] + c.outcome[timeout] }

// most is the share of survivors allowed over all packages, in %.
const most = 15

// summary prints the table of packages and returns the exit code.
func summary(out io.Writer, rows []counts, budget map[string]int) int {
	total := counts{pkg: "all"}
	code := 0
	fmt.Fprintln(out, "\n| package | places | tried | killed | survived | timeout | invalid | budget |\n|---|---|---|---|---|---|---|---|")
	line := func(c counts, allowed string) {
		fmt.Fprintf(out, "| %s | %d | %d | %d | %d | %d | %d | %s |\n", c.pkg, c.sites, c.valid(),
			c.outcome[killed], c.outcome[survived], c.outcome[timeout], c.outcome[invalid], allowed)
	}
	for _, c := range rows {
		allowed, ok := budget[c.pkg]
		if !ok {
			allowed = (most*c.valid() + 99) / 100
		}
		note := strconv.Itoa(allowed)
		if c.outcome[survived] > allowed {
			note += " exceeded"
			code = 1
		}
		line(c, note)
		total.sites += c.sites
		for o, k := range c.outcome {
			total.outcome[o] += k
		}
	}
	share := 100 * float64(total.outcome[survived]) / float64(max(1, total.valid()))
	note := fmt.Sprintf("%.1f %% survive", share)
	if len(rows) > 1 && share > most {
		note += ", exceeded"
		code = 1
	}
	line(total, note)
	return code
}

// readEquivalents reads the places that are not tried. A row is the mutant's
// key (see site.key) and the reason, which may not be empty.
func readEquivalents(name string) (map[string]bool, error) {
	set := map[string]bool{}
	err := eachRow(name, 4, func(f []string) error {
		if strings.TrimSpace(f[3]) == "" {
			return fmt.Errorf("no reason for %s", f[2])
		}
		set[strings.Join(f[:3], "\t")] = true
		return nil
	})
	return set, err
}

func readBudget(name string) (map[string]int, error) {
	m := map[string]int{}
	err := eachRow(name, 2, func(f []string) error {
		k, err := strconv.Atoi(f[1])
		if err != nil || k < 0 {
			return fmt.Errorf("budget of %s is %q, want a number from 0", f[0], f[1])
		}
		m[f[0]] = k
		return nil
	})
	return m, err
}

// eachRow calls f with the tab-separated fields of every line that is neither
// empty nor a comment. No name, no rows.
func eachRow(name string, fields int, f func([]string) error) error {
	if name == "" {
		return nil
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	for i, l := range strings.Split(string(text), "\n") {
		if l == "" || l[0] == '#' {
			continue
		}
		row := strings.Split(l, "\t")
		if len(row) != fields {
			err = fmt.Errorf("%d fields, want %d separated by tabs", len(row), fields)
		} else {
			err = f(row)
		}
		if err != nil {
			return fmt.Errorf("%s:%d: %w", name, i+1, err)
		}
	}
	return nil
}
