package study

import (
	"embed"
	"fmt"
	"strings"

	"stco/model/near"
)

//go:embed studies/*.yaml
var studyFiles embed.FS

// Names lists the embedded studies.
func Names() []string {
	files, err := studyFiles.ReadDir("studies")
	if err != nil {
		panic(fmt.Sprintf("embedded studies: %v", err))
	}
	var names []string
	for _, f := range files {
		names = append(names, strings.TrimSuffix(f.Name(), ".yaml"))
	}
	return names
}

// Embedded returns the text of an embedded study; false if there is none
// of that name.
func Embedded(name string) ([]byte, bool) {
	text, err := studyFiles.ReadFile("studies/" + name + ".yaml") // "./name" is a path, no name
	return text, err == nil
}

// Suggest returns "; did you mean x?" for the embedded study whose name is near
// to one that there is not; empty if none is.
func Suggest(name string) string { return near.Hint(name, Names()) }
