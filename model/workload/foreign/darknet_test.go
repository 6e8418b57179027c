package foreign

import (
	"strings"
	"testing"

	"stco/model/workload"
	"stco/model/workload/graph"
	"stco/model/workload/lower"
)

func darknet(text string) (*graph.Network, error) {
	kind, err := Detect("x.cfg", []byte(text))
	if err != nil {
		return nil, err
	}
	n, _, err := Read(kind, "x.cfg", "net", []byte(text))
	return n, err
}

// TestDarknet holds layers to products and parameters worked out by hand.
func TestDarknet(t *testing.T) {
	const net = "# a comment\n[net]\nwidth=8\nheight=8\nchannels=3\n"
	for _, c := range []struct {
		layers       string
		macs, params int64
		out          int64
	}{
		{"[convolutional]\nfilters=4\nsize=3\nstride=1\npad=1\nbatch_normalize=1\nactivation=leaky", 64 * 4 * 27, 4*27 + 8, 4 * 64},
		{"[convolutional]\nfilters=6\nsize=3\nstride=2\ngroups=3\nactivation=linear", 9 * 6 * 9, 6*9 + 6, 6 * 9},
		{"[connected]\noutput=10", 192 * 10, 1930, 10},
		{"[maxpool]\nsize=2\nstride=2\n[convolutional]\nfilters=1", 16 * 3, 4, 16},
		{"[maxpool]\nsize=2\nstride=1\n[convolutional]\nfilters=1", 64 * 3, 4, 64},
		{"[local]\nfilters=2\nsize=3\nstride=1\npad=1\nactivation=linear", 64 * 27 * 2, 64*27*2 + 128, 128},
		{"[convolutional]\nfilters=3\n[shortcut]\nfrom=-1\n[route]\nlayers=-1,0\n[convolutional]\nfilters=2", 64*9 + 64*12, 12 + 14, 128},
		{"[upsample]\nstride=2\n[convolutional]\nfilters=1", 256 * 3, 4, 256},
		{"[reorg]\nstride=2\n[convolutional]\nfilters=1", 16 * 12, 13, 16},
		{"[deconvolutional]\nfilters=2\nsize=2\nstride=2", 64 * 3 * 2 * 4, 24 + 2, 2 * 256},
		{"[avgpool]\n[connected]\noutput=5\nactivation=linear\n[softmax]\n[cost]", 15, 20, 5},
		{"[rnn]\nhidden=6\noutput=4\nactivation=leaky", 192*6 + 36 + 24, 192*6 + 6 + 36 + 6 + 24 + 4, 4},
		{"[gru]\noutput=4", 12*192 + 12*4, 12*192 + 12 + 48 + 12, 4},
	} {
		n, err := darknet(net + c.layers)
		if err != nil {
			t.Errorf("%q: %v", c.layers, err)
			continue
		}
		params, macs := n.Totals()
		out := int64(0)
		for _, p := range n.Outputs[len(n.Outputs)-1] {
			out += p.Len
		}
		if macs != c.macs || params != c.params || out != c.out {
			t.Errorf("%q: %d products, %d parameters, %d results; want %d, %d, %d", c.layers, macs, params, out, c.macs, c.params, c.out)
		}
		if _, err := lower.Trace(n, workload.Options{Batch: 2}); err != nil {
			t.Errorf("%q: %v", c.layers, err)
		}
	}
}

// TestDarknetErrors: all that is wrong is told, with its line.
func TestDarknetErrors(t *testing.T) {
	_, err := darknet("[net]\nwidth=8\nheight=8\nchannels=3\n[convolutional]\nfilters=-2\nsize=x\n[warp]\n[route]\nlayers=-9\n[connected]\noutput=1e9\nnonsense\n")
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{"x.cfg:6: [convolutional] filters", "x.cfg:7: [convolutional] size", "x.cfg:8: [warp]", "x.cfg:10: [route] layers", "x.cfg:12: [connected] output", "x.cfg:13: \"nonsense\""} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("no %q in:\n%v", want, err)
		}
	}
	for _, text := range []string{"[net]\n", "[net]\n[convolutional]\n", "[net]\nwidth=8\nheight=8\nchannels=3\n[convolutional]\nsize=30\n"} {
		if _, err := darknet(text); err == nil || !strings.Contains(err.Error(), "x.cfg:") {
			t.Errorf("%q: %v", text, err)
		}
	}
}
