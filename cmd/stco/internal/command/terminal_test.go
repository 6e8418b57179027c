package command

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"
	"golang.org/x/sys/unix"

	"stco/results/store/disk"
)

// TestTerminal: a terminal is drawn over unless TERM says that it cannot be, and
// its width is that which it says.
func TestTerminal(t *testing.T) {
	f, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skip(err)
	}
	defer func() { _ = f.Close() }()
	env := func(kind string) *Env {
		return &Env{Getenv: func(name string) string { return map[string]string{"TERM": kind}[name] }}
	}
	if !env("xterm").Terminal(f) || !env("xterm").Terminal(&Sink{W: f}) || env("dumb").Terminal(f) {
		t.Error("a terminal is none, or one that is dumb is drawn over")
	}
	for width, want := range map[uint16]int{100: 100, 20: 40, 0: 0} {
		if err := unix.IoctlSetWinsize(int(f.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 10, Col: width}); err != nil {
			t.Fatal(err)
		}
		if n := env("xterm").Columns(f); n != want {
			t.Errorf("%d characters wide: %d, want %d", width, n, want)
		}
	}
	if n := LineWidth(&Sink{Width: 70}); n != 70 {
		t.Error(n)
	}
	if n := LineWidth(&Sink{}); n != 100 {
		t.Error(n)
	}
	if n := widthOr(io.Discard, 7); n != 7 {
		t.Error(n)
	}
}

// TestReadFails: a file that opens and cannot be read is a failure of the disk.
func TestReadFails(t *testing.T) {
	if _, err := ReadInput("/proc/self/mem"); !Is[*disk.IOError](err) || !strings.Contains(err.Error(), "read") {
		t.Error(err)
	}
}

// TestCacheDir: the flag, else the environment, else the directory of the user.
func TestCacheDir(t *testing.T) {
	home := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", home)
	for _, c := range []struct{ flag, variable, want string }{
		{"", "", filepath.Join(home, "stco")}, {"a", "b", "a"}, {"", "b", "b"}, {"off", "b", ""}, {"", "off", ""}, {"a", "off", "a"},
	} {
		got := "none"
		env := &Env{Getenv: func(name string) string { return map[string]string{CacheVariable: c.variable}[name] }}
		verb := New(&cli.Command{Name: "v", Action: func(x *cli.Context) error { got = cacheDir(env, x); return nil }}, 0, 0)
		Cached(env, verb)
		args := []string{"stco", "v"}
		if c.flag != "" {
			args = append(args, "--"+cacheFlag, c.flag)
		}
		if err := (&cli.App{Commands: []*cli.Command{verb}}).Run(args); err != nil || got != c.want {
			t.Errorf("%+v: %q, %v", c, got, err)
		}
	}
	verb := New(&cli.Command{Name: "v", Action: func(*cli.Context) error { return nil }}, 0, 0)
	Cached(&Env{}, verb)
	app := &cli.App{Commands: []*cli.Command{verb}, ExitErrHandler: func(*cli.Context, error) {}}
	if err := app.Run([]string{"stco", "v", "--" + cacheFlag, ""}); !Is[*UsageError](err) {
		t.Error(err)
	}
	if usage := verb.Flags[0].(cli.DocGenerationFlag).GetUsage(); !strings.Contains(usage, "at most 1 GiB") || cacheLimit != 1073741824 {
		t.Errorf("%q, %d bytes", usage, cacheLimit)
	}
}

// TestArguments: fewer or more than a verb takes, a word that a flag does not take,
// and names that resemble others.
func TestArguments(t *testing.T) {
	run := func(args ...string) error {
		verb := New(&cli.Command{
			Name: "verb", Action: func(*cli.Context) error { return nil },
			Flags: []cli.Flag{OneOf("how", "way", "slow", "slow", "fast"), OneOf("where", "place", "here", "here", "there")},
		}, 1, 2, func(c *cli.Context) error {
			if c.String("how") == "fast" && c.String("where") == "there" {
				return Usagef("not both")
			}
			return nil
		})
		app := &cli.App{
			Name: "stco", Writer: io.Discard, ErrWriter: io.Discard, ExitErrHandler: func(*cli.Context, error) {}, OnUsageError: BadFlag,
			Commands: []*cli.Command{verb, Group("group", "others", verb)},
		}
		return app.Run(append([]string{"stco"}, args...))
	}
	for args, want := range map[string]string{
		"verb a": "", "verb a b": "", "group verb a": "", "group": "", "verb --how fast a": "",
		"verb": "stco verb : 0 arguments", "verb a b c": "3 arguments", "verb --hwo fast a": "unknown flag --hwo; did you mean --how?; stco verb --help lists the flags",
		"verb --how quick a": `--how "quick": one of slow, fast`, "verb --how x --where y a": "--how \"x\": one of slow, fast\n--where \"y\": one of here, there",
		"verb --how fast --where there a": "not both", "group verv": `unknown command "verv"; did you mean verb?`, "verb --how": "flag needs an argument",
		"verb --zzzzzzzz a": "unknown flag --zzzzzzzz; stco verb --help lists",
	} {
		err := run(strings.Fields(args)...)
		if (err == nil) != (want == "") || err != nil && (!strings.Contains(err.Error(), want) || !Is[*UsageError](err)) {
			t.Errorf("%s: %v, want %q", args, err, want)
		}
	}
}

// TestRecords: fields by their names in JSON, those of embedded structures in their
// place, in a table of a row each or a line each.
func TestRecords(t *testing.T) {
	type Inner struct {
		A int `json:"a"`
	}
	type record struct {
		Inner
		B    float64  `json:"b"`
		List []string `json:"list"`
		None string   `json:"none,omitempty"`
		Some string   `json:"some,omitempty"`
		No   string   `json:"-"`
		Bare string
	}
	r := record{Inner{3}, 1.5, []string{"x", "y"}, "", "z", "no", "bare"}
	var b bytes.Buffer
	if err := WriteList(&b, Fields(&r), "csv"); err != nil || b.String() != "quantity,value\na,3\nb,1.5\nlist,x y\nsome,z\n" {
		t.Errorf("%q, %v", b.String(), err)
	}
	b.Reset()
	if err := WriteTable(&b, Records([]record{r, {Inner{4}, 2, nil, "", "w", "", ""}}), "csv"); err != nil || b.String() != "a,b,list,some\n3,1.5,x y,z\n4,2,,w\n" {
		t.Errorf("%q, %v", b.String(), err)
	}
	b.Reset()
	if err := WriteJSON(&b, map[string]int{"a": 1}); err != nil || b.String() != "{\n  \"a\": 1\n}\n" {
		t.Errorf("%q, %v", b.String(), err)
	}
	if a, c := Or("", "d"), Or("s", "d"); a != "d" || c != "s" {
		t.Error(a, c)
	}
}
