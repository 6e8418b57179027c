package model

import (
	"maps"
	"reflect"

	"stco/model/device"
)

// Vary returns the model of another setup. The plans of the workloads, which take
// most of the time of New, are shared where nothing that they depend on differs;
// where nothing differs but parameters of the bitcell, so is all else.
func (m *Model) Vary(s Setup) (*Model, error) {
	cell := func(s Setup) Setup {
		s.Device = device.Overrides{}
		return s
	}
	plans := func(s Setup) Setup {
		s.Cold, s.Nominal, s.Hot, s.Operating, s.ErrorBudget, s.ProcessSigma = 0, 0, 0, 0, 0, 0
		s.BankConflicts, s.BankQueue, s.BankWrites, s.LogicLeakage, s.AreaSlack = 0, 0, 0, 0, 0
		s.Duty, s.HoldLeakage, s.GatedLeakage, s.WakeTime = 0, 0, 0, 0
		s.Residence, s.ProductLife, s.WearLeveling, s.DRAM = 0, 0, 0, DRAM{}
		return cell(s)
	}
	if !reflect.DeepEqual(plans(m.Setup), plans(s)) || !(s.Cold <= s.Nominal && s.Nominal <= s.Hot) || s.Operating > s.Hot {
		return New(m.Catalog, s)
	}
	v := *m
	v.Setup, v.sot, v.readsGiven = s, maps.Clone(m.sot), s.Device.Gives("reads")
	if !reflect.DeepEqual(cell(m.Setup), cell(s)) {
		return &v, v.loadTables()
	}
	var err error
	if v.preset, err = device.Preset(m.Catalog.Tables, s.Preset); err != nil {
		return nil, err
	}
	for name := range v.sot {
		if v.sot[name], err = m.Catalog.Tables.SOTMaterial(name); err != nil {
			return nil, err
		}
	}
	return &v, s.Device.Apply(&v.preset, v.sot)
}
