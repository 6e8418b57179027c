package workload

import "fmt"

// Format is a number format of stored data. The zero value means "no such
// copy" and is legal only for MasterWeight.
type Format uint8

// The storage formats.
const (
	NoFormat Format = iota
	FP32
	BF16
	FP16
	FP8
	INT8
	INT4
	numFormats
)

// Bits returns the width of one element.
func (f Format) Bits() int64 {
	return [numFormats]int64{0, 32, 16, 16, 8, 8, 4}[f]
}

// String returns the name that PrecisionByName accepts.
func (f Format) String() string {
	return [numFormats]string{"none", "fp32", "bf16", "fp16", "fp8", "int8", "int4"}[f]
}

// Bytes returns the size of n elements, rounded up to whole bytes.
func (f Format) Bytes(n int64) int64 { return (n*f.Bits() + 7) / 8 }

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

// PrecisionByName returns the precision called name: "bf16", "fp16" and "fp8"
// are mixed with float32 master weights and optimizer state; "fp32" has no
// master copy; "int8" and "int4" (8-bit activations) serve inference only.
func PrecisionByName(name string) (Precision, error) {
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
	return Precision{}, fmt.Errorf("precision %q: unknown; use bf16, fp16, fp32, fp8, int8 or int4", name)
}

// String returns the name that PrecisionByName accepts, "custom" for any other.
func (p Precision) String() string {
	if p == (Precision{}) {
		p = MixedPrecision()
	}
	for _, name := range []string{"bf16", "fp16", "fp32", "fp8", "int8", "int4"} {
		if q, err := PrecisionByName(name); err == nil && q == p {
			return name
		}
	}
	return "custom"
}
