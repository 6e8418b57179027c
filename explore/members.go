package explore

// Members returns the objectives of the archive after the generation, a row for
// each member in ascending order; when there are more than limit, of one member
// per epsilon box, as the archive itself is thinned. Of strata each has its share
// of the limit. It is valid within the observer only.
func (p *Progress) Members(limit int) [][]float64 {
	var out [][]float64
	for _, a := range p.archives {
		slots := a.Slots()
		if most := max(limit/len(p.archives), 1); len(slots) > most {
			slots = a.Thinned(slots, most)
		}
		for _, s := range slots {
			out = append(out, append([]float64(nil), a.Values(s)...))
		}
	}
	return out
}
