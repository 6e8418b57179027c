package suite

import (
	_ "embed" // the suites are data
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

//go:embed suites.yaml
var suitesText []byte

// Suite is a versioned list of a benchmark: the networks that are built in, and
// the members that are not.
type Suite struct {
	Networks []string `yaml:"networks"`
	Without  []string `yaml:"without"`
}

// LookupSuite returns the suite called name, whose version is part of it.
func LookupSuite(name string) (Suite, error) {
	all := map[string]Suite{}
	if err := yaml.Load(suitesText, &all); err != nil {
		return Suite{}, err
	}
	s, ok := all[name]
	if !ok {
		return s, fmt.Errorf("suite %q: unknown; one of %s", name, strings.Join(slices.Sorted(maps.Keys(all)), ", "))
	}
	return s, nil
}
