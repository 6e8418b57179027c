package experiment

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/urfave/cli/v2"

	"stco/cmd/stco/internal/command"
	"stco/experiments/reproduction"
	"stco/results/store/disk"
)

func stco(args ...string) (string, string, error) {
	var out, progress bytes.Buffer
	env := &command.Env{Out: &out, Err: &progress, Now: time.Now}
	app := &cli.App{Name: "stco", Writer: &out, ErrWriter: &progress, ExitErrHandler: func(*cli.Context, error) {}, Commands: []*cli.Command{Command(env)}}
	err := app.Run(append([]string{"stco", "experiment"}, args...))
	return out.String(), progress.String(), err
}

func TestCommand(t *testing.T) {
	out, _, err := stco("list", "--format", "csv")
	if err != nil || strings.Count(out, "\n") != len(Experiments())+1 || !strings.Contains(out, "\ncapacity,") {
		t.Errorf("%q, %v", out, err)
	}
	for _, e := range Experiments() {
		if e.Run == nil || !regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`).MatchString(e.Name) || e.Title == "" || strings.HasSuffix(e.Shows, ".") {
			t.Errorf("%+v", e)
		}
	}
	if _, _, err := stco("run", "capcity"); err == nil || !strings.Contains(err.Error(), `did you mean`) {
		t.Error(err)
	}
	if _, _, err := stco("run", "--workers", "0", "capacity"); !command.Is[*command.UsageError](err) || !strings.Contains(err.Error(), "--workers 0") {
		t.Error("no workers")
	}
}

// TestSmall: every experiment at its small size gives the same bytes with one
// worker and with two; Write has traced the numbers of each section.
func TestSmall(t *testing.T) {
	files := func(workers string) map[string]string {
		dir := t.TempDir()
		out, progress, err := stco("run", "--size", "small", "--seed", "3", "--workers", workers, "--out", dir, "all")
		if err != nil || !strings.Contains(progress, "squeezenet1_1 training 16") {
			t.Fatalf("%q, %v", progress, err)
		}
		all := map[string]string{}
		for path := range strings.FieldsSeq(out) {
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			all[strings.TrimPrefix(path, dir)] = string(data)
		}
		return all
	}
	one, two := files("1"), files("2")
	if len(one) != len(two) {
		t.Errorf("%d files, and %d", len(one), len(two))
	}
	for name, text := range one {
		if two[name] != text {
			t.Errorf("%s differs between one worker and two", name)
		}
	}
	document := one[string(filepath.Separator)+"reproduction.md"]
	for _, e := range Experiments() {
		if !strings.Contains(document, "\n## "+e.Name+": ") {
			t.Errorf("no section of %s", e.Name)
		}
	}
}

// inVerdict is what the verdicts say of settings: every other number there must lead
// to a row.
var inVerdict = regexp.MustCompile(`\b(batch 1|batch 16|14 nm|16 MiB|factor of 1\.5|10 years|(22|14|7|5)nm|(128|256)MiB|int[48]|(training|inference) (1|16))\b`)

// TestDocument: every experiment has a section of docs/reproduction.md with verdict,
// claims, figures and a file of its claims; every number of a verdict leads to a
// row, and every number, printed row and claim is that of its file, each row of
// which has the seed and the program of the document.
func TestDocument(t *testing.T) {
	docs := filepath.Join("..", "..", "..", "..", "docs")
	data, err := os.ReadFile(filepath.Join(docs, "reproduction.md"))
	if err != nil {
		t.Fatal(err)
	}
	text := string(data)
	if strings.Contains(text, "Size small") || !strings.Contains(text, "Program ") || !strings.Contains(text, "seed ") {
		t.Error("no program or seed, or of the small size")
	}
	linked := regexp.MustCompile(`\[[^\]]*\]\([^)]*\)`)
	for _, e := range Experiments() {
		_, section, found := strings.Cut(text, "\n## "+e.Name+": ")
		section, _, _ = strings.Cut(section, "\n## ")
		_, verdict, _ := strings.Cut(section, "\n\n**")
		verdict, _, ended := strings.Cut(verdict, "**\n\n")
		if !found || !ended || !strings.Contains(section, "| published |") || !strings.Contains(section, ".svg)") || !strings.Contains(section, "\nData: [claims.csv](") {
			t.Errorf("%s has no section with verdict, claims and figure", e.Name)
		}
		bare := inVerdict.ReplaceAllString(linked.ReplaceAllString(verdict, ""), "")
		for _, word := range regexp.MustCompile(`(^|[\s(])\d[\d.,]*`).FindAllString(bare, -1) {
			t.Errorf("%s: %q of the verdict leads to no row", e.Name, word)
		}
		for _, shown := range regexp.MustCompile(`!\[[^\]]*\]\(([^)]*)\.svg\)`).FindAllStringSubmatch(section, -1) {
			for _, ending := range []string{".svg", ".data.csv"} {
				if _, err := os.Stat(filepath.Join(docs, filepath.FromSlash(shown[1]+ending))); err != nil {
					t.Error(err)
				}
			}
		}
	}
	program, seed := between(text, "Program ", ","), between(text, ", seed ", ".")
	files, err := filepath.Glob(filepath.Join(docs, "reproduction", "*", "*.csv"))
	if err != nil || len(files) < 2*len(Experiments()) {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, name := range files {
		data, err := os.ReadFile(name) //nolint:gosec // found above
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(text, "reproduction/"+filepath.ToSlash(strings.TrimSuffix(strings.TrimPrefix(name, filepath.Join(docs, "reproduction")+string(filepath.Separator)), ".data.csv"))) {
			t.Errorf("%s is not named in the document", name)
		}
		for i, line := range strings.Split(strings.TrimSpace(string(data)), "\n") {
			if want := "," + seed + "," + program; i == 0 && !strings.HasSuffix(line, ",seed,program") || i > 0 && !strings.HasSuffix(line, want) {
				t.Errorf("%s:%d ends with neither seed nor program: %s", name, i+1, line)
				break
			}
		}
	}
	if err := reproduction.Traced(text, func(name string) (string, error) {
		data, err := os.ReadFile(filepath.Join(docs, filepath.FromSlash(name))) //nolint:gosec // a file that the document names
		return string(data), err
	}); err != nil {
		t.Error(err)
	}
}

// TestFolder: a folder that takes no file is refused before anything is computed,
// and one that does holds nothing of the check.
func TestFolder(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, progress, err := stco("run", "--size", "small", "--out", filepath.Join(file, "below"), "capacity")
	if !command.Is[*disk.IOError](err) || progress != "" {
		t.Errorf("%v after %q", err, progress)
	}
	dir := t.TempDir()
	if err := writable(dir); err != nil {
		t.Error(err)
	}
	if left, err := os.ReadDir(filepath.Join(dir, reproduction.Folder)); err != nil || len(left) > 0 {
		t.Errorf("%v, %v", left, err)
	}
}

// between is what stands between two marks of a text, the first of each.
func between(text, from, to string) string {
	_, rest, _ := strings.Cut(text, from)
	rest, _, _ = strings.Cut(rest, to)
	return rest
}
