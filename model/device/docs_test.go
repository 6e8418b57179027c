package device

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"stco/model/tech"
)

// TestDocumentedFigures holds the preset table of docs/model-device.md to the
// model: every line must be in the file.
func TestDocumentedFigures(t *testing.T) {
	doc, err := os.ReadFile("../../docs/model-device.md")
	if err != nil {
		t.Fatal(err)
	}
	tables, err := tech.Load()
	if err != nil {
		t.Fatal(err)
	}
	names, err := PresetNames(tables)
	if err != nil {
		t.Fatal(err)
	}
	n := process14()
	for _, guard := range []float64{0, 3} {
		o := Operating{Cold: 300, Nominal: 300, Hot: 358, Sigma: guard, BitError: 4e-6}
		for _, name := range names {
			p, err := Preset(tables, name)
			if err != nil {
				t.Fatal(err)
			}
			var f Figures
			var c Cell
			Evaluate(&p, &n, &o, &f, &c)
			line := fmt.Sprintf("| %s | %.0f | %.2f | %.2f | %.1f | %.1f | %.0f | %.0f | %.3f | %.1f | %.2f |", name, guard,
				f.DeltaNominal, f.DeltaWorst, float64(f.CriticalCurrent)*1e6, float64(f.WriteCurrent)*1e6, f.WriteFins,
				float64(f.WriteEnergy)*1e15, float64(f.Area)*1e12, float64(f.Parallel)*1e-3, float64(f.Signal)*1e6)
			if !strings.Contains(string(doc), line) {
				t.Errorf("docs/model-device.md lacks the line\n%s", line)
			}
		}
	}
	for i := range NumViolations {
		if !strings.Contains(string(doc), "`"+ViolationName(i)+"`") {
			t.Errorf("docs/model-device.md does not explain the violation %s", ViolationName(i))
		}
	}
	for i := 1; i <= 40; i++ {
		if !strings.Contains(string(doc), fmt.Sprintf("| E%d |", i)) {
			t.Errorf("docs/model-device.md has no line for E%d", i)
		}
	}
}
