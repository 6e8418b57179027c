// Package serve holds the verb serve: the report of a run in a browser of this
// machine, while the run goes on.
package serve

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/urfave/cli/v2"

	"stco/cmd/stco/internal/command"
	"stco/cmd/stco/internal/runs"
	"stco/cmd/stco/internal/watch"
	"stco/experiments/campaign"
	"stco/experiments/monitor"
	"stco/results"
	"stco/results/report"
	"stco/results/store"
	"stco/results/store/disk"
)

// Command is the verb serve.
func Command(env *command.Env) *cli.Command {
	return command.New(&cli.Command{
		Name: "serve", Usage: "show the report of a run in a browser, live while the run goes on", ArgsUsage: "RUN",
		Description: `Answers the page of stco report at http://127.0.0.1:PORT/ until Ctrl-C: how far the run is, its front
so far, and what it concludes once it is done. It only reads the run, whichever processes work on it,
listens on this machine alone, and refuses requests that pages of other sites make a browser send.
From another machine: ssh -L 8080:127.0.0.1:8080 HOST, with --port 8080 on both sides.`,
		Flags: []cli.Flag{
			&cli.IntFlag{Name: "port", Usage: "port on 127.0.0.1", DefaultText: "one that is free"},
			&cli.DurationFlag{Name: "every", Usage: "time between two looks at the run", Value: time.Second},
		},
		Action: func(c *cli.Context) error {
			port, every := c.Int("port"), c.Duration("every")
			if port < 0 || port > 65535 {
				return command.Usagef("--port %d: must be 0 to 65535; 0 takes one that is free", port)
			}
			if every < 10*time.Millisecond {
				return command.Usagef("--every %s: must be at least 10ms", every)
			}
			dir := c.Args().First()
			if _, err := command.OpenRun(dir); err != nil {
				return err
			}
			return serve(c.Context, env, dir, port, every)
		},
	}, 1, 1)
}

// serve listens until the context ends, which is how a user ends it: no failure.
func serve(ctx context.Context, env *command.Env, dir string, port int, every time.Duration) error {
	var listen net.ListenConfig
	l, err := listen.Listen(ctx, "tcp4", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return fmt.Errorf("--port %d: %w\nleave --port out for a port that is free", port, err)
	}
	v := &view{ctx: ctx, env: env, dir: dir, monitor: monitor.New(disk.OS{}, dir)}
	s := newServer(v.page, env.Now)
	web := &http.Server{Handler: s.handler(), ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute}
	failed := make(chan error, 1)
	go func() { failed <- web.Serve(l) }()
	if _, err := fmt.Fprintf(env.Out, "http://%s/   %s, until Ctrl-C\n", l.Addr(), results.Printable(dir)); err != nil {
		return errors.Join(err, web.Close())
	}
	err = v.follow(ctx, s, every, failed)
	close(s.ended)
	return errors.Join(err, web.Close())
}

// follow publishes how far the run is, and when its page is a newer one.
func (v *view) follow(ctx context.Context, s *server, every time.Duration, failed <-chan error) error {
	for {
		state, err := v.monitor.Look(v.env.Now())
		text := ""
		if err == nil {
			text = strings.Join(watch.Lines(state), "\n")
		} else {
			text = "the run cannot be read now: " + err.Error()
		}
		data, err := json.Marshal(map[string]string{"text": results.Printable(text)})
		if err != nil {
			return err
		}
		s.publish("progress", string(data))
		if s.watched() > 0 {
			if version := v.renew(state); version != "" {
				s.publish("page", version)
			}
		}
		select {
		case err := <-failed:
			return err
		case <-ctx.Done():
			return nil
		case <-time.After(every):
		}
	}
}

// view is the page of a run as it was made last.
type view struct {
	ctx     context.Context
	env     *command.Env
	dir     string
	monitor *monitor.Monitor

	mu      sync.Mutex
	made    []byte
	version string
	shown   string        // state of the run that the page is of
	at      time.Time     // when it was made
	took    time.Duration // to make it
}

// The least time between two pages of a run that goes on, and the part of the time
// that may go into them: the run shares the machine.
const (
	pageLeast = 5 * time.Second
	pageCost  = 20
)

// renew makes the page anew if the run has got on, not too often, and returns its
// version; empty before there is one.
func (v *view) renew(s *monitor.Snapshot) string {
	v.mu.Lock()
	defer v.mu.Unlock()
	if s == nil {
		return v.version
	}
	state := fmt.Sprint(s.State == monitor.Done, s.Ended, s.Evaluations)
	soon := v.env.Now().Sub(v.at) < max(pageLeast, pageCost*v.took) && s.State != monitor.Done
	if v.made != nil && (state == v.shown || soon) {
		return v.version
	}
	if v.make() == nil {
		v.shown = state
	}
	return v.version
}

// page returns the page, made when it is asked for first.
func (v *view) page() ([]byte, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.made == nil {
		if err := v.make(); err != nil {
			return nil, err
		}
	}
	return v.made, nil
}

// make makes the page; of a run that has found nothing yet one that waits.
func (v *view) make() error {
	begun := v.env.Now()
	run, err := store.Open(disk.OS{}, v.dir)
	if err != nil {
		return err
	}
	quiet := *v.env
	quiet.Err = io.Discard
	p, version, err := runs.LivePage(v.ctx, &quiet, run)
	if errors.Is(err, campaign.ErrNoDesign) {
		p, version, err = &report.Page{Title: filepath.Base(v.dir), Notes: []string{"No design has been found yet; the page fills itself."}, Study: run.Info().Study}, "none", nil
	}
	if err != nil {
		return err
	}
	p.Live = version
	var b bytes.Buffer
	if err := report.Write(&b, p); err != nil {
		return err
	}
	v.made, v.version = b.Bytes(), version
	v.at = v.env.Now()
	v.took = v.at.Sub(begun)
	return nil
}
