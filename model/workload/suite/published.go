package suite

import (
	_ "embed" // the counts are data
	"encoding/csv"
	"fmt"
	"math"
	"strconv"
	"strings"

	"stco/model/workload/graph"
)

//go:embed published.csv
var publishedText string

// Published is a count that a source prints of a built-in network.
type Published struct {
	Network  string
	Quantity string  // "parameters" or "macs", of one forward pass of one item
	Value    string  // as printed; "" where no total is published
	Scale    float64 // what one unit of it is worth, parameters or multiply-accumulates
	// Convention names what is counted; Source where; Deviation why ours differs, ""
	// where it does not.
	Convention, Source, Deviation string
}

// PublishedCounts returns the published counts of the built-in networks.
func PublishedCounts() ([]Published, error) {
	rows, err := csv.NewReader(strings.NewReader(publishedText)).ReadAll()
	if err != nil {
		return nil, err
	}
	var all []Published
	for _, r := range rows[1:] {
		scale, err := strconv.ParseFloat(r[3], 64)
		if err != nil {
			return nil, fmt.Errorf("published.csv: %s %s: %w", r[0], r[1], err)
		}
		all = append(all, Published{r[0], r[1], r[2], scale, r[4], r[5], r[6]})
	}
	return all, nil
}

// Of returns the count of a network that the row is of.
func (p *Published) Of(n *graph.Network) int64 {
	params, macs := n.Totals()
	if p.Quantity == "parameters" {
		return params
	}
	return macs
}

// Agrees reports whether a count rounds to the printed value, and whether it is
// the same to the last unit.
func (p *Published) Agrees(ours int64) (rounds, exact bool) {
	v, err := strconv.ParseFloat(p.Value, 64)
	if err != nil {
		return false, false
	}
	digits, exponent, _ := strings.Cut(p.Value, "e")
	unit := 1.0
	if _, fraction, ok := strings.Cut(digits, "."); ok {
		unit = math.Pow(10, -float64(len(fraction)))
	}
	if e, err := strconv.Atoi(exponent); err == nil {
		unit *= math.Pow(10, float64(e))
	}
	gap := math.Abs(float64(ours)/p.Scale - v)
	return gap <= unit/2*(1+1e-9), p.Scale == 1 && gap == 0
}
