package interop

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"stco/experiments/study"
	"stco/model/array"
	"stco/model/device"
)

// cacti writes a configuration of CACTI 7, which has SRAM and DRAM only: of a
// magnetic design the SRAM buffer of its capacity, banks and word, without code.
func cacti(m *memory, o *Request) ([]Output, error) {
	d := *m.design
	note := "the design itself, an SRAM buffer"
	if m.cell.Technology != device.SRAM || d.Design.ECC != array.NoECC {
		note = fmt.Sprintf("the SRAM buffer of the same capacity, banks and word without code, beside the design %s (%s, %s): CACTI has no magnetic cell", m.hash, m.design.Design.Technology, m.design.Design.ECC)
		d.Design.Technology, d.Design.ECC = device.SRAM, array.NoECC
		sram, err := measure(&d, m.version)
		if err != nil {
			return nil, err
		}
		sram.tool, m = m.tool, sram
	}
	_, capacity := m.part(o)
	banks := d.Design.Banks
	inside := m.insideText(o) + "; " + note
	if o.Part == "bank" {
		banks = 1
	}
	if errs := m.cactiLimits(&d, banks); len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	flavour := "itrs-" + d.Design.Flavour
	word := d.Design.WordBits
	var b strings.Builder
	b.WriteString(comment("# ", m.header(inside, "write latency is not printed; leakage is printed per bank, gate leakage on a line of its own: (sub + gate) times the banks; exit code is 0 without a solution")))
	for _, l := range [][2]string{
		{"size (bytes)", fmt.Sprintf("%.0f", capacity)},
		{"block size (bytes)", fmt.Sprintf("%d", word/8)},
		{"associativity", "1"},
		{"read-write port", "1"},
		{"exclusive read port", "0"},
		{"exclusive write port", "0"},
		{"single ended read ports", "0"},
		{"UCA bank count", fmt.Sprint(banks)},
		{"technology (u)", number(float64(m.node.Feature) * 1e6)},
		{"page size (bits)", "8192"},
		{"burst length", "8"},
		{"internal prefetch width", "8"},
		{"Data array cell type -", `"` + flavour + `"`},
		{"Data array peripheral type -", `"` + flavour + `"`},
		{"Tag array cell type -", `"` + flavour + `"`},
		{"Tag array peripheral type -", `"` + flavour + `"`},
		{"output/input bus width", fmt.Sprint(word)},
		{"operating temperature (K)", fmt.Sprintf("%.0f", float64(d.Setup.Hot))},
		{"cache type", `"ram"`},
		{"tag size (b)", `"default"`},
		{"access mode (normal, sequential, fast) -", `"normal"`},
		{"design objective (weight delay, dynamic power, leakage power, cycle time, area)", "100:100:0:0:100"},
		{"deviate (delay, dynamic power, leakage power, cycle time, area)", "1000:1000:1000:1000:1000"},
		{"Optimize ED or ED^2 (ED, ED^2, NONE):", `"NONE"`},
		{"Cache model (NUCA, UCA)  -", `"UCA"`},
		{"NUCA bank count", "0"},
		{"Wire signaling (fullswing, lowswing, default) -", `"Global_30"`},
		{"Wire inside mat -", `"semi-global"`},
		{"Wire outside mat -", `"semi-global"`},
		{"Interconnect projection -", `"conservative"`},
		{"Core count", "8"},
		{"Cache level (L2/L3) -", `"L3"`},
		{"Add ECC -", `"false"`},
		{"Print level (DETAILED, CONCISE) -", `"DETAILED"`},
		{"Print input parameters -", `"true"`},
		{"Force cache config -", `"false"`},
		// Of its DRAM interface: without them the program ends in a division by zero.
		{"num_clk", "2"},
		{"mem_data_width", "8"},
		{"capacity", "80"},
		{"num_channels_per_bob", "1"},
	} {
		fmt.Fprintf(&b, "-%s %s\n", l[0], l[1])
	}
	return []Output{{m.fileName() + ".cacti.cfg", []byte(b.String())}}, nil
}

func (m *memory) cactiLimits(d *study.Design, banks int) []error {
	var errs []error
	if f := float64(m.node.Feature) * 1e9; f < 22-1e-9 || f > 90 {
		errs = append(errs, fmt.Errorf("node: CACTI 7 has 22 to 90 nm; --set node=22nm evaluates the design again there (%s is %g nm)", m.node.Name, f))
	}
	if t := float64(d.Setup.Hot); t < 300 || t > 400 || math.Mod(t, 10) != 0 {
		errs = append(errs, fmt.Errorf("t_hot: CACTI takes 300 to 400 K in steps of 10 K, the design has %g K; --set t_hot=350K or 360K", t))
	}
	if d.Design.WordBits%8 != 0 {
		errs = append(errs, fmt.Errorf("word: CACTI takes bytes, the design has %d bits; --set word=", d.Design.WordBits))
	}
	if !powerOfTwo(float64(banks)) {
		errs = append(errs, fmt.Errorf("banks: CACTI takes powers of two, the design has %d; --set banks=", banks))
	}
	return errs
}
