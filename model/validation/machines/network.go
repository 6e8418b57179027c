package machines

import (
	"fmt"
	"strconv"
	"strings"

	"stco/model"
	"stco/model/tech"
	"stco/model/workload"
	"stco/model/workload/graph"
	"stco/model/workload/suite"
)

// run is a published time of a network: what ran and how.
type run struct {
	workload model.Workload
	seconds  float64 // of a batch
	batch    bool    // the batch is published, or 1 by the kind of figure
	format   tech.Precision
	layers   bool // layer by layer: nothing stays between layers
}

// names of networks that the list spells otherwise than the suite.
func aliases() map[string]string {
	return map[string]string{"inception_v1": "googlenet", "resnet34_backbone": "resnet34", "clip_image": "vit_b_32"}
}

// networkOf returns the network whose name a quantity begins with, and the rest
// of the quantity.
func networkOf(quantity string) (name, rest string) {
	for _, n := range suite.Names("") {
		if r, ok := strings.CutPrefix(quantity, n); ok && len(n) > len(name) && (r == "" || r[0] == '_') {
			name, rest = n, r
		}
	}
	for alias, n := range aliases() {
		if r, ok := strings.CutPrefix(quantity, alias); ok && len(alias) > len(name) {
			name, rest = n, r
		}
	}
	return name, rest
}

// runOf reads a figure as the time of a network; false if it is none, or one of
// another mode of the machine than its clock, or of training.
func runOf(p *Published, machine *Machine) (*run, bool) {
	name, rest := networkOf(p.Quantity)
	v := p.number() * scale(p.Unit)
	if name == "" || !(v > 0) {
		return nil, false
	}
	r := &run{format: machine.format(), seconds: v}
	o := workload.Options{Batch: 1, Phase: workload.Inference}
	switch p.Unit {
	case "ms":
	case "frames/s", "images/s", "samples/s", "inferences/s":
		r.seconds = 1 / v
	default:
		return nil, false
	}
	r.batch = true
	for token := range strings.SplitSeq(strings.TrimPrefix(rest, "_"), "_") {
		number, err := strconv.Atoi(strings.TrimPrefix(token, "b"))
		size := strings.Split(token, "x")
		switch {
		case token == "" || token == "maxn" || token == "int8" || token == "single" || token == "stream" || token == "v2" || token == "7" || token == "1core":
		case strings.HasPrefix(token, "b") && err == nil:
			o.Batch = number
		case token == "w8a8":
			r.format = tech.Int8
		case token == "float" || token == "fp16":
			r.format = tech.FP16
		case token == "offline" || token == "server" || token == "v1":
			r.batch = false // as large as the machine likes
		case err == nil && number >= 64:
			o.ImageSize = number
		case len(size) == 2:
			a, err1 := strconv.Atoi(size[0])
			b, err2 := strconv.Atoi(size[1])
			if err1 != nil || err2 != nil || a != b {
				return nil, false // networks of the suite have square images
			}
			o.ImageSize = a
		default:
			return nil, false
		}
	}
	if strings.Contains(p.Note, "int8") {
		r.format = tech.Int8
	}
	if x := ofBatch.FindStringSubmatch(p.Note); x != nil {
		if n, err := strconv.Atoi(x[1]); err == nil {
			o.Batch = n
		}
	}
	if !r.batch {
		o.Batch = 16
	}
	if p.Unit != "ms" {
		r.seconds *= float64(o.Batch)
	}
	r.layers = strings.Contains(p.Note, "layer by layer")
	precision, err := workload.PrecisionByName(r.format.String())
	if err != nil {
		return nil, false
	}
	o.Precision = precision
	r.workload = model.Workload{Network: name, Options: o, Weight: 1}
	return r, true
}

// lab builds models and keeps what it has computed.
type lab struct {
	catalog *model.Catalog
	ladder  map[string][]float64 // predicted over published, by machine
}

// evaluate predicts a workload on a shape.
func (l *lab) evaluate(s *shape, w model.Workload, format tech.Precision, layers bool) (*model.Report, *model.Model, error) {
	set, d := s.setup(l.catalog)
	set.Arithmetic, set.NoResidency, set.Workloads = format, layers, []model.Workload{w}
	m, err := model.New(l.catalog, set)
	if err != nil {
		return nil, nil, err
	}
	e, err := m.NewEvaluator()
	if err != nil {
		return nil, nil, err
	}
	r := &model.Report{}
	if err := e.Evaluate(&d, r); err != nil {
		return nil, nil, err
	}
	if !(r.Latency > 0) {
		return nil, nil, fmt.Errorf("%s: a buffer of %g B is too small", w.Network, s.buffer)
	}
	return r, m, nil
}

// product returns a workload of one product of groups matrices, m x k by k x n,
// the right one a weight if there is one group.
func product(name string, groups, m, k, n int64) (model.Workload, error) {
	b := graph.NewBuilder(name)
	if groups == 1 {
		b.Output(b.Linear("product", b.Input("left", k, m, 1), n, false))
	} else {
		b.Output(b.MatMul("product", b.Input("left", groups*k, m, 1), b.Input("right", groups*k, n, 1), groups, m, k, n))
	}
	return imported(b)
}

// elementwise returns a workload that reads and writes rows x width elements.
func elementwise(name string, rows, width int64) (model.Workload, error) {
	b := graph.NewBuilder(name)
	x := b.Input("x", width, rows, 1)
	switch {
	case strings.HasPrefix(name, "layernorm"):
		x = b.Norm("norm", x, graph.LayerNorm)
	case name == "softmax":
		x = b.Softmax("softmax", x)
	default:
		x = b.Act("act", x, graph.GELU)
	}
	b.Output(x)
	return imported(b)
}

func imported(b *graph.Builder) (model.Workload, error) {
	net, err := b.Network()
	precision, perr := workload.PrecisionByName("fp16")
	if err == nil {
		err = perr
	}
	return model.Workload{
		Network: "product", Import: &model.Import{Graph: net}, Weight: 1,
		Options: workload.Options{Batch: 1, Phase: workload.Inference, Precision: precision, NoFusion: true},
	}, err
}
