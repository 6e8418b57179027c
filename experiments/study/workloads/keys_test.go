package workloads_test

import (
	"bytes"
	"reflect"
	"strings"
	"testing"

	"stco/experiments/study/strict"
	"stco/experiments/study/workloads"
	"stco/model"
	"stco/model/workload"
)

func read(t *testing.T, text string) ([]model.Workload, error) {
	t.Helper()
	r := strict.New("s.yaml")
	root := r.Parse([]byte(text))
	if root == nil {
		t.Fatal(r.Err())
	}
	return workloads.Read(r, root, "workloads"), r.Err()
}

// TestEveryOption: every option of language models is read, written with the
// list, and read back to an equal list.
func TestEveryOption(t *testing.T) {
	all, err := read(t, `
- {network: gpt2_small, phase: prefill, batch: 2, seq_len: 64, causal: true, logits: last, window: 32, fusion: false, fused_attention: true, weights: streamed, weight: 0.25, precision: fp16}
- {network: gpt2_small, phase: training, batch: 4, micro_batches: 2, optimizer: adam, checkpointing: full, dropout: true}
- {network: gpt2_small, phase: inference, logits: all, weights: resident, fusion: true, weight: 0}
- {network: llama2_7b, phase: inference, seq_len: 1024, slice: {tensor: 2, pipeline: 4, sequence: 8}}
`)
	if err != nil {
		t.Fatal(err)
	}
	if o := all[0].Options; !o.Causal || !o.LastLogits || o.Window != 32 || !o.NoFusion || !o.FusedAttention || !o.StreamedWeights || all[0].Weight != 0.25 || o.Batch != 2 || o.SeqLen != 64 || o.Precision.String() != "fp16" {
		t.Errorf("%+v", all[0])
	}
	if o := all[1].Options; o.MicroBatches != 2 || o.Optimizer != workload.Adam || !o.Dropout || o.Checkpoint.String() != "full" {
		t.Errorf("%+v", all[1])
	}
	if o := all[2].Options; o.LastLogits || o.StreamedWeights || o.NoFusion || all[2].Weight != 0 || o.Batch != 1 || o.Precision.String() != workload.MixedPrecision().String() {
		t.Errorf("%+v", all[2])
	}
	if o := all[3].Options; o.Slice != (workload.Slice{Tensor: 2, Pipeline: 4, Sequence: 8}) {
		t.Errorf("%+v", o)
	}
	var b bytes.Buffer
	workloads.Write(&b, all)
	again, err := read(t, strings.TrimPrefix(b.String(), "workloads:\n"))
	if err != nil {
		t.Fatalf("%s: %v", b.String(), err)
	}
	if !reflect.DeepEqual(again, all) {
		t.Errorf("%s is read as another list:\n%+v\n%+v", b.String(), again, all)
	}
}

// TestWrongOptions: what is out of range, unknown or does not go together is
// told with its key, and one bad entry does not hide the next.
func TestWrongOptions(t *testing.T) {
	for entry, want := range map[string]string{
		"slice: {tensor: 4097}":                   "slice.tensor: 4097 is outside 1 to 4096",
		"slice: {pipeline: 4097}":                 "slice.pipeline: 4097 is outside 1 to 4096",
		"slice: {sequence: 4097}":                 "slice.sequence: 4097 is outside 1 to 4096",
		"slice: {sequence: 0}":                    "slice.sequence: 0 is outside 1 to 4096",
		"batch: 65537":                            "batch: 65537 is outside 1 to 65536",
		"weight: -1":                              "weight: ",
		"logits: first":                           `logits: unknown value "first"`,
		"weights: fixed":                          `weights: unknown value "fixed"`,
		"precision: fp5":                          "precision: ",
		"kind: onnx":                              "gpt2_small is built in",
		"seq_len: 2000":                           "", // a position that the network does not have
		"phase: training, checkpointing: nothing": "",
	} {
		text := "- {network: gpt2_small, phase: inference, " + entry + "}\n- {network: nowhere, phase: inference}\n"
		if strings.HasPrefix(entry, "phase") {
			text = strings.Replace(text, "phase: inference, ", "", 1)
		}
		all, err := read(t, text)
		if err == nil || len(all) != 0 || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "workloads[0]") || !strings.Contains(err.Error(), "workloads[1].network: unknown value") {
			t.Errorf("%s: %v, want %q", entry, err, want)
		}
	}
	if _, err := read(t, "[]"); err == nil || !strings.Contains(err.Error(), "the list is empty") {
		t.Errorf("no workloads: %v", err)
	}
	if _, err := read(t, "- {network: missing.onnx, phase: inference}"); err == nil || !strings.Contains(err.Error(), "workloads[0]: ") {
		t.Errorf("no such file: %v", err)
	}
}
