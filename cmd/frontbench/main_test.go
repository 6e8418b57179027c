package main

import (
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"
	"testing"
)

// TestRun: a row for each published result of an operation, with a ratio that is
// that of the two times.
func TestRun(t *testing.T) {
	var b bytes.Buffer
	if err := run(&b, []string{"hv", "nds"}, 300, 1); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")
	seen := map[string]bool{}
	for _, l := range lines[1:] {
		f := strings.Split(l, "\t")
		n, _ := strconv.Atoi(f[3])
		ours, _ := strconv.ParseFloat(f[4], 64)
		theirs, _ := strconv.ParseFloat(f[5], 64)
		ratio, err := strconv.ParseFloat(f[6], 64)
		if len(f) != 7 || n < 1 || n > 300 || err != nil || !(ours >= 0) || !(theirs > 0) || ratio < 0.98*ours/theirs || ratio > 1.02*ours/theirs {
			t.Errorf("row %q", l)
		}
		seen[f[0]] = true
	}
	if len(seen) != 2 {
		t.Errorf("operations %v", seen)
	}
	for _, bad := range []string{"none", "hv "} {
		if err := run(&b, []string{bad}, 300, 1); err == nil {
			t.Errorf("operation %q was taken", bad)
		}
	}
	if err := run(&b, []string{"hv"}, 1, 1); err == nil {
		t.Error("no result is no error")
	}
}

// TestCommand: exit codes, and where what goes.
func TestCommand(t *testing.T) {
	for _, c := range []struct {
		args     string
		code     int
		out, err string
	}{
		{"-op hv -points 100 -batches 1", 0, "operation\tfamily\td\tn\t", ""},
		{"-op none", 1, "operation", "frontbench: operation \"none\": no published result with at most 20000 points\n"},
		{"-points x", 2, "", "invalid value"},
	} {
		var out, errs bytes.Buffer
		if code := command(strings.Fields(c.args), &out, &errs); code != c.code || !strings.HasPrefix(out.String(), c.out) || !strings.HasPrefix(errs.String(), c.err) || (c.err == "") != (errs.Len() == 0) {
			t.Errorf("%s: code %d, %.80q, %.80q", c.args, code, out.String(), errs.String())
		}
	}
	for fails := range 2 { // at the head, and at the first row
		if err := run(&failing{fails}, []string{"hv"}, 100, 1); !errors.Is(err, io.ErrClosedPipe) {
			t.Error(err)
		}
	}
}

// failing fails once, after some writes.
type failing struct{ after int }

func (f *failing) Write(p []byte) (int, error) {
	if f.after--; f.after == -1 {
		return 0, io.ErrClosedPipe
	}
	return len(p), nil
}

// TestFastest calls as often as it says and takes the least.
func TestFastest(t *testing.T) {
	n := 0
	if s := fastest(func() { n++ }, 3, 4); n != 12 || !(s >= 0) || s > 1 {
		t.Errorf("%d calls, %g s", n, s)
	}
}
