package suite

import (
	"strings"
	"testing"

	"stco/model/workload"
	"stco/model/workload/graph"
	"stco/model/workload/lower"
	"stco/model/workload/template"
)

// TestHandComputed follows a network of three layers by hand: 8 filters of 3x3
// with padding over 3 x 8 x 8 pixels and ReLU, pooling 2x2, 10 classes; batch 2,
// float32, momentum.
func TestHandComputed(t *testing.T) {
	b := graph.NewBuilder("three")
	x := b.Act("relu", b.Conv("conv", b.Input("image", 3, 8, 8), 8, graph.Square(3, 1, 1), 1, true), graph.ReLU)
	x = b.Pool("pool", x, graph.MaxPool, graph.Square(2, 2, 0))
	b.Logits(b.Linear("fc", b.Flatten(x), 10, true))
	n, err := b.Network()
	if err != nil {
		t.Fatal(err)
	}
	n.Phase = workload.Training
	fp32, err := workload.PrecisionByName("fp32")
	if err != nil {
		t.Fatal(err)
	}
	tr := trace(t, n, workload.Options{Phase: workload.Training, Batch: 2, Precision: fp32, Optimizer: workload.Momentum})
	const (
		image  = 2 * 3 * 8 * 8 * 4 // 1536 bytes
		relu   = 2 * 8 * 8 * 8 * 4 // 4096
		index  = 2 * 8 * 4 * 4     // 256, one byte each
		pool   = 2 * 8 * 4 * 4 * 4 // 1024
		logits = 2 * 10 * 4        // 80
		row    = 2 * 4             // labels; one statistic per row
		convW  = 8 * 27 * 4        // 864
		convB  = 8 * 4
		fcW    = 1280 * 4
		fcB    = 10 * 4
		conv   = 2 * 8 * 64 * 27 // multiply-accumulates
		fc     = 2 * 128 * 10
	)
	want := []struct {
		name          string
		pass          workload.Pass
		macs          int64
		reads, writes int64
	}{
		{"conv", workload.Forward, conv, image + convW + convB, relu},
		{"pool", workload.Forward, 0, relu, pool + index},
		{"fc", workload.Forward, fc, pool + fcW + fcB, logits},
		{"loss", workload.Forward, 0, logits + row, row},
		{"loss", workload.Backward, 0, logits + 2*row, logits},
		{"fc", workload.WeightBackward, fc, pool + logits, fcW + fcB},
		{"fc", workload.Backward, fc, fcW + logits, pool},
		{"pool", workload.Backward, 0, pool + index + relu, relu}, // ReLU's mask in the epilogue
		{"conv", workload.WeightBackward, conv, image + relu, convW + convB},
		{"update conv.weight", workload.Update, 0, 3 * convW, 2 * convW},
		{"update conv.bias", workload.Update, 0, 3 * convB, 2 * convB},
		{"update fc.weight", workload.Update, 0, 3 * fcW, 2 * fcW},
		{"update fc.bias", workload.Update, 0, 3 * fcB, 2 * fcB},
	}
	if len(tr.Steps) != len(want) {
		t.Fatalf("%d steps, want %d", len(tr.Steps), len(want))
	}
	for i, w := range want {
		s := &tr.Steps[i]
		if s.Name != w.name || s.Pass != w.pass || s.MACs != w.macs || bytesOf(s.Reads) != w.reads || bytesOf(s.Writes) != w.writes {
			t.Errorf("step %d: %s %s, %d MACs, reads %d, writes %d; want %+v", i, s.Name, s.Pass, s.MACs, bytesOf(s.Reads), bytesOf(s.Writes), w)
		}
	}
	s := workload.Summarize(tr)
	if want := int64(image + relu + index + pool + logits + 2*row); s.SavedBytes != want || s.SavedInputBytes != image+row || s.SavedIndexBytes != index || s.SavedStatisticsBytes != row {
		t.Errorf("saved %d, of these input %d, statistics and indices %d; want %d, %d, %d", s.SavedBytes, s.SavedInputBytes, s.SavedIndexBytes+s.SavedStatisticsBytes, want, image+row, index+row)
	}
	// Most is live when pool's gradient is taken: image, conv's output and its
	// gradient, indices, pool's gradient, and the gradients of fc's weights.
	if want := int64(image + 2*relu + index + pool + fcW + fcB); s.PeakLiveBytes != want || s.PeakStep != "pool" {
		t.Errorf("peak %d at %s, want %d at pool", s.PeakLiveBytes, s.PeakStep, want)
	}
}

func bytesOf(ops []workload.Operand) (n int64) {
	for _, o := range ops {
		n += o.Bytes
	}
	return n
}

// TestKVCache holds the cache to the published 128 KiB per token of Llama-3-8B
// in 16 bit (8 heads of 128, 32 layers) and 512 KiB of Llama-2-7B.
func TestKVCache(t *testing.T) {
	for name, perToken := range map[string]int64{"llama3_8b": 128 << 10, "llama2_7b": 512 << 10} {
		for _, plain := range []bool{false, true} {
			const batch, context = 3, 700
			count := func(o workload.Options) (size, read, written int64) {
				o.NoFusion = plain
				tr := trace(t, build(t, name, o), o)
				size = workload.Summarize(tr).KVCacheBytes
				for i := range tr.Steps {
					for _, o := range tr.Steps[i].Reads {
						if tr.Tensors[o.Tensor].Class == workload.KVCache {
							read += o.Bytes
						}
					}
					for _, o := range tr.Steps[i].Writes {
						if tr.Tensors[o.Tensor].Class == workload.KVCache {
							written += o.Bytes
						}
					}
				}
				return size, read, written
			}
			all := perToken * batch * (context + 1)
			if size, read, written := count(workload.Options{Phase: workload.Decode, Batch: batch, Context: context}); size != all || read != all || written != perToken*batch {
				t.Errorf("%s decode: cache %d, read %d, written %d; want %d, %d, %d", name, size, read, written, all, all, perToken*batch)
			}
			all = perToken * batch * context
			if size, read, written := count(workload.Options{Batch: batch, SeqLen: context}); size != all || read != all || written != all {
				t.Errorf("%s prefill: cache %d, read %d, written %d; want %d each", name, size, read, written, all)
			}
		}
	}
}

// TestDecodeMACs: one token costs one multiply-accumulate per weight of the
// linear layers and twice the width per position and layer.
func TestDecodeMACs(t *testing.T) {
	const context = 100
	n := build(t, "gpt2_small", workload.Options{Phase: workload.Decode, Context: context})
	_, macs := n.Totals()
	if want := int64(12*12*768*768 + 50257*768 + 2*12*768*(context+1)); macs != want {
		t.Errorf("%d MACs, want %d", macs, want)
	}
}

// TestGradientAccumulation: equal work and memory of one micro-batch.
func TestGradientAccumulation(t *testing.T) {
	for _, name := range []string{"resnet18", "bert_base", "lstm_1024x2"} {
		o := workload.Options{Phase: workload.Training, Batch: 8}
		n := build(t, name, o)
		whole := workload.Summarize(trace(t, n, o))
		o.MicroBatches = 4
		parts := workload.Summarize(trace(t, n, o))
		o.Batch, o.MicroBatches = 2, 1
		one := workload.Summarize(trace(t, n, o))
		if parts.MACs != whole.MACs || parts.SavedBytes != one.SavedBytes || parts.OptimizerMovedBytes != whole.OptimizerMovedBytes {
			t.Errorf("%s: %d MACs and %d saved bytes in 4 parts; %d MACs whole, %d saved bytes of one part",
				name, parts.MACs, parts.SavedBytes, whole.MACs, one.SavedBytes)
		}
		if parts.StepReadBytes <= whole.StepReadBytes {
			t.Errorf("%s: accumulation reads no weight and no gradient again", name)
		}
	}
}

// TestCheckpointing: full keeps less than selective, selective less than none;
// full repeats the forward pass but the head, selective the scores.
func TestCheckpointing(t *testing.T) {
	for _, name := range []string{"vit_b_16", "bert_base", "gpt2_small", "t5_base", "gnmt"} {
		var saved, again [3]int64
		var forward, head int64
		for c := range workload.Checkpointing(3) {
			o := workload.Options{Phase: workload.Training, Batch: 2, Checkpoint: c}
			n := build(t, name, o)
			head = 0
			for i := range n.Ops {
				if n.Ops[i].Block == n.Ops[len(n.Ops)-1].Block {
					head += 2 * n.Ops[i].MACs()
				}
			}
			s := workload.Summarize(trace(t, n, o))
			saved[c], again[c], forward = s.SavedBytes, s.MACsRecompute, s.MACsForward
		}
		if saved[workload.FullCheckpoint] >= saved[workload.SelectiveCheckpoint] || saved[workload.SelectiveCheckpoint] >= saved[workload.NoCheckpoint] {
			t.Errorf("%s keeps %v bytes (none, full, selective)", name, saved)
		}
		if again[workload.NoCheckpoint] != 0 || again[workload.FullCheckpoint] != forward-head || head == 0 || again[workload.SelectiveCheckpoint] >= forward/2 || again[workload.SelectiveCheckpoint] == 0 {
			t.Errorf("%s recomputes %v of %d MACs (none, full, selective)", name, again, forward)
		}
	}
}

// TestLogits: training keeps 4 s b V bytes of float32 logits.
func TestLogits(t *testing.T) {
	o := workload.Options{Phase: workload.Training, Batch: 2, SeqLen: 64}
	tr := trace(t, build(t, "gpt2_small", o), o)
	found := false
	for _, x := range tr.Tensors {
		if x.Name == "lm_head" {
			found = true
			if want := int64(4 * 64 * 2 * 50257); x.Bytes != want {
				t.Errorf("logits take %d bytes, want %d", x.Bytes, want)
			}
		}
	}
	if !found {
		t.Error("no logits")
	}
}

// TestFusionSavesTraffic: fusion changes no product and moves fewer bytes.
func TestFusionSavesTraffic(t *testing.T) {
	for _, name := range samples("") {
		for _, ph := range []workload.Phase{workload.Inference, workload.Training} {
			o := workload.Options{Phase: ph, Batch: 2}
			n := build(t, name, o)
			fused := workload.Summarize(trace(t, n, o))
			o.NoFusion = true
			plain := workload.Summarize(trace(t, n, o))
			if fused.MACs != plain.MACs || fused.Steps > plain.Steps || fused.SavedBytes > plain.SavedBytes {
				t.Errorf("%s %s: fused %+v\nplain %+v", name, ph, fused, plain)
			}
			if name == "lstm_1024x2" { // nothing but time steps
				continue
			}
			f, p := fused.StepReadBytes+fused.StepWriteBytes, plain.StepReadBytes+plain.StepWriteBytes
			if f >= p {
				t.Errorf("%s %s: %d bytes fused, %d plain", name, ph, f, p)
			}
		}
	}
}

func TestBadOptions(t *testing.T) {
	int4s, err := workload.PrecisionByName("int4")
	if err != nil {
		t.Fatal(err)
	}
	int8s, err := workload.PrecisionByName("int8")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		o    workload.Options
		want string
	}{
		{"resnet50", workload.Options{}, "batch 0 samples"},
		{"resnet50", workload.Options{Batch: 1 << 20}, "must be 1 to 65536"},
		{"resnet50", workload.Options{Batch: 1, SeqLen: 5}, "reads no sequence"},
		{"vgg16", workload.Options{Batch: 1, ImageSize: 16}, "too small"},
		{"resnet50", workload.Options{Batch: 1, Phase: workload.Decode}, "generates no tokens"},
		{"resnet50", workload.Options{Batch: 1, Phase: 7}, "phase 7"},
		{"bert_base", workload.Options{Batch: 1, ImageSize: 224}, "reads no image"},
		{"bert_base", workload.Options{Batch: 1, SeqLen: 513}, "position table holds 1 to 512"},
		{"gpt2_small", workload.Options{Batch: 1, Phase: workload.Decode, Context: 1024}, "position table holds 1 to 1024"},
		{"gpt2_small", workload.Options{Batch: 1, Context: 10}, "only the decode phase"},
		{"vit_b_16", workload.Options{Batch: 1, ImageSize: 225}, "multiple of the patch"},
		{"unet", workload.Options{Batch: 1, ImageSize: 570}, "188 + 16 n"},
		{"resnet50", workload.Options{Batch: 6, Phase: workload.Training, MicroBatches: 4}, "must divide the batch"},
		{"resnet50", workload.Options{Batch: 6, MicroBatches: 2}, "only training"},
		{"resnet50", workload.Options{Batch: 6, Checkpoint: workload.FullCheckpoint}, "only training"},
		{"resnet50", workload.Options{Batch: 6, Dropout: true}, "only training"},
		{"resnet50", workload.Options{Batch: 6, Phase: workload.Training, StreamedWeights: true}, "which persist"},
		{"resnet50", workload.Options{Batch: 6, Phase: workload.Training, Precision: int8s}, "inference only"},
		{"resnet50", workload.Options{Batch: 6, Phase: workload.Training, Precision: int4s}, "precision int4: serves inference only"},
		{"resnet50", workload.Options{Batch: 6, Precision: workload.Precision{workload.Weight: workload.BF16}}, "no format"},
		{"resnet50", workload.Options{Batch: 6, Phase: workload.Training, Checkpoint: workload.SelectiveCheckpoint}, "no attention"},
		{"gpt3_175b", workload.Options{Batch: 65536, SeqLen: 2048}, "more than"},
		{"resnet5", workload.Options{Batch: 1}, "near names: resnet50"},
		{"ResNet55", workload.Options{Batch: 1}, "near names: resnet50"},
		{"llama", workload.Options{Batch: 1}, "llama2_7b"},
		{"", workload.Options{Batch: 1}, "one of alexnet"},
		{"zzzzzzzzzzzzzzzzzz", workload.Options{Batch: 1}, "one of alexnet"},
	} {
		n, err := Build(c.name, c.o)
		if err == nil {
			_, err = lower.Trace(n, c.o)
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %+v: error %v, want %q", c.name, c.o, err, c.want)
		}
	}
	n := build(t, "bert_base", workload.Options{SeqLen: 128})
	for _, o := range []workload.Options{{Batch: 1, SeqLen: 64}, {Batch: 1, Phase: workload.Decode}, {Batch: 1, Phase: workload.Training, Dropout: true}} {
		if _, err := lower.Trace(n, o); err == nil {
			t.Errorf("a network of 128 tokens runs under %+v", o)
		}
	}
}

func TestNames(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range template.Families() {
		for _, n := range Names(f) {
			if seen[n] {
				t.Errorf("%s appears twice", n)
			}
			seen[n] = true
		}
	}
	if len(seen) != len(Names("")) || len(seen) < 30 {
		t.Errorf("%d names in the families, %d in all", len(seen), len(Names("")))
	}
	for _, name := range []string{"bf16", "fp16", "fp32", "fp8", "int8", "int4"} {
		if _, err := workload.PrecisionByName(name); err != nil {
			t.Error(err)
		}
	}
	if _, err := workload.PrecisionByName("fp64"); err == nil {
		t.Error("fp64 is a precision")
	}
	for _, name := range []string{"sgd", "momentum", "adam", "adamw"} {
		if o, err := workload.ParseOptimizer(name); err != nil || o.String() != name {
			t.Error(name, o, err)
		}
	}
	if _, err := workload.ParseOptimizer("lamb"); err == nil || !strings.Contains(err.Error(), "sgd, momentum, adam, adamw") {
		t.Error(err)
	}
}
