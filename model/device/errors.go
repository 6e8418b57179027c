package device

import "math"

// WordError returns the probability that more than corrected of the bits of a
// codeword are wrong when each is wrong with probability p, independently
// (E37): bits 72 and corrected 1 for SECDED, 79 and 2 for DEC. The binomial
// tail is summed exactly; its first term is the approximation of E37.
func WordError(p float64, bits, corrected int) float64 {
	if p <= 0 {
		return 0
	}
	if p >= 1 {
		return 1
	}
	// Terms of the tail from corrected+1 up, each from its predecessor.
	k := corrected + 1
	term := math.Exp(logChoose(bits, k) + float64(k)*math.Log(p) + float64(bits-k)*math.Log1p(-p))
	sum, odds := 0.0, p/(1-p)
	for ; k <= bits; k++ {
		sum += term
		term *= float64(bits-k) / float64(k+1) * odds
		if term < sum*1e-17 && float64(k+1) > float64(bits)*p {
			break
		}
	}
	return min(sum, 1)
}

func logChoose(n, k int) float64 {
	a, _ := math.Lgamma(float64(n + 1))
	b, _ := math.Lgamma(float64(k + 1))
	c, _ := math.Lgamma(float64(n - k + 1))
	return a - b - c
}

// ArrayYield returns the probability that no codeword of an array is
// uncorrectable (E37): exp(-words*P_word).
func ArrayYield(p, words float64, bits, corrected int) float64 {
	w := WordError(p, bits, corrected)
	if w >= 1 {
		return 0
	}
	return math.Exp(words * math.Log1p(-w))
}

// RawErrorRate returns the bit error rate at which a codeword of bits, of which
// corrected may be wrong, fails with probability word (E37 inverted; Newton
// steps in the logarithm of the exact tail).
func RawErrorRate(word float64, bits, corrected int) float64 {
	t := float64(corrected + 1)
	log := (math.Log(word) - logChoose(bits, corrected+1)) / t
	for range 50 {
		step := (math.Log(word) - math.Log(WordError(math.Exp(min(log, -1e-9)), bits, corrected))) / t
		log = min(log+step, -1e-9)
		if math.Abs(step) < 1e-14 {
			break
		}
	}
	return math.Exp(log)
}

// totalError adds the error rates of one use of a bit: writing, holding, reads
// disturbing it, and reading (E38).
func totalError(write, retention, disturb, reads, reading float64) float64 {
	return write + retention + disturb*reads + reading
}
