package slurm

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestIndices(t *testing.T) {
	for want, numbers := range map[string][]int{
		"": {}, "0": {0}, "0-1": {0, 1}, "0-3,7": {0, 1, 2, 3, 7}, "1,3,5-6": {1, 3, 5, 6},
	} {
		if got := Indices(numbers); got != want {
			t.Errorf("%v: %q, want %q", numbers, got, want)
		}
	}
}

func TestPack(t *testing.T) {
	for _, c := range []struct {
		shards int
		each   time.Duration
		most   int
		want   int
	}{
		{12, 0, 1000, 12},                 // not known: one a shard
		{12, time.Second, 1000, 1},        // seconds: all in one task
		{600, time.Minute, 1000, 61},      // ten minutes a task
		{10, time.Hour, 1000, 10},         // longer than a task should be: one a shard
		{10000, time.Hour, 1001, 1001},    // as many as an array has
		{10000, 20 * time.Second, 50, 50}, // fewer
	} {
		if got := Pack(c.shards, c.each, c.most); got != c.want {
			t.Errorf("%+v: %d", c, got)
		}
	}
	for shards := 1; shards < 3000; shards += 37 {
		for each := time.Second; each < 20*time.Minute; each *= 2 {
			n := Pack(shards, each, 1e6)
			longest := time.Duration((shards+n-1)/n) * each
			if longest > 20*time.Minute || n > 1 && time.Duration(shards/n)*each < 2*time.Minute {
				t.Errorf("%d shards of %s: %d tasks of up to %s", shards, each, n, longest)
			}
		}
	}
}

func TestParseTime(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"30": 30 * time.Minute, "90:30": 90*time.Minute + 30*time.Second, "2:00:01": 2*time.Hour + time.Second,
		"1-2": 26 * time.Hour, "1-2:3": 26*time.Hour + 3*time.Minute, "1-2:3:4": 26*time.Hour + 3*time.Minute + 4*time.Second,
	} {
		if got, err := ParseTime(text); err != nil || got != want {
			t.Errorf("%s: %s %v", text, got, err)
		}
	}
	for _, text := range []string{"", "x", "1:2:3:4", "-5", "1-", "1-1:1:1:1", "2h", "1:-3"} {
		if got, err := ParseTime(text); err == nil {
			t.Errorf("%q: %s", text, got)
		}
	}
}

// play runs the script of a task with a program in place of stco, which ends as it
// is told, and one in place of scontrol; returns exit code and what was queued again.
func play(t *testing.T, program string, restarts string, signal string) (code int, requeued bool, said string) {
	t.Helper()
	dir := t.TempDir() + "/a run's directory"
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte("#!/bin/bash\n"+text), 0o755); err != nil { //nolint:gosec // a program
			t.Fatal(err)
		}
		return path
	}
	write("scontrol", `echo "$@" > `+quote(dir)+`/queued`)
	j := &Job{Settings: Settings{CPUs: 2, Tasks: 7}, Name: "r", Dir: dir, Program: write("stco", program)}
	script := write("array.sh", strings.TrimPrefix(j.ArrayText(), "#!/bin/bash\n"))
	cmd := exec.Command("bash", script) //nolint:gosec // the script under test
	cmd.Env = append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH"), "SLURM_ARRAY_TASK_ID=3", "SLURM_JOB_ID=77", "SLURM_RESTART_COUNT="+restarts)
	var out strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if signal != "" {
		for range 1000 {
			if _, err := os.Stat(dir + "/up"); err == nil {
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
		if err := exec.Command("kill", "-"+signal, "--", itoa(cmd.Process.Pid)).Run(); err != nil { //nolint:gosec // of a process of this test
			t.Fatal(err)
		}
	}
	_ = cmd.Wait() // the exit code says it
	queued, err := os.ReadFile(dir + "/queued")
	if err == nil && string(queued) != "requeue 77\n" {
		t.Errorf("scontrol %s", queued)
	}
	return cmd.ProcessState.ExitCode(), err == nil, out.String()
}

func itoa(n int) string { return Indices([]int{n}) }

// TestArrayScript runs the script as bash does on a node.
func TestArrayScript(t *testing.T) {
	slow := "trap 'sleep 0.2; exit 75' TERM\necho > \"$(dirname \"$0\")/up\"\nfor i in $(seq 200); do sleep 0.05; done\nexit 9"
	for _, c := range []struct {
		name, program, restarts, signal string
		code                            int
		again                           bool
	}{
		{"done", `[ "$*" = "task $(dirname "$0") --index 3 --of 7 --workers 2 --quiet" ]`, "0", "", 0, false},
		{"bad input", "exit 2", "0", "", 2, false},
		{"stopped by itself", "exit 75", "0", "", 75, false},
		{"killed", "kill -9 $$", "0", "", 137, true},
		{"killed again and again", "kill -9 $$", "3", "", 137, false},
		{"near the limit of time", slow, "5", "USR1", 75, true},
		{"cancelled", slow, "0", "TERM", 75, false},
	} {
		code, again, said := play(t, c.program, c.restarts, c.signal)
		if code != c.code || again != c.again {
			t.Errorf("%s: exit code %d, queued again %t\n%s", c.name, code, again, said)
		}
	}
}

// TestScripts: what sbatch reads.
func TestScripts(t *testing.T) {
	j := &Job{Settings: Settings{Partition: "long", Time: "2:00:00", Limit: 5, CPUs: 1, Tasks: 9}, Name: "n", Dir: "/r/d", Program: "/b/stco"}
	for _, line := range []string{"--requeue", "--open-mode=append", "--signal=B:USR1@90", "--partition=long", "--time=2:00:00", "--cpus-per-task=1", "--output=slurm/%x-%A_%a.out"} {
		if !strings.Contains(j.ArrayText(), "#SBATCH "+line+"\n") {
			t.Errorf("no %s in\n%s", line, j.ArrayText())
		}
	}
	if want := []string{"sbatch", "--parsable", "--chdir=/r/d", "--array=0-2,8%5", "/r/d/slurm/array.sh"}; !slices.Equal(j.ArrayCommand([]int{0, 1, 2, 8}), want) {
		t.Error(j.ArrayCommand([]int{0, 1, 2, 8}))
	}
	if want := []string{"sbatch", "--parsable", "--chdir=/r/d", "--dependency=afterany:4:5", "/r/d/slurm/merge.sh"}; !slices.Equal(j.MergeCommand("4", "5"), want) {
		t.Error(j.MergeCommand("4", "5"))
	}
	if strings.Contains(j.MergeText(), "--signal") || !strings.Contains(j.MergeText(), "exec '/b/stco' merge '/r/d' --settle 2m\n") {
		t.Error(j.MergeText())
	}
	j.Partition, j.Time, j.Limit = "", "", 0
	if strings.Contains(j.ArrayText(), "--partition") || strings.Contains(j.ArrayText(), "--time") || !slices.Contains(j.ArrayCommand([]int{4}), "--array=4") {
		t.Error("settings that were not given are in the script")
	}
}

// TestMaxArray: what a program called scontrol says, or the usual number.
func TestMaxArray(t *testing.T) {
	for says, want := range map[string]int{
		"SlurmctldPort = 6817\nMaxArraySize            = 20001\nMaxJobCount = 10000\n": 20001,
		"MaxArraySize = 0\n":      1001,
		"MaxArraySize = lots\n":   1001,
		"MaxJobCount = 10000\n":   1001,
		"MaxArraySizes = 10000\n": 1001,
	} {
		dir := t.TempDir()
		text := "#!/bin/sh\n[ \"$*\" = 'show config' ] || exit 1\ncat <<'end'\n" + says + "end\n"
		if err := os.WriteFile(dir+"/scontrol", []byte(text), 0o755); err != nil { //nolint:gosec // a program
			t.Fatal(err)
		}
		t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
		if got := MaxArray(t.Context()); got != want {
			t.Errorf("%q: %d, want %d", says, got, want)
		}
	}
	t.Setenv("PATH", t.TempDir())
	if got := MaxArray(t.Context()); got != 1001 {
		t.Errorf("no scontrol: %d", got)
	}
}

// TestLongestTime: ten years of days, not a day more.
func TestLongestTime(t *testing.T) {
	if d, err := ParseTime("3650-0"); err != nil || d != 3650*24*time.Hour {
		t.Error(d, err)
	}
	if d, err := ParseTime("0-1"); err != nil || d != time.Hour {
		t.Error(d, err)
	}
	for _, text := range []string{"3651-0", "-1-0"} {
		if d, err := ParseTime(text); err == nil {
			t.Errorf("%s: %v", text, d)
		}
	}
}
