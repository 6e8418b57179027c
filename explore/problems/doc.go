// Package problems holds published test problems of multi-objective
// optimisation, to measure searches against others and against known fronts:
// ZDT (Zitzler, Deb and Thiele 2000), DTLZ (Deb, Thiele, Laumanns and Zitzler
// 2005), WFG (Huband, Hingston, Barone and While 2006), BNH, SRN, TNK and OSY
// (Deb 2001), C1-DTLZ1 and C2-DTLZ2 (Jain and Deb 2014), RE and CRE (Tanabe and
// Ishibuchi 2020).
//
// It holds no physics of memories and no search. Lookup gives a Problem, which
// is an explore.Problem with the ideal and nadir points that normalise its
// hypervolume; At evaluates one point.
package problems
