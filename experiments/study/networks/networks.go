// Package networks reads the .onnx files that commands and studies name, so that
// the model stays free of files. A study keeps the graph of a file without its
// weights as text (Skeleton): a run can be resumed where the file is not.
package networks

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"stco/model/workload"
	"stco/model/workload/graph"
	"stco/model/workload/onnx"
	"stco/model/workload/onnx/convert"
)

// maxSkeleton bounds the graph of a file without its weights, unpacked.
const maxSkeleton = 256 << 20

// IsFile reports whether a network is named by an .onnx file.
func IsFile(name string) bool { return strings.EqualFold(filepath.Ext(name), ".onnx") }

// File is the graph of an .onnx file.
type File struct {
	Name  string // base name without the extension
	Model *onnx.Model
	Bytes int64
}

// Open reads the graph of an .onnx file; weights are skipped.
func Open(path string) (f *File, err error) {
	r, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	info, err := r.Stat()
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return nil, fmt.Errorf("%s: is a directory", path)
	}
	m, err := onnx.Read(r, info.Size())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	base := filepath.Base(path)
	return &File{Name: strings.TrimSuffix(base, filepath.Ext(base)), Model: m, Bytes: info.Size()}, nil
}

// Hash returns the SHA-256 of a whole file, weights included, in hexadecimal.
func Hash(path string) (sum string, err error) {
	r, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	h := sha256.New()
	if _, err := io.Copy(h, r); err != nil {
		return "", fmt.Errorf("%s: %w", path, err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// Network converts the file under the bound dimensions.
func (f *File) Network(bind map[string]int64) (*graph.Network, error) {
	return convert.Network(f.Model, f.Name, bind)
}

// Skeleton returns the graph without weights as text: an .onnx file, gzip,
// base64. Skeletons of equal graphs are equal.
func (f *File) Skeleton() (string, error) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write(f.Model.Encode()); err != nil {
		return "", err
	}
	if err := z.Close(); err != nil {
		return "", err
	}
	return base64.StdEncoding.EncodeToString(b.Bytes()), nil
}

// FromSkeleton reads what Skeleton wrote.
func FromSkeleton(name, text string) (*File, error) {
	packed, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, fmt.Errorf("the graph of %s: %w", name, err)
	}
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, fmt.Errorf("the graph of %s: %w", name, err)
	}
	data, err := io.ReadAll(io.LimitReader(z, maxSkeleton+1))
	if err != nil {
		return nil, fmt.Errorf("the graph of %s: %w", name, err)
	}
	if len(data) > maxSkeleton {
		return nil, fmt.Errorf("the graph of %s: more than %d bytes unpacked", name, maxSkeleton)
	}
	m, err := onnx.Read(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, fmt.Errorf("the graph of %s: %w", name, err)
	}
	return &File{Name: strings.TrimSuffix(name, filepath.Ext(name)), Model: m, Bytes: int64(len(data))}, nil
}

// Defaults returns the options under which an .onnx file runs when nothing else
// is said: batch 1, and momentum in training.
func Defaults(phase workload.Phase) workload.Options {
	o := workload.Options{Phase: phase, Batch: 1, Precision: workload.MixedPrecision()}
	if phase == workload.Training {
		o.Optimizer = workload.Momentum
	}
	return o
}
