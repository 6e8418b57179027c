package evaluate

import (
	"errors"
	"fmt"
	"math"

	"stco/experiments/study/strict"
	"stco/model"
	"stco/model/population"
	"stco/results"
)

// Population is a Monte Carlo of a design's cells as tables.
type Population struct {
	Distributions *results.Table // of what differs from cell to cell
	Rates         *results.Table // error rates of one use of a bit, by cause
	Guards        *results.Table // devices beyond the process guard-band
	Yields        *results.Table // of an array of the design's capacity
}

// quantity says how a quantity is printed.
type quantity struct {
	name, unit, meaning string
	si                  float64 // one unit
}

func quantities() [population.Quantities]quantity {
	return [population.Quantities]quantity{
		population.DeltaNominal: {"delta_nominal", "", "thermal stability factor at the nominal temperature", 1},
		population.DeltaHot:     {"delta_hot", "", "thermal stability factor hot", 1},
		population.WriteCurrent: {"write_current", "uA", "current that the cell needs for the write share of the error budget, cold", 1e-6},
		population.HalfCurrent:  {"half_current", "uA", "current at which half of the writes fail, cold", 1e-6},
		population.ReadSignal:   {"read_signal", "uA", "half the difference of the read currents, hot", 1e-6},
		population.ReadMargin:   {"read_margin", "uA", "distance of the nearer read current to the reference, hot; negative: misread", 1e-6},
		population.Retention:    {"retention", "s", "time the cell keeps data at the retention share of the error budget, hot", 1},
		population.WriteError:   {"write_error", "", "error rate of a write with the current of the design", 1},
		population.HoldError:    {"hold_error", "", "error rate of holding data over their lifetime, hot", 1},
		population.BitError:     {"bit_error", "", "error rate of one use, all causes", 1},
	}
}

// MonteCarlo samples the cells of an evaluated design.
func MonteCarlo(e *Evaluation, samples int, seed uint64) (*Population, error) {
	if samples < population.Least || samples > population.Most {
		return nil, strict.BadInput("monte-carlo", fmt.Errorf("%d samples are outside %d to %d", samples, population.Least, population.Most))
	}
	reads, _ := e.Model.Disturbing(&e.Report)
	r, life, err := e.Model.Population(&e.Report, samples, seed)
	if errors.Is(err, model.ErrNoMagnet) {
		return nil, strict.BadInput("monte-carlo", err)
	}
	if err != nil {
		return nil, err
	}
	return &Population{
		Distributions: distributionTable(r), Rates: rateTable(r, float64(life), reads), Guards: guardTable(r), Yields: yieldTable(e, r),
	}, nil
}

// distributionTable has a column for every quantity and a row for every
// statistic.
func distributionTable(r *population.Result) *results.Table {
	t := &results.Table{Name: "distributions", Columns: []results.Column{results.LabelColumn("statistic")}}
	for _, q := range quantities() {
		t.Columns = append(t.Columns, results.MetricColumn(q.name, q.unit, q.meaning))
	}
	row := func(name string, of func(*population.Distribution) float64) {
		cells := []float64{t.Choice(0, name)}
		for i, q := range quantities() {
			cells = append(cells, of(&r.Distributions[i])/q.si)
		}
		t.Add("", cells...)
	}
	row("nominal", func(d *population.Distribution) float64 { return d.Nominal })
	row("mean", func(d *population.Distribution) float64 { return d.Mean })
	row("sigma", func(d *population.Distribution) float64 { return d.Sigma })
	row("min", func(d *population.Distribution) float64 { return d.Least })
	for k, p := range population.Probabilities() {
		row(fmt.Sprintf("q%g%%", 100*p), func(d *population.Distribution) float64 { return d.Quantiles[k] })
	}
	row("max", func(d *population.Distribution) float64 { return d.Most })
	return t
}

func rateTable(r *population.Result, life, reads float64) *results.Table {
	t := &results.Table{Name: "errors", Columns: []results.Column{
		results.LabelColumn("cause"),
		results.MetricColumn("expected", "", "error rate of one use of a bit, integrated over the distributions"),
		results.MetricColumn("sampled", "", "mean over the sample"),
		results.MetricColumn("standard_error", "", "of the sampled mean"),
	}}
	for _, x := range []struct {
		name string
		rate *population.Rate
	}{
		{"write", &r.Write}, {fmt.Sprintf("hold for %.3g s", life), &r.Hold}, {"read", &r.Read}, {fmt.Sprintf("read disturb of %.3g reads", reads), &r.Disturb}, {"all", &r.Bit},
	} {
		t.Add("", t.Choice(0, x.name), x.rate.Expected, x.rate.Sampled, x.rate.Error)
	}
	return t
}

func guardTable(r *population.Result) *results.Table {
	t := &results.Table{Name: "guard_band", Columns: []results.Column{
		results.LabelColumn("devices"), results.MetricColumn("limit", "", "in the unit of the name"),
		results.MetricColumn("expected", "", "share beyond the limit of a normal distribution"), results.MetricColumn("sampled", "", "share of the sample"),
		results.MetricColumn("low", "", "of the 95 % interval of the share"), results.MetricColumn("high", "", ""),
	}}
	for _, x := range []struct {
		name  string
		guard *population.Guard
		si    float64
	}{{"need more than the write current (uA)", &r.Current, 1e-6}, {"below the guard-banded stability, hot", &r.Stability, 1}} {
		t.Add("", t.Choice(0, x.name), x.guard.Limit/x.si, x.guard.Expected, x.guard.Sampled, x.guard.Low, x.guard.High)
	}
	return t
}

// yieldTable lists the yield for the integrated and for the sampled error rate.
func yieldTable(e *Evaluation, r *population.Result) *results.Table {
	t := &results.Table{Name: "yield", Columns: []results.Column{
		results.LabelColumn("code"), results.LabelColumn("design"), results.LabelColumn("bit_error_from"),
		results.MetricColumn("bit_error", "", "of one use of a bit"),
		results.MetricColumn("word_error", "", "chance that a codeword of the design is not correctable"),
		results.MetricColumn("yield", "", "chance that every codeword of the array is"),
		results.MetricColumn("loss", "", "1 less the yield"),
	}}
	for _, x := range []struct {
		from string
		rate float64
	}{{"expected", r.Bit.Expected}, {"sampled", r.Bit.Sampled}} {
		for _, y := range e.Report.Yields(math.Min(x.rate, 1)) {
			mark := ""
			if y.Code == e.Report.Design.ECC {
				mark = "*"
			}
			t.Add("", t.Choice(0, y.Code.String()), t.Choice(1, mark), t.Choice(2, x.from), x.rate, y.WordError, y.Yield, y.Loss)
		}
	}
	return t
}
