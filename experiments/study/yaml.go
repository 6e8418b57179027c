package study

import (
	"bytes"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"stco/experiments/study/networks"
	"stco/model"
	"stco/model/units"
	"stco/model/workload"
	"stco/objectives"
	"stco/space"
)

// YAML writes the study with every default filled in. Parse reads it back
// to an equal study.
func (s *Study) YAML() []byte {
	var b bytes.Buffer
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("stco: %d", FormatVersion)
	line("name: %s", s.Name)
	if s.Description != "" {
		line("description: %s", strconv.Quote(s.Description))
	}
	s.writeProblem(&b)
	q := &s.Search
	line("  evaluations: %d", q.Evaluations)
	line("  generations: %d", q.Generations)
	line("  stagnation: %d", q.Stagnation)
	line("  time: %s", units.FormatExact(float64(q.Time), units.DimTime))
	line("  returned: %d", q.Returned)
	line("seed: %d", s.Seed)
	line("seeds: %d", s.Seeds)
	line("baselines: %s", baselineTexts(s.Baselines))
	if len(s.Ranges) > 0 {
		line("uncertainties:")
		for _, u := range s.Ranges {
			line("  %s: %s", u.Name, s.rangeTexts()[u.Name])
		}
	}
	s.writeScenarios(line)
	return b.Bytes()
}

// writeProblem writes what decides which designs a search proposes and what
// they are worth, but for the seed: the part of a study that its random streams
// derive from. It ends within the section search.
func (s *Study) writeProblem(b *bytes.Buffer) {
	line := func(format string, args ...any) { fmt.Fprintf(b, format+"\n", args...) }
	writeTables(b, &s.Setup)
	line("model:")
	writeVariables(b, slices.DeleteFunc(slices.Clone(CatalogOf(&s.Setup).Settings()), func(v model.Setting) bool { return s.overMachines() && ofMachine(&v) }), &s.Setup)
	line("space:")
	for i, k := range CatalogOf(&s.Setup).Knobs() {
		line("  %s: %s", k.Name, rangeText(&k, &s.Space[i]))
	}
	writeWorkloads(b, s.Setup.Workloads)
	line("objectives: [%s]", strings.Join(s.Objectives, ", "))
	if len(s.Constraints) > 0 {
		line("constraints:")
		for i := range s.Constraints {
			line("  %s: {%s}", s.Constraints[i].Metric, boundText(&s.Constraints[i]))
		}
	}
	q := &s.Search
	line("search:")
	line("  algorithm: %s", q.Algorithm)
	line("  population: %d", q.Population)
	line("  islands: %d", q.Islands)
	line("  migration_every: %d", q.MigrationEvery)
}

func writeVariables[T any](b *bytes.Buffer, vars []model.Variable[T], of *T) {
	for i := range vars {
		v := &vars[i]
		if x := v.Get(of); !v.Preset || !math.IsNaN(x) {
			fmt.Fprintf(b, "  %s: %s\n", v.Name, v.Format(x))
		}
	}
}

// rangeText writes what a study says of a knob.
func rangeText(k *model.Knob, p *space.Parameter) string {
	switch {
	case objectives.IsFixed(p):
		return k.Format(p.Values[0])
	case p.Values != nil:
		texts := make([]string, len(p.Values))
		for i, v := range p.Values {
			texts[i] = k.Format(v)
		}
		return "[" + strings.Join(texts, ", ") + "]"
	case p.Levels > 0:
		return fmt.Sprintf("{min: %s, max: %s, levels: %d}", k.Format(p.Min), k.Format(p.Max), p.Levels)
	case k.Scale == model.Linear || p.Step > 0:
		return fmt.Sprintf("{min: %s, max: %s, step: %s}", k.Format(p.Min), k.Format(p.Max), k.Format(p.Step))
	default:
		return fmt.Sprintf("{min: %s, max: %s}", k.Format(p.Min), k.Format(p.Max))
	}
}

func boundText(bound *objectives.Bound) string {
	m, err := objectives.MetricByName(bound.Metric)
	if err != nil {
		return ""
	}
	var parts []string
	if !math.IsInf(bound.Min, -1) {
		parts = append(parts, "min: "+units.FormatExact(bound.Min, m.Dim))
	}
	if !math.IsInf(bound.Max, 1) {
		parts = append(parts, "max: "+units.FormatExact(bound.Max, m.Dim))
	}
	return strings.Join(parts, ", ")
}

func writeWorkloads(b *bytes.Buffer, all []model.Workload) {
	b.WriteString("workloads:\n")
	for i := range all {
		w, o := &all[i], &all[i].Options
		parts := []string{"network: " + w.Network, "phase: " + o.Phase.String(), fmt.Sprintf("batch: %d", o.Batch)}
		if in := w.Import; in != nil {
			parts[0] = "network: " + strconv.Quote(w.Network)
			parts = append(parts, "kind: "+in.Kind)
			if in.Kind == networks.ONNX {
				parts = append(parts, "bind: "+pairs(in.Bind))
			}
			if len(in.Set) > 0 {
				parts = append(parts, "set: "+pairs(in.Set))
			}
			if len(in.Bound) > 0 {
				parts = append(parts, "bound: "+pairs(in.Bound))
			}
			if in.Unknown != "" {
				parts = append(parts, "unknown: "+in.Unknown)
			}
			parts = append(parts, "sha256: "+strconv.Quote(in.SHA256), "graph: "+strconv.Quote(in.Skeleton))
		}
		number := func(name string, v int) {
			if v != 0 {
				parts = append(parts, fmt.Sprintf("%s: %d", name, v))
			}
		}
		number("seq_len", o.SeqLen)
		number("context", o.Context)
		number("image_size", o.ImageSize)
		parts = append(parts, "precision: "+plain(o.Precision.String()), "optimizer: "+o.Optimizer.String())
		number("micro_batches", o.MicroBatches)
		parts = append(parts, "checkpointing: "+o.Checkpoint.String(), fmt.Sprintf("fusion: %t", !o.NoFusion))
		if o.FusedAttention { // left out otherwise, as in runs made without the key
			parts = append(parts, "fused_attention: true")
		}
		parts = append(parts, forms(o)...)
		parts = append(parts, fmt.Sprintf("dropout: %t", o.Dropout))
		weights := "resident"
		if o.StreamedWeights {
			weights = "streamed"
		}
		parts = append(parts, "weights: "+weights, "weight: "+strconv.FormatFloat(w.Weight, 'g', -1, 64))
		fmt.Fprintf(b, "  - {%s}\n", strings.Join(parts, ", "))
	}
}

// pairs writes numbers by name.
func pairs[T int64 | float64](m map[string]T) string {
	var all []string
	for _, name := range slices.Sorted(maps.Keys(m)) {
		all = append(all, fmt.Sprintf("%s: %v", strconv.Quote(name), m[name]))
	}
	return "{" + strings.Join(all, ", ") + "}"
}

// forms writes the options that shape a network, those that are not the default.
func forms(o *workload.Options) (parts []string) {
	if o.Causal {
		parts = append(parts, "causal: true")
	}
	if o.LastLogits {
		parts = append(parts, "logits: last")
	}
	if o.Window > 0 {
		parts = append(parts, fmt.Sprintf("window: %d", o.Window))
	}
	if o.HeadCache {
		parts = append(parts, "cache: heads")
	}
	if o.Slice.Devices() > 1 {
		t, p, q := o.Slice.Ways()
		parts = append(parts, fmt.Sprintf("slice: {tensor: %d, pipeline: %d, sequence: %d}", t, p, q))
	}
	return parts
}

// plain is a word, quoted when it holds a comma.
func plain(s string) string {
	if strings.Contains(s, ",") {
		return strconv.Quote(s)
	}
	return s
}
