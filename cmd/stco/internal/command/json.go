package command

import (
	"bytes"
	"encoding/json"
	"io"
	"math"
)

// WriteJSON writes a value as indented JSON.
func WriteJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// Finite is a number as JSON can have it: null for one that is not finite.
func Finite(v float64) any {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	return v
}

// Object is a JSON object that keeps the order of its keys.
type Object struct {
	keys   []string
	values []any
}

// Set appends a key.
func (m *Object) Set(key string, value any) {
	m.keys, m.values = append(m.keys, key), append(m.values, value)
}

// MarshalJSON writes the object.
func (m *Object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, k := range m.keys {
		if i > 0 {
			b.WriteByte(',')
		}
		key, err := json.Marshal(k)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(m.values[i])
		if err != nil {
			return nil, err
		}
		b.Write(key)
		b.WriteByte(':')
		b.Write(value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}
