package serve

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"
)

// The most event streams at a time, and the times of one.
const (
	mostStreams = 8
	writeWithin = 5 * time.Second
	quietFor    = 15 * time.Second
)

// server answers the page of a run and its events to browsers of this machine.
type server struct {
	page func() ([]byte, error) // the page as it is now
	now  func() time.Time

	mu      sync.Mutex
	streams int
	latest  map[string]string // event by kind
	changed chan struct{}     // closed when latest changes
	ended   chan struct{}     // closed when the server ends
}

func newServer(page func() ([]byte, error), now func() time.Time) *server {
	return &server{page: page, now: now, latest: map[string]string{}, changed: make(chan struct{}), ended: make(chan struct{})}
}

// kinds are the kinds of events, in the order in which they are sent.
var kinds = []string{"progress", "page"}

// publish makes an event the latest of its kind. A browser that reads slowly gets
// the latest of each kind, not all.
func (s *server) publish(kind, data string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.latest[kind] == data {
		return
	}
	s.latest[kind] = data
	close(s.changed)
	s.changed = make(chan struct{})
}

// watched tells how many browsers listen.
func (s *server) watched() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.streams
}

// handler is the server with its guard: it only reads, and only for pages of its
// own on this machine.
func (s *server) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.servePage)
	mux.HandleFunc("GET /events", s.serveEvents)
	mux.HandleFunc("GET /favicon.ico", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	return guard(mux)
}

// guard refuses requests that another site, or another name of this machine, made
// a browser send, and whatever could change something.
func guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Content-Security-Policy", "frame-ancestors 'none'")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			h.Set("Allow", "GET, HEAD")
			http.Error(w, "this server only shows a run: GET", http.StatusMethodNotAllowed)
			return
		}
		if !local(r) {
			http.Error(w, "not the name of this server: it is 127.0.0.1 or localhost, with its port", http.StatusMisdirectedRequest)
			return
		}
		if o := r.Header.Get("Origin"); o != "" && o != "http://"+r.Host {
			http.Error(w, "asked by a page of another origin", http.StatusForbidden)
			return
		}
		if site := r.Header.Get("Sec-Fetch-Site"); site == "cross-site" || site == "same-site" {
			http.Error(w, "asked by a page of another site", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// local tells whether a request names this machine by a loopback name and the port
// it came in on, so that no foreign name that resolves here is served.
func local(r *http.Request) bool {
	host, port, err := net.SplitHostPort(r.Host)
	if err != nil {
		return false
	}
	at, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if !ok {
		return false
	}
	if _, own, err := net.SplitHostPort(at.String()); err != nil || own != port {
		return false
	}
	ip, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return host == "localhost" || err == nil && ip.IsLoopback()
}

func (s *server) servePage(w http.ResponseWriter, r *http.Request) {
	page, err := s.page()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if r.Method == http.MethodHead {
		return
	}
	_, _ = w.Write(page) // a browser that went away
}

// serveEvents sends the latest event of each kind, and each newer one.
func (s *server) serveEvents(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	if s.streams >= mostStreams {
		s.mu.Unlock()
		http.Error(w, fmt.Sprintf("%d pages listen already", mostStreams), http.StatusServiceUnavailable)
		return
	}
	s.streams++
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		s.streams--
		s.mu.Unlock()
	}()
	w.Header().Set("Content-Type", "text/event-stream")
	c := http.NewResponseController(w)
	send := func(text string) bool {
		if c.SetWriteDeadline(s.now().Add(writeWithin)) != nil {
			return false
		}
		_, err := io.WriteString(w, text)
		return err == nil && c.Flush() == nil
	}
	if !send("retry: 1000\n\n") {
		return
	}
	sent := map[string]string{}
	for {
		s.mu.Lock()
		var text strings.Builder
		for _, kind := range kinds {
			if data := s.latest[kind]; data != "" && data != sent[kind] {
				fmt.Fprintf(&text, "event: %s\ndata: %s\n\n", kind, data)
				sent[kind] = data
			}
		}
		changed := s.changed
		s.mu.Unlock()
		if text.Len() > 0 && !send(text.String()) {
			return
		}
		select {
		case <-changed:
		case <-time.After(quietFor):
			if !send(": still here\n\n") {
				return
			}
		case <-r.Context().Done():
			return
		case <-s.ended:
			return
		}
	}
}
