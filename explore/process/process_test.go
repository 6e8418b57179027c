package process

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"stco/explore"
	"stco/space"
)

// TestMain is the program that is asked when it is started with a way to behave.
func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == "-behave" {
		behave(os.Args[2])
		return
	}
	os.Exit(m.Run())
}

const described = `{"variables":[{"name":"x","max":2},{"name":"n","type":"integer","min":-3,"max":3},` +
	`{"name":"kind","options":["plain","better"]},{"name":"w","type":"log","min":0.01,"max":1,"levels":3}],` +
	`"objectives":["cost",{"name":"gain","goal":"max"}],"constraints":["limit"]}`

// behave is Schaffer's problem with frills: cost x^2, gain -(x-2)^2, each worse by
// n^2 and by w, and limit 0.5 - x. "better" halves the cost.
func behave(how string) {
	in := bufio.NewScanner(os.Stdin)
	for k := 0; in.Scan(); k++ {
		var q struct {
			Ask json.RawMessage
			X   struct {
				X, W float64
				N    int
				Kind string
			}
		}
		if err := json.Unmarshal(in.Bytes(), &q); err != nil {
			fmt.Println(err)
			return
		}
		if string(q.Ask) == `"problem"` {
			text := described
			switch how {
			case "silent":
				time.Sleep(time.Hour)
			case "faults":
				text = `{"variables":[{"name":"x","type":"reel"},{"name":"y","min":2,"max":1},{"name":"y","max":1}],"objectives":["y",{"name":"","goal":"up"}],"constraints":["c","c"],"ideal":[0],"nadir":[]}`
			case "extra":
				text = `{"variables":[],"objectives":["f"],"variable":1}`
			case "other":
				text = strings.Replace(text, `"max":2`, `"max":`+strconv.Itoa(os.Getpid()), 1)
			case "point":
				text = `{"variables":[],"objectives":["cost"]}`
			case "gone":
				os.Exit(4)
			}
			fmt.Println(text)
			continue
		}
		n, _ := strconv.Atoi(string(q.Ask))
		f := [2]float64{q.X.X*q.X.X + float64(q.X.N*q.X.N) + q.X.W, -((q.X.X-2)*(q.X.X-2) + float64(q.X.N*q.X.N))}
		if q.X.Kind == "better" {
			f[0] /= 2
		}
		answer := fmt.Sprintf(`{"tell":%d,"f":[%.17g,%.17g],"g":[%.17g]}`, n, f[0], f[1], 0.5-q.X.X)
		if k == 20 {
			switch how {
			case "dies":
				fmt.Fprintln(os.Stderr, "Traceback: division by zero")
				os.Exit(3)
			case "hangs":
				time.Sleep(time.Hour)
			case "garbage":
				answer = "hello"
			case "nan":
				answer = fmt.Sprintf(`{"tell":%d,"f":[NaN,1],"g":[0]}`, n)
			case "short":
				answer = fmt.Sprintf(`{"tell":%d,"f":[1],"g":[0,1]}`, n)
			case "nothing":
				answer = fmt.Sprintf(`{"tell":%d,"f":[1,1],"g":[null]}`, n)
			case "number":
				answer = fmt.Sprintf(`{"tell":%d,"f":[1,1],"g":[0]}`, n+1)
			case "says":
				answer = fmt.Sprintf(`{"tell":%d,"error":"no solver"}`, n)
			case "torn":
				fmt.Print(answer[:9])
				return
			case "long":
				answer = strings.Repeat("x", longest+1)
			}
		}
		if how == "pole" && q.X.X > 1.5 {
			answer = fmt.Sprintf(`{"tell":%d,"f":[null,0],"g":[-1]}`, n)
		}
		if how == "point" {
			answer = fmt.Sprintf(`{"tell":%d,"f":[7]}`, n)
		}
		fmt.Println(answer)
	}
	if how == "stays" {
		time.Sleep(time.Hour)
	}
}

func open(t *testing.T, how string, timeout time.Duration) (*Program, context.Context) {
	t.Helper()
	p, ctx, err := Open(context.Background(), os.Args[0]+" -behave "+how, timeout)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p, ctx
}

func search(t *testing.T, how string, workers int, timeout time.Duration) (*explore.Result, error) {
	t.Helper()
	p, ctx := open(t, how, timeout)
	r, err := explore.Run(ctx, p, explore.Config{Budget: explore.Budget{Evaluations: 300}, Population: 12, Workers: workers, Key: p.Key, Seed: 7}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r, context.Cause(ctx)
}

// TestSearch: the front of the program is that of a problem written in Go, to the
// bit, for one process and for three. On it n is 0, the kind the better one, w the
// least and x at least 0.5.
func TestSearch(t *testing.T) {
	one, err := search(t, "well", 1, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	three, err := search(t, "well", 3, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	p, _ := open(t, "well", time.Minute)
	own, err := explore.Run(context.Background(), &twin{p}, explore.Config{Budget: explore.Budget{Evaluations: 300}, Population: 12, Key: p.Key, Seed: 7}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(one.Archive) < 10 || one.Evaluations != 300 {
		t.Fatalf("%d designs of %d evaluations", len(one.Archive), one.Evaluations)
	}
	for i := range one.Archive {
		a, b, c := one.Archive[i], three.Archive[i], own.Archive[i]
		if !slices.Equal(a.X, b.X) || !slices.Equal(a.F, b.F) || !slices.Equal(a.G, b.G) || !slices.Equal(a.X, c.X) || !slices.Equal(a.F, c.F) {
			t.Fatalf("design %d: %v, of three processes %v, in Go %v", i, a, b, c)
		}
	}
	near := 0
	for _, a := range one.Archive {
		if a.X[0] < 0.5 {
			t.Errorf("x = %g is not feasible", a.X[0])
		}
		if a.X[1] == 0 && a.X[2] == 1 && a.X[3] == 0.01 {
			near++
		}
	}
	if near < len(one.Archive)*2/3 {
		t.Errorf("%d of %d designs are on the front", near, len(one.Archive))
	}
}

// twin is the program as a problem in Go.
type twin struct{ *Program }

func (p *twin) NewEvaluator() explore.Evaluator { return p }
func (p *twin) Evaluate(x, f, g []float64) {
	f[0], f[1], g[0] = x[0]*x[0]+x[1]*x[1]+x[3], (x[0]-2)*(x[0]-2)+x[1]*x[1], 0.5-x[0]
	if x[2] == 1 {
		f[0] /= 2
	}
}

// TestFailures: whatever a program does wrong ends the search soon, with what it was.
func TestFailures(t *testing.T) {
	for how, want := range map[string][]string{
		"dies":    {"exit status 3", "Traceback: division by zero", `asked for {"ask":20,"x":{"x":`},
		"hangs":   {"no answer within 300ms", "flush"},
		"garbage": {`its answer "hello`, "invalid character"},
		"nan":     {"not JSON: NaN and Infinity", "null"},
		"short":   {"1 objectives and 2 constraints, its description has 2 and 1"},
		"nothing": {"constraint limit has no value"},
		"number":  {`"tell" must be 20`},
		"says":    {`the error "no solver"`},
		"torn":    {`"{\"tell\":2" ends without an end of line`},
		"long":    {"longer than 1048576 bytes"},
	} {
		timeout := time.Minute
		if how == "hangs" {
			timeout = 300 * time.Millisecond
		}
		_, err := search(t, how, 1, timeout)
		for _, w := range want {
			if err == nil || !strings.Contains(err.Error(), w) {
				t.Errorf("%s: %v, want %q", how, err, w)
			}
		}
	}
	if _, err := search(t, "other", 2, time.Minute); err == nil || !strings.Contains(err.Error(), "another problem") {
		t.Errorf("other: %v", err)
	}
}

// TestDescriptions: what is wrong with a description is told at once.
func TestDescriptions(t *testing.T) {
	for how, want := range map[string][]string{
		"faults": {`type "reel"`, `parameter "y": min 2 above max 1`, `parameter "y": the name is there twice`, `objective "y": a variable has that name too`, "objective without a name", `goal "up"`, `constraint "c" is there twice`, "ideal of 1 and nadir of 0"},
		"extra":  {"variable"},
		"silent": {"no answer within"},
		"gone":   {"asked for its problem", "exit status 4"},
	} {
		p, _, err := Open(context.Background(), os.Args[0]+" -behave "+how, 200*time.Millisecond*10)
		if err == nil {
			p.Close()
		}
		for _, w := range want {
			if err == nil || !strings.Contains(err.Error(), w) {
				t.Errorf("%s: %v, want %q", how, err, w)
			}
		}
	}
	for command, want := range map[string]string{"": "no program", "no-such-program-here x": "no-such-program-here"} {
		if _, _, err := Open(context.Background(), command, time.Second); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", command, err)
		}
	}
	why := errors.New("why")
	ctx, stop := context.WithCancelCause(context.Background())
	stop(why)
	if _, _, err := Open(ctx, os.Args[0]+" -behave silent", time.Minute); !errors.Is(err, why) {
		t.Errorf("stopped: %v", err)
	}
}

// TestPole: a design without a value is infeasible; a space of one point is one
// evaluation; a program that stays is ended.
func TestPole(t *testing.T) {
	r, err := search(t, "pole", 1, time.Minute)
	if err != nil || r.NonFinite == 0 {
		t.Fatalf("%d poles, %v", r.NonFinite, err)
	}
	for _, a := range r.Archive {
		if a.X[0] > 1.5 {
			t.Errorf("x = %g is a pole", a.X[0])
		}
	}
	r, err = search(t, "point", 1, time.Minute)
	if err != nil || r.Evaluations != 1 || len(r.Answer) != 1 || r.Answer[0].F[0] != 7 {
		t.Errorf("one point: %+v, %v", r.Answer, err)
	}
	p, _ := open(t, "stays", time.Minute)
	f, g, err := p.At([]float64{1, 2, 0, 0.1})
	if err != nil || math.Abs(f[0]-5.1) > 1e-12 || f[1] != 5 || g[0] != -0.5 || p.Told(1, f[1]) != -5 || p.Told(0, f[0]) != f[0] {
		t.Errorf("at a point %v, %v, %v", f, g, err)
	}
	if _, _, err := p.At([]float64{3, 0, 0, 0.1}); err == nil || !strings.Contains(err.Error(), "allowed 0..2") {
		t.Errorf("outside: %v", err)
	}
	if p.Space().Kind(2) != space.Choice || p.ObjectiveName(1) != "gain" || p.ConstraintName(0) != "limit" {
		t.Error("names")
	}
}
