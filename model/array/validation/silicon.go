package validation

import (
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"

	"stco/model/array"
	"stco/model/device"
	"stco/model/tech"
	"stco/model/units"
)

// Silicon is a published macro or die beside our figures for the same cell.
type Silicon struct {
	Name, Level  string // Level: macro, or die with pads, tags, network, vias
	Source, Note string
	Cell         device.Technology
	CapacityMb   float64
	Area         units.Area // published; 0: not
	Read         units.Time // published; 0: not
	Bound        float64    // on the density ratio less 1; 0: shown only
	Ours         array.Figures
}

// Overhead returns the published area over ours: what a die has beside its
// macros. NaN without a published area.
func (s *Silicon) Overhead() float64 {
	if s.Area == 0 {
		return math.NaN()
	}
	return float64(s.Area / s.Ours.Area.Total)
}

// CompareSilicon computes our figures for every row of the published macros,
// with the organisation search on its default target.
func CompareSilicon(tables *tech.Tables, r io.Reader) ([]Silicon, error) {
	circuits, err := tables.Circuits()
	if err != nil {
		return nil, err
	}
	c := csv.NewReader(r)
	c.Comment = '#'
	rows, err := c.ReadAll()
	if err != nil || len(rows) < 2 {
		return nil, fmt.Errorf("published arrays: no rows: %w", err)
	}
	var out []Silicon
	for n, row := range rows[1:] {
		var bad error
		text := func(column string) string {
			i := slices.Index(rows[0], column)
			if i < 0 {
				bad = fmt.Errorf("no column %q", column)
				return ""
			}
			return row[i]
		}
		number := func(column string) float64 {
			t := text(column)
			if t == "" {
				return 0
			}
			v, err := strconv.ParseFloat(t, 64)
			if err != nil {
				bad = fmt.Errorf("%s: %w", column, err)
			}
			return v
		}
		s := Silicon{
			Name: text("name"), Level: text("level"), Source: text("source"), Note: text("note"),
			CapacityMb: number("capacity_Mb"), Area: units.Area(number("area_mm2") * 1e-6),
			Read: units.Time(number("read_ns") * 1e-9), Bound: number("bound"),
		}
		u := array.UserCell{
			Area: units.Area(number("cell_um2") * 1e-12), On: units.Resistance(number("on_kOhm") * 1e3), Off: units.Resistance(number("off_kOhm") * 1e3),
			ReadVoltage: units.Voltage(number("read_V")), WriteCurrent: units.Current(number("write_uA") * 1e-6), WritePulse: units.Time(number("write_ns") * 1e-9),
		}
		flavour, err := tech.ParseFlavour(text("flavour"))
		if err != nil {
			return nil, fmt.Errorf("published arrays, row %d: %w", n+1, err)
		}
		node, err := tables.Node(text("node"), flavour)
		if err != nil {
			return nil, fmt.Errorf("published arrays, row %d: %w", n+1, err)
		}
		t := units.Temperature(number("temp_K"))
		switch text("technology") {
		case "sram":
			// The node's cell with the stated area, two gate pitches high.
			u.AccessWidth, u.Aspect = node.Dense.Pass, float64(u.Area)/float64(node.Dense.Height*node.Dense.Height)
		case "stt":
			u.Technology, u.AccessWidth, u.Aspect = device.STT, 2*node.FinWidth, 1
		case "sot":
			u.Technology, u.AccessWidth, u.Aspect = device.SOT, 2*node.FinWidth, 2
		default:
			bad = fmt.Errorf("technology %q is not sram, stt or sot", text("technology"))
		}
		spec := array.DefaultSpec()
		spec.Capacity = units.Bytes(s.CapacityMb * (1 << 20) / 8)
		spec.Banks, spec.WordBits = int(number("banks")), int(number("word_bits"))
		if bad != nil {
			return nil, fmt.Errorf("published arrays, row %d: %w", n+1, bad)
		}
		s.Cell = u.Technology
		cell, err := u.Cell(node, t)
		if err != nil {
			return nil, fmt.Errorf("published arrays, row %d: %w", n+1, err)
		}
		solver, err := array.NewSolver(node, array.Options{Temperature: t, Circuits: *circuits})
		if err != nil {
			return nil, err
		}
		if err := solver.Solve(&cell, &spec, &s.Ours); err != nil {
			return nil, fmt.Errorf("published arrays, row %d: %w", n+1, err)
		}
		out = append(out, s)
	}
	return out, nil
}
