// Package table prints results.Table for people: on a terminal, as Markdown
// and as LaTeX, with SI prefixes and a sensible number of digits.
//
// It does: choose rows and columns of a table (Apply: filter, sort, top,
// columns), choose prefixes and digits per column, fit a width by leaving out
// the least telling columns and naming them. It does not: compute anything,
// nor write files for machines; package csv does that, from the same Table.
//
// Flow: results.Table -> Apply(View) -> Write(Style).
package table
