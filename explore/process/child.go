package process

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"sync"
	"time"
)

// longest bounds an answer.
const longest = 1 << 20

// patience is how long a process may take to end once its input has ended.
const patience = 2 * time.Second

var errEnded = errors.New("the search has ended")

// child is a process that answers line by line.
type child struct {
	cmd     *exec.Cmd
	in      io.WriteCloser
	out     io.ReadCloser
	said    *tail
	asks    chan []byte
	answers chan reply
	exited  chan struct{} // closed once waited for
	err     error         // of waiting
	end     sync.Once
}

type reply struct {
	line []byte
	err  error
}

func startChild(args []string) (*child, error) {
	c := &child{cmd: exec.Command(args[0], args[1:]...), said: &tail{}, asks: make(chan []byte), answers: make(chan reply), exited: make(chan struct{})} //nolint:gosec // the caller's own program
	c.cmd.Stderr, c.cmd.WaitDelay = c.said, patience
	apart(c.cmd)
	var err error
	if c.in, err = c.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if c.out, err = c.cmd.StdoutPipe(); err != nil {
		return nil, err
	}
	if err := c.cmd.Start(); err != nil {
		return nil, err
	}
	go c.serve()
	return c, nil
}

// serve writes what is asked and reads the answers, in turns, so that neither a
// process that does not read nor one that does not write stops the caller.
func (c *child) serve() {
	r := bufio.NewReaderSize(c.out, 1<<16)
	for line := range c.asks {
		_, err := c.in.Write(line)
		var answer []byte
		if err == nil {
			answer, err = readLine(r)
		}
		c.answers <- reply{answer, err}
		if err != nil {
			break
		}
	}
	_ = c.in.Close()
	c.err = c.cmd.Wait()
	close(c.exited)
}

// readLine reads a line without its end.
func readLine(r *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := r.ReadSlice('\n')
		line = append(line, part...)
		switch {
		case len(line) > longest:
			return nil, fmt.Errorf("its answer %s is longer than %d bytes", excerpt(line), longest)
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		}
		return line, err
	}
}

// ask returns the answer to a line. After an error the process is of no use.
func (c *child) ask(line []byte, timeout time.Duration, done <-chan struct{}) ([]byte, error) {
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	select {
	case c.asks <- append([]byte(nil), line...):
	case <-done:
		return nil, errEnded
	case <-c.exited:
		return nil, c.death()
	}
	select {
	case a := <-c.answers:
		if a.err == nil {
			return a.line, nil
		}
		return nil, c.lost(a)
	case <-done:
		c.kill()
		return nil, errEnded
	case <-timer.C:
		c.kill()
		return nil, fmt.Errorf("no answer within %s (--timeout); it must flush its output after each line%s", timeout, c.said.quoted())
	}
}

// lost says why there was no answer: the process has most likely ended.
func (c *child) lost(a reply) error {
	select {
	case <-c.exited:
	case <-time.After(patience):
		c.kill()
	}
	if len(a.line) > 0 {
		return fmt.Errorf("its answer %s ends without an end of line: %w", excerpt(a.line), c.death())
	}
	if errors.Is(a.err, io.EOF) || c.err != nil {
		return c.death()
	}
	return a.err
}

// death says how the process ended.
func (c *child) death() error {
	how := "it ended without an answer"
	var exit *exec.ExitError
	switch {
	case errors.As(c.err, &exit):
		how = "it ended without an answer: " + exit.Error()
	case c.err != nil:
		how = "it was lost: " + c.err.Error()
	}
	return errors.New(how + c.said.quoted())
}

// kill ends the process at once. Closing its output frees a reader that a
// descendant keeps waiting.
func (c *child) kill() {
	kill(c.cmd)
	_ = c.in.Close()
	_ = c.out.Close()
	go func() { // whoever waits to hand over an answer
		select {
		case <-c.answers:
		case <-c.exited:
		}
	}()
}

// close ends the input and waits for the end of the process, or kills it.
func (c *child) close() {
	c.end.Do(func() { close(c.asks) })
	select {
	case <-c.exited:
	case <-time.After(patience):
		c.kill()
		<-c.exited
	}
}

// tail keeps the end of what a process writes to its standard error.
type tail struct {
	mu   sync.Mutex
	text []byte
}

// Write keeps the last bytes.
func (t *tail) Write(p []byte) (int, error) {
	const most = 2000
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, p...)
	if n := len(t.text); n > most {
		t.text = append(t.text[:0], t.text[n-most:]...)
	}
	return len(p), nil
}

// quoted returns the last lines as the end of a message.
func (t *tail) quoted() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	text := strings.TrimSpace(string(t.text))
	if text == "" {
		return ""
	}
	lines := strings.Split(text, "\n")
	return "\nits last messages:\n" + strings.Join(lines[max(0, len(lines)-5):], "\n")
}
