package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// fence is a block of code of a document, with the line before it that is not empty.
type fence struct{ language, before, text string }

// fences are the blocks of code of a document in their order.
func fences(document string) []fence {
	var out []fence
	before, inside := "", false
	for line := range strings.Lines(document) {
		language, mark := strings.CutPrefix(strings.TrimSpace(line), "```")
		switch {
		case mark && inside:
			inside, before = false, ""
		case mark:
			out = append(out, fence{language: language, before: before})
			inside = true
		case inside:
			out[len(out)-1].text += line
		case strings.TrimSpace(line) != "":
			before = strings.TrimSpace(line)
		}
	}
	return out
}

// TestWalkthrough does what docs/walkthrough.md says, in its order, in an empty
// folder with a network: it writes the files that are named before a block, runs
// every command, and looks in the output for each line that the document shows.
func TestWalkthrough(t *testing.T) {
	text, err := os.ReadFile("../../docs/walkthrough.md")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write := func(name string, data []byte) {
		t.Helper()
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	network, err := os.ReadFile("../../model/workload/onnx/convert/testdata/resnet18.onnx")
	if err != nil {
		t.Fatal(err)
	}
	write("net.onnx", network)
	named := regexp.MustCompile("^`([^`]+)`:$")
	squeeze := regexp.MustCompile(`\s+`)
	files, commands, shown := 0, 0, 0
	output := ""
	for _, f := range fences(string(text)) {
		if name := named.FindStringSubmatch(f.before); name != nil && f.language != "sh" {
			write(name[1], []byte(f.text))
			files++
			continue
		}
		switch f.language {
		case "sh":
			for line := range strings.Lines(f.text) {
				args, ok := strings.CutPrefix(strings.TrimSpace(line), "stco ")
				if !ok {
					t.Errorf("%q is no command of stco", line)
					continue
				}
				c := stco(t, words(args)...)
				c.Dir = dir
				out, err := c.CombinedOutput()
				if err != nil {
					t.Fatalf("stco %s: %v\n%s", args, err, out)
				}
				output = squeeze.ReplaceAllString(string(out), " ")
				commands++
			}
		case "text":
			for line := range strings.Lines(f.text) {
				if want := strings.TrimSpace(squeeze.ReplaceAllString(line, " ")); !strings.Contains(output, want) {
					t.Errorf("%q is not in the output:\n%s", want, output)
				}
				shown++
			}
		}
	}
	if files != 3 || commands < 18 || shown < 7 {
		t.Errorf("%d files, %d commands and %d lines of output in the document", files, commands, shown)
	}
	for _, name := range []string{"fig3.pdf", "fig3.csv", "fig4.pdf", "table3.tex", "ladder.csv", "study.yaml", "run/run.json"} {
		if info, err := os.Stat(filepath.Join(dir, filepath.FromSlash(name))); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// words splits a line of a shell at spaces outside quotes.
func words(line string) []string {
	var out []string
	for _, w := range regexp.MustCompile(`'[^']*'|\S+`).FindAllString(line, -1) {
		out = append(out, strings.Trim(w, "'"))
	}
	return out
}
