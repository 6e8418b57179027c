package evaluate

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"stco/experiments/study"
	"stco/experiments/study/catalog"
	"stco/model"
)

const linesStudy = `
stco: 1
name: lines
space: {technology: sot, clock: 1GHz, capacity: 8MiB}
workloads: [{network: mobilenet_v2, phase: inference}]
objectives: [energy, throughput]
constraints: {area: {max: 10mm^2}}
`

// reply is a reply as another program reads it.
type reply struct {
	Line        int
	Error       string
	ID          string
	Feasible    bool
	Objectives  map[string]*float64
	Constraints map[string]*float64
	Metrics     map[string]*float64
}

func answers(t testing.TB, workers int, in string) []reply {
	t.Helper()
	s, err := study.Parse("lines", []byte(linesStudy))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := Lines(t.Context(), s, strings.NewReader(in), &out, workers); err != nil {
		t.Fatal(err)
	}
	var all []reply
	for d := json.NewDecoder(&out); ; {
		var a reply
		switch err := d.Decode(&a); err {
		case nil:
			all = append(all, a)
		case io.EOF:
			return all
		default:
			t.Fatal(err)
		}
	}
}

// TestLines checks that every line has its reply, in order: figures that are
// those of the design file with the same knobs, or the error that the line is to
// blame for.
func TestLines(t *testing.T) {
	got := answers(t, 2, strings.Join([]string{
		`{}`,
		`{"capacity": "16MiB", "pulse": "2000ps", "banks": 32, "ecc": "none"}`,
		`{"capacity": "16MiB", "pulse": `,
		`{"puls": "2ns", "banks": 3.5, "clock": 1, "ecc": "best", "pulse": true}`,
		`[1, 2]`, ``, `{"banks": 1} {}`, `{"banks": 1, "banks": 2}`, `{"pulse": "1s"}`,
		`{"material": "` + strings.Repeat("x", longest) + `"}`,
		`{"technology": "sram"}`, `{"capacity": "64KiB", "banks": 1024}`, `{"banks": 16}`,
	}, "\n")) // the last line has no end
	if len(got) != 13 {
		t.Fatalf("%d answers", len(got))
	}
	for i, want := range map[int][]string{
		2: {"no JSON"},
		3: {"puls: unknown knob; did you mean pulse?", "banks: 3.5 is not a whole number", "clock: \"1\": a frequency needs a unit", `unknown value "best"`, "pulse: true: want"},
		4: {"want a JSON object"}, 5: {"want a JSON object"}, 6: {"more than one"}, 7: {"banks: given twice"}, 8: {"outside 0.1ns to 100ns"}, 9: {"more than 65536 bytes"},
	} {
		for _, w := range want {
			if !strings.Contains(got[i].Error, w) {
				t.Errorf("line %d: %q does not say %q", i+1, got[i].Error, w)
			}
		}
		if got[i].Objectives != nil {
			t.Errorf("line %d has figures", i+1)
		}
	}
	for i := range got {
		if got[i].Line != i+1 {
			t.Errorf("reply %d is to line %d", i+1, got[i].Line)
		}
	}
	file := func(knobs string) *Evaluation {
		d, err := study.ParseDesign("d", []byte("stco: 1\ndesign: {"+knobs+"}\nworkloads: [{network: mobilenet_v2, phase: inference}]\n"))
		if err != nil {
			t.Fatal(err)
		}
		e, err := Design(d)
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	for i, knobs := range map[int]string{0: "capacity: 8MiB", 1: "capacity: 16MiB, pulse: 2ns, banks: 32, ecc: none", 10: "capacity: 8MiB, technology: sram", 12: "capacity: 8MiB, banks: 16"} {
		e, a := file(knobs), &got[i]
		if a.Error != "" {
			t.Errorf("line %d: %s", i+1, a.Error)
			continue
		}
		same := func(got *float64, want float64) bool { // null stands for what is not finite
			if math.IsInf(want, 0) || math.IsNaN(want) {
				return got == nil
			}
			return got != nil && *got == want
		}
		want := map[string]float64{"energy_J": e.Report.Energy, "throughput_Hz": 1 / e.Report.Latency}
		for name, v := range want {
			if !same(a.Objectives[name], v) {
				t.Errorf("line %d: %s, want %g", i+1, name, v)
			}
		}
		if !same(a.Metrics["memory_latency_s"], e.Report.MemoryLatency) {
			t.Errorf("line %d: memory_latency_s, want %g", i+1, e.Report.MemoryLatency)
		}
		area := a.Constraints["area <= 10 mm2"]
		if area == nil || math.Abs(*area-(float64(e.Report.Area())/10e-6-1)) > 1e-12 {
			t.Errorf("line %d: constraint of the area, want %g", i+1, float64(e.Report.Area())/10e-6-1)
		}
		if a.Feasible != (e.Report.Feasible() && *area <= 0) || a.ID != e.Model.Catalog.Identity(&e.Report.Design) {
			t.Errorf("line %d: feasible %t, id %s", i+1, a.Feasible, a.ID)
		}
	}
	if a := got[11]; a.Error != "" || a.Feasible || a.Objectives["energy_J"] != nil || *a.Constraints["organisation"] <= 0 {
		t.Errorf("a design without an organisation: %+v", a)
	}
}

// TestLinesWaitForNobody: a caller that waits for each reply before it writes
// the next line gets it; and the answers do not depend on the workers.
func TestLinesWaitForNobody(t *testing.T) {
	s, err := study.Parse("lines", []byte(linesStudy))
	if err != nil {
		t.Fatal(err)
	}
	ask, in := io.Pipe()
	out, tell := io.Pipe()
	end := make(chan error, 1)
	go func() {
		err := Lines(t.Context(), s, ask, tell, 2)
		tell.Close()
		end <- err
	}()
	lines := bufio.NewReader(out)
	var text strings.Builder
	for i := range 5 {
		q := fmt.Sprintf("{\"banks\": %d}\n", 1<<i)
		text.WriteString(q)
		if _, err := io.WriteString(in, q); err != nil {
			t.Fatal(err)
		}
		a, err := lines.ReadString('\n')
		if err != nil || !strings.HasPrefix(a, fmt.Sprintf(`{"line":%d,"id"`, i+1)) {
			t.Fatalf("%s, %v", a, err)
		}
	}
	in.Close()
	if err := <-end; err != nil {
		t.Fatal(err)
	}
	one, four := answers(t, 1, text.String()), answers(t, 4, text.String())
	for i := range one {
		if one[i].ID != four[i].ID || *one[i].Objectives["energy_J"] != *four[i].Objectives["energy_J"] {
			t.Errorf("line %d differs with four workers", i+1)
		}
	}
}

// FuzzLines: no line ends the service, and every line has one reply that is JSON.
func FuzzLines(f *testing.F) {
	for _, s := range []string{`{}`, `{"banks": 64}`, `{"capacity": "1e400MiB"}`, "{\"a\": \"\\ud800\"}", "\x00", `{"split": "50%"}`, `{"banks": 1e-400}`, `nul`} {
		f.Add(s)
	}
	s, err := study.Parse("lines", []byte(linesStudy))
	if err != nil {
		f.Fatal(err)
	}
	_, p, err := s.Build()
	if err != nil {
		f.Fatal(err)
	}
	e, err := p.NewEvaluator()
	if err != nil {
		f.Fatal(err)
	}
	l := newLiner(p, e.Complete())
	f.Fuzz(func(t *testing.T, line string) {
		d := model.DefaultDesign()
		clear(l.seen)
		if plain, _ := l.plain([]byte(line), &d); plain && !json.Valid([]byte(line)) {
			t.Errorf("%q is taken for JSON", line)
		}
		a := l.answer(nil, 1, []byte(line))
		if !json.Valid(a) || bytes.Count(a, []byte("\n")) != 1 {
			t.Errorf("%q: %s", line, a)
		}
	})
}

// BenchmarkLines answers designs of the default study of inference, with every
// knob of the bitcell named.
func BenchmarkLines(b *testing.B) {
	text, _ := study.Embedded("cv-inference")
	s, err := study.Parse("cv-inference", text)
	if err != nil {
		b.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 1))
	knobs := catalog.Builtin().Knobs()
	base := model.DefaultDesign()
	var in bytes.Buffer
	for range b.N {
		in.WriteString("{")
		for i := range knobs {
			k := &knobs[i]
			v := k.Get(&base)
			if k.Scale == model.Linear && k.MRAMOnly {
				v = k.Low + rng.Float64()*(k.High-k.Low)
			}
			if i > 0 {
				in.WriteString(", ")
			}
			fmt.Fprintf(&in, "%q: %q", k.Name, k.Format(v))
		}
		in.WriteString("}\n")
	}
	b.ResetTimer()
	if err := Lines(b.Context(), s, &in, io.Discard, 2); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "designs/s")
}
