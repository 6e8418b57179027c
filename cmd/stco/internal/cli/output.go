package cli

import (
	"bytes"
	"io"
	"os"
	"strings"

	"github.com/urfave/cli/v2"

	"stco/results/store"
	"stco/results/table"
)

// output writes to a file, whole or not at all, or to standard output.
func output(env *Env, name string, write func(io.Writer) error) error {
	if name == "" {
		return write(env.Out)
	}
	var b bytes.Buffer
	if err := write(&b); err != nil {
		return err
	}
	if err := os.WriteFile(name, b.Bytes(), 0o644); err != nil {
		return &store.IOError{Op: "write", Path: name, Err: err}
	}
	return nil
}

// view reads the flags that choose rows and columns.
func view(c *cli.Context) table.View {
	v := table.View{Where: c.String("where"), Sort: c.String("sort"), Top: c.Int("top")}
	if s := c.String("columns"); s != "" {
		v.Columns = strings.Split(s, ",")
	}
	return v
}
