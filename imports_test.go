package stco

import (
	"flag"
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// place is a package of the map of the tree.
type place struct {
	pkg, does string
	imports   string // our own packages it may import; "x/*" means those below x, at any depth
}

// tree is the map of the tree, the only one: a package without a row fails the
// test, and the list in doc.go is made of it.
var tree = []place{
	{".", "the published figures that the model is held to (Published)", ""},
	{"cmd/stco", "main: writers, signals and exit code", "cmd/stco/internal/cli cmd/stco/internal/command"},
	{"cmd/stco/internal/cli", "the verbs put together; exit codes; init, schema, completion", "cmd/stco/internal/* experiments/study experiments/study/strict experiments/campaign model/units results results/store results/store/disk"},
	{"cmd/stco/internal/command", "what verbs share: flags, errors, files, printing", "model/near model/accel results results/* results/store/*"},
	{"cmd/stco/internal/runs", "run, resume, verify, pareto, export, plot, compare, eval", "model/units cmd/stco/internal/command cmd/stco/internal/figures experiments/* results results/*"},
	{"cmd/stco/internal/watch", "status, watch: a run while it goes on", "cmd/stco/internal/command experiments/monitor results results/store/disk"},
	{"cmd/stco/internal/serve", "serve: the report of a run in a browser, live", "cmd/stco/internal/command cmd/stco/internal/runs cmd/stco/internal/watch experiments/campaign experiments/monitor results results/report results/store results/store/disk"},
	{"cmd/stco/internal/sensitivity", "sensitivity: which knob matters, which assumption could turn the verdict", "cmd/stco/internal/command cmd/stco/internal/runs experiments/inspect experiments/sensitivity results results/* results/store/*"},
	{"cmd/stco/internal/figures", "plot device, plot array: curves of the model", "cmd/stco/internal/command experiments/study/catalog model model/* results/plot results/store/disk ."},
	{"cmd/stco/internal/technology", "tech, array", "cmd/stco/internal/command results experiments/study/catalog experiments/study/strict experiments/campaign model model/*"},
	{"cmd/stco/internal/workloads", "workload, traffic", "cmd/stco/internal/command results experiments/study experiments/study/* model model/* results/plot results/store/disk"},
	{"cmd/stco/internal/problems", "explore", "cmd/stco/internal/command results experiments/study/strict experiments/campaign explore explore/problems explore/process space"},
	{"cmd/stco/internal/validate", "validate, docs/validation.md", "cmd/stco/internal/command results experiments/study/catalog experiments/study/strict model/validation model/validation/arrays ."},
	{"cmd/stco/internal/experiment", "experiment: the paper's experiments", "cmd/stco/internal/command experiments/reproduction experiments/reproduction/* model/near results results/store/disk"},
	{"cmd/mutate", "mutation testing: whether the tests of a package notice", ""},
	{"cmd/frontbench", "times of sorting and hypervolume beside published ones", "explore/points explore/pareto explore/hypervolume"},
	{"experiments/study", "study and design files; model and problem of a study", "experiments/study/* space model model/* objectives explore"},
	{"experiments/study/strict", "YAML read strictly: every fault with file, line and key", "model/near model/units"},
	{"experiments/study/catalog", "technology tables: the embedded ones and those of a user", "experiments/study/strict model model/*"},
	{"experiments/study/workloads", "the networks of a study and how each is run", "experiments/study/strict experiments/study/networks model model/*"},
	{"experiments/study/networks", "the files that studies and commands name as networks", "model/workload model/workload/*"},
	{"experiments/designs", "designs as rows of tables", "model model/* objectives results"},
	{"experiments/baselines", "conventional buffers beside a design, gains over them, doubts", "space model model/* objectives explore results experiments/study experiments/study/catalog experiments/designs"},
	{"experiments/evaluate", "single designs: parts, spread of cells, line by line", "space model model/* objectives results experiments/study experiments/study/* experiments/designs experiments/baselines experiments/answer"},
	{"experiments/interop", "a design in the formats of NVSim, CACTI, Accelergy, NVMExplorer and gem5", "model model/* experiments/study experiments/study/* experiments/evaluate"},
	{"experiments/answer", "what a campaign concludes: front, technologies, verdict, ladder, knee, doubts", "objectives explore/pareto explore/hypervolume results model/units"},
	{"experiments/inspect", "a run read back: designs, joint and crossed fronts, scenarios, figures, check", "objectives model model/workload/suite results results/plot results/table results/store results/store/disk experiments/study experiments/study/* experiments/designs experiments/answer"},
	{"experiments/campaign", "run and resume of a study in a run directory", "space model model/* objectives explore results results/* experiments/study experiments/study/* experiments/designs experiments/baselines experiments/answer experiments/inspect"},
	{"experiments/slurm", "scripts and job arrays of the batch scheduler Slurm", ""},
	{"experiments/sensitivity", "sensitivity of a design to its knobs and to the uncertain constants", "space model model/units objectives results results/store experiments/study experiments/answer experiments/inspect experiments/sensitivity/effects"},
	{"experiments/monitor", "how far and how fast a run is, from its files", "experiments/study explore objectives results/store results/store/*"},
	{"experiments/sensitivity/effects", "Sobol indices, elementary effects, correlation ratio", "space"},
	{"experiments/compare", "runs in one frame: hypervolume, tests, attainment", "explore explore/pareto explore/hypervolume explore/indicators results results/* experiments/study experiments/study/*"},
	{"experiments/reproduction", "the frame of the paper's experiments: claims, tables, figures, sections", "results results/*"},
	{"experiments/reproduction/rivals", "the best buffers of each technology under one set of circumstances", "experiments/study experiments/study/* experiments/baselines explore space objectives model model/*"},
	{"experiments/reproduction/regimes", "where SOT-MRAM pays: the matrix of the claims, area", "experiments/reproduction experiments/reproduction/rivals experiments/baselines experiments/study model model/* results results/plot"},
	{"experiments/reproduction/stability", "what retention costs: the ladder from a generic cell to that of a workload, retention", "experiments/reproduction experiments/reproduction/rivals model model/* results results/plot"},
	{"experiments/reproduction/contest", "technologies, and ways to search them, in competition: shares of the joint front, within an area, joint against in turn", "experiments/baselines experiments/study experiments/reproduction experiments/reproduction/rivals explore/pareto explore/hypervolume model model/* results results/plot"},
	{"experiments/reproduction/literature", "other papers' results beside the model in their settings", "experiments/baselines experiments/reproduction experiments/reproduction/rivals model model/* results results/plot"},
	{"experiments/reproduction/doubts", "which conclusions survive the constants in doubt", "experiments/baselines experiments/study experiments/sensitivity/effects experiments/reproduction experiments/reproduction/rivals model model/* results results/plot space"},
	{"experiments/reproduction/demand", "what networks ask of capacity and bandwidth", "experiments/reproduction experiments/reproduction/rivals model model/* results results/plot"},
	{"results", "Table: rows under columns with unit, kind and meaning; choice of rows", "model/near"},
	{"results/store", "the run directory", "results results/store/*"},
	{"results/store/claims", "which process may write what", "results/store/disk"},
	{"results/store/cache", "texts that processes keep for each other, bounded and sealed", "results/store/disk"},
	{"results/store/disk", "files that survive a kill, sealed", ""},
	{"results/table", "tables for people: terminal, Markdown, LaTeX", "results model/units"},
	{"results/csv", "tables for programs: CSV, JSON, Parquet", "results"},
	{"results/plot", "figures", "results"},
	{"results/report", "a run as one HTML page", "results results/table"},
	{"objectives", "metrics, constraints: point -> design -> report -> (f, g)", "space model model/*"},
	{"space", "parameters, points, sampling, repair; knows no model", ""},
	{"explore", "the search; declares the Problem it needs", "space explore/evolution explore/sampling explore/archive explore/selection explore/hypervolume explore/internal/coding explore/internal/evaluation explore/internal/seen explore/internal/stream explore/variation"},
	{"explore/evolution", "islands: populations that breed, are cut back and exchange members", "space explore/hypervolume explore/selection explore/variation explore/pareto explore/internal/*"},
	{"explore/sampling", "random, Sobol and grid designs", "space explore/internal/*"},
	{"explore/archive", "every non-dominated design met", "space"},
	{"explore/selection", "survivors: crowding, hypervolume, niches", "explore/pareto explore/hypervolume"},
	{"explore/variation", "crossover, differential steps, mutation", "space"},
	{"explore/pareto", "dominance, sorting, crowding", "explore/internal/sweep"},
	{"explore/hypervolume", "measure, contributions, subsets", "explore/internal/sweep explore/pareto"},
	{"explore/indicators", "epsilon indicator and IGD+ of fronts", ""},
	{"explore/problems", "published test problems with their fronts", "space explore"},
	{"explore/process", "problems of programs: ask and tell as JSON lines", "space explore"},
	{"explore/points", "point sets of published results of sorting and hypervolume", ""},
	{"explore/internal/coding", "records in binary", ""},
	{"explore/internal/evaluation", "designs shared among workers; violation", ""},
	{"explore/internal/seen", "the designs that were evaluated", "space explore/internal/stream"},
	{"explore/internal/stream", "random streams of islands and generations", ""},
	{"explore/internal/sweep", "ordered sweeps of points", ""},
	{"model", "Design, Report, Evaluate: composition of the packages below", "model/*"},
	{"model/near", "names close to one that is unknown", ""},
	{"model/units", `SI quantity types, Parse("0.8ns"), Format`, ""},
	{"model/tech", "embedded tables and those of users, each value with unit, source and kind", "model/units model/near"},
	{"model/device", "bitcell physics: parameters -> Cell", "model/units model/tech"},
	{"model/population", "cells that differ: samples of the process spread, yield", "model/units model/tech model/device"},
	{"model/array", "Cell + organisation -> figures of bank and buffer", "model/units model/tech model/device"},
	{"model/array/bitcell", "SRAM cells, cells of reference runs and of user files", "model/units model/tech model/device"},
	{"model/workload", "options, traces and their summaries", "model/units"},
	{"model/workload/graph", "operators of a network and what they compute", "model/workload"},
	{"model/workload/lower", "network -> trace of an iteration, forward and backward", "model/workload model/workload/graph model/workload/lower/fusion"},
	{"model/workload/lower/fusion", "operators that run as one step, data that the backward pass reads", "model/workload model/workload/graph"},
	{"model/workload/lower/autograd", "what a training framework keeps for the backward pass", "model/workload model/workload/graph model/workload/lower/fusion"},
	{"model/workload/template", "networks as YAML: templates with parameters, lists of layers", "model/workload model/workload/graph"},
	{"model/workload/template/cnn", "templates of convolutional classifiers", "model/workload/graph model/workload/template"},
	{"model/workload/template/vision", "templates of vision transformers, detectors, segmentation, diffusion", "model/workload/graph model/workload/template model/workload/template/cnn"},
	{"model/workload/template/language", "templates of language, speech and recommendation models", "model/workload model/workload/graph model/workload/template"},
	{"model/workload/suite", "the built-in networks", "model/workload model/workload/graph model/workload/template model/workload/template/* model/near"},
	{"model/workload/foreign", "workload files of SCALE-Sim, Timeloop, ZigZag, Calculon and Darknet", "model/workload/graph"},
	{"model/workload/onnx", "reads .onnx files without their weights", ""},
	{"model/workload/onnx/infer", "shapes and constants of an ONNX graph", "model/workload/graph model/workload/onnx"},
	{"model/workload/onnx/pattern", "operators that exporters spell as several", "model/workload/graph model/workload/onnx model/workload/onnx/infer"},
	{"model/workload/onnx/inline", "functions, branches and loops of a graph written out", "model/workload/onnx"},
	{"model/workload/onnx/walk", "what is known of every tensor while a graph is walked", "model/workload model/workload/graph model/workload/onnx model/workload/onnx/infer model/workload/onnx/pattern"},
	{"model/workload/onnx/ops/views", "parts, joints, repetitions, look-ups and lists of tensors", "model/workload/graph model/workload/onnx model/workload/onnx/infer model/workload/onnx/walk"},
	{"model/workload/onnx/ops/products", "convolutions, poolings, products, recurrences", "model/workload model/workload/graph model/workload/onnx model/workload/onnx/infer model/workload/onnx/pattern model/workload/onnx/walk model/workload/onnx/ops/views"},
	{"model/workload/onnx/ops", "operators of the default domain -> operators of a network", "model/workload/graph model/workload/onnx model/workload/onnx/infer model/workload/onnx/walk model/workload/onnx/ops/*"},
	{"model/workload/onnx/fused", "operators that stand for several: attention in one node, those of ONNX Runtime", "model/workload model/workload/graph model/workload/onnx model/workload/onnx/infer model/workload/onnx/ops model/workload/onnx/ops/* model/workload/onnx/walk"},
	{"model/workload/onnx/classic", "linear models, support vectors and trees of ai.onnx.ml", "model/workload/graph model/workload/onnx model/workload/onnx/walk"},
	{"model/workload/onnx/convert", "ONNX graph -> network", "model/workload/graph model/workload/onnx model/workload/onnx/*"},
	{"model/accel", "PE array, dataflow, buffer, DRAM: memory + trace -> cost", "model/units model/workload model/accel/*"},
	{"model/accel/residency", "what stays in the buffer between steps", "model/workload model/accel/tiling"},
	{"model/accel/schedule", "order of work: parts of the batch, groups of steps", "model/workload model/accel/residency"},
	{"model/accel/kept", "schedules of a plan that one process keeps for another", "model/accel/schedule model/accel/residency"},
	{"model/accel/overlap", "which DRAM transfers run beside the work of other steps", ""},
	{"model/accel/window", "input windows of tiles", ""},
	{"model/accel/tiling", "tiles and loop orders of least traffic", "model/units model/workload model/accel/window"},
	{"model/accel/systolic", "cycles and accesses of a systolic array", "model/units model/workload model/accel/window"},
	{"model/validation/arrays", "arrays beside NVSim, CACTI, DESTINY, NS-Cache and silicon", "model/units model/tech model/device model/array model/array/bitcell"},
	{"model/validation/machines", "whole machines beside what is published of them", "model model/*"},
	{"model/validation", "every published figure beside ours, bound and deviation", "model model/*"},
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
		row := slices.IndexFunc(tree, func(p place) bool { return p.pkg == pkg })
		if row < 0 {
			t.Errorf("package %s has no row in the map of the tree", pkg)
			return nil
		}
		rules := strings.Fields(tree[row].imports)
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
	for _, p := range tree {
		if !seen[p.pkg] {
			t.Errorf("the map has %s, the tree has not", p.pkg)
		}
	}
}

var update = flag.Bool("update", false, "rewrite the map in doc.go")

// TestMap holds the list of packages in doc.go to the map.
func TestMap(t *testing.T) {
	text, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	head, _, ok := strings.Cut(string(text), mapBegin)
	if !ok {
		t.Fatalf("doc.go has no line %q", mapBegin)
	}
	var b strings.Builder
	b.WriteString(head + mapBegin)
	for _, p := range tree[1:] {
		fmt.Fprintf(&b, "//\t%-30s %s\n", p.pkg, p.does)
	}
	b.WriteString("package stco\n")
	if *update {
		if err := os.WriteFile("doc.go", []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if b.String() != string(text) {
		t.Error("the packages in doc.go are not those of the map: go test . -update")
	}
}

const mapBegin = "// The packages:\n//\n"

func permitted(rules []string, pkg string) bool {
	if slices.Contains(rules, pkg) {
		return true
	}
	return slices.ContainsFunc(rules, func(r string) bool {
		base, wild := strings.CutSuffix(r, "/*")
		return wild && strings.HasPrefix(pkg, base+"/")
	})
}
