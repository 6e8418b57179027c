package command

import (
	"bytes"
	"errors"
	"io"
	"os"
	"syscall"

	"github.com/mattn/go-isatty"

	"stco/results/csv"
	"stco/results/plot"
	"stco/results/store/disk"
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
	if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() { // a device or a pipe is not replaced
		if err := os.WriteFile(name, b.Bytes(), 0o644); err != nil {
			return &disk.IOError{Op: "write", Path: name, Err: err}
		}
		return nil
	}
	return disk.Replace(disk.OS{}, name, func(w io.Writer) error {
		_, err := w.Write(b.Bytes())
		return err
	})
}

// Terminal tells whether a writer is a terminal that can be drawn over.
func (env *Env) Terminal(w io.Writer) bool {
	if s, ok := w.(*Sink); ok {
		w = s.W
	}
	f, ok := w.(*os.File)
	return ok && isatty.IsTerminal(f.Fd()) && env.Getenv("TERM") != "dumb"
}

// Sink remembers the first failure of a writer, which a printer of tables may
// keep to itself.
type Sink struct {
	W   io.Writer
	Err error
}

// Write writes to the writer below.
func (s *Sink) Write(p []byte) (int, error) {
	n, err := s.W.Write(p)
	if err != nil && s.Err == nil {
		s.Err = &disk.IOError{Op: "write", Path: "standard output", Err: err}
	}
	return n, err
}

// maxInput bounds a text file that the user names.
const maxInput = 4 << 20

// ReadInput reads a text file that the user named, without its byte-order mark.
// One that is missing, is no file or is larger than 4 MiB is bad input. A named
// pipe that nobody writes to is refused and does not block.
func ReadInput(name string) ([]byte, error) {
	f, err := os.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if errors.Is(err, os.ErrNotExist) {
		return nil, Usagef("%s: no such file", name)
	}
	if err != nil {
		return nil, &disk.IOError{Op: "open", Path: name, Err: err}
	}
	defer func() { _ = f.Close() }()
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return nil, Usagef("%s: is a directory", name)
	}
	text, err := io.ReadAll(io.LimitReader(f, maxInput+1))
	if err != nil {
		return nil, &disk.IOError{Op: "read", Path: name, Err: err}
	}
	if info, err := f.Stat(); err == nil && len(text) == 0 && info.Mode()&os.ModeNamedPipe != 0 {
		return nil, Usagef("%s: is a pipe, into which nothing was written; give a file", name)
	}
	if len(text) > maxInput {
		return nil, Usagef("%s: larger than %d bytes, the most that is read of a text", name, maxInput)
	}
	return bytes.TrimPrefix(text, []byte("\xef\xbb\xbf")), nil
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
