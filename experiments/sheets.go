package experiments

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"stco/experiments/study"
	"stco/model/accel/systolic"
	"stco/model/workload"
	"stco/model/workload/graph"
	"stco/model/workload/lower"
	"stco/model/workload/suite"
)

// Sheet is a table of texts: what the model knows, listed.
type Sheet struct {
	Header []string
	Rows   [][]string
}

func (s *Sheet) add(cells ...string) { s.Rows = append(s.Rows, cells) }

func itoa(v int64) string { return strconv.FormatInt(v, 10) }

// WorkloadOptions are the flags that say how a network is run; empty fields
// are the network's defaults.
type WorkloadOptions struct {
	Phase, Precision, Optimizer, Checkpointing string
	Batch, SeqLen, Context, ImageSize          int
	MicroBatches                               int
	NoFusion, Dropout, StreamedWeights         bool
}

// options resolves flags against a network's defaults.
func (w *WorkloadOptions) options(network string) (workload.Options, error) {
	phase, err := workload.ParsePhase(orDefault(w.Phase, "inference"))
	if err != nil {
		return workload.Options{}, err
	}
	o, err := suite.DefaultOptions(network, phase)
	if err != nil {
		return workload.Options{}, err
	}
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
	if w.Precision != "" {
		if o.Precision, err = workload.PrecisionByName(w.Precision); err != nil {
			return o, err
		}
	}
	if w.Optimizer != "" {
		if o.Optimizer, err = workload.ParseOptimizer(w.Optimizer); err != nil {
			return o, err
		}
	}
	if w.Checkpointing != "" {
		if o.Checkpoint, err = workload.ParseCheckpointing(w.Checkpointing); err != nil {
			return o, err
		}
	}
	return o, nil
}

func orDefault(s, d string) string {
	if s == "" {
		return d
	}
	return s
}

// WorkloadList lists the networks with parameters and forward
// multiply-accumulates of one item.
func WorkloadList(family string) (*Sheet, error) {
	if family != "" && !slices.Contains(suite.Families(), family) {
		return nil, study.BadInput("family "+family, fmt.Errorf("unknown; use %s", strings.Join(suite.Families(), ", ")))
	}
	s := &Sheet{Header: []string{"name", "family", "params", "macs"}}
	for _, name := range suite.Names(family) {
		o, err := suite.DefaultOptions(name, workload.Inference)
		if err != nil {
			return nil, err
		}
		n, err := suite.Build(name, o)
		if err != nil {
			return nil, err
		}
		params, macs := n.Totals()
		s.add(name, n.Family, itoa(params), itoa(macs))
	}
	return s, nil
}

// WorkloadLayers lists the layers of a network. With an array ("128x128") it
// adds cycles, utilization and buffer accesses of the forward pass.
func WorkloadLayers(network string, w WorkloadOptions, array, dataflow string) (*Sheet, error) {
	o, err := w.options(network)
	if err != nil {
		return nil, study.BadInput("workload "+network, err)
	}
	n, err := suite.Build(network, o)
	if err != nil {
		return nil, study.BadInput("workload "+network, err)
	}
	s := &Sheet{Header: graph.LayerColumns()}
	layers := n.Layers(o.Batch)
	for i := range layers {
		s.Rows = append(s.Rows, layers[i].Record())
	}
	if array == "" {
		return s, nil
	}
	pe, flow, err := parseArray(array, dataflow)
	if err != nil {
		return nil, study.BadInput("array", err)
	}
	s.Header = append(s.Header, "cycles", "utilization", "buffer_reads", "buffer_writes")
	nests := n.Nests(o.Batch)
	for i := range nests {
		c := systolic.Map(&nests[i], pe, flow)
		s.Rows[i] = append(s.Rows[i], itoa(c.Cycles), strconv.FormatFloat(c.Utilization, 'g', 6, 64),
			itoa(c.Reads[0]+c.Reads[1]+c.Reads[2]+c.PartialReads), itoa(c.Writes+c.PartialWrites))
	}
	return s, nil
}

// parseArray reads "ROWSxCOLS" and a dataflow.
func parseArray(text, dataflow string) (systolic.Array, systolic.Dataflow, error) {
	rows, cols, ok := strings.Cut(text, "x")
	r, err1 := strconv.Atoi(rows)
	c, err2 := strconv.Atoi(cols)
	if !ok || err1 != nil || err2 != nil || r < 1 || c < 1 || r > 1<<16 || c > 1<<16 {
		return systolic.Array{}, 0, fmt.Errorf("array %q: want ROWSxCOLUMNS, each 1 to 65536", text)
	}
	flow, err := systolic.ParseDataflow(orDefault(dataflow, "os"))
	return systolic.Array{Rows: int64(r), Cols: int64(c), VectorLanes: int64(8 * c)}, flow, err
}

// WorkloadSummary returns saved bytes, multiply-accumulates by pass and
// optimizer bytes of one iteration.
func WorkloadSummary(network string, w WorkloadOptions) (*workload.Summary, error) {
	t, err := trace(network, w)
	if err != nil {
		return nil, err
	}
	s := workload.Summarize(t)
	return &s, nil
}

func trace(network string, w WorkloadOptions) (*workload.Trace, error) {
	o, err := w.options(network)
	if err != nil {
		return nil, study.BadInput("workload "+network, err)
	}
	n, err := suite.Build(network, o)
	if err != nil {
		return nil, study.BadInput("workload "+network, err)
	}
	t, err := lower.Trace(n, o)
	return t, study.BadInput("workload "+network, err)
}

// TechList lists the technology tables and their entries.
func TechList() *Sheet {
	s := &Sheet{Header: []string{"table", "entry", "values"}}
	for _, t := range study.Catalog().Tables.All() {
		for _, e := range t.Entries {
			s.add(t.Name, e.Name, itoa(int64(len(e.Values))))
		}
	}
	return s
}

// TechShow lists every value of a table, or of the entries of that name, with
// its unit, kind and source.
func TechShow(name string) (*Sheet, error) {
	tables := study.Catalog().Tables
	s := &Sheet{Header: []string{"table", "entry", "quantity", "value", "unit", "kind", "source", "note"}}
	entries, err := tables.Find(name)
	if t, terr := tables.Table(name); terr == nil {
		entries, err = t.Entries, nil
	}
	if err != nil {
		return nil, study.BadInput("tech "+name, err)
	}
	for _, e := range entries {
		for _, v := range e.Values {
			source := v.Source
			if c, err := tables.Source(v.Source); err == nil {
				source = c.Citation
			}
			s.add(e.Table, e.Name, v.Quantity, v.Text, v.Unit, v.Kind.String(), source, v.Note)
		}
	}
	return s, nil
}

// Fields lists the fields of a structure as its JSON has them.
func Fields(v any) (*Sheet, error) {
	data, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	s := &Sheet{Header: []string{"quantity", "value"}}
	if _, err := d.Token(); err != nil {
		return nil, err
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, err
		}
		var value any
		if err := d.Decode(&value); err != nil {
			return nil, err
		}
		s.add(fmt.Sprint(name), fmt.Sprint(value))
	}
	return s, nil
}
