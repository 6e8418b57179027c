// Package array models a memory array: a bitcell, a CMOS node and an
// organisation become area, latency, cycle time, energy and leakage of a buffer
// of equal banks.
//
// A bank is a field of subarrays on an H-tree. A word is spread over the
// subarrays that are active together (a mat); a subarray has a row decoder,
// wordlines, bitlines, a column multiplexer, sense amplifiers and write drivers.
// A Solver holds what does not depend on the cell; Solve searches the inner
// organisation (rows, multiplexer, active subarrays) exhaustively and returns
// the figures of the best one by the stated target.
//
//	tech.Node, temperature -> Solver; device.Cell, Spec -> Solve -> Figures
//
// SRAM cells, user cells and those of other tools' runs come from package
// bitcell, SOT and STT cells from package device. Not modelled: refresh,
// redundancy repair, body bias, power gating, stacked dies, conflicts between
// banks. Write error, retention and read disturb of a cell are package device's.
package array

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"stco/model/units"
)

// Ports is the port structure of a bank.
type Ports uint8

// The port structures.
const (
	SinglePort      Ports = iota // one access at a time
	OneReadOneWrite              // a read and a write at the same time, in two rows of a bank
)

// String returns the name used in studies, tables and flags.
func (p Ports) String() string { return nameOf(portNames(), int(p)) }

func portNames() []string { return []string{"single", "1r1w"} }

// ParsePorts reads single or 1r1w.
func ParsePorts(s string) (Ports, error) {
	i, err := indexOf("ports", portNames(), s)
	return Ports(i), err
}

// Target is what the organisation search minimises among the organisations
// within the area slack.
type Target uint8

// The targets.
const (
	EDP          Target = iota // read EDP times write EDP
	ReadLatency                //
	WriteLatency               //
	ReadEnergy                 //
	WriteEnergy                //
	ReadEDP                    // read energy times read latency
	WriteEDP                   // write energy times write latency
	LeastArea                  //
	LeastLeakage               //
)

// TargetNames lists the targets as users write them, in order.
func TargetNames() []string {
	return []string{
		"edp", "read-latency", "write-latency", "read-energy", "write-energy",
		"read-edp", "write-edp", "area", "leakage",
	}
}

// String returns the name used in studies, tables and flags.
func (t Target) String() string { return nameOf(TargetNames(), int(t)) }

// ParseTarget reads a name of TargetNames.
func ParseTarget(s string) (Target, error) {
	i, err := indexOf("array target", TargetNames(), s)
	return Target(i), err
}

func nameOf(names []string, i int) string {
	if i < len(names) {
		return names[i]
	}
	return "unknown"
}

func indexOf(what string, names []string, s string) (int, error) {
	i := slices.Index(names, s)
	if i < 0 {
		return 0, fmt.Errorf("%s %q is not one of %s", what, s, strings.Join(names, ", "))
	}
	return i, nil
}

// Spec is the buffer asked for.
type Spec struct {
	Capacity  units.Bytes // of data in all banks, without check bits
	Banks     int         // of equal size, independent
	WordBits  int         // data bits of one access to a bank
	Bus       int         // data bits that the tree between the banks moves at once, in and out together; 0: a word each way
	ECC       ECC
	Codeword  int // data bits of a codeword; 0: DefaultCodeword
	Ports     Ports
	Target    Target
	AreaSlack float64 // organisations larger than (1+AreaSlack) times the smallest are not considered
	Rows      int     // of a subarray; 0: searched
	Columns   int     // data columns of a subarray; 0: searched
}

// DefaultSpec returns a single bank of 128-bit words: the fields a caller does
// not set.
func DefaultSpec() Spec {
	return Spec{Capacity: 1 << 20, Banks: 1, WordBits: 128, Target: EDP, AreaSlack: DefaultAreaSlack}
}

// DefaultAreaSlack is the area slack of DefaultSpec.
const DefaultAreaSlack = 0.15

// The ranges of a Spec.
const (
	MaxBanks = 4096
	MaxWord  = 65536 // bits
	MaxBus   = 65536 // bits each way
	// Data bits of a codeword.
	MinCodeword = 8
	MaxCodeword = 4096
	MinRows     = 16
	MaxRows     = 32768
	MinColumns  = 16
	MaxColumns  = 131072
	MaxCapacity = 1 << 40 // bytes
)

// Validate reports every field outside its range.
func (s *Spec) Validate() error {
	var bad []string
	check := func(name string, v, lo, hi float64, unit string) {
		if !(v >= lo && v <= hi) {
			bad = append(bad, fmt.Sprintf("%s %g%s is outside %g to %g%s", name, v, unit, lo, hi, unit))
		}
	}
	check("banks", float64(s.Banks), 1, MaxBanks, "")
	check("word", float64(s.WordBits), 8, MaxWord, " bit")
	least := float64(s.WordBits) / 8 * float64(max(1, s.Banks)) * MinRows
	check("bus", float64(s.Bus), 0, 2*MaxBus, " bit")
	if s.Codeword != 0 {
		check("codeword", float64(s.Codeword), MinCodeword, MaxCodeword, " bit")
	}
	if v := float64(s.Capacity); !(v >= least && v <= MaxCapacity) {
		show := func(v float64) string { return units.Format(v, units.DimBytes) }
		bad = append(bad, fmt.Sprintf("capacity %s is outside %s to %s", show(v), show(least), show(MaxCapacity)))
	}
	check("area slack", s.AreaSlack, 0, 1e9, "")
	if s.Rows != 0 {
		check("rows", float64(s.Rows), MinRows, MaxRows, "")
	}
	if s.Columns != 0 {
		check("columns", float64(s.Columns), MinColumns, MaxColumns, "")
	}
	if s.ECC > DECTED || s.Ports > OneReadOneWrite || s.Target > LeastLeakage {
		bad = append(bad, "code, ports or target has no name")
	}
	if bad != nil {
		return fmt.Errorf("array: %s", strings.Join(bad, "; "))
	}
	return nil
}

// Organisation is the inner structure of a bank.
type Organisation struct {
	Rows      int // of a subarray
	Columns   int // of a subarray, with check bits
	Mux       int // bitlines per sense amplifier
	Active    int // subarrays that serve one word together: a mat
	Subarrays int // of a bank
}

// String prints the organisation on one line.
func (o Organisation) String() string {
	return fmt.Sprintf("%d x (%d rows x %d columns, mux %d), %d active", o.Subarrays, o.Rows, o.Columns, o.Mux, o.Active)
}

// AreaParts are the parts of the buffer's area; they add up to Total.
type AreaParts struct {
	Cells        units.Area // data bits
	Check        units.Area // check bits
	Edges        units.Area // dummy cells and well taps around subarrays
	Decoders     units.Area // predecoders, row gates and wordline drivers
	Columns      units.Area // precharge, multiplexers
	Amplifiers   units.Area // sense amplifiers and output latches
	WriteDrivers units.Area // write drivers and what the write current adds to the multiplexers
	HTree        units.Area // repeaters and branch gates of the banks, and what these grow by for the tracks of a wide word
	Code         units.Area // encoders and decoders of the ECC
	Interconnect units.Area // repeaters and junctions between banks and buffer port, and what the buffer grows by for the tracks of a wide bus
	Macro        units.Area // timing control, redundancy, test, power switches
	Total        units.Area
}

// TimeParts are the parts of a latency; they add up to Total.
type TimeParts struct {
	Interconnect units.Time // between buffer port and bank, both ways for a read
	HTree        units.Time // inside the bank, both ways for a read
	Decode       units.Time
	Wordline     units.Time
	Bitline      units.Time // read: develop or settle; write: drive and, for MRAM, the pulse
	Sense        units.Time // integration, latch, output multiplexer
	Verify       units.Time // MRAM: reads and further attempts of write-verify-write
	Code         units.Time // ECC
	Total        units.Time
}

// EnergyParts are the parts of the energy of one access; they add up to Total.
type EnergyParts struct {
	Interconnect units.Energy
	HTree        units.Energy
	Decode       units.Energy // with wordlines
	Bitline      units.Energy // read: bitlines; write: bitlines and cells
	Sense        units.Energy
	Verify       units.Energy // reads of write-verify-write; its further pulses are the bitline's
	Code         units.Energy
	Total        units.Energy
}

// Geometry is the floor plan that the lines are computed from.
type Geometry struct {
	SubarrayWidth, SubarrayHeight units.Length // cells with dummies and taps, without periphery
	BankSide                      units.Length // of a square of the bank's area
	Tree                          units.Length // from the bank's edge to the amplifiers of a subarray: half of it horizontal, half vertical
	Between                       units.Length // from the buffer port to a bank
}

// Figures is what an array costs. Reads and writes are of one word of one bank.
type Figures struct {
	Organisation Organisation
	StoredBits   int // of a word, with check bits
	Geometry     Geometry
	Area         AreaParts
	BankArea     units.Area
	Efficiency   float64 // area of the data cells over the total

	Read, Write             TimeParts // latency at the buffer port
	ReadCycle, WriteCycle   units.Time
	ReadEnergy, WriteEnergy EnergyParts
	ReadPerBit, WritePerBit units.EnergyPerBit // of a data bit
	CellLeakage, Periphery  units.Power        // leakage at the solver's temperature
	Leakage                 units.Power

	// Peak bandwidth of all banks, data bits only, each bank busy all the time.
	ReadBandwidth, WriteBandwidth units.Bandwidth

	Violations Violations
}

// Violations are the normalised margins by which an array misses a limit; at
// most 0 when it is met.
type Violations struct {
	WriteDrive float64 // voltage the write path needs over its supply, less 1
	ReadSignal float64 // current the read needs against leakage and offset over what the cell gives, less 1
}

// Worst returns the largest violation, 0 when there is none.
func (v Violations) Worst() float64 { return math.Max(0, math.Max(v.WriteDrive, v.ReadSignal)) }
