package study

import (
	"errors"
	"strings"
	"testing"
)

// TestInputErrors: one problem a line with its place; nothing wrong is no error.
func TestInputErrors(t *testing.T) {
	e := &InputError{File: "f.yaml", Problems: []Fault{{Line: 3, Column: 7, Key: "a.b", Message: "is wrong"}, {Message: "too"}, {Key: "c", Message: "more"}}}
	if got, want := e.Error(), "f.yaml:3:7: a.b: is wrong\nf.yaml: too\nf.yaml: c: more"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if err := BadInput("f", nil); err != nil {
		t.Error(err)
	}
	err := BadInput("--set", errors.Join(errors.New("one"), errors.New("two")))
	if in, ok := errors.AsType[*InputError](err); !ok || len(in.Problems) != 2 || in.Error() != "--set: one\n--set: two" {
		t.Errorf("%v", err)
	}
}

// TestWorkloadKeys: every number of a workload is read, written and read again.
func TestWorkloadKeys(t *testing.T) {
	text, ok := Embedded("cv-training")
	if !ok {
		t.Fatal("no embedded study")
	}
	at := strings.Index(string(text), "workloads:")
	end := at + strings.Index(string(text)[at:], "\nspace:")
	with := string(text)[:at] + "workloads:\n- {network: resnet50, phase: training, batch: 8, image_size: 192, micro_batches: 4, weight: 2.5}\n- {network: bert_base, phase: inference, batch: 3, seq_len: 96}\n- {network: gpt2_small, phase: decode, batch: 5, context: 77}" + string(text)[end:]
	for range 2 {
		s, err := Parse("s", []byte(with))
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

// TestLimits of a file: its size, its depth, and how many objectives it may have.
func TestLimits(t *testing.T) {
	for text, want := range map[string]string{
		strings.Repeat(" ", maxFileSize+1): "at most",
		strings.Repeat("[", maxDepth+1):    "nested more than",
		"a: {":                             "did not find",
		"objectives: []\n":                 "0 objectives: allowed 1 to",
		"objectives: [a, b, c, d, e, f, g, h, i, j, k, l, m, n]\n": "14 objectives: allowed 1 to",
	} {
		if _, err := Parse("f", []byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40q: %v, want %q", text, err, want)
		}
	}
}
