package figures

import (
	"encoding/csv"
	"fmt"
	"io/fs"
	"math"
	"strconv"
	"strings"

	"stco/model/units"
	"stco/results/plot"
)

// stabilityReference is the diameter that thermal stability is drawn relative to.
const stabilityReference = 44e-9 // m

// deltaOverDiameter draws the thermal stability factor of a preset's film over
// the diameter without a field, relative to that at 44 nm, by each law of E5, and the published
// ratios of factors at two diameters, each from the curve of the plateau at its
// smaller one; a band where only the direction is published.
func deltaOverDiameter(o *Selection) (*plot.Figure, error) {
	b, err := newBench(o)
	if err != nil {
		return nil, err
	}
	delta := func(diameter, exponent, exchange float64) float64 {
		p := b.preset
		p.Diameter, p.ChannelWidth, p.NucleationDiameter = diameter, diameter, 0
		p.StabilityExponent, p.Exchange, p.Field = exponent, exchange, 0
		f, _ := b.evaluate(&p)
		return f.DeltaNominal
	}
	const coherent = 1 // J/m: no wall fits into any pillar
	laws := []struct {
		name               string
		exponent, exchange float64
	}{
		{"domain wall", 1, b.preset.Exchange},
		{"plateau", 0, b.preset.Exchange},
		{"coherent", 1, coherent},
	}
	var series []plot.Series
	for _, l := range laws {
		at := delta(stabilityReference, l.exponent, l.exchange)
		s := plot.Series{Name: l.name}
		for nm := 20.0; nm <= 100; nm++ {
			if d := delta(nm*1e-9, l.exponent, l.exchange); d > 0 {
				s.X, s.Y = append(s.X, nm), append(s.Y, d/at)
			}
		}
		series = append(series, s)
	}
	chipSide(series)
	published, err := stabilityRatios(o.Published)
	if err != nil {
		return nil, err
	}
	flat := laws[1]
	at := delta(stabilityReference, flat.exponent, flat.exchange)
	for _, r := range published {
		start := delta(r.from, flat.exponent, flat.exchange) / at
		series = append(series, plot.Series{Name: r.source, Points: true, X: []float64{r.from * 1e9, r.to * 1e9}, Y: []float64{start, start * r.ratio}})
	}
	return plot.Lines("", "diameter (nm)", "thermal stability over that at 44 nm", false, false, series)
}

// Diameters in nm between which the retention of chips grows substantially, of
// Thomas et al. (TDK), IEDM 2015: the abstract gives no figures.
const chipsFrom, chipsTo = 55, 100

// chipSide gives the curve of the wall, the first of the series, a band of what
// growing retention can mean: from the plateau, the second, to coherent reversal.
func chipSide(series []plot.Series) {
	wall, flat, coherent := &series[0], &series[1], &series[2]
	wall.BandName = "retention of chips grows (2015)"
	for i, nm := range wall.X {
		low, high := math.NaN(), math.NaN()
		if nm >= chipsFrom && nm <= chipsTo && i < len(flat.Y) && i < len(coherent.Y) {
			low, high = flat.Y[i], coherent.Y[i]
		}
		wall.Low, wall.High = append(wall.Low, low), append(wall.High, high)
	}
}

// stabilityRatio is a published ratio of thermal stability at two diameters, m.
type stabilityRatio struct {
	source   string
	from, to float64
	ratio    float64
}

// stabilityRatios reads the ratios of thermal stability over diameters among the
// published bitcells.
func stabilityRatios(published fs.FS) ([]stabilityRatio, error) {
	f, err := published.Open("testdata/published/bitcell.csv")
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	r := csv.NewReader(f)
	r.Comment = '#'
	rows, err := r.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("published bitcells: %w", err)
	}
	column := map[string]int{}
	for i, name := range rows[0] {
		column[name] = i
	}
	var out []stabilityRatio
	for _, row := range rows[1:] {
		if row[column["quantity"]] != "thermal stability" {
			continue
		}
		to, ok := diameterOf(row[column["set"]])
		from, below := diameterOf(row[column["over"]])
		if !ok || !below || from == to {
			continue
		}
		ratio, err := strconv.ParseFloat(row[column["published"]], 64)
		if err != nil {
			return nil, fmt.Errorf("published bitcells: %w", err)
		}
		out = append(out, stabilityRatio{source: row[column["device"]], from: from, to: to, ratio: ratio})
	}
	return out, nil
}

// diameterOf returns the diameter among assignments "name=value", m.
func diameterOf(assignments string) (float64, bool) {
	for a := range strings.FieldsSeq(assignments) {
		if text, ok := strings.CutPrefix(a, "diameter="); ok {
			d, err := units.Parse[units.Length](text)
			return float64(d), err == nil
		}
	}
	return 0, false
}
