// Package workloads holds the verbs workload and traffic: the networks that the
// model knows, their layers and iterations, what they ask of buffer and DRAM, and
// the least traffic of a layer.
package workloads

import (
	"strconv"
	"strings"

	"stco/cmd/stco/internal/command"
	"stco/results"

	"github.com/urfave/cli/v2"
)

func workloadFlags() []cli.Flag {
	return []cli.Flag{
		command.OneOf("phase", "phase", "inference", "inference", "training", "prefill", "decode"),
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
			return nil, command.Usagef("--bind %s: want NAME=SIZE", text)
		}
		v, err := strconv.ParseInt(text[at+1:], 10, 64)
		if err != nil || v < 1 {
			return nil, command.Usagef("--bind %s: the size must be a whole number of at least 1", text)
		}
		name := text[:at]
		if _, twice := bind[name]; twice {
			return nil, command.Usagef("--bind %s: %s is bound twice", text, name)
		}
		bind[name] = v
	}
	return bind, nil
}

func workloadOptions(c *cli.Context) (WorkloadOptions, error) {
	for _, name := range []string{"batch", "seq-len", "context", "image-size", "micro-batches"} {
		if c.IsSet(name) && c.Int(name) < 1 {
			return WorkloadOptions{}, command.Usagef("--%s %d: must be at least 1", name, c.Int(name))
		}
	}
	bind, err := bindings(c)
	if err != nil {
		return WorkloadOptions{}, err
	}
	return WorkloadOptions{
		Bind: bind, Phase: c.String("phase"), Precision: c.String("precision"), Optimizer: c.String("optimizer"),
		Checkpointing: c.String("checkpointing"), Batch: c.Int("batch"), SeqLen: c.Int("seq-len"),
		Context: c.Int("context"), ImageSize: c.Int("image-size"), MicroBatches: c.Int("micro-batches"),
		NoFusion: c.Bool("no-fusion"), FusedAttention: c.Bool("fused-attention"), Dropout: c.Bool("dropout"), StreamedWeights: c.Bool("streamed-weights"),
	}, nil
}

// layerFlags are those of the commands that list layers.
func layerFlags() []cli.Flag {
	return append(workloadFlags(), command.Format(),
		&cli.BoolFlag{Name: "layers", Usage: "one row for every convolution, linear layer and matrix product"},
		&cli.StringFlag{Name: "array", Usage: "ROWSxCOLUMNS: add cycles, utilization and buffer accesses"},
		command.OneOf("dataflow", "dataflow of the array", "os", "os", "ws", "is"))
}

// writeFields prints the fields of a structure.
func writeFields(env *command.Env, v any, format string) error {
	if format == "json" {
		return command.WriteJSON(env.Out, v)
	}
	return command.WriteList(env.Out, command.Fields(v), format)
}

func writeLayers(env *command.Env, c *cli.Context, name string, o WorkloadOptions) error {
	s, err := WorkloadLayers(name, o, c.String("array"), c.String("dataflow"))
	if err != nil {
		return err
	}
	return command.WriteList(env.Out, s, c.String("format"))
}

// Command is the verb workload.
func Command(env *command.Env) *cli.Command {
	list := command.New(&cli.Command{
		Name: "list", Usage: "networks with parameters and forward multiply-accumulates",
		Flags: []cli.Flag{command.Format(), &cli.StringFlag{Name: "family", Usage: "cv, nlp or rec"}},
		Action: func(c *cli.Context) error {
			s, err := WorkloadList(c.String("family"))
			if err != nil {
				return err
			}
			return command.WriteList(env.Out, s, c.String("format"))
		},
	}, 0, 0)
	show := command.New(&cli.Command{
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
						return command.Usagef("--batches %d: must be at least 1", b)
					}
				}
				all, err := WorkloadSweep(name, o, c.IntSlice("batches"))
				if err != nil {
					return err
				}
				if c.String("format") == "json" {
					return command.WriteJSON(env.Out, all)
				}
				return command.WriteList(env.Out, command.Records(all), c.String("format"))
			}
			it, err := WorkloadSummary(name, o)
			if err != nil {
				return err
			}
			return writeFields(env, it, c.String("format"))
		},
	}, 1, 1)
	imp := command.New(&cli.Command{
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
			it, err := WorkloadImport(file, c.String("name"), o)
			if err != nil {
				return err
			}
			return writeFields(env, it, c.String("format"))
		},
	}, 1, 1)
	return &cli.Command{Name: "workload", Usage: "the networks the model knows", Subcommands: []*cli.Command{list, show, imp, characterizeCommand(env)}}
}

// TrafficCommand is the verb traffic.
func TrafficCommand(env *command.Env) *cli.Command {
	return command.New(&cli.Command{
		Name: "traffic", Usage: "least traffic between buffer and DRAM of a matrix product or of the layers of a network, in elements",
		Flags: append(workloadFlags(), command.Format(),
			&cli.StringFlag{Name: "gemm", Usage: "M,N,K"},
			&cli.StringFlag{Name: "network", Usage: "a network, forward pass, every layer alone"},
			&cli.BoolFlag{Name: "layers", Usage: "one row for every layer"},
			&cli.Int64Flag{Name: "buffer-elements", Usage: "elements the buffer holds, single buffered", Value: 1 << 20}),
		Action: func(c *cli.Context) error {
			elements := c.Int64("buffer-elements")
			if elements < 1 {
				return command.Usagef("--buffer-elements %d: must be at least 1", elements)
			}
			if c.IsSet("gemm") == c.IsSet("network") {
				return command.Usagef("stco traffic: want --gemm M,N,K or --network NAME")
			}
			if c.String("phase") == "training" {
				return command.Usagef("stco traffic --phase training: layers are counted forward, each alone; stco workload characterize has the traffic of training")
			}
			o, err := workloadOptions(c)
			if err != nil {
				return err
			}
			var s *results.Table
			if c.IsSet("gemm") {
				s, err = GEMMTraffic(c.String("gemm"), elements)
			} else {
				s, err = NetworkTraffic(c.String("network"), o, elements, c.Bool("layers"))
			}
			if err != nil {
				return err
			}
			return command.WriteList(env.Out, s, c.String("format"))
		},
	}, 0, 0)
}
