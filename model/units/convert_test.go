package units

import (
	"math"
	"strings"
	"testing"
)

func TestConvert(t *testing.T) {
	for _, v := range []struct {
		number, from, to string
		want             float64
	}{
		{"5", "mJ", "J", 0.005},
		{"40", "mm2", "mm2", 40},
		{"0.4", "cm^2", "mm2", 40},
		{"32", "MiB", "B", 32 << 20},
		{"8", "bit", "B", 1},
		{"1", "GiB", "MiB", 1024},
		{"25", "degC", "K", 298.15},
		{"358.15", "K", "degC", 85},
		{"5", "%", "1", 0.05},
		{"0.05", "1", "%", 5},
		{"1", "h", "s", 3600},
		{"-2", "GHz", "MHz", -2000},
	} {
		got, err := Convert(v.number, v.from, v.to)
		if err != nil || math.Abs(got-v.want) > 1e-12*math.Abs(v.want) {
			t.Errorf("%s%s in %s: %v %v, want %v", v.number, v.from, v.to, got, err, v.want)
		}
	}
	for _, v := range [][4]string{
		{"5", "mJ", "s", "5mJ is no number of s"},
		{"5", "furlong", "m", "unknown symbol"},
		{"5", "m", "furlong", "unknown symbol"},
		{"five", "m", "m", "not a decimal number"},
	} {
		if _, err := Convert(v[0], v[1], v[2]); err == nil || !strings.Contains(err.Error(), v[3]) {
			t.Errorf("%v: %v", v, err)
		}
	}
}
