//go:build lab && long

package problems

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"stco/explore"
)

func TestLab(t *testing.T) {
	for _, name := range strings.Fields(os.Getenv("PROBLEMS")) {
		p, err := Lookup(name, Size{})
		if err != nil {
			t.Fatal(err)
		}
		o := measure(t, p, explore.Auto)
		arch := 0.0
		if len(o.archive) > 0 {
			arch = quantile(o.archive, 0.5)
		}
		fmt.Printf("%s median %.6f quartiles %.6f %.6f archive %.6f us %.2f\n", name, quantile(o.answer, .5), quantile(o.answer, .25), quantile(o.answer, .75), arch, o.cost)
	}
}
