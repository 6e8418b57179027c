package workloads

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"stco/cmd/stco/internal/command"
	"stco/experiments/study/networks"
	"stco/experiments/study/strict"
	"stco/model/accel/systolic"
	"stco/model/workload"
	"stco/model/workload/graph"
	"stco/model/workload/lower"
	"stco/model/workload/lower/autograd"
	"stco/model/workload/onnx/walk"
	"stco/model/workload/suite"
	"stco/model/workload/template"
	"stco/results"
)

// WorkloadOptions are the flags that say how a network is run; empty fields
// are the network's defaults.
type WorkloadOptions struct {
	Phase, Precision, Optimizer, Checkpointing string
	Batch, SeqLen, Context, ImageSize          int
	MicroBatches                               int
	NoFusion, Dropout, StreamedWeights         bool
	FusedAttention                             bool
	Causal, LastLogits, HeadCache              bool
	Window                                     int
	Slice                                      workload.Slice
	File                                       bool   // the network is a file, whatever its name
	Kind                                       string // of the file; "" is told by its content
	Import                                     walk.Choices
	Warn                                       func(text string)
}

// options resolves flags against the defaults of a network.
func (w *WorkloadOptions) options(defaults func(workload.Phase) workload.Options) (workload.Options, error) {
	phase, err := workload.ParsePhase(command.Or(w.Phase, "inference"))
	if err != nil {
		return workload.Options{}, err
	}
	o := defaults(phase)
	set := func(into *int, v int) {
		if v != 0 {
			*into = v
		}
	}
	set(&o.Batch, w.Batch)
	set(&o.SeqLen, w.SeqLen)
	set(&o.Context, w.Context)
	set(&o.ImageSize, w.ImageSize)
	set(&o.MicroBatches, w.MicroBatches)
	o.NoFusion, o.Dropout, o.StreamedWeights = w.NoFusion, w.Dropout, w.StreamedWeights
	o.FusedAttention = w.FusedAttention
	o.Causal, o.LastLogits, o.HeadCache, o.Window, o.Slice = w.Causal, w.LastLogits, w.HeadCache, w.Window, w.Slice
	var errs []error
	if w.Precision != "" {
		if o.Precision, err = workload.PrecisionByName(w.Precision); err != nil {
			errs = append(errs, err)
		}
	}
	if w.Optimizer != "" && phase != workload.Training {
		errs = append(errs, fmt.Errorf("optimizer %s: only training updates weights", w.Optimizer))
	} else if w.Optimizer != "" {
		if o.Optimizer, err = workload.ParseOptimizer(w.Optimizer); err != nil {
			errs = append(errs, err)
		}
	}
	if w.Checkpointing != "" {
		if o.Checkpoint, err = workload.ParseCheckpointing(w.Checkpointing); err != nil {
			errs = append(errs, err)
		}
	}
	return o, errors.Join(errs...)
}

// network returns the network called name, a built-in one or a file, and the
// options under which it runs.
func (w *WorkloadOptions) network(name string) (*graph.Network, workload.Options, error) {
	if w.File || networks.IsFile(name) {
		f, err := networks.Open(name, w.Kind)
		if err != nil {
			return nil, workload.Options{}, strict.BadInput("workload "+name, err)
		}
		return w.fromFile(f)
	}
	fail := func(err error) (*graph.Network, workload.Options, error) {
		return nil, workload.Options{}, strict.BadInput("workload "+name, err)
	}
	if !w.Import.Empty() || w.Kind != "" {
		return fail(errors.New("bind, set, bound, unknown and kind belong to files; this network is built in"))
	}
	s, err := suite.Lookup(name)
	if err != nil {
		return fail(err)
	}
	o, err := w.options(s.DefaultOptions)
	n, wrong := s.Build(o) // tells what else is wrong
	if err = errors.Join(err, wrong); err != nil {
		return fail(err)
	}
	return n, o, nil
}

// fromFile returns the network of a file, and prints its warnings.
func (w *WorkloadOptions) fromFile(f *networks.File) (*graph.Network, workload.Options, error) {
	o, err := w.options(f.Defaults)
	n, warnings, wrong := f.Build(o, w.Import)
	err = errors.Join(err, wrong)
	if w.Warn != nil {
		for _, text := range warnings {
			w.Warn(text)
		}
	}
	return n, o, strict.BadInput("workload "+f.Path, err)
}

// members returns the built-in networks of a family and a suite; empty texts
// choose all. The other networks of the suite are reported by warn.
func members(family, list string, warn func(string)) ([]string, error) {
	var errs []error
	if family != "" && !slices.Contains(template.Families(), family) {
		errs = append(errs, strict.BadInput("family "+family, fmt.Errorf("unknown; use %s", strings.Join(template.Families(), ", "))))
	}
	var members suite.Suite
	if list != "" {
		var err error
		members, err = suite.LookupSuite(list)
		errs = append(errs, strict.BadInput("suite "+list, err))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	names := suite.Names(family)
	if list != "" {
		if members.Name != list {
			warn(fmt.Sprintf("%s is %s", list, members.Name))
		}
		if len(members.Without) > 0 && family == "" {
			warn(fmt.Sprintf("%s has more, which is not built in: %s", members.Name, strings.Join(members.Without, ", ")))
		}
		names = slices.DeleteFunc(members.Networks, func(n string) bool { return !slices.Contains(names, n) })
	}
	return names, nil
}

// WorkloadCounts lists the counts of the networks beside what sources print.
func WorkloadCounts(family, list string, warn func(string)) (*results.Table, error) {
	names, err := members(family, list, warn)
	if err != nil {
		return nil, err
	}
	all, err := suite.PublishedCounts()
	if err != nil {
		return nil, err
	}
	s := results.NewList("counts", "network:text", "quantity:text", "ours", "published:text", "in:text", "agrees:text", "convention:text", "source:text", "deviation:text")
	built := map[string]*graph.Network{}
	number := 0
	for i := range all {
		p := &all[i]
		if !slices.Contains(names, p.Network) {
			continue
		}
		if built[p.Network] == nil {
			o, err := suite.DefaultOptions(p.Network, workload.Inference)
			if err != nil {
				return nil, err
			}
			if built[p.Network], err = suite.Build(p.Network, o); err != nil {
				return nil, err
			}
		}
		ours := p.Of(built[p.Network])
		agrees, deviation := "to the printed digit", p.Deviation
		switch rounds, exact := p.Agrees(ours); {
		case p.Value == "":
			agrees = "not published"
		case exact:
			agrees = "exact"
		case !rounds:
			number++
			agrees = fmt.Sprintf("deviation %d", number)
			deviation = fmt.Sprintf("%d: %s", number, deviation)
		}
		s.Append(p.Network, p.Quantity, ours, p.Value, scaleName(p.Scale), agrees, p.Convention, p.Source, deviation)
	}
	return s, nil
}

// scaleName is the unit of a printed count.
func scaleName(scale float64) string {
	switch scale {
	case 1:
		return "1"
	case 1e6:
		return "M"
	case 1e9:
		return "G"
	case 0.5e9:
		return "G of 2 x MAC"
	}
	return fmt.Sprintf("%g", scale)
}

// WorkloadList lists the networks with parameters and forward
// multiply-accumulates of one item.
func WorkloadList(family, list string, warn func(string)) (*results.Table, error) {
	names, err := members(family, list, warn)
	if err != nil {
		return nil, err
	}
	s := results.NewList("networks", "name:text", "family:text", "params", "macs")
	for _, name := range names {
		o, err := suite.DefaultOptions(name, workload.Inference)
		if err != nil {
			return nil, err
		}
		n, err := suite.Build(name, o)
		if err != nil {
			return nil, err
		}
		params, macs := n.Totals()
		s.Append(name, n.Family, params, macs)
	}
	return s, nil
}

// WorkloadLayers lists the layers of a network. With an array ("128x128") it
// adds cycles, utilization and buffer accesses of the forward pass.
func WorkloadLayers(network string, w WorkloadOptions, array, dataflow string) (*results.Table, error) {
	n, o, err := w.network(network)
	if err != nil {
		return nil, err
	}
	layers := n.Layers(o.Batch)
	s := layerList(layers)
	if array == "" {
		return s, nil
	}
	pe, flow, err := parseArray(array, dataflow)
	if err != nil {
		return nil, strict.BadInput("array", err)
	}
	first := len(s.Columns)
	for _, c := range []string{"cycles", "utilization", "buffer_reads", "buffer_writes"} {
		s.AddColumn(c)
	}
	nests := n.Nests(o.Batch)
	for i := range nests {
		c := systolic.Map(&nests[i], pe, flow)
		copy(s.Rows[i][first:], []float64{
			float64(c.Cycles), c.Utilization, float64(c.Reads[0] + c.Reads[1] + c.Reads[2] + c.PartialReads), float64(c.Writes + c.PartialWrites),
		})
	}
	return s, nil
}

// layerList lists layers. A stride or padding that differs between the axes is a
// text, "HxW", and makes its column one of texts.
func layerList(layers []graph.Layer) *results.Table {
	hw := func(h, w int64) string {
		if h == w {
			return strconv.FormatInt(h, 10)
		}
		return fmt.Sprintf("%dx%d", h, w)
	}
	stride, pad := "stride", "pad"
	for i := range layers {
		l := &layers[i]
		if l.StrideH != l.StrideW {
			stride = "stride:text"
		}
		if l.PadH != l.PadW {
			pad = "pad:text"
		}
	}
	s := results.NewList("layers", "index", "name:text", "type:text", "in_c", "in_h", "in_w", "out_k", "out_h", "out_w",
		"kernel_h", "kernel_w", stride, pad, "groups", "macs", "params")
	for i := range layers {
		l := &layers[i]
		kernel := []any{nil, nil, nil, nil, nil}
		if l.KernelH > 0 {
			kernel = []any{l.KernelH, l.KernelW, l.StrideH, l.PadH, l.Groups}
			if stride != "stride" {
				kernel[2] = hw(l.StrideH, l.StrideW)
			}
			if pad != "pad" {
				kernel[3] = hw(l.PadH, l.PadW)
			}
		}
		row := []any{l.Index, l.Name, l.Type, l.InC, l.InH, l.InW, l.OutK, l.OutH, l.OutW}
		s.Append(append(append(row, kernel...), l.MACs, l.Params)...)
	}
	return s
}

// parseArray reads "ROWSxCOLS" and a dataflow.
func parseArray(text, dataflow string) (systolic.Array, systolic.Dataflow, error) {
	rows, cols, ok := strings.Cut(text, "x")
	r, err1 := strconv.Atoi(rows)
	c, err2 := strconv.Atoi(cols)
	if !ok || err1 != nil || err2 != nil || r < 1 || c < 1 || r > 1<<16 || c > 1<<16 {
		return systolic.Array{}, 0, fmt.Errorf("array %q: want ROWSxCOLUMNS, each 1 to 65536", text)
	}
	flow, err := systolic.ParseDataflow(command.Or(dataflow, "os"))
	return systolic.Array{Rows: int64(r), Cols: int64(c), VectorLanes: int64(8 * c)}, flow, err
}

// Iteration is what one iteration of a network keeps, moves and computes.
type Iteration struct {
	workload.Summary
	// SavedBytesPyTorch is what PyTorch's autograd keeps of the same network,
	// loss not included; 0 outside training and under checkpointing.
	SavedBytesPyTorch int64 `json:"saved_bytes_pytorch"`

	Params          int64 `json:"params"`
	ActiveParams    int64 `json:"active_params"`    // of a mixture of experts those that one token uses
	TrainableParams int64 `json:"trainable_params"` // less those that are frozen
	ReducedElements int64 `json:"reduced_elements"` // that the devices of a slice sum over, of one item
	Layers          int   `json:"layers"`           // convolutions, linear layers and matrix products
	// Counted says what the network is and what its parameters count, with the
	// source; empty for an .onnx file.
	Counted string `json:"counted,omitempty"`
}

// WorkloadSummary returns saved bytes, multiply-accumulates by pass and
// optimizer bytes of one iteration.
func WorkloadSummary(network string, w WorkloadOptions) (*Iteration, error) {
	n, o, err := w.network(network)
	if err != nil {
		return nil, err
	}
	return w.iteration(n, o)
}

func (w *WorkloadOptions) iteration(n *graph.Network, o workload.Options) (*Iteration, error) {
	t, err := lower.Trace(n, o)
	if err != nil {
		return nil, strict.BadInput("workload "+n.Name, err)
	}
	it := &Iteration{Summary: workload.Summarize(t), Layers: len(n.Layers(1)), Counted: n.Counted}
	it.Params, _ = n.Totals()
	it.ActiveParams, it.TrainableParams, it.ReducedElements = n.Active(), n.Trainable(), n.Reduced
	if o.Phase == workload.Inference {
		it.Phase = w.phase(it.Phase)
	}
	if o.Phase == workload.Training && o.Checkpoint == workload.NoCheckpoint {
		it.SavedBytesPyTorch = autograd.SavedBytes(n, o)
	}
	return it, nil
}

// onlyOf leaves out what belongs to training alone where the phase is another one of
// several.
func (w *WorkloadOptions) onlyOf(phase string, phases []string) {
	if phase != "training" && slices.Contains(phases, "training") {
		w.Optimizer, w.Checkpointing, w.MicroBatches, w.Dropout = "", "", 0, false
	}
}

// phase returns the phase as it was asked for: prefill is inference.
func (w *WorkloadOptions) phase(name string) string {
	if w.Phase == "prefill" {
		return w.Phase
	}
	return name
}

// WorkloadSweep returns the summaries of a network at several batches.
func WorkloadSweep(network string, w WorkloadOptions, batches []int) ([]*Iteration, error) {
	var all []*Iteration
	for _, w.Batch = range batches {
		it, err := WorkloadSummary(network, w)
		if err != nil {
			return nil, err
		}
		it.Counted = "" // the same in every row
		all = append(all, it)
	}
	return all, nil
}

// Import is a file and one iteration of its network. Producer, operator set,
// initializers and symbols are those of an .onnx file.
type Import struct {
	File                string   `json:"file"`
	Kind                string   `json:"kind"`
	Producer            string   `json:"producer"`
	Opset               int64    `json:"opset"`
	Nodes               int      `json:"nodes"`
	InitializerElements int64    `json:"initializer_elements"`
	Symbols             []string `json:"symbols"` // dimensions to bind
	Iteration
}

// WorkloadImport reads a file and returns what it holds and what one iteration of
// its network does, with the network called name or, for "", as the file.
func WorkloadImport(path, name string, w WorkloadOptions) (*Import, error) {
	fail := func(err error) (*Import, error) { return nil, strict.BadInput("import "+path, err) }
	f, err := networks.Open(path, w.Kind)
	if err != nil {
		return fail(err)
	}
	if name != "" {
		f.Name = name
	}
	n, o, err := w.fromFile(f)
	if err != nil {
		return nil, err
	}
	it, err := w.iteration(n, o)
	if err != nil {
		return fail(err)
	}
	in := &Import{File: path, Kind: f.Kind, Symbols: []string{}, Nodes: len(n.Ops), Iteration: *it}
	if m := f.Model; m != nil {
		in.Producer, in.Opset, in.Nodes, in.InitializerElements = m.Producer, m.Opset, m.Nodes, m.InitializerElems
		in.Symbols = append(in.Symbols, m.Symbols()...)
	}
	return in, nil
}

// WorkloadText returns the YAML of a built-in network, to start from.
func WorkloadText(name string) ([]byte, error) {
	s, err := suite.Lookup(name)
	if err != nil {
		return nil, strict.BadInput("workload "+name, err)
	}
	return s.Text(), nil
}
