package main

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"go/ast"
	"go/constant"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"hash/fnv"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// site is one mutant: bytes from..to of a file replaced by text.
type site struct {
	file, path string // relative to the module, and on disk
	from, to   int
	text       string // what replaces the bytes
	operator   string
	line, col  int
	lineText   string // trimmed
	in         function
}

func (s site) String() string {
	return fmt.Sprintf("%s:%d:%d: %s: %s", s.file, s.line, s.col, s.operator, s.lineText)
}

// mutant is the file with the place changed.
func (s site) mutant(src []byte) []byte {
	return slices.Concat(src[:s.from], []byte(s.text), src[s.to:])
}

// key names a mutant by the text of its line, not its number.
func (s site) key() string { return s.file + "\t" + s.operator + "\t" + s.lineText }

// choose returns n of the sites that are not judged equivalent (all if n is
// 0), in the order of a hash. Of equal keys the first in the file comes first.
func choose(sites []site, seed uint64, n int, equivalent map[string]bool) []site {
	type ranked struct {
		hash uint64
		site site
	}
	var all []ranked
	seen := map[string]int{}
	for _, s := range sites {
		k := s.key()
		if equivalent[k] {
			continue
		}
		h := fnv.New64a()
		h.Write(binary.LittleEndian.AppendUint64(nil, seed))
		fmt.Fprintf(h, "%s\t%d", k, seen[k])
		seen[k]++
		x := h.Sum64() // FNV leaves the high bits of similar texts similar
		x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
		x = (x ^ x>>27) * 0x94d049bb133111eb
		all = append(all, ranked{x ^ x>>31, s})
	}
	slices.SortStableFunc(all, func(a, b ranked) int { return cmp.Compare(a.hash, b.hash) })
	if n > 0 && n < len(all) {
		all = all[:n]
	}
	chosen := make([]site, len(all))
	for i, r := range all {
		chosen[i] = r.site
	}
	return chosen
}

// sites finds every place of the package's files that an operator changes.
// Generated files are left out.
func (p *pkg) sites() ([]site, error) {
	fset := token.NewFileSet()
	var files []*ast.File
	var sources [][]byte
	for _, name := range p.GoFiles {
		path := filepath.Join(p.Dir, name)
		src, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		f, err := parser.ParseFile(fset, path, src, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		files, sources = append(files, f), append(sources, src)
	}
	info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Uses: map[*ast.Ident]types.Object{}}
	lookup := func(path string) (io.ReadCloser, error) { return os.Open(p.exports[path]) }
	conf := types.Config{Importer: importer.ForCompiler(fset, "gc", lookup)}
	if _, err := conf.Check(p.ImportPath, fset, files, info); err != nil {
		return nil, err
	}
	p.valid = func(s site) bool {
		i := slices.IndexFunc(p.GoFiles, func(name string) bool { return filepath.Join(p.Dir, name) == s.path })
		f, err := parser.ParseFile(fset, s.path, s.mutant(sources[i]), parser.SkipObjectResolution)
		if err == nil {
			changed := slices.Clone(files)
			changed[i] = f
			_, err = conf.Check(p.ImportPath, fset, changed, nil)
		}
		return err == nil
	}
	var all []site
	for i, f := range files {
		if ast.IsGenerated(f) {
			continue
		}
		c := &collector{info: info, file: fset.File(f.FileStart), src: sources[i], skip: map[ast.Node]bool{}}
		c.base = site{path: filepath.Join(p.Dir, p.GoFiles[i]), file: filepath.ToSlash(filepath.Join(p.rel(), p.GoFiles[i]))}
		for _, d := range f.Decls {
			c.base.in = function{}
			if fn, ok := d.(*ast.FuncDecl); ok {
				c.base.in = c.function(fn)
			}
			ast.Inspect(d, c.visit)
		}
		all = append(all, c.found...)
	}
	return all, nil
}

type collector struct {
	info  *types.Info
	file  *token.File
	src   []byte
	base  site
	skip  map[ast.Node]bool
	found []site
}

func (c *collector) add(from, to token.Pos, operator, text string) {
	s := c.base
	s.from, s.to = c.file.Offset(from), c.file.Offset(to)
	s.operator, s.text = operator, text
	at := c.file.Position(from)
	s.line, s.col = at.Line, at.Column
	line := c.src[c.file.Offset(c.file.LineStart(at.Line)):]
	first, _, _ := strings.Cut(string(line), "\n")
	s.lineText = strings.Join(strings.Fields(first), " ")
	c.found = append(c.found, s)
}

func (c *collector) source(n ast.Node) string {
	return string(c.src[c.file.Offset(n.Pos()):c.file.Offset(n.End())])
}

var swaps = map[token.Token][]token.Token{
	token.LSS: {token.LEQ, token.GEQ}, token.GTR: {token.GEQ, token.LEQ},
	token.LEQ: {token.LSS, token.GTR}, token.GEQ: {token.GTR, token.LSS},
	token.EQL: {token.NEQ}, token.NEQ: {token.EQL}, token.LAND: {token.LOR}, token.LOR: {token.LAND},
	token.ADD: {token.SUB}, token.SUB: {token.ADD}, token.MUL: {token.QUO}, token.QUO: {token.MUL}, token.REM: {token.MUL},
	token.SHL: {token.SHR}, token.SHR: {token.SHL}, token.AND: {token.OR}, token.OR: {token.AND}, token.XOR: {token.AND},
	token.ADD_ASSIGN: {token.SUB_ASSIGN}, token.SUB_ASSIGN: {token.ADD_ASSIGN},
	token.MUL_ASSIGN: {token.QUO_ASSIGN}, token.QUO_ASSIGN: {token.MUL_ASSIGN},
	token.INC: {token.DEC}, token.DEC: {token.INC},
}

func (c *collector) swap(at token.Pos, op token.Token) {
	for _, to := range swaps[op] {
		c.add(at, at+token.Pos(len(op.String())), op.String()+" to "+to.String(), to.String())
	}
}

func (c *collector) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.ImportSpec, *ast.ArrayType:
		return false
	case *ast.BinaryExpr:
		if c.is(n.X, types.IsString) && n.Op == token.ADD {
			break
		}
		c.swap(n.OpPos, n.Op)
	case *ast.BasicLit:
		if !c.skip[n] {
			c.number(n)
		}
	case *ast.Ident:
		if _, ok := c.info.Uses[n].(*types.Const); ok {
			c.constant(n)
		}
	case *ast.SelectorExpr:
		if _, ok := c.info.Uses[n.Sel].(*types.Const); ok {
			c.constant(n)
			return false
		}
	case *ast.IfStmt:
		c.add(n.Cond.Pos(), n.Cond.End(), "if never", "false && ("+c.source(n.Cond)+")")
	case *ast.ExprStmt, *ast.BranchStmt:
		c.drop(n)
	case *ast.IncDecStmt:
		c.swap(n.TokPos, n.Tok)
	case *ast.AssignStmt:
		if n.Tok != token.DEFINE && !c.skip[n] {
			if n.Tok != token.ADD_ASSIGN || !c.is(n.Lhs[0], types.IsString) {
				c.swap(n.TokPos, n.Tok)
			}
			if name, ok := n.Lhs[0].(*ast.Ident); !ok || name.Name != "_" {
				c.drop(n)
			}
		}
	case *ast.ForStmt:
		if n.Post != nil { // without its step every loop hangs
			c.skip[n.Post] = true
		}
	case *ast.ReturnStmt:
		failed := c.fails(n)
		for _, x := range n.Results {
			if _, literal := x.(*ast.BasicLit); literal && failed {
				c.skip[x] = true
			} else {
				c.sign(x, "sign of a result")
			}
		}
	case *ast.CallExpr:
		c.call(n)
	}
	return true
}

// fails says whether a return hands back an error: nobody reads the literals
// beside it.
func (c *collector) fails(r *ast.ReturnStmt) bool {
	if len(r.Results) == 0 {
		return false
	}
	last := c.info.TypeOf(r.Results[len(r.Results)-1])
	return last != nil && types.Implements(last, errorInterface)
}

var errorInterface = types.Universe.Lookup("error").Type().Underlying().(*types.Interface)

func (c *collector) drop(n ast.Node) {
	c.add(n.Pos(), n.End(), "statement dropped", "if false { "+c.source(n)+" }")
}

// is says whether an expression's type is basic with all bits of kind.
func (c *collector) is(x ast.Expr, kind types.BasicInfo) bool {
	t := c.info.TypeOf(x)
	if t == nil {
		return false
	}
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&kind != 0
}

func (c *collector) number(n *ast.BasicLit) {
	switch {
	case n.Kind == token.INT && c.is(n, types.IsFloat), n.Kind == token.FLOAT:
		if v := constant.MakeFromLiteral(n.Value, n.Kind, 0); constant.Sign(v) == 0 {
			c.add(n.Pos(), n.End(), "0 to 1", "1")
		} else {
			c.add(n.Pos(), n.End(), "number x10", "(10 * "+n.Value+")")
		}
	case n.Kind == token.INT:
		if v, err := strconv.ParseUint(n.Value, 0, 63); err == nil {
			c.add(n.Pos(), n.End(), "number + 1", strconv.FormatUint(v+1, 10))
		}
	}
}

// constant scales a named constant of a float type: a unit, a physical one.
func (c *collector) constant(x ast.Expr) {
	if c.is(x, types.IsFloat) {
		c.add(x.Pos(), x.End(), "constant x10", "(10 * "+c.source(x)+")")
	}
}

func (c *collector) sign(x ast.Expr, operator string) {
	v := c.info.Types[x].Value
	if zero := v != nil && v.Kind() != constant.String && v.Kind() != constant.Bool && constant.Sign(v) == 0; zero {
		return
	}
	if c.is(x, types.IsNumeric) && !c.is(x, types.IsUnsigned) {
		c.add(x.Pos(), x.End(), operator, "-("+c.source(x)+")")
	}
}

var opposite = map[string]string{"min": "max", "max": "min", "Min": "Max", "Max": "Min"}

// even are the functions of math that a sign does not change.
var even = map[string]bool{"Abs": true, "Cos": true, "Cosh": true, "IsNaN": true}

func (c *collector) call(n *ast.CallExpr) {
	for _, x := range n.Args { // signs in messages
		if v := c.info.Types[x].Value; v != nil && v.Kind() == constant.String && strings.Contains(constant.StringVal(v), "%") {
			return
		}
	}
	name, _ := n.Fun.(*ast.Ident)
	if sel, ok := n.Fun.(*ast.SelectorExpr); ok {
		x, isIdent := sel.X.(*ast.Ident)
		if isIdent && x.Name == "fmt" {
			return
		}
		if isIdent && x.Name == "math" && (even[sel.Sel.Name] || sel.Sel.Name == "IsInf" && c.source(n.Args[1]) == "0") {
			return
		}
		if isIdent && x.Name == "math" && (sel.Sel.Name == "Inf" || sel.Sel.Name == "IsInf") { // only the sign counts
			if one := n.Args[len(n.Args)-1]; c.source(one) != "0" {
				if minus, ok := one.(*ast.UnaryExpr); ok {
					one = minus.X
				}
				c.skip[one] = true
			}
		}
		if isIdent && x.Name == "strconv" && sel.Sel.Name == "ParseFloat" { // 65 bits are 64
			c.skip[n.Args[1]] = true
		}
		if isIdent && (x.Name == "math" || x.Name == "slices") {
			name = sel.Sel
		}
	}
	if name != nil && opposite[name.Name] != "" {
		c.add(name.Pos(), name.End(), name.Name+" to "+opposite[name.Name], opposite[name.Name])
	} else if c.info.Types[n.Fun].IsBuiltin() {
		return
	}
	for _, x := range n.Args {
		c.sign(x, "sign of an argument")
	}
}
