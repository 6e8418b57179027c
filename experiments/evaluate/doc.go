// Package evaluate evaluates single designs, without a search: one design with its
// steps, parts, gains and spread of cells, random designs of a study, and designs
// that another program sends line by line.
package evaluate
