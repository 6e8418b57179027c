// Package designs evaluates designs and lays them out as tables: every knob,
// metric and device figure, where energy and time go, and the gains over SRAM
// buffers found in the space of the study.
package designs
