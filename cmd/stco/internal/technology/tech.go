package technology

import (
	"math"
	"strconv"
	"strings"

	"stco/experiments/study/strict"
	"stco/model/tech"
	"stco/results"
)

// TechList lists technology tables and their entries.
func TechList(tables *tech.Tables) *results.Table {
	s := results.NewList("tables", "table:text", "entry:text", "values")
	for _, t := range tables.All() {
		for _, e := range t.Entries {
			s.Append(t.Name, e.Name, len(e.Values))
		}
	}
	return s
}

// TechShow lists every value of a table, or of the entries of that name, with
// its unit, range, kind and source. Of a user's entry the kind is user, and what
// the user says of it begins the note.
func TechShow(tables *tech.Tables, name string) (*results.Table, error) {
	s := results.NewList("values", "table:text", "entry:text", "quantity:text", "value:mixed", "word:text", "unit:text", "low:mixed", "high:mixed", "kind:text", "source:text", "note:text")
	entries, err := tables.Find(name)
	if t, terr := tables.Table(name); terr == nil {
		entries, err = t.Entries, nil
	}
	if err != nil {
		return nil, strict.BadInput("tech "+name, err)
	}
	words, ranges := false, false
	for _, e := range entries {
		for _, v := range e.Values {
			source := v.Source
			if c, err := tables.Source(v.Source); err == nil {
				source = c.Citation
			}
			var value any
			word := v.Text
			if number, err := strconv.ParseFloat(v.Text, 64); err == nil {
				value, word = number, ""
			}
			kind, note := v.Kind.String(), v.Note
			if e.User {
				if v.Kind != tech.User {
					note = strings.TrimSuffix(kind+"; "+note, "; ")
				}
				kind = tech.User.String()
			}
			words, ranges = words || word != "", ranges || !math.IsNaN(v.Low)
			low, high := v.Range()
			s.Append(e.Table, e.Name, v.Quantity, value, word, v.Unit, low, high, kind, source, note)
		}
	}
	if !words {
		s.Drop("word")
	}
	if !ranges {
		s.Drop("low")
		s.Drop("high")
	}
	return s, nil
}
