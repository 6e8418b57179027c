package evaluate

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"sync"

	"stco/experiments/designs"
	"stco/experiments/study"
	"stco/model"
	"stco/model/near"
	"stco/objectives"
	"stco/results"
)

// Lines answers designs, one JSON object a line, with what they are worth under
// a study: an environment for optimisers in other languages. A design names
// knobs with their units ({"capacity": "16MiB", "pulse": "2ns", "banks": 64});
// those it leaves out have the value that the study fixes, or that of the default
// design. The answer, a line for each line in the same order, holds objectives,
// constraints (at most 0 when met) and metrics by name, or the error of the line.
// It returns at the end of the input, or with an error of reading or writing.
func Lines(ctx context.Context, s *study.Study, in io.Reader, out io.Writer, workers int) error {
	_, p, err := s.Build()
	if err != nil {
		return err
	}
	pool := make([]*liner, max(workers, 1))
	for i := range pool {
		e, err := p.NewEvaluator()
		if err != nil {
			return err
		}
		pool[i] = newLiner(p, e.Complete())
	}
	r, w := bufio.NewReaderSize(in, 1<<16), bufio.NewWriterSize(out, 1<<16)
	lines, answers := make([][]byte, 0, batch), make([][]byte, batch)
	for number := 1; ; number += len(lines) {
		if ctx.Err() != nil {
			return errors.Join(w.Flush(), context.Cause(ctx))
		}
		lines = lines[:0]
		var end error
		// Whatever is there is answered at once: a caller may wait for it.
		for len(lines) < batch && (len(lines) == 0 || r.Buffered() > 0) {
			var line []byte
			if line, end = readLine(r); end != nil {
				break
			}
			lines = append(lines, line)
		}
		var wg sync.WaitGroup
		for k := range pool {
			wg.Go(func() {
				for i := k; i < len(lines); i += len(pool) {
					answers[i] = pool[k].answer(answers[i][:0], number+i, lines[i])
				}
			})
		}
		wg.Wait()
		for i := range lines {
			if _, err := w.Write(answers[i]); err != nil {
				return err
			}
		}
		if err := w.Flush(); err != nil {
			return err
		}
		if errors.Is(end, io.EOF) {
			return nil
		}
		if end != nil {
			return end
		}
	}
}

// batch is the largest number of lines that are answered together.
const batch = 512

// longest bounds a line; what is longer is answered with an error.
const longest = 1 << 16

// readLine reads a line without its end. Of a line that is too long one byte more
// than the longest is kept. The last line may lack its end.
func readLine(r *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := r.ReadSlice('\n')
		if room := longest + 1 - len(line); room > 0 {
			line = append(line, part[:min(len(part), room)]...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF) && len(line) > 0, err == nil:
			return bytes.TrimRight(line, "\r\n"), nil
		}
		return nil, err
	}
}

// liner answers lines on one goroutine.
type liner struct {
	p       *objectives.Problem
	e       *objectives.Scorer
	knobs   []model.Knob
	byName  map[string]int
	names   []string
	metrics []objectives.Metric
	seen    []bool
	heads   []string // of the metrics and device columns: "energy_J":
	limits  []string // names of the constraints, quoted
	columns []designs.DeviceColumn
	f, g    []float64
}

func newLiner(p *objectives.Problem, e *objectives.Scorer) *liner {
	l := &liner{
		p: p, e: e, knobs: p.Model.Catalog.Knobs(), byName: map[string]int{}, metrics: objectives.Metrics(), columns: designs.DeviceColumns(),
		f: make([]float64, len(p.Objectives)), g: make([]float64, p.NumConstraints()),
	}
	l.seen = make([]bool, len(l.knobs))
	for i := range l.knobs {
		l.byName[l.knobs[i].Name] = i
		l.names = append(l.names, l.knobs[i].Name)
	}
	for i := range l.metrics {
		l.heads = append(l.heads, strconv.Quote(designs.Column(&l.metrics[i].Named, results.Metric).Header())+":")
	}
	for i := range l.columns {
		l.heads = append(l.heads, strconv.Quote(l.columns[i].Header())+":")
	}
	for i := range p.NumConstraints() {
		l.limits = append(l.limits, strconv.Quote(p.ConstraintName(i))+":")
	}
	return l
}

// answer appends the answer to a line.
func (l *liner) answer(b []byte, number int, line []byte) []byte {
	d := l.p.Decoder.Base()
	err := l.read(line, &d)
	if err == nil {
		err = l.e.EvaluateDesign(&d, l.f, l.g)
	}
	b = append(b, `{"line":`...)
	b = strconv.AppendInt(b, int64(number), 10)
	if err != nil {
		text, _ := json.Marshal(err.Error()) //nolint:errchkjson // a string is always JSON
		b = append(append(b, `,"error":`...), text...)
		return append(b, "}\n"...)
	}
	r := &l.e.Report
	feasible := true
	for _, v := range l.g {
		feasible = feasible && v <= 0
	}
	b = append(append(b, `,"id":"`...), l.p.Model.Catalog.Identity(&d)...)
	b = strconv.AppendBool(append(b, `","feasible":`...), feasible)
	b = append(b, `,"objectives":{`...)
	for i := range l.p.Objectives {
		m := &l.p.Objectives[i]
		head := designs.Column(&m.Named, results.Objective).Header()
		b = append(strconv.AppendQuote(separate(b, i), head), ':')
		b = appendNumber(b, m.Worth(l.e.Value(i)*m.SI)/m.SI)
	}
	b = append(b, `},"constraints":{`...)
	for i, v := range l.g {
		b = appendNumber(append(separate(b, i), l.limits[i]...), v)
	}
	b = append(b, `},"metrics":{`...)
	for i := range l.metrics {
		b = appendNumber(append(separate(b, i), l.heads[i]...), l.metrics[i].Value(r))
	}
	for i := range l.columns {
		b = appendNumber(append(separate(b, 1), l.heads[len(l.metrics)+i]...), l.columns[i].Get(r))
	}
	return append(b, "}}\n"...)
}

func separate(b []byte, i int) []byte {
	if i > 0 {
		return append(b, ',')
	}
	return b
}

// appendNumber writes a number as JSON; what is not finite is null.
func appendNumber(b []byte, v float64) []byte {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return append(b, "null"...)
	}
	return strconv.AppendFloat(b, v, 'g', -1, 64)
}

// read sets the knobs that a line names. Everything wrong is named at once.
func (l *liner) read(line []byte, d *model.Design) error {
	if len(line) > longest {
		return fmt.Errorf("the line has more than %d bytes", longest)
	}
	clear(l.seen)
	if plain, errs := l.plain(line, d); plain {
		return errors.Join(errs...)
	}
	*d = l.p.Decoder.Base()
	dec := json.NewDecoder(bytes.NewReader(line))
	dec.UseNumber()
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return errors.New(`want a JSON object such as {"capacity": "16MiB", "banks": 64}`)
	}
	clear(l.seen)
	var errs []error
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return fmt.Errorf("no JSON: %w", err)
		}
		name, ok := key.(string)
		if !ok {
			return errors.New("no JSON: a name of a knob is missing")
		}
		var raw json.RawMessage
		if err := dec.Decode(&raw); err != nil {
			return fmt.Errorf("%s: no JSON: %w", name, err)
		}
		v, err := scalar(name, raw)
		if err == nil {
			err = l.set(name, v, d)
		}
		errs = append(errs, err)
	}
	if _, err := dec.Token(); err != nil {
		return fmt.Errorf("no JSON: %w", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return errors.New("more than one JSON value in the line")
	}
	return errors.Join(errs...)
}

// plain reads a line that is an object of words, texts and numbers without
// escapes, as most are. False: it is not, and the JSON decoder judges it.
func (l *liner) plain(line []byte, d *model.Design) (ok bool, errs []error) {
	rest := bytes.Trim(line, " \t\r")
	if len(rest) < 2 || rest[0] != '{' || rest[len(rest)-1] != '}' {
		return false, nil
	}
	for rest = bytes.Trim(rest[1:len(rest)-1], " "); len(rest) > 0; {
		var name, text string
		if name, rest, ok = quoted(rest); !ok || len(rest) == 0 || rest[0] != ':' {
			return false, nil
		}
		if rest = bytes.TrimLeft(rest[1:], " "); len(rest) > 0 && rest[0] == '"' {
			if text, rest, ok = quoted(rest); !ok {
				return false, nil
			}
		} else {
			end := bytes.IndexByte(rest, ',')
			if end < 0 {
				end = len(rest)
			}
			number := bytes.Trim(rest[:end], " ")
			if !json.Valid(number) || (number[0] != '-' && (number[0] < '0' || number[0] > '9')) {
				return false, nil
			}
			text, rest = string(number), rest[end:]
		}
		if err := l.set(name, text, d); err != nil {
			errs = append(errs, err)
		}
		if len(rest) > 0 {
			if rest[0] != ',' {
				return false, nil
			}
			if rest = bytes.TrimLeft(rest[1:], " "); len(rest) == 0 {
				return false, nil // a comma without a name
			}
		}
	}
	return true, errs
}

// quoted reads a JSON string of printable ASCII without escapes, and the spaces
// after it.
func quoted(b []byte) (text string, rest []byte, ok bool) {
	if len(b) == 0 || b[0] != '"' {
		return "", b, false
	}
	for i := 1; i < len(b); i++ {
		switch c := b[i]; {
		case c == '"':
			return string(b[1:i]), bytes.TrimLeft(b[i+1:], " "), true
		case c == '\\' || c < ' ' || c > '~':
			return "", b, false
		}
	}
	return "", b, false
}

// scalar returns the text of a JSON string or number.
func scalar(name string, raw json.RawMessage) (string, error) {
	var s string
	switch c := raw[0]; {
	case c == '"':
		if err := json.Unmarshal(raw, &s); err != nil {
			return "", fmt.Errorf("%s: no JSON: %w", name, err)
		}
		return s, nil
	case c == '-' || (c >= '0' && c <= '9'):
		return string(raw), nil
	}
	return "", fmt.Errorf("%s: %s: want a text with a unit or a number", name, raw)
}

// set sets a knob to a text with a unit, or a plain number where the knob has no
// unit.
func (l *liner) set(name, text string, d *model.Design) error {
	i, ok := l.byName[name]
	if !ok {
		return fmt.Errorf("%s: unknown knob%s", name, near.Hint(name, l.names))
	}
	k := &l.knobs[i]
	if l.seen[i] {
		return fmt.Errorf("%s: given twice", name)
	}
	l.seen[i] = true
	v, err := k.Parse(text)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	k.Set(d, v)
	return nil
}
