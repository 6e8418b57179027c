package serve

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"stco/cmd/stco/internal/command"
	"stco/experiments/campaign"
	"stco/experiments/study"
	"stco/results/store"
	"stco/results/store/disk"
)

// TestGuard: only this machine's own pages are answered, and nothing but reading.
func TestGuard(t *testing.T) {
	s := newServer(func() ([]byte, error) { return []byte("the page"), nil }, time.Now)
	web := httptest.NewServer(s.handler())
	defer web.Close()
	defer close(s.ended)
	host := strings.TrimPrefix(web.URL, "http://")
	_, port, _ := strings.Cut(host, ":")
	s.publish("progress", "{}")
	for _, c := range []struct {
		name, method, path, host string
		header                   [2]string
		want                     int
	}{
		{name: "plain", want: 200},
		{name: "head", method: "HEAD", want: 200},
		{name: "localhost", host: "localhost:" + port, want: 200},
		{name: "own origin", header: [2]string{"Origin", "http://" + host}, want: 200},
		{name: "own site", header: [2]string{"Sec-Fetch-Site", "same-origin"}, want: 200},
		{name: "typed address", header: [2]string{"Sec-Fetch-Site", "none"}, want: 200},
		{name: "icon", path: "/favicon.ico", want: 204},
		{name: "foreign host", host: "evil.example", want: 421},
		{name: "foreign host with port", host: "evil.example:" + port, want: 421},
		{name: "host that begins like ours", host: "127.0.0.1.evil.example:" + port, want: 421},
		{name: "address of another machine", host: "192.0.2.1:" + port, want: 421},
		{name: "other port", host: "127.0.0.1:1", want: 421},
		{name: "no port", host: "127.0.0.1", want: 421},
		{name: "foreign origin", header: [2]string{"Origin", "http://evil.example"}, want: 403},
		{name: "origin of a file", header: [2]string{"Origin", "null"}, want: 403},
		{name: "origin of another port", header: [2]string{"Origin", "http://127.0.0.1:1"}, want: 403},
		{name: "other site", header: [2]string{"Sec-Fetch-Site", "cross-site"}, want: 403},
		{name: "same site, other port", header: [2]string{"Sec-Fetch-Site", "same-site"}, want: 403},
		{name: "events of a foreign origin", path: "/events", header: [2]string{"Origin", "http://evil.example"}, want: 403},
		{name: "post", method: "POST", want: 405},
		{name: "delete", method: "DELETE", want: 405},
		{name: "file", path: "/run.json", want: 404},
		{name: "path upwards", path: "/x/../etc/passwd", want: 307},
	} {
		r, err := http.NewRequestWithContext(t.Context(), c.method, web.URL+c.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Host = c.host
		if c.header[0] != "" {
			r.Header.Set(c.header[0], c.header[1])
		}
		got, err := http.DefaultTransport.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(got.Body)
		_ = got.Body.Close()
		if got.StatusCode != c.want {
			t.Errorf("%s: %d, not %d: %s", c.name, got.StatusCode, c.want, body)
		}
		if shown := string(body) == "the page"; shown != (c.want == 200 && c.method != "HEAD") {
			t.Errorf("%s: body %q", c.name, body)
		}
	}
}

// TestEvents: a page gets the latest of each kind, then what changes; a ninth
// listener is refused; the end of the server ends the streams.
func TestEvents(t *testing.T) {
	s := newServer(nil, time.Now)
	web := httptest.NewServer(s.handler())
	defer web.Close()
	s.publish("progress", "one")
	s.publish("progress", "two")
	listen := func() *http.Response {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, web.URL+"/events", nil)
		if err != nil {
			t.Fatal(err)
		}
		got, err := web.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = got.Body.Close() })
		return got
	}
	first := listen()
	lines := bufio.NewReader(first.Body)
	read := func() string {
		var b strings.Builder
		for {
			line, err := lines.ReadString('\n')
			if err != nil || line == "\n" {
				return b.String()
			}
			b.WriteString(line)
		}
	}
	if got := read(); got != "retry: 1000\n" {
		t.Errorf("%q", got)
	}
	if got := read(); got != "event: progress\ndata: two\n" {
		t.Errorf("%q", got)
	}
	s.publish("progress", "two") // nothing new
	s.publish("page", "7")
	if got := read(); got != "event: page\ndata: 7\n" {
		t.Errorf("%q", got)
	}
	for range mostStreams - 1 {
		if got := listen(); got.StatusCode != http.StatusOK {
			t.Fatal(got.Status)
		}
	}
	if got := listen(); got.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("a ninth listener: %s", got.Status)
	}
	close(s.ended)
	if got := read(); got != "" {
		t.Errorf("after the end: %q", got)
	}
}

const liveStudy = `stco: 1
name: small
workloads: [{network: mobilenet_v2, phase: inference, batch: 1}]
space: {technology: sot, material: [beta-w, beta-w-co], capacity: [1MiB, 2MiB, 4MiB], clock: 1GHz, read_bus: 4096, write_bus: 2048}
objectives: [energy, latency, area]
search: {algorithm: nsga2, population: 20, evaluations: 1200, returned: 15}
seed: 6
`

// observer stops a campaign at its middle.
type observer struct {
	at   int64
	stop func()
}

func (observer) Shard(int, int, string, int64) {}
func (observer) Note(string)                   {}
func (o observer) Generation(g store.Generation, _ int64) {
	if o.stop != nil && g.Evaluations >= o.at {
		o.stop()
	}
}

// TestLive looks at a run in a browser from before its first design to its end:
// the page fills itself, keeps what is selected, shows the verdict at the end, says
// nothing to the console, and asks nobody but its server.
func TestLive(t *testing.T) {
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("no chromium")
		}
		t.Skip("no chromium: the page is not looked at")
	}
	q, err := study.Parse("test", []byte(liveStudy))
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "run")
	environment := func(o observer) campaign.Environment {
		return campaign.Environment{Workers: 2, FS: disk.OS{}, Observer: o, Now: time.Now}
	}
	if _, err := campaign.Start(q, dir, environment(observer{})); err != nil {
		t.Fatal(err)
	}
	goOn := func(until int64) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		o := observer{}
		if until > 0 {
			o = observer{until, cancel}
		}
		c, err := campaign.Resume(dir, environment(o), campaign.Extension{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Execute(ctx); err != nil && !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
	}

	url, end := begin(t, dir)
	o := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(chromium), chromedp.NoSandbox, chromedp.WindowSize(1280, 1400))
	ctx, stop := context.WithTimeout(t.Context(), 4*time.Minute)
	defer stop()
	ctx, stop = chromedp.NewExecAllocator(ctx, o...)
	defer stop()
	ctx, stop = chromedp.NewContext(ctx)
	defer stop()
	var mu sync.Mutex
	var said, asked []string
	if err := chromedp.Do(ctx, chromedp.Navigate("about:blank")); err != nil {
		t.Fatal(err)
	}
	err = chromedp.Listen(ctx, func(ev any) {
		mu.Lock()
		defer mu.Unlock()
		switch e := ev.(type) {
		case *runtime.EventConsoleAPICalled, *runtime.EventExceptionThrown, *log.EventEntryAdded:
			said = append(said, fmt.Sprintf("%+v", e))
		case *network.EventRequestWillBeSent:
			asked = append(asked, e.Request.URL)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := chromedp.Do(ctx, chromedp.Navigate(url)); err != nil {
		t.Fatal(err)
	}
	until := func(script string) {
		t.Helper()
		var met bool
		var err error
		for begun := time.Now(); !met && time.Since(begun) < 90*time.Second; time.Sleep(100 * time.Millisecond) {
			met, err = chromedp.Run(ctx, chromedp.Evaluate[bool](script)) // fails while the page is loaded anew
		}
		if !met {
			body, _ := chromedp.Run(ctx, chromedp.Evaluate[string]("document.body.innerText.slice(0, 600)"))
			t.Fatalf("%s: %v\n%v\n%s", script, err, said, body)
		}
	}
	run := func(script string) {
		t.Helper()
		if err := chromedp.Do(ctx, chromedp.Evaluate[chromedp.Void](script)); err != nil {
			t.Fatal(err)
		}
	}

	until("document.body.dataset.version === 'none' && document.getElementById('live').textContent.startsWith('waiting')")
	goOn(600)
	until("Number(document.body.dataset.version) >= 600 && document.body.dataset.drawn === 'yes'")
	until("document.querySelectorAll('#designs tr[data-row]').length === 15")
	until("document.getElementById('live').textContent.includes('of 1200')")
	run("const y = document.getElementById('y'); y.value = y.options[1].value; y.dispatchEvent(new Event('change'))")
	run("report.scatter.dispatchAction({type: 'brush', areas: [{brushType: 'rect', range: [[0, 400], [0, 400]]}]})")
	until("Number(document.body.dataset.selected) < 15")
	goOn(0)
	until("!document.getElementById('newer').hidden")
	until("document.getElementById('live').textContent.startsWith('done')")
	if err := chromedp.Do(ctx, chromedp.Click("#newer")); err != nil {
		t.Fatal(err)
	}
	until("document.body.dataset.version === 'done' && document.body.dataset.drawn === 'yes' && document.querySelectorAll('#verdict p').length > 0")
	until("document.getElementById('y').selectedIndex === 1")
	mu.Lock()
	defer mu.Unlock()
	if len(said) > 0 {
		t.Errorf("the console says %v", said)
	}
	for _, a := range asked {
		if !strings.HasPrefix(a, url) {
			t.Errorf("asks for %s", a)
		}
	}
	end()
}

// begin serves a run and returns its address, and what ends it: at once, and
// without a failure.
func begin(t *testing.T, dir string) (url string, end func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	out, in := io.Pipe()
	var errs bytes.Buffer
	ended := make(chan error, 1)
	go func() {
		ended <- serve(ctx, &command.Env{Out: in, Err: &errs, Now: time.Now, Getenv: os.Getenv}, dir, 0, 50*time.Millisecond)
	}()
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	url, _, _ = strings.Cut(line, " ")
	return url, func() {
		cancel()
		select {
		case err := <-ended:
			if err != nil || errs.Len() > 0 {
				t.Errorf("%v %s", err, &errs)
			}
		case <-time.After(2 * time.Second):
			t.Error("serves on, two seconds after its end")
		}
	}
}
