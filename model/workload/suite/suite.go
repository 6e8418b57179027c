package suite

import (
	"embed"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"stco/model/near"
	"stco/model/workload"
	"stco/model/workload/graph"
)

// shape is the size and form a network is built for.
type shape struct {
	image         int64
	seq           int64 // tokens that pass through the network
	context       int64 // tokens in the KV cache before them
	cache, decode bool  // keys and values go through a KV cache

	causal, last, heads     bool
	window                  int64 // 0: that of the network
	tensor, pipeline, parts int64 // devices that share it
}

// builder declares the networks: blocks and heads that several share are
// methods.
type builder struct {
	*graph.Builder
	training bool // parts that run in training only
	dropout  bool

	frozenNorm bool // batch normalisation by constants
}

// Drop adds a dropout layer when the network is built with dropout.
func (b *builder) Drop(name string, x graph.Value) graph.Value {
	if !b.dropout {
		return x
	}
	return b.Pointwise(name, graph.Dropout, x)
}

// Families lists the families of the networks.
func Families() []string { return []string{"cv", "nlp", "rec"} }

// The built-in networks, one YAML document each.
//
//go:embed networks/*.yaml
var files embed.FS

// document is a built-in network before it is read.
type document struct {
	name, family, file string
	text               []byte
}

var nameLine = regexp.MustCompile(`(?m)^network: *(\S+)$`)

// documents returns the built-in networks in the order of the files, which are
// named by family.
var documents = sync.OnceValue(func() []document {
	var all []document
	entries, err := files.ReadDir("networks")
	if err != nil {
		panic(err) // the files are part of the program
	}
	for _, e := range entries {
		text, err := files.ReadFile("networks/" + e.Name())
		if err != nil {
			panic(err)
		}
		family, _, _ := strings.Cut(e.Name(), "_")
		for part := range strings.SplitSeq(string(text), "\n---\n") {
			if m := nameLine.FindStringSubmatch(part); m != nil {
				all = append(all, document{m[1], strings.TrimSuffix(family, ".yaml"), e.Name(), []byte(strings.TrimSpace(part) + "\n")})
			}
		}
	}
	return all
})

// Names returns the names of a family's networks, of all families for "".
func Names(family string) []string {
	var names []string
	for _, d := range documents() {
		if family == "" || d.family == family {
			names = append(names, d.name)
		}
	}
	return names
}

// Lookup returns the built-in network called name. An unknown name is an error
// that lists the nearest names.
func Lookup(name string) (*Spec, error) {
	all := documents()
	if i := slices.IndexFunc(all, func(d document) bool { return d.name == name }); i >= 0 {
		return Parse(all[i].file, all[i].text)
	}
	if nearest := near.Names(name, Names("")); len(nearest) > 0 && name != "" {
		return nil, fmt.Errorf("network %q: unknown; near names: %s", name, strings.Join(nearest, ", "))
	}
	return nil, fmt.Errorf("network %q: unknown; one of %s", name, strings.Join(Names(""), ", "))
}

// Build returns the built-in network called name for the phase, sizes and form
// of the options.
func Build(name string, o workload.Options) (*graph.Network, error) {
	s, err := Lookup(name)
	if err != nil {
		return nil, err
	}
	return s.Build(o)
}

// DefaultOptions returns the defaults of the built-in network called name.
func DefaultOptions(name string, phase workload.Phase) (workload.Options, error) {
	s, err := Lookup(name)
	if err != nil {
		return workload.Options{}, err
	}
	return s.DefaultOptions(phase), nil
}

// Batches returns the batches at which a family is studied in a phase.
func Batches(family string, phase workload.Phase) []int {
	switch {
	case phase == workload.Training && family == "nlp":
		return []int{8}
	case phase == workload.Training:
		return []int{16}
	case family == "nlp":
		return []int{1, 8}
	default:
		return []int{1, 16}
	}
}
