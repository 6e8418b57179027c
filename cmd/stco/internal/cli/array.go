package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"stco/experiments"
	"stco/experiments/campaign"
)

func arrayCommand(env *Env) *cli.Command {
	return command(&cli.Command{
		Name: "array", Usage: "area, latency, energy and leakage of a memory array",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "cell", Usage: "bitcell: " + strings.Join(experiments.ArrayCells(), ", ") + ", or a file of a user cell (docs/formats.md)", Value: "sram"},
			&cli.StringFlag{Name: "node", Usage: "CMOS node: 22nm, 14nm, 7nm, 5nm", Value: "14nm"},
			&cli.StringFlag{Name: "flavour", Usage: "device flavour: hp, lop, lstp", Value: "lop"},
			&cli.StringFlag{Name: "temperature", Usage: "of leakage and wires", Value: "350K"},
			&cli.StringFlag{Name: "capacity", Usage: "data capacity of all banks", Value: "1MiB"},
			&cli.IntFlag{Name: "banks", Usage: "independent banks", Value: 1},
			&cli.IntFlag{Name: "word", Usage: "data bits of an access", Value: 128},
			&cli.StringFlag{Name: "target", Usage: "edp, read-latency, write-latency, read-energy, write-energy, read-edp, write-edp, area or leakage", Value: "edp"},
			&cli.Float64Flag{Name: "area-slack", Usage: "organisations may be that much larger than the smallest", Value: experiments.DefaultAreaSlack},
			&cli.StringFlag{Name: "ecc", Usage: "none, secded or dec", Value: "none"},
			&cli.StringFlag{Name: "ports", Usage: "single or 1r1w", Value: "single"},
			oneOf("corner", "of voltage and process", "typical", experiments.ArrayCorners()...),
			oneOf("wires", "layers of the H-tree", "intermediate", experiments.ArrayWires()...),
			&cli.BoolFlag{Name: "parts", Usage: "areas, times, energies and leakage by part"},
			&cli.BoolFlag{Name: "organisations", Usage: "every inner organisation within the area slack, and which of them are Pareto-optimal"},
			&cli.IntFlag{Name: "rows", Usage: "of a subarray (default: searched)"},
			&cli.IntFlag{Name: "columns", Usage: "of a subarray (default: searched)"},
			sheetFormat(),
		},
		Action: func(c *cli.Context) error {
			o := experiments.ArrayOptions{
				Cell: c.String("cell"), Node: c.String("node"), Flavour: c.String("flavour"), Temperature: c.String("temperature"),
				Capacity: c.String("capacity"), Target: c.String("target"), ECC: c.String("ecc"), Ports: c.String("ports"),
				Banks: c.Int("banks"), Word: c.Int("word"), Rows: c.Int("rows"), Columns: c.Int("columns"), AreaSlack: c.Float64("area-slack"),
				Corner: c.String("corner"), Wires: c.String("wires"), Parts: c.Bool("parts"), Organisations: c.Bool("organisations"),
			}
			if !slices.Contains(experiments.ArrayCells(), o.Cell) {
				text, err := readInput(o.Cell)
				if err != nil {
					return err
				}
				o.CellFile = text
			}
			if o.Parts && o.Organisations {
				return usagef("stco array: --parts or --organisations")
			}
			s, missed, err := experiments.Array(o)
			if err != nil {
				return err
			}
			if c.String("format") == "table" {
				s.Drop("violations") // on standard error below
			}
			if err := writeSheet(env.Out, s, c.String("format")); err != nil {
				return err
			}
			for _, m := range missed {
				if _, err := fmt.Fprintf(env.Err, "stco: infeasible: %s\n", m); err != nil {
					return err
				}
			}
			if len(missed) > 0 {
				return &silentError{&campaign.InfeasibleError{Evaluations: 1}}
			}
			return nil
		},
	}, 0, 0)
}

func trafficCommand(env *Env) *cli.Command {
	return command(&cli.Command{
		Name: "traffic", Usage: "least traffic between buffer and DRAM of a matrix product or of the layers of a network, in elements",
		Flags: append(workloadFlags(), sheetFormat(),
			&cli.StringFlag{Name: "gemm", Usage: "M,N,K"},
			&cli.StringFlag{Name: "network", Usage: "a network, forward pass, every layer alone"},
			&cli.BoolFlag{Name: "layers", Usage: "one row for every layer"},
			&cli.Int64Flag{Name: "buffer-elements", Usage: "elements the buffer holds, single buffered", Value: 1 << 20}),
		Action: func(c *cli.Context) error {
			elements := c.Int64("buffer-elements")
			if elements < 1 {
				return usagef("--buffer-elements %d: must be at least 1", elements)
			}
			if c.IsSet("gemm") == c.IsSet("network") {
				return usagef("stco traffic: want --gemm M,N,K or --network NAME")
			}
			if c.String("phase") == "training" {
				return usagef("stco traffic --phase training: layers are counted forward, each alone; stco workload characterize has the traffic of training")
			}
			o, err := workloadOptions(c)
			if err != nil {
				return err
			}
			var s *experiments.Sheet
			if c.IsSet("gemm") {
				s, err = experiments.GEMMTraffic(c.String("gemm"), elements)
			} else {
				s, err = experiments.NetworkTraffic(c.String("network"), o, elements, c.Bool("layers"))
			}
			if err != nil {
				return err
			}
			return writeSheet(env.Out, s, c.String("format"))
		},
	}, 0, 0)
}
