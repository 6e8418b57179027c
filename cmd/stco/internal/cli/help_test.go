package cli

import (
	"bytes"
	"flag"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"

	"stco/cmd/stco/internal/command"
)

var update = flag.Bool("update", false, "write docs/cli.md")

func application() (*cli.App, *bytes.Buffer) {
	var out bytes.Buffer
	return newApp(&command.Env{Out: &out, Err: &out, Getenv: func(string) string { return "" }}), &out
}

// TestPages: every command that does something has examples, every page a
// command, and every example only flags that there are, values of flags of a few
// words among them.
func TestPages(t *testing.T) {
	app, _ := application()
	m := &manual{app: app}
	m.each(func(words string, c *cli.Command) {
		if !slices.ContainsFunc(pages(), func(p page) bool { return p.command == words }) {
			t.Errorf("stco %s has no examples", words)
		}
		if !strings.Contains(c.Description, "Examples:\n   stco ") {
			t.Errorf("the help of stco %s shows no example", words)
		}
	})
	for _, p := range pages() {
		if find(app.Commands, strings.Fields(p.command)) == nil {
			t.Errorf("there is no command %s", p.command)
		}
		for _, e := range p.examples {
			line, _, _ := strings.Cut(e, " # ")
			words := strings.Fields(strings.ReplaceAll(line, "'", ""))
			c := find(app.Commands, words[:1])
			if sub := find(app.Commands, words[:min(2, len(words))]); sub != nil {
				c = sub
			}
			if c == nil {
				t.Errorf("%s: no such command", e)
				continue
			}
			for i, w := range words {
				if name, ok := strings.CutPrefix(w, "--"); ok {
					at := slices.IndexFunc(c.Flags, func(f cli.Flag) bool { return slices.Contains(f.Names(), name) })
					if at < 0 {
						t.Errorf("%s: no flag --%s", e, name)
						continue
					}
					d, takes := c.Flags[at].(cli.DocGenerationFlag)
					if _, list, few := strings.Cut(d.GetUsage(), ": "); takes && few && d.TakesValue() && slices.Contains([]string{"format", "what", "show"}, name) && !slices.Contains(strings.Split(list, ", "), words[i+1]) {
						t.Errorf("%s: --%s takes %s", e, name, list)
					}
				}
			}
		}
	}
}

// TestManual: docs/cli.md is what the commands say now, on any machine, and man
// takes every page without a warning.
func TestManual(t *testing.T) {
	app, out := application()
	if err := app.Run([]string{"stco", "man", "--markdown"}); err != nil {
		t.Fatal(err)
	}
	const file = "../../../../docs/cli.md"
	if *update {
		if err := os.WriteFile(file, out.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(text, out.Bytes()) {
		t.Error("docs/cli.md is not what the commands say: go test ./cmd/stco/internal/cli -run TestManual -update")
	}
	man, err := exec.LookPath("groff")
	if err != nil {
		t.Log("no groff: the pages are not formatted")
	}
	each := []string{""}
	(&manual{app: app}).each(func(words string, _ *cli.Command) { each = append(each, words) })
	for _, words := range each {
		app, out := application()
		if err := app.Run(append([]string{"stco", "man"}, strings.Fields(words)...)); err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{".TH STCO", ".SH NAME", ".SH EXIT STATUS"} {
			if !strings.Contains(out.String(), want) {
				t.Errorf("stco man %s lacks %s", words, want)
			}
		}
		options := false
		if c := find(app.Commands, strings.Fields(words)); c != nil {
			options = slices.ContainsFunc(c.Flags, func(f cli.Flag) bool { return f.Names()[0] != "help" })
		}
		if strings.Contains(out.String(), ".SH OPTIONS\n") != options {
			t.Errorf("stco man %s lists options: %v", words, !options)
		}
		if man == "" {
			continue
		}
		c := exec.Command(man, "-man", "-Tutf8", "-ww")
		c.Stdin = strings.NewReader(out.String())
		var complaints bytes.Buffer
		c.Stderr = &complaints
		if _, err := c.Output(); err != nil || complaints.Len() > 0 {
			t.Errorf("stco man %s: %v %s", words, err, &complaints)
		}
	}
}

// TestHelp leaves out defaults that say nothing.
func TestHelp(t *testing.T) {
	app, out := application()
	if err := app.Run([]string{"stco", "init", "--help"}); err != nil || !strings.Contains(out.String(), "--force") || strings.Contains(out.String(), "(default: false)") {
		t.Errorf("%s, %v", out, err)
	}
}

// TestFlags: no command has two flags of one name, which would end it before it
// begins.
func TestFlags(t *testing.T) {
	app, _ := application()
	(&manual{app: app}).each(func(words string, c *cli.Command) {
		seen := map[string]bool{}
		for _, f := range c.Flags {
			for _, name := range f.Names() {
				if seen[name] {
					t.Errorf("stco %s has two flags --%s", words, name)
				}
				seen[name] = true
			}
		}
	})
}
