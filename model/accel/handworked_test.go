package accel

import (
	"math"
	"testing"

	"stco/model/accel/systolic"
	"stco/model/workload"
)

// TestStepByHand works one step out on paper: Y (128 x 32) = X (128 x 64) W
// (64 x 32) in 2-byte numbers, and 4,096 vector operations, on 32 x 32 PEs, output
// stationary, 64 vector lanes, every step from and to DRAM.
//
// Cycles: 4 folds of 32 rows, each 32 + 32 + 64 - 2, counted from 0: 503; the
// vector lanes take 64 beside them. The array reads X once (one fold of columns,
// 16,384 bytes) and W in each of 4 folds (16,384), and writes Y (8,192). DRAM
// brings 16,384 + 4,096 bytes into the buffer and takes 8,192 out of it, so the
// buffer is read for 40,960 and written for 28,672 bytes, and 28,672 cross the
// DRAM interface.
func TestStepByHand(t *testing.T) {
	trace := &workload.Trace{
		Network: "one", Batch: 1,
		Tensors: []workload.Tensor{
			{Name: "x", Elems: 8192, Bytes: 16384, External: true},
			{Name: "w", Class: workload.Weight, Elems: 2048, Bytes: 4096, Persistent: true},
			{Name: "y", Elems: 4096, Bytes: 8192, Output: true},
		},
		Steps: []workload.Step{{
			Name: "fc", Op: workload.OpLinear, MACs: 262144, VectorOps: 4096, NIn0: 1, NIn1: 1,
			Nest: workload.Nest{
				N: 1, C: 64, H: 128, W: 1, K: 32, P: 128, Q: 1, R: 1, S: 1, StrideH: 1, StrideW: 1, DilH: 1, DilW: 1, Groups: 1, Out: workload.Ofmap,
			},
			Reads: []workload.Operand{{Tensor: 0, Bytes: 16384}, {Tensor: 1, Bytes: 4096}}, Writes: []workload.Operand{{Tensor: 2, Bytes: 8192}},
		}},
	}
	if err := trace.Validate(); err != nil {
		t.Fatal(err)
	}
	p, err := NewPlan(trace, Array{Rows: 32, Cols: 32, Dataflow: systolic.OutputStationary, VectorLanes: 64, AccumBytes: 4}, BufferPolicy{NoResidency: true})
	if err != nil {
		t.Fatal(err)
	}
	table, err := p.Exact(1 << 20)
	if err != nil {
		t.Fatal(err)
	}
	if table.Cycles != 503 || table.BufRead != 40960 || table.BufWrite != 28672 || table.DRAMBytes() != 28672 || table.MACs != 262144 || table.VectorOps != 4096 {
		t.Fatalf("%g cycles, buffer %g and %g B, DRAM %g B", table.Cycles, table.BufRead, table.BufWrite, table.DRAMBytes())
	}
	if r, w, d := table.ReadDemand*503, table.WriteDemand*503, table.DRAMDemand*503; math.Abs(r-40960) > 1e-6 || math.Abs(w-28672) > 1e-6 || math.Abs(d-28672) > 1e-6 {
		t.Fatalf("demand of %g, %g and %g B over the 503 cycles", r, w, d)
	}
	const ns, ps, pJ = 1e-9, 1e-12, 1e-12
	memory := Memory{
		Level: Level{
			ReadOccupancy: 1 * ps, WriteOccupancy: 2 * ps, ReadLatency: 2 * ns, WriteLatency: 3 * ns, ReadEnergy: 3 * pJ, WriteEnergy: 5 * pJ,
		},
		PEBuffer: Level{ReadLatency: 0.1 * ns, WriteLatency: 0.2 * ns, ReadEnergy: 1 * pJ, WriteEnergy: 1 * pJ},
		ReadBus:  2 * ps, WriteBus: 3 * ps, BufferLeakage: 0.1, Retention: math.Inf(1), Capacity: 1 << 20, Endurance: 1e12, ProductLife: 1e8, WearLeveling: 0.5,
		DRAMTime: 5 * ps, DRAMEnergy: 40 * pJ, DRAMLatency: 100 * ns, DRAMPower: 0.2, Clock: 1e9, MACEnergy: 1 * pJ, VectorEnergy: 2 * pJ, LogicLeakage: 0.5,
	}
	// Of every step: 2 + 3 ns of the buffer, 0.1 + 0.2 ns of the PE buffer, 100 ns
	// until the first data come from DRAM.
	const exposed = 105.3 * ns
	for _, c := range []struct {
		name   string
		change func(*Memory)
		busy   float64
	}{
		{"compute", func(*Memory) {}, 503 * ns},
		{"half the clock", func(m *Memory) { m.Clock = 5e8 }, 1006 * ns},
		{"one port", func(m *Memory) { m.ReadOccupancy, m.WriteOccupancy = 10*ps, 20*ps }, (409.6 + 573.44) * ns},
		{"two ports, writes", func(m *Memory) { m.ReadOccupancy, m.WriteOccupancy, m.SeparatePorts = 10*ps, 20*ps, true }, 573.44 * ns},
		{"two ports, reads", func(m *Memory) { m.ReadOccupancy, m.WriteOccupancy, m.SeparatePorts = 20*ps, 10*ps, true }, 819.2 * ns},
		{"bus to the array", func(m *Memory) { m.ReadBus = 20 * ps }, 819.2 * ns},
		{"bus from the array", func(m *Memory) { m.WriteBus = 40 * ps }, 1146.88 * ns},
		{"DRAM", func(m *Memory) { m.DRAMTime = 50 * ps }, 1433.6 * ns},
	} {
		m := memory
		c.change(&m)
		var s Scratch
		var got Cost
		Evaluate(table, &m, &s, &got)
		near := func(what string, got, want float64) {
			t.Helper()
			if !(math.Abs(got-want) <= 1e-9*math.Abs(want)) {
				t.Errorf("%s: %s is %.12g, want %.12g", c.name, what, got, want)
			}
		}
		time := c.busy + exposed
		near("latency", got.Latency, time)
		near("energy of the PEs", got.Energy.MAC, 262144*pJ)
		near("energy of the vector lanes", got.Energy.Vector, 8192*pJ)
		near("energy of reads", got.Energy.BufferRead, 122880*pJ)
		near("energy of writes", got.Energy.BufferWrite, 143360*pJ)
		near("energy of transfers", got.Energy.DRAM, 1146880*pJ)
		near("energy of leakage", got.Energy.BufferLeakage, 0.1*time)
		near("energy of logic", got.Energy.Logic, 0.5*time)
		near("energy of waiting DRAM", got.Energy.DRAMBackground, 0.2*time)
		const moved = (262144 + 8192 + 122880 + 143360 + 1146880) * pJ
		near("total", got.Energy.Total(), moved+0.8*time)
		near("peak power", got.PeakPower, moved/time+0.8)
		near("traffic", got.DRAMBytes, 28672)
		// 28,672 bytes a step into 2^20, for 1e8 s, half of it levelled, of 1e12.
		near("wear", got.WearOut, 28672/time/(1<<20)*1e8/0.5/1e12)
		if got.ScrubShare != 0 || got.Energy.Scrub != 0 || got.Energy.PEBuffer != 0 || got.Energy.PadRead != 0 || got.Energy.PadWrite != 0 || got.LongestLifetime != 0 {
			t.Errorf("%s: something is scrubbed, staged or kept: %+v", c.name, got)
		}
	}
}

// TestTotalIsTheSum: twelve causes of 1, 2, 4 ... J are 4,095 J.
func TestTotalIsTheSum(t *testing.T) {
	e := Energy{
		MAC: 1, Vector: 2, BufferRead: 4, BufferWrite: 8, PadRead: 16, PadWrite: 32, PEBuffer: 64, DRAM: 128, DRAMBackground: 256,
		BufferLeakage: 512, Logic: 1024, Scrub: 2048,
	}
	if e.Total() != 4095 {
		t.Errorf("%g J, want 4095", e.Total())
	}
}
