package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"stco/cmd/stco/internal/command"
	"stco/experiments/campaign"
	"stco/experiments/study"
	"stco/experiments/study/strict"
	"stco/results"
	"stco/results/store/disk"
)

func run(args ...string) (code int, out, errs string) {
	var o, e bytes.Buffer
	code = Run(context.Background(), &command.Env{Out: &o, Err: &e}, append([]string{"stco"}, args...))
	return code, o.String(), e.String()
}

// TestExitCodes are those of the help, also of an error within another.
func TestExitCodes(t *testing.T) {
	for code, errs := range map[int][]error{
		1: {errors.New("x")}, 2: {command.Usagef("x"), strict.BadInput("f", errors.New("x")), &results.UnknownColumnError{}},
		3: {&campaign.InfeasibleError{}}, 74: {&disk.IOError{Op: "write", Path: "p", Err: fs.ErrPermission}},
		75: {command.ErrTerminated, campaign.ErrStopped, &campaign.HeldError{}}, 130: {command.ErrInterrupted},
	} {
		for _, err := range errs {
			if got, in := ExitCode(err), ExitCode(fmt.Errorf("in: %w", err)); got != code || in != code {
				t.Errorf("%T %v has %d and %d, want %d", err, err, got, in, code)
			}
		}
		if code > 1 && !strings.Contains(exitHelp, fmt.Sprintf("   %-4d ", code)) {
			t.Errorf("the help does not say %d", code)
		}
	}
}

// TestReorder: flags with their values come before the words, and what follows
// two dashes is left alone.
func TestReorder(t *testing.T) {
	app := newApp(&command.Env{Out: &bytes.Buffer{}, Err: &bytes.Buffer{}})
	for text, want := range map[string]string{
		"stco":                             "stco",
		"stco pareto RUN --format csv":     "stco pareto --format csv RUN",
		"stco pareto RUN --format=csv x":   "stco pareto --format=csv RUN x",
		"stco init FILE --force":           "stco init --force FILE",
		"stco init --force FILE --design":  "stco init --force --design FILE",
		"stco init FILE -h":                "stco init -h FILE",
		"stco init - FILE":                 "stco init - FILE",
		"stco init FILE -- --force":        "stco init FILE -- --force",
		"stco explore -1 --problem zdt1":   "stco explore --problem zdt1 -1",
		"stco tech show - --format csv":    "stco tech show --format csv -",
		"stco nonsense x --format csv":     "stco nonsense x --format csv",
		"stco explore --at 1,2 x --search": "stco explore --at 1,2 --search x",
	} {
		if got := reorder(app, strings.Fields(text)); !slices.Equal(got, strings.Fields(want)) {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
	for text, want := range map[string]string{
		"stco help": "stco help", "stco help init": "stco init --help", "stco h tech show": "stco tech show --help", "stco help --x": "stco help --x",
		"stco init help": "stco init help", "stco help nonsense": "", "stco help init nonsense": "",
	} {
		got, err := asFlag(app, strings.Fields(text))
		if (err == nil) != (want != "") || err == nil && !slices.Equal(got, strings.Fields(want)) {
			t.Errorf("%s: %s, %v, want %s", text, got, err, want)
		}
	}
}

// TestInit writes a study or a design, and no file over another unless asked.
func TestInit(t *testing.T) {
	name := filepath.Join(t.TempDir(), "s.yaml")
	for _, c := range []struct {
		args []string
		code int
		want string // the file afterwards
	}{
		{[]string{"init", name}, 0, string(study.Example())},
		{[]string{"init", name, "--design"}, 2, string(study.Example())},
		{[]string{"init", name, "--design", "--force"}, 0, string(study.ExampleDesign())},
		{[]string{"init", filepath.Join(name, "below")}, 74, string(study.ExampleDesign())},
		{[]string{"init", name, "more"}, 2, string(study.ExampleDesign())},
	} {
		code, out, errs := run(c.args...)
		text, err := os.ReadFile(name)
		if err != nil || code != c.code || out != "" || (errs == "") != (code == 0) || string(text) != c.want {
			t.Errorf("%v: code %d, printed %q and %q, %d bytes, %v", c.args, code, out, errs, len(text), err)
		}
	}
	for _, args := range [][]string{{"init", "--from", "nowhere"}, {"init", "--from", "example", "--design"}} {
		if code, out, errs := run(args...); code != 2 || out != "" || errs == "" {
			t.Errorf("%v: code %d, %.60q, %q", args, code, out, errs)
		}
	}
	if code, out, _ := run("init"); code != 0 || out != string(study.Example()) {
		t.Errorf("code %d: %.60q", code, out)
	}
	if code, out, _ := run("init", "--design"); code != 0 || out != string(study.ExampleDesign()) {
		t.Errorf("code %d: %.60q", code, out)
	}
}

// TestTexts: what is only printed, and what is no command.
func TestTexts(t *testing.T) {
	for _, c := range []struct {
		args string
		code int
		out  string
		err  string
	}{
		{"schema", 0, `"workloads"`, ""},
		{"schema --design", 0, `"mtj_diameter"`, ""},
		{"schema x", 2, "", "stco: "},
		{"completion bash", 0, "complete -o default -F _stco stco", ""},
		{"completion zsh", 0, "#compdef stco", ""},
		{"completion fish", 0, "complete -c stco", ""},
		{"completion tcsh", 2, "", `stco: completion "tcsh": one of bash, zsh, fish`},
		{"completion", 2, "", "stco: "},
		{"", 0, "Exit codes:", ""},
		{"inti", 2, "", "init"},
		{"help inti", 2, "", "init"},
		{"init --forc", 2, "", "force"},
	} {
		code, out, errs := run(strings.Fields(c.args)...)
		if code != c.code || !strings.Contains(out, c.out) || !strings.Contains(errs, c.err) || c.err == "" && errs != "" {
			t.Errorf("%s: code %d, %.80q, %q", c.args, code, out, errs)
		}
	}
}
