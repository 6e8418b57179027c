package compare

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// spread is what a comparison says of values over seeds.
type spread struct {
	Least, Lower, Median, Upper, Most float64 // extremes and quartiles
	// From and To bound the median with at least the confidence: order
	// statistics, without an assumption on the distribution. NaN for too few
	// values.
	From, To float64
	Coverage float64 // the actual confidence of the interval
}

// confidence is the least coverage of the interval of a median.
const confidence = 0.95

func spreadOf(values []float64) spread {
	x := slices.Sorted(slices.Values(values))
	out := spread{Least: x[0], Lower: quantile(x, 0.25), Median: quantile(x, 0.5), Upper: quantile(x, 0.75), Most: x[len(x)-1]}
	out.From, out.To, out.Coverage = medianInterval(x)
	return out
}

// quantile interpolates between sorted values (Hyndman and Fan's type 7).
func quantile(x []float64, q float64) float64 {
	at := q * float64(len(x)-1)
	i := int(at)
	if i+1 >= len(x) {
		return x[len(x)-1]
	}
	return x[i] + float64((at-float64(i))*(x[i+1]-x[i]))
}

// medianInterval returns the narrowest symmetric pair of order statistics that
// holds the median of the distribution with the confidence: x(k) and x(n+1-k)
// hold it unless fewer than k values fall on one side of it, so the coverage is
// 1 - 2 P(B < k) for B binomial with n and 1/2.
func medianInterval(x []float64) (from, to, coverage float64) {
	n := len(x)
	below := distuv.Binomial{N: float64(n), P: 0.5}
	from, to, coverage = math.NaN(), math.NaN(), math.NaN()
	for k := 1; 2*k <= n; k++ {
		c := 1 - 2*below.CDF(float64(k-1))
		if c < confidence {
			break
		}
		from, to, coverage = x[k-1], x[n-k], c
	}
	return from, to, coverage
}

// exactRanks is the number of values of one sample up to which the distribution
// of the rank sum is counted out; above it is taken as normal.
const exactRanks = 50

// rankTest is the two-sided Mann-Whitney test of two samples: the probability
// of ranks as uneven as these if both came from one distribution, twice that of
// the nearer tail. U is the number of pairs in which the value of a exceeds that
// of b, equal ones counted by half, and effect its share of all pairs (Vargha
// and Delaney, Journal of Educational and Behavioral Statistics 25, 101, 2000).
func rankTest(a, b []float64) (u, p, effect float64) {
	ranks, sum := doubledRanks(a, b)
	n, m := len(a), len(b)
	u = float64(sum-n*(n+1)) / 2
	effect = u / float64(n*m)
	if max(n, m) <= exactRanks {
		return u, exactTails(ranks, n, sum), effect
	}
	return u, normalTails(ranks, n, m, u), effect
}

// doubledRanks returns twice the rank of every value of both samples, equal
// values sharing the mean of theirs, and the sum over those of a.
func doubledRanks(a, b []float64) (ranks []int, sumA int) {
	all := slices.Sorted(slices.Values(slices.Concat(a, b)))
	twice := map[float64]int{}
	for i := 0; i < len(all); {
		k := i
		for k < len(all) && all[k] == all[i] {
			k++
		}
		twice[all[i]] = i + 1 + k // first plus last rank
		i = k
	}
	for _, v := range all {
		ranks = append(ranks, twice[v])
	}
	for _, v := range a {
		sumA += twice[v]
	}
	return ranks, sumA
}

// exactTails counts the subsets of n of the ranks by their sum (Mann and
// Whitney, Annals of Mathematical Statistics 18, 50, 1947, with ties after
// Klotz, JASA 61, 772, 1966) and returns twice the smaller tail at sum.
func exactTails(ranks []int, n, sum int) float64 {
	total := 0
	for _, r := range ranks {
		total += r
	}
	ways := make([][]float64, n+1) // by size and sum
	for k := range ways {
		ways[k] = make([]float64, total+1)
	}
	ways[0][0] = 1
	for _, r := range ranks {
		for k := n; k > 0; k-- {
			for s := total; s >= r; s-- {
				ways[k][s] += ways[k-1][s-r]
			}
		}
	}
	var low, high, all float64
	for s, w := range ways[n] {
		all += w
		if s <= sum {
			low += w
		}
		if s >= sum {
			high += w
		}
	}
	return min(1, 2*min(low, high)/all)
}

// normalTails is the normal approximation with the variance of tied ranks and a
// correction of a half for continuity.
func normalTails(ranks []int, n, m int, u float64) float64 {
	total := float64(n + m)
	ties := 0.0
	for i := 0; i < len(ranks); {
		k := i
		for k < len(ranks) && ranks[k] == ranks[i] {
			k++
		}
		t := float64(k - i)
		ties += t*t*t - t
		i = k
	}
	variance := float64(n*m) / 12 * (total + 1 - ties/(total*(total-1)))
	if variance <= 0 {
		return 1
	}
	away := max(0, math.Abs(u-float64(n*m)/2)-0.5)
	return min(1, 2*distuv.UnitNormal.Survival(away/math.Sqrt(variance)))
}

// holm corrects the probabilities of several tests (Holm, Scandinavian Journal
// of Statistics 6, 65, 1979): each stays below a level if the test stands at
// that level beside all the others.
func holm(p []float64) []float64 {
	order := make([]int, len(p))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case p[a] < p[b]:
			return -1
		case p[a] > p[b]:
			return 1
		}
		return 0
	})
	out := make([]float64, len(p))
	worst := 0.0
	for rank, i := range order {
		worst = max(worst, min(1, float64(len(p)-rank)*p[i]))
		out[i] = worst
	}
	return out
}
