package stco

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// allowed is the map of the tree: which of our own packages each package may
// import. "x/*" means x's sub-packages at any depth. A package without a row
// fails the test.
var allowed = map[string][]string{
	".":                           {},
	"model/units":                 {},
	"model/tech":                  {"model/units"},
	"model/device":                {"model/units", "model/tech"},
	"model/population":            {"model/units", "model/tech", "model/device"},
	"model/array":                 {"model/units", "model/tech", "model/device"},
	"model/array/bitcell":         {"model/units", "model/tech", "model/device"},
	"model/workload":              {"model/units"},
	"model/workload/graph":        {"model/workload"},
	"model/workload/lower":        {"model/workload", "model/workload/graph"},
	"model/workload/suite":        {"model/workload", "model/workload/graph"},
	"model/workload/onnx":         {},
	"model/workload/onnx/infer":   {"model/workload/graph", "model/workload/onnx"},
	"model/workload/onnx/pattern": {"model/workload/graph", "model/workload/onnx", "model/workload/onnx/infer"},
	"model/workload/onnx/convert": {"model/workload", "model/workload/graph", "model/workload/onnx", "model/workload/onnx/*"},
	"model/accel":                 {"model/units", "model/workload", "model/accel/*"},
	"model/accel/residency":       {"model/workload", "model/accel/tiling"},
	"model/accel/window":          {},
	"model/accel/tiling":          {"model/units", "model/workload", "model/accel/window"},
	"model/accel/systolic":        {"model/units", "model/workload", "model/accel/window"},
	"model":                       {"model/*"},
	"model/validation/arrays":     {"model/units", "model/tech", "model/device", "model/array", "model/array/bitcell"},
	"model/validation":            {"model", "model/*"},
	"space":                       {},
	"explore/internal/sweep":      {},
	"explore/internal/points":     {},
	"explore/pareto":              {"explore/internal/sweep"},
	"explore/hypervolume":         {"explore/internal/sweep", "explore/pareto"},
	"explore":                     {"space", "explore/pareto", "explore/hypervolume"},
	"explore/problems":            {"space", "explore"},
	"objectives":                  {"space", "model", "model/*"},
	"results":                     {},
	"results/store":               {"results"},
	"results/table":               {"results"},
	"results/csv":                 {"results"},
	"results/plot":                {"results"},
	"experiments/study/networks":  {"model/workload", "model/workload/*"},
	"experiments/study":           {"experiments/study/networks", "space", "model", "model/*", "objectives", "explore"},
	"experiments/designs":         {"space", "model", "model/*", "objectives", "results", "experiments/study"},
	"experiments/campaign":        {"space", "model", "model/*", "objectives", "explore", "results", "results/*", "experiments/study", "experiments/designs"},
	"experiments/compare":         {"explore", "explore/pareto", "explore/hypervolume", "results", "results/*", "experiments/study"},

	"cmd/stco":                     {"cmd/stco/internal/cli", "cmd/stco/internal/command"},
	"cmd/stco/internal/cli":        {"cmd/stco/internal/*", "experiments/study", "experiments/campaign", "results", "results/store"},
	"cmd/stco/internal/command":    {"results", "results/*"},
	"cmd/stco/internal/runs":       {"cmd/stco/internal/command", "cmd/stco/internal/figures", "experiments/*", "results", "results/*"},
	"cmd/stco/internal/figures":    {"cmd/stco/internal/command", "experiments/study", "model", "model/*", "results/plot", "results/store", "."},
	"cmd/stco/internal/technology": {"cmd/stco/internal/command", "experiments/study", "experiments/campaign", "model", "model/*"},
	"cmd/stco/internal/workloads":  {"cmd/stco/internal/command", "experiments/study", "experiments/study/networks", "model", "model/*", "results/plot", "results/store"},
	"cmd/stco/internal/problems":   {"cmd/stco/internal/command", "experiments/study", "explore", "explore/problems"},
	"cmd/stco/internal/validate":   {"cmd/stco/internal/command", "experiments/study", "model/validation", "model/validation/arrays", "."},
	"cmd/mutate":                   {},
}

// TestImports walks the tree and fails on an import outside the table or on a
// package that has no row. Test files may import more: a test of a composed
// behaviour needs the parts.
func TestImports(t *testing.T) {
	seen := map[string]bool{}
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
		pkg := path.Clean(filepath.ToSlash(filepath.Dir(p)))
		rules, ok := allowed[pkg]
		if !ok {
			t.Errorf("package %s has no row in the import table", pkg)
			return nil
		}
		seen[pkg] = true
		f, err := parser.ParseFile(token.NewFileSet(), p, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, im := range f.Imports {
			full, err := strconv.Unquote(im.Path.Value)
			if err != nil {
				return err
			}
			own, ours := strings.CutPrefix(full+"/", "stco/")
			own = path.Clean(own) // "." for the root
			if ours && !permitted(rules, own) {
				t.Errorf("%s: %s may not import stco/%s", p, pkg, own)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if !seen["."] {
		t.Error("the walk did not see the root package")
	}
}

func permitted(rules []string, pkg string) bool {
	if slices.Contains(rules, pkg) {
		return true
	}
	return slices.ContainsFunc(rules, func(r string) bool {
		base, wild := strings.CutSuffix(r, "/*")
		return wild && strings.HasPrefix(pkg, base+"/")
	})
}
