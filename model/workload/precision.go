package workload

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Format is a number format of stored data. The zero value means "no such
// copy" and is legal only for MasterWeight. Above its lowest byte stand the elements
// of a group, where it is not the one that the format usually has.
type Format uint32

// groupBits is the place of a group's elements in a Format; maxGroup the most.
const (
	groupBits = 8
	maxGroup  = 1 << 16
)

// The storage formats. Those with a group store one scale for every group of
// consecutive elements.
const (
	NoFormat Format = iota
	FP32
	BF16
	FP16
	FP8
	INT8
	INT4
	FP4
	MXFP8    // OCP Microscaling 1.0: groups of 32, scale of 8 bits
	MXFP6    // the same with elements of 6 bits
	MXFP4    // the same with elements of 4 bits
	NVFP4    // groups of 16, scale of 8 bits (FP8)
	INT4G128 // groups of 128, scale of 16 bits (GPTQ and AWQ, symmetric)
	INT8G128
	FP8B128 // one scale of 32 bits for a block of 128 x 128 (DeepSeek-V3)
	numFormats
)

// formatSize is the name, the bits of an element, the elements that share a scale
// (0: none) and the bits of the scale.
type formatSize struct {
	name               string
	bits, group, scale int64
}

var formats = [numFormats]formatSize{
	{"none", 0, 0, 0},
	{"fp32", 32, 0, 0},
	{"bf16", 16, 0, 0},
	{"fp16", 16, 0, 0},
	{"fp8", 8, 0, 0},
	{"int8", 8, 0, 0},
	{"int4", 4, 0, 0},
	{"fp4", 4, 0, 0},
	{"mxfp8", 8, 32, 8},
	{"mxfp6", 6, 32, 8},
	{"mxfp4", 4, 32, 8},
	{"nvfp4", 4, 16, 8},
	{"int4g128", 4, 128, 16},
	{"int8g128", 8, 128, 16},
	{"fp8b128", 8, 128 * 128, 32},
}

// size returns what is known of a format; false when it is none.
func (f Format) size() (formatSize, bool) {
	base := f & (1<<groupBits - 1)
	if base >= numFormats {
		return formatSize{}, false
	}
	x := formats[base]
	if group := int64(f >> groupBits); group > 0 {
		x.group = group
	}
	return x, true
}

// Bits returns the width of one element, without its share of a scale.
func (f Format) Bits() int64 {
	x, _ := f.size()
	return x.bits
}

// String returns the name that ParseFormat accepts.
func (f Format) String() string {
	x, _ := f.size()
	if f>>groupBits > 0 {
		return fmt.Sprintf("%s%d", strings.TrimRight(x.name, "0123456789"), x.group)
	}
	return x.name
}

// Bytes returns the size of n elements with their scales, rounded up to whole
// bytes.
func (f Format) Bytes(n int64) int64 {
	x, _ := f.size()
	bytes := (n*x.bits + 7) / 8
	if x.group > 0 {
		bytes += ((n+x.group-1)/x.group*x.scale + 7) / 8
	}
	return bytes
}

// trains reports whether training can hold data in the format.
func (f Format) trains() bool { return f <= FP8 }

// ParseFormat returns the format called name: int4gN and int8gN have groups of N.
func ParseFormat(name string) (Format, error) {
	var all []string
	for f := FP32; f < numFormats; f++ {
		if formats[f].name == name {
			return f, nil
		}
		all = append(all, formats[f].name)
	}
	for _, f := range []Format{INT4G128, INT8G128} {
		digits, ok := strings.CutPrefix(name, strings.TrimRight(formats[f].name, "0123456789"))
		if group, err := strconv.ParseInt(digits, 10, 64); ok && err == nil && group >= 1 && group <= maxGroup && digits[0] != '0' {
			return f | Format(group)<<groupBits, nil
		}
	}
	return 0, fmt.Errorf("format %q: unknown; use %s; int4gN and int8gN with groups of N elements, 1 to %d", name, strings.Join(all, ", "), maxGroup)
}

// Precision holds the storage format of every tensor class.
type Precision [NumClasses]Format

// MixedPrecision returns the default: bfloat16 activations, weights and
// gradients, float32 master weights and optimizer state (Micikevicius et al.,
// ICLR 2018).
func MixedPrecision() Precision { return mixed(BF16) }

func mixed(f Format) Precision {
	return Precision{
		Activation: f, Weight: f, Gradient: f, WeightGradient: f,
		MasterWeight: FP32, OptimizerState: FP32, KVCache: f,
	}
}

// names are the precisions that have one.
var names = []string{"bf16", "fp16", "fp32", "fp8", "int8", "int4"}

// PrecisionByName returns the precision that the text describes: a name, and
// after commas the formats of single tensor classes, as in
// "bf16,weight=mxfp4,kv_cache=fp8". "bf16", "fp16" and "fp8" are mixed with
// float32 master weights and optimizer state; "fp32" has no master copy; "int8"
// and "int4" (8-bit activations) serve inference only.
func PrecisionByName(text string) (Precision, error) {
	parts := strings.Split(text, ",")
	p, err := named(strings.TrimSpace(parts[0]))
	if err != nil {
		return Precision{}, err
	}
	var errs []error
	var given [NumClasses]bool
	for _, part := range parts[1:] {
		class, format, _ := strings.Cut(strings.TrimSpace(part), "=")
		c, err := parseName(class, "precision: tensor class", NumClasses)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		if given[c] {
			errs = append(errs, fmt.Errorf("precision of %s: given twice", class))
			continue
		}
		given[c] = true
		f, err := ParseFormat(format)
		if c == MasterWeight && format == NoFormat.String() {
			f, err = NoFormat, nil
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("precision of %s: %w", class, err))
			continue
		}
		p[c] = f
	}
	return p, errors.Join(errs...)
}

func named(name string) (Precision, error) {
	switch name {
	case "bf16":
		return mixed(BF16), nil
	case "fp16":
		return mixed(FP16), nil
	case "fp8":
		p := mixed(FP8)
		p[Gradient], p[WeightGradient] = BF16, BF16
		return p, nil
	case "fp32":
		p := mixed(FP32)
		p[MasterWeight] = NoFormat
		return p, nil
	case "int8":
		return mixed(INT8), nil
	case "int4":
		p := mixed(INT8)
		p[Weight] = INT4
		return p, nil
	}
	return Precision{}, fmt.Errorf("precision %q: unknown; use bf16, fp16, fp32, fp8, int8 or int4, and after commas formats of tensor classes: bf16,weight=mxfp4", name)
}

// String returns the text that PrecisionByName accepts.
func (p Precision) String() string {
	if p == (Precision{}) {
		p = MixedPrecision()
	}
	best := ""
	for _, name := range names {
		q, err := named(name)
		if err != nil {
			continue
		}
		var text strings.Builder
		text.WriteString(name)
		for c := range NumClasses {
			if p[c] != q[c] {
				text.WriteString("," + c.String() + "=" + p[c].String())
			}
		}
		if best == "" || strings.Count(text.String(), ",") < strings.Count(best, ",") {
			best = text.String()
		}
	}
	return best
}
