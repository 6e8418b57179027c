package model

import (
	"math"

	"stco/model/device"
)

// ReadsFrom says where the number of reads between two writes is from by which read
// disturb is judged.
type ReadsFrom uint8

// The origins.
const (
	ReadsAssumed ReadsFrom = iota // by the device preset: the cells hold no data of a trace
	ReadsCounted                  // from the traces of the workloads
	ReadsGiven                    // by the study
)

// Disturbing returns the number of reads of a byte between two writes by which the
// magnetic cells of a report are judged, and where it is from. Cells of the user's
// table are not judged: of them nothing is known.
func (m *Model) Disturbing(r *Report) (float64, ReadsFrom) {
	switch parts := r.Design.parts(); {
	case m.readsGiven:
		return m.preset.Reads, ReadsGiven
	case math.IsNaN(r.Reads), parts.idle(): // no organisation, or a scratchpad that holds all
		return m.preset.Reads, ReadsAssumed
	}
	return r.Reads, ReadsCounted
}

// disturb judges read disturb by the reads that the traces count.
func (e *Evaluator) disturb(r *Report) {
	if r.Given {
		return
	}
	if reads, from := e.m.Disturbing(r); from == ReadsCounted {
		r.Device.Disturb(reads, e.at[protection{r.Design.ECC, r.Design.codeword()}].BitError)
		copy(r.Violations[:device.NumViolations], r.Device.Violations[:])
	}
}
