package convert

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"stco/model/workload/onnx"
	"stco/model/workload/onnx/walk"
)

// references returns the reference files with the sizes of their symbolic
// dimensions.
func references(t testing.TB) map[string]map[string]int64 {
	t.Helper()
	files, err := filepath.Glob("testdata/*.onnx")
	if err != nil || len(files) < 8 {
		t.Fatal(files, err)
	}
	all := map[string]map[string]int64{}
	for _, f := range files {
		bind := map[string]int64{}
		if strings.Contains(f, "dynbatch") {
			bind["N"] = 1
		}
		all[f] = bind
	}
	return all
}

// BenchmarkImport reads and converts every reference file.
func BenchmarkImport(b *testing.B) {
	for path, bind := range references(b) {
		b.Run(strings.TrimSuffix(filepath.Base(path), ".onnx"), func(b *testing.B) {
			data, err := os.ReadFile(path)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			nodes := 0
			for b.Loop() {
				m, err := onnx.Read(bytes.NewReader(data), int64(len(data)))
				if err != nil {
					b.Fatal(err)
				}
				if _, _, err := Network(m, "x", walk.Choices{Bind: bind}); err != nil {
					b.Fatal(err)
				}
				nodes = m.Nodes
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(nodes), "ns/node")
		})
	}
}

// TestImportMemory bounds what the import of a file allocates in all, which is
// more than it holds at any time: the window of the reader and some KB per node.
func TestImportMemory(t *testing.T) {
	for path, bind := range references(t) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		info, err := f.Stat()
		if err != nil {
			t.Fatal(err)
		}
		m, err := onnx.Read(f, info.Size())
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := Network(m, "x", walk.Choices{Bind: bind}); err != nil {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		f.Close()
		got, most := after.TotalAlloc-before.TotalAlloc, uint64(1<<18+8<<10*m.Nodes)
		t.Logf("%-28s %7d bytes, %4d nodes: %5d KiB allocated", filepath.Base(path), info.Size(), m.Nodes, got>>10)
		if got > most {
			t.Errorf("%s: %d bytes allocated, at most %d expected", path, got, most)
		}
	}
}
