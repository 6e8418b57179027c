package convert

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"stco/model/workload"
	"stco/model/workload/graph"
	"stco/model/workload/lower"
	"stco/model/workload/onnx"
	"stco/model/workload/onnx/walk"
)

func caseOf(t *testing.T, file string, o walk.Choices) (*graph.Network, []string, error) {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", "cases", file+".onnx"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	m, err := onnx.Read(f, info.Size())
	if err != nil {
		t.Fatal(err)
	}
	return Network(m, file, o)
}

// TestCases holds small files, each of a kind of its own, to their counts.
func TestCases(t *testing.T) {
	for file, want := range map[string]int64{
		"conv_op8": 294912, "conv_op22": 294912, "conv_op26": 294912, "att23": 33554432, "rms23": 0, "mha": 16777216, "gqa": 32768, "rot": 0,
		"fusedconv": 294912, "b_gqa": 16777216, "c_noparams": 32768, "conv3d": 10616832, "einsum3": 2560, "bigadd0": 32768, "stft": 0,
	} {
		n, warnings, err := caseOf(t, file, walk.Choices{Pointwise: file == "bigadd0"})
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		if _, macs := n.Totals(); macs != want {
			t.Errorf("%s: %d products, want %d", file, macs, want)
		}
		if (len(warnings) > 0) != (file == "bigadd0") {
			t.Errorf("%s: warnings %v", file, warnings)
		}
		for _, o := range []workload.Options{{Batch: 1}, {Batch: 3, NoFusion: true}, {Batch: 2, Phase: workload.Training}} {
			if o.Phase == workload.Training && (file == "gqa" || file == "stft" || file == "einsum3") {
				continue
			}
			tr, err := lower.Trace(n, o)
			if err == nil {
				err = tr.Validate()
			}
			if err != nil {
				t.Errorf("%s %+v: %v", file, o, err)
			}
		}
	}
	if _, _, err := caseOf(t, "bigadd0", walk.Choices{}); err == nil || !strings.Contains(err.Error(), "--unknown pointwise") {
		t.Errorf("an unknown operator: %v", err)
	}
	n, _, err := caseOf(t, "c_noparams", walk.Choices{})
	if params, _ := n.Totals(); err != nil || params != 128 {
		t.Errorf("%d parameters, want 128: %v", params, err)
	}
}

// TestViewsAndCaches: an expansion is read once, keys and values of a cache too.
func TestViewsAndCaches(t *testing.T) {
	n, _, err := caseOf(t, "b_gqa", walk.Choices{})
	if err != nil {
		t.Fatal(err)
	}
	tr, err := lower.Trace(n, workload.Options{Batch: 1})
	if err != nil {
		t.Fatal(err)
	}
	if s := workload.Summarize(tr); s.Steps != 1 || s.StepReadBytes != 8396800 || s.StepWriteBytes != 262144 {
		t.Errorf("%d steps, %d bytes read, %d written", s.Steps, s.StepReadBytes, s.StepWriteBytes)
	}
	if n, _, err = caseOf(t, "gqa", walk.Choices{}); err != nil {
		t.Fatal(err)
	}
	if tr, err = lower.Trace(n, workload.Options{Batch: 1}); err != nil {
		t.Fatal(err)
	}
	const token = 2 * 64 * 2 // bytes of the keys, or the values, of one token
	var read, written int64
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
	if read != 2*32*token || written != 2*token || workload.Summarize(tr).KVCacheBytes != 2*32*token {
		t.Errorf("the cache: %d read, %d written", read, written)
	}
}

// TestPrepared: nodes out of order are sorted, a scalar input is set, a size that
// depends on data is bounded.
func TestPrepared(t *testing.T) {
	b := onnxFile(13, input("x", 1, 3, 8, 8), op("Relu", names("a"), names("y")), op("Sigmoid", names("x"), names("a")), output("y"))
	n := mustNetwork(t, b, nil)
	if n.Ops[0].Name != "node_a" || n.Ops[1].Name != "node_y" {
		t.Errorf("order %s, %s", n.Ops[0].Name, n.Ops[1].Name)
	}
	m, err := read(onnxFile(13, input("x", 1, 3, 8, 8), tokens("s", 1), op("Expand", names("x,s"), names("y")), output("y")))
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := Network(m, "test", walk.Choices{}); err == nil {
		t.Error("a shape that is not known is expanded to")
	}
	if n, _, err := Network(m, "test", walk.Choices{Set: map[string]float64{"s": 1}}); err == nil || n != nil {
		t.Log("expanded to its own shape:", err)
	}
	if _, _, err := Network(m, "test", walk.Choices{Set: map[string]float64{"other": 1}}); err == nil || !strings.Contains(err.Error(), "no such input") {
		t.Errorf("set of an unknown input: %v", err)
	}
	if m, err = read(onnxFile(13, input("x", 1, 3, 8, 8), op("NonZero", names("x"), names("y")), output("y"))); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"NonZero", "node_y"} {
		im, err := declared(m, "test", walk.Choices{Bound: map[string]int64{key: 300}})
		if err != nil {
			t.Fatal(err)
		}
		if d := im.Tensors["y"].Dims; len(d) != 2 || d[0] != 4 || d[1] != 300 {
			t.Errorf("bounded by %s: %v", key, d)
		}
	}
}
