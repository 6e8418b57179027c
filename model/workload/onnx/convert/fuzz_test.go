package convert

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"stco/model/workload"
	"stco/model/workload/lower"
	"stco/model/workload/onnx"
	"stco/model/workload/onnx/walk"
)

// FuzzImport holds any input to an error or a network that runs, within bounded
// time. Symbols are bound to small sizes.
func FuzzImport(f *testing.F) {
	files, err := filepath.Glob("testdata/*.onnx")
	if err != nil || len(files) == 0 {
		f.Fatal("no seeds", err)
	}
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add(onnxFile(13, input("x", "n", 5, 12), shapeConst("s", 0, -1), op("Reshape", names("x,s"), names("r")),
		weights("w", 60, 3), op("MatMul", names("r,w"), names("y")), output("y")))
	f.Add(onnxFile(18, input("x", 2, 8, 6, 6), weights("w", 8, 4, 2, 2), op("ConvTranspose", names("x,w"), names("c"), ints("strides", 2, 2)),
		shapeConst("lo", 1), shapeConst("hi", -1), shapeConst("ax", 2), op("Slice", names("c,lo,hi,ax"), names("y")), output("y")))
	f.Add(onnxFile(14, input("x", 7, 2, 3), weights("w", 1, 16, 3), weights("r", 1, 16, 4), op("LSTM", names("x,w,r"), names("y")), output("y")))
	f.Add(onnxFile(18, input("x", 2, 3, 8), shapeConst("p", 0, 0, 1, 0, 0, 1), op("Pad", names("x,p"), names("q")), weights("w", 4, 3, 3), op("Conv", names("q,w"), names("c")),
		input("z", 2, 4, 5), op("Einsum", names("c,z"), names("e"), text("equation", "bch,bck->bhk")), op("ArgMax", names("e"), names("a")), tokens("i", 2, 1, 5), op("ScatterElements", names("e,i,e"), names("y")), output("y")))
	f.Fuzz(func(t *testing.T, b []byte) {
		start := time.Now()
		m, err := onnx.Read(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			return
		}
		e := m.Encode()
		if again, err := onnx.Read(bytes.NewReader(e), int64(len(e))); err != nil || !bytes.Equal(e, again.Encode()) {
			t.Errorf("the encoded graph does not read as it was: %v", err)
		}
		bind := map[string]int64{}
		for _, s := range m.Symbols() {
			bind[s] = 2
		}
		n, _, err := Network(m, "fuzz", walk.Choices{Bind: bind})
		if err == nil {
			for _, phase := range []workload.Phase{workload.Inference, workload.Training} {
				if tr, err := lower.Trace(n, workload.Options{Phase: phase, Batch: 1}); err == nil {
					workload.Summarize(tr)
				}
			}
		}
		if d := time.Since(start); d > 10*time.Second {
			t.Errorf("%d bytes took %v", len(b), d)
		}
	})
}
