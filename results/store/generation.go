package store

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"math"

	"stco/results"
)

// Generation is one line of a shard's generations.jsonl.
type Generation struct {
	Number      int   // counts from 1
	Evaluations int64 // designs evaluated so far
	Duplicates  int64 // proposals that were known already
	Infeasible  int64 // evaluated designs that violate a constraint
	Front       int   // non-dominated feasible designs in the archive
	Hypervolume float64
	// Violation is the least sum of scaled constraint violations so far: 0 once
	// a feasible design is known.
	Violation float64
	Best      []float64 // best feasible value of each objective; NaN before one
	// Members are the objectives of designs of the archive, on some lines only:
	// what a comparison of runs measures over the evaluations.
	Members [][]float64
}

// InfeasibleShare is the part of the evaluated designs that violate a constraint;
// 0 before the first.
func (g *Generation) InfeasibleShare() float64 { return share(g.Infeasible, g.Evaluations) }

// DuplicateShare is the part of the proposed designs that were known already.
func (g *Generation) DuplicateShare() float64 { return share(g.Duplicates, g.Evaluations+g.Duplicates) }

func share(part, of int64) float64 {
	if of == 0 {
		return 0
	}
	return float64(part) / float64(of)
}

// appendLine writes the generation as one line of JSON with every digit, over b.
func (g *Generation) appendLine(b []byte) []byte {
	b = fmt.Appendf(b[:0], `{"generation":%d,"evaluations":%d,"duplicates":%d,"infeasible":%d,"front":%d,"hypervolume":`,
		g.Number, g.Evaluations, g.Duplicates, g.Infeasible, g.Front)
	b = results.AppendNumber(b, g.Hypervolume)
	b = results.AppendNumber(append(b, `,"violation":`...), g.Violation)
	b = appendNumbers(append(b, `,"best":`...), g.Best)
	if len(g.Members) > 0 {
		b = append(b, `,"members":[`...)
		for i, m := range g.Members {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendNumbers(b, m)
		}
		b = append(b, ']')
	}
	return sealLine(b)
}

// A line of the log ends with the CRC-32C of what stands before, so that a
// changed figure is seen although the line still reads as JSON.
const (
	crcStart = `,"crc32c":"`
	crcEnd   = `"}`
	crcTail  = len(crcStart) + 8 + len(crcEnd)
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// sealLine ends a line that begins at the first byte of b.
func sealLine(b []byte) []byte {
	return fmt.Appendf(b, "%s%08x%s\n", crcStart, crc32.Checksum(b, castagnoli), crcEnd)
}

// unsealLine checks the end of a line, given without its newline.
func unsealLine(line []byte) error {
	n := len(line) - crcTail
	if n < 0 || !bytes.HasPrefix(line[n:], []byte(crcStart)) {
		return errors.New("no checksum at its end")
	}
	if want := fmt.Sprintf("%s%08x%s", crcStart, crc32.Checksum(line[:n], castagnoli), crcEnd); string(line[n:]) != want {
		return errors.New("content does not match its checksum")
	}
	return nil
}

func appendNumbers(b []byte, values []float64) []byte {
	b = append(b, '[')
	for i, v := range values {
		if i > 0 {
			b = append(b, ',')
		}
		b = results.AppendNumber(b, v)
	}
	return append(b, ']')
}

func readNumbers(raw []json.RawMessage) ([]float64, error) {
	var out []float64
	for _, b := range raw {
		v, err := results.ReadNumber(b)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

func parseGeneration(line []byte) (Generation, error) {
	if err := unsealLine(line); err != nil {
		return Generation{}, err
	}
	return decodeGeneration(line)
}

func decodeGeneration(line []byte) (Generation, error) {
	var raw struct {
		Number      *int                `json:"generation"`
		Evaluations int64               `json:"evaluations"`
		Duplicates  int64               `json:"duplicates"`
		Infeasible  int64               `json:"infeasible"`
		Front       int                 `json:"front"`
		Hypervolume json.RawMessage     `json:"hypervolume"`
		Violation   json.RawMessage     `json:"violation"`
		Best        []json.RawMessage   `json:"best"`
		Members     [][]json.RawMessage `json:"members"`
	}
	if err := json.Unmarshal(line, &raw); err != nil {
		return Generation{}, err
	}
	if raw.Number == nil {
		return Generation{}, fmt.Errorf("no generation number")
	}
	g := Generation{Number: *raw.Number, Evaluations: raw.Evaluations, Duplicates: raw.Duplicates, Infeasible: raw.Infeasible, Front: raw.Front}
	var err error
	if g.Hypervolume, err = results.ReadNumber(raw.Hypervolume); err != nil {
		return Generation{}, fmt.Errorf("hypervolume: %w", err)
	}
	if g.Violation, err = results.ReadNumber(raw.Violation); err != nil {
		return Generation{}, fmt.Errorf("violation: %w", err)
	}
	if g.Best, err = readNumbers(raw.Best); err != nil {
		return Generation{}, fmt.Errorf("best: %w", err)
	}
	for _, m := range raw.Members {
		values, err := readNumbers(m)
		if err != nil {
			return Generation{}, fmt.Errorf("members: %w", err)
		}
		g.Members = append(g.Members, values)
	}
	return g, nil
}

// parseLog reads the lines of a generation log up to the first that is not
// whole or does not follow the one before, and says what is wrong with it and
// where; "" if nothing is.
func parseLog(data []byte) (gens []Generation, defect string) {
	for n, at := 1, 0; at < len(data); n++ {
		line, _, whole := bytes.Cut(data[at:], []byte{'\n'})
		if !whole {
			return gens, fmt.Sprintf("line %d, from byte %d, is torn (%d bytes)", n, at, len(line))
		}
		g, err := parseGeneration(line)
		if last := len(gens) - 1; err == nil && last >= 0 && g.Number != gens[last].Number+1 {
			err = fmt.Errorf("generation %d after %d", g.Number, gens[last].Number)
		}
		if err != nil {
			return gens, fmt.Sprintf("line %d, from byte %d, is damaged: %v", n, at, err)
		}
		gens = append(gens, g)
		at += len(line) + 1
	}
	return gens, ""
}

// GenerationTable makes a table of generations, with a column per objective of
// the given front.
func GenerationTable(name string, gens []Generation, objectives []results.Column) *results.Table {
	t := &results.Table{Name: name, Columns: []results.Column{
		{Name: "generation", Kind: results.Parameter, Meaning: "generation, from 1"},
		{Name: "evaluations", Kind: results.Parameter, Meaning: "designs evaluated so far"},
		{Name: "duplicates", Kind: results.Metric, Meaning: "proposals that were known already"},
		{Name: "infeasible", Kind: results.Metric, Meaning: "evaluated designs that violate a constraint"},
		{Name: "front_size", Kind: results.Metric, Meaning: "non-dominated feasible designs in the archive"},
		{Name: "hypervolume", Kind: results.Metric, Goal: results.Max, Meaning: "hypervolume of the archive"},
		{Name: "violation", Kind: results.Metric, Goal: results.Min, Meaning: "least sum of scaled constraint violations so far"},
		{Name: "infeasible_share", Unit: "%", Kind: results.Metric, Meaning: "of the evaluated designs"},
		{Name: "duplicate_share", Unit: "%", Kind: results.Metric, Meaning: "of the proposed designs"},
	}}
	for _, o := range objectives {
		t.Columns = append(t.Columns, results.Column{Name: "best_" + o.Title(), Unit: o.Unit, Kind: results.Metric, Goal: o.Goal, Meaning: "best feasible " + o.Title() + " so far"})
	}
	for _, g := range gens {
		row := []float64{float64(g.Number), float64(g.Evaluations), float64(g.Duplicates), float64(g.Infeasible), float64(g.Front), g.Hypervolume, g.Violation, 100 * g.InfeasibleShare(), 100 * g.DuplicateShare()}
		for i := range objectives {
			v := math.NaN()
			if i < len(g.Best) {
				v = g.Best[i]
			}
			row = append(row, v)
		}
		t.Add("", row...)
	}
	return t
}
