package store

import (
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"
)

const line1 = `{"generation":3,"evaluations":40,"duplicates":10,"infeasible":8,"front":2,"hypervolume":0.5,"violation":"inf","best":[1.5,null],"members":[[1,2],[3,"-inf"]]`

// whole1 is line1 whole; the checksum is the CRC-32C of what stands before it,
// computed by another program.
const whole1 = line1 + `,"crc32c":"c1369ded"}`

// whole ends a line whose content a test has changed.
func whole(body string) string { return strings.TrimSuffix(string(sealLine([]byte(body))), "\n") }

// TestGenerationLine writes and reads a line, character by character.
func TestGenerationLine(t *testing.T) {
	g := Generation{
		Number: 3, Evaluations: 40, Duplicates: 10, Infeasible: 8, Front: 2, Hypervolume: 0.5, Violation: math.Inf(1),
		Best: []float64{1.5, math.NaN()}, Members: [][]float64{{1, 2}, {3, math.Inf(-1)}},
	}
	if got := string(g.appendLine([]byte("x"))); got != whole1+"\n" {
		t.Errorf("got  %s\nwant %s", got, whole1)
	}
	back, err := parseGeneration([]byte(whole1))
	if err != nil || !math.IsNaN(back.Best[1]) {
		t.Fatalf("%+v, %v", back, err)
	}
	back.Best[1], g.Best[1] = 0, 0
	if !reflect.DeepEqual(back, g) {
		t.Errorf("%+v, want %+v", back, g)
	}
	if g.InfeasibleShare() != 0.2 || g.DuplicateShare() != 0.2 {
		t.Errorf("shares %g, %g; want 8 of 40 and 10 of 50", g.InfeasibleShare(), g.DuplicateShare())
	}
	if none := (Generation{}); none.InfeasibleShare() != 0 || none.DuplicateShare() != 0 {
		t.Error("shares of nothing")
	}
	if short := string((&Generation{Number: 1}).appendLine(nil)); strings.Contains(short, "members") || !strings.Contains(short, `"best":[],"crc32c":`) {
		t.Errorf("without members: %s", short)
	}
}

// TestGenerationRefused has one fault a line, each named.
func TestGenerationRefused(t *testing.T) {
	for _, c := range []struct{ old, text, want string }{
		{`"generation":3,`, "", "no generation number"},
		{`"hypervolume":0.5`, `"hypervolume":"much"`, "hypervolume: "},
		{`"violation":"inf"`, `"violation":"none"`, "violation: "},
		{`"violation":"inf",`, ``, "violation: "},
		{`[1.5,null]`, `[1.5,"x"]`, "best: "},
		{`[3,"-inf"]`, `[3,"x"]`, "members: "},
		{`40`, `"40"`, "evaluations"},
		{`[3,"-inf"]]`, `[3,"-inf"]`, "invalid character"},
	} {
		if _, err := parseGeneration([]byte(whole(strings.Replace(line1, c.old, c.text, 1)))); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s for %s: %v, want %q", c.text, c.old, err, c.want)
		}
	}
}

// TestEveryBitOfALine: a line is refused when a bit of it is flipped, or its end
// is cut off, or another line's end put there.
func TestEveryBitOfALine(t *testing.T) {
	for at := range len(whole1) {
		for bit := range 8 {
			b := []byte(whole1)
			b[at] ^= 1 << bit
			if g, err := parseGeneration(b); err == nil {
				t.Errorf("bit %d of byte %d flipped: %+v", bit, at, g)
			}
		}
		if _, err := parseGeneration([]byte(whole1[:at])); err == nil {
			t.Errorf("cut to %d bytes: not seen", at)
		}
	}
	if _, err := parseGeneration([]byte(line1 + "}")); err == nil || !strings.Contains(err.Error(), "no checksum") {
		t.Errorf("a line without checksum: %v", err)
	}
}

// TestParseLog keeps the whole lines before the first that is not.
func TestParseLog(t *testing.T) {
	line, other := whole1, whole(strings.Replace(line1, `"generation":3`, `"generation":4`, 1))
	later := whole(strings.Replace(line1, `"generation":3`, `"generation":5`, 1))
	second := fmt.Sprintf("line 2, from byte %d, is ", len(line)+1)
	for _, c := range []struct {
		log  string
		n    int
		want string
	}{
		{"", 0, ""},
		{line + "\n", 1, ""},
		{line + "\n" + other + "\n", 2, ""},
		{line + "\n" + other[:20], 1, second + "torn (20 bytes)"},
		{line, 0, "line 1, from byte 0, is torn"},
		{line + "\n{}\n" + other + "\n", 1, second + "damaged: no checksum at its end"},
		{line + "\n" + later + "\n", 1, second + "damaged: generation 5 after 3"},
	} {
		gens, defect := parseLog([]byte(c.log))
		if len(gens) != c.n || !strings.HasPrefix(defect, c.want) || (c.want == "") != (defect == "") {
			t.Errorf("%q: %d lines, %q; want %d, %q", c.log, len(gens), defect, c.n, c.want)
		}
	}
	for log, want := range map[string]string{"": "", "a\n": "a\n", "a\nbc\n": "bc\n", "a\nbc\n\n": "\n", "x": "x"} {
		if got := string(lastLine([]byte(log))); got != want {
			t.Errorf("last line of %q is %q, want %q", log, got, want)
		}
	}
}
