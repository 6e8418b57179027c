package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

// recipesStudy has three shards; the recipes deal them to two tasks.
const recipesStudy = `stco: 1
name: night
workloads: [{network: mobilenet_v2, phase: inference, batch: 1}]
space: {technology: sot, material: beta-w-co, capacity: [1MiB, 2MiB], clock: 1GHz, read_bus: 4096, write_bus: 2048}
objectives: [energy, latency, area]
search: {algorithm: nsga2, population: 20, evaluations: 200, returned: 10}
seed: 6
seeds: 3
`

// bsub stands for the command of LSF: it runs a job, or every task of an array, at once.
const bsub = `#!/bin/bash
array=
while [ $# -gt 0 ]; do
	case $1 in
	-J) array=$2; shift 2 ;;
	-w) [ "$2" = 'ended("stco")' ] || exit 9; shift 2 ;;
	-wa|-wt|-W) shift 2 ;;
	-r) shift ;;
	-*) echo "unknown option $1" >&2; exit 9 ;;
	*) break ;;
	esac
done
case $array in
"") exec sh -c "$*" ;;
stco\[1-*\]%50) last=${array#*-}; last=${last%%]*} ;;
*) echo "no array: $array" >&2; exit 9 ;;
esac
for i in $(seq 1 "$last"); do LSB_JOBINDEX=$i sh -c "$*" || exit; done
`

// qsub stands for that of PBS.
const qsub = `#!/bin/bash
array=
while [ $# -gt 0 ]; do
	case $1 in
	-J) array=$2; shift 2 ;;
	-W) [ "$2" = depend=afterany:7 ] || exit 9; shift 2 ;;
	-r|-l) shift 2 ;;
	--) shift; exec "$@" >&2 ;;
	-*) echo "unknown option $1" >&2; exit 9 ;;
	*) break ;;
	esac
done
for i in $(seq "${array%-*}" "${array#*-}"); do PBS_ARRAY_INDEX=$i bash "$1" >&2 || exit; done
echo 7
`

// recipes are the code blocks of docs/cluster.md below a heading, and the lines before each.
func recipes(t *testing.T) (titles, blocks []string) {
	t.Helper()
	text, err := os.ReadFile("../../docs/cluster.md")
	if err != nil {
		t.Fatal(err)
	}
	_, part, ok := strings.Cut(string(text), "\n## Other schedulers")
	if !ok {
		t.Fatal("no recipes")
	}
	for i, s := range strings.Split(part, "\n```") {
		if i%2 == 0 {
			titles = append(titles, s)
			continue
		}
		_, code, _ := strings.Cut(s, "\n")
		blocks = append(blocks, code+"\n")
	}
	return titles, blocks
}

// TestRecipes runs the recipes of docs/cluster.md with a loop in place of the
// scheduler: the merged front has the bytes of the run of one process.
func TestRecipes(t *testing.T) {
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip("no bash")
	}
	dir := t.TempDir()
	t.Setenv("STCO_CACHE", filepath.Join(dir, "kept"))
	t.Setenv("PATH", filepath.Join(dir, "bin")+string(filepath.ListSeparator)+os.Getenv("PATH"))
	write := func(name, text string) {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	write("night.yaml", recipesStudy)
	write("bin/bsub", bsub)
	write("bin/qsub", qsub)
	run := func(t *testing.T, env string, args ...string) {
		t.Helper()
		c := exec.Command(args[0], args[1:]...)
		c.Dir, c.Env = dir, append(os.Environ(), env)
		if out, err := c.CombinedOutput(); err != nil {
			t.Fatalf("%s %q: %v\n%s", env, args, err, out)
		}
	}
	run(t, "", "stco", "run", "night.yaml", "--out", "whole", "--quiet")
	want, err := os.ReadFile(filepath.Join(dir, "whole", "front.json"))
	if err != nil {
		t.Fatal(err)
	}

	ways := map[string]func(*testing.T, string){
		"LSF": func(t *testing.T, code string) {
			run(t, "", "bash", "-ec", strings.NewReplacer("[1-M]", "[1-2]", "--of M", "--of 2", "RUN", "runs/night").Replace(code))
		},
		"PBS": func(t *testing.T, code string) {
			run(t, "M=2", "bash", "-ec", strings.NewReplacer("--of M", "--of 2", "RUN", "runs/night").Replace(code))
		},
		"Kubernetes": func(t *testing.T, code string) { pods(t, code, run) },
		"Snakemake": func(t *testing.T, code string) {
			shells := regexp.MustCompile(`shell: "(.*)"`).FindAllStringSubmatch(code, -1)
			if len(shells) != 2 || !strings.HasPrefix(code, "M = 100\n") {
				t.Fatalf("%d rules", len(shells))
			}
			for k := range 2 {
				run(t, "", "bash", "-ec", strings.NewReplacer("{wildcards.k}", strconv.Itoa(k), "{M}", "2", "{threads}", "1").Replace(shells[1][1]))
			}
			run(t, "", "bash", "-ec", shells[0][1])
			if _, err := os.Stat(filepath.Join(dir, regexp.MustCompile(`output: "(.*)"`).FindStringSubmatch(code)[1])); err != nil {
				t.Error(err)
			}
		},
		"Nextflow": func(t *testing.T, code string) {
			scripts := regexp.MustCompile(`script: "(.*)"`).FindAllStringSubmatch(code, -1)
			if len(scripts) != 2 {
				t.Fatalf("%d processes", len(scripts))
			}
			for k := range 2 {
				run(t, "", "bash", "-ec", strings.NewReplacer("${params.run}", "runs/night", "$k", strconv.Itoa(k), "${params.tasks}", "2", "${task.cpus}", "1").Replace(scripts[0][1]))
			}
			run(t, "", "bash", "-ec", strings.ReplaceAll(scripts[1][1], "${params.run}", "runs/night"))
		},
	}
	titles, blocks := recipes(t)
	for name, do := range ways {
		t.Run(name, func(t *testing.T) {
			at := -1
			for i := range blocks {
				if strings.Contains(titles[i], name) {
					at = i
				}
			}
			if at < 0 {
				t.Fatal("no recipe")
			}
			if err := os.RemoveAll(filepath.Join(dir, "runs")); err != nil {
				t.Fatal(err)
			}
			run(t, "", "stco", "run", "night.yaml", "--out", "runs/night", "--prepare", "--quiet")
			do(t, blocks[at])
			got, err := os.ReadFile(filepath.Join(dir, "runs/night/front.json"))
			if err != nil || string(got) != string(want) {
				t.Errorf("another front: %v", err)
			}
		})
	}
	if len(blocks) != len(ways) {
		t.Errorf("%d recipes in docs/cluster.md, %d are tested", len(blocks), len(ways))
	}
}

// pods runs the command of an indexed job as its pods do.
func pods(t *testing.T, code string, run func(*testing.T, string, ...string)) {
	t.Helper()
	type mount struct {
		Name string `yaml:"name"`
		Path string `yaml:"mountPath"`
	}
	var job struct {
		API  string `yaml:"apiVersion"`
		Kind string `yaml:"kind"`
		Meta struct {
			Name string `yaml:"name"`
		} `yaml:"metadata"`
		Spec struct {
			Mode        string `yaml:"completionMode"`
			Completions int    `yaml:"completions"`
			Parallelism int    `yaml:"parallelism"`
			Backoff     int    `yaml:"backoffLimitPerIndex"`
			Template    struct {
				Spec struct {
					Restart    string `yaml:"restartPolicy"`
					Grace      int    `yaml:"terminationGracePeriodSeconds"`
					Containers []struct {
						Name      string                       `yaml:"name"`
						Image     string                       `yaml:"image"`
						Command   []string                     `yaml:"command"`
						Resources map[string]map[string]string `yaml:"resources"`
						Mounts    []mount                      `yaml:"volumeMounts"`
					} `yaml:"containers"`
					Volumes []struct {
						Name  string            `yaml:"name"`
						Claim map[string]string `yaml:"persistentVolumeClaim"`
					} `yaml:"volumes"`
				} `yaml:"spec"`
			} `yaml:"template"`
		} `yaml:"spec"`
	}
	d := yaml.NewDecoder(strings.NewReader(code))
	d.KnownFields(true)
	if err := d.Decode(&job); err != nil {
		t.Fatal(err)
	}
	s := &job.Spec
	pod := &s.Template.Spec
	if job.API != "batch/v1" || job.Kind != "Job" || s.Mode != "Indexed" || pod.Restart != "Never" || len(pod.Containers) != 1 || len(pod.Volumes) != 1 {
		t.Fatalf("%+v", job)
	}
	c := &pod.Containers[0]
	if len(c.Mounts) != 1 || c.Mounts[0].Name != pod.Volumes[0].Name || pod.Volumes[0].Claim["claimName"] == "" {
		t.Fatalf("%+v of %+v", c.Mounts, pod.Volumes)
	}
	of := " --of " + strconv.Itoa(s.Completions) + " "
	if !strings.Contains(c.Command[2], of) || !strings.Contains(c.Command[2], " "+c.Mounts[0].Path+" ") {
		t.Fatalf("%q: of %d tasks on %s", c.Command, s.Completions, c.Mounts[0].Path)
	}
	command := strings.NewReplacer(of, " --of 2 ", " "+c.Mounts[0].Path+" ", " runs/night ").Replace(c.Command[2])
	for k := range 2 {
		run(t, "JOB_COMPLETION_INDEX="+strconv.Itoa(k), c.Command[0], c.Command[1], command)
	}
	run(t, "", "stco", "merge", "runs/night", "--settle", "2m")
}

// TestClusterCommands holds every stco command of docs/cluster.md to the flags that
// there are.
func TestClusterCommands(t *testing.T) {
	text, err := os.ReadFile("../../docs/cluster.md")
	if err != nil {
		t.Fatal(err)
	}
	help := map[string]string{}
	found := 0
	for _, m := range regexp.MustCompile("stco ([a-z]+)((?: [^`'\"\n#|]*)?)").FindAllStringSubmatch(string(text), -1) {
		verb, flags := m[1], regexp.MustCompile(`--[a-z-]+`).FindAllString(m[2], -1)
		if help[verb] == "" {
			out, err := stco(t, verb, "--help").CombinedOutput()
			if err != nil || !strings.Contains(string(out), "USAGE:") {
				if len(flags) > 0 {
					t.Errorf("stco %s: %v\n%s", verb, err, out)
				}
				continue
			}
			help[verb] = string(out)
		}
		for _, f := range flags {
			found++
			if !regexp.MustCompile(regexp.QuoteMeta(f) + `[\s,]`).MatchString(help[verb]) {
				t.Errorf("stco %s has no flag %s: %s", verb, f, m[0])
			}
		}
	}
	if found < 20 {
		t.Errorf("%d flags found", found)
	}
}
