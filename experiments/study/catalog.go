package study

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

// Catalog returns the embedded tables and what the model knows of them.
func Catalog() *model.Catalog { return loadCatalog() }

// CatalogOf returns the tables of a setup: the embedded ones, and those that its
// study or design brings.
func CatalogOf(s *model.Setup) *model.Catalog {
	if s.Catalog != nil {
		return s.Catalog
	}
	return Catalog()
}

func knobs() []model.Knob { return Catalog().Knobs() }

func settings() []model.Setting { return Catalog().Settings() }

// knobs are those of the tables of the file that is read.
func (d *decoder) knobs() []model.Knob { return d.catalog().Knobs() }

func (d *decoder) settings() []model.Setting { return d.catalog().Settings() }

func (d *decoder) catalog() *model.Catalog {
	if d.tables != nil {
		return d.tables
	}
	return Catalog()
}

// TablesHash identifies the values of all technology tables.
func TablesHash(c *model.Catalog) string {
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
