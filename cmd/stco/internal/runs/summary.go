package runs

import (
	"fmt"
	"io"
	"strings"

	"stco/cmd/stco/internal/command"
	"stco/experiments/answer"
	"stco/experiments/campaign"
	"stco/experiments/inspect"
	"stco/results"
	"stco/results/store"
	"stco/results/table"
)

// narrow is the width of a line below which designs are shown without their ids, which
// would leave no room for their figures.
const narrow = 60

// columnWidth is what a column of a table of designs takes, about.
const columnWidth = 10

// writeFront prints designs with their baselines below, to people: with all their
// columns if they were chosen, otherwise those of a first look.
func writeFront(w io.Writer, front, bases *results.Table, format string, chosen bool) error {
	if !chosen {
		front = inspect.Essential(front, (command.LineWidth(w)-command.Width)/columnWidth)
		if command.LineWidth(w) < narrow {
			front.Drop(results.IDColumn)
		}
	}
	tables := []*results.Table{front}
	if bases != nil && len(bases.Rows) > 0 {
		tables = append(tables, inspect.Select(bases, front))
	}
	return table.Write(w, table.Style{Format: table.Format(format), Width: command.LineWidth(w), Explicit: chosen}, tables...)
}

// most is the number of designs of a front that a summary shows.
const most = 12

// printSummary prints what a finished campaign found: in CSV and JSON the front,
// to people all of the answer.
func printSummary(w io.Writer, s *campaign.Summary, format string) error {
	if format == "csv" || format == "json" {
		return command.WriteTable(w, s.Front, format)
	}
	p := &printer{w: w, format: format, run: s.Dir}
	total := store.Generation{Evaluations: s.Evaluations, Infeasible: s.Infeasible, Duplicates: s.Duplicates}
	p.line("%d evaluations, %.1f %% of them infeasible; %.1f %% of the proposed designs were known and not evaluated again",
		s.Evaluations, 100*total.InfeasibleShare(), 100*total.DuplicateShare())
	if s.Scenarios == 0 { // with scenarios each has its own
		p.line("machine %s", s.Machine)
	}
	if missed := campaign.MissedMost(s.Limits); s.Scenarios == 0 && missed != "" {
		p.line("limits missed most often, in %% of the evaluations: %s", missed)
	}
	if len(s.Empty) > 0 {
		p.line("without a feasible design: %s", strings.Join(s.Empty, ", "))
	}
	for _, n := range s.Notes {
		p.line("%s", n)
	}
	p.line("")
	if s.Scenarios > 0 {
		return p.scenarios(s)
	}
	for r := range s.Verdict.Rows {
		p.text(s.Verdict.Text(r, 0))
	}
	p.list("the best buffer of every technology under each area (gain: of SRAM over it, above 1 it is better; area gain: area of the smallest SRAM buffer of at most its energy-delay product over its own)", shortLadder(s.Ladder))
	if len(s.Technologies.Rows) > 1 {
		p.list("technologies beside each other: designs of the front of each, those that another one dominates, those in the joint front", s.Technologies)
	}
	free := answer.Undominated(s.Front)
	shown := inspect.Spread(s.Front.Pick(free, nil), most)
	p.line("")
	p.text(frontTitle(s.Dir, len(shown.Rows), len(free), len(s.Front.Rows)))
	if p.err == nil && len(shown.Rows) > 0 {
		p.err = writeFront(w, shown, s.Baselines, format, false)
	}
	if len(s.Doubts.Rows) > 0 {
		p.list("at bounds and doubtful, by share of the front", s.Doubts)
	}
	p.table("gains over SRAM (above 1: better than the baseline; area: design over baseline)", inspect.GainSummary(s.Gains))
	p.list("where energy and time go, summed over the workloads", answer.PartsBeside(s.Parts))
	if format != "table" {
		return p.err
	}
	p.files(s)
	p.line("Next: stco pareto %s --weights ..., or --at 'area_mm2 < 30'   another choice than the knee", s.Dir)
	p.line("      stco eval %s --design knee --explain   one design taken apart", s.Dir)
	p.line("      stco plot %s --figure parallel   all knobs and objectives in one figure", s.Dir)
	p.line("      stco export %s --what ladder   this table as CSV; also verdict, doubts, sram, parts, archive", s.Dir)
	if s.Seeds > 1 {
		p.line("      stco compare %s --what seeds   the %d seeds beside each other", s.Dir, s.Seeds)
	}
	return p.err
}

// scenarios prints where each technology pays, scenario by scenario.
func (p *printer) scenarios(s *campaign.Summary) error {
	if s.Regimes == nil {
		return p.err
	}
	for _, text := range answer.Overview(s.Regimes) {
		p.text(text)
	}
	p.text("Baseline: at each area budget of each scenario the SRAM buffer of least energy-delay product within that area, of all capacities, banks and words, in the flavours hp, lop and lstp, under the same scenario.")
	p.table("where each technology pays, by scenario (gain: of the best SRAM buffer within the area over it, above 1 it is better)", s.Regimes)
	if p.format != "table" {
		return p.err
	}
	p.files(s)
	p.line("Next: stco pareto %s --scenario NAME   the front of one scenario", s.Dir)
	p.line("      stco pareto %s --by AXIS   this table sorted by an axis", s.Dir)
	p.line("      stco export %s --what ladder   the ladders of all scenarios as CSV; also verdict, gains, front", s.Dir)
	return p.err
}

// files lists what the run wrote.
func (p *printer) files(s *campaign.Summary) {
	p.line("")
	for _, f := range s.Files {
		p.line("%s", f)
	}
	p.line("")
}

// frontTitle is what stands above the front of a run.
func frontTitle(dir string, shown, free, all int) string {
	if free == 0 {
		return fmt.Sprintf("%s: Pareto front: an SRAM buffer dominates each of its %d designs (stco pareto %s --all)", dir, all, dir)
	}
	return fmt.Sprintf("%s: Pareto front, %d of the %d designs that no SRAM buffer dominates, and the SRAM baselines of the knee%s",
		dir, shown, free, leftOut(all-free, dir))
}

func leftOut(n int, dir string) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("; %d dominated ones are left out (stco pareto %s --all)", n, dir)
}

// printer prints until the first error. The title of every table names the run.
type printer struct {
	w      io.Writer
	format string
	run    string
	err    error
}

func (p *printer) line(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format+"\n", args...)
	}
}

// text prints a paragraph in lines of the usual width, or less on a terminal that
// is narrower.
func (p *printer) text(text string) {
	line, width := "", min(command.LineWidth(p.w), command.Width)
	for word := range strings.FieldsSeq(text) {
		if line != "" && len([]rune(line))+1+len([]rune(word)) > width {
			p.line("%s", line)
			line = word
			continue
		}
		line = strings.TrimPrefix(line+" "+word, " ")
	}
	p.line("%s", line)
}

func (p *printer) list(title string, t *results.Table) { p.titled(title, t, command.WriteList) }

func (p *printer) table(title string, t *results.Table) { p.titled(title, t, command.WriteTable) }

func (p *printer) titled(title string, t *results.Table, write func(io.Writer, *results.Table, string) error) {
	p.line("")
	p.text(p.run + ": " + title)
	p.line("")
	if p.err == nil {
		p.err = write(p.w, t, p.format)
	}
}

// shortLadder leaves to a ladder what a line of a terminal has room for.
func shortLadder(t *results.Table) *results.Table {
	var cols []int
	for i, c := range t.Columns {
		if !strings.HasSuffix(c.Name, "_id") && (!strings.HasSuffix(c.Name, "_area") || c.Name == "area_budget") {
			cols = append(cols, i)
		}
	}
	return t.Pick(nil, cols)
}
