// Command frontbench times non-dominated sorting and hypervolume on the point
// sets of published results and prints processor times beside those of moocore,
// which were taken on a quiet core: ratios, not seconds, carry to another
// machine.
package main

import (
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"strings"
	"syscall"

	"stco/explore/hypervolume"
	"stco/explore/pareto"
	"stco/explore/points"
)

func main() { os.Exit(command(os.Args[1:], os.Stdout, os.Stderr)) }

// command returns the exit code: 0, 1 for a failure, 2 for wrong flags.
func command(args []string, out, errs io.Writer) int {
	fs := flag.NewFlagSet("frontbench", flag.ContinueOnError)
	fs.SetOutput(errs)
	ops := fs.String("op", "nd,nds,hv,hvc", "operations: nd, non-dominated points; nds, fronts; hv, hypervolume; hvc, contributions")
	most := fs.Int("points", 20000, "largest set")
	batches := fs.Int("batches", 5, "batches of at least a millisecond each, of which the fastest counts")
	if err := fs.Parse(args); err != nil {
		return 2
	}
	if err := run(out, strings.Split(*ops, ","), *most, *batches); err != nil {
		_, _ = fmt.Fprintln(errs, "frontbench:", err)
		return 1
	}
	return 0
}

// run prints a row per published result of moocore.
func run(w io.Writer, ops []string, most, batches int) error {
	refs, err := points.References()
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintln(w, "operation\tfamily\td\tn\tours_s\tmoocore_s\tours/moocore"); err != nil {
		return err
	}
	for _, op := range ops {
		done := false
		for _, r := range refs {
			if r.Lib != "moocore" || r.Op != op || r.N > most {
				continue
			}
			done = true
			s := fastest(operation(r), int(1e-3/r.Seconds)+1, batches)
			if _, err := fmt.Fprintf(w, "%s\t%s\t%d\t%d\t%.3g\t%.3g\t%.3g\n", op, points.Families()[r.Family], r.D, r.N, s, r.Seconds, s/r.Seconds); err != nil {
				return err
			}
		}
		if !done {
			return fmt.Errorf("operation %q: no published result with at most %d points", op, most)
		}
	}
	return nil
}

// operation returns what is timed, on its input.
func operation(r points.Reference) func() {
	f, ref := points.Input(r.Family, r.N, r.D)
	switch r.Op {
	case "nd":
		var s pareto.Sorter
		keep := make([]bool, r.N)
		return func() { s.NonDominated(f, r.D, keep) }
	case "nds":
		var s pareto.Sorter
		rank := make([]int, r.N)
		return func() { s.Ranks(f, r.D, rank) }
	case "hv":
		var v hypervolume.Volume
		return func() { v.Hypervolume(f, r.D, ref) }
	default:
		var v hypervolume.Volume
		out := make([]float64, r.N)
		return func() { v.Contributions(f, r.D, ref, out) }
	}
}

// fastest returns the least processor time of a call, s, over batches of calls.
func fastest(call func(), calls, batches int) float64 {
	least := math.Inf(1)
	for range batches {
		start := processorTime()
		for range calls {
			call()
		}
		least = min(least, (processorTime()-start)/float64(calls))
	}
	return least
}

// processorTime returns the seconds of processor time this process has used.
func processorTime() float64 {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		return math.NaN()
	}
	return float64(r.Utime.Nano()+r.Stime.Nano()) * 1e-9
}
