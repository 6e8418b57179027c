package cli

import (
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"stco/experiments"
)

func workloadFlags() []cli.Flag {
	return []cli.Flag{
		oneOf("phase", "phase", "inference", "inference", "training", "prefill", "decode"),
		&cli.IntFlag{Name: "batch", Usage: "samples per iteration (default: 1, in training that of the suite)"},
		&cli.IntFlag{Name: "seq-len", Usage: "tokens per sequence (default: that of the network)"},
		&cli.IntFlag{Name: "context", Usage: "tokens in the KV cache before the decoded one"},
		&cli.IntFlag{Name: "image-size", Usage: "input height and width in pixels (default: that of the network)"},
		&cli.StringFlag{Name: "precision", Usage: "bf16, fp16, fp32, fp8, int8 or int4 (default bf16 mixed)"},
		&cli.StringFlag{Name: "optimizer", Usage: "sgd, momentum, adam or adamw"},
		&cli.StringFlag{Name: "checkpointing", Usage: "none, full or selective"},
		&cli.IntFlag{Name: "micro-batches", Usage: "gradient accumulation: equal parts of the batch"},
		&cli.BoolFlag{Name: "no-fusion", Usage: "every operator a step of its own"},
		&cli.BoolFlag{Name: "fused-attention", Usage: "QK^T, softmax and AV in one step whose scores stay on chip; in training recomputed"},
		&cli.BoolFlag{Name: "dropout", Usage: "the published dropout layers in training"},
		&cli.BoolFlag{Name: "streamed-weights", Usage: "read the weights of an inference from DRAM every time"},
		&cli.StringSliceFlag{Name: "bind", Usage: "`NAME=SIZE` of a symbolic dimension of an .onnx file; may be repeated"},
	}
}

// bindings reads --bind name=size flags.
func bindings(c *cli.Context) (map[string]int64, error) {
	bind := map[string]int64{}
	for _, text := range c.StringSlice("bind") {
		at := strings.LastIndex(text, "=")
		if at < 1 {
			return nil, usagef("--bind %s: want NAME=SIZE", text)
		}
		v, err := strconv.ParseInt(text[at+1:], 10, 64)
		if err != nil || v < 1 {
			return nil, usagef("--bind %s: the size must be a whole number of at least 1", text)
		}
		name := text[:at]
		if _, twice := bind[name]; twice {
			return nil, usagef("--bind %s: %s is bound twice", text, name)
		}
		bind[name] = v
	}
	return bind, nil
}

func workloadOptions(c *cli.Context) (experiments.WorkloadOptions, error) {
	for _, name := range []string{"batch", "seq-len", "context", "image-size", "micro-batches"} {
		if c.IsSet(name) && c.Int(name) < 1 {
			return experiments.WorkloadOptions{}, usagef("--%s %d: must be at least 1", name, c.Int(name))
		}
	}
	bind, err := bindings(c)
	if err != nil {
		return experiments.WorkloadOptions{}, err
	}
	return experiments.WorkloadOptions{
		Bind: bind, Phase: c.String("phase"), Precision: c.String("precision"), Optimizer: c.String("optimizer"),
		Checkpointing: c.String("checkpointing"), Batch: c.Int("batch"), SeqLen: c.Int("seq-len"),
		Context: c.Int("context"), ImageSize: c.Int("image-size"), MicroBatches: c.Int("micro-batches"),
		NoFusion: c.Bool("no-fusion"), FusedAttention: c.Bool("fused-attention"), Dropout: c.Bool("dropout"), StreamedWeights: c.Bool("streamed-weights"),
	}, nil
}

// layerFlags are those of the commands that list layers.
func layerFlags() []cli.Flag {
	return append(workloadFlags(), sheetFormat(),
		&cli.BoolFlag{Name: "layers", Usage: "one row for every convolution, linear layer and matrix product"},
		&cli.StringFlag{Name: "array", Usage: "ROWSxCOLUMNS: add cycles, utilization and buffer accesses"},
		oneOf("dataflow", "dataflow of the array", "os", "os", "ws", "is"))
}

// writeFields prints the fields of a structure.
func writeFields(env *Env, v any, format string) error {
	if format == "json" {
		return writeJSON(env.Out, v)
	}
	s, err := experiments.Fields(v)
	if err != nil {
		return err
	}
	return writeSheet(env.Out, s, format)
}

func writeLayers(env *Env, c *cli.Context, name string, o experiments.WorkloadOptions) error {
	s, err := experiments.WorkloadLayers(name, o, c.String("array"), c.String("dataflow"))
	if err != nil {
		return err
	}
	return writeSheet(env.Out, s, c.String("format"))
}

func workloadCommand(env *Env) *cli.Command {
	list := command(&cli.Command{
		Name: "list", Usage: "networks with parameters and forward multiply-accumulates",
		Flags: []cli.Flag{sheetFormat(), &cli.StringFlag{Name: "family", Usage: "cv, nlp or rec"}},
		Action: func(c *cli.Context) error {
			s, err := experiments.WorkloadList(c.String("family"))
			if err != nil {
				return err
			}
			return writeSheet(env.Out, s, c.String("format"))
		},
	}, 0, 0)
	show := command(&cli.Command{
		Name: "show", Usage: "layers of a network, or a summary of one iteration", ArgsUsage: "NAME|FILE.onnx",
		Flags: append(layerFlags(), &cli.IntSliceFlag{Name: "batches", Usage: "a summary at each of several batches, separated by commas"}),
		Action: func(c *cli.Context) error {
			o, err := workloadOptions(c)
			if err != nil {
				return err
			}
			name := c.Args().First()
			switch {
			case c.Bool("layers") || c.IsSet("array"):
				return writeLayers(env, c, name, o)
			case c.IsSet("batches"):
				for _, b := range c.IntSlice("batches") {
					if b < 1 {
						return usagef("--batches %d: must be at least 1", b)
					}
				}
				all, err := experiments.WorkloadSweep(name, o, c.IntSlice("batches"))
				if err != nil {
					return err
				}
				if c.String("format") == "json" {
					return writeJSON(env.Out, all)
				}
				s, err := experiments.Records(all)
				if err != nil {
					return err
				}
				return writeSheet(env.Out, s, c.String("format"))
			}
			it, err := experiments.WorkloadSummary(name, o)
			if err != nil {
				return err
			}
			return writeFields(env, it, c.String("format"))
		},
	}, 1, 1)
	imp := command(&cli.Command{
		Name: "import", Usage: "an .onnx file: its layers, or a summary of one iteration", ArgsUsage: "FILE.onnx",
		Flags: append(layerFlags(), &cli.StringFlag{Name: "name", Usage: "name of the network (default: that of the file)"}),
		Action: func(c *cli.Context) error {
			o, err := workloadOptions(c)
			if err != nil {
				return err
			}
			file := c.Args().First()
			if c.Bool("layers") || c.IsSet("array") {
				o.File = true
				return writeLayers(env, c, file, o)
			}
			it, err := experiments.WorkloadImport(file, c.String("name"), o)
			if err != nil {
				return err
			}
			return writeFields(env, it, c.String("format"))
		},
	}, 1, 1)
	return &cli.Command{Name: "workload", Usage: "the networks the model knows", Subcommands: []*cli.Command{list, show, imp, characterizeCommand(env)}}
}

func techCommand(env *Env) *cli.Command {
	list := command(&cli.Command{
		Name: "list", Usage: "technology tables and their entries", Flags: []cli.Flag{sheetFormat()},
		Action: func(c *cli.Context) error { return writeSheet(env.Out, experiments.TechList(), c.String("format")) },
	}, 0, 0)
	show := command(&cli.Command{
		Name: "show", Usage: "every value of a table or entry with unit, kind and source", ArgsUsage: "NAME",
		Flags: []cli.Flag{sheetFormat()},
		Action: func(c *cli.Context) error {
			s, err := experiments.TechShow(c.Args().First())
			if err != nil {
				return err
			}
			return writeSheet(env.Out, s, c.String("format"))
		},
	}, 1, 1)
	return &cli.Command{Name: "tech", Usage: "the technology tables with their sources", Subcommands: []*cli.Command{list, show}}
}
