// Command stco optimises the on-chip memory of AI accelerators together with
// its SOT-MRAM bitcell. `stco help` lists the commands; README.md shows the
// first minute.
package main

import (
	"context"
	"fmt"
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

// grace is the time that a generation has to finish after a signal. Then the
// process ends where it stands, which every file of a run survives: the run goes on
// from its last checkpoint, with the same result.
const grace = 1400 * time.Millisecond

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
		cause := command.ErrTerminated
		if s == os.Interrupt {
			cause = command.ErrInterrupted
		}
		cancel(cause)
		time.Sleep(grace)
		_, _ = fmt.Fprintf(os.Stderr, "stco: %v where it stood; a run is kept up to its last checkpoint and goes on with: stco resume RUN\n", cause)
		os.Exit(cli.ExitCode(cause))
	}()
	return cli.Run(ctx, &command.Env{In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Now: time.Now, Getenv: os.Getenv}, os.Args)
}
