package stco

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestCitedDocuments: what a comment cites as a Markdown file is in the tree, by
// its path from the root, from docs or from the folder of the comment.
func TestCitedDocuments(t *testing.T) {
	name := regexp.MustCompile(`[A-Za-z0-9_][A-Za-z0-9_./-]*\.md\b`)
	cited := 0
	err := filepath.WalkDir(".", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".") && p != ".") {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(p, ".go") {
			return nil
		}
		set := token.NewFileSet()
		f, err := parser.ParseFile(set, p, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, g := range f.Comments {
			for _, cite := range name.FindAllString(g.Text(), -1) {
				cited++
				found := false
				for _, at := range []string{".", "docs", filepath.Dir(p)} {
					_, err := os.Stat(filepath.Join(at, cite))
					found = found || err == nil
				}
				if !found {
					t.Errorf("%s: %s is not in the tree", set.Position(g.Pos()), cite)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if cited < 20 {
		t.Errorf("the walk saw %d citations", cited)
	}
}
