package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestReadmeCommands runs the ./stco lines of the README's shell blocks in an
// empty folder, in their order, after a short campaign under the name that the
// README's first command gives it.
func TestReadmeCommands(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	run := func(line string) {
		c := stco(t, strings.Fields(line)...)
		c.Dir = dir
		if out, err := c.CombinedOutput(); err != nil {
			t.Errorf("stco %s: %v\n%s", line, err, out)
		}
	}
	run("run cv-training --budget 2000 --quiet")
	ran := 0
	block := false
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "```") {
			block = strings.TrimSpace(line) == "```sh"
			continue
		}
		line, _, _ = strings.Cut(line, "#")
		args, ok := strings.CutPrefix(strings.TrimSpace(line), "./stco ")
		if !block || !ok {
			continue
		}
		if strings.HasPrefix(args, "run study.yaml") { // the same study, but short and of one network
			study := filepath.Join(dir, "study.yaml")
			text, err := os.ReadFile(study)
			if err != nil {
				t.Fatal(err)
			}
			short := strings.Replace(string(text), "evaluations: 200000", "evaluations: 2000", 1)
			short = regexp.MustCompile(`(?m)^.*network: (resnet50|vgg16|vit_b_16),.*\n`).ReplaceAllString(short, "")
			if err := os.WriteFile(study, []byte(short), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if strings.Contains(args, "'") {
			args = strings.Replace(args, "'area_mm2 < 60'", "area_mm2<60", 1)
		}
		run(args)
		ran++
	}
	if ran < 8 {
		t.Errorf("%d commands found in the README", ran)
	}
}

// TestTutorial runs every command of docs/tutorial.md in an empty folder, in their
// order, with the study that it prints; the verdict on which its decision rests is
// that of the run.
func TestTutorial(t *testing.T) {
	text, err := os.ReadFile("../../docs/tutorial.md")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	_, study, _ := strings.Cut(string(text), "```yaml\n")
	study, _, _ = strings.Cut(study, "```")
	if err := os.WriteFile(filepath.Join(dir, "keyword.yaml"), []byte(study), 0o600); err != nil {
		t.Fatal(err)
	}
	said, ran, block := "", 0, false
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "```") {
			block = strings.TrimSpace(line) == "```sh"
			continue
		}
		args, ok := strings.CutPrefix(strings.TrimSpace(line), "stco ")
		if !block || !ok {
			continue
		}
		c := stco(t, strings.Fields(args)...)
		c.Dir = dir
		out, err := c.CombinedOutput()
		if err != nil {
			t.Errorf("stco %s: %v\n%s", args, err, out)
		}
		said += string(out)
		ran++
	}
	if ran < 10 {
		t.Errorf("%d commands found in the tutorial", ran)
	}
	for _, want := range []string{
		"SOT-MRAM pays in none of 3 scenarios", "buffer writes +", "That it does not pay is turned by no single constant within its range",
	} {
		if !strings.Contains(said, want) || !strings.Contains(string(text), want) {
			t.Errorf("%q is not in both the tutorial and what its commands say", want)
		}
	}
}

// TestHelpNamesEveryCommand checks that docs/cli.md has a row for every command.
func TestHelpNamesEveryCommand(t *testing.T) {
	out, err := stco(t, "help").Output()
	if err != nil {
		t.Fatal(err)
	}
	doc, err := os.ReadFile("../../docs/cli.md")
	if err != nil {
		t.Fatal(err)
	}
	_, list, _ := strings.Cut(string(out), "COMMANDS:")
	list, _, _ = strings.Cut(list, "GLOBAL OPTIONS:")
	n := 0
	for line := range strings.Lines(list) {
		name, _, _ := strings.Cut(strings.TrimSpace(line), " ")
		name = strings.TrimSuffix(name, ",")
		if name == "" || name == "help" {
			continue
		}
		n++
		if !strings.Contains(string(doc), "`stco "+name) {
			t.Errorf("docs/cli.md does not name stco %s", name)
		}
	}
	if n < 10 {
		t.Errorf("%d commands in the help", n)
	}
}
