package workloads

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"

	"github.com/urfave/cli/v2"

	"stco/cmd/stco/internal/command"
	"stco/experiments/study"
	"stco/experiments/study/catalog"
	"stco/model"
	"stco/results"
	"stco/results/plot"
	"stco/results/store/disk"
)

// roof is what a machine can do at most: operations a second (two a
// multiply-accumulate) and bytes a second of DRAM streams.
type roof struct {
	machine         string
	peak, bandwidth float64
}

// Machines lists the machine presets.
func Machines() []string {
	if t, err := catalog.Builtin().Tables.Table("machines"); err == nil {
		return t.EntryNames()
	}
	return nil
}

// defaultRoof is the machine that workloads are set beside.
const defaultRoof = "soc"

// roofOf returns the roof of a machine preset.
func roofOf(machine string) (roof, error) {
	f := study.Design{Design: model.DefaultDesign(), Setup: model.DefaultSetup()}
	if err := f.Set([]string{"machine=" + machine}); err != nil {
		return roof{}, err
	}
	s := &f.Setup
	return roof{machine, 2 * float64(s.Cores*s.PERows*s.PECols) * float64(s.Clock), s.DRAM.Effective()}, nil
}

// balance returns the operations a byte from which on the PE arrays bind.
func (r *roof) balance() float64 { return r.peak / r.bandwidth }

// binds returns the resource that binds a workload of so many multiply-accumulates
// a byte: dram, or compute.
func (r *roof) binds(macsPerByte float64) string {
	if 2*macsPerByte < r.balance() {
		return "dram"
	}
	return "compute"
}

// attainable returns the operations a second that the roof allows.
func (r *roof) attainable(macsPerByte float64) float64 {
	return math.Min(r.peak, 2*macsPerByte*r.bandwidth)
}

// AskedRoofline returns one row for every workload and capacity: operations a byte
// against the balance of the machine, the resource that binds, the share of the
// peak that is left, and iterations and samples a second at that share: an upper
// bound, for a roof knows neither utilisation nor latency.
func AskedRoofline(list []Asked, r *roof) *results.Table {
	s := results.NewList("roofline", "network:text", "phase:text", "batch", "capacity [MiB]", "operations_per_B", "machine:text", "balance_operations_per_B", "binds:text", "peak_share", "iterations_per_s", "samples_per_s")
	for i := range list {
		a := &list[i]
		for _, x := range a.Capacity {
			rate := r.attainable(x.MACsPerByte) / (2 * math.Max(float64(a.MACs), 1))
			s.Append(a.Network, a.Phase, a.Batch, mib(x.Bytes), 2*x.MACsPerByte, r.machine, r.balance(), r.binds(x.MACsPerByte), r.attainable(x.MACsPerByte)/r.peak, rate, rate*float64(a.Batch))
		}
	}
	return s
}

// rooflineFigure draws the roofs of machines, and a workload over all capacities
// under the first of them.
func rooflineFigure(list []Asked, roofs []roof) (*plot.Figure, error) {
	var series []plot.Series
	low, high := math.Inf(1), 0.0
	for i := range list {
		a, line := &list[i], plot.Series{Name: list[i].title() + ", " + list[i].Phase}
		for k, x := range a.Capacity {
			ops := 2 * x.MACsPerByte
			low, high = min(low, ops), max(high, ops)
			line.X, line.Y = append(line.X, ops), append(line.Y, roofs[0].attainable(x.MACsPerByte))
			if x.Bytes == a.KneeBytes {
				line.Marks = append(line.Marks, k)
			}
		}
		if i == 0 {
			line.MarkName = "knee"
		}
		series = append(series, line)
	}
	for i := range roofs {
		r := &roofs[i]
		line := plot.Series{Name: "roof of " + r.machine}
		for _, x := range []float64{min(low, r.balance()/4), r.balance(), max(high, r.balance()*4)} {
			line.X, line.Y = append(line.X, x), append(line.Y, r.attainable(x/2))
		}
		series = append(series, line)
	}
	return plot.Lines("", "operations per DRAM byte", "operations per second", true, true, series)
}

// RooflineCommand is `stco plot roofline`: workloads under the roofs of machines.
func RooflineCommand(env *command.Env) *cli.Command {
	flags := slices.DeleteFunc(workloadFlags(), func(f cli.Flag) bool { return f.Names()[0] == "phase" })
	return command.New(&cli.Command{
		Name: "roofline", Usage: "operations a DRAM byte of networks over the buffer's capacity, under the roofs of machines", ArgsUsage: "NETWORK...",
		Flags: append(flags,
			&cli.StringFlag{Name: "phases", Usage: "inference, training, prefill or decode, several separated by commas", Value: "inference"},
			&cli.StringFlag{Name: "machines", Usage: "machine presets, several separated by commas; workloads stand under the first", Value: "soc,server,edge"},
			command.OneOf("format", "output; the data go beside as CSV", "svg", "svg", "png", "pdf", "csv"),
			&cli.StringFlag{Name: "out", Usage: "folder", Value: "figures"}),
		Action: func(c *cli.Context) error {
			w, err := workloadOptions(env, c)
			if err != nil {
				return err
			}
			var roofs []roof
			for _, name := range words(c.String("machines")) {
				r, err := roofOf(name)
				if err != nil {
					return err
				}
				roofs = append(roofs, r)
			}
			if len(roofs) == 0 {
				return command.Usagef("--machines: at least one of %v", Machines())
			}
			list, err := Characterize(c.Args().Slice(), CharacterizeOptions{Workload: w, Phases: words(c.String("phases"))})
			if err != nil {
				return err
			}
			if len(list) > mostLines {
				return command.Usagef("stco plot roofline: %d workloads, at most %d in a figure", len(list), mostLines)
			}
			f, err := rooflineFigure(list, roofs)
			if err != nil {
				return err
			}
			dir := c.String("out")
			if err := os.MkdirAll(dir, 0o755); err != nil {
				return &disk.IOError{Op: "mkdir", Path: dir, Err: err}
			}
			for _, format := range slices.Compact([]string{c.String("format"), "csv"}) {
				name := filepath.Join(dir, "roofline."+format)
				if err := command.Output(env, name, command.FigureWriter(f, format)); err != nil {
					return err
				}
				if _, err := fmt.Fprintln(env.Out, name); err != nil {
					return err
				}
			}
			return nil
		},
	}, 1, mostLines)
}
