package problems

import (
	"bytes"
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"

	"stco/cmd/stco/internal/command"
	"stco/experiments/study/strict"
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
