package model

import "stco/model/array"

// conflicts returns the share of their cycles that banks lose because accesses wait
// for the same one: a closed network of queues, in which every access that ends is
// followed by one to a bank drawn at random. With N accesses under way and all holding
// times alike, N/(N+B-1) of B banks with exponential times are busy (Gordon and
// Newell, Oper. Res. 15, 254, 1967); the mean wait scales with (1 + cv^2)/2 as in
// Pollaczek and Khinchine's formula, where cv^2 is the relative variance of the time
// that an access holds its bank: 0 if reads and writes hold it as long, more if a
// write holds it longer. Banks with a read and a write port keep them apart.
func (s *Setup) conflicts(banks int, read, write float64) float64 {
	writes := float64(s.BankWrites)
	mean, square := (1-writes)*read+writes*write, (1-writes)*read*read+writes*write*write
	if s.Ports == array.OneReadOneWrite || mean == 0 {
		mean, square = 1, 1
	}
	waits := float64(banks-1) * square / (mean * mean) / 2
	return waits / (float64(s.BankQueue*banks) + waits)
}
