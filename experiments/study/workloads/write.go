package workloads

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"stco/experiments/study/networks"
	"stco/model"
	"stco/model/workload"
)

// Write writes the list of networks with every option; Read reads it back to an
// equal list.
func Write(b *bytes.Buffer, all []model.Workload) {
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
