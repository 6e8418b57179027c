package device

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// source is what the calls of the package say.
type source struct {
	calls map[string]map[string]bool // names of functions that a function mentions
	docs  map[string]string
}

func parsePackage(t *testing.T) source {
	t.Helper()
	s := source{map[string]map[string]bool{}, map[string]string{}}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	fset := token.NewFileSet()
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(fset, name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			seen := map[string]bool{}
			ast.Inspect(fn.Body, func(n ast.Node) bool {
				if id, ok := n.(*ast.Ident); ok {
					seen[id.Name] = true
				}
				return true
			})
			s.calls[fn.Name.Name] = seen
			s.docs[fn.Name.Name] = fn.Doc.Text()
		}
	}
	return s
}

// reached lists what the functions of the package reach from some of them.
func (s *source) reached(from ...string) map[string]bool {
	out := map[string]bool{}
	var visit func(string)
	visit = func(name string) {
		if out[name] || s.calls[name] == nil {
			return
		}
		out[name] = true
		for callee := range s.calls[name] {
			visit(callee)
		}
	}
	for _, f := range from {
		visit(f)
	}
	return out
}

// TestEquationsUsed holds the column "used by" of the table of equations to the
// calls of the package, and the table to the equations that comments name.
func TestEquationsUsed(t *testing.T) {
	text, err := os.ReadFile("../../docs/model-device.md")
	if err != nil {
		t.Fatal(err)
	}
	s := parsePackage(t)
	evaluation := s.reached("Evaluate")
	users := map[string]map[string]bool{
		"evaluation": evaluation, "explanation": s.reached("Chain"), "population": s.reached("Judge", "Expected"), "codes": s.reached("RawErrorRate", "ArrayYield"),
	}
	for name := range evaluation { // counted once
		delete(users["explanation"], name)
		delete(users["population"], name)
	}
	row := regexp.MustCompile(`(?m)^\| (E\d+) \| ([^|]*)\| ([^|]*)\| ([a-z, ]+) \| ([^|]*)\|$`)
	function := regexp.MustCompile("`(\\w+)`")
	listed := map[string][]string{}
	for _, m := range row.FindAllStringSubmatch(string(text), -1) {
		equation, used := m[1], m[4]
		if _, twice := listed[equation]; twice {
			t.Errorf("%s has two rows", equation)
		}
		listed[equation] = nil
		proven := map[string]bool{}
		for _, f := range function.FindAllStringSubmatch(m[3], -1) {
			name := f[1]
			listed[equation] = append(listed[equation], name)
			if s.calls[name] == nil {
				t.Errorf("%s: there is no function %s", equation, name)
				continue
			}
			number := regexp.MustCompile(`\b` + equation + `\b`)
			inRange := regexp.MustCompile(`E\d+ to E\d+`)
			if d := s.docs[name]; !number.MatchString(d) && !inRange.MatchString(d) && name != "Evaluate" {
				t.Errorf("%s: the comment of %s does not name it", equation, name)
			}
			by := ""
			for user, reached := range users {
				if reached[name] && strings.Contains(used, user) {
					by = user
				}
			}
			if by == "" {
				t.Errorf("%s: %s is not used by the %s", equation, name, used)
			}
			proven[by] = true
		}
		for user := range users {
			if strings.Contains(used, user) && !proven[user] {
				t.Errorf("%s: no function of the row is used by the %s", equation, user)
			}
		}
		if elsewhere := used == "array" || used == "nowhere"; elsewhere != (len(listed[equation]) == 0) {
			t.Errorf("%s: used by %q, functions %v", equation, used, listed[equation])
		}
	}
	if len(listed) != 40 {
		t.Errorf("%d rows, want 40", len(listed))
	}
	// The other way: what a comment of a reached equation names is in its row.
	single := regexp.MustCompile(`\((E\d+)(?:,[^)]*)?\)`)
	for name, doc := range s.docs {
		if !evaluation[name] || len(s.calls[name]) > 12 {
			continue // long functions chain many equations
		}
		for _, m := range single.FindAllStringSubmatch(doc, -1) {
			found := false
			for _, f := range listed[m[1]] {
				found = found || f == name
			}
			if !found {
				t.Errorf("%s names %s, its row does not name it", name, m[1])
			}
		}
	}
}
