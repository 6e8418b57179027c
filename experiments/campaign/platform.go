package campaign

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"maps"
	"math"
	"runtime"
	"slices"
	"strings"
)

// Platform names the floating-point arithmetic of this process: the architecture,
// and a hash of what the functions that the model calls, and a product and sum that
// a compiler may fuse, give for fixed arguments. Where two names are the same,
// runs are the same to the last bit.
func Platform() string {
	h := sha256.New()
	put := func(values ...float64) {
		for _, v := range values {
			_ = binary.Write(h, binary.LittleEndian, math.Float64bits(v)) // a hash takes all
		}
	}
	x := 0.37
	for range 4096 {
		put(math.Exp(x), math.Log(x), math.Pow(x, 1.7), math.Sqrt(x), math.Cbrt(x), math.Tanh(x), math.Erf(x), math.Erfc(x),
			math.Sin(x), math.Cos(x), math.Exp2(x), math.Log1p(x), math.Expm1(-x), math.Log2(x), math.Log10(x), math.Hypot(x, 3), math.Atan(x))
		put(fused(x, 1.1, -0.9))
		if x *= 1.003; x > 600 {
			x = 0.0011
		}
	}
	return fmt.Sprintf("%s-%x", runtime.GOARCH, h.Sum(nil)[:6])
}

// fused is rounded once where the compiler fuses it, twice elsewhere.
//
//go:noinline
func fused(x, y, z float64) float64 { return x*y + z }

// platforms says which shards were computed on another floating-point platform
// than this process; "" where all were on one.
func (c *Campaign) platforms() (string, error) {
	shards := map[string][]string{}
	for i, sh := range c.Run.Info().Shards {
		end, err := c.Run.Ended(i)
		if err != nil {
			return "", err
		}
		if end != nil && end.Platform != "" {
			shards[end.Platform] = append(shards[end.Platform], sh.Name)
		}
	}
	return differ(shards, c.opts.Info.Platform), nil
}

// differ describes shards by their platforms.
func differ(shards map[string][]string, here string) string {
	if len(shards) == 0 || len(shards) == 1 && (len(shards[here]) > 0 || here == "") {
		return ""
	}
	names := slices.SortedFunc(maps.Keys(shards), func(a, b string) int {
		return cmp.Or(cmp.Compare(len(shards[b]), len(shards[a])), strings.Compare(a, b))
	})
	var text []string
	for i, name := range names {
		if one := fmt.Sprintf("%d shards on %s", len(shards[name]), name); i == 0 {
			text = append(text, one)
		} else {
			text = append(text, one+" ("+held(shards[name])+")")
		}
	}
	return fmt.Sprintf("computed on several floating-point platforms, whose results differ in their last digits: %s; merged on %s: the same run on one platform may end with other bytes",
		strings.Join(text, ", "), here)
}
