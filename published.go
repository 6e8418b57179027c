package stco

import (
	"embed"
	"io/fs"
)

//go:embed testdata/published/*.csv
//go:embed model/workload/suite/testdata/published/*.csv
//go:embed model/accel/systolic/testdata/published/*.csv
//go:embed model/accel/tiling/testdata/published/*.csv
var published embed.FS

// Published returns the published figures that the model is held to, by their
// paths in the tree.
func Published() fs.FS { return published }
