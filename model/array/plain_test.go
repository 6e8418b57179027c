package array

import (
	"fmt"
	"math"
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"stco/model/device"
	"stco/model/tech"
	"stco/model/units"
)

// plain is the array of docs/model-array.md once more, for one organisation at a
// time and from the tables of the node: no line or candidate is kept, and no
// function of the package is called.
type plain struct {
	n    *tech.Node
	k    *tech.Circuits
	t    units.Temperature
	wire tech.Wire
	cell device.Cell
	spec Spec

	vdd, rn, beta, cin, par, tau, fo4, least, matched, footprint, leak float64
}

func newPlain(n *tech.Node, k *tech.Circuits, t units.Temperature, thick bool, cell device.Cell, spec Spec) *plain {
	p := &plain{n: n, k: k, t: t, wire: n.Middle, cell: cell, spec: spec}
	if thick {
		p.wire = n.Global
	}
	p.vdd = float64(n.Vdd)
	p.rn = n.ResistanceFactor * p.vdd / float64(n.OnCurrentAt(t))
	p.beta = 1 / n.PDrive
	p.cin = float64(n.GateCap) + float64(n.GateCap)*p.beta
	p.par = float64(n.DrainCap / n.GateCap)
	p.tau = math.Log(2) * p.rn * p.cin
	p.fo4 = 4*p.tau + p.par*p.tau
	p.least = 2 * float64(n.FinWidth)
	if n.FinWidth == n.FinPitch {
		p.least = 3 * float64(n.Feature)
	}
	p.matched = max(p.least, math.Pow(n.Matching/float64(k.OffsetSigma), 2)/float64(n.GateLength))
	p.footprint = k.LayoutFactor * float64(n.GatePitch) * float64(n.FinPitch) / float64(n.FinWidth)
	p.leak = float64(n.OffCurrentAt(t))*k.StackFactor*n.PDrive/(n.PDrive+1) + 0.5*float64(n.GateLeakage)
	return p
}

// line returns delay, switched capacitance and gate width per metre of a
// repeated line: 18 sizes and 51 spacings around Bakoglu's optimum.
func (p *plain) line() (delay, load, width float64) {
	r, c := float64(p.n.ResistanceAt(p.wire, p.t)), float64(p.wire.Capacitance)
	type design struct{ delay, load, width float64 }
	var all []design
	for i := 0.15; i < 1.01; i += 0.05 {
		for j := 0.5; j < 3.01; j += 0.05 {
			h := i * math.Sqrt(p.rn*c/r/p.cin)
			l := j * math.Sqrt(p.rn*p.cin*(1+p.par)*math.Log(2)/0.38/r/c)
			// Elmore: the driver charges itself, the line and the next gate; the
			// line charges itself and the next gate.
			d := math.Log(2)*p.rn/h*(p.cin*h*(1+p.par)+c*l) + 0.38*r*l*c*l + math.Log(2)*r*l*p.cin*h
			all = append(all, design{d / l, c + p.cin*h*(1+p.par)/l, h / l * (1 + p.beta)})
		}
	}
	best := func(cost func(d design) float64) design {
		found := all[0]
		for _, d := range all {
			if cost(d) < cost(found) {
				found = d
			}
		}
		return found
	}
	fast := best(func(d design) float64 { return d.delay })
	var d design
	switch p.spec.Target {
	case ReadLatency, WriteLatency:
		d = fast
	case EDP, ReadEDP, WriteEDP:
		d = best(func(d design) float64 { return d.delay * d.load })
	case ReadEnergy, WriteEnergy, LeastArea, LeastLeakage:
		d = best(func(d design) float64 {
			if d.delay > 2*fast.delay {
				return 1e9
			}
			return d.load
		})
	}
	return d.delay, d.load, d.width
}

// lines returns ohms per metre of a line that shares an extent of the cell with
// others: half of its share is the line, half the space to the next.
func (p *plain) lines(extent units.Length, shared float64) float64 {
	hot := p.n.ResistanceAt(p.n.Local, p.t) / p.n.Local.Resistance
	return float64(hot * p.n.ResistanceOfWidth(p.n.Local, extent/units.Length(2*shared)))
}

// gates is a chain of inverters behind a gate of the least width and an effort
// that drives a load, its last stage with the effort last.
func (p *plain) gates(load, effort, last float64) (delay, switched, width float64) {
	first := p.cin * p.least
	path := load / last / first * effort
	if path <= effort { // the last driver would be smaller than the gate
		return p.tau * effort * (load/first + p.par), load + first*effort*(1+p.par), effort * first / float64(p.n.GateCap)
	}
	stages := math.Max(1, math.Round(math.Log(path)/math.Log(4)))
	f := math.Pow(path, 1/stages)
	// The last driver and the geometric series of what drives it.
	sum := load/last + first*(path-effort)/(f-1)
	return p.tau*(last+p.par) + stages*p.tau*(f+p.par*effort), load + sum*(1+p.par), sum / float64(p.n.GateCap)
}

// bits are the check bits of a codeword: extended Hamming and BCH codes as in
// Lin and Costello, Error Control Coding, 2004.
func (p *plain) bits(data int) int {
	return [4]map[int]int{
		{},
		{8: 5, 16: 6, 32: 7, 64: 8, 128: 9, 256: 10, 512: 11},
		{8: 10, 16: 10, 32: 12, 64: 14, 128: 16, 256: 18, 512: 20},
		{8: 11, 16: 11, 32: 13, 64: 15, 128: 17, 256: 19, 512: 21},
	}[p.spec.ECC][data]
}

// parts are the figures of one organisation in the terms of its equations.
type parts struct {
	f    Figures
	core float64 // area of the subarrays of a bank
	fits float64 // area that they may take where tracks decide on that of the bank
}

// evaluate returns the figures of an organisation: rows, data columns,
// bitlines per amplifier, active subarrays.
func (p *plain) evaluate(rows, data, mux, active int) parts {
	k, n, c := p.k, p.n, &p.cell
	word := p.spec.WordBits
	codeword := min(word, max(64, p.spec.Codeword))
	codes := float64(word) / float64(codeword)
	check := float64(p.bits(codeword))
	stored := word + int(codes)*int(check)
	columns := (data*stored + word - 1) / word
	banks := float64(p.spec.Banks)
	words := math.Ceil(float64(p.spec.Capacity) * 8 / float64(word) / banks)
	mats := math.Ceil(words / float64(rows) / float64(mux))
	subarrays := mats * float64(active)
	ports := 1.0
	if p.spec.Ports == OneReadOneWrite {
		ports = 2
	}
	command := math.Ceil(math.Log2(max(2, words))) + 4
	w, s, cols, amps := float64(stored), float64(active), float64(columns), float64(columns)/float64(mux)
	magnetic := c.Technology != device.SRAM
	v2 := p.vdd * p.vdd
	swing := k.OffsetSigmas * float64(k.OffsetSigma)

	// Code.
	var encode, decode, encodeCap, decodeCap, codeWidth float64
	if check > 0 {
		levels := math.Ceil(math.Log2(float64(codeword) / 2))
		xor := 3 * p.cin * p.least
		trees := codes * check * float64(codeword) / 2
		correct, correction := codes*(float64(codeword)+check), 6.0
		if p.spec.ECC >= DEC {
			correct, correction = 4*correct, 18
		}
		encode, decode = 2*levels*p.fo4, (2*levels+2+correction)*p.fo4
		encodeCap, decodeCap = trees/2*xor, (trees+correct)/2*xor
		codeWidth = (trees + correct) * 10 * (1 + p.beta) * p.least
	}

	// Bitlines.
	tracks := map[device.Technology]float64{device.SRAM: 5, device.STT: 2, device.SOT: 3}[c.Technology]
	length := float64(rows) * float64(c.Height)
	wireC, wireR := length*float64(n.Local.Capacitance), length*p.lines(c.Width, tracks)
	readC := float64(rows)*float64(c.ReadDrainCap) + wireC
	writeC := float64(rows)*float64(c.WriteDrainCap) + wireC
	precharge := p.rn / k.PrechargeWidth / p.least
	muxWidth := k.MuxWidth * p.least
	latchC := 2 * p.matched * float64(n.GateCap+n.DrainCap)
	input := float64(mux) * float64(n.DrainCap) * muxWidth
	muxed := math.Log(2) * p.rn / muxWidth * (input + latchC)
	sense := muxed + k.LatchRegeneration*p.rn*p.cin*math.Log(p.vdd/swing) + k.OutputGates*p.fo4
	var develop, restore, drive, readJ, halfJ, writeJ, senseP float64
	var currentWidth, driverWidth, shifter float64
	var violations Violations
	columnWidth, senseWidth := (3*k.PrechargeWidth+2*k.MuxWidth)*p.least, k.LatchWidth*p.matched
	if !magnetic {
		leak := float64(rows-1) * float64(c.Leakage) / 3
		signal := float64(c.SenseCurrent)
		violations.ReadSignal = 2*leak/signal - 1
		develop = k.TimingMargin*readC*swing/max(signal-leak, signal/4) + 0.38*wireR*readC + float64(c.ReadDelay)
		restore = math.Log(10) * precharge / 2 * readC
		driver := k.WriteWidth * p.least
		drive = math.Log(10)*p.rn/driver*writeC + 0.38*wireR*writeC + k.FlipGates*p.fo4
		readJ = readC * p.vdd * k.TimingMargin * swing
		halfJ, writeJ = readJ, writeC*v2
		driverWidth = 2 * driver * (1 + p.beta)
	} else {
		columnWidth, senseWidth = k.PrechargeWidth*p.least+muxWidth, k.CurrentSenseWidth*p.matched
		amplifier := 3 * p.matched * float64(n.GateCap+n.DrainCap)
		input += amplifier
		signal := float64(c.SenseCurrent) * k.TailSignal
		violations.ReadSignal = float64(k.LeastSignal)/signal - 1
		signal = max(signal, float64(k.LeastSignal)/10)
		clamp := float64(k.ClampOverdrive) / 2 / float64(c.ReadCurrent) // ohms
		phases, longer := k.SensePhases*k.TimingMargin, 1.0
		if c.SenseFactor != 0 {
			longer = c.SenseFactor
		}
		phases *= longer
		phases *= max(1, math.Log(float64(c.ReadVoltage)/(clamp*signal*k.ClampResidue)))
		clamp += n.LinearShare * p.vdd / float64(n.OnCurrentAt(p.t)) / muxWidth
		path := float64(c.ReadVoltage) / float64(c.ReadCurrent)
		x := path / clamp // Rayleigh quotient of a linear current along the line
		along := (x*x - x + 1) / 3 / (x + 1) / (x + 1)
		clamp *= path / (clamp + path)
		develop = phases * (clamp + along*wireR) * readC
		senseP = p.vdd * float64(c.ReadCurrent) * k.SenseBranches
		sense = math.Log(2)*p.rn/muxWidth*(input+latchC) + phases*clamp*(input-amplifier) + longer*k.SensePhases*k.TimingMargin*swing/signal*amplifier +
			k.LatchRegeneration*p.rn*p.cin*math.Log(p.vdd/swing) + k.OutputGates*p.fo4
		readJ = readC*float64(c.ReadVoltage)*p.vdd + senseP*develop
		develop += float64(c.ReadDelay)
		restore = math.Log(10) * precharge * readC
		supply, current := p.vdd, float64(c.WriteCurrent)
		if c.WriteVoltage > 0 {
			supply = float64(c.WriteVoltage)
		}
		need := current * (float64(c.WriteResistance) + wireR)
		violations.WriteDrive = need/supply + k.DriverDrop - 1
		left := max(supply-need, k.DriverDrop*supply)
		wide := max(3*current*n.LinearShare*p.vdd/float64(n.OnCurrentAt(p.t))/left, current/n.AccessDerating/float64(n.OnCurrentAt(p.t)))
		currentWidth, driverWidth = 2*wide, 2*(1+p.beta)*wide
		if supply > k.RatedSupply*p.vdd {
			currentWidth *= k.ThickOxideArea
			driverWidth *= k.ThickOxideArea
		}
		if c.WriteVoltage > n.Vdd {
			shifter = k.ShifterWidth * p.least
			driverWidth += shifter
		}
		drive = math.Log(10)*left/current*writeC + 0.38*wireR*writeC + float64(c.WritePulse)
		if shifter > 0 {
			drive += k.ShifterGates * p.fo4
		}
		writeJ = supply*current*float64(c.WritePulse) + writeC*supply*supply
		if c.WriteEnergy > 0 {
			writeJ = float64(c.WriteEnergy) + writeC*supply*supply
		}
	}

	// Row decoder: two groups of half the address each.
	half := math.Ceil(math.Ceil(math.Log2(float64(rows))) / 2)
	load := float64(rows)/math.Exp2(half)*4/3*p.cin*p.least + wireC
	delay, switched, width := p.gates(load, 1+(half-1)/3, 4)
	rowDecode := delay + 0.38*wireR*load
	predecode, predecodeWidth := 2*switched*v2, 2*math.Exp2(half)*width

	// Wordlines.
	span := cols * float64(c.Width)
	wordline := func(gate units.Capacitance) (delay, switched, width float64) {
		load := cols*float64(gate) + span*float64(n.Local.Capacitance)
		delay, switched, width = p.gates(load, 4./3, k.WordlineEffort)
		return delay + 0.38*span*p.lines(c.Height, 2)*load, switched, width
	}
	readWL, readCap, rowWidth := wordline(c.ReadGateCap)
	writeWL, writeCap := readWL, readCap
	if c.Technology == device.SOT {
		var more float64
		writeWL, writeCap, more = wordline(c.WriteGateCap)
		rowWidth += more
	}
	rowWidth += 2*(1+p.beta)*p.least + shifter

	// Area. The H-tree is drawn in a square of the subarrays
	// alone; what leaks is in the square of the bank.
	edge := 2 * k.EdgeCells
	cells := subarrays * (float64(rows) + edge) * (cols + edge) * float64(c.Width*c.Height)
	decoderWidth := ports * (float64(rows)*rowWidth + predecodeWidth)
	writeWidth := cols*currentWidth + amps*driverWidth
	periphery := decoderWidth + ports*cols*columnWidth + amps*senseWidth + writeWidth
	core := cells + subarrays*periphery*p.footprint
	lineDelay, lineCap, lineWidth := p.line()
	trunk, inner := ports*command+2*w, ports*command+2*w/s
	junction := trunk * 2 * (1 + p.beta) * p.least
	htree := func(side float64) float64 {
		length := 1.5*side*((math.Sqrt(mats)-1)*trunk+(math.Sqrt(subarrays)-math.Sqrt(mats))*inner) + 0.5*side*trunk*(1-1/math.Sqrt(subarrays))
		length += subarrays * inner * side / math.Sqrt(subarrays) / 2
		return length*lineWidth + mats*junction
	}
	// The side by bisection: what is drawn in a square of it fills it.
	full := func(side float64) float64 {
		return (core + (htree(side)+codeWidth)*p.footprint) * (1 + k.MacroOverhead)
	}
	low, high := 0.0, 1.0
	for range 200 {
		if side := (low + high) / 2; side*side < full(side) {
			low = side
		} else {
			high = side
		}
	}
	wirePitch := float64(p.wire.Pitch) / k.Layers / k.TrackShare
	side := max(low, trunk*wirePitch)
	bank := side * side
	macro := bank * k.MacroOverhead / (1 + k.MacroOverhead)
	treeArea := bank - macro - core - codeWidth*p.footprint

	// Lines: in the tree to the centre and halving; between the banks the same.
	tree := 1.5*side*(1-1/math.Sqrt(subarrays)) + side/math.Sqrt(subarrays)/2
	// Between the banks: groups of as many as the bus has lanes, each bank of a
	// group on wires of its own, the groups on a shared tree.
	between, busWidth, junctions, busArea := 0.0, 0.0, 0.0, 0.0
	if banks > 1 {
		lanes := min(banks, max(1, float64(p.spec.Bus)/float64(2*word)))
		groups := banks / lanes
		whole := max(side*math.Sqrt(banks), lanes*trunk*wirePitch)
		between = 1.5 * whole * (1 - 1/math.Sqrt(banks))
		shared := 1.5*whole*(math.Sqrt(groups)-1) + 0.5*whole*(1-1/math.Sqrt(groups))
		own := 1.5 * whole / math.Sqrt(groups) * (1 - 1/math.Sqrt(lanes))
		busWidth = (shared*lanes+own*banks)*trunk*lineWidth + (groups-1)*lanes*junction
		junctions = math.Ceil(math.Log2(math.Ceil(groups))) * (k.BranchGates + k.ArbiterGates) * p.fo4
		busArea = max(busWidth*p.footprint, lanes*trunk*wirePitch*lanes*trunk*wirePitch-banks*bank)
	}
	readCycle := readWL + sense + develop + restore
	writeCycle := writeWL + drive + restore
	treeTime := tree*lineDelay + math.Ceil(math.Log2(subarrays))*k.BranchGates*p.fo4
	outside := between*lineDelay + junctions
	treeTime += (treeTime + outside) / (k.StageGates * p.fo4) * k.RegisterGates * p.fo4
	lineJ := lineCap * v2 * (command + w) * k.Activity

	// Write-verify-write: word attempts and pulses of a bit, as series.
	attempts, pulses := 0.0, 1.0
	if c.WriteTries > 1 {
		for i := range c.WriteTries {
			left := math.Pow(c.WriteFailure, float64(i))
			attempts += 1 - math.Pow(1-left, w)
			if i > 0 {
				pulses += left
			}
		}
	}

	var f Figures
	f.Organisation = Organisation{Rows: rows, Columns: columns, Mux: mux, Active: active, Subarrays: int(subarrays)}
	f.StoredBits, f.Violations = stored, violations
	f.Geometry = Geometry{
		SubarrayWidth: units.Length(cols+edge) * c.Width, SubarrayHeight: units.Length(float64(rows)+edge) * c.Height,
		BankSide: units.Length(side), Tree: units.Length(tree), Between: units.Length(between),
	}
	bitcells := subarrays * float64(rows) * cols * float64(c.Width*c.Height) * banks
	share := float64(data) / cols
	drawn := func(width float64) units.Area { return units.Area(width * p.footprint * banks) }
	f.Area = AreaParts{
		Cells: units.Area(bitcells * share), Check: units.Area(bitcells * (1 - share)), Edges: units.Area(cells*banks - bitcells),
		Decoders: drawn(subarrays * decoderWidth), Columns: drawn(subarrays * ports * cols * columnWidth),
		Amplifiers: drawn(subarrays * amps * senseWidth), WriteDrivers: drawn(subarrays * writeWidth),
		HTree: units.Area(treeArea * banks), Code: drawn(codeWidth), Interconnect: units.Area(busArea),
		Macro: units.Area(banks * macro),
	}
	f.Area.Total = units.Area(banks*bank) + f.Area.Interconnect
	f.BankArea, f.Efficiency = units.Area(bank), float64(f.Area.Cells/f.Area.Total)

	f.Read = TimeParts{
		Interconnect: units.Time(2 * outside), HTree: units.Time(2 * treeTime), Decode: units.Time(rowDecode), Wordline: units.Time(readWL),
		Bitline: units.Time(develop), Sense: units.Time(sense), Code: units.Time(decode),
		Total: units.Time(2*outside + 2*treeTime + rowDecode + readWL + develop + sense + decode),
	}
	f.Write = TimeParts{
		Interconnect: units.Time(outside), HTree: units.Time(treeTime), Decode: units.Time(rowDecode), Wordline: units.Time(writeWL),
		Bitline: units.Time(drive), Code: units.Time(encode),
	}
	if attempts > 0 {
		f.Write.Verify = units.Time((attempts-1)*writeCycle + attempts*readCycle)
		writeCycle = attempts * (writeCycle + readCycle)
	}
	f.Write.Total = f.Write.Interconnect + f.Write.HTree + f.Write.Decode + f.Write.Wordline + f.Write.Bitline + f.Write.Code + f.Write.Verify
	f.ReadCycle, f.WriteCycle = units.Time(readCycle), units.Time(writeCycle)

	clock := k.PrechargeWidth * p.least * float64(n.GateCap) * cols
	idle := (s*cols - w) * halfJ
	amplify := w * ((latchC+input)*v2 + senseP*sense)
	f.ReadEnergy = EnergyParts{
		Interconnect: units.Energy(between * lineJ), HTree: units.Energy((tree - side/math.Sqrt(subarrays)/4) * lineJ),
		Decode: units.Energy(s*predecode + s*(readCap+clock)*v2), Bitline: units.Energy(idle + w*readJ), Sense: units.Energy(amplify),
		Code: units.Energy(decodeCap * v2),
	}
	f.WriteEnergy = EnergyParts{
		Interconnect: units.Energy(between * lineJ), HTree: units.Energy((tree - side/math.Sqrt(subarrays)/4) * lineJ),
		Decode: units.Energy(s*predecode + s*(writeCap+clock)*v2), Bitline: units.Energy(idle + w*writeJ*pulses),
		Verify: units.Energy(attempts * (s*(readCap+clock)*v2 + amplify + decodeCap*v2 + idle + w*readJ)),
		Code:   units.Energy(encodeCap * v2),
	}
	for _, e := range []*EnergyParts{&f.ReadEnergy, &f.WriteEnergy} {
		e.Total = e.Interconnect + e.HTree + e.Decode + e.Bitline + e.Sense + e.Verify + e.Code
	}
	f.ReadPerBit = units.EnergyPerBit(float64(f.ReadEnergy.Total) / float64(word))
	f.WritePerBit = units.EnergyPerBit(float64(f.WriteEnergy.Total) / float64(word))
	f.CellLeakage = units.Power(banks * subarrays * float64(rows) * cols * float64(c.Leakage) * p.vdd)
	f.Periphery = units.Power((banks*(subarrays*periphery+htree(side)+codeWidth) + busWidth) * p.leak * p.vdd)
	f.Leakage = f.CellLeakage + f.Periphery
	f.ReadBandwidth = units.Bandwidth(banks * float64(word) / 8 / readCycle)
	f.WriteBandwidth = units.Bandwidth(banks * float64(word) / 8 / writeCycle)
	return parts{f: f, core: core, fits: trunk * wirePitch * trunk * wirePitch / (1 + k.MacroOverhead)}
}

// all lists every organisation that may be chosen, before and after the limits
// of area and margin.
func (p *plain) all() []parts {
	word := p.spec.WordBits
	words := math.Ceil(float64(p.spec.Capacity) * 8 / float64(word*p.spec.Banks))
	var rows, columns []int
	for r := 16; r <= 1024; r *= 2 {
		// As many as there are words, or half: fewer than 64 only for fewer words.
		if float64(r) <= words && (r >= 64 || words < float64(2*r)) || r == 16 && words < 16 {
			rows = append(rows, r)
		}
	}
	if p.spec.Rows > 0 {
		rows = []int{p.spec.Rows}
	}
	// The word times or over a power of two.
	for c := 128; c <= 2048; c++ {
		ratio := math.Log2(float64(c) / float64(word))
		if ratio == math.Floor(ratio) {
			columns = append(columns, c)
		}
	}
	wide, most := 32, max(16, 2*int(math.Ceil(float64(word)/2048)))
	if p.spec.Columns > 0 {
		columns, wide, most = []int{p.spec.Columns}, MaxColumns, MaxWord
	}
	var list []parts
	violation := math.Inf(1)
	for _, r := range rows {
		for _, c := range columns {
			for mux := 1; mux <= wide; mux *= 2 {
				// A tenth of the columns may stay empty.
				active := int(math.Ceil(float64(word*mux) / float64(c)))
				if float64(active*c) > 1.1*float64(word*mux) || active > most {
					continue
				}
				x := p.evaluate(r, c, mux, active)
				violation = min(violation, x.f.Violations.worst())
				list = append(list, x)
			}
		}
	}
	least := math.Inf(1)
	feasible := list[:0]
	for _, x := range list {
		if x.f.Violations.worst() == violation {
			feasible, least = append(feasible, x), min(least, max(x.core, x.fits))
		}
	}
	within := feasible[:0]
	for _, x := range feasible {
		if x.core <= least*(1+p.spec.AreaSlack) {
			within = append(within, x)
		}
	}
	return within
}

func (v Violations) worst() float64 { return max(0, v.WriteDrive, v.ReadSignal) }

// differ names the first figures that differ by more than the rounding.
func differ(got, want reflect.Value, path string) string {
	switch got.Kind() {
	case reflect.Struct:
		for i := range got.NumField() {
			if s := differ(got.Field(i), want.Field(i), path+"."+got.Type().Field(i).Name); s != "" {
				return s
			}
		}
	case reflect.Int:
		if got.Int() != want.Int() {
			return fmt.Sprintf("%s is %d, want %d", path, got.Int(), want.Int())
		}
	default:
		if a, b := got.Float(), want.Float(); math.Abs(a-b) > 1e-9*max(math.Abs(a), math.Abs(b)) && math.Abs(a-b) > 1e-40 {
			return fmt.Sprintf("%s is %g, want %g", path, a, b)
		}
	}
	return ""
}

// drawAnyCell draws the loads, currents and write of a cell one by one, as no
// device or table has them together.
func drawAnyCell(t *rapid.T) device.Cell {
	f := func(name string, lo, hi float64) float64 {
		return lo * math.Pow(hi/lo, rapid.Float64Range(0, 1).Draw(t, name))
	}
	maybe := func(name string, lo, hi float64) float64 {
		if rapid.Bool().Draw(t, "with "+name) {
			return f(name, lo, hi)
		}
		return 0
	}
	c := device.Cell{
		Technology: device.Technology(rapid.IntRange(0, 2).Draw(t, "technology")),
		Width:      units.Length(f("width", 50e-9, 1e-6)), Height: units.Length(f("height", 50e-9, 1e-6)),
		ReadGateCap: units.Capacitance(f("read gate", 1e-17, 1e-15)), WriteGateCap: units.Capacitance(f("write gate", 1e-17, 1e-15)),
		ReadDrainCap: units.Capacitance(f("read drain", 1e-17, 1e-15)), WriteDrainCap: units.Capacitance(f("write drain", 1e-17, 1e-15)),
		ReadCurrent: units.Current(f("read", 1e-6, 1e-4)), ReadDelay: units.Time(maybe("selector", 1e-11, 1e-9)),
		Leakage: units.Current(maybe("leakage", 1e-12, 1e-7)),
	}
	c.SenseCurrent = c.ReadCurrent
	if c.Technology == device.SRAM {
		return c
	}
	c.SenseCurrent *= units.Current(f("signal", 0.01, 0.9))
	c.ReadVoltage = units.Voltage(f("read voltage", 0.05, 0.5))
	c.SenseFactor = maybe("sensing", 0.5, 3)
	c.WriteCurrent, c.WritePulse = units.Current(f("write", 5e-6, 5e-4)), units.Time(f("pulse", 1e-10, 2e-8))
	c.WriteResistance, c.WriteVoltage = units.Resistance(f("path", 100, 1e4)), units.Voltage(maybe("supply", 0.5, 2))
	c.WriteEnergy = units.Energy(maybe("energy", 1e-14, 1e-11))
	c.WriteTries, c.WriteFailure = rapid.IntRange(0, 4).Draw(t, "tries"), maybe("failure", 1e-7, 0.3)
	return c
}

// TestPlain holds every figure of every organisation that Each lists, which they
// are, and the one that Solve chooses, to the plain array.
func TestPlain(t *testing.T) {
	tables, err := tech.Load()
	if err != nil {
		t.Fatal(err)
	}
	k, err := tables.Circuits()
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		n, err := tables.Node(rapid.SampledFrom(tables.NodeNames()).Draw(t, "node"), tech.Flavour(rapid.IntRange(0, 2).Draw(t, "flavour")))
		if err != nil {
			t.Fatal(err)
		}
		kelvin := units.Temperature(rapid.Float64Range(200, 430).Draw(t, "temperature"))
		thick := rapid.Bool().Draw(t, "thick")
		s, err := NewSolver(n, Options{Temperature: kelvin, Circuits: *k, ThickWires: thick})
		if err != nil {
			t.Fatal(err)
		}
		cell := drawAnyCell(t)
		spec := DefaultSpec()
		spec.WordBits = 8 << rapid.IntRange(0, 9).Draw(t, "word")
		spec.ECC = ECC(rapid.IntRange(0, 3).Draw(t, "code"))
		spec.Codeword = rapid.SampledFrom([]int{0, 64, 128, 512}).Draw(t, "codeword")
		spec.Bus = rapid.SampledFrom([]int{0, 128, 1024, 6144, 65536}).Draw(t, "bus")
		if spec.ECC == NoECC && rapid.Bool().Draw(t, "odd word") {
			spec.WordBits = rapid.SampledFrom([]int{24, 72, 96, 160, 576, 4608}).Draw(t, "bits")
		}
		spec.Banks = 1 << rapid.IntRange(0, 6).Draw(t, "banks")
		spec.Capacity = units.Bytes(rapid.Float64Range(16, 1<<14).Draw(t, "words") * float64(spec.WordBits/8*spec.Banks))
		spec.Target = Target(rapid.IntRange(0, int(LeastLeakage)).Draw(t, "target"))
		spec.AreaSlack = rapid.SampledFrom([]float64{0, 0.05, 0.15, 1, 100}).Draw(t, "slack")
		if cell.Technology != device.STT && rapid.Bool().Draw(t, "two ports") {
			spec.Ports = OneReadOneWrite
		}
		if rapid.IntRange(0, 3).Draw(t, "fixed") == 0 {
			spec.Rows = rapid.IntRange(MinRows, 3000).Draw(t, "rows")
		}
		if rapid.IntRange(0, 3).Draw(t, "fixed too") == 0 {
			spec.Columns = rapid.IntRange(MinColumns, 5000).Draw(t, "columns")
		}
		want := map[Organisation]parts{}
		for _, x := range newPlain(n, k, kelvin, thick, cell, spec).all() {
			want[x.f.Organisation] = x
		}
		listed := 0
		if err := s.Each(&cell, &spec, func(f *Figures) bool {
			listed++
			x, ok := want[f.Organisation]
			if !ok {
				t.Fatalf("%s may not be listed", f.Organisation)
			}
			if bad := differ(reflect.ValueOf(*f), reflect.ValueOf(x.f), f.Organisation.String()); bad != "" {
				t.Fatal(bad)
			}
			return true
		}); (err != nil) != (len(want) == 0) {
			t.Fatalf("%d organisations, error %v", len(want), err)
		}
		if len(want) == 0 {
			return
		}
		if listed != len(want) {
			t.Fatalf("%d organisations listed, want %d", listed, len(want))
		}
		var best Figures
		if err := s.Solve(&cell, &spec, &best); err != nil {
			t.Fatal(err)
		}
		cost := func(f *Figures) float64 {
			if spec.Target == LeastArea { // of a bank
				return float64(f.BankArea)
			}
			return targetCost(spec.Target, f)
		}
		for _, x := range want {
			if cost(&x.f) < cost(&best)*(1-1e-7) {
				t.Fatalf("%s: %s costs %g, the search chose %s with %g", spec.Target, x.f.Organisation, cost(&x.f), best.Organisation, cost(&best))
			}
		}
		if bad := differ(reflect.ValueOf(best), reflect.ValueOf(want[best.Organisation].f), "the best"); bad != "" {
			t.Fatal(bad)
		}
	})
}
