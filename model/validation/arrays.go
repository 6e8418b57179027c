package validation

import (
	"bytes"
	"fmt"
	"io/fs"
	"math"
	"strings"

	"stco/model/validation/arrays"
)

// quantityUnit is the unit of a compared figure of an array, and how many of it
// an SI unit has.
func quantityUnit(q arrays.Metric) (unit string, scale float64) {
	switch q {
	case arrays.QArea:
		return "mm2", 1e6
	case arrays.QReadLatency, arrays.QWriteLatency:
		return "s", 1
	case arrays.QReadEnergy, arrays.QWriteEnergy:
		return "J", 1
	default:
		return "W", 1
	}
}

// arrayNumber returns the number of a deviation of the arrays, "" for none.
func arrayNumber(n int) string {
	switch {
	case n == 0:
		return ""
	case n < 0:
		return Unexplained
	}
	return fmt.Sprintf("A%d", n)
}

// figures makes the checks of the figures of one array.
func figures(proto Check, c *arrays.Compared) []Check {
	var out []Check
	for q := range arrays.NumQuantities {
		if math.IsNaN(c.Values[q]) {
			continue
		}
		k := proto
		var scale float64
		k.Quantity = q.String()
		k.Unit, scale = quantityUnit(q)
		k.Ours, k.Theirs = c.Figure(q)*scale, c.Values[q]*scale
		k.Low, k.High = c.Band[q][0]*scale, c.Band[q][1]*scale
		k.Deviation = arrayNumber(c.Deviation[q])
		k.Median = q == arrays.QArea && k.Group == "array"
		out = append(out, k)
	}
	return out
}

func (r *Report) arrays(in *Input) error {
	text, err := in.Peers, error(nil)
	if text == nil {
		if text, err = fs.ReadFile(in.Files, peersFile); err != nil {
			return err
		}
	}
	c, err := arrays.Validate(in.Tables, bytes.NewReader(text))
	if err != nil {
		return err
	}
	r.Arrays = c
	for i := range c.Rows {
		p := &c.Rows[i]
		target, _, _ := strings.Cut(p.Target, " (")
		r.add(figures(Check{
			Group: "array", Source: p.Tool, Row: fmt.Sprintf("array_peers.csv:%d", i+1),
			Case: fmt.Sprintf("%s %s %s %g K, %g MiB, %d bank, %d bit, %s", p.Cell, p.Node, p.Flavour, float64(p.Temperature), p.CapacityMiB, p.Banks, p.WordBits, target),
			Note: p.Ours.Organisation.String(),
		}, &p.Compared)...)
		if cycle, ok := p.Cycle(); ok {
			last := r.Checks[len(r.Checks)-1]
			last.Quantity, last.Unit, last.Deviation, last.Median = "read cycle", "s", "", false
			last.Ours, last.Theirs, last.Low, last.High = float64(p.Ours.ReadCycle), float64(cycle), math.NaN(), math.NaN()
			r.add(last)
		}
	}
	return nil
}

func (r *Report) silicon(in *Input) error {
	f, err := in.Files.Open(siliconFile)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	if r.Silicon, err = arrays.CompareSilicon(in.Tables, f); err != nil {
		return err
	}
	for i := range r.Silicon {
		s := &r.Silicon[i]
		note := s.Source + "; " + s.Note
		if s.Level == arrays.Die && !math.IsNaN(s.Overhead()) {
			note += fmt.Sprintf("; %.2f of our macros beside them", s.Overhead()-1)
		}
		condition := fmt.Sprintf("%g K", float64(s.Temperature))
		if s.Supply > 0 {
			condition += fmt.Sprintf(", %g V", float64(s.Supply))
		}
		if s.Specified {
			condition += ", slow corner"
		}
		checks := figures(Check{
			Group: "silicon", Source: s.Name, Row: fmt.Sprintf("array_silicon.csv:%d", i+1),
			Case: fmt.Sprintf("%s %s %s %s %s, %g Mib, %d bank, %d bit, %s", s.Level, s.Technology, s.Node, s.Flavour, condition,
				float64(s.Spec.Capacity)*8/(1<<20), s.Spec.Banks, s.Spec.WordBits, s.Spec.Target),
			Note: note, Calibration: s.Calibration,
		}, &s.Compared)
		for j := range checks {
			switch c := &checks[j]; c.Quantity {
			case arrays.QReadLatency.String():
				c.Note = fmt.Sprintf("ours at the slow corner %.3g ns; %s", float64(s.Slow.Read.Total)*1e9, note)
			case arrays.QWriteLatency.String():
				c.Note = fmt.Sprintf("ours at the slow corner %.3g ns; %s", float64(s.Slow.Write.Total)*1e9, note)
			}
		}
		r.add(checks...)
	}
	return nil
}

func (r *Report) exports(in *Input) error {
	f, err := in.Files.Open(exportsFile)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	rows, err := arrays.CompareExports(in.Tables, f)
	if err != nil {
		return err
	}
	for i := range rows {
		x := &rows[i]
		r.add(figures(Check{
			Group: "export", Source: x.Tool, Row: fmt.Sprintf("array_exports.csv:%d", i+1),
			Case: fmt.Sprintf("%s: %s %s %s %g K, %g KiB, %d bit, %s", x.Design, x.Cell, x.Node, x.Flavour, float64(x.Temperature), x.CapacityMiB*1024, x.WordBits, x.Target),
			Note: "ours " + x.Ours.Organisation.String() + "; theirs " + x.Organisation,
		}, &x.Compared)...)
	}
	return nil
}
