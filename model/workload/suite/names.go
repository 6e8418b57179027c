package suite

import (
	_ "embed" // the aliases are data
	"encoding/csv"
	"strings"
	"sync"
)

//go:embed aliases.csv
var aliasesText string

// alias is another model whose layers have the shapes of a built-in network, with
// the parameters that its publisher prints.
type alias struct {
	name, network, parameters, scale, source string
}

// aliases returns the rows of aliases.csv.
func aliases() []alias {
	rows, err := csv.NewReader(strings.NewReader(aliasesText)).ReadAll()
	if err != nil {
		panic(err) // the file is part of the program
	}
	all := make([]alias, 0, len(rows))
	for _, r := range rows[1:] {
		all = append(all, alias{r[0], r[1], r[2], r[3], r[4]})
	}
	return all
}

// Aliases returns the names of other models whose layers have the shapes of
// built-in networks.
func Aliases() []string {
	var names []string
	for _, a := range aliases() {
		names = append(names, a.name)
	}
	return names
}

// folded maps the folded names of built-in networks and aliases to networks.
var folded = sync.OnceValue(func() map[string]string {
	all := map[string]string{}
	for _, a := range aliases() {
		all[fold(a.name)] = a.network
	}
	for _, d := range documents() {
		all[fold(d.name)] = d.name
	}
	return all
})

// Canonical returns the built-in network that a name means: capitals do not count,
// nor do hyphens, underscores and dots, except that digits they part stay apart
// (regnet_y_1_6gf is not regnet_y_16gf). Llama-3.1-8B is llama3_8b, whose shapes it
// has.
func Canonical(name string) (string, bool) {
	network, ok := folded()[fold(name)]
	return network, ok
}

// fold returns the form in which names are compared.
func fold(name string) string {
	digit := func(c byte) bool { return '0' <= c && c <= '9' }
	var b []byte
	gap := false
	for _, c := range []byte(strings.ToLower(name)) {
		if c == '-' || c == '_' || c == '.' {
			gap = true
			continue
		}
		if gap && (len(b) == 0 || digit(b[len(b)-1]) && digit(c)) {
			b = append(b, '_')
		}
		gap = false
		b = append(b, c)
	}
	if gap {
		b = append(b, '_')
	}
	return string(b)
}
