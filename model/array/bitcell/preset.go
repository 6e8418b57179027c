package bitcell

import (
	"fmt"

	"stco/model/device"
	"stco/model/tech"
	"stco/model/units"
)

// Preset returns the magnetic cell that the reference runs of other tools
// have on a node: table array_cells.
func Preset(t *tech.Tables, technology device.Technology, n *tech.Node) (User, error) {
	common, err := t.Entry("array_cells", technology.String())
	if err != nil {
		return User{}, fmt.Errorf("no preset of a %s cell: %w", technology, err)
	}
	drawn, err := t.Entry("array_cells", technology.String()+"-"+n.Name)
	if err != nil {
		return User{}, fmt.Errorf("no preset of a %s cell on %s: %w", technology, n.Name, err)
	}
	u := User{Technology: technology}
	for _, err := range [...]error{
		read(common, "resistance_on", &u.On), read(common, "resistance_off", &u.Off),
		read(common, "read_voltage", &u.ReadVoltage), read(common, "write_current", &u.WriteCurrent),
		read(common, "write_pulse", &u.WritePulse), read(common, "write_energy", &u.WriteEnergy),
		number(common, "aspect", &u.Aspect), number(drawn, "area_f2", &u.AreaF2),
		read(drawn, "access_width", &u.AccessWidth),
	} {
		if err != nil {
			return User{}, err
		}
	}
	return u, nil
}

func read[Q units.Quantity](e *tech.Entry, quantity string, into *Q) error {
	v, err := tech.Get[Q](e, quantity)
	*into = v
	return err
}

func number(e *tech.Entry, quantity string, into *float64) error {
	v, err := e.Value(quantity)
	*into = v.SI
	return err
}
