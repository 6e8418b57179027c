package explore

// Members returns the objectives of the archive after the generation, a row for
// each member in ascending order; when there are more than limit, of one member
// per epsilon box, as the archive itself is thinned. It is valid within the
// observer only.
func (p *Progress) Members(limit int) [][]float64 {
	if p.archive == nil {
		return nil
	}
	slots := p.archive.Slots()
	if len(slots) > limit {
		slots = p.archive.Thinned(slots, limit)
	}
	out := make([][]float64, len(slots))
	for i, s := range slots {
		out[i] = append([]float64(nil), p.archive.Values(s)...)
	}
	return out
}
