package command

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestReadInput(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	// A byte-order mark belongs to no text, and only at its start.
	text, err := ReadInput(file("bom", "\xef\xbb\xbfa\xef\xbb\xbf"))
	if err != nil || string(text) != "a\xef\xbb\xbf" {
		t.Errorf("%q %v", text, err)
	}
	if text, err = ReadInput(file("most", strings.Repeat("x", 4<<20))); err != nil || len(text) != 4<<20 {
		t.Error(len(text), err)
	}
	for _, path := range []string{file("large", strings.Repeat("x", 4<<20+1)), dir, filepath.Join(dir, "none")} {
		if _, err := ReadInput(path); !Is[*UsageError](err) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// A pipe that nobody writes to is no reason to wait and is refused; one with a writer is read.
func TestReadPipe(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Skip(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		if text, err := ReadInput(path); !Is[*UsageError](err) || !strings.Contains(err.Error(), path+": is a pipe") {
			t.Errorf("%q %v", text, err)
		}
	}()
	select {
	case <-done:
	case <-time.After(5 * time.Second):
		t.Fatal("waits for a writer")
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	go func() {
		time.Sleep(20 * time.Millisecond)
		_, _ = w.WriteString("later")
		_ = w.Close()
	}()
	name := "/proc/self/fd/" + strconv.Itoa(int(r.Fd()))
	if text, err := ReadInput(name); err != nil || string(text) != "later" {
		t.Errorf("%q %v", text, err)
	}
}
