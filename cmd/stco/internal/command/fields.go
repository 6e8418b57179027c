package command

import (
	"fmt"
	"reflect"
	"strings"

	"stco/results"
)

// field is a field of a structure that its JSON has.
type field struct {
	name  string
	value reflect.Value
}

// fields lists the fields of a structure by their JSON names, those of embedded
// structures in their place.
func fields(v reflect.Value) []field {
	for v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	var out []field
	for i := range v.NumField() {
		f := v.Type().Field(i)
		name, omit, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch x := v.Field(i); {
		case f.Anonymous && name == "":
			out = append(out, fields(x)...)
		case name != "" && name != "-" && (omit != "omitempty" || !x.IsZero()):
			out = append(out, field{name, x})
		}
	}
	return out
}

// text is a field as a text: a list with spaces between.
func (f *field) text() string {
	if f.value.Kind() == reflect.Slice {
		return strings.Trim(fmt.Sprint(f.value.Interface()), "[]")
	}
	return fmt.Sprint(f.value.Interface())
}

// Fields lists the fields of a structure, as its JSON names them.
func Fields(v any) *results.Table {
	t := results.NewList("fields", "quantity:text", "value:text")
	for _, f := range fields(reflect.ValueOf(v)) {
		t.Append(f.name, f.text())
	}
	return t
}

// Records lists structures, a row each, with the fields that the JSON of the
// first has as columns.
func Records[T any](all []T) *results.Table {
	t := results.NewList("records")
	for i := range all {
		var row []any
		for _, f := range fields(reflect.ValueOf(all[i])) {
			name, cell := f.name, any(nil)
			switch f.value.Kind() {
			case reflect.Int, reflect.Int64:
				cell = f.value.Int()
			case reflect.Float64:
				cell = f.value.Float()
			default:
				name, cell = f.name+":text", f.text()
			}
			if i == 0 {
				t.AddColumn(name)
			}
			row = append(row, cell)
		}
		t.Append(row...)
	}
	return t
}
