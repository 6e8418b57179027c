package table

import "fmt"

func sscan(s string, v *float64) (int, error) { return fmt.Sscan(s, v) }
