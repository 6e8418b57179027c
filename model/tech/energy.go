package tech

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"stco/model/units"
)

// DRAM is an interface of the table dram: one channel or one stack.
type DRAM struct {
	Name      string
	Bandwidth units.Bandwidth
	// Energy is the energy of one bit moved, the sum of the parts below. A
	// source that does not split has everything in Device.
	Energy     units.EnergyPerBit
	Device     units.EnergyPerBit // array, row activation and data movement in the DRAM
	IO         units.EnergyPerBit // I/O and PHY
	Controller units.EnergyPerBit
	Split      bool // the source splits the energy

	Efficiency units.Ratio // share of the bandwidth that streams reach
	Latency    units.Time
	// Power at rest of a GB (1e9 bytes): Standby and Refresh by the currents of
	// the devices, Idle as measured on a machine, interface and controllers
	// included (0: no measurement); PowerDown and SelfRefresh of memory that
	// nobody reads.
	Standby, Refresh, Idle, PowerDown, SelfRefresh units.Power
}

// DRAM returns the DRAM interface of a name. A row activation is spread over
// the bits that the table says are moved per activation.
func (t *Tables) DRAM(name string) (DRAM, error) {
	e, err := t.Entry("dram", name)
	if err != nil {
		return DRAM{}, err
	}
	f := &fields{entry: e}
	d := DRAM{Name: name, Bandwidth: field[units.Bandwidth](f, "bandwidth"), Split: e.Has("energy_device")}
	if !d.Split {
		d.Device = field[units.EnergyPerBit](f, "energy")
	} else {
		d.Device = field[units.EnergyPerBit](f, "energy_device")
		d.IO = field[units.EnergyPerBit](f, "energy_io")
		if e.Has("energy_controller") {
			d.Controller = field[units.EnergyPerBit](f, "energy_controller")
		}
		if e.Has("energy_activate") {
			activate := field[units.Energy](f, "energy_activate")
			bits := field[units.Ratio](f, "bits_per_activate")
			d.Device += units.EnergyPerBit(float64(activate) / float64(bits))
		}
	}
	d.Energy = d.Device + d.IO + d.Controller
	d.Efficiency, d.Latency = field[units.Ratio](f, "efficiency"), field[units.Time](f, "latency")
	d.Standby, d.Refresh = field[units.Power](f, "standby_per_gb"), field[units.Power](f, "refresh_per_gb")
	d.PowerDown, d.SelfRefresh = field[units.Power](f, "power_down_per_gb"), field[units.Power](f, "self_refresh_per_gb")
	if e.Has("idle_per_gb") {
		d.Idle = field[units.Power](f, "idle_per_gb")
	}
	return d, f.err
}

// Precision is a number format of an arithmetic unit.
type Precision uint8

// The number formats of the table arithmetic.
const (
	Int8 Precision = iota
	Int32
	BF16
	FP16
	FP32
	numPrecisions
)

// String returns the name used in studies and tables.
func (p Precision) String() string {
	return [...]string{"int8", "int32", "bf16", "fp16", "fp32", "unknown"}[min(p, numPrecisions)]
}

// Bits returns the width of the format.
func (p Precision) Bits() int {
	switch p {
	case Int8:
		return 8
	case BF16, FP16:
		return 16
	default:
		return 32
	}
}

// Arithmetic holds the energies of a node's arithmetic units, by Precision.
type Arithmetic struct {
	Node     string
	Add, Mul [numPrecisions]units.Energy
	Register units.EnergyPerBit // one bit read from or written to a register file
}

// Vector returns the energy of one elementary operation of a vector lane: the
// mean of an addition and a multiplication, with two operands read from and one
// result written to the register file.
func (a *Arithmetic) Vector(p Precision) units.Energy {
	return (a.Add[p]+a.Mul[p])/2 + a.RegisterAccess(3*p.Bits())
}

// RegisterAccess returns the energy of moving bits through the register file.
func (a *Arithmetic) RegisterAccess(bits int) units.Energy {
	return units.Energy(float64(a.Register) * float64(bits))
}

// Arithmetic returns the energies of a node of the table arithmetic.
func (t *Tables) Arithmetic(node string) (Arithmetic, error) {
	e, err := t.Entry("arithmetic", node)
	if err != nil {
		return Arithmetic{}, err
	}
	f := &fields{entry: e}
	a := Arithmetic{Node: node, Register: field[units.EnergyPerBit](f, "register")}
	for p := range numPrecisions {
		a.Add[p] = field[units.Energy](f, p.String()+"_add")
		a.Mul[p] = field[units.Energy](f, p.String()+"_mul")
	}
	return a, f.err
}

// Element is a processing element of an array in one number format.
type Element struct {
	MAC     units.Energy // of a multiply-accumulate, with registers and the hops of its operands
	Leakage units.Power  // with its share of control
}

// Element returns the processing element of a node and format of the table
// elements.
func (t *Tables) Element(node string, p Precision) (Element, error) {
	e, err := t.Entry("elements", node)
	if err != nil {
		return Element{}, err
	}
	f := &fields{entry: e}
	return Element{field[units.Energy](f, p.String()+"_mac"), field[units.Power](f, p.String()+"_leakage")}, f.err
}

// derivedNodes are the nodes interpolated between 45 nm and 7 nm: those of the
// table cmos without 7 nm itself.
func (t *Tables) derivedNodes() []string {
	return slices.DeleteFunc(t.NodeNames(), func(name string) bool { return name == "7nm" })
}

// deriveArithmetic completes the table arithmetic: the bf16 rows of 45 nm from
// those of 7 nm with the ratio of fp16, then the other nodes as
// E = E45^w * E7^(1-w), w = ln(node/7)/ln(45/7), which extrapolates below 7 nm.
func (t *Tables) deriveArithmetic() error {
	tab, err := t.Table("arithmetic")
	if err != nil {
		return err
	}
	old, err := tab.Entry("45nm")
	if err != nil {
		return err
	}
	recent, err := tab.Entry("7nm")
	if err != nil {
		return err
	}
	for _, op := range []string{"_add", "_mul"} {
		a, err1 := old.Value("fp16" + op)
		b, err2 := recent.Value("fp16" + op)
		c, err3 := recent.Value("bf16" + op)
		if err1 != nil || err2 != nil || err3 != nil {
			return fmt.Errorf("tech table arithmetic: %w", firstError(err1, err2, err3))
		}
		old.Values = append(old.Values, derivedValue(c, "bf16"+op, c.SI*a.SI/b.SI, "7 nm value times the fp16 ratio of 45 nm over 7 nm"))
	}
	var more []Entry
	for _, name := range t.derivedNodes() {
		length, _, _ := strings.Cut(name, "-")
		node, err := units.Parse[units.Length](length)
		if err != nil {
			return err
		}
		w := math.Log(float64(node)/7e-9) / math.Log(45.0/7)
		e := Entry{Table: tab.Name, Name: name}
		for _, v := range recent.Values {
			if v.Quantity == "node" {
				e.Values = append(e.Values, derivedValue(v, "node", float64(node), "the node of this entry"))
				continue
			}
			o, err := old.Value(v.Quantity)
			if err != nil {
				return err
			}
			x := math.Exp(w*math.Log(o.SI) + (1-w)*math.Log(v.SI))
			note := "log-log interpolation between 45 nm and 7 nm"
			if w < 0 {
				note = "log-log extrapolation from 45 nm and 7 nm"
			}
			e.Values = append(e.Values, derivedValue(v, v.Quantity, x, note))
		}
		more = append(more, e)
	}
	tab.Entries = append(tab.Entries, more...)
	return nil
}

// derivedValue returns a value computed from others, in the unit of like.
func derivedValue(like Value, quantity string, si float64, note string) Value {
	v := like
	v.Quantity, v.SI, v.Kind, v.Note = quantity, si, Derived, note
	v.Low, v.High = math.NaN(), math.NaN()
	scale, err := v.unit.SI("1")
	if err != nil {
		scale = 1
	}
	v.Text = strconv.FormatFloat(si/scale, 'g', 4, 64)
	if strings.ContainsAny(v.Text, "e") {
		v.Text = strconv.FormatFloat(si/scale, 'f', -1, 64)
	}
	return v
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
