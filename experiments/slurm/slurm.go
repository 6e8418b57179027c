// Package slurm submits the tasks of a run to the batch scheduler Slurm: one job
// array over those that have something to do, and a merge that follows it. The run
// directory is the ledger: what Slurm runs twice, never, or loses is seen there.
package slurm

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Settings are what a submission asks of the scheduler, kept in the run directory
// for the next one.
type Settings struct {
	Schema    int    `json:"schema"`
	Partition string `json:"partition,omitempty"`
	Time      string `json:"time,omitempty"`  // limit of a task, as sbatch takes it
	Limit     int    `json:"limit,omitempty"` // tasks that run at once; 0: no limit
	CPUs      int    `json:"cpus"`            // of a task
	Tasks     int    `json:"tasks"`           // that the shards are dealt to
	Shards    int    `json:"shards"`          // of the run when it was dealt
	Array     string `json:"array,omitempty"` // job that was submitted last
}

// Job is a run to submit.
type Job struct {
	Settings
	Name    string // of the run
	Dir     string // of the run, absolute
	Program string // stco, absolute
}

// Names of files below the run directory.
const (
	ArrayScript = "slurm/array.sh"
	MergeScript = "slurm/merge.sh"
)

// warning is how long before the limit of time a task is told to write its
// checkpoint and make room, seconds.
const warning = 90

// quote makes one word of the shell of any text.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// head are the lines of a script that sbatch reads.
func (j *Job) head(kind, output string, more ...string) string {
	var b strings.Builder
	b.WriteString("#!/bin/bash\n")
	lines := append([]string{"--job-name=stco-" + kind + "-" + j.Name, "--output=" + output, "--open-mode=append", "--requeue"}, more...)
	if j.Partition != "" {
		lines = append(lines, "--partition="+j.Partition)
	}
	if j.Time != "" {
		lines = append(lines, "--time="+j.Time)
	}
	for _, l := range lines {
		fmt.Fprintf(&b, "#SBATCH %s\n", l)
	}
	return b.String()
}

// ArrayText is the script of a task. It hands signals on, so that stco writes a
// checkpoint, and queues the task again when the limit of time came before its end,
// and up to three times when stco was killed.
func (j *Job) ArrayText() string {
	return j.head("task", "slurm/%x-%A_%a.out", fmt.Sprintf("--cpus-per-task=%d", j.CPUs), fmt.Sprintf("--signal=B:USR1@%d", warning)) + fmt.Sprintf(`
limit=
trap 'limit=reached; kill -TERM "$pid" 2>/dev/null' USR1
trap 'kill -TERM "$pid" 2>/dev/null' TERM
%s task %s --index "$SLURM_ARRAY_TASK_ID" --of %d --workers %d --quiet &
pid=$!
wait "$pid"; code=$?
while [ "$code" -gt 128 ] && kill -0 "$pid" 2>/dev/null; do # a signal ends wait, not stco
  wait "$pid"; code=$?
done
if [ "$code" -gt 128 ]; then # ended between the two, or was killed
  wait "$pid" 2>/dev/null; last=$?
  [ "$last" = 127 ] || code=$last
fi
echo "stco task: exit code $code on $(hostname), restart ${SLURM_RESTART_COUNT:-0}"
if { [ "$code" = 75 ] && [ -n "$limit" ]; } || { [ "$code" -gt 128 ] && [ "${SLURM_RESTART_COUNT:-0}" -lt 3 ]; }; then
  scontrol requeue "$SLURM_JOB_ID"
fi
exit "$code"
`, quote(j.Program), quote(j.Dir), j.Tasks, j.CPUs)
}

// MergeText is the script of the merge. Files of other nodes may be visible late.
func (j *Job) MergeText() string {
	return j.head("merge", "slurm/%x-%j.out") + fmt.Sprintf("\nexec %s merge %s --settle 2m\n", quote(j.Program), quote(j.Dir))
}

// ArrayCommand submits the array of some tasks.
func (j *Job) ArrayCommand(tasks []int) []string {
	spec := Indices(tasks)
	if j.Limit > 0 {
		spec += "%" + strconv.Itoa(j.Limit)
	}
	return []string{"sbatch", "--parsable", "--chdir=" + j.Dir, "--array=" + spec, j.Dir + "/" + ArrayScript}
}

// MergeCommand submits the merge after some jobs have ended, however they did.
func (j *Job) MergeCommand(after ...string) []string {
	words := []string{"sbatch", "--parsable", "--chdir=" + j.Dir}
	if len(after) > 0 {
		words = append(words, "--dependency=afterany:"+strings.Join(after, ":"))
	}
	return append(words, j.Dir+"/"+MergeScript)
}

// Indices writes numbers in ascending order as Slurm takes those of an array:
// "0-3,7".
func Indices(numbers []int) string {
	var parts []string
	for i := 0; i < len(numbers); {
		k := i
		for k+1 < len(numbers) && numbers[k+1] == numbers[k]+1 {
			k++
		}
		if part := strconv.Itoa(numbers[i]); k == i {
			parts = append(parts, part)
		} else {
			parts = append(parts, part+"-"+strconv.Itoa(numbers[k]))
		}
		i = k + 1
	}
	return strings.Join(parts, ",")
}

// Call runs a program of Slurm and returns what it prints.
func Call(ctx context.Context, words ...string) (string, error) {
	cmd := exec.CommandContext(ctx, words[0], words[1:]...) //nolint:gosec // programs of Slurm, named in this package
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if errors.Is(err, exec.ErrNotFound) {
		return "", fmt.Errorf("%s is not found: Slurm is not installed here; --print shows the scripts", words[0])
	}
	if err != nil {
		return "", fmt.Errorf("%s: %w: %s", strings.Join(words, " "), err, bytes.TrimSpace(said.Bytes()))
	}
	return strings.TrimSpace(string(out)), nil
}

// Submit runs a command of sbatch and returns the number of the job.
func Submit(ctx context.Context, words []string) (string, error) {
	out, err := Call(ctx, words...)
	if err != nil {
		return "", err
	}
	id, _, _ := strings.Cut(out, ";") // a cluster may follow
	if _, err := strconv.ParseUint(id, 10, 64); err != nil {
		return "", fmt.Errorf("%s: printed %q, no number of a job", words[0], out)
	}
	return id, nil
}

// Queued are the tasks of an array that run or will run; none of one that the
// scheduler does not know any more. What it holds back, as it does with jobs that a
// node had already when it launched them, waits for a person and does not count.
func Queued(ctx context.Context, array string) []int {
	out, err := Call(ctx, "squeue", "--noheader", "--array", "--jobs="+array, "--format=%K %r")
	if err != nil {
		return nil
	}
	var tasks []int
	for line := range strings.Lines(out) {
		index, reason, _ := strings.Cut(strings.TrimSpace(line), " ")
		if k, err := strconv.Atoi(index); err == nil && !strings.Contains(strings.ToLower(reason), "held") {
			tasks = append(tasks, k)
		}
	}
	slices.Sort(tasks)
	return slices.Compact(tasks)
}

// MaxArray is the number of tasks that an array may have: what the scheduler says,
// or where it does not its usual 1001.
func MaxArray(ctx context.Context) int {
	const usual = 1001
	out, err := Call(ctx, "scontrol", "show", "config")
	if err != nil {
		return usual
	}
	for line := range strings.Lines(out) {
		name, value, _ := strings.Cut(line, "=")
		if n, err := strconv.Atoi(strings.TrimSpace(value)); strings.TrimSpace(name) == "MaxArraySize" && err == nil && n > 0 {
			return n
		}
	}
	return usual
}

// The aim for the length of a task: 2 to 20 minutes, so that neither starting it
// nor losing it costs much.
const aim = 10 * time.Minute

// Pack returns to how many tasks so many shards are dealt, of which each takes a
// time: as many as make tasks of ten minutes, one a shard where the time is not
// known or longer, never more than most.
func Pack(shards int, each time.Duration, most int) int {
	n := shards
	if each > 0 {
		n = int(float64(shards)*each.Seconds()/aim.Seconds()) + 1
	}
	return max(1, min(n, shards, most))
}

// ParseTime reads a limit of time as sbatch takes it: minutes, minutes:seconds,
// hours:minutes:seconds, days-hours, days-hours:minutes, days-hours:minutes:seconds.
func ParseTime(text string) (time.Duration, error) {
	bad := fmt.Errorf("%q: minutes, hours:minutes:seconds or days-hours[:minutes[:seconds]]", text)
	rest, units := text, []time.Duration{time.Hour, time.Minute, time.Second}
	var sum time.Duration
	if days, after, ok := strings.Cut(text, "-"); ok {
		n, err := strconv.Atoi(days)
		if err != nil || n < 0 || n > 3650 {
			return 0, bad
		}
		sum, rest = time.Duration(n)*24*time.Hour, after
	} else if strings.Count(text, ":") < 2 {
		units = units[1:]
	}
	parts := strings.Split(rest, ":")
	if len(parts) > len(units) {
		return 0, bad
	}
	for i, p := range parts {
		n, err := strconv.Atoi(p)
		if err != nil || n < 0 || n > 1e6 {
			return 0, bad
		}
		sum += time.Duration(n) * units[i]
	}
	return sum, nil
}
