// Package strict reads YAML and JSON that a user wrote: every key must be known,
// every value within its range, and all that is wrong comes back as one
// InputError with file, line and key. It knows no key and no range of its own,
// and opens no file.
package strict

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"

	"stco/model/near"
	"stco/model/units"
)

// maxFileSize bounds a study or design file: a YAML text is small.
const maxFileSize = 1 << 20

// maxDepth bounds the nesting of a file.
const maxDepth = 32

// Reader walks a YAML document strictly: an unknown or repeated key, a value
// of the wrong form and a value out of range are noted, never defaulted.
type Reader struct {
	File     string
	Problems []Fault // in the order in which they were met
}

// New returns a reader of the file of that name.
func New(file string) *Reader { return &Reader{File: file} }

// Parse reads the text into a node tree. JSON is YAML, so both are read.
func (r *Reader) Parse(text []byte) *yaml.Node {
	if len(text) > maxFileSize {
		r.Problems = append(r.Problems, Fault{Message: fmt.Sprintf("the file has %d bytes; at most %d are read", len(text), maxFileSize)})
		return nil
	}
	if depth := nesting(text); depth > maxDepth {
		r.Problems = append(r.Problems, Fault{Message: fmt.Sprintf("nested more than %d deep", maxDepth)})
		return nil
	}
	if at, what := notText(text); what != "" {
		line := 1 + bytes.Count(text[:at], []byte("\n"))
		column := 1 + utf8.RuneCount(text[bytes.LastIndexByte(text[:at], '\n')+1:at])
		r.Problems = append(r.Problems, Fault{Line: line, Column: column, Message: what + "; want a text file of YAML or JSON in UTF-8"})
		return nil
	}
	loader, err := yaml.NewLoader(bytes.NewReader(text))
	if err != nil {
		r.NoteErr(nil, "", err)
		return nil
	}
	var doc, next yaml.Node
	switch err := loader.Load(&doc); {
	case errors.Is(err, io.EOF) || err == nil && len(doc.Content) != 1:
		r.Problems = append(r.Problems, Fault{Message: "the file is empty"})
		return nil
	case err != nil:
		r.syntax(err)
		return nil
	}
	switch err := loader.Load(&next); {
	case err == nil:
		r.Problems = append(r.Problems, Fault{Line: next.Line, Column: next.Column, Message: "a second YAML document; a file holds one study or design"})
		return nil
	case !errors.Is(err, io.EOF):
		r.syntax(err)
		return nil
	}
	return doc.Content[0]
}

// notText finds the first byte that no YAML text has, and says what it is; what is
// empty for a text.
func notText(text []byte) (at int, what string) {
	for at < len(text) {
		c, size := utf8.DecodeRune(text[at:])
		switch {
		case c == utf8.RuneError && size == 1:
			return at, fmt.Sprintf("byte 0x%02x is not UTF-8", text[at])
		case c < ' ' && c != '\n' && c != '\r' && c != '\t' || c == 0x7f:
			return at, fmt.Sprintf("control character 0x%02x", c)
		}
		at += size
	}
	return at, ""
}

// syntax notes an error of the YAML library at its place.
func (r *Reader) syntax(err error) {
	e, ok := errors.AsType[*yaml.LoadError](err)
	if !ok {
		r.Problems = append(r.Problems, Fault{Message: "no YAML: " + err.Error()})
		return
	}
	f := Fault{Line: e.Mark.Line, Column: e.Mark.Column, Message: "no YAML: " + e.Message}
	if e.ContextMsg != "" {
		f.Message += " " + e.ContextMsg
		if e.ContextMark.Line > 0 && e.ContextMark.Line != f.Line {
			f.Message += fmt.Sprintf(" that begins in line %d", e.ContextMark.Line)
		}
	}
	r.Problems = append(r.Problems, f)
}

// Other notes in one line that a file is of another kind: it has a key that
// only that kind has.
func (r *Reader) Other(root *yaml.Node, key, what string) bool {
	if root.Kind != yaml.MappingNode {
		return false
	}
	for i := 0; i+1 < len(root.Content); i += 2 {
		if k := root.Content[i]; k.Value == key {
			r.Note(k, key, "%s", what)
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

// Err returns what was noted, sorted by place, or nil.
func (r *Reader) Err() error {
	if len(r.Problems) == 0 {
		return nil
	}
	slices.SortStableFunc(r.Problems, func(a, b Fault) int {
		if a.File != b.File {
			return strings.Compare(a.File, b.File)
		}
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Column - b.Column
	})
	return &InputError{File: r.File, Problems: r.Problems}
}

// Note adds a fault at a node, with its key.
func (r *Reader) Note(n *yaml.Node, key, format string, args ...any) {
	p := Fault{Key: key, Message: fmt.Sprintf(format, args...)}
	if n != nil {
		p.Line, p.Column = n.Line, n.Column
	}
	r.Problems = append(r.Problems, p)
}

// NoteErr notes each part of a joined error.
func (r *Reader) NoteErr(n *yaml.Node, key string, err error) {
	if err == nil {
		return
	}
	var many interface{ Unwrap() []error }
	if errors.As(err, &many) {
		for _, e := range many.Unwrap() {
			r.NoteErr(n, key, e)
		}
		return
	}
	r.Note(n, key, "%s", err)
}

// Key is one key of a mapping and what reads its value.
type Key struct {
	Name     string
	Read     func(n *yaml.Node, key string)
	required bool
}

// Required is a key that a mapping must have.
func Required(name string, read func(n *yaml.Node, key string)) Key {
	return Key{Name: name, Read: read, required: true}
}

// Optional is a key that a mapping may have.
func Optional(name string, read func(n *yaml.Node, key string)) Key {
	return Key{Name: name, Read: read}
}

// Mapping reads a mapping with exactly the given fields.
func (r *Reader) Mapping(n *yaml.Node, key string, fields []Key) {
	seen := map[string]bool{}
	r.Each(n, key, func(name, value *yaml.Node) {
		full := Join(key, name.Value)
		at := slices.IndexFunc(fields, func(f Key) bool { return f.Name == name.Value })
		if at < 0 {
			names := make([]string, len(fields))
			for i, f := range fields {
				names[i] = f.Name
			}
			r.Note(name, full, "unknown key%s", near.Hint(name.Value, names))
			return
		}
		seen[name.Value] = true
		fields[at].Read(value, full)
	})
	for _, f := range fields {
		if f.required && !seen[f.Name] {
			r.Note(n, Join(key, f.Name), "missing")
		}
	}
}

// Each calls do for every key and value of a mapping; a repeated key is noted.
func (r *Reader) Each(n *yaml.Node, key string, do func(name, value *yaml.Node)) {
	if n == nil {
		return
	}
	if n.Kind != yaml.MappingNode {
		r.Note(n, key, "want a mapping (key: value), have %s", Form(n))
		return
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		name := n.Content[i]
		if name.Kind != yaml.ScalarNode {
			r.Note(name, key, "a key must be a plain word, have %s", Form(name))
			continue
		}
		if seen[name.Value] {
			r.Note(name, Join(key, name.Value), "given twice")
			continue
		}
		seen[name.Value] = true
		do(name, n.Content[i+1])
	}
}

// Items calls do for every item of a list.
func (r *Reader) Items(n *yaml.Node, key string, do func(item *yaml.Node, key string)) {
	if n.Kind != yaml.SequenceNode {
		r.Note(n, key, "want a list, have %s", Form(n))
		return
	}
	for i, item := range n.Content {
		do(item, key+"["+strconv.Itoa(i)+"]")
	}
}

// Text reads a word or sentence.
func (r *Reader) Text(n *yaml.Node, key string) (string, bool) {
	if n.Kind != yaml.ScalarNode {
		r.Note(n, key, "want a single value, have %s", Form(n))
		return "", false
	}
	return n.Value, true
}

// Word reads one of the given names.
func (r *Reader) Word(n *yaml.Node, key string, names []string) (string, bool) {
	s, ok := r.Text(n, key)
	if !ok {
		return "", false
	}
	if !slices.Contains(names, s) {
		r.Note(n, key, "unknown value %q; known: %s%s", s, strings.Join(names, ", "), near.Hint(s, names))
		return "", false
	}
	return s, true
}

// Quantity reads a number with its unit and checks its range.
func (r *Reader) Quantity(n *yaml.Node, key string, dim units.Dimension, low, high float64) (float64, bool) {
	s, ok := r.Text(n, key)
	if !ok {
		return 0, false
	}
	v, err := units.ParseAs(s, dim)
	if err != nil {
		r.Note(n, key, "%s", err)
		return 0, false
	}
	if v < low || v > high || math.IsNaN(v) {
		r.Note(n, key, "%s is outside %s to %s", s, units.Format(low, dim), units.Format(high, dim))
		return 0, false
	}
	return v, true
}

// Integer reads a whole number and checks its range.
func (r *Reader) Integer(n *yaml.Node, key string, low, high int64) (int64, bool) {
	s, ok := r.Text(n, key)
	if !ok {
		return 0, false
	}
	v, err := strconv.ParseInt(s, 10, 64)
	if err != nil || (len(s) > 1 && s[0] == '0') {
		r.Note(n, key, "%q is not a whole number", s)
		return 0, false
	}
	if v < low || v > high {
		r.Note(n, key, "%d is outside %d to %d", v, low, high)
		return 0, false
	}
	return v, true
}

// Truth reads true or false.
func (r *Reader) Truth(n *yaml.Node, key string) (value, ok bool) {
	s, ok := r.Word(n, key, []string{"true", "false"})
	return s == "true", ok
}

// Join is the name of a key within another.
func Join(key, name string) string {
	if key == "" {
		return name
	}
	return key + "." + name
}

// Form says what a node is, for a message.
func Form(n *yaml.Node) string {
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
