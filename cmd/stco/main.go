// Command stco optimises the on-chip memory of AI accelerators together with
// its SOT-MRAM bitcell. `stco help` lists the commands; README.md shows the
// first minute.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"

	"stco/cmd/stco/internal/cli"
	"stco/cmd/stco/internal/command"
)

func main() {
	os.Exit(run())
}

// run ends the first signal's wait: the context is cancelled, so that a
// generation can finish; a second signal kills the process.
func run() int {
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	received := make(chan os.Signal, 1)
	signal.Notify(received, os.Interrupt, syscall.SIGTERM)
	go func() {
		s := <-received
		signal.Stop(received)
		if s == os.Interrupt {
			cancel(command.ErrInterrupted)
		} else {
			cancel(command.ErrTerminated)
		}
	}()
	return cli.Run(ctx, &command.Env{In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Now: time.Now, Getenv: os.Getenv}, os.Args)
}
