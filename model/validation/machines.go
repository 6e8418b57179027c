package validation

import (
	"fmt"
	"io/fs"

	"stco/model"
	"stco/model/validation/machines"
)

// machines compares whole machines with what is published of them.
func (r *Report) machines(in *Input) error {
	text, name := in.Machines, in.MachinesName
	if text == nil {
		var err error
		name = "machines.csv"
		if text, err = fs.ReadFile(in.Files, machinesFile); err != nil {
			return err
		}
	}
	catalog, err := model.NewCatalog()
	if err != nil {
		return err
	}
	rows, err := machines.Validate(catalog, text)
	if err != nil {
		return err
	}
	for i := range rows {
		x := &rows[i]
		r.add(Check{
			Group: "machine", Source: x.Source, Row: fmt.Sprintf("%s:%d", name, x.Line), Case: x.Case, Quantity: x.Quantity, Unit: x.Unit,
			Ours: x.Ours, Theirs: x.Theirs, Low: x.Low, High: x.High, Deviation: x.Deviation, Note: x.Note,
		})
	}
	return nil
}

// machineDeviations are the known differences of machines.
func machineDeviations() []Deviation {
	return []Deviation{
		{Number: "M1", Title: "small NVDLA", Reason: "with 64 and 32 multipliers the vendor's estimator uses 46 and 47 % of them; slices of the input (tiles: slices) explain a part, the best tiles give 1.78 and 1.81; how its 128 KiB are divided between inputs and weights is not published: with half for each a model of one line a layer gives 1.44 and 1.46"},
		{Number: "M2", Title: "MI210", Reason: "1,024 fp16 multiply-accumulates a unit and cycle are how LLMCompass models it (298 TFLOPS); the vendor's peak is 181 (table of AnandTech, March 2022), which is 1.65 of the ratio; no measured product reaches 125"},
		{Number: "M3", Title: "phones and boards reach a third of their peak", Reason: "an RK3588 core behaves as if it had an eighth to a quarter of the board's DRAM (the rows at one bandwidth), and every layer costs a start that is not modelled, most in networks of a millisecond or with depthwise convolutions"},
		{Number: "M4", Title: "attention in fp16 on a unit for convolutions", Reason: "products of two activations and softmax run elsewhere on an RK3588: 6.5 frames a second of CLIP are 1.7 % of the unit's rate"},
		{Number: "M5", Title: "a whole unit is more than arithmetic and buffers", Reason: "sequencing, clock tree, DMA and formats that nothing uses are in the published energy: up to twice ours at 4 to 7 nm, and the fixed part rules below 128 multipliers"},
		{Number: "M7", Title: "ways to small banks of wide words", Reason: "the buffer of an NVDLA is cut into banks of 2 KiB with words of 256 bits, which are as wide as the tracks of their word: the wires to them are most of an access. The estimator has 0.21 pJ with 512 multipliers where it has 0.23 and 0.26 with twice and half as many; ours is 1.3 times its figures there and 1.55 times at 512"},
		{Number: "M6", Title: "published at low voltage", Reason: "the best point of a range of supplies; ours is at the nominal supply"},
	}
}
