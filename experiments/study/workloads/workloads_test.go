package workloads_test

import (
	"strings"
	"testing"

	"stco/experiments/study"
)

// TestWorkloadKeys: every number of a workload is read, written and read again.
func TestWorkloadKeys(t *testing.T) {
	text, ok := study.Embedded("cv-training")
	if !ok {
		t.Fatal("no embedded study")
	}
	at := strings.Index(string(text), "workloads:")
	end := at + strings.Index(string(text)[at:], "\nspace:")
	with := string(text)[:at] + "workloads:\n- {network: resnet50, phase: training, batch: 8, image_size: 192, micro_batches: 4, weight: 2.5}\n- {network: bert_base, phase: inference, batch: 3, seq_len: 96}\n- {network: gpt2_small, phase: decode, batch: 5, context: 77}" + string(text)[end:]
	for range 2 {
		s, err := study.Parse("s", []byte(with))
		if err != nil {
			t.Fatal(err)
		}
		w := s.Setup.Workloads
		if o := w[0].Options; o.Batch != 8 || o.ImageSize != 192 || o.MicroBatches != 4 || w[0].Weight != 2.5 || w[0].Network != "resnet50" {
			t.Errorf("%+v of weight %g", o, w[0].Weight)
		}
		if o := w[1].Options; o.Batch != 3 || o.SeqLen != 96 || w[1].Weight != 1 {
			t.Errorf("%+v", o)
		}
		if o := w[2].Options; o.Batch != 5 || o.Context != 77 {
			t.Errorf("%+v", o)
		}
		with = string(s.YAML())
	}
}
