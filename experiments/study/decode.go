package study

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"stco/model"
	"stco/model/near"
	"stco/model/units"
)

// maxFileSize bounds a study or design file: a YAML text is small.
const maxFileSize = 1 << 20

// maxDepth bounds the nesting of a file.
const maxDepth = 32

// Fault is one thing wrong in a study or design file.
type Fault struct {
	File         string // if it is another one than the file that is read
	Line, Column int    // 1-based; 0 when the file as a whole is meant
	Key          string
	Message      string
}

// InputError lists everything wrong in a file at once.
type InputError struct {
	File     string
	Problems []Fault
}

// Error prints one problem a line: file:line:column: key: message.
func (e *InputError) Error() string {
	var b strings.Builder
	for i, p := range e.Problems {
		if i > 0 {
			b.WriteByte('\n')
		}
		if p.File != "" {
			b.WriteString(p.File)
		} else {
			b.WriteString(e.File)
		}
		if p.Line > 0 {
			fmt.Fprintf(&b, ":%d:%d", p.Line, p.Column)
		}
		if p.Key != "" {
			b.WriteString(": " + p.Key)
		}
		b.WriteString(": " + p.Message)
	}
	return b.String()
}

// BadInput makes an *InputError of an error about what the user asked for, one
// problem for each part of a joined error; nil stays nil.
func BadInput(what string, err error) error {
	d := decoder{file: what}
	d.noteErr(nil, "", err)
	return d.err()
}

// decoder walks a YAML document strictly: an unknown or repeated key, a value
// of the wrong form and a value out of range are noted, never defaulted.
type decoder struct {
	file     string
	problems []Fault
	tables   *model.Catalog // with those that the file brings; nil: the embedded ones
}

// parse reads the text into a node tree. JSON is YAML, so both are read.
func (d *decoder) parse(text []byte) *yaml.Node {
	if len(text) > maxFileSize {
		d.problems = append(d.problems, Fault{Message: fmt.Sprintf("the file has %d bytes; at most %d are read", len(text), maxFileSize)})
		return nil
	}
	if depth := nesting(text); depth > maxDepth {
		d.problems = append(d.problems, Fault{Message: fmt.Sprintf("nested more than %d deep", maxDepth)})
		return nil
	}
	loader, err := yaml.NewLoader(bytes.NewReader(text))
	if err != nil {
		d.noteErr(nil, "", err)
		return nil
	}
	var doc, next yaml.Node
	switch err := loader.Load(&doc); {
	case errors.Is(err, io.EOF) || err == nil && len(doc.Content) != 1:
		d.problems = append(d.problems, Fault{Message: "the file is empty"})
		return nil
	case err != nil:
		d.problems = append(d.problems, Fault{Message: strings.TrimPrefix(err.Error(), "yaml: ")})
		return nil
	}
	switch err := loader.Load(&next); {
	case err == nil:
		d.problems = append(d.problems, Fault{Line: next.Line, Column: next.Column, Message: "a second YAML document; a file holds one study or design"})
		return nil
	case !errors.Is(err, io.EOF):
		d.problems = append(d.problems, Fault{Message: strings.TrimPrefix(err.Error(), "yaml: ")})
		return nil
	}
	return doc.Content[0]
}

// other notes in one line that a file is of another kind: it has a key that
// only that kind has.
func (d *decoder) other(root *yaml.Node, key, what string) bool {
	if root.Kind != yaml.MappingNode {
		return false
	}
	for i := 0; i+1 < len(root.Content); i += 2 {
		if k := root.Content[i]; k.Value == key {
			d.note(k, key, "%s", what)
			return true
		}
	}
	return false
}

// nesting returns an upper bound of the flow nesting depth of a text.
func nesting(text []byte) int {
	depth, most := 0, 0
	for _, c := range text {
		switch c {
		case '[', '{':
			depth++
			most = max(most, depth)
		case ']', '}':
			depth--
		}
	}
	return most
}

// err returns what was noted, sorted by place, or nil.
func (d *decoder) err() error {
	if len(d.problems) == 0 {
		return nil
	}
	slices.SortStableFunc(d.problems, func(a, b Fault) int {
		if a.File != b.File {
			return strings.Compare(a.File, b.File)
		}
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Column - b.Column
	})
	return &InputError{File: d.file, Problems: d.problems}
}

func (d *decoder) note(n *yaml.Node, key, format string, args ...any) {
	p := Fault{Key: key, Message: fmt.Sprintf(format, args...)}
	if n != nil {
		p.Line, p.Column = n.Line, n.Column
	}
	d.problems = append(d.problems, p)
}

// noteErr notes each part of a joined error.
func (d *decoder) noteErr(n *yaml.Node, key string, err error) {
	if err == nil {
		return
	}
	var many interface{ Unwrap() []error }
	if errors.As(err, &many) {
		for _, e := range many.Unwrap() {
			d.noteErr(n, key, e)
		}
		return
	}
	d.note(n, key, "%s", err)
}

// field is one key of a mapping and what reads its value.
type field struct {
	name     string
	required bool
	read     func(n *yaml.Node, key string)
}

// mapping reads a mapping with exactly the given fields.
func (d *decoder) mapping(n *yaml.Node, key string, fields []field) {
	seen := map[string]bool{}
	d.each(n, key, func(name, value *yaml.Node) {
		full := join(key, name.Value)
		at := slices.IndexFunc(fields, func(f field) bool { return f.name == name.Value })
		if at < 0 {
			names := make([]string, len(fields))
			for i, f := range fields {
				names[i] = f.name
			}
			d.note(name, full, "unknown key%s", near.Hint(name.Value, names))
			return
		}
		seen[name.Value] = true
		fields[at].read(value, full)
	})
	for _, f := range fields {
		if f.required && !seen[f.name] {
			d.note(n, join(key, f.name), "missing")
		}
	}
}

// each calls do for every key and value of a mapping; a repeated key is noted.
func (d *decoder) each(n *yaml.Node, key string, do func(name, value *yaml.Node)) {
	if n == nil {
		return
	}
	if n.Kind != yaml.MappingNode {
		d.note(n, key, "want a mapping (key: value), have %s", form(n))
		return
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		name := n.Content[i]
		if name.Kind != yaml.ScalarNode {
			d.note(name, key, "a key must be a plain word, have %s", form(name))
			continue
		}
		if seen[name.Value] {
			d.note(name, join(key, name.Value), "given twice")
			continue
		}
		seen[name.Value] = true
		do(name, n.Content[i+1])
	}
}

// items calls do for every item of a list.
func (d *decoder) items(n *yaml.Node, key string, do func(item *yaml.Node, key string)) {
	if n.Kind != yaml.SequenceNode {
		d.note(n, key, "want a list, have %s", form(n))
		return
	}
	for i, item := range n.Content {
		do(item, key+"["+strconv.Itoa(i)+"]")
	}
}

// text reads a word or sentence.
func (d *decoder) text(n *yaml.Node, key string) (string, bool) {
	if n.Kind != yaml.ScalarNode {
		d.note(n, key, "want a single value, have %s", form(n))
		return "", false
	}
	return n.Value, true
}

// word reads one of the given names.
func (d *decoder) word(n *yaml.Node, key string, names []string) (string, bool) {
	s, ok := d.text(n, key)
	if !ok {
		return "", false
	}
	if !slices.Contains(names, s) {
		d.note(n, key, "unknown value %q; known: %s%s", s, strings.Join(names, ", "), near.Hint(s, names))
		return "", false
	}
	return s, true
}

// quantity reads a number with its unit and checks its range.
func (d *decoder) quantity(n *yaml.Node, key string, dim units.Dimension, low, high float64) (float64, bool) {
	s, ok := d.text(n, key)
	if !ok {
		return 0, false
	}
	v, err := units.ParseAs(s, dim)
	if err != nil {
		d.note(n, key, "%s", err)
		return 0, false
	}
	if v < low || v > high || math.IsNaN(v) {
		d.note(n, key, "%s is outside %s to %s", s, units.Format(low, dim), units.Format(high, dim))
		return 0, false
	}
	return v, true
}

// integer reads a whole number and checks its range.
func (d *decoder) integer(n *yaml.Node, key string, low, high int64) (int64, bool) {
	s, ok := d.text(n, key)
	if !ok {
		return 0, false
	}
	v, err := strconv.ParseInt(s, 10, 64)
	if err != nil || (len(s) > 1 && s[0] == '0') {
		d.note(n, key, "%q is not a whole number", s)
		return 0, false
	}
	if v < low || v > high {
		d.note(n, key, "%d is outside %d to %d", v, low, high)
		return 0, false
	}
	return v, true
}

// truth reads true or false.
func (d *decoder) truth(n *yaml.Node, key string) (value, ok bool) {
	s, ok := d.word(n, key, []string{"true", "false"})
	return s == "true", ok
}

func join(key, name string) string {
	if key == "" {
		return name
	}
	return key + "." + name
}

func form(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	case yaml.AliasNode:
		return "an alias (anchors and aliases are not read)"
	default:
		return strconv.Quote(n.Value)
	}
}
