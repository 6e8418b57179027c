package stco

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestTypeNames: a name of a type stands for one thing; at most two packages
// export one of the same name.
func TestTypeNames(t *testing.T) {
	in := map[string][]string{}
	err := filepath.WalkDir(".", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() && (name == "testdata" || (strings.HasPrefix(name, ".") && p != ".")) {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), p, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, decl := range f.Decls {
			g, ok := decl.(*ast.GenDecl)
			if !ok || g.Tok != token.TYPE {
				continue
			}
			for _, s := range g.Specs {
				if n := s.(*ast.TypeSpec).Name; n.IsExported() {
					if pkg := filepath.ToSlash(filepath.Dir(p)); !slices.Contains(in[n.Name], pkg) {
						in[n.Name] = append(in[n.Name], pkg)
					}
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(in) < 100 {
		t.Errorf("the walk saw %d names", len(in))
	}
	for name, pkgs := range in {
		if len(pkgs) > 2 {
			t.Errorf("%d packages have a type %s, at most 2: %s", len(pkgs), name, strings.Join(pkgs, ", "))
		}
	}
}
