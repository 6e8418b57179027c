package validate

import (
	"bytes"
	"flag"
	"os"
	"runtime"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite docs/validation.md")

// TestValidationDocument holds docs/validation.md to what the program prints.
func TestValidationDocument(t *testing.T) {
	if runtime.GOARCH != "amd64" {
		t.Skip("the last digits are those of amd64")
	}
	got, err := ValidationDocument()
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile("../../../../docs/validation.md", got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("../../../../docs/validation.md")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		g, w := strings.Split(string(got), "\n"), strings.Split(string(want), "\n")
		for i := range g {
			if i >= len(w) || g[i] != w[i] {
				t.Fatalf("docs/validation.md line %d is another than the program prints (make golden):\n%s", i+1, g[i])
			}
		}
		t.Fatal("docs/validation.md has more lines than the program prints")
	}
}

// TestValidatePeers compares rows of a file: those of the program under another
// name give the same figures, and a bad row is the user's fault.
func TestValidatePeers(t *testing.T) {
	text, err := os.ReadFile("../../../../testdata/published/array_peers.csv")
	if err != nil {
		t.Fatal(err)
	}
	own, outside, err := Validate([]string{"array"}, "figures", List{}, List{})
	if err != nil || outside != 0 {
		t.Fatalf("%d outside, %v", outside, err)
	}
	same, _, err := Validate([]string{"array"}, "figures", List{"peers.csv", text}, List{})
	if err != nil {
		t.Fatal(err)
	}
	if len(same.Rows) != len(own.Rows) || same.Rows[100][6] != own.Rows[100][6] {
		t.Error("the same rows from a file give other figures")
	}
	bad := bytes.Replace(text, []byte("NVSim,SOT50,22,LOP,350"), []byte("NVSim,SOT50,22,LOP,hot"), 1)
	if _, _, err := Validate([]string{"array"}, "figures", List{"peers.csv", bad}, List{}); err == nil || !strings.Contains(err.Error(), "peers.csv: line 3: temp_K") {
		t.Errorf("a temperature of hot: %v", err)
	}
	wrong := List{"mine.csv", []byte("machine,quantity,value\nx,array,8x8\n")}
	if _, _, err := Validate([]string{"machine"}, "figures", List{}, wrong); err == nil || !strings.Contains(err.Error(), "mine.csv: machine: the columns are machine,quantity,value") {
		t.Errorf("a list of machines without columns: %v", err)
	}
	if _, _, err := Validate([]string{"arrays"}, "figures", List{}, List{}); err == nil || !strings.Contains(err.Error(), "pe-array") {
		t.Errorf("an unknown group: %v", err)
	}
}
