package tech

import "stco/model/units"

// SOTMaterial is a channel material of the table sot_materials.
type SOTMaterial struct {
	Name        string
	Efficiency  float64           // damping-like efficiency xi_DL of a film of thickness Thickness
	Thickness   units.Length      // film thickness the efficiency was measured at
	Resistivity units.Resistivity //
	SpinLength  units.Length      // spin diffusion length (E12)
}

// SOTMaterial returns the channel material of a name.
func (t *Tables) SOTMaterial(name string) (SOTMaterial, error) {
	e, err := t.Entry("sot_materials", name)
	if err != nil {
		return SOTMaterial{}, err
	}
	f := &fields{entry: e}
	m := SOTMaterial{
		Name:        name,
		Efficiency:  float64(field[units.Ratio](f, "xi_dl")),
		Thickness:   field[units.Length](f, "xi_thickness"),
		Resistivity: field[units.Resistivity](f, "rho"),
		SpinLength:  field[units.Length](f, "lambda_sf"),
	}
	return m, f.err
}
