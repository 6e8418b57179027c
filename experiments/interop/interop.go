// Package interop writes a design in the formats that other tools read, so that
// it can be checked in them: NVSim (DESTINY and NS-Cache read its files),
// CACTI 7, Accelergy and Timeloop, NVMExplorer, gem5.
//
// Every file says what it holds: units, the width of an access, node, flavour,
// temperature, code, whether the lines between the banks are inside, and what
// the format cannot say. What a format cannot hold is refused, not rounded.
//
// docs/interop.md says what each format can hold.
//
//	study.Design -> memory (whole buffer, one bank, lines between) -> files
package interop

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"math/bits"
	"slices"
	"strings"

	"stco/experiments/evaluate"
	"stco/experiments/study"
	"stco/experiments/study/strict"
	"stco/model"
	"stco/model/array"
	"stco/model/device"
	"stco/model/near"
	"stco/model/tech"
	"stco/model/units"
)

// Output is one file of an export.
type Output struct {
	Name string
	Text []byte
}

// Request says what an export holds.
type Request struct {
	Part    string // buffer, bank, or empty: what the tool models best
	Version string // of this program
}

// format is a tool that files are written for.
type format struct {
	name  string
	tool  string // and the version whose reader the format was taken from
	part  string // default
	write func(m *memory, o *Request) ([]Output, error)
}

func formats() []format {
	return []format{
		{"nvsim", "NVSim 6334d00 (DESTINY 32ef839 reads the same files)", "bank", nvsim},
		{"cacti", "CACTI 7 1ffd8df", "buffer", cacti},
		{"accelergy", "Accelergy 0.4 (6911d15) with the library plug-in ba4e9da, Timeloop v0.4 architecture", "buffer", accelergy},
		{"nvmexplorer", "NVMExplorer 16eb289", "buffer", nvmexplorer},
		{"gem5", "gem5 24", "buffer", gem5},
	}
}

// Tools lists the tools that a design can be exported to.
func Tools() []string {
	var names []string
	for _, f := range formats() {
		names = append(names, f.name)
	}
	return names
}

// Parts lists the parts of a buffer that an export can hold.
func Parts() []string { return []string{"buffer", "bank"} }

// Export writes a design for a tool. The error is an *strict.InputError that
// names everything the format cannot hold, and the flag that helps.
func Export(d *study.Design, to string, o Request) ([]Output, error) {
	at := slices.IndexFunc(formats(), func(f format) bool { return f.name == to })
	if at < 0 {
		return nil, strict.BadInput("--to", fmt.Errorf("%q is not one of %s%s", to, strings.Join(Tools(), ", "), near.Hint(to, Tools())))
	}
	f := formats()[at]
	if o.Part == "" {
		o.Part = f.part
	}
	if !slices.Contains(Parts(), o.Part) {
		return nil, strict.BadInput("--part", fmt.Errorf("%q is not one of %s", o.Part, strings.Join(Parts(), ", ")))
	}
	m, err := measure(d, o.Version)
	if err != nil {
		return nil, err
	}
	m.tool = f.tool
	files, err := f.write(m, &o)
	if err != nil {
		return nil, strict.BadInput("export to "+to, err)
	}
	return files, nil
}

// figures are those of a part of the buffer; energies are per access of the
// word's data bits, check bits inside.
type figures struct {
	area                    float64 // m^2
	read, write             float64 // s
	readEnergy, writeEnergy float64 // J
	leakage                 float64 // W
	readRate, writeRate     float64 // B/s, every bank busy
}

// memory is a design with all that an export says of it.
type memory struct {
	version, tool string
	design        *study.Design
	report        *model.Report
	node          *tech.Node
	cell          device.Cell
	hash          string

	whole, bank, between figures
	organisation         array.Organisation
	failures             []string
}

// measure evaluates a design, as a whole and one of its banks alone.
func measure(d *study.Design, version string) (*memory, error) {
	if d.Design.Hybrid {
		return nil, strict.BadInput("export", errors.New("a hybrid buffer is two memories; --set technology=sot, stt or sram exports one"))
	}
	e, err := evaluate.Design(d)
	if err != nil {
		return nil, err
	}
	if !(e.Report.Array.Area.Total > 0) {
		return nil, strict.BadInput("export", fmt.Errorf("the design has no array: %s", strings.Join(e.Failures, "; ")))
	}
	node, err := e.Model.Node(d.Design.Flavour)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(d.YAML())
	m := &memory{
		version: version, design: d, report: &e.Report, node: node, cell: e.Report.Cell,
		hash: hex.EncodeToString(sum[:6]), organisation: e.Report.Array.Organisation, failures: e.Failures,
	}
	one, err := oneBank(e, node)
	if err != nil {
		return nil, err
	}
	m.whole, m.bank = of(&e.Report.Array), of(one)
	n := float64(d.Design.Banks)
	m.between = figures{
		area: m.whole.area - n*m.bank.area, leakage: m.whole.leakage - n*m.bank.leakage,
		read: m.whole.read - m.bank.read, write: m.whole.write - m.bank.write,
		readEnergy: m.whole.readEnergy - m.bank.readEnergy, writeEnergy: m.whole.writeEnergy - m.bank.writeEnergy,
	}
	return m, nil
}

// oneBank returns the figures of one bank of the design alone, in the
// organisation that its banks have.
func oneBank(e *evaluate.Evaluation, node *tech.Node) (*array.Figures, error) {
	d, s := &e.Report.Design, &e.Model.Setup
	if d.Banks == 1 {
		return &e.Report.Array, nil
	}
	circuits, err := e.Model.Catalog.Tables.Circuits()
	if err != nil {
		return nil, err
	}
	solver, err := array.NewSolver(node, array.Options{Temperature: s.Hot, Circuits: *circuits})
	if err != nil {
		return nil, err
	}
	spec := array.Spec{
		Capacity: d.Capacity / units.Bytes(d.Banks), Banks: 1, WordBits: d.WordBits, ECC: d.ECC, Codeword: d.Codeword, Ports: s.Ports,
		Target: s.Target, AreaSlack: 1e9, Rows: d.Rows, Columns: d.Columns,
	}
	var found *array.Figures
	err = solver.Each(&e.Report.Cell, &spec, func(f *array.Figures) bool {
		if f.Organisation == e.Report.Array.Organisation {
			found = new(*f)
		}
		return found == nil
	})
	if err == nil && found == nil {
		err = fmt.Errorf("one bank of the buffer has no organisation %s", e.Report.Array.Organisation)
	}
	return found, err
}

func of(f *array.Figures) figures {
	return figures{
		area: float64(f.Area.Total), read: float64(f.Read.Total), write: float64(f.Write.Total),
		readEnergy: float64(f.ReadEnergy.Total), writeEnergy: float64(f.WriteEnergy.Total), leakage: float64(f.Leakage),
		readRate: float64(f.ReadBandwidth), writeRate: float64(f.WriteBandwidth),
	}
}

// part returns the figures that go into a file, and its data capacity in bytes.
func (m *memory) part(o *Request) (f *figures, capacity float64) {
	capacity = float64(m.design.Design.Capacity)
	if o.Part == "bank" {
		return &m.bank, capacity / float64(m.design.Design.Banks)
	}
	return &m.whole, capacity
}

// text is one line of figures with units.
func (f *figures) text() string {
	return fmt.Sprintf("%.6g mm2, read %.6g ns %.6g pJ, write %.6g ns %.6g pJ, leakage %.6g mW",
		f.area*1e6, f.read*1e9, f.readEnergy*1e12, f.write*1e9, f.writeEnergy*1e12, f.leakage*1e3)
}

// header are the lines that every file begins with, as comments. Inside says
// what the file's own figures are; lost is what the format cannot say.
func (m *memory) header(inside, lost string) []string {
	d, s := &m.design.Design, &m.design.Setup
	what := d.Technology.String()
	switch {
	case s.Cells[d.Technology] != "":
		what += ", cell " + s.Cells[d.Technology] + " of the user"
	case d.Technology == device.SOT:
		what += ", preset " + s.Preset + ", material " + d.Material
	case d.Technology == device.STT:
		what += ", preset " + s.Preset
	}
	lines := []string{
		fmt.Sprintf("stco %s, design %s, written for %s", m.version, m.hash, m.tool),
		fmt.Sprintf("technology: %s", what),
		fmt.Sprintf("node: %s, feature size F = %.6g nm; flavour: %s; temperature: leakage and wires at %.6g K", m.node.Name, float64(m.node.Feature)*1e9, d.Flavour, float64(s.Hot)),
		fmt.Sprintf("code: %s; an access is %d data bits, %d stored bits with the code; energies are per access; the tree between the banks moves %d data bits a cycle, in and out together", d.ECC, d.WordBits, m.report.Array.StoredBits, d.Bus()),
		fmt.Sprintf("whole buffer: %.0f B of data in %d banks, lines between banks inside: %s", float64(d.Capacity), d.Banks, m.whole.text()),
		fmt.Sprintf("one bank alone (%s): %s", m.organisation, m.bank.text()),
		fmt.Sprintf("lines between the banks (buffer less %d banks; of an access, buffer less one bank): %s", d.Banks, m.between.text()),
		"this file: " + inside,
		"not expressible in this format: " + lost,
	}
	if len(m.failures) > 0 {
		lines = append(lines, "infeasible: "+strings.Join(m.failures, "; "))
	}
	return lines
}

// comment puts a mark before every line.
func comment(mark string, lines []string) string {
	var b strings.Builder
	for _, l := range lines {
		b.WriteString(mark + l + "\n")
	}
	return b.String()
}

// insideText says what the figures of a part hold.
func (m *memory) insideText(o *Request) string {
	if o.Part == "bank" {
		return fmt.Sprintf("one of %d banks; lines between banks are not inside", m.design.Design.Banks)
	}
	return "the whole buffer; lines between banks are inside"
}

func powerOfTwo(x float64) bool {
	return x >= 1 && x == math.Trunc(x) && bits.OnesCount64(uint64(x)) == 1
}

// number prints a value with all digits that a reader needs.
func number(x float64) string { return fmt.Sprintf("%.9g", x) }
