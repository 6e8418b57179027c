package interop

import (
	"fmt"
	"strings"
)

// accelergy writes a table of the library plug-in, from which Accelergy makes
// the energy and area reference tables of Timeloop, those tables themselves,
// and an entry of an architecture. Only the cycle and the width are attributes
// of the table: the plug-in scales every other one that differs, silently.
func accelergy(m *memory, o *Request) ([]Output, error) {
	f, capacity := m.part(o)
	d := &m.design.Design
	cycle := 1 / float64(d.Clock)
	class := m.fileName() + "_" + o.Part
	lost := "latency; a leak action is the leakage of one cycle of global_cycle_seconds; technology and depth are left out, for the plug-in would scale them"
	head := m.header(m.insideText(o)+"; energy in pJ per access, area in um2", lost)
	leak := f.leakage * cycle

	var table strings.Builder
	table.WriteString("global_cycle_seconds,width,energy,area,action\n")
	row := func(energy float64, action string) {
		fmt.Fprintf(&table, "%s,%d,%s,%s,%s\n", number(cycle), d.WordBits, number(energy*1e12), number(f.area*1e12), action)
	}
	row(f.readEnergy, "read")
	row(f.writeEnergy, "write|update")
	row(leak, "leak")
	depth := capacity * 8 / float64(d.WordBits)
	arch := comment("# ", head) + fmt.Sprintf(`architecture:
  version: 0.4
  nodes:
  - !Component
    name: buffer
    class: %s
    required_actions: [read, write, update, leak]
    attributes:
      global_cycle_seconds: %s   # clock %s Hz
      width: %d                  # data bits of an access
      depth: %s
      datawidth: 16              # of a scalar of the workload: set it; Timeloop divides by width/datawidth
      read_bandwidth: %s         # scalars a cycle, every bank busy
      write_bandwidth: %s
`, class, number(cycle), number(float64(d.Clock)), d.WordBits, number(depth), number(f.readRate*cycle/2), number(f.writeRate*cycle/2))

	ert := comment("# ", head) + fmt.Sprintf(`ERT:
  version: '0.4'
  tables:
  - name: system.buffer[1..1]
    actions:
    - {name: read, arguments: {}, energy: %[1]s}
    - {name: write, arguments: {}, energy: %[2]s}
    - {name: update, arguments: {}, energy: %[2]s}
    - {name: leak, arguments: {global_cycle_seconds: %[3]s, action_latency_cycles: 1}, energy: %[4]s}
`, number(f.readEnergy*1e12), number(f.writeEnergy*1e12), number(cycle), number(leak*1e12))
	art := comment("# ", head) + fmt.Sprintf("ART:\n  version: '0.4'\n  tables: [{name: 'system.buffer[1..1]', area: %s}]\n", number(f.area*1e12))
	return []Output{
		{class + ".csv", []byte(comment("# ", head) + table.String())},
		{class + ".arch.yaml", []byte(arch)},
		{class + ".ERT.yaml", []byte(ert)},
		{class + ".ART.yaml", []byte(art)},
	}, nil
}
