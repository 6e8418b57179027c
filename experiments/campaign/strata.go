package campaign

import (
	"bytes"
	"encoding/binary"
	"math"
	"slices"

	"stco/experiments/designs"
	"stco/experiments/study"
	"stco/explore"
	"stco/model"
	"stco/objectives"
	"stco/results"
	"stco/results/store"
	"stco/space"
)

// parts are the strata of the study as the search takes them, with the designs
// they begin with.
func (c *Campaign) parts() []explore.Stratum {
	out := make([]explore.Stratum, len(c.strata))
	for i := range c.strata {
		q := &c.strata[i]
		out[i] = explore.Stratum{Name: q.Name, Problem: study.Searched(q.Problem), Enumerate: q.Enumerate, Share: 1 / float64(c.siblings(i))}
		if !q.Enumerate {
			out[i].Start = starts(q, c.known(i))
		}
	}
	return out
}

// siblings is the number of strata that share what a technology has of the
// evaluations.
func (c *Campaign) siblings(of int) (n int) {
	for i := range c.strata {
		if related(&c.strata[of], &c.strata[i]) {
			n++
		}
	}
	return n
}

// related tells that two strata differ in the code at most.
func related(p, q *study.Stratum) bool {
	a, b := p.Problem.Decoder.Base(), q.Problem.Decoder.Base()
	return a.Technology == b.Technology && a.Hybrid == b.Hybrid && a.Selector == b.Selector
}

// starts are the points a stratum begins with: the cell of the default design,
// which is known to be feasible as SOT, in buffers from small to large. (A grid of
// banks and words besides gained nothing; without any the hypervolume after
// 30,000 evaluations was 0.9 % less.)
// What the study says to begin with comes before.
func starts(q *study.Stratum, known [][]float64) [][]float64 {
	d := q.Problem.Decoder
	base := model.DefaultDesign()
	x := make([]float64, d.Space.Dim())
	d.Encode(&base, x)
	out := append(known, x)
	if at, err := d.Space.Index("capacity"); err == nil {
		for _, u := range []float64{0, 0.25, 0.5, 0.75, 1} {
			p := slices.Clone(x)
			p[at] = decoded(d.Space, at, u)
			out = append(out, p)
		}
	}
	return unique(out)
}

// known are the points of a stratum nearest to the designs that the study begins
// with, of its technology, and of its selector and code where a stratum has these.
func (c *Campaign) known(stratum int) [][]float64 {
	base := func(i int) model.Design { return c.strata[i].Problem.Decoder.Base() }
	own := base(stratum)
	var out [][]float64
	for i := range c.Study.Starts {
		d := &c.Study.Starts[i].Design
		if d.Technology != own.Technology || d.Hybrid != own.Hybrid {
			continue
		}
		// Where no stratum has its selector or code, all take the nearest point.
		selector, code := false, false
		for k := range c.strata {
			if other := base(k); other.Technology == d.Technology && other.Hybrid == d.Hybrid {
				selector = selector || other.Selector == d.Selector
				code = code || other.ECC == d.ECC
			}
		}
		if selector && d.Selector != own.Selector || code && c.siblings(stratum) > 1 && d.ECC != own.ECC {
			continue
		}
		x := make([]float64, c.strata[stratum].Problem.Decoder.Space.Dim())
		c.strata[stratum].Problem.Decoder.Encode(d, x)
		out = append(out, x)
	}
	return out
}

// decoded is the value of a parameter at a coordinate from 0 to 1.
func decoded(sp *space.Space, at int, u float64) float64 {
	all := slices.Repeat([]float64{u}, sp.Dim())
	x := make([]float64, sp.Dim())
	sp.Decode(all, x)
	return x[at]
}

// unique drops points that are there before.
func unique(points [][]float64) [][]float64 {
	seen := map[string]bool{}
	return slices.DeleteFunc(points, func(x []float64) bool {
		var b bytes.Buffer
		for _, v := range x {
			b.Write(binary.LittleEndian.AppendUint64(nil, math.Float64bits(v)))
		}
		known := seen[b.String()]
		seen[b.String()] = true
		return known
	})
}

// member tells whether a design is one of the stratum.
func member(c *model.Catalog, q *study.Stratum, d *model.Design) bool {
	dec := q.Problem.Decoder
	x := make([]float64, dec.Space.Dim())
	dec.Encode(d, x)
	var again model.Design
	dec.Decode(x, &again)
	return c.Identity(&again) == c.Identity(d)
}

// competitors are the enumerated SRAM buffers that belong to the study, where it
// names SRAM and no search came to enumerate it, in the columns of its designs.
func (c *Campaign) competitors(archives []*results.Table, sram *results.Table) (*results.Table, error) {
	at := slices.IndexFunc(c.strata, func(q study.Stratum) bool { return q.Enumerate && q.Name == "sram" })
	out := &results.Table{Name: store.ArchiveTable, Columns: c.columns()}
	out = designs.Ordered(out)
	if at < 0 || slices.ContainsFunc(archives, func(t *results.Table) bool { return hasSRAM(t) }) {
		return out, nil
	}
	e, err := c.Model.NewEvaluator()
	if err != nil {
		return nil, err
	}
	var r model.Report
	for row := range sram.Rows {
		d, err := designs.FromRow(c.Model.Catalog, sram, row)
		if err != nil {
			return nil, err
		}
		if !member(c.Model.Catalog, &c.strata[at], &d) {
			continue
		}
		if err := e.Evaluate(&d, &r); err != nil {
			return nil, err
		}
		out.Add("", c.baselineRow(&r, out)...)
		for _, col := range designs.OverColumns(c.Problem.Objectives) {
			to, err := out.Index(col.Header())
			if err != nil {
				return nil, err
			}
			out.Rows[len(out.Rows)-1][to] = valueOf(sram, row, col.Header())
		}
	}
	return out, nil
}

// valueOf is a cell of a column that may be missing.
func valueOf(t *results.Table, row int, column string) float64 {
	at, err := t.Index(column)
	if err != nil {
		return math.NaN()
	}
	return t.Rows[row][at]
}

func hasSRAM(t *results.Table) bool {
	at, err := t.Index("technology")
	if err != nil {
		return false
	}
	for row := range t.Rows {
		if t.Text(row, at) == "sram" {
			return true
		}
	}
	return false
}

// size is the number of designs of all strata; 0 if it is not finite or beyond
// 2^63.
func size(strata []study.Stratum) int64 {
	total := int64(0)
	for i := range strata {
		n, ok := strata[i].Problem.Decoder.Space.Size()
		if !ok || total > math.MaxInt64-n {
			return 0
		}
		total += n
	}
	return total
}

// warmed is the largest capacity that a stratum can reach.
func warmed(d *objectives.Decoder) float64 {
	at, err := d.Space.Index("capacity")
	if err != nil {
		return 0 // fixed: one table a workload, built when needed
	}
	return d.Space.Parameter(at).Max
}
