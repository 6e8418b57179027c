package convert

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"stco/model/workload"
	"stco/model/workload/onnx"
	"stco/model/workload/onnx/walk"
	"stco/model/workload/suite"
)

// exported returns a graph of testdata/torchvision.
func exported(t testing.TB, path string) *onnx.Model {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	m, err := read(b)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return m
}

// TestTorchvisionExports: what torch.onnx.export (PyTorch 1.13) makes of
// torchvision's networks, at opsets 9 to 17, with fixed and free batch, in
// inference and training mode, runs the same steps as the built-in network:
// nests and bytes of an inference, and of a training iteration where the export
// has not folded its normalisations.
func TestTorchvisionExports(t *testing.T) {
	files, err := filepath.Glob("testdata/torchvision/*.onnx.gz")
	if err != nil || len(files) < 10 {
		t.Fatal(files, err)
	}
	others := map[string][2]int64{ // multiply-accumulates of torchvision's model table, in 10^7
		"swin_t":   {449, 450},
		"maxvit_t": {555, 556},
	}
	for _, path := range files {
		file := strings.TrimSuffix(filepath.Base(path), ".onnx.gz")
		name, variant, _ := strings.Cut(file, "_op")
		bind := map[string]int64{}
		if strings.HasSuffix(variant, "_dyn") {
			bind["batch"] = 1
		}
		m := exported(t, path)
		declaredDims(t, m, bind)
		n, _, err := Network(m, file, walk.Choices{Bind: bind})
		if err != nil {
			t.Error(err)
			continue
		}
		if r, ok := others[name]; ok {
			if _, macs := n.Totals(); macs < r[0]*1e7 || macs > r[1]*1e7 {
				t.Errorf("%s: %d multiply-accumulates", file, macs)
			}
			continue
		}
		o := workload.Options{Batch: 2}
		ref, err := suite.Build(name, o)
		if err != nil {
			t.Fatal(err)
		}
		sameSteps(t, file, trace(t, n, o), trace(t, ref, o))
		if !strings.HasSuffix(variant, "_train") {
			continue
		}
		o = workload.Options{Phase: workload.Training, Batch: 4, Optimizer: workload.Adam}
		if ref, err = suite.Build(name, o); err != nil {
			t.Fatal(err)
		}
		got, want := workload.Summarize(trace(t, n, o)), workload.Summarize(trace(t, ref, o))
		got.Network, got.PeakStep = want.Network, want.PeakStep
		if name == "shufflenet_v2_x1_0" {
			// A shuffle in nodes is a view of all channels; the built-in network's
			// names each one, and its gradients arrive in pieces.
			if r := float64(got.StepReadBytes) / float64(want.StepReadBytes); r < 0.98 || r > 1 {
				t.Errorf("%s training: reads %.3f of the built-in's", file, r)
			}
			got.Steps, got.StepReadBytes, got.StepWriteBytes = want.Steps, want.StepReadBytes, want.StepWriteBytes
			got.PeakLiveBytes, got.PeakByClass = want.PeakLiveBytes, want.PeakByClass
		}
		if got != want {
			t.Errorf("%s training:\n%+v\nbuilt in:\n%+v", file, got, want)
		}
	}
}

// declaredDims compares the dimensions of results with those that the file
// declares.
func declaredDims(t *testing.T, m *onnx.Model, bind map[string]int64) {
	t.Helper()
	im, err := declared(m, "test", walk.Choices{Bind: bind})
	if err != nil {
		t.Error(err)
		return
	}
	for _, o := range m.Graph.Outputs {
		e := im.Tensors[o.Name]
		if e == nil || len(e.Dims) != len(o.Dims) {
			t.Errorf("output %q: %+v, declared %v", o.Name, e, o.Dims)
			continue
		}
		for i, d := range o.Dims {
			if d.Symbol == "" && d.Value != e.Dims[i] {
				t.Errorf("output %q: %v, declared %v", o.Name, e.Dims, o.Dims)
			}
		}
	}
}

// TestEncode: a file without weights reads as the file it was made of.
func TestEncode(t *testing.T) {
	files, err := filepath.Glob("testdata/*.onnx")
	if err != nil || len(files) == 0 {
		t.Fatal(err)
	}
	for _, name := range files {
		m, err := read(open(t, strings.TrimSuffix(filepath.Base(name), ".onnx")))
		if err != nil {
			t.Fatal(err)
		}
		b := m.Encode()
		again, err := onnx.Read(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(m, again) {
			t.Errorf("%s: the encoded graph differs", name)
		}
	}
}
