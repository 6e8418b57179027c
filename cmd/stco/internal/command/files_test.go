package command

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"

	"stco/results/store/disk"
)

// TestOutput: standard output without a name, a whole file with one, a device as it
// is; what can be no file is a wrong command line.
func TestOutput(t *testing.T) {
	dir := t.TempDir()
	var out bytes.Buffer
	env := &Env{Out: &out, Getenv: func(string) string { return "" }}
	text := func(w io.Writer) error { _, err := io.WriteString(w, "text"); return err }
	if err := Output(env, "", text); err != nil || out.String() != "text" {
		t.Errorf("%q, %v", out.String(), err)
	}
	file := filepath.Join(dir, "a.csv")
	if err := Output(env, file, text); err != nil || out.String() != "text" {
		t.Errorf("%q, %v", out.String(), err)
	}
	if data, err := os.ReadFile(file); err != nil || string(data) != "text" {
		t.Errorf("%q, %v", data, err)
	}
	if err := Output(env, file, func(io.Writer) error { return io.ErrUnexpectedEOF }); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Error(err)
	}
	if data, err := os.ReadFile(file); err != nil || string(data) != "text" {
		t.Errorf("after a failure %q, %v", data, err)
	}
	if err := Output(env, os.DevNull, text); err != nil {
		t.Error(err)
	}
	if info, err := os.Stat(os.DevNull); err != nil || info.Mode().IsRegular() {
		t.Errorf("the device was replaced: %v", err)
	}
	if err := Output(env, "/dev/full", text); !Is[*disk.IOError](err) {
		t.Error(err)
	}
	for name, want := range map[string]string{
		dir: "is a directory", dir + "/": "is a directory", dir + "/b/": "ends as a directory", dir + "/none/a.csv": "there is no directory", file + "/a.csv": "is no directory", file + "/b/a.csv": "is no directory",
	} {
		if err := Output(env, name, text); !Is[*UsageError](err) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
}

// TestFileFormat: by the ending, or by --format where the ending names none.
func TestFileFormat(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct{ out, format, want, fault string }{
		{"", "", "table", ""},
		{"", "json", "json", ""},
		{"a.csv", "", "csv", ""},
		{"a.CSV", "csv", "csv", ""},
		{"a.csv", "json", "", "the ending says csv, --format json"},
		{"a.svg", "", "", "writes no svg; it writes csv, json"},
		{"a", "", "table", ""},
		{"a.txt", "", "table", ""},
		{"a.dat", "", "table", ""},
		{"a.out", "", "", "the ending .out names no format; give --format csv, json"},
		{"a.out", "json", "json", ""},
		{"none/a.csv", "", "", "there is no directory"},
	} {
		var got string
		var err error
		app := &cli.App{Writer: io.Discard, Flags: []cli.Flag{&cli.StringFlag{Name: "out"}, &cli.StringFlag{Name: "format", Value: "table"}}, Action: func(x *cli.Context) error {
			got, err = FileFormat(x, "csv", "json")
			return nil
		}}
		args := []string{"stco"}
		if c.out != "" {
			args = append(args, "--out", filepath.Join(dir, c.out))
		}
		if c.format != "" {
			args = append(args, "--format", c.format)
		}
		if run := app.Run(args); run != nil {
			t.Fatal(run)
		}
		if got != c.want || (err == nil) != (c.fault == "") || err != nil && (!Is[*UsageError](err) || !strings.Contains(err.Error(), c.fault)) {
			t.Errorf("--out %q --format %q: %q, %v; want %q, %q", c.out, c.format, got, err, c.want, c.fault)
		}
	}
}

// TestObject: keys in the order in which they were set.
func TestObject(t *testing.T) {
	o := &Object{}
	o.Set("b", 1.5)
	o.Set("a\"", []int{2})
	o.Set("c", nil)
	if text, err := json.Marshal(o); err != nil || string(text) != `{"b":1.5,"a\"":[2],"c":null}` {
		t.Errorf("%s, %v", text, err)
	}
	o.Set("d", make(chan int))
	if text, err := json.Marshal(o); err == nil {
		t.Errorf("%s", text)
	}
	if text, err := json.Marshal(&Object{}); err != nil || string(text) != "{}" {
		t.Errorf("%s, %v", text, err)
	}
}

// TestWidths: COLUMNS first, no narrower than tables are made for; a file is no
// terminal, and says no width.
func TestWidths(t *testing.T) {
	file, err := os.Create(filepath.Join(t.TempDir(), "a"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	for columns, want := range map[string]int{"100": 100, "41": 41, "40": 40, "7": 40, "0": 0, "-3": 0, "": 0, "x": 0} {
		env := &Env{Getenv: func(name string) string { return map[string]string{"COLUMNS": columns, "TERM": "xterm"}[name] }}
		if a, b := env.Columns(&bytes.Buffer{}), env.Columns(file); a != want || b != want {
			t.Errorf("COLUMNS=%s: %d and %d, want %d", columns, a, b, want)
		}
		if env.Terminal(file) || env.Terminal(&Sink{W: file}) || env.Terminal(&bytes.Buffer{}) {
			t.Error("a file is a terminal")
		}
	}
	if n := (&Env{}).Columns(&bytes.Buffer{}); n != 0 {
		t.Error(n)
	}
}
