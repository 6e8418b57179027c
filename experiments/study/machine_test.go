package study

import (
	"strings"
	"testing"
)

const onMachine = `stco: 1
name: m
workloads: [{network: mobilenet_v2, phase: inference}]
objectives: [energy]
`

// TestMachineOfStudy: a machine by name, with changes, before and after the model
// section, by --set; the clock follows; what is resolved reads the same.
func TestMachineOfStudy(t *testing.T) {
	for _, c := range []struct {
		text string
		set  []string
		want string
	}{
		{"machine: server\n", nil, "machine: server|node: 7nm|cores: 4|dram: hbm2|dram_bandwidth: 307GB/s|clock: 1.05GHz"},
		{"model: {machine: server}\n", nil, "machine: server|cores: 4|clock: 1.05GHz"},
		{"machine: {preset: soc, dram: hbm2e, pe_rows: 64}\n", nil, "machine: soc|dram: hbm2e|dram_bandwidth: 460GB/s|dram_efficiency: 0.87|dram_channels: 2|pe_rows: 64|pe_columns: 128"},
		{"machine: {dram_efficiency: 0.5, dram: ddr5, preset: soc}\n", nil, "dram: ddr5|dram_efficiency: 0.5|dram_bandwidth: 51.2GB/s"},
		{"model: {dram_share: 0.3, node: 7nm}\nmachine: soc\n", nil, "machine: soc|dram_share: 0.3|node: 7nm"},
		{"machine: {preset: soc, pe_clock: 0.8GHz}\n", nil, "clock: 0.8GHz"},
		{"machine: server\nspace: {clock: 1GHz}\n", nil, "pe_clock: 1.05GHz|clock: 1GHz"},
		{"", []string{"machine=server"}, "machine: server|cores: 4|clock: 1.05GHz"},
		{"", []string{"dram_channels=3", "machine={preset: npu-lpddr, pe_buffer: 64KiB}", "clock=2GHz"}, "machine: npu-lpddr|pe_buffer: 64KiB|cores: 64|dram_channels: 3|clock: 2GHz"},
		{"", []string{"dram=lpddr4x", "dram=ddr4"}, "dram: ddr4"},
	} {
		s, err := Parse("m.yaml", []byte(onMachine+c.text))
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		if err := s.Set(c.set); err != nil {
			t.Errorf("%v: %v", c.set, err)
		}
		text := string(s.YAML())
		for want := range strings.SplitSeq(c.want, "|") {
			if !strings.Contains(text, "  "+want+"\n") {
				t.Errorf("%s %v: no %q in\n%s", c.text, c.set, want, text)
			}
		}
		again, err := Parse("again", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if string(again.YAML()) != text {
			t.Errorf("%s: the resolved study reads as another", c.text)
		}
	}
	f, err := ParseDesign("d.yaml", []byte("stco: 1\nmachine: server\ndesign: {banks: 8}\nworkloads: [{network: mobilenet_v2, phase: inference}]\n"))
	if err != nil {
		t.Fatal(err)
	}
	if f.Setup.Cores != 4 || f.Design.Clock != 1.05e9 || f.Design.Banks != 8 {
		t.Errorf("%d cores at %v", f.Setup.Cores, f.Design.Clock)
	}
	if err := f.Set([]string{"machine=soc"}); err != nil || f.Design.Clock != 1e9 || f.Setup.Cores != 1 {
		t.Errorf("%v: %d cores at %v", err, f.Setup.Cores, f.Design.Clock)
	}
}

// TestMachineRefused names everything that is wrong with a machine, and refuses
// to search what has no price.
func TestMachineRefused(t *testing.T) {
	text := onMachine + `machine: {preset: scc, pe_rows: 0, cores: 2, colour: red}
model: {cores: 4, dram_share: 2}
space: {dram: [lpddr5, hbm2e], dram_channels: 2, cores: [1, 2]}
`
	_, err := Parse("m.yaml", []byte(text))
	if err == nil {
		t.Fatal("accepted")
	}
	for _, want := range []string{
		"m.yaml:5:19: machine.preset", "did you mean soc?", "m.yaml:5:33: machine.pe_rows: 0 is outside 1 to 4096", "machine.colour: unknown key",
		"m.yaml:6:16: model.cores: cores is given twice", "model.dram_share: 2 is outside 0.01 to 1",
		"m.yaml:7:15: space.dram: no search may choose dram: it has no price", "axis of scenarios", "machine: {preset: NAME, dram: VALUE}", "space.dram_channels", "space.cores",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in:\n%v", want, err)
		}
	}
	s, err := Parse("m.yaml", []byte(onMachine))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Set([]string{"dram=[lpddr5, hbm2e]"}); err == nil {
		t.Error("two DRAMs are one setting")
	}
}
