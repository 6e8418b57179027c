package strict

import (
	"errors"
	"math"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"stco/model/units"
)

// TestInputErrors: one problem a line with its place; nothing wrong is no error.
func TestInputErrors(t *testing.T) {
	e := &InputError{File: "f.yaml", Problems: []Fault{{Line: 3, Column: 7, Key: "a.b", Message: "is wrong"}, {Message: "too"}, {Key: "c", Message: "more"}}}
	if got, want := e.Error(), "f.yaml:3:7: a.b: is wrong\nf.yaml: too\nf.yaml: c: more"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if err := BadInput("f", nil); err != nil {
		t.Error(err)
	}
	err := BadInput("--set", errors.Join(errors.New("one"), errors.New("two")))
	if in, ok := errors.AsType[*InputError](err); !ok || len(in.Problems) != 2 || in.Error() != "--set: one\n--set: two" {
		t.Errorf("%v", err)
	}
}

// TestRead: every form of value, with its unit and its range, and every fault at
// its place, in the order of the file.
func TestRead(t *testing.T) {
	read := func(text string) (v struct {
		word   string
		size   float64
		count  int64
		truth  bool
		listed []string
	}, err error,
	) {
		r := New("f.yaml")
		if root := r.Parse([]byte(text)); root != nil {
			r.Mapping(root, "", []Key{
				Required("word", func(n *yaml.Node, key string) { v.word, _ = r.Word(n, key, []string{"near", "far"}) }),
				Optional("size", func(n *yaml.Node, key string) { v.size, _ = r.Quantity(n, key, units.DimLength, 1e-9, 1e-6) }),
				Optional("count", func(n *yaml.Node, key string) { v.count, _ = r.Integer(n, key, 2, 9) }),
				Optional("truth", func(n *yaml.Node, key string) { v.truth, _ = r.Truth(n, key) }),
				Optional("list", func(n *yaml.Node, key string) {
					r.Items(n, key, func(item *yaml.Node, key string) {
						s, _ := r.Text(item, key)
						v.listed = append(v.listed, key+"="+s)
					})
				}),
			})
		}
		return v, r.Err()
	}
	v, err := read("{word: far, size: 20nm, count: 9, truth: true, list: [a, b]}")
	if err != nil || v.word != "far" || math.Abs(v.size-20e-9) > 1e-20 || v.count != 9 || !v.truth || strings.Join(v.listed, " ") != "list[0]=a list[1]=b" {
		t.Errorf("%+v, %v", v, err)
	}
	_, err = read("truth: yes\ncount: 10\nlist: [[a]]\nsize: 2um\nwords: far\ncount: 3\n")
	want := []string{
		"f.yaml:1:1: word: missing",
		`f.yaml:1:8: truth: unknown value "yes"; known: true, false`,
		"f.yaml:2:8: count: 10 is outside 2 to 9",
		"f.yaml:3:8: list[0]: want a single value, have a list",
		"f.yaml:4:7: size: 2um is outside 1nm to 1um",
		"f.yaml:5:1: words: unknown key; did you mean word?",
		"f.yaml:6:1: count: given twice",
	}
	if err == nil || err.Error() != strings.Join(want, "\n") {
		t.Errorf("have\n%v\nwant\n%s", err, strings.Join(want, "\n"))
	}
	for _, bad := range []string{"count: 1", "count: 02", "count: 2.0", "size: 0.9nm", "size: nm", "size: 20", "word: [far]", "list: a", "truth: 1"} {
		if _, err := read("{word: near, " + bad + "}"); err == nil && bad != "word: [far]" {
			t.Errorf("%s is read", bad)
		}
	}
}

// TestDocuments: a file has a size, a depth and one document.
func TestDocuments(t *testing.T) {
	for text, want := range map[string]string{
		strings.Repeat(" ", maxFileSize+1): "at most",
		strings.Repeat("[", maxDepth+1):    "nested more than",
		"a: {":                             "did not find",
		"":                                 "the file is empty",
		"# nothing":                        "the file is empty",
		"a: 1\n---\nb: 2\n":                "a second YAML document",
		"a: {\nb: ]":                       "f:2:4: no YAML: did not find expected",
		"a: 1\nb: \"x":                     "f:2:6: no YAML: found unexpected end of stream while scanning a quoted scalar",
		"a:\n  - x\n b: [":                 "f:3:2: no YAML: did not find expected key while parsing a block mapping that begins in line 1",
		"a: 1\n\u00b5\x01: 2":              "f:2:2: control character 0x01; want a text file of YAML or JSON in UTF-8",
		"a: \x7f":                          "f:1:4: control character 0x7f",
		"a: \x1f":                          "f:1:4: control character 0x1f",
		"a: \xff":                          "f:1:4: byte 0xff is not UTF-8",
		"a: 1\n--- [":                      "no YAML: did not find expected",
	} {
		r := New("f")
		if n := r.Parse([]byte(text)); n != nil || r.Err() == nil || !strings.Contains(r.Err().Error(), want) {
			t.Errorf("%.40q: %v, want %q", text, r.Err(), want)
		}
	}
	r := New("f")
	if n := r.Parse([]byte(strings.Repeat("[", maxDepth) + strings.Repeat("]", maxDepth))); n == nil || r.Err() != nil {
		t.Error(r.Err())
	}
	if n := New("f").Parse([]byte("{design: {}}")); !New("f").Other(n, "design", "x") || New("f").Other(n, "study", "x") {
		t.Error("the kind of a file is not told by its key")
	}
}

// TestNothingOfWrongValues: what is wrong has one fault and no value, whatever
// its form.
func TestNothingOfWrongValues(t *testing.T) {
	for name, f := range map[string]func(r *Reader, n *yaml.Node) (any, bool){
		"word": func(r *Reader, n *yaml.Node) (any, bool) {
			v, ok := r.Word(n, "k", []string{"near"})
			return v == "", ok
		},
		"quantity": func(r *Reader, n *yaml.Node) (any, bool) {
			v, ok := r.Quantity(n, "k", units.DimLength, 1e-9, 1e-6)
			return v == 0, ok
		},
		"integer": func(r *Reader, n *yaml.Node) (any, bool) { v, ok := r.Integer(n, "k", 2, 9); return v == 0, ok },
		"truth":   func(r *Reader, n *yaml.Node) (any, bool) { v, ok := r.Truth(n, "k"); return !v, ok },
	} {
		for _, text := range []string{"[a]", "{a: b}", "nonsense", "10mm", "17"} {
			r := New("f")
			n := r.Parse([]byte(text))
			if none, ok := f(r, n); none != true || ok || len(r.Problems) != 1 {
				t.Errorf("%s of %s: a value (%v), %v", name, text, ok, r.Problems)
			}
		}
	}
}

// TestLargestFile: 1 MiB is read, a byte more is not.
func TestLargestFile(t *testing.T) {
	text := "a: 1 #" + strings.Repeat(" ", 1048576-6)
	if r := New("f"); r.Parse([]byte(text)) == nil || r.Err() != nil {
		t.Errorf("%d bytes: %v", len(text), r.Err())
	}
	if r := New("f"); r.Parse([]byte(text+" ")) != nil || r.Err() == nil || !strings.Contains(r.Err().Error(), "has 1048577 bytes; at most 1048576") {
		t.Errorf("%d bytes: %v", len(text)+1, r.Err())
	}
}
