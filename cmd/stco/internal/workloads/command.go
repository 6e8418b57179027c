// Package workloads holds the verbs workload and traffic: the networks that the
// model knows, their layers and iterations, what they ask of buffer and DRAM, and
// the least traffic of a layer.
package workloads

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"stco/cmd/stco/internal/command"
	"stco/experiments/study/networks"
	"stco/model/workload"
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
		&cli.BoolFlag{Name: "causal", Usage: "leave out the products of a decoder's queries with later keys"},
		command.OneOf("logits", "positions of a decoder's head", "all", "all", "last"),
		&cli.IntFlag{Name: "window", Usage: "keys that a query of a decoder sees at most (default: the network's own window)"},
		command.OneOf("cache", "what latent attention caches: the latent vectors, or keys and values of all heads", "latent", "latent", "heads"),
		&cli.StringFlag{Name: "slice", Usage: "one device's share, as in tensor=8,pipeline=4,sequence=1"},
		command.OneOf("kind", "kind of a file (default: told by its content)", "", append([]string{""}, networks.Kinds()...)...),
		&cli.StringSliceFlag{Name: "bind", Usage: "`NAME=SIZE` of a symbolic dimension of an .onnx file; may be repeated"},
		&cli.StringSliceFlag{Name: "set", Usage: "`NAME=VALUE` of a scalar input of an .onnx file; may be repeated"},
		&cli.StringSliceFlag{Name: "bound", Usage: "`OPERATOR=SIZE` of a result whose size depends on data, as in NonZero=300; may be repeated"},
		command.OneOf("unknown", "operators of an .onnx file that are not known", "refuse", "refuse", "pointwise"),
	}
}

// assignments reads flags of the form name=value.
func assignments[T int64 | float64](c *cli.Context, flag, what string, parse func(string) (T, error)) (map[string]T, error) {
	all := map[string]T{}
	var errs []error
	for _, text := range c.StringSlice(flag) {
		at := strings.LastIndex(text, "=")
		if at < 1 {
			errs = append(errs, command.Usagef("--%s %s: want NAME=%s", flag, text, what))
			continue
		}
		name := text[:at]
		v, err := parse(text[at+1:])
		if err != nil {
			errs = append(errs, command.Usagef("--%s %s: %w", flag, text, err))
			continue
		}
		if _, twice := all[name]; twice {
			errs = append(errs, command.Usagef("--%s %s: %s is given twice", flag, text, name))
		}
		all[name] = v
	}
	return all, errors.Join(errs...)
}

func wholeSize(text string) (int64, error) {
	v, err := strconv.ParseInt(text, 10, 64)
	if err != nil || v < 1 {
		return 0, errors.New("the size must be a whole number of at least 1")
	}
	return v, nil
}

func scalarValue(text string) (float64, error) {
	if v, err := strconv.ParseBool(text); err == nil && len(text) > 1 {
		if v {
			return 1, nil
		}
		return 0, nil
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
		return 0, errors.New("the value must be a number, true or false")
	}
	return v, nil
}

// slice reads --slice.
func slice(text string) (s workload.Slice, err error) {
	if text == "" {
		return s, nil
	}
	into := map[string]*int{"tensor": &s.Tensor, "pipeline": &s.Pipeline, "sequence": &s.Sequence}
	var errs []error
	for part := range strings.SplitSeq(text, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		v, err := wholeSize(value)
		switch at := into[name]; {
		case at != nil && *at != 0:
			errs = append(errs, command.Usagef("--slice %s: %s is given twice", part, name))
		case at == nil || err != nil:
			errs = append(errs, command.Usagef("--slice %s: want tensor=N, pipeline=N or sequence=N, N at least 1", part))
		default:
			*at = int(v)
		}
	}
	return s, errors.Join(errs...)
}

// workloadOptions reads the flags; all wrong ones are told at once, beside the
// options without them.
func workloadOptions(env *command.Env, c *cli.Context) (WorkloadOptions, error) {
	var errs []error
	note := func(err error) {
		if err != nil {
			errs = append(errs, err)
		}
	}
	count := func(name string) int {
		if c.IsSet(name) && c.Int(name) < 1 {
			note(command.Usagef("--%s %d: must be at least 1", name, c.Int(name)))
			return 0
		}
		return c.Int(name)
	}
	named := func(name string, parse func(string) error) string {
		text := c.String(name)
		if text == "" {
			return ""
		}
		if err := parse(text); err != nil {
			note(command.Usagef("--%s: %w", name, err))
			return ""
		}
		return text
	}
	o := WorkloadOptions{
		Batch: count("batch"), SeqLen: count("seq-len"), Context: count("context"), ImageSize: count("image-size"),
		MicroBatches: count("micro-batches"), Window: count("window"),
		Phase:         c.String("phase"),
		Precision:     named("precision", func(text string) error { _, err := workload.PrecisionByName(text); return err }),
		Optimizer:     named("optimizer", func(text string) error { _, err := workload.ParseOptimizer(text); return err }),
		Checkpointing: named("checkpointing", func(text string) error { _, err := workload.ParseCheckpointing(text); return err }),
		NoFusion:      c.Bool("no-fusion"), FusedAttention: c.Bool("fused-attention"), Dropout: c.Bool("dropout"), StreamedWeights: c.Bool("streamed-weights"),
		Causal: c.Bool("causal"), LastLogits: c.String("logits") == "last", HeadCache: c.String("cache") == "heads",
		Kind: c.String("kind"), Warn: func(text string) { _, _ = fmt.Fprintln(env.Err, "warning:", text) },
	}
	named("array", func(text string) error { _, _, err := parseArray(text, ""); return err })
	var err error
	o.Import.Bind, err = assignments(c, "bind", "SIZE", wholeSize)
	note(err)
	o.Import.Set, err = assignments(c, "set", "VALUE", scalarValue)
	note(err)
	o.Import.Bound, err = assignments(c, "bound", "SIZE", wholeSize)
	note(err)
	o.Import.Pointwise = c.String("unknown") == "pointwise"
	o.Slice, err = slice(c.String("slice"))
	note(err)
	note(idle(c))
	if len(errs) > 0 {
		return o, &command.UsageError{Err: errors.Join(errs...)}
	}
	return o, nil
}

// checked tells wrong flags together with what a network says of the right ones.
func checked(env *command.Env, file bool) func(*cli.Context) error {
	return func(c *cli.Context) error {
		o, err := workloadOptions(env, c)
		if err == nil || c.Args().Len() != 1 {
			return err
		}
		if _, unknown := workload.ParsePhase(command.Or(o.Phase, "inference")); unknown != nil {
			return err
		}
		o.File, o.Warn = file, nil
		_, _, wrong := o.network(c.Args().First())
		return errors.Join(err, wrong)
	}
}

// idle refuses flags that have no effect beside the others.
func idle(c *cli.Context) error {
	var errs []error
	for _, pair := range [][2]string{{"batch", "batches"}, {"layers", "batches"}, {"array", "batches"}} {
		if c.IsSet(pair[0]) && c.IsSet(pair[1]) {
			errs = append(errs, command.Usagef("--%s beside --%s: one of them", pair[0], pair[1]))
		}
	}
	if c.String("phase") == "decode" && c.IsSet("seq-len") && c.IsSet("context") {
		errs = append(errs, command.Usagef("--seq-len %d beside --context %d: a decode step has one token, behind those of the context", c.Int("seq-len"), c.Int("context")))
	}
	if c.Bool("layers") && c.Command.Name != "traffic" {
		for _, flag := range []string{"optimizer", "checkpointing", "micro-batches", "no-fusion", "fused-attention", "streamed-weights"} {
			if c.IsSet(flag) {
				errs = append(errs, command.Usagef("--%s beside --layers: layers have sizes and forward products, which it does not change", flag))
			}
		}
	}
	if c.String("format") == "yaml" {
		for _, f := range workloadFlags() {
			if name := f.Names()[0]; c.IsSet(name) {
				errs = append(errs, command.Usagef("--%s beside --format yaml: the file is the same in every run", name))
			}
		}
		for _, name := range []string{"layers", "array", "batches"} {
			if c.IsSet(name) {
				errs = append(errs, command.Usagef("--%s beside --format yaml: one of them", name))
			}
		}
	}
	if c.IsSet("dataflow") && !c.IsSet("array") {
		errs = append(errs, command.Usagef("--dataflow %s: an array runs it; --array ROWSxCOLUMNS names one", c.String("dataflow")))
	}
	return errors.Join(errs...)
}

// batches reads --batches; all wrong ones are told at once.
func batches(c *cli.Context) ([]int, error) {
	var errs []error
	for _, b := range c.IntSlice("batches") {
		if b < 1 {
			errs = append(errs, command.Usagef("--batches %d: must be at least 1", b))
		}
	}
	return c.IntSlice("batches"), errors.Join(errs...)
}

// layerFlags are those of the commands that list layers.
func layerFlags(show bool) []cli.Flag {
	format := command.Format()
	if show {
		format = command.OneOf("format", "output; yaml is the network as a file, to start from", "table", append(command.Formats(), "yaml")...)
	}
	return append(workloadFlags(), format,
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
		Flags: []cli.Flag{
			command.Format(), &cli.StringFlag{Name: "family", Usage: "cv, nlp or rec"},
			&cli.StringFlag{Name: "suite", Usage: "a list of MLPerf, as mlperf-inference-v5.1; without a version the last"},
			&cli.BoolFlag{Name: "counts", Usage: "every count beside what its source prints, with convention and deviation"},
		},
		Action: func(c *cli.Context) error {
			list := WorkloadList
			if c.Bool("counts") {
				list = WorkloadCounts
			}
			s, err := list(c.String("family"), c.String("suite"), func(text string) { _, _ = fmt.Fprintln(env.Err, "note:", text) })
			if err != nil {
				return err
			}
			return command.WriteList(env.Out, s, c.String("format"))
		},
	}, 0, 0)
	show := command.New(&cli.Command{
		Name: "show", Usage: "layers of a network, or a summary of one iteration", ArgsUsage: "NAME|FILE",
		Flags: append(layerFlags(true), &cli.IntSliceFlag{Name: "batches", Usage: "a summary at each of several batches, separated by commas"}),
		Action: func(c *cli.Context) error {
			o, err := workloadOptions(env, c)
			if err != nil {
				return err
			}
			name := c.Args().First()
			switch {
			case c.String("format") == "yaml":
				text, err := WorkloadText(name)
				if err != nil {
					return err
				}
				_, err = env.Out.Write(text)
				return err
			case c.Bool("layers") || c.IsSet("array"):
				return writeLayers(env, c, name, o)
			case c.IsSet("batches"):
				list, err := batches(c)
				if err != nil {
					return err
				}
				all, err := WorkloadSweep(name, o, list)
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
	}, 1, 1, checked(env, false))
	imp := command.New(&cli.Command{
		Name: "import", Usage: "a file (.onnx, a network as YAML, SCALE-Sim, Timeloop, ZigZag, Calculon): its layers, or a summary of one iteration", ArgsUsage: "FILE",
		Flags: append(layerFlags(false), &cli.StringFlag{Name: "name", Usage: "name of the network (default: that of the file)"}),
		Action: func(c *cli.Context) error {
			o, err := workloadOptions(env, c)
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
	}, 1, 1, checked(env, true))
	return command.Group("workload", "the networks the model knows", list, show, imp, characterizeCommand(env))
}

// ofNetwork refuses flags of a network beside a single product.
func ofNetwork(c *cli.Context) error {
	var errs []error
	for _, f := range workloadFlags() {
		if name := f.Names()[0]; c.IsSet("gemm") && c.IsSet(name) {
			errs = append(errs, command.Usagef("--%s beside --gemm: it is of a network", name))
		}
	}
	if c.IsSet("gemm") && c.IsSet("layers") {
		errs = append(errs, command.Usagef("--layers beside --gemm: the product is one layer"))
	}
	return errors.Join(errs...)
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
			if err := ofNetwork(c); err != nil {
				return err
			}
			if c.String("phase") == "training" {
				return command.Usagef("stco traffic --phase training: layers are counted forward, each alone; stco workload characterize has the traffic of training")
			}
			o, err := workloadOptions(env, c)
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
