// Package networks reads the files that commands and studies name as networks, so
// that the model stays free of files: .onnx, networks as YAML, and the workload
// files of other tools, told by their content. A study keeps a file, of .onnx the
// graph without its weights, as text (Skeleton): a run can be resumed where the
// file is not.
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
	"slices"
	"strings"

	"stco/model/workload"
	"stco/model/workload/foreign"
	"stco/model/workload/graph"
	"stco/model/workload/onnx"
	"stco/model/workload/onnx/convert"
	"stco/model/workload/onnx/walk"
	"stco/model/workload/suite"
	"stco/model/workload/template"
)

// maxSkeleton bounds the graph of a file without its weights, unpacked.
const maxSkeleton = 256 << 20

// The kinds of files beside those of package foreign.
const (
	ONNX    = "onnx"
	Network = "network"
)

// Kinds returns the kinds of files.
func Kinds() []string { return append([]string{ONNX, Network}, foreign.Kinds()...) }

// IsFile reports whether a network is named by a file.
func IsFile(name string) bool {
	if slices.Contains(suite.Names(""), name) {
		return false
	}
	return slices.Contains([]string{".onnx", ".yaml", ".yml", ".csv", ".json", ".cfg"}, strings.ToLower(filepath.Ext(name))) || strings.ContainsRune(name, filepath.Separator)
}

// File is a network in a file.
type File struct {
	Name  string // base name without the extension
	Path  string
	Kind  string
	Bytes int64

	Model *onnx.Model    // kind ONNX
	spec  *template.Spec // kind Network
	text  []byte         // all kinds but ONNX
}

// maxText bounds the files that are no .onnx.
const maxText = 16 << 20

// Open reads a file of a kind, "" for the kind that its content tells. Of .onnx
// files the weights are skipped.
func Open(path, kind string) (f *File, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: is a %s; a network is a regular file", path, kindOf(info.Mode()))
	}
	r, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	f = &File{Path: path, Kind: kind, Bytes: info.Size()}
	base := filepath.Base(path)
	f.Name = strings.TrimSuffix(base, filepath.Ext(base))
	if kind == ONNX || kind == "" && (binary(r) || strings.EqualFold(filepath.Ext(path), ".onnx")) {
		f.Kind = ONNX
		if f.Model, err = onnx.Read(r, info.Size()); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		return f, nil
	}
	if info.Size() > maxText {
		return nil, fmt.Errorf("%s: %d bytes, a text of at most %d is read", path, info.Size(), maxText)
	}
	if f.text, err = io.ReadAll(io.LimitReader(r, maxText)); err != nil {
		return nil, err
	}
	return f, f.parse()
}

// kindOf names what is no regular file.
func kindOf(m os.FileMode) string {
	switch {
	case m.IsDir():
		return "directory"
	case m&os.ModeNamedPipe != 0:
		return "named pipe"
	}
	return "device or socket"
}

// binary reports whether a file starts as no text does.
func binary(r io.ReaderAt) bool {
	head := make([]byte, 512)
	n, err := r.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return false
	}
	return slices.ContainsFunc(head[:n], func(c byte) bool { return c < ' ' && c != '\n' && c != '\r' && c != '\t' })
}

// parse reads the text of a file.
func (f *File) parse() (err error) {
	if f.Kind == "" {
		if f.Kind, err = foreign.Detect(f.Path, f.text); err != nil {
			return err
		}
		if f.Kind == "" {
			f.Kind = Network
		}
	}
	if f.Kind != Network {
		return nil
	}
	if f.spec, err = suite.Parse(f.Path, f.text); err == nil && f.spec.Name == "" {
		f.spec.Name = f.Name
	}
	return err
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

// Build returns the network of the file under options and, of an .onnx file,
// what binds its dimensions, with warnings.
func (f *File) Build(o workload.Options, in walk.Choices) (*graph.Network, []string, error) {
	if f.Kind != ONNX && !in.Empty() {
		return nil, nil, fmt.Errorf("%s: bind, set, bound and unknown belong to .onnx files; this is of kind %s", f.Path, f.Kind)
	}
	switch f.Kind {
	case ONNX:
		return convert.Network(f.Model, f.Name, in)
	case Network:
		f.spec.Name = f.Name
		n, err := f.spec.Build(o)
		return n, nil, err
	}
	return foreign.Read(f.Kind, f.Path, f.Name, f.text)
}

// Defaults returns the options under which the file runs when nothing else is
// said: those of a network of its family, or batch 1 and momentum in training.
func (f *File) Defaults(phase workload.Phase) workload.Options {
	if f.spec != nil {
		return f.spec.DefaultOptions(phase)
	}
	o := workload.Options{Phase: phase, Batch: 1, Precision: workload.MixedPrecision()}
	if phase == workload.Training {
		o.Optimizer = workload.Momentum
	}
	return o
}

// Skeleton returns the file as text: gzip, base64; of an .onnx file the graph
// without weights. Skeletons of equal graphs are equal.
func (f *File) Skeleton() (string, error) {
	data := f.text
	if f.Kind == ONNX {
		data = f.Model.Encode()
	}
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write(data); err != nil {
		return "", err
	}
	if err := z.Close(); err != nil {
		return "", err
	}
	return base64.StdEncoding.EncodeToString(b.Bytes()), nil
}

// FromSkeleton reads what Skeleton wrote, of a kind as Open.
func FromSkeleton(name, kind, text string) (*File, error) {
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
	f := &File{Name: strings.TrimSuffix(name, filepath.Ext(name)), Path: name, Kind: kind, Bytes: int64(len(data))}
	if kind == ONNX || kind == "" && binary(bytes.NewReader(data)) {
		f.Kind = ONNX
		if f.Model, err = onnx.Read(bytes.NewReader(data), int64(len(data))); err != nil {
			return nil, fmt.Errorf("the graph of %s: %w", name, err)
		}
		return f, nil
	}
	f.text = data
	return f, f.parse()
}
