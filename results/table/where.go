package table

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"stco/model/units"
	"stco/results"
)

// parseWhere compiles a filter to a test of row numbers. Grammar:
//
//	or   = and { ("||" | "or") and }
//	and  = not { ("&&" | "and") not }
//	not  = ("!" | "not") not | "(" or ")" | side op side
//	side = number [unit] | name | 'text' | "text"
//	op   = "<" | "<=" | ">" | ">=" | "==" | "=" | "!="
func parseWhere(t *results.Table, src string) (func(row int) bool, error) {
	p := &parser{t: t, src: src}
	if err := p.next(); err != nil {
		return nil, err
	}
	keep, err := p.or()
	if err != nil {
		return nil, err
	}
	if p.tok.kind != end {
		return nil, p.errorf("expected && or || before %q", p.tok.text)
	}
	return keep, nil
}

type tokenKind int

const (
	end tokenKind = iota
	number
	name
	quoted
	symbol
)

type token struct {
	kind  tokenKind
	text  string
	value float64
	unit  string // of a number; empty: that of the column beside it
	at    int
}

type parser struct {
	t     *results.Table
	src   string
	pos   int
	tok   token
	depth int
}

func (p *parser) errorf(format string, args ...any) error {
	return fmt.Errorf("at character %d: %w", p.tok.at+1, fmt.Errorf(format, args...))
}

func isLetter(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c >= 0x80
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// next reads a token.
func (p *parser) next() error {
	for p.pos < len(p.src) && strings.IndexByte(" \t\r\n", p.src[p.pos]) >= 0 {
		p.pos++
	}
	p.tok = token{at: p.pos}
	if p.pos == len(p.src) {
		return nil
	}
	rest := p.src[p.pos:]
	c := rest[0]
	switch {
	case isDigit(c), strings.IndexByte("+-.", c) >= 0:
		return p.number(rest)
	case isLetter(c):
		n := 1
		for n < len(rest) && (isLetter(rest[n]) || isDigit(rest[n]) || strings.IndexByte("-.+", rest[n]) >= 0) {
			n++
		}
		p.set(name, rest[:n], n)
		switch p.tok.text {
		case "and":
			p.set(symbol, "&&", 0)
		case "or":
			p.set(symbol, "||", 0)
		case "not":
			p.set(symbol, "!", 0)
		}
	case c == '\'' || c == '"':
		n := strings.IndexByte(rest[1:], c)
		if n < 0 {
			return p.errorf("text has no closing %c", c)
		}
		p.set(quoted, rest[1:1+n], n+2)
	default:
		for _, s := range []string{"&&", "||", "<=", ">=", "==", "!=", "<", ">", "=", "!", "(", ")"} {
			if strings.HasPrefix(rest, s) {
				p.set(symbol, s, len(s))
				return nil
			}
		}
		return p.errorf("unexpected %q", c)
	}
	return nil
}

func (p *parser) set(kind tokenKind, text string, width int) {
	p.tok.kind, p.tok.text = kind, text
	p.pos += width
}

func (p *parser) number(rest string) error {
	n := 1
	for n < len(rest) && (isDigit(rest[n]) || rest[n] == '.' ||
		(rest[n] == 'e' || rest[n] == 'E') && n+1 < len(rest) && (isDigit(rest[n+1]) || strings.IndexByte("+-", rest[n+1]) >= 0) ||
		strings.IndexByte("+-", rest[n]) >= 0 && (rest[n-1] == 'e' || rest[n-1] == 'E')) {
		n++
	}
	v, err := strconv.ParseFloat(rest[:n], 64)
	if err != nil {
		return p.errorf("%q is not a number", rest[:n])
	}
	m := n
	for m < len(rest) && (isLetter(rest[m]) || rest[m] == '%' || m > n && (isDigit(rest[m]) || strings.IndexByte("^/*", rest[m]) >= 0)) {
		m++
	}
	p.tok.kind, p.tok.text, p.tok.value, p.tok.unit = number, rest[:n], v, rest[n:m]
	p.pos += m
	return nil
}

// convert brings a number with a unit to the unit of the column beside it.
func (p *parser) convert(s, beside side) (side, error) {
	if s.kind != number || s.unit == "" || s.col >= 0 {
		return s, nil
	}
	at := p.tok.at
	p.tok.at = s.at
	switch {
	case beside.col < 0:
		return s, p.errorf("%s%s: a unit needs a column beside it", s.text, s.unit)
	case p.t.Columns[beside.col].Unit == "":
		return s, p.errorf("%s%s: %s has no unit", s.text, s.unit, beside.text)
	}
	v, err := units.Convert(s.text, s.unit, p.t.Columns[beside.col].Unit)
	if err != nil {
		return s, p.errorf("%s: %w", beside.text, err)
	}
	s.value, p.tok.at = v, at
	return s, nil
}

func (p *parser) take(sym string) (bool, error) {
	if p.tok.kind != symbol || p.tok.text != sym {
		return false, nil
	}
	return true, p.next()
}

func (p *parser) or() (func(int) bool, error) {
	return p.chain("||", p.and, func(a, b func(int) bool) func(int) bool {
		return func(r int) bool { return a(r) || b(r) }
	})
}

func (p *parser) and() (func(int) bool, error) {
	return p.chain("&&", p.not, func(a, b func(int) bool) func(int) bool {
		return func(r int) bool { return a(r) && b(r) }
	})
}

func (p *parser) chain(sym string, part func() (func(int) bool, error), join func(a, b func(int) bool) func(int) bool) (func(int) bool, error) {
	keep, err := part()
	for err == nil {
		var more bool
		if more, err = p.take(sym); err != nil || !more {
			return keep, err
		}
		var right func(int) bool
		if right, err = part(); err == nil {
			keep = join(keep, right)
		}
	}
	return nil, err
}

// maxDepth bounds the nesting of a filter.
const maxDepth = 200

func (p *parser) not() (func(int) bool, error) {
	if p.depth++; p.depth > maxDepth {
		return nil, p.errorf("nested deeper than %d", maxDepth)
	}
	defer func() { p.depth-- }()
	if yes, err := p.take("!"); yes || err != nil {
		if err != nil {
			return nil, err
		}
		keep, err := p.not()
		if err != nil {
			return nil, err
		}
		return func(r int) bool { return !keep(r) }, nil
	}
	open, err := p.take("(")
	if err != nil {
		return nil, err
	}
	if !open {
		return p.comparison()
	}
	keep, err := p.or()
	if err != nil {
		return nil, err
	}
	closed, err := p.take(")")
	if err == nil && !closed {
		err = p.errorf("expected )")
	}
	return keep, err
}

// side is one operand of a comparison: a column, a number, a text, or the
// label of the row.
type side struct {
	token
	col   int // -1: none
	label bool
}

func (p *parser) side() (side, error) {
	s := side{token: p.tok, col: -1}
	switch p.tok.kind {
	case number, quoted:
	case name:
		col, err := p.t.Index(p.tok.text)
		switch {
		case err == nil:
			s.col = col
		case p.tok.text == "label":
			s.label = true
		}
	case end, symbol:
		if p.tok.kind == end {
			return s, p.errorf("expected a column, number or text at the end")
		}
		return s, p.errorf("expected a column, number or text, found %q", p.tok.text)
	}
	return s, p.next()
}

func (p *parser) comparison() (func(int) bool, error) {
	left, err := p.side()
	if err != nil {
		return nil, err
	}
	op := p.tok
	if op.kind != symbol || numberTest(op.text) == nil {
		return nil, p.errorf("expected one of < <= > >= == != after %q", left.text)
	}
	if err := p.next(); err != nil {
		return nil, err
	}
	right, err := p.side()
	if err != nil {
		return nil, err
	}
	p.tok, op = op, p.tok // errors point at the operator
	defer func() { p.tok = op }()
	if p.isText(left) || p.isText(right) {
		return p.compareText(left, right)
	}
	if left, err = p.convert(left, right); err != nil {
		return nil, err
	}
	if right, err = p.convert(right, left); err != nil {
		return nil, err
	}
	l, err := p.numeric(left)
	if err != nil {
		return nil, err
	}
	r, err := p.numeric(right)
	if err != nil {
		return nil, err
	}
	test := numberTest(p.tok.text)
	return func(row int) bool {
		a, b := l(row), r(row)
		return !math.IsNaN(a) && !math.IsNaN(b) && test(a, b)
	}, nil
}

// numberTest is the comparison an operator stands for; nil for another symbol.
func numberTest(op string) func(a, b float64) bool {
	switch op {
	case "<":
		return func(a, b float64) bool { return a < b }
	case "<=":
		return func(a, b float64) bool { return a <= b }
	case ">":
		return func(a, b float64) bool { return a > b }
	case ">=":
		return func(a, b float64) bool { return a >= b }
	case "==", "=":
		return func(a, b float64) bool { return a == b }
	case "!=":
		return func(a, b float64) bool { return a != b }
	}
	return nil
}

// isText tells a side that has a text in each row.
func (p *parser) isText(s side) bool {
	return s.label || s.kind == quoted || s.col >= 0 && p.t.Columns[s.col].Choices != nil
}

func (p *parser) numeric(s side) (func(int) float64, error) {
	if s.kind == number {
		return func(int) float64 { return s.value }, nil
	}
	if s.col < 0 {
		_, err := p.t.Index(s.text)
		p.tok.at = s.at
		return nil, p.errorf("%w", err)
	}
	return func(row int) float64 { return p.t.Rows[row][s.col] }, nil
}

// compareText compares a column of choices, or the label, with a text. A bare
// word beside it is a text.
func (p *parser) compareText(left, right side) (func(int) bool, error) {
	if p.tok.text != "==" && p.tok.text != "=" && p.tok.text != "!=" {
		return nil, p.errorf("texts can be compared with == and != only")
	}
	for _, pair := range [][2]side{{left, right}, {right, left}} {
		col, text := pair[0], pair[1]
		if col.col < 0 || p.isText(text) && text.kind != quoted {
			continue
		}
		choices := p.t.Columns[col.col].Choices
		if choices == nil {
			p.tok.at = text.at
			return nil, p.errorf("%s holds numbers, not the text %q", col.text, text.text)
		}
		if !slices.Contains(choices, text.text) {
			p.tok.at = text.at
			return nil, p.errorf("%s is never %q; it is one of %s", col.text, text.text, strings.Join(choices, ", "))
		}
	}
	l, r := p.textOf(left), p.textOf(right)
	equal := p.tok.text != "!="
	return func(row int) bool {
		a, okA := l(row)
		b, okB := r(row)
		return okA && okB && (a == b) == equal
	}, nil
}

func (p *parser) textOf(s side) func(int) (string, bool) {
	switch {
	case s.label:
		return func(row int) (string, bool) { return p.t.LabelOf(row), true }
	case s.col >= 0 && p.t.Columns[s.col].Choices != nil:
		return func(row int) (string, bool) {
			return p.t.Text(row, s.col), !math.IsNaN(p.t.Rows[row][s.col])
		}
	}
	return func(int) (string, bool) { return s.text, true }
}
