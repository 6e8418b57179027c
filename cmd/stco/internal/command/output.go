package command

import (
	"bytes"
	"errors"
	"io"
	"os"

	"stco/results/csv"
	"stco/results/plot"
	"stco/results/store"
)

// Output writes to a file, whole or not at all, or to standard output.
func Output(env *Env, name string, write func(io.Writer) error) error {
	if name == "" {
		return write(env.Out)
	}
	var b bytes.Buffer
	if err := write(&b); err != nil {
		return err
	}
	if err := os.WriteFile(name, b.Bytes(), 0o644); err != nil {
		return &store.IOError{Op: "write", Path: name, Err: err}
	}
	return nil
}

// ReadInput reads a file the user named. A missing one is bad input.
func ReadInput(name string) ([]byte, error) {
	f, err := os.Open(name)
	if errors.Is(err, os.ErrNotExist) {
		return nil, Usagef("%s: no such file", name)
	}
	if err != nil {
		return nil, &store.IOError{Op: "open", Path: name, Err: err}
	}
	defer func() { _ = f.Close() }()
	text, err := io.ReadAll(io.LimitReader(f, 4<<20))
	if err != nil {
		return nil, &store.IOError{Op: "read", Path: name, Err: err}
	}
	return text, nil
}

// FigureWriter writes a figure in a format, its data as CSV.
func FigureWriter(f *plot.Figure, format string) func(io.Writer) error {
	switch format {
	case "png":
		return f.WritePNG
	case "pdf":
		return f.WritePDF
	case "csv":
		return func(w io.Writer) error { return csv.Write(w, f.Data()) }
	}
	return f.WriteSVG
}
