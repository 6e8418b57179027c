package main

import (
	"fmt"
	"go/ast"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// function is the text of the function that a place is in: what its mutant in a
// binary of many is made of. The zero value is that of a place in no function,
// or in one that cannot be called again with what it was called.
type function struct {
	before, name, signature string // "func (s site) ", "key", "() string"
	call, arguments         string // "s.", ""
	returns                 bool
	open, end               int // braces of the body
}

func (c *collector) function(d *ast.FuncDecl) (f function) {
	if d.Body == nil || d.Recv == nil && d.Name.Name == "init" {
		return f
	}
	var names []string
	for _, p := range d.Type.Params.List {
		for _, n := range p.Names {
			names = append(names, n.Name)
		}
		if _, many := p.Type.(*ast.Ellipsis); many && len(p.Names) > 0 {
			names[len(names)-1] += "..."
		}
	}
	if d.Type.Params.NumFields() != len(names) {
		return f
	}
	if d.Recv != nil {
		if len(d.Recv.List[0].Names) == 0 {
			return f
		}
		names = append(names, d.Recv.List[0].Names[0].Name)
		f.call = names[len(names)-1] + "."
	}
	for _, n := range names {
		if strings.TrimSuffix(n, "...") == "_" {
			return function{}
		}
	}
	at := c.file.Offset
	f.before, f.name = string(c.src[at(d.Pos()):at(d.Name.Pos())]), d.Name.Name
	f.signature = string(c.src[at(d.Name.End()):at(d.Body.Lbrace)])
	f.arguments = strings.Join(names[:d.Type.Params.NumFields()], ", ")
	f.returns = d.Type.Results.NumFields() > 0
	f.open, f.end = at(d.Body.Lbrace), at(d.Body.Rbrace)
	return f
}

// variable is what chooses the mutant of a binary: its number in the sample,
// from 1; 0 is the code as it is.
const variable = "MUTANT"

// combine writes the files of a sample into dir, with a function beside each that
// holds a mutant, and returns the overlay. Mutants in no function are left out.
func (p pkg) combine(dir string, sample []site) (string, error) {
	sources, texts := map[string]string{}, map[string]string{}
	for i, s := range sample {
		if s.in.name == "" {
			continue
		}
		if sources[s.path] == "" {
			src, err := os.ReadFile(s.path)
			if err != nil {
				return "", err
			}
			text := string(src)
			sources[s.path] = text
			for _, at := range openings(sample, s.path) { // from the last, so that the others stay where they are
				text = text[:at+1] + choice(sample, s.path, at) + text[at+1:]
			}
			texts[s.path] = text + "\n"
		}
		src := sources[s.path]
		texts[s.path] += s.in.before + clone(i, s) + s.in.signature + src[s.in.open:s.from] + s.text + src[s.to:s.in.end] + "\n}\n"
	}
	texts[filepath.Join(p.Dir, "mutant_number.go")] = fmt.Sprintf(
		"package %s\n\nimport (\n\t\"os\"\n\t\"strconv\"\n)\n\nvar mutantNumber, _ = strconv.Atoi(os.Getenv(%q))\n", p.Name, variable)
	replace := map[string]string{}
	for path, text := range texts {
		file := filepath.Join(dir, fmt.Sprintf("%d.go", len(replace)))
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			return "", err
		}
		replace[path] = file
	}
	return writeOverlay(dir, replace)
}

func clone(i int, s site) string { return fmt.Sprintf("mutant%d_%s", i+1, s.in.name) }

// openings lists where the bodies of functions with mutants begin, the last first.
func openings(sample []site, path string) []int {
	var all []int
	for _, s := range sample {
		if s.path == path && s.in.name != "" && !slices.Contains(all, s.in.open) {
			all = append(all, s.in.open)
		}
	}
	slices.Sort(all)
	slices.Reverse(all)
	return all
}

// choice is the start of a function with mutants: it calls the one that is chosen.
// It stands in the line of the brace, so that the others keep their numbers.
func choice(sample []site, path string, open int) string {
	var b strings.Builder
	for i, s := range sample {
		if s.path != path || s.in.name == "" || s.in.open != open {
			continue
		}
		call := s.in.call + clone(i, s) + "(" + s.in.arguments + ")"
		if s.in.returns {
			call = "return " + call
		} else {
			call += "; return"
		}
		fmt.Fprintf(&b, " if mutantNumber == %d { %s };", i+1, call)
	}
	return b.String()
}
