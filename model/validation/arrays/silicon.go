package arrays

import (
	"fmt"
	"io"
	"math"

	"stco/model/array"
	"stco/model/array/bitcell"
	"stco/model/device"
	"stco/model/tech"
	"stco/model/units"
)

// Level says what a published area holds.
type Level uint8

// The levels.
const (
	Macro Level = iota // the array with its periphery
	Die                // with pads, tags, network, vias: shown beside, not bounded
)

// String returns the word of the table.
func (l Level) String() string {
	if l == Die {
		return "die"
	}
	return "macro"
}

// Silicon is a published macro or die beside our figures for the same cell.
type Silicon struct {
	Line         int // of the file
	Name         string
	Level        Level
	Calibration  bool // a constant of the model was set on this row
	Source, Note string
	Node         string
	Flavour      tech.Flavour
	Temperature  units.Temperature
	Technology   device.Technology
	Spec         array.Spec
	CellArea     units.Area
	Supply       units.Voltage // as published; 0: that of the node
	Specified    bool          // over voltage, process and temperature: Ours is at the slow corner
	Compared
	Slow array.Figures // ours at the slow corner of voltage and process, on the same organisation
}

// Overhead returns the published area over ours: what a die has beside its
// macros. NaN without a published area.
func (s *Silicon) Overhead() float64 { return 1 / s.Ratio[QArea] }

// CompareSilicon computes our figures for every row of the published macros.
func CompareSilicon(tables *tech.Tables, r io.Reader) ([]Silicon, error) {
	records, err := readRecords(r)
	if err != nil {
		return nil, fmt.Errorf("published arrays: %w", err)
	}
	out := make([]Silicon, len(records))
	for i := range records {
		if err := out[i].compare(tables, &records[i]); err != nil {
			return nil, fmt.Errorf("published arrays, line %d: %w", records[i].line, err)
		}
		out[i].Line = records[i].line
	}
	return out, nil
}

// compare computes our figures for a row of the published macros.
func (s *Silicon) compare(tables *tech.Tables, p *record) error {
	capacity := p.number("capacity_Mb", 1<<20)
	s.Name, s.Source, s.Note, s.Node = p.text("name"), p.text("source"), p.text("note"), p.text("node")
	s.Temperature, s.CellArea = units.Temperature(p.number("temp_K", 1)), units.Area(p.number("cell_um2", 1e-12))
	s.Calibration = p.text("calibration") == "yes"
	if p.text("level") == "die" {
		s.Level = Die
	}
	s.Values = [NumQuantities]float64{
		p.number("area_mm2", 1e-6), p.number("read_ns", 1e-9), p.number("write_ns", 1e-9),
		p.number("read_pJ", 1e-12), p.number("write_pJ", 1e-12), p.number("leak_uW_per_Mb", 1e-6*capacity/(1<<20)),
	}
	s.Spec = array.DefaultSpec()
	s.Spec.Capacity = units.Bytes(capacity / 8)
	s.Spec.Banks, s.Spec.WordBits = int(p.number("banks", 1)), int(p.number("word_bits", 1))
	s.Spec.Rows, s.Spec.Columns = int(p.given("rows", 1)), int(p.given("columns", 1))
	var err error
	if s.Spec.Target, err = array.ParseTarget(p.text("target")); err != nil {
		return err
	}
	if s.Flavour, err = tech.ParseFlavour(p.text("flavour")); err != nil {
		return err
	}
	if s.Spec.ECC, err = array.ParseECC(p.text("ecc")); err != nil {
		return err
	}
	if corner := p.text("corner"); corner != "typical" && corner != "slow" {
		return fmt.Errorf("corner %q is not typical or slow", corner)
	}
	s.Specified = p.text("corner") == "slow"
	node, err := s.supplied(tables, units.Voltage(p.given("supply_V", 1)))
	if err != nil {
		return err
	}
	on := units.Resistance(p.given("on_kOhm", 1e3))
	off, err := s.hot(tables, on, units.Resistance(p.given("off_kOhm", 1e3)))
	if err != nil {
		return err
	}
	u := bitcell.User{
		Area: s.CellArea, On: on, Off: off,
		ReadVoltage: units.Voltage(p.given("read_V", 1)), WriteCurrent: units.Current(p.given("write_uA", 1e-6)), WritePulse: units.Time(p.given("pulse_ns", 1e-9)),
		WriteVoltage: units.Voltage(p.given("write_V", 1)),
	}
	switch technology := p.text("technology"); technology {
	case "sram":
		// The node's cell with the stated area, two gate pitches high.
		u.AccessWidth, u.Aspect = node.Dense.Pass, float64(u.Area)/float64(node.Dense.Height*node.Dense.Height)
	case "stt":
		u.Technology, u.AccessWidth, u.Aspect = device.STT, sharedSource(node, u.Area), 1
	case "sot":
		u.Technology, u.AccessWidth, u.Aspect = device.SOT, 2*node.FinWidth, 2
	default:
		return fmt.Errorf("technology %q is not sram, stt or sot", technology)
	}
	if p.err != nil {
		return p.err
	}
	s.Technology = u.Technology
	cell, err := u.Cell(node, s.Temperature)
	if err != nil {
		return err
	}
	if err := s.solve(tables, node, &cell, &s.Spec, s.Temperature); err != nil {
		return err
	}
	if err := s.slow(tables, node, &cell); err != nil {
		return err
	}
	if s.Specified {
		s.Ours = s.Slow
		for q, v := range values(&s.Ours) {
			s.Ratio[q] = v / s.Values[q]
		}
	}
	s.judge()
	return nil
}

// supplied returns the node at the published supply: drive by the alpha-power law.
func (s *Silicon) supplied(tables *tech.Tables, supply units.Voltage) (*tech.Node, error) {
	s.Supply = supply
	node, err := tables.Node(s.Node, s.Flavour)
	if err != nil || supply == 0 {
		return node, err
	}
	circuits, err := tables.Circuits()
	if err != nil {
		return nil, err
	}
	at := tech.Corner{Supply: float64(supply / node.Vdd), Saturation: circuits.Slow.Saturation, Signal: 1}
	n, _ := at.At(node, circuits)
	return &n, nil
}

// hot returns the high resistance at the temperature of the figure, given that at
// 300 K: magnetoresistance falls as that of the device model does. At the slow
// corner the fall is in its signal.
func (s *Silicon) hot(tables *tech.Tables, on, off units.Resistance) (units.Resistance, error) {
	if on == 0 || s.Specified {
		return off, nil
	}
	p, err := device.Preset(tables, "stt-ref")
	if err != nil {
		return 0, err
	}
	return on * units.Resistance(1+p.HotMagnetoresistance(float64(off/on)-1, s.Temperature)), nil
}

// sharedSource returns the gate width of the transistor of an STT cell of an
// area, drawn as production cells are: two gates to a shared source over two
// gate pitches, with two fin pitches of isolation beside the fins (E39). The cell
// of Intel's 22FFL, 216 by 225 nm, has six fins by it.
func sharedSource(n *tech.Node, cell units.Area) units.Length {
	const gates, isolation = 2, 2
	height := float64(cell) / (gates * float64(n.GatePitch))
	fins := max(1, height/float64(n.FinPitch)-isolation)
	return units.Length(gates * fins * float64(n.FinWidth))
}

// slow computes our figures of the chosen organisation at the slow corner.
func (s *Silicon) slow(tables *tech.Tables, node *tech.Node, cell *device.Cell) error {
	circuits, err := tables.Circuits()
	if err != nil {
		return err
	}
	n, k := circuits.Slow.At(node, circuits)
	solver, err := array.NewSolver(&n, array.Options{Temperature: s.Temperature, Circuits: k})
	if err != nil {
		return err
	}
	c := *cell
	if c.Technology == device.SRAM {
		share := float64(n.OnCurrent / node.OnCurrent)
		c.ReadCurrent *= units.Current(share)
		c.SenseCurrent *= units.Current(share)
	}
	spec := s.Spec
	spec.Rows = s.Ours.Organisation.Rows
	return solver.Solve(&c, &spec, &s.Slow)
}

// judge sets the bounds of a macro and explains what is outside: the density of
// SRAM within 20 %, of magnetic macros as the peers' areas; everything else within
// a band whose ends are a factor of two apart. Areas of dies are shown, not judged.
func (s *Silicon) judge() {
	for q := range NumQuantities {
		v := s.Values[q]
		s.Band[q] = [2]float64{math.NaN(), math.NaN()}
		if math.IsNaN(v) || s.Level == Die && q == QArea {
			continue
		}
		low, high := 1/math.Sqrt(siliconBand), math.Sqrt(siliconBand)
		switch {
		case q == QArea && s.Technology == device.SRAM:
			low, high = 1/(1+densityMargin), 1/(1-densityMargin)
		case q == QArea:
			low, high = areaLow, areaHigh
		}
		s.Band[q] = [2]float64{v * low, v * high}
		if o := values(&s.Ours)[q]; o < s.Band[q][0] || o > s.Band[q][1] {
			s.Deviation[q] = explain(Outside{Tool: siliconTool, Cell: s.Technology.String(), Node: s.Node, Quantity: q, High: o > s.Band[q][1], Ratio: o / v})
		}
	}
}
