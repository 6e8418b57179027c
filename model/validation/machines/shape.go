package machines

import (
	"math"
	"strconv"
	"strings"

	"stco/model"
	"stco/model/accel/systolic"
	"stco/model/accel/tiling"
	"stco/model/array"
	"stco/model/device"
	"stco/model/tech"
	"stco/model/units"
)

// shape is what the model needs to know of a machine.
type shape struct {
	cores, rows, columns int
	clock                float64
	buffer, peBuffer     float64 // bytes; peBuffer of a core
	assumed              bool    // the buffer is not published
	dram                 float64 // bytes/s that streams reach
	efficiency           float64 // share of the published bandwidth that is
	format               tech.Precision
	node                 string
	dataflow             systolic.Dataflow
	tiles                tiling.Rule
	estimator            bool // the figures are those of a vendor's estimator
}

// shapeOf makes the shape of a machine from what is published of it, false if
// neither its multipliers nor its peak is. Bandwidth of DRAM is 0 if it is not
// published and does not follow from the balance. The rules for what is
// missing: a clock of 1 GHz, multipliers in the most square array, in units of
// 32 x 32 where there are more than 4,096, a buffer of 1 MiB, operand memory of 64 KiB for each of several cores.
func shapeOf(m *Machine) (*shape, bool) {
	s := &shape{cores: 1, clock: m.clock(), node: m.node(), format: m.format()}
	peak := m.value("peak_"+s.format.String(), "peak_int8_dense", "peak_int8", "peak_int8_chiplet", "peak_bf16", "peak_fp16", "peak_hfp8", "peak")
	multipliers := m.value("multipliers")
	var dims []int
	if p := m.row("array"); p != nil {
		dims = dimensions(p.Text)
	}
	product := 1
	for _, d := range dims {
		product *= d
	}
	switch n := len(dims); {
	case n >= 2 && (peak == 0 || near(float64(product), peak/2/s.clock, 1.3)):
		s.rows, s.columns = dims[n-2], dims[n-1]
		s.cores = product / (s.rows * s.columns)
	case multipliers > 0:
		s.units(multipliers, math.Max(1, m.value("cores")))
	case peak > 0 && n >= 1: // a grid, or a number of units of unknown size
		s.units(peak/2/s.clock, float64(product))
	case peak > 0:
		s.units(peak/2/s.clock, math.Max(1, m.value("cores")))
	default:
		return nil, false
	}
	s.dataflow, s.tiles = m.dataflow(), m.tiles()
	s.buffer = m.value("conv_buffer", "buffer", "cmem_capacity", "on_chip_memory", "sram", "l2_capacity", "npumem", "tcm", "global_buffer", "vmem")
	if s.buffer == 0 {
		s.buffer, s.assumed = 1<<20, true
	}
	if p := m.row("sram"); p != nil && strings.Contains(p.Text, "per") {
		s.buffer *= float64(s.cores)
	}
	switch l1, own := m.value("l1_shared", "vmem_capacity"), m.value("pe_memory"); {
	case l1 > 0:
		s.peBuffer = l1 / float64(s.cores)
	case own > 0:
		s.peBuffer = own
	case s.cores > 1:
		s.peBuffer = 64 << 10
	}
	if s.peBuffer > 0 {
		s.peBuffer = math.Max(s.peBuffer, 16<<10) // the least the model manages
	}
	if p := m.row("dram_bandwidth"); p != nil {
		s.efficiency = m.efficiency(p)
		s.dram = p.number() * scale(p.Unit) * s.efficiency
	} else if balance := m.value("balance"); balance > 0 {
		s.efficiency = 0.75
		s.dram = peak / balance * s.efficiency
	}
	s.estimator = s.efficiency == 1
	return s, true
}

// units deals multipliers to cores: the published number of them, of more than
// 4,096 multipliers each as many as make units of 32 x 32.
func (s *shape) units(multipliers, cores float64) {
	const largest, unit = 4096, 1024
	if multipliers/cores > largest {
		cores = math.Ceil(multipliers/cores/unit) * cores
	}
	s.cores = int(cores)
	s.rows, s.columns = square(int(math.Round(multipliers / cores)))
}

// near tells whether two numbers lie within a factor.
func near(a, b, factor float64) bool { return a < b*factor && b < a*factor }

// dimensions returns the numbers of a text such as "108 SM x 4 x 16x16" that stand
// between signs of multiplication.
func dimensions(text string) []int {
	text, _, _ = strings.Cut(text, " at ")
	var all []int
	for part := range strings.SplitSeq(text, "x") {
		if v, err := strconv.Atoi(firstNumber.FindString(part)); err == nil && v > 0 {
			all = append(all, v)
		}
	}
	return all
}

// square returns the most square pair of factors, rows first; of a number without
// one of at most 1 : 4 those of the next number that has.
func square(n int) (rows, columns int) {
	for ; ; n++ {
		for c := int(math.Sqrt(float64(n))); c > 0 && n/c <= 4*c; c-- {
			if n%c == 0 {
				return n / c, c
			}
		}
	}
}

// clock returns the clock of a machine: its row, a remark beside its multipliers
// or array, or 1 GHz.
func (m *Machine) clock() float64 {
	if v := m.value("clock"); v > 0 {
		return v
	}
	for _, q := range []string{"multipliers", "array", "peak_int8_dense"} {
		if p := m.row(q); p != nil {
			if x := inGHz.FindStringSubmatch(p.Text + " " + p.Note); x != nil {
				if v, err := strconv.ParseFloat(x[1], 64); err == nil {
					return v * scale(x[2])
				}
			}
		}
	}
	return 1e9
}

// node returns the node of the tables nearest to that of a machine, 7 nm if it is
// not published.
func (m *Machine) node() string {
	nm := m.value("node") * 1e9
	if nm == 0 {
		for i := range m.Rows {
			if strings.HasPrefix(m.Rows[i].Note, "16 nm") {
				nm = 16
			}
		}
	}
	best, name := math.Inf(1), "7nm"
	if nm == 0 {
		return name
	}
	for _, n := range []float64{22, 14, 7, 5} {
		if d := math.Abs(math.Log(n / nm)); d < best {
			best, name = d, strconv.Itoa(int(n))+"nm"
		}
	}
	return name
}

// format returns the number format of the peak that is published.
func (m *Machine) format() tech.Precision {
	switch {
	case m.row("peak_bf16") != nil:
		return tech.BF16
	case m.row("peak_fp16") != nil:
		return tech.FP16
	case m.row("peak_int8", "peak_int8_dense", "multipliers") == nil && m.row("gemm_1024x12288x12288") != nil:
		return tech.FP16
	}
	return tech.Int8
}

// dataflow returns that of a machine: weight stationary of a TPU and where the
// remarks say so, output stationary where they do, otherwise adder trees.
func (m *Machine) dataflow() systolic.Dataflow {
	for i := range m.Rows {
		switch note := m.Rows[i].Note; {
		case strings.Contains(note, "output stationary"):
			return systolic.OutputStationary
		case strings.Contains(note, "weight stationary") || strings.HasPrefix(m.Name, "tpu"):
			return systolic.WeightStationary
		}
	}
	return systolic.DotProduct
}

// tiles returns slices of the input for the NVDLA and the DLA of NVIDIA's modules,
// from which it comes, and the best tiles of every layer for others.
func (m *Machine) tiles() tiling.Rule {
	if strings.HasPrefix(m.Name, "nvdla") || strings.Contains("_"+m.Name+"_", "_dla_") {
		return tiling.Slices
	}
	return tiling.Free
}

// efficiency returns the share of a published bandwidth that streams reach: all of
// it for a vendor's estimator, that of the tables for HBM and LPDDR.
func (m *Machine) efficiency(bandwidth *Published) float64 {
	text := bandwidth.Note
	for i := range m.Rows {
		if strings.Contains(m.Rows[i].Note, "estimator") {
			return 1
		}
	}
	if achieved := m.value("dram_bandwidth_achieved"); achieved > 0 {
		return achieved / (bandwidth.number() * scale(bandwidth.Unit))
	}
	if strings.Contains(text, "HBM") || strings.Contains(text, "stack") {
		return 0.87
	}
	return 0.75
}

// setup returns the setup of a machine, without workloads, and the design of its
// buffer.
func (s *shape) setup(c *model.Catalog) (model.Setup, model.Design) {
	set := model.DefaultSetup()
	preset := "lpddr5"
	if d, err := c.Tables.DRAM(preset); err == nil {
		set.DRAM = model.DRAM{Preset: preset, Channels: 1, Energy: d.Energy, Latency: d.Latency}
	}
	set.DRAM.Bandwidth, set.DRAM.Efficiency, set.DRAM.Share = units.Bandwidth(s.dram), 1, 1
	set.Node, set.Arithmetic = s.node, s.format
	set.Cores, set.PERows, set.PECols, set.VectorLanes = s.cores, s.rows, s.columns, max(1, s.rows*s.columns/16)
	set.Dataflow, set.Tiles = s.dataflow, s.tiles
	set.PEBuffer = units.Bytes(s.peBuffer)
	d := model.DefaultDesign()
	d.Technology, d.Capacity, d.Clock = device.SRAM, units.Bytes(s.buffer), units.Frequency(s.clock)
	// Banks enough to feed the edges of all arrays from the buffer twice over, as
	// long as a bank has 64 rows.
	d.WordBits, d.Banks = 256, 1
	edges := float64(s.cores*(s.rows+s.columns)) * float64(s.format.Bits())
	for float64(d.Banks*d.WordBits) < 2*edges && d.Banks < 1024 && float64(2*d.Banks)*float64(d.WordBits)/8*64 <= s.buffer {
		d.Banks *= 2
	}
	// The port as wide, as far as its tracks fit above banks that are known.
	d.ReadBus = int(max(64, min(2*edges, portTracks(c, s)/2, array.MaxBus)))
	d.WriteBus = d.ReadBus
	return set, d
}

// portTracks returns the wires of the tree between the banks for which there is
// room above the cells of a buffer.
func portTracks(c *model.Catalog, s *shape) float64 {
	if s.assumed {
		return 2 * array.MaxBus
	}
	n, err := c.Tables.Node(s.node, tech.LowOperatingPower)
	if err != nil {
		return array.MaxBus // a setup of that node fails by itself
	}
	k, err := c.Tables.Circuits()
	if err != nil {
		return array.MaxBus
	}
	side := math.Sqrt(8 * s.buffer * float64(n.Dense.Area) * (1 + k.MacroOverhead))
	return side / float64(n.Middle.Pitch) * k.Layers * k.TrackShare
}
