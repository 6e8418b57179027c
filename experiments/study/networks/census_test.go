//go:build long

package networks

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"stco/model/workload"
	"stco/model/workload/onnx/walk"
)

// TestCensus imports every .onnx and .cfg file below the directory that CENSUS
// names (make census fills it from public packages) and prints what came of it:
// how many are read, the reasons of the others, the slowest, the memory taken. A
// panic, or a file that takes more than a few seconds, fails.
func TestCensus(t *testing.T) {
	root := os.Getenv("CENSUS")
	if root == "" {
		t.Skip("CENSUS names no directory")
	}
	sizes := map[string]int64{"input": 512, "sequence": 512}
	for i := range 4 { // dimensions that exports of detection, recognition and speech leave open
		sizes[fmt.Sprintf("p2o.DynamicDimension.%d", i)] = 320
	}
	reasons, read, files := map[string]int{}, 0, 0
	slowest, worst := "", time.Duration(0)
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !slices.Contains([]string{".onnx", ".cfg"}, filepath.Ext(path)) {
			return err
		}
		files++
		start := time.Now()
		if err := imports(path, sizes); err != nil {
			reasons[reason(err)]++
			t.Logf("%s: %v", filepath.Base(filepath.Dir(path)), err)
		} else {
			read++
		}
		if d := time.Since(start); d > worst {
			slowest, worst = path, d
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	t.Logf("%d of %d files are read; the slowest took %v (%s); %d MiB of memory from the system", read, files, worst, filepath.Base(slowest), m.Sys>>20)
	for why, n := range reasons {
		t.Logf("%4d %s", n, why)
	}
	if files == 0 || worst > 20*time.Second {
		t.Errorf("%d files, slowest %v", files, worst)
	}
}

func imports(path string, sizes map[string]int64) error {
	f, err := Open(path, "")
	if err != nil {
		return err
	}
	choices := walk.Choices{}
	if f.Model != nil {
		choices.Bind = map[string]int64{}
		for _, s := range f.Model.Symbols() {
			if choices.Bind[s] = sizes[s]; choices.Bind[s] == 0 {
				choices.Bind[s] = 1
			}
		}
		for _, in := range f.Model.Graph.Inputs {
			for k, d := range in.Dims {
				if k > 0 && d.Symbol == "" && d.Value < 0 {
					choices.Bind[fmt.Sprintf("%s.%d", in.Name, k)] = max(1, sizes[in.Name])
				}
			}
			if in.Name == "sr" { // sample rate of a voice detector
				choices.Set = map[string]float64{"sr": 16000}
			}
		}
	}
	_, _, err = f.Build(workload.Options{Batch: 1, Precision: workload.MixedPrecision()}, choices)
	return err
}

// reason is the end of an error, without names.
func reason(err error) string {
	text := err.Error()
	for _, known := range []string{
		"supported are", "needed and not known", "operator is not supported", "--bound", "--set", "is no sequence", "must be at least 1", "sub-graphs other than", "is not supported",
	} {
		if strings.Contains(text, known) {
			return "... " + known
		}
	}
	return text
}
