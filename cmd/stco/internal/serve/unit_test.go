package serve

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/urfave/cli/v2"

	"stco/cmd/stco/internal/command"
	"stco/experiments/campaign"
	"stco/experiments/monitor"
	"stco/experiments/study"
	"stco/results/store/disk"
)

// empty is a run that nobody has begun.
func empty(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "run")
	q, err := study.Parse("live", []byte(liveStudy))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := campaign.Start(q, dir, campaign.Environment{Workers: 1, FS: disk.OS{}, Observer: observer{}, Now: time.Now}); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestAnswers: what every answer says to the browser, the fault of a page that
// cannot be made, and a page that is only asked about.
func TestAnswers(t *testing.T) {
	var fault error
	s := newServer(func() ([]byte, error) { return []byte("page"), fault }, time.Now)
	web := httptest.NewServer(s.handler())
	defer web.Close()
	ask := func(method string) (*http.Response, string) {
		r, err := http.NewRequestWithContext(t.Context(), method, web.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		got, err := web.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = got.Body.Close() }()
		text, err := io.ReadAll(got.Body)
		if err != nil {
			t.Fatal(err)
		}
		return got, string(text)
	}
	for _, method := range []string{"GET", "POST"} {
		got, _ := ask(method)
		for name, want := range map[string]string{
			"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
			"Content-Security-Policy": "frame-ancestors 'none'", "Cross-Origin-Resource-Policy": "same-origin",
		} {
			if v := got.Header.Get(name); v != want {
				t.Errorf("%s: %s is %q, want %q", method, name, v, want)
			}
		}
		if allow := got.Header.Get("Allow"); (allow == "GET, HEAD") != (method == "POST") {
			t.Errorf("%s: allows %q", method, allow)
		}
	}
	if got, text := ask("HEAD"); text != "" || got.Header.Get("Content-Type") != "text/html; charset=utf-8" {
		t.Errorf("%q %q", text, got.Header)
	}
	fault = errors.New("no page")
	if got, text := ask("GET"); got.StatusCode != http.StatusInternalServerError || text != "no page\n" {
		t.Errorf("%d %q", got.StatusCode, text)
	}
}

// TestStreams are counted while they last, eight at most.
func TestStreams(t *testing.T) {
	s := newServer(nil, time.Now)
	web := httptest.NewServer(s.handler())
	defer web.Close()
	ctx, stop := context.WithCancel(t.Context())
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, web.URL+"/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := web.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = got.Body.Close() }()
	if n := s.watched(); n != 1 || got.Header.Get("Content-Type") != "text/event-stream" {
		t.Errorf("%d streams, %q", n, got.Header)
	}
	stop()
	for range 500 {
		if s.watched() == 0 {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if n := s.watched(); n != 0 {
		t.Errorf("%d streams after the page went away", n)
	}
	if mostStreams != 8 || kinds[0] != "progress" || kinds[1] != "page" {
		t.Error(mostStreams, kinds)
	}
}

// TestLocal: names of this machine with the port that was asked.
func TestLocal(t *testing.T) {
	for host, want := range map[string]bool{
		"127.0.0.1:80": true, "localhost:80": true, "[::1]:80": true, "127.9.9.9:80": true,
		"localhost:81": false, "localhost": false, "10.0.0.1:80": false, "example:80": false, "": false,
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Host = host
		if local(r) {
			t.Errorf("%q without the port that it came in on", host)
		}
		r = r.WithContext(context.WithValue(r.Context(), http.LocalAddrContextKey, &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 80}))
		if local(r) != want {
			t.Errorf("%q: %v", host, !want)
		}
	}
}

// TestRenew: the page is made again when the run has got on, not before five
// seconds nor twenty times what it took have gone, and at once when the run is done.
func TestRenew(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	v := &view{ctx: t.Context(), env: &command.Env{Now: func() time.Time { return now }, Err: io.Discard, Getenv: func(string) string { return "" }}, dir: empty(t)}
	page, err := v.page()
	if err != nil || !bytes.Contains(page, []byte("No design has been found yet")) || v.version != "none" {
		t.Fatalf("%v, %q", err, v.version)
	}
	made := func(s *monitor.Snapshot) bool {
		t.Helper()
		v.made = []byte("old")
		if got := v.renew(s); got != "none" {
			t.Fatalf("version %q", got)
		}
		return string(v.made) != "old"
	}
	running := func(n int64) *monitor.Snapshot { return &monitor.Snapshot{State: monitor.Running, Evaluations: n} }
	if made(nil) {
		t.Error("made of a run that cannot be read")
	}
	if made(running(1)) {
		t.Error("made at once")
	}
	now = now.Add(4999 * time.Millisecond)
	if made(running(1)) {
		t.Error("made before five seconds")
	}
	now = now.Add(time.Millisecond)
	if !made(running(1)) || v.shown != "false 0 1" {
		t.Errorf("not made after five seconds: %q", v.shown)
	}
	now = now.Add(time.Minute)
	if made(running(1)) {
		t.Error("made though nothing has changed")
	}
	v.took = 10 * time.Second
	now = v.at.Add(199 * time.Second)
	if made(running(2)) {
		t.Error("made before twenty times what it took")
	}
	now = now.Add(time.Second)
	if !made(running(2)) {
		t.Error("not made after twenty times what it took")
	}
	if !made(&monitor.Snapshot{State: monitor.Done, Evaluations: 2}) {
		t.Error("not made at the end")
	}
	v.made, v.version = nil, ""
	if v.renew(running(2)) != "none" || v.made == nil {
		t.Error("the first page was not made")
	}
	v.made, v.dir = nil, t.TempDir()
	if _, err := v.page(); err == nil {
		t.Error("a page of no run")
	}
}

// TestServe answers until it is told to end, on the port that it is given.
func TestServe(t *testing.T) {
	dir := empty(t)
	ctx, stop := context.WithCancel(t.Context())
	in, out := io.Pipe()
	env := &command.Env{Out: out, Err: io.Discard, Now: time.Now, Getenv: func(string) string { return "" }}
	ended := make(chan error, 1)
	go func() { ended <- serve(ctx, env, dir, 0, 10*time.Millisecond) }()
	line := make([]byte, 1000)
	n, err := in.Read(line)
	if err != nil {
		t.Fatal(err)
	}
	address, rest, _ := strings.Cut(string(line[:n]), " ")
	if !strings.HasPrefix(address, "http://127.0.0.1:") || !strings.Contains(rest, dir+", until Ctrl-C\n") {
		t.Fatalf("%q", line[:n])
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = got.Body.Close()
	if got.StatusCode != http.StatusOK {
		t.Error(got.Status)
	}
	port, err := strconv.Atoi(strings.Trim(address[len("http://127.0.0.1:"):], "/"))
	if err != nil {
		t.Fatal(err)
	}
	if err := serve(ctx, env, dir, port, time.Second); err == nil || !strings.Contains(err.Error(), "leave --port out") {
		t.Errorf("a port that is taken: %v", err)
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	for args, want := range map[string]string{
		"--port -1 " + dir: "--port -1: must be 0 to 65535", "--port 65536 " + dir: "--port 65536", "--every 9ms " + dir: "at least 10ms",
		t.TempDir(): "not a run directory", "": "0 arguments", dir + " " + dir: "2 arguments",
	} {
		app := &cli.App{Writer: io.Discard, ErrWriter: io.Discard, Commands: []*cli.Command{Command(env)}, ExitErrHandler: func(*cli.Context, error) {}}
		if err := app.RunContext(t.Context(), append([]string{"stco", "serve"}, strings.Fields(args)...)); !command.Is[*command.UsageError](err) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", args, err)
		}
	}
}
