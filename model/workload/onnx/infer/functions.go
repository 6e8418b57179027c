package infer

import "math"

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// unaryFn returns a function of one value that exporters use in shapes.
func unaryFn(op string) func(float64) float64 {
	switch op {
	case "Identity":
		return func(a float64) float64 { return a }
	case "Neg":
		return func(a float64) float64 { return -a }
	case "Not":
		return func(a float64) float64 { return truth(a == 0) }
	case "Reciprocal":
		return func(a float64) float64 { return 1 / a }
	case "Abs":
		return math.Abs
	case "Floor":
		return math.Floor
	case "Ceil":
		return math.Ceil
	case "Round":
		return math.RoundToEven
	case "Sqrt":
		return math.Sqrt
	case "Exp":
		return math.Exp
	case "Log":
		return math.Log
	case "Sign":
		return func(a float64) float64 { return math.Copysign(truth(a != 0), a) }
	case "Tanh":
		return math.Tanh
	case "Sigmoid":
		return func(a float64) float64 { return 1 / (1 + math.Exp(-a)) }
	case "Relu":
		return func(a float64) float64 { return max(a, 0) }
	case "Sin":
		return math.Sin
	case "Cos":
		return math.Cos
	}
	return nil
}

// binaryFn returns a function of two values that exporters use in shapes.
func binaryFn(op string) func(a, b float64) float64 {
	switch op {
	case "Add":
		return func(a, b float64) float64 { return a + b }
	case "Sub":
		return func(a, b float64) float64 { return a - b }
	case "Mul":
		return func(a, b float64) float64 { return a * b }
	case "Div":
		return func(a, b float64) float64 { return a / b }
	case "Mod":
		return floorMod
	case "FMod":
		return math.Mod
	case "Pow":
		return math.Pow
	case "Min":
		return math.Min
	case "Max":
		return math.Max
	case "Equal":
		return func(a, b float64) float64 { return truth(a == b) }
	case "Less":
		return func(a, b float64) float64 { return truth(a < b) }
	case "LessOrEqual":
		return func(a, b float64) float64 { return truth(a <= b) }
	case "Greater":
		return func(a, b float64) float64 { return truth(a > b) }
	case "GreaterOrEqual":
		return func(a, b float64) float64 { return truth(a >= b) }
	case "And":
		return func(a, b float64) float64 { return truth(a != 0 && b != 0) }
	case "Or":
		return func(a, b float64) float64 { return truth(a != 0 || b != 0) }
	}
	return nil
}

// floorMod is the remainder with the sign of the divisor.
func floorMod(a, b float64) float64 { return a - b*math.Floor(a/b) }
