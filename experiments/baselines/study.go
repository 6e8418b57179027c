package baselines

import (
	"stco/experiments/study"
	"stco/experiments/study/catalog"
	"stco/model/device"
	"stco/objectives"
)

// StudyOf is the study of one design: nothing is free. Its baselines are the
// default ones and the best STT buffer of its capacity.
func StudyOf(f *study.Design) *study.Study {
	s := &study.Study{Setup: f.Setup, Baselines: append(study.DefaultBaselines(), study.Baseline{Technology: device.STT, SameCapacity: true})}
	knobs := catalog.Of(&f.Setup).Knobs()
	for i := range knobs {
		s.Space = append(s.Space, objectives.Fixed(&knobs[i], knobs[i].Get(&f.Design)))
	}
	return s
}
