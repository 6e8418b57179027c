package foreign

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"stco/model/workload"
	"stco/model/workload/graph"
	"stco/model/workload/lower"
)

func read(t *testing.T, file string) (*graph.Network, string, []string, error) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	kind, err := Detect(file, text)
	if err != nil {
		return nil, "", nil, err
	}
	n, warnings, err := Read(kind, file, "net", text)
	return n, kind, warnings, err
}

// TestCases holds every file to the counts of its own tool.
func TestCases(t *testing.T) {
	f, err := os.Open("testdata/workloads.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows[1:] {
		n, kind, warnings, err := read(t, row[0])
		if err != nil || kind != row[1] {
			t.Errorf("%s: read as %s: %v", row[0], kind, err)
			continue
		}
		_, macs := n.Totals()
		layers := len(n.Layers(1))
		for i := range n.Ops {
			if !n.Ops[i].HasMACs() && kind == ZigZag {
				layers++
			}
		}
		if strconv.FormatInt(macs, 10) != row[3] || strconv.Itoa(layers) != row[2] {
			t.Errorf("%s: %d layers with %d products, want %s with %s", row[0], layers, macs, row[2], row[3])
		}
		if warned := len(warnings) == 1 && strings.Contains(warnings[0], "odd_stride"); warned != (row[0] == "scalesim_conv_stride.csv") {
			t.Errorf("%s: warnings %v", row[0], warnings)
		}
		tr, err := lower.Trace(n, workload.Options{Batch: 2})
		if err == nil {
			err = tr.Validate()
		}
		if err != nil {
			t.Errorf("%s: %v", row[0], err)
		}
	}
}

func TestBadFiles(t *testing.T) {
	for _, c := range []struct{ kind, text, want string }{
		{ScaleSimConv, "name,\na, 8, 8, 3, 3, x, 4, 1,\n", "f:2: column 6: \"x\""},
		{ScaleSimConv, "name,\na, 8, 8, 9, 3, 1, 4, 1,\n", "a filter of 9 x 3 over 8 x 8"},
		{ScaleSimConv, "name,\naDP, 8, 8, 3, 3, 4, 4, 1,\n", "filters must be 1"},
		{ScaleSimGEMM, "name,\na, 8, 8,\nb, 0, 1, 1,\n", "f:3: column 2"},
		{Timeloop, "problem:\n  shape: {dimensions: [M], data_spaces: []}\n", "dimension M has no size"},
		{Timeloop, "problem: {shape: {dimensions: [M, X], data_spaces: [{projection: [[[M]]]}, {projection: [[[Y]]]}, {projection: [[[M]]], read_write: true}]}, M: 2, X: 3}", "Y is neither"},
		{ZigZag, "- {id: 0, operator_type: Magic, equation: 'O[a]+=I[a]*W[a]', loop_dims: [A], loop_sizes: [3]}", "operator_type \"Magic\""},
		{Calculon, `{"hidden": 0, "feedforward": 4}`, "hidden: 0"},
	} {
		if _, _, err := Read(c.kind, "f", "net", []byte(c.text)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", c.text, err, c.want)
		}
	}
	for text, want := range map[string]string{
		"":                        "empty",
		"a: {{include_text('x')}": "parsed-processed-input.yaml",
		"name,a\nx,1,2,3,4,5,6":   "name the kind",
		"just a sentence":         "neither",
	} {
		if _, err := Detect("f", []byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %q", text, err, want)
		}
	}
}

// TestMoreBadFiles: what is missing is told, not taken for something else.
func TestMoreBadFiles(t *testing.T) {
	for _, c := range []struct{ kind, text, want string }{
		{Timeloop, "problem: {shape: lstm, C: 3}", `shape "lstm": unknown`},
		{Timeloop, "problem: {shape: gemm_ABZ, M: 5, N: 6, K: 0}", `dimension K: "0", must be a whole number of 1 to 1073741824`},
		{Timeloop, "problem: {shape: gemm_ABZ, M: 5, N: 6, K: 1073741825}", "dimension K"},
		{Timeloop, "problem: {shape: gemm_ABZ, M: 5, N: 6, K: [1]}", "dimension K: want a whole number"},
		{Timeloop, "problem: {shape: {dimensions: []}}", "no dimensions"},
		{Timeloop, "problem: {shape: {dimensions: [M], data_spaces: [1, 2]}, M: 1}", "three data_spaces"},
		{Timeloop, "problem: {shape: {dimensions: [M], coefficients: [{name: s}], data_spaces: []}, M: 1}", "coefficient s: want a whole number"},
		{Timeloop, "x: 1", "no problem"},
		{Timeloop, "a: [", "did not find"},
		{ZigZag, "a: 1", "want a list of layers"},
		{ZigZag, "[]", "want a list of layers"},
		{ZigZag, "- {operator_type: Add}", "id \"\" is missing"},
		{ZigZag, "- {id: 0, operator_type: Gemm, equation: 'O[a]+=I[a]', loop_dims: [A], loop_sizes: [1, 2]}", "lists of one length"},
		{ZigZag, "- {id: 0, operator_type: Gemm, equation: 'O[a]', loop_dims: [A], loop_sizes: [1]}", "want O[..]+=W[..]*I[..]"},
		{ZigZag, "- {id: 0, operator_type: Gemm, equation: 'O[a]+=W[a]', loop_dims: [A], loop_sizes: [1]}", "no output or no input I"},
		{ZigZag, "- {id: 0, operator_type: Conv, equation: 'O[a]+=I[b]*W[a]', dimension_relations: [b=a*c], loop_dims: [A], loop_sizes: [1]}", "dimension relation"},
		{ZigZag, "- {id: 0, operator_type: Gemm, equation: 'O[a]+=I[a]*W[a]', loop_dims: [A], loop_sizes: [2], operand_source: {I: 7}}", "layer 7, which is not before it"},
		{Calculon, `{"hidden": 6, "feedforward": 8, "seq_size": 4, "attn_heads": 2, "attn_size": 3, "num_blocks": 4097}`, "num_blocks: 4097, at most 4096"},
		{Calculon, `{"hidden": 16777217}`, "hidden: 16777217"},
		{Calculon, `{`, "unexpected end"},
		{"text", "", `kind "text": unknown`},
	} {
		if n, _, err := Read(c.kind, "f", "net", []byte(c.text)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, error %v, want %q", c.text, n, err, c.want)
		}
	}
	for text, want := range map[string]string{
		"- {id: 0}": ZigZag, "problem: {C: 1}": Timeloop, "template: mlp": "", "layers: []": "", "network: x": "", `{"hidden": 1}`: Calculon,
		"name\na,b,c,d\n": ScaleSimGEMM, "name\na,b,c,d,e\n": ScaleSimGEMM, "name\na,b,c,d,e,f,g,h\n": ScaleSimConv, "name\na,b,c,d,e,f,g,h,i,j\n": ScaleSimConv,
	} {
		if got, err := Detect("f", []byte(text)); err != nil || got != want {
			t.Errorf("%q is of kind %q, %v", text, got, err)
		}
	}
	for _, text := range []string{"name\na,b,c,d,e,f\n", "name\na,b,c,d,e,f,g\n", "name\na,b,c,d,e,f,g,h,i,j,k\n", "name\na,b,c\n"} {
		if got, err := Detect("f", []byte(text)); err == nil {
			t.Errorf("%q is of kind %q", text, got)
		}
	}
}
