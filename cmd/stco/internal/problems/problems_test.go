package problems

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/urfave/cli/v2"

	"stco/cmd/stco/internal/command"
	"stco/experiments/campaign"
	"stco/experiments/study/strict"
	"stco/explore"
)

// TestExploreAt: BNH at (1, 2) has 4 + 16 and 16 + 9, and the constraints
// (16 + 4 - 25)/25 and (7.7 - 49 - 25)/7.7, negative where they are met.
func TestExploreAt(t *testing.T) {
	s, err := ExploreAt(context.Background(), ExploreOptions{Problem: "bnh"}, "1, 2")
	if err != nil {
		t.Fatal(err)
	}
	want := []float64{20, 25, -0.2, -66.3 / 7.7}
	if len(s.Rows) != 1 || len(s.Columns) != len(want) {
		t.Fatalf("%d rows of %d columns", len(s.Rows), len(s.Columns))
	}
	for i, name := range []string{"f1", "f2", "g1", "g2"} {
		if s.Columns[i].Name != name || math.Abs(s.Rows[0][i]-want[i]) > 1e-9 {
			t.Errorf("%s is %g, want %s %g", s.Columns[i].Name, s.Rows[0][i], name, want[i])
		}
	}
	for _, c := range []struct{ problem, at, want string }{{"nonsense", "1", "nonsense"}, {"bnh", "1,x", `"x" is not a number`}, {"bnh", "1", "explore --at"}} {
		_, err := ExploreAt(context.Background(), ExploreOptions{Problem: c.problem}, c.at)
		if _, ok := errors.AsType[*strict.InputError](err); !ok || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s at %s: %v", c.problem, c.at, err)
		}
	}
}

// TestExplore: the points of a front, of the size asked for, whatever the
// workers; the same seed gives the same, another other ones.
func TestExplore(t *testing.T) {
	o := ExploreOptions{Problem: "zdt1", Size: ProblemSize{Variables: 4}, Algorithm: "nsga2", Seed: 1, Evaluations: 2000, Population: 20, Islands: 1, Worker: 1}
	text := func(o ExploreOptions) [][]float64 {
		t.Helper()
		s, err := Explore(context.Background(), o)
		if err != nil {
			t.Fatal(err)
		}
		return s.Rows
	}
	first := text(o)
	if len(first) == 0 || len(first) > 20 {
		t.Errorf("%d points, want up to 20", len(first))
	}
	for _, r := range first {
		if len(r) != 2 || r[0] < 0 || r[0] > 1 || r[1] < 1-math.Sqrt(r[0])-1e-12 || r[1] > 3 {
			t.Errorf("point %v", r)
		}
	}
	same := func(a, b [][]float64) bool {
		if len(a) != len(b) {
			return false
		}
		for i := range a {
			if a[i][0] != b[i][0] || a[i][1] != b[i][1] {
				return false
			}
		}
		return true
	}
	o.Worker = 3
	if !same(text(o), first) {
		t.Error("three workers find other points")
	}
	o.Seed = 2
	if same(text(o), first) {
		t.Error("seed 2 finds the points of seed 1")
	}
	o.Algorithm = "nonsense"
	if _, err := Explore(context.Background(), o); err == nil {
		t.Error("an unknown search ran")
	}
	o.Algorithm, o.Problem = "nsga2", "nonsense"
	if _, err := Explore(context.Background(), o); err == nil {
		t.Error("an unknown problem was searched")
	}
	ctx, stop := context.WithCancelCause(context.Background())
	why := errors.New("why")
	stop(why)
	o.Problem = "zdt1"
	if _, err := Explore(ctx, o); !errors.Is(err, why) {
		t.Errorf("stopped: %v", err)
	}
}

func TestCommand(t *testing.T) {
	run := func(args ...string) (string, error) {
		var out bytes.Buffer
		app := &cli.App{Name: "stco", Writer: &out, ErrWriter: &out, ExitErrHandler: func(*cli.Context, error) {}, Commands: []*cli.Command{Command(&command.Env{Out: &out, Err: &out})}}
		err := app.Run(append([]string{"stco", "explore"}, args...))
		return out.String(), err
	}
	if out, err := run("--problem", "bnh", "--at", "1,2", "--format", "csv"); err != nil || !strings.Contains(out, "f1,f2,g1,g2\n20,25,-0.2,-8.61038961") {
		t.Errorf("%q, %v", out, err)
	}
	if out, err := run("--problem", "dtlz2", "--objectives", "4", "--variables", "5", "--at", "0,0,0,0.5,0.5", "--format", "csv"); err != nil || !strings.Contains(out, "f1,f2,f3,f4\n1,0,0,0") {
		t.Errorf("%q, %v", out, err)
	}
	if _, err := run("--problem", "bnh", "--evaluations", "0"); err == nil || !strings.Contains(err.Error(), "at least 1") {
		t.Errorf("no evaluations: %v", err)
	}
	a, err := run("--problem", "zdt1", "--variables", "3", "--evaluations", "400", "--population", "8", "--seed", "5", "--workers", "1", "--format", "csv")
	if err != nil || strings.Count(a, "\n") < 3 || strings.Count(a, "\n") > 10 {
		t.Errorf("%q, %v", a, err)
	}
	if b, _ := run("--problem", "zdt1", "--variables", "3", "--evaluations", "400", "--population", "8", "--seed", "6", "--workers", "1", "--format", "csv"); b == a {
		t.Error("the seed changes nothing")
	}
}

// TestMain is the program that is asked when it is started with a way to behave.
func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == "-answer" {
		answer(os.Args[2] == "never")
		return
	}
	os.Exit(m.Run())
}

// answer is a program of two variables: cost x, or half of it for the better kind,
// a gain of x squared, which is to be large, and a limit of x - 2, or one that no
// design meets.
func answer(never bool) {
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		var q struct {
			Ask json.RawMessage
			X   struct {
				X    float64
				Kind string
			}
		}
		if err := json.Unmarshal(in.Bytes(), &q); err != nil {
			panic(err)
		}
		if string(q.Ask) == `"problem"` {
			fmt.Println(`{"variables":[{"name":"x","max":4},{"name":"kind","options":["plain","better"]}],"objectives":["cost",{"name":"gain","goal":"max"}],"constraints":["limit"]}`)
			continue
		}
		cost, limit := q.X.X, q.X.X-2
		if q.X.Kind == "better" {
			cost /= 2
		}
		if never {
			limit = 1 + q.X.X
		}
		fmt.Printf(`{"tell":%s,"f":[%g,%g],"g":[%g]}`+"\n", q.Ask, cost, q.X.X*q.X.X, limit)
	}
}

func programOptions(how string) ExploreOptions {
	return ExploreOptions{Problem: "cmd:" + os.Args[0] + " -answer " + how, Algorithm: "random", Seed: 1, Evaluations: 100, Population: 8, Islands: 1, Worker: 1, Timeout: time.Minute}
}

// TestProgram: variables by their names and options, objectives as the program
// tells them, of a point and of a search.
func TestProgram(t *testing.T) {
	s, err := ExploreAt(t.Context(), programOptions("well"), "1.5, better")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for i, c := range s.Columns {
		names = append(names, c.Name)
		if c.Name == "kind" && (c.Choices == nil || s.Text(0, i) != "better") {
			t.Errorf("kind is %q", s.Text(0, i))
		}
	}
	if want := "x kind cost gain limit"; strings.Join(names, " ") != want {
		t.Errorf("columns %v, want %s", names, want)
	}
	for i, want := range map[int]float64{0: 1.5, 2: 0.75, 3: 2.25, 4: -0.5} {
		if s.Rows[0][i] != want {
			t.Errorf("%s is %g, want %g", names[i], s.Rows[0][i], want)
		}
	}
	for _, at := range []string{"1.5,none", "1.5", "1.5,better,1"} {
		if _, err := ExploreAt(t.Context(), programOptions("well"), at); !command.Is[*strict.InputError](err) {
			t.Errorf("at %s: %v", at, err)
		}
	}
	if s, err = Explore(t.Context(), programOptions("well")); err != nil {
		t.Fatal(err)
	}
	for i, r := range s.Rows {
		cost := r[0]
		if s.Text(i, 1) == "better" {
			cost /= 2
		}
		if r[2] != cost || math.Abs(r[3]-r[0]*r[0]) > 1e-12 || r[4] != r[0]-2 || r[4] > 0 {
			t.Errorf("row %v %s", r, s.Text(i, 1))
		}
	}
	_, err = Explore(t.Context(), programOptions("never"))
	if e, ok := errors.AsType[*campaign.InfeasibleError](err); !ok || e.Binding != "limit" || e.Share != 1 || e.Least != "limit" || e.Missed < 1 || e.Missed > 5 {
		t.Errorf("%v", err)
	}
	o := programOptions("well")
	o.Size.Variables = 3
	if _, err := Explore(t.Context(), o); !command.Is[*strict.InputError](err) || !strings.Contains(err.Error(), "for published problems") {
		t.Error(err)
	}
}

// TestInfeasible: the constraint missed most often, and that which the least
// infeasible design misses most; a design without finite objectives has none.
func TestInfeasible(t *testing.T) {
	o := ExploreOptions{Problem: "bnh"}
	p, err := o.open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer p.close()
	for _, c := range []struct {
		result explore.Result
		want   campaign.InfeasibleError
	}{
		{explore.Result{Binding: 1, Least: &explore.Solution{G: []float64{0.7, 0.2}, Violation: 0.9}}, campaign.InfeasibleError{Binding: "g2", Share: 0.3, Least: "g1", Missed: 0.7}},
		{explore.Result{Binding: 0, Least: &explore.Solution{G: []float64{0.2, 0.7}, Violation: 0.9}}, campaign.InfeasibleError{Binding: "g1", Share: 0.2, Least: "g2", Missed: 0.7}},
		{explore.Result{Binding: 0, Least: &explore.Solution{G: []float64{0.5, 0.5}, Violation: 1}}, campaign.InfeasibleError{Binding: "g1", Share: 0.2, Least: "g1", Missed: 0.5}},
		{explore.Result{Binding: -1}, campaign.InfeasibleError{Binding: "a finite objective", Least: "a finite objective", Missed: math.Inf(1)}},
		{explore.Result{Binding: -1, Least: &explore.Solution{G: []float64{1, 2}, Violation: math.Inf(1)}}, campaign.InfeasibleError{Binding: "a finite objective", Least: "a finite objective", Missed: math.Inf(1)}},
	} {
		c.result.Evaluations, c.result.Violated, c.want.Evaluations = 100, []int64{20, 30}, 100
		if got, ok := errors.AsType[*campaign.InfeasibleError](infeasible(p, &c.result)); !ok || *got != c.want {
			t.Errorf("%+v, want %+v", got, c.want)
		}
	}
}

// TestFlags: what is refused, and what stands where nothing is said.
func TestFlags(t *testing.T) {
	run := func(args ...string) error {
		var out bytes.Buffer
		app := &cli.App{Name: "stco", Writer: &out, ErrWriter: &out, ExitErrHandler: func(*cli.Context, error) {}, Commands: []*cli.Command{Command(&command.Env{Out: &out, Err: &out})}}
		return app.Run(append([]string{"stco", "explore", "--problem", "bnh"}, args...))
	}
	for _, args := range [][]string{{"--timeout", "0s"}, {"--timeout", "-1s", "--at", "1,1"}, {"--evaluations", "0"}, {"--at", "1,1", "more"}} {
		if err := run(args...); !command.Is[*command.UsageError](err) {
			t.Errorf("%v: %v", args, err)
		}
	}
	if err := run("--evaluations", "1"); err != nil && !command.Is[*campaign.InfeasibleError](err) {
		t.Error(err)
	}
	c := Command(&command.Env{})
	for name, want := range map[string]string{"evaluations": "25000", "seed": "1", "islands": "1", "timeout": "1m0s", "search": "auto"} {
		at := slices.IndexFunc(c.Flags, func(f cli.Flag) bool { return f.Names()[0] == name })
		if got := strings.Trim(c.Flags[at].(cli.DocGenerationFlag).GetValue(), `"`); got != want {
			t.Errorf("--%s is %s, want %s", name, got, want)
		}
	}
}
