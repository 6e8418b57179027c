package onnx

import "fmt"

func readInfo(m *message) (Info, error) {
	var v Info
	b, err := m.body()
	if err != nil {
		return v, err
	}
	err = b.each(func() (err error) {
		switch b.num {
		case 1:
			v.Name, err = b.text()
		case 2:
			err = v.readType(&b)
		default:
			err = b.skip()
		}
		return err
	})
	return v, err
}

func (v *Info) readType(m *message) error {
	b, err := m.body()
	if err != nil {
		return err
	}
	return b.each(func() error {
		const tensor, sequence, optional = 1, 4, 9
		switch b.num {
		case sequence, optional:
			v.List = v.List || b.num == sequence
			return v.readInner(&b)
		case tensor:
		default:
			return b.skip()
		}
		t, err := b.body()
		if err != nil {
			return err
		}
		return t.each(func() (err error) {
			switch t.num {
			case 1:
				v.Type, err = t.varint()
			case 2:
				err = v.readShape(&t)
			default:
				err = t.skip()
			}
			return err
		})
	})
}

// readInner reads the type of what a sequence or an optional holds.
func (v *Info) readInner(m *message) error {
	if m.f.depth++; m.f.depth > maxDepth {
		return fmt.Errorf("byte %d: types nested deeper than %d", m.off, maxDepth)
	}
	defer func() { m.f.depth-- }()
	b, err := m.body()
	if err != nil {
		return err
	}
	return b.each(func() error {
		if b.num != 1 {
			return b.skip()
		}
		return v.readType(&b)
	})
}

func (v *Info) readShape(m *message) error {
	b, err := m.body()
	if err != nil {
		return err
	}
	return b.each(func() error {
		if b.num != 1 {
			return b.skip()
		}
		d, err := b.body()
		if err != nil {
			return err
		}
		if len(v.Dims) >= MaxRank {
			return fmt.Errorf("byte %d: %q has more than %d dimensions", b.off, v.Name, MaxRank)
		}
		x := Dim{Value: -1}
		err = d.each(func() (err error) {
			switch d.num {
			case 1:
				x.Value, err = d.varint()
			case 2:
				x.Symbol, err = d.text()
			default:
				err = d.skip()
			}
			return err
		})
		v.Dims = append(v.Dims, x)
		return err
	})
}
