package rivals

import (
	"fmt"

	"stco/model/workload"
)

// Iteration is a network and how it is run.
type Iteration struct {
	Network string
	Family  string // cv, nlp or rec
	Phase   workload.Phase
	Batch   int
	More    string // further keys of a study file
}

// Text is the run as a study file has it.
func (r *Iteration) Text() string {
	s := fmt.Sprintf("network: %s, phase: %s, batch: %d", r.Network, r.Phase, r.Batch)
	if r.Phase == workload.Training {
		s += ", optimizer: " + r.Optimizer()
	}
	if r.More != "" {
		s += ", " + r.More
	}
	return s
}

// Optimizer is that of training: momentum for images, Adam for text.
func (r *Iteration) Optimizer() string {
	if r.Family == "nlp" {
		return "adam"
	}
	return "momentum"
}

// Title names the run in figures.
func (r *Iteration) Title() string { return fmt.Sprintf("%s %s %d", r.Network, r.Phase, r.Batch) }

// Net is a network of the experiments with its sequence length.
type Net struct{ Name, Family, More string }

// Networks are those of the embedded studies, which stand for the paper's CV and
// NLP benchmarks: its own list is not public.
func Networks() []Net {
	return []Net{
		{"resnet50", "cv", ""},
		{"vgg16", "cv", ""},
		{"mobilenet_v2", "cv", ""},
		{"vit_b_16", "cv", ""},
		{"transformer_base", "nlp", "seq_len: 512"},
		{"bert_base", "nlp", "seq_len: 512"},
		{"gpt2_small", "nlp", "seq_len: 1024"},
	}
}

// Of returns a run of the network.
func (n *Net) Of(phase workload.Phase, batch int) Iteration {
	return Iteration{n.Name, n.Family, phase, batch, n.More}
}
