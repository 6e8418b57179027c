package process

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"stco/explore"
	"stco/space"
)

// description is the answer to {"ask":"problem"}.
type description struct {
	Variables   []variable  `json:"variables"`
	Objectives  []objective `json:"objectives"`
	Constraints []string    `json:"constraints"`
	Ideal       []float64   `json:"ideal"` // of the objectives, minimised; with Nadir the frame of the hypervolume
	Nadir       []float64   `json:"nadir"`
}

// variable is a parameter of the space as a program writes it.
type variable struct {
	Name      string    `json:"name"`
	Type      string    `json:"type"` // real, log, integer, power_of_two, choice; "" is real, or choice with options
	Unit      string    `json:"unit"`
	Min       float64   `json:"min"`
	Max       float64   `json:"max"`
	Step      float64   `json:"step"`
	Levels    int       `json:"levels"`
	Values    []float64 `json:"values"`
	Midpoints bool      `json:"midpoints"`
	Options   []string  `json:"options"`
}

// objective is a name, or a name with a goal.
type objective struct {
	Name string `json:"name"`
	Goal string `json:"goal"` // "min" (or "") and "max"
}

// UnmarshalJSON reads a text or an object.
func (o *objective) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] == '"' {
		return json.Unmarshal(data, &o.Name)
	}
	type plain objective
	return strictly(data, (*plain)(o))
}

// strictly decodes one JSON value without fields that nobody reads.
func strictly(data []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("more than one JSON value on the line")
	}
	return nil
}

var kinds = map[string]space.Kind{
	"real": space.Real, "log": space.LogReal, "integer": space.Integer, "power_of_two": space.PowerOfTwo, "choice": space.Choice,
}

// parameter returns the variable as the space knows it.
func (v *variable) parameter() (space.Parameter, error) {
	p := space.Parameter{
		Name: v.Name, Unit: v.Unit, Min: v.Min, Max: v.Max, Step: v.Step, Levels: v.Levels, Values: v.Values, Midpoints: v.Midpoints, Options: v.Options,
	}
	kind, known := kinds[v.Type]
	switch {
	case v.Type == "" && len(v.Options) > 0:
		kind = space.Choice
	case v.Type == "":
	case !known:
		return p, fmt.Errorf("variable %q: type %q: must be one of real, log, integer, power_of_two, choice", v.Name, v.Type)
	}
	p.Kind = kind
	if n := len(v.Values); n > 0 && kind != space.Choice && v.Min == 0 && v.Max == 0 {
		p.Min, p.Max = v.Values[0], v.Values[n-1]
	}
	return p, nil
}

// read fills in what a program says of its problem, or returns all its faults.
func (p *Program) read(line []byte) error {
	var d description
	if err := strictly(line, &d); err != nil {
		return fmt.Errorf("its description %s: %w", excerpt(line), plain(err))
	}
	var errs []error
	fault := func(format string, args ...any) { errs = append(errs, fmt.Errorf("its description: "+format, args...)) }
	params := make([]space.Parameter, len(d.Variables))
	names := map[string]string{}
	name := func(n, what string) {
		switch other, taken := names[n]; {
		case strings.TrimSpace(n) == "":
			fault("%s without a name", what)
		case taken && other != what:
			fault("%s %q: a %s has that name too", what, n, other)
		case taken && what != "variable": // the space says it of variables
			fault("%s %q is there twice", what, n)
		}
		names[n] = what
	}
	for i := range d.Variables {
		var err error
		if params[i], err = d.Variables[i].parameter(); err != nil {
			fault("%w", err)
		}
		name(d.Variables[i].Name, "variable")
	}
	if n := len(d.Objectives); n < 1 || n > explore.MaxObjectives {
		fault("%d objectives: allowed 1..%d", n, explore.MaxObjectives)
	}
	for _, o := range d.Objectives {
		if name(o.Name, "objective"); o.Goal != "" && o.Goal != "min" && o.Goal != "max" {
			fault("objective %q: goal %q: must be min or max", o.Name, o.Goal)
		}
	}
	for _, c := range d.Constraints {
		name(c, "constraint")
	}
	if len(d.Ideal) != len(d.Nadir) || len(d.Ideal) > 0 && len(d.Ideal) != len(d.Objectives) {
		fault("ideal of %d and nadir of %d values for %d objectives", len(d.Ideal), len(d.Nadir), len(d.Objectives))
	}
	s, err := space.New(params...)
	if err != nil {
		for line := range strings.SplitSeq(err.Error(), "\n") {
			fault("%s", line)
		}
	}
	if len(errs) > 0 {
		return errors.Join(errs...)
	}
	p.space, p.objectives, p.constraints, p.Ideal, p.Nadir = s, d.Objectives, d.Constraints, d.Ideal, d.Nadir
	p.Key, err = json.Marshal(d)
	return err
}

// plain says of an error of JSON what a writer of a program needs to know.
func plain(err error) error {
	if text := err.Error(); strings.Contains(text, "'N'") || strings.Contains(text, "'I'") {
		return errors.New("not JSON: NaN and Infinity are no JSON numbers; write null")
	}
	return err
}

// excerpt quotes the beginning of a line.
func excerpt(line []byte) string {
	const most = 80
	if len(line) > most {
		return fmt.Sprintf("%q...", line[:most])
	}
	return fmt.Sprintf("%q", line)
}
