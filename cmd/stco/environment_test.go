package main

import (
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestPythonExample runs the Python of docs/environment.md with stco on the path.
func TestPythonExample(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("no python3")
	}
	text, err := os.ReadFile("../../docs/environment.md")
	if err != nil {
		t.Fatal(err)
	}
	_, code, ok := strings.Cut(string(text), "```python\n")
	code, _, closed := strings.Cut(code, "```\n")
	if !ok || !closed {
		t.Fatal("no block of Python")
	}
	script := filepath.Join(t.TempDir(), "example.py")
	if err := os.WriteFile(script, []byte(code), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(python, script).CombinedOutput()
	if err != nil || !strings.Contains(string(out), "'energy_J': ") || !strings.Contains(string(out), "'latency_s': ") {
		t.Fatalf("%v\n%s", err, out)
	}
}

// TestPythonProblem searches the problem in Python of docs/environment.md, with one
// process and with two: the same bytes, and points of its front, where x and y are
// equal up to y = 3 (Binh and Korn 1997).
func TestPythonProblem(t *testing.T) {
	if _, err := exec.LookPath("python3"); err != nil {
		t.Skip("no python3")
	}
	text, err := os.ReadFile("../../docs/environment.md")
	if err != nil {
		t.Fatal(err)
	}
	_, code, ok := strings.Cut(string(text), "# A program as the problem")
	_, code, found := strings.Cut(code, "```python\n")
	code, _, closed := strings.Cut(code, "```\n")
	if !ok || !found || !closed {
		t.Fatal("no block of Python")
	}
	script := filepath.Join(t.TempDir(), "problem.py")
	if err := os.WriteFile(script, []byte(code), 0o600); err != nil {
		t.Fatal(err)
	}
	var first string
	for _, workers := range []string{"1", "2"} {
		out, err := stco(t, "explore", "--problem", "cmd:python3 "+script, "--evaluations", "2000", "--population", "20", "--workers", workers, "--format", "csv").Output()
		if err != nil {
			t.Fatal(err)
		}
		if first != "" && string(out) != first {
			t.Error("two workers print other bytes")
		}
		first = string(out)
	}
	lines := strings.Split(strings.TrimSpace(first), "\n")
	if lines[0] != "x,y,cost,distance,circle" || len(lines) != 21 {
		t.Fatalf("%d lines under %s", len(lines), lines[0])
	}
	for _, l := range lines[1:] {
		var v [5]float64
		if _, err := fmt.Sscanf(strings.ReplaceAll(l, ",", " "), "%g %g %g %g %g", &v[0], &v[1], &v[2], &v[3], &v[4]); err != nil {
			t.Fatal(err)
		}
		if want := min(v[0], 3); math.Abs(v[1]-want) > 0.15 || v[4] > 0 || math.Abs(v[2]-4*(v[0]*v[0]+v[1]*v[1])) > 1e-6*v[2]+1e-6 {
			t.Errorf("%s", l)
		}
	}
}

// TestProgramFails: what a program does wrong is an error of two, nothing
// feasible of three.
func TestProgramFails(t *testing.T) {
	dir := t.TempDir()
	for name, c := range map[string]struct {
		code int
		text string
		want string
	}{
		"dies":       {2, "read a; echo gone >&2; exit 5", "exit status 5"},
		"garbage":    {2, "read a; echo hello; read a", `its description "hello`},
		"infeasible": {3, `read a; echo '{"variables":[],"objectives":["f"],"constraints":["g"]}'; read a; echo '{"tell":1,"f":[1],"g":[2]}'; read a`, "infeasible: none of 1 designs meets the constraints; violated most often: g"},
		"length":     {2, `read a; echo '{"variables":[],"objectives":["f"]}'; read a; echo '{"tell":1,"f":[1,2]}'; read a`, "2 objectives and 0 constraints"},
		"hangs":      {2, `read a; echo '{"variables":[],"objectives":["f"]}'; sleep 100`, "no answer within 500ms"},
	} {
		script := filepath.Join(dir, name)
		if err := os.WriteFile(script, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		cmd := stco(t, "explore", "--problem", "cmd:sh "+script, "--timeout", "500ms", "--evaluations", "10", "--workers", "1")
		out, _ := cmd.CombinedOutput()
		if code := cmd.ProcessState.ExitCode(); code != c.code || !strings.Contains(string(out), c.want) {
			t.Errorf("%s: exit code %d\n%s", name, code, out)
		}
	}
}
