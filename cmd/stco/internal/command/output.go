package command

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/mattn/go-isatty"
	"golang.org/x/sys/unix"

	"stco/results/csv"
	"stco/results/plot"
	"stco/results/store/disk"
)

// Output writes to a file, whole or not at all, or to standard output.
func Output(env *Env, name string, write func(io.Writer) error) error {
	if name == "" {
		return write(env.Out)
	}
	if err := Writable(name); err != nil {
		return err
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

// Writable refuses, as a wrong command line, the name of a file that cannot be one:
// a directory, or a file in no directory. Whether the disk takes it is seen when it
// is written.
func Writable(name string) error {
	if info, err := os.Stat(name); err == nil && info.IsDir() {
		return Usagef("--out %s: is a directory; give a file", name)
	}
	if strings.HasSuffix(name, "/") {
		return Usagef("--out %s: ends as a directory does; give a file", name)
	}
	dir := filepath.Dir(name)
	info, err := os.Stat(dir)
	if errors.Is(err, os.ErrNotExist) {
		return Usagef("--out %s: there is no directory %s", name, dir)
	}
	if errors.Is(err, syscall.ENOTDIR) || err == nil && !info.IsDir() {
		return Usagef("--out %s: %s is no directory", name, dir)
	}
	return nil
}

// Terminal tells whether a writer is a terminal that can be drawn over.
func (env *Env) Terminal(w io.Writer) bool {
	if s, ok := w.(*Sink); ok {
		w = s.W
	}
	f, ok := w.(*os.File)
	return ok && isatty.IsTerminal(f.Fd()) && env.Getenv("TERM") != "dumb"
}

// Columns is the width of the terminal that a writer is: that of COLUMNS if it is
// set, otherwise what the terminal says; 0 where neither says one.
func (env *Env) Columns(w io.Writer) int {
	text := ""
	if env.Getenv != nil {
		text = env.Getenv("COLUMNS")
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		f, ok := w.(*os.File)
		if !ok {
			return 0
		}
		size, err := unix.IoctlGetWinsize(int(f.Fd()), unix.TIOCGWINSZ)
		if err != nil {
			return 0
		}
		n = int(size.Col)
	}
	if n <= 0 {
		return 0
	}
	return max(n, narrowest)
}

// narrowest is the least width that tables are made for.
const narrowest = 40

// Sink remembers the first failure of a writer, which a printer of tables may
// keep to itself.
type Sink struct {
	W     io.Writer
	Width int // characters of a line; 0 if nothing says it
	Err   error
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
