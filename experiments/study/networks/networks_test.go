package networks

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"stco/model/workload"
	"stco/model/workload/onnx/walk"
)

const cases = "../../../model/workload/onnx/convert/testdata/cases/"

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

const gemm = "layer, M, N, K,\nfc, 2, 3, 5,\n"

// TestOpen: every kind by what the file holds, whatever it is called.
func TestOpen(t *testing.T) {
	model, err := os.ReadFile(cases + "conv_op22.onnx")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		file, text, asked, kind string
		macs                    int64 // 0: at least 1
	}{
		{"net.onnx", string(model), "", ONNX, 0},
		{"net.bin", string(model), "", ONNX, 0},
		{"net.bin", string(model), ONNX, ONNX, 0},
		{"topology.csv", gemm, "", "scalesim-gemm", 30},
		{"topology", gemm, "scalesim-gemm", "scalesim-gemm", 30},
	} {
		path := write(t, c.file, c.text)
		f, err := Open(path, c.asked)
		if err != nil {
			t.Fatalf("%s: %v", c.file, err)
		}
		if f.Kind != c.kind || f.Name != strings.TrimSuffix(c.file, filepath.Ext(c.file)) || f.Path != path || f.Bytes != int64(len(c.text)) || (f.Model != nil) != (c.kind == ONNX) {
			t.Errorf("%s: %+v, want kind %s", c.file, f, c.kind)
		}
		n, _, err := f.Build(workload.Options{Batch: 1}, walk.Choices{})
		if err != nil {
			t.Fatalf("%s: %v", c.file, err)
		}
		_, macs := n.Totals()
		if c.macs > 0 && macs != c.macs || macs == 0 {
			t.Errorf("%s: %d products, want %d", c.file, macs, c.macs)
		}
		// As text and back it is the same network.
		text, err := f.Skeleton()
		if err != nil {
			t.Fatal(err)
		}
		again, err := FromSkeleton(filepath.Base(path), c.asked, text)
		if err != nil {
			t.Fatalf("%s: %v", c.file, err)
		}
		second, err := again.Skeleton()
		if err != nil || second != text || again.Kind != f.Kind || again.Name != f.Name {
			t.Errorf("%s: another skeleton, of kind %s, %v", c.file, again.Kind, err)
		}
		m, _, err := again.Build(workload.Options{Batch: 1}, walk.Choices{})
		if err != nil {
			t.Fatal(err)
		}
		if _, k := m.Totals(); k != macs {
			t.Errorf("%s: %d products from the skeleton, %d from the file", c.file, k, macs)
		}
		sum := sha256.Sum256([]byte(c.text))
		if got, err := Hash(path); err != nil || got != hex.EncodeToString(sum[:]) {
			t.Errorf("%s: hash %s, %v", c.file, got, err)
		}
	}
}

// TestRefusedFiles: what cannot be read is told with the file.
func TestRefusedFiles(t *testing.T) {
	dir := t.TempDir()
	large := write(t, "large.csv", gemm+strings.Repeat("\n", 16<<20-len(gemm)+1))
	for _, c := range []struct{ path, kind, want string }{
		{dir, "", "is a directory"},
		{filepath.Join(dir, "none.onnx"), "", "no such file"},
		{large, "", "16777217 bytes"},
		{write(t, "text.onnx", "no model"), "", "text.onnx"},
		{write(t, "empty.csv", ""), "", "empty"},
		{write(t, "x.csv", gemm), ONNX, "x.csv"},
		{write(t, "bad.yaml", "template: nonsense\n"), "", "nonsense"},
		{write(t, "bad.yaml", "template: nonsense\n"), Network, "nonsense"},
	} {
		if f, err := Open(c.path, c.kind); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %+v, %v, want %q", c.path, f, err, c.want)
		}
	}
	whole := write(t, "whole.csv", gemm+strings.Repeat("\n", 16<<20-len(gemm)))
	if _, err := Open(whole, "scalesim-gemm"); err != nil {
		t.Errorf("a text of just the largest size: %v", err)
	}
	if _, err := Hash(filepath.Join(dir, "none")); err == nil || !strings.Contains(err.Error(), "no such file") {
		t.Errorf("the hash of a missing file: %v", err)
	}
	f, err := Open(write(t, "x.csv", gemm), "")
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := f.Build(workload.Options{Batch: 1}, walk.Choices{Bind: map[string]int64{"n": 1}}); err == nil || !strings.Contains(err.Error(), "belong to .onnx") {
		t.Errorf("bound dimensions of a topology: %v", err)
	}
	pack := func(data []byte) string {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		_, _ = z.Write(data)
		_ = z.Close()
		return base64.StdEncoding.EncodeToString(b.Bytes())
	}
	whole64 := pack([]byte(gemm))
	for text, want := range map[string]string{
		"no base 64!": "illegal base64", base64.StdEncoding.EncodeToString([]byte("plain text, longer than a header")): "gzip", whole64[:len(whole64)-12]: "unexpected EOF",
		pack([]byte{0, 1, 2, 3}): "the graph of n",
	} {
		if f, err := FromSkeleton("n", "", text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %+v, %v, want %q", text, f, err, want)
		}
	}
}

// TestDefaults: training has an optimizer, inference none, a network of a
// template what its family has.
func TestDefaults(t *testing.T) {
	f, err := Open(write(t, "x.csv", gemm), "")
	if err != nil {
		t.Fatal(err)
	}
	if o := f.Defaults(workload.Inference); o.Batch != 1 || o.Phase != workload.Inference || o.Optimizer == workload.Momentum || o.Precision != workload.MixedPrecision() {
		t.Errorf("inference %+v", o)
	}
	if o := f.Defaults(workload.Training); o.Batch != 1 || o.Phase != workload.Training || o.Optimizer != workload.Momentum {
		t.Errorf("training %+v", o)
	}
}

// TestIsFile: by extension or separator, unless a network of the suites has the
// name.
func TestIsFile(t *testing.T) {
	for name, want := range map[string]bool{
		"resnet50": false, "a.onnx": true, "A.ONNX": true, "a.yml": true, "a.yaml": true, "a.csv": true, "a.json": true, "a.cfg": true, "a.txt": false, "dir/resnet50": true, "resnet5": false,
	} {
		if IsFile(name) != want {
			t.Errorf("%s: %v", name, !want)
		}
	}
	if got := Kinds(); !slices.Equal(got[:2], []string{"onnx", "network"}) || !slices.Contains(got, "timeloop") {
		t.Errorf("kinds %v", got)
	}
}

// broken gives a byte that no text has, and an error.
type broken struct{ err error }

func (b broken) ReadAt(p []byte, _ int64) (int, error) {
	p[0] = 0
	return 1, b.err
}

func TestBinary(t *testing.T) {
	if binary(broken{io.ErrClosedPipe}) || !binary(broken{io.EOF}) {
		t.Error("what cannot be read is no model, what is short may be one")
	}
	for text, want := range map[string]bool{"a\tb\r\n": false, "": false, "a\x00b": true, "\x08": true, "\x1f": true, " ": false} {
		if binary(strings.NewReader(text)) != want {
			t.Errorf("%q: %v", text, !want)
		}
	}
}

// TestFilesAreClosed: as many files are open as before.
func TestFilesAreClosed(t *testing.T) {
	open := func() int {
		list, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Skip("no list of open files on this system")
		}
		return len(list)
	}
	path := write(t, "x.csv", gemm)
	before := open()
	for range 20 {
		if _, err := Open(path, ""); err != nil {
			t.Fatal(err)
		}
		if _, err := Hash(path); err != nil {
			t.Fatal(err)
		}
	}
	if after := open(); after > before+5 {
		t.Errorf("%d files are open, %d were", after, before)
	}
}
