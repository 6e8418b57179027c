package cli

import (
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/urfave/cli/v2"

	"stco/experiments/study"
)

// page is what the help of a command says beside its flags.
type page struct {
	command  string   // its words after stco
	about    string   // where the command itself says nothing
	examples []string // command lines without stco, each with a remark after " # "
}

// pages are the examples of all commands; a test holds every line to the flags
// that there are.
func pages() []page {
	return []page{
		{"run", "A campaign goes into a run directory, which every other command reads, also before it is done. Stopped by\nCtrl-C, by --time or by a kill it goes on with stco resume, and ends with the same bytes. With --format csv and json it prints the front, with markdown and latex all that it\nconcludes (docs/answer.md). A study that fixes every parameter or gives it a list, a step or levels has a\nfinite space: --search grid evaluates all of it.\n\nEmbedded studies: " + strings.Join(study.Names(), ", ") + ".", []string{
			"run cv-training # an embedded study",
			"run study.yaml --out mine --seed 7 --workers 8",
			"run cv-training --set machine=server --time 8h # a night on another machine model",
			"run study.yaml --dry-run # size of the space, evaluations, time, disk",
		}},
		{"resume", "", []string{"resume mine", "resume mine --budget 1000000 # extended: ends as a run that was started so", "resume mine --seeds 10"}},
		{"task", "", []string{"task runs/night --index 3 --of 12", "merge runs/night # when all tasks have ended"}},
		{"submit", "See docs/cluster.md.", []string{"submit runs/night --slurm --partition long --array-limit 50", "submit runs/night --slurm --print # the scripts, nothing is submitted"}},
		{"status", "", []string{"status mine", "status mine --format json"}},
		{"watch", "", []string{"watch mine", "watch mine --events --every 10s"}},
		{"verify", "Files are held to the checksums they were written with; a sample of designs is evaluated again.\nExit code 1 names what differs.", []string{"verify mine", "verify mine --sample 200"}},
		{"pareto", "Designs that an SRAM buffer dominates are left out, --all shows them. The knee is marked; another choice\nis marked by --at and --weights. A run that goes on is read from its last checkpoints.", []string{
			"pareto mine --where 'area_mm2 < 60' --sort latency_s",
			"pareto mine --where 'energy <= 500mJ && capacity >= 8MiB' --top 10",
			"pareto mine --all --weights energy=2,latency=1",
			"pareto mine --all --format latex --columns id,capacity,energy,latency,area",
		}},
		{"export", "The tables are those of docs/answer.md. Beside a CSV or Parquet file lies FILE.json, which says what the\ncolumns mean and what the numbers come from. The ending of FILE decides the format.", []string{
			"export mine --what ladder",
			"export mine --what archive --out archive.parquet",
			"export mine --design knee --to nvsim --out folder # the design for another tool",
		}},
		{"plot", "The data of a figure lie beside it as CSV. The ending of FILE decides the format.", []string{
			"plot mine",
			"plot mine --figure energy --out energy.pdf",
			"plot mine --x area --y latency --color capacity --where 'area < 40mm2' --xlim 1,40",
			"plot mine --overlay other --x area --log both",
			"plot mine --figure pareto --format csv # its data",
		}},
		{"plot device", "", []string{"plot device", "plot device --figure error-pulse --format pdf --out figures"}},
		{"plot array", "", []string{"plot array --node 14nm"}},
		{"plot roofline", "", []string{"plot roofline resnet50 bert_base --machines soc,server"}},
		{"report", "Verdict and tables read without scripts; dragging over a figure keeps designs in the table.", []string{"report mine", "report mine --archive --out page.html"}},
		{"serve", "", []string{"serve mine", "serve mine --port 8080"}},
		{"compare", "Hypervolumes are measured in one frame, which --what frame states: the objectives between ideal and nadir\nof the front of everything the runs found together, which is the exact front when one of them is a grid.", []string{"compare mine other", "compare mine --what seeds", "compare mine other --figure attainment --format pdf"}},
		{"merge", "", []string{"merge runs/night", "merge mine other --top 50"}},
		{"eval", "A design file is written by stco init --design, or of a design of a run by --format yaml. With\n--lines it answers designs as JSON lines (docs/environment.md). A design that misses a limit: exit code 3.", []string{
			"eval design.yaml --explain # in words, then part by part",
			"eval mine --design knee --explain",
			"eval design.yaml --set capacity=8MiB --set pulse=1ns",
			"eval design.yaml --monte-carlo 10000 --seed 1",
			"eval --study cv-training --random 1000 --seed 1 --format csv",
		}},
		{"sensitivity", "", []string{"sensitivity mine --design knee", "sensitivity mine --design knee --what constants --samples 1024 --format csv", "sensitivity mine --front --what importance"}},
		{"explore", "With --problem cmd:PROGRAM it searches what a program evaluates, which is asked and answers in JSON lines\n(docs/environment.md).", []string{"explore --problem ZDT1", "explore --problem DTLZ2 --objectives 4 --search nsga3 --evaluations 50000 --format csv", "explore --problem ZDT1 --at 0.5,0.1 # objectives of a point"}},
		{"workload list", "", []string{"workload list --family nlp"}},
		{"workload show", "", []string{"workload show resnet50 --batch 1 --layers --format csv", "workload show llama2_7b --phase decode --context 1024"}},
		{"workload import", "Every command that takes a network takes such a file.", []string{"workload import model.onnx", "workload import model.onnx --bind batch=8 --layers"}},
		{"workload characterize", "The columns: docs/characterisation.md.", []string{"workload characterize resnet50 bert_base", "workload characterize --family cv --show capacity --format csv"}},
		{"traffic", "", []string{"traffic --gemm 512,512,512 --buffer-elements 65536", "traffic --network resnet50 --layers"}},
		{"tech list", "", []string{"tech list"}},
		{"tech show", "", []string{"tech show beta-w", "tech show device_presets --format csv"}},
		{"array", "stt and sot are the cells of the presets; a cell file of NVSim is one too. A slow corner bounds times, and\nleaks less than a typical one.", []string{"array --cell sot --node 7nm --capacity 64MiB --parts", "array --cell sram --capacity 1MiB --organisations", "array --presets"}},
		{"validate", "", []string{"validate --show summary", "validate array --format csv"}},
		{"experiment list", "", []string{"experiment list"}},
		{"experiment run", "Published claims beside ours, and when they hold: docs/reproduction.md.", []string{"experiment run capacity --out results", "experiment run all --size small"}},
		{"init", "", []string{"init study.yaml", "init --from cv-training mine.yaml", "init --from mine:knee design.yaml"}},
		{"schema", "", []string{"schema", "schema --design", "schema --units"}},
		{"completion", "", []string{"completion bash"}},
		{"man", "", []string{"man", "man pareto", "man --markdown"}},
	}
}

// describe gives every command its description and its examples.
func describe(app *cli.App) {
	for _, p := range pages() {
		c := find(app.Commands, strings.Fields(p.command))
		if c == nil {
			continue // TestPages holds the pages to the commands
		}
		about, _, _ := strings.Cut(c.Description, "\n\nExamples:")
		if about == "" {
			about = p.about
		}
		width := 0
		for _, e := range p.examples {
			line, remark, _ := strings.Cut(e, " # ")
			if remark != "" {
				width = max(width, len(line))
			}
		}
		var b strings.Builder
		if about != "" {
			b.WriteString(about + "\n\n")
		}
		b.WriteString("Examples:")
		for _, e := range p.examples {
			line, remark, _ := strings.Cut(e, " # ")
			b.WriteString("\n   stco " + line)
			if remark != "" {
				b.WriteString(strings.Repeat(" ", width-len(line)+3) + remark)
			}
		}
		c.Description = b.String()
	}
}

// find is the command of some words; nil if there is none.
func find(commands []*cli.Command, words []string) *cli.Command {
	var c *cli.Command
	for _, w := range words {
		at := slices.IndexFunc(commands, func(c *cli.Command) bool { return c.HasName(w) })
		if at < 0 {
			return nil
		}
		c = commands[at]
		commands = c.Subcommands
	}
	return c
}

// useless are default values that say nothing: the usage of the flag says what
// happens without it.
var useless = regexp.MustCompile(` \(default: (false|0|0s|)\)$`)

var plainFlags sync.Once

// plain leaves useless defaults out of the help of flags.
func plain() {
	plainFlags.Do(func() {
		was := cli.FlagStringer
		cli.FlagStringer = func(f cli.Flag) string { return useless.ReplaceAllString(was(f), "") }
	})
}
