// Package trial tests experiments: each is run twice at its small size.
package trial

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"stco/experiments/reproduction"
)

// Twice runs an experiment at its small size with one worker and with two and
// fails where a byte differs, where a number of the section is not that of the
// row and column it leads to, or where a file is missing. It returns the result.
func Twice(t *testing.T, e *reproduction.Experiment) *reproduction.Findings {
	t.Helper()
	var first map[string]string
	var result *reproduction.Findings
	for workers := 1; workers <= 2; workers++ {
		r, err := e.Run(context.Background(), &reproduction.Setting{Seed: 3, Small: true, Workers: workers})
		if err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		o := reproduction.Outcome{Experiment: e, Findings: r}
		paths, err := reproduction.Write(dir, &o, 3, "test")
		if err != nil {
			t.Fatal(err)
		}
		files := map[string]string{}
		for _, p := range paths {
			data, err := os.ReadFile(p) //nolint:gosec // a file of the test
			if err != nil {
				t.Fatal(err)
			}
			files[filepath.Base(p)] = string(data)
		}
		if workers == 2 {
			for name, was := range first {
				if files[name] != was {
					t.Errorf("%s differs between one worker and two", name)
				}
			}
		}
		first, result = files, r
	}
	if result.Verdict == "" || len(result.Claims) == 0 || len(result.Figures) == 0 {
		t.Error("no verdict, claim or figure")
	}
	Traced(t, first["section.md"], func(name string) string { return first[name] })
	return result
}

var link = regexp.MustCompile(`\[([^\]]*)\]\(([^)#\s]*\.csv)#L(\d+) "([^"]*)"\)`)

// Traced fails unless every number of a text that leads to a line and column of a
// CSV file is the number there.
func Traced(t *testing.T, text string, file func(name string) string) {
	t.Helper()
	all := link.FindAllStringSubmatch(text, -1)
	if len(all) == 0 {
		t.Error("no number leads to a row")
	}
	for _, m := range all {
		lines := strings.Split(file(m[2]), "\n")
		row, _ := strconv.Atoi(m[3])
		if row < 2 || row > len(lines) {
			t.Errorf("%s: no line", m[0])
			continue
		}
		found := false
		cells := strings.Split(lines[row-1], ",")
		for i, name := range strings.Split(lines[0], ",") {
			if name != m[4] || i >= len(cells) {
				continue
			}
			v, err := strconv.ParseFloat(cells[i], 64)
			found = err == nil && reproduction.Digits(v) == m[1]
		}
		if !found {
			t.Errorf("%s is not what the file has: %s", m[0], lines[row-1])
		}
	}
}
