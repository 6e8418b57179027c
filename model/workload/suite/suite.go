package suite

import (
	"embed"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"

	"stco/model/near"
	"stco/model/workload"
	"stco/model/workload/graph"
	"stco/model/workload/template"
	"stco/model/workload/template/cnn"
	"stco/model/workload/template/language"
	"stco/model/workload/template/vision"
)

// templates are the kinds of networks that a file may name.
var templates = func() template.Kinds {
	all := template.Kinds{}
	for _, ks := range []template.Kinds{cnn.Templates, vision.Templates, language.Templates} {
		maps.Copy(all, ks)
	}
	return all
}()

// Parse reads a network from the text of a YAML file. Errors name file, line and
// key, all of them at once.
func Parse(file string, text []byte) (*template.Spec, error) { return templates.Parse(file, text) }

// The built-in networks, one YAML document each.
//
//go:embed networks/*.yaml
var files embed.FS

// document is a built-in network before it is read.
type document struct {
	name, family string
	text         []byte
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
				all = append(all, document{m[1], strings.TrimSuffix(family, ".yaml"), []byte(strings.TrimSpace(part) + "\n")})
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

// Lookup returns the built-in network that a name means (Canonical). An unknown
// name is an error that lists the nearest names.
func Lookup(name string) (*template.Spec, error) {
	if known, ok := Canonical(name); ok {
		all := documents()
		d := &all[slices.IndexFunc(all, func(d document) bool { return d.name == known })]
		return Parse("", d.text) // no file of the user's
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
