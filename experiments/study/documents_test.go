package study

import (
	"errors"
	"strings"
	"testing"

	"stco/experiments/study/strict"
)

// A file holds one document; what follows it is an error at its line, and so is
// a name that a command would take for a flag.
func TestOneDocument(t *testing.T) {
	text, ok := Embedded("cv-training")
	if !ok {
		t.Fatal("no embedded study")
	}
	for _, v := range []struct{ name, text, want string }{
		{"second", string(text) + "---\nname: two\n", "a second YAML document"},
		{"broken", string(text) + "...\njunk: [\n", "did not find expected"},
		{"empty", "", "the file is empty"},
		{"comment", "# nothing\n", "the file is empty"},
		{"dash", strings.Replace(string(text), "name: cv-training", "name: -x", 1), "not starting with a point or a dash"},
	} {
		_, err := Parse(v.name, []byte(v.text))
		if _, ok := errors.AsType[*strict.InputError](err); !ok || !strings.Contains(err.Error(), v.want) {
			t.Errorf("%s: %v, want %q", v.name, err, v.want)
		}
	}
	if _, err := Parse("ends", []byte(string(text)+"...\n")); err != nil {
		t.Error(err)
	}
}

// A path is no name of an embedded study.
func TestEmbeddedIsAName(t *testing.T) {
	for name, want := range map[string]bool{"cv-training": true, "./cv-training": false, "x/../cv-training": false, "": false} {
		if _, ok := Embedded(name); ok != want {
			t.Errorf("%q: %v", name, ok)
		}
	}
}
