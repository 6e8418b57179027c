package interop

import (
	"fmt"
	"math"
)

// gem5 writes a Python fragment: a memory with latency and bandwidth, the two
// latencies of an NVM interface, and a power model whose energies are per byte,
// since gem5 counts bytes a second.
func gem5(m *memory, o *Request) ([]Output, error) {
	f, capacity := m.part(o)
	d := &m.design.Design
	bytes := float64(d.WordBits) / 8
	clock := float64(d.Clock)
	lost := "SimpleMemory has one latency for both ways: it is that of a read here; NVMInterface has both, but is built for DIMMs; energy is in the power model only"
	text := comment("# ", m.header(m.insideText(o)+"; latencies in ns, energies in pJ per access and per byte, leakage in W", lost)) + fmt.Sprintf(`
from m5.objects import MathExprPowerModel, PowerModel, SimpleMemory
from m5.params import AddrRange

STCO = {
    "capacity_bytes": %.0f,
    "access_bytes": %s,
    "read_latency_ns": %s,
    "write_latency_ns": %s,
    "read_energy_pJ": %s,   # per access
    "write_energy_pJ": %s,  # per access
    "leakage_W": %s,
    "area_mm2": %s,
    "read_bandwidth_GB_per_s": %s,   # 1e9 B/s, every bank busy
    "write_bandwidth_GB_per_s": %s,
    "read_cycles": %.0f,    # of a clock of %s Hz, rounded up
    "write_cycles": %.0f,
}


class StcoBuffer(SimpleMemory):
    range = AddrRange(size="%.0fB")
    latency = "%sns"
    latency_var = "0ns"
    bandwidth = "%sGB/s"


# For an interface of class NVMInterface: nvm_timing(interface) sets its latencies.
def nvm_timing(interface):
    interface.tREAD = "%sns"
    interface.tWRITE = "%sns"
    return interface


class StcoBufferOn(MathExprPowerModel):
    # bwRead and bwWrite are bytes a second of the memory that owns the model.
    dyn = "bwRead * %s + bwWrite * %s"
    st = "%s"


class StcoBufferOff(MathExprPowerModel):
    dyn = "0"
    st = "0"


class StcoBufferPower(PowerModel):
    pm = [StcoBufferOn(), StcoBufferOff(), StcoBufferOff(), StcoBufferOff()]
`,
		capacity, number(bytes), number(f.read*1e9), number(f.write*1e9), number(f.readEnergy*1e12), number(f.writeEnergy*1e12),
		number(f.leakage), number(f.area*1e6), number(f.readRate/1e9), number(f.writeRate/1e9),
		math.Ceil(f.read*clock-1e-9), number(clock), math.Ceil(f.write*clock-1e-9),
		capacity, number(f.read*1e9), number(f.readRate/1e9), number(f.read*1e9), number(f.write*1e9),
		plainNumber(f.readEnergy/bytes), plainNumber(f.writeEnergy/bytes), plainNumber(f.leakage))
	return []Output{{m.fileName() + "_gem5.py", []byte(text)}}, nil
}

// plainNumber prints a number without an exponent, which gem5's expressions may
// not read.
func plainNumber(x float64) string {
	digits := 9 - int(math.Floor(math.Log10(math.Max(x, 1e-30))))
	return fmt.Sprintf("%.*f", max(digits, 0), x)
}
