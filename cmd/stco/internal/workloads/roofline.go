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
	"stco/model/accel"
	"stco/results"
	"stco/results/plot"
	"stco/results/store/disk"
)

// roof is what a machine can do at most: operations a second (two a
// multiply-accumulate) and bytes a second of DRAM streams. array and clock, in Hz,
// say what of the peak the layers of a network reach.
type roof struct {
	machine         string
	peak, bandwidth float64
	array           accel.Array
	clock           float64
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
	r := roof{machine, 2 * float64(s.Cores*s.PERows*s.PECols) * float64(s.Clock), s.DRAM.Effective(), s.AccelArray(), float64(s.Clock)}
	r.array.PEBuffer = 0
	return r, nil
}

// balance returns the operations a byte from which on the PE arrays bind at their
// peak.
func (r *roof) balance() float64 { return r.peak / r.bandwidth }

// binds returns the resource that binds a workload at a capacity, each at full
// speed: dram, or compute where the PE arrays take longer for its layers.
func (r *roof) binds(a *Asked, x *At) string {
	if float64(x.DRAM)/r.bandwidth > a.ArraySeconds {
		return "dram"
	}
	return "compute"
}

// rate returns the iterations a second that DRAM and PE arrays allow at a capacity.
func (r *roof) rate(a *Asked, x *At) float64 {
	return 1 / math.Max(float64(x.DRAM)/r.bandwidth, a.ArraySeconds)
}

// AskedRoofline returns one row for every workload and capacity: operations a byte
// against the balance of the machine, the resource that binds, the share of the
// peak that is left, and iterations and samples a second at that share: an upper
// bound, for a roof knows no latency. Of the peak the PE arrays reach the array
// share, for layers do not fill them.
func AskedRoofline(list []Asked, r *roof) *results.Table {
	s := results.NewList("roofline", "network:text", "phase:text", "batch", "capacity [MiB]", "operations_per_B", "machine:text", "balance_operations_per_B", "binds:text", "peak_share", "iterations_per_s", "samples_per_s", "array_share")
	for i := range list {
		a := &list[i]
		work := 2 * float64(a.MACs) / r.peak
		for k := range a.Capacity {
			x := &a.Capacity[k]
			rate := r.rate(a, x)
			s.Append(a.Network, a.Phase, a.Batch, mib(x.Bytes), 2*x.MACsPerByte, r.machine, r.balance(), r.binds(a, x), work*rate, rate, rate*float64(a.Batch), work/a.ArraySeconds)
		}
	}
	return s
}

// rooflineFigure draws the roofs of machines, and under the first of them every
// workload at the capacities that are powers of two, and at its knee.
func rooflineFigure(list []Asked, roofs []roof) (*plot.Figure, error) {
	var series []plot.Series
	low, high := math.Inf(1), 0.0
	for i := range list {
		a, points := &list[i], plot.Series{Name: list[i].title() + ", " + list[i].Phase, Points: true}
		for k := range a.Capacity {
			x := &a.Capacity[k]
			if x.Bytes&(x.Bytes-1) != 0 && x.Bytes != a.KneeBytes {
				continue
			}
			ops := 2 * x.MACsPerByte
			low, high = min(low, ops), max(high, ops)
			if x.Bytes == a.KneeBytes {
				points.Marks = append(points.Marks, len(points.X))
			}
			points.X, points.Y = append(points.X, ops), append(points.Y, 2*float64(a.MACs)*roofs[0].rate(a, x))
		}
		if i == 0 {
			points.MarkName = "knee"
		}
		series = append(series, points)
	}
	for i := range roofs {
		r := &roofs[i]
		line := plot.Series{Name: "roof of " + r.machine, Bare: true}
		for _, x := range []float64{min(low, r.balance()/4), r.balance(), max(high, r.balance()*4)} {
			line.X, line.Y = append(line.X, x), append(line.Y, min(r.peak, x*r.bandwidth))
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
			list, err := Characterize(c.Args().Slice(), CharacterizeOptions{Workload: w, Phases: words(c.String("phases")), Roof: &roofs[0]})
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
