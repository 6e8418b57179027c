package lower

import (
	"fmt"

	"stco/model/workload"
	"stco/model/workload/graph"
)

// Bounds that keep sums over a trace below 2^62.
const (
	maxMACs  = 4e18
	maxElems = 1e16
)

// agrees checks the options against what the network was built for.
func agrees(n *graph.Network, o workload.Options) error {
	check := func(what string, got, built int) error {
		if got != 0 && got != built {
			return fmt.Errorf("%s: %s %d: the network was built for %d", n.Name, what, got, built)
		}
		return nil
	}
	if o.Phase != n.Phase && (o.Phase == workload.Decode || n.Phase == workload.Decode) {
		return fmt.Errorf("%s: phase %s: the network was built for %s", n.Name, o.Phase, n.Phase)
	}
	if o.Dropout != n.Dropout {
		return fmt.Errorf("%s: dropout %v: the network was built with %v", n.Name, o.Dropout, n.Dropout)
	}
	for _, err := range []error{
		check("seq_len", o.SeqLen, n.SeqLen), check("context", o.Context, n.Context), check("image_size", o.ImageSize, n.ImageSize),
	} {
		if err != nil {
			return err
		}
	}
	if f := graph.FormOf(o); f != n.Form {
		return fmt.Errorf("%s: options %+v: the network was built for %+v", n.Name, f, n.Form)
	}
	_, macs := n.Totals()
	if f := float64(macs) * float64(o.Batch); f > maxMACs {
		return fmt.Errorf("%s: batch %d samples: %.3g multiply-accumulates are more than %.3g", n.Name, o.Batch, f, maxMACs)
	}
	for i := range n.Data {
		if f := float64(n.Data[i].Elems) * float64(o.Batch); f > maxElems {
			return fmt.Errorf("%s: batch %d samples: %s has %.3g elements, more than %.3g", n.Name, o.Batch, n.Data[i].Name, f, maxElems)
		}
	}
	if o.Checkpoint == workload.SelectiveCheckpoint && !n.HasAttention() {
		return fmt.Errorf("%s: selective checkpointing recomputes the attention core, and this network has no attention", n.Name)
	}
	return nil
}
