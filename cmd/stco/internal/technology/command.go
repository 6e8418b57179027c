// Package technology holds the verbs tech and array: what the technology tables
// say, with sources, and the figures of one memory array.
package technology

import (
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"stco/cmd/stco/internal/command"
	"stco/experiments/campaign"
	"stco/experiments/study/catalog"
	"stco/model"
)

// ArrayCommand is the verb array.
func ArrayCommand(env *command.Env) *cli.Command {
	return command.New(&cli.Command{
		Name: "array", Usage: "area, latency, energy and leakage of a memory array",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "cell", Usage: "bitcell: " + strings.Join(ArrayCells(), ", ") + ", or a file of a user cell (docs/formats.md)", Value: "sram"},
			&cli.StringFlag{Name: "technology", Usage: "of a cell file of NVSim, whose type MRAM does not tell sot from stt: sot or stt (default: as the file says)"},
			tablesFlag(),
			&cli.StringFlag{Name: "node", Usage: "CMOS node: " + strings.Join(catalog.Builtin().Tables.NodeNames(), ", "), Value: "14nm"},
			&cli.StringFlag{Name: "flavour", Usage: "device flavour: hp, lop, lstp", Value: "lop"},
			&cli.StringFlag{Name: "temperature", Usage: "of leakage and wires", Value: "350K"},
			&cli.StringFlag{Name: "capacity", Usage: "data capacity of all banks", Value: "1MiB"},
			&cli.IntFlag{Name: "banks", Usage: "independent banks", Value: 1},
			&cli.IntFlag{Name: "word", Usage: "data bits of an access", Value: 128},
			&cli.IntFlag{Name: "bus", Usage: "data bits a cycle of the tree between the banks, in and out together (default: a word each way)"},
			&cli.StringFlag{Name: "target", Usage: "edp, read-latency, write-latency, read-energy, write-energy, read-edp, write-edp, area or leakage", Value: "edp"},
			&cli.Float64Flag{Name: "area-slack", Usage: "organisations may be that much larger than the smallest", Value: DefaultAreaSlack},
			&cli.StringFlag{Name: "ecc", Usage: "none, secded, dec or dec-ted", Value: "none"},
			&cli.IntFlag{Name: "codeword", Usage: "data bits of a codeword", Value: DefaultCodeword},
			&cli.StringFlag{Name: "ports", Usage: "single or 1r1w", Value: "single"},
			command.OneOf("corner", "of voltage and process", "typical", ArrayCorners()...),
			command.OneOf("wires", "layers of the H-tree", "intermediate", ArrayWires()...),
			&cli.BoolFlag{Name: "parts", Usage: "areas, times, energies and leakage by part"},
			&cli.BoolFlag{Name: "organisations", Usage: "every inner organisation within the area slack, and which of them are Pareto-optimal"},
			&cli.BoolFlag{Name: "presets", Usage: "every device preset on every node and flavour, with the limits it misses"},
			&cli.IntFlag{Name: "rows", Usage: "of a subarray (default: searched)"},
			&cli.IntFlag{Name: "columns", Usage: "of a subarray (default: searched)"},
			command.Format(),
		},
		Action: func(c *cli.Context) error {
			o := ArrayOptions{
				Cell: c.String("cell"), Technology: c.String("technology"), Node: c.String("node"), Flavour: c.String("flavour"), Temperature: c.String("temperature"),
				Capacity: c.String("capacity"), Target: c.String("target"), ECC: c.String("ecc"), Ports: c.String("ports"),
				Banks: c.Int("banks"), Word: c.Int("word"), Bus: c.Int("bus"), Codeword: c.Int("codeword"), Rows: c.Int("rows"), Columns: c.Int("columns"), AreaSlack: c.Float64("area-slack"),
				Corner: c.String("corner"), Wires: c.String("wires"), Parts: c.Bool("parts"), Organisations: c.Bool("organisations"),
			}
			tables, err := tablesOf(c)
			if err != nil {
				return err
			}
			o.Tables = tables.Tables
			if !slices.Contains(arrayCells(o.Tables), o.Cell) {
				text, err := command.ReadInput(o.Cell)
				if err != nil {
					return err
				}
				o.CellFile = text
			}
			if c.Bool("presets") {
				if o.Parts || o.Organisations || c.IsSet("cell") || c.IsSet("node") || c.IsSet("flavour") {
					return command.Usagef("stco array --presets: without --cell, --node, --flavour, --parts and --organisations")
				}
				s, err := ArrayPresets(&o)
				if err != nil {
					return err
				}
				return command.WriteList(env.Out, s, c.String("format"))
			}
			if o.Parts && o.Organisations {
				return command.Usagef("stco array: --parts or --organisations")
			}
			s, missed, err := Array(o)
			if err != nil {
				return err
			}
			if c.String("format") == "table" {
				s.Drop("violations") // on standard error below
			}
			if err := command.WriteList(env.Out, s, c.String("format")); err != nil {
				return err
			}
			for _, m := range missed {
				if _, err := fmt.Fprintf(env.Err, "stco: infeasible: %s\n", m); err != nil {
					return err
				}
			}
			if len(missed) > 0 {
				return &command.SilentError{Err: &campaign.InfeasibleError{Evaluations: 1}}
			}
			return nil
		},
	}, 0, 0)
}

// tablesFlag names tables of the user.
func tablesFlag() cli.Flag {
	return &cli.StringFlag{Name: "tables", Usage: "entries of your own: a folder of CSV tables, one of them, or a study or design that brings some (docs/formats.md)"}
}

// tablesOf returns the built-in tables with those of the flag.
func tablesOf(c *cli.Context) (*model.Catalog, error) {
	if name := c.String("tables"); name != "" {
		return catalog.Open(name)
	}
	return catalog.Builtin(), nil
}

// TechCommand is the verb tech.
func TechCommand(env *command.Env) *cli.Command {
	list := command.New(&cli.Command{
		Name: "list", Usage: "technology tables and their entries", Flags: []cli.Flag{tablesFlag(), command.Format()},
		Action: func(c *cli.Context) error {
			tables, err := tablesOf(c)
			if err != nil {
				return err
			}
			return command.WriteList(env.Out, TechList(tables.Tables), c.String("format"))
		},
	}, 0, 0)
	show := command.New(&cli.Command{
		Name: "show", Usage: "every value of a table or entry with unit, kind and source", ArgsUsage: "NAME",
		Flags: []cli.Flag{tablesFlag(), command.Format()},
		Action: func(c *cli.Context) error {
			tables, err := tablesOf(c)
			if err != nil {
				return err
			}
			s, err := TechShow(tables.Tables, c.Args().First())
			if err != nil {
				return err
			}
			return command.WriteList(env.Out, s, c.String("format"))
		},
	}, 1, 1)
	return command.Group("tech", "the technology tables with their sources", list, show)
}
