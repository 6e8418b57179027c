// Package designs turns designs into rows of tables and back: columns of every
// knob, metric and device figure.
package designs
