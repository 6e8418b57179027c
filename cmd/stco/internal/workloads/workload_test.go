package workloads

import (
	"bytes"
	"encoding/csv"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"stco/cmd/stco/internal/command"
	"stco/model/workload/suite"
	"stco/results"
)

// table reads a CSV file as one map per row.
func table(t *testing.T, path ...string) []map[string]string {
	t.Helper()
	f, err := os.Open(filepath.Join(path...))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	return records(t, f)
}

func records(t *testing.T, r io.Reader) []map[string]string {
	t.Helper()
	rows, err := csv.NewReader(r).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []map[string]string
	for _, r := range rows[1:] {
		m := map[string]string{}
		for i, k := range rows[0] {
			m[k] = r[i]
		}
		out = append(out, m)
	}
	return out
}

// listRows returns what a list is in CSV, as one map per row.
func listRows(t *testing.T, l *results.Table) []map[string]string {
	t.Helper()
	var b bytes.Buffer
	if err := command.WriteList(&b, l, "csv"); err != nil {
		t.Fatal(err)
	}
	return records(t, &b)
}

// TestLayersScaleSim: the cycles of `workload show --layers --array` are those of
// SCALE-Sim on every row of the published table.
func TestLayersScaleSim(t *testing.T) {
	sheets := map[string][]map[string]string{}
	rows := table(t, "..", "..", "..", "..", "model", "accel", "systolic", "testdata", "published", "scalesim.csv")
	for _, r := range rows {
		key := r["model"] + r["array"] + r["dataflow"]
		if sheets[key] == nil {
			s, err := WorkloadLayers(r["model"], WorkloadOptions{}, r["array"], r["dataflow"])
			if err != nil {
				t.Fatal(err)
			}
			for i, want := range []string{"cycles", "utilization", "buffer_reads", "buffer_writes"} {
				if got := s.Columns[len(s.Columns)-4+i].Header(); got != want {
					t.Fatalf("column %s, want %s", got, want)
				}
			}
			sheets[key] = listRows(t, s)
		}
		i, err := strconv.Atoi(r["layer"])
		if err != nil {
			t.Fatal(err)
		}
		if l := sheets[key][i]; l["cycles"] != r["cycles"] || l["macs"] != r["macs"] {
			t.Errorf("%s %s %s %s: %s cycles, %s MACs; SCALE-Sim %s, %s", r["model"], r["name"], r["array"], r["dataflow"], l["cycles"], l["macs"], r["cycles"], r["macs"])
		}
	}
	if len(rows) < 174 {
		t.Errorf("%d rows", len(rows))
	}
}

// TestWorkloadKeys fixes the keys that scripts read.
func TestWorkloadKeys(t *testing.T) {
	it, err := WorkloadSummary("alexnet", WorkloadOptions{Phase: "training", Batch: 2, Optimizer: "adam", Precision: "fp32"})
	if err != nil {
		t.Fatal(err)
	}
	s := command.Fields(it)
	got := map[string]string{}
	for r := range s.Rows {
		got[s.Text(r, 0)] = s.Text(r, 1)
	}
	const params = 61100840
	for key, want := range map[string]int{
		"forward_macs": 2 * 714188480, "dx_macs": 2 * 643911680, "dw_macs": 2 * 714188480, "macs": 2 * 2072288640,
		"optimizer_bytes": 28 * params, "optimizer_resident_bytes": 16 * params, "optimizer_state_bytes": 8 * params,
		"saved_index_bytes": 2 * 88320, "saved_mask_bytes": 0, "recompute_macs": 0,
	} {
		if got[key] != strconv.Itoa(want) {
			t.Errorf("%s is %q, want %d", key, got[key], want)
		}
	}
	for _, key := range []string{"saved_bytes", "saved_bytes_pytorch", "peak_live_bytes", "weight_bytes"} {
		if v, err := strconv.Atoi(got[key]); err != nil || v <= 0 {
			t.Errorf("%s is %q", key, got[key])
		}
	}
	all, err := WorkloadSweep("alexnet", WorkloadOptions{Phase: "training"}, []int{1, 4})
	if err != nil || len(all) != 2 || all[1].MACsForward != 4*all[0].MACsForward || all[1].OptimizerMovedBytes != all[0].OptimizerMovedBytes {
		t.Errorf("a sweep over batches: %+v, %v", all, err)
	}
}

// TestWorkloadListComplete: the table lists every network once with its counts.
func TestWorkloadListComplete(t *testing.T) {
	s, err := WorkloadList("", "", nil)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, r := range listRows(t, s) {
		names = append(names, r["name"])
		if r["params"] == "0" || r["macs"] == "0" || r["family"] == "" {
			t.Errorf("%v", r)
		}
	}
	if !slices.Equal(names, suite.Names("")) {
		t.Errorf("%v", names)
	}
}

// TestLayerList: fields that do not apply are empty, a stride or padding that
// differs between the axes is told for both.
func TestLayerList(t *testing.T) {
	for name, want := range map[string]int{"inception_v3": 95, "bert_base": 97, "lstm_1024x2": 2} {
		l, err := WorkloadLayers(name, WorkloadOptions{}, "", "")
		if err != nil {
			t.Fatal(err)
		}
		rows := listRows(t, l)
		if len(rows) < want {
			t.Errorf("%s: %d layers", name, len(rows))
		}
		seen := false
		for _, r := range rows {
			if r["name"] == "Mixed_6b.branch7x7_2.conv" {
				seen = true
				if r["kernel_h"] != "1" || r["kernel_w"] != "7" || r["stride"] != "1" || r["pad"] != "0x3" || r["groups"] != "1" {
					t.Errorf("%v", r)
				}
			}
			if r["type"] == "linear" && (r["in_h"] != "1" || r["kernel_h"] != "" || r["groups"] != "") {
				t.Errorf("%v", r)
			}
		}
		if seen != (name == "inception_v3") {
			t.Errorf("%s: the layer of unequal padding is missing", name)
		}
	}
}
