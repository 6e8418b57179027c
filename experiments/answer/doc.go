// Package answer says what a campaign concludes, from tables alone: the front of
// what was found, the technologies beside each other, which designs no SRAM
// buffer beats, the best buffer of every technology under each area, the knee,
// what rests on a bound or is doubtful, and a verdict in sentences whose numbers
// are those of the tables.
//
//	designs found, SRAM enumerated -> Choose, Dominated, Knee, Ladder -> Verdict
//
// It evaluates nothing. Energy, latency, area and capacity are found by name in
// every table of designs.
package answer
