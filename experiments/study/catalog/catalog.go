// Package catalog holds the tables that a study or design is read with: the
// embedded technology tables, joined with those of its user, from the keys of a
// file (tables, materials, cells, presets, nodes, dram, machines) or from CSV
// files in the published format; and the bitcells of users. It reads the files
// that a key names. What a value means is the business of model.
package catalog

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"sync"

	"stco/model"
)

// loadCatalog reads the embedded tables once; they are part of the program, so
// a fault in them is a fault of the program.
var loadCatalog = sync.OnceValue(func() *model.Catalog { //nolint:gochecknoglobals // immutable, computed once
	c, err := model.NewCatalog()
	if err != nil {
		panic(fmt.Sprintf("embedded tables: %v", err))
	}
	return c
})

// Builtin returns the embedded tables and what the model knows of them.
func Builtin() *model.Catalog { return loadCatalog() }

// Of returns the tables of a setup: the embedded ones, and those that its
// study or design brings.
func Of(s *model.Setup) *model.Catalog {
	if s.Catalog != nil {
		return s.Catalog
	}
	return Builtin()
}

// Hash identifies the values of all technology tables.
func Hash(c *model.Catalog) string {
	var text []byte
	for _, t := range c.Tables.All() {
		text = fmt.Appendf(text, "%s\n", t.Name)
		for _, e := range t.Entries {
			for _, v := range e.Values {
				text = fmt.Appendf(text, "%s %s %v %s\n", e.Name, v.Quantity, v.SI, v.Unit)
				if v.Unit == "name" {
					text = fmt.Appendf(text, "%s\n", v.Text)
				}
			}
		}
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}
