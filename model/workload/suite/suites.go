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
	Name     string   `yaml:"-"` // with the version
	Networks []string `yaml:"networks"`
	Without  []string `yaml:"without"`
}

// LookupSuite returns the suite called name; without a version that is the last one.
func LookupSuite(name string) (Suite, error) {
	all := map[string]Suite{}
	if err := yaml.Load(suitesText, &all); err != nil {
		return Suite{}, err
	}
	names := slices.Sorted(maps.Keys(all)) // versions have digits of one length
	for _, full := range slices.Backward(names) {
		if full == name || name != "" && strings.HasPrefix(full, name+"-v") {
			s := all[full]
			s.Name = full
			return s, nil
		}
	}
	return Suite{}, fmt.Errorf("suite %q: unknown; one of %s", name, strings.Join(names, ", "))
}
