//go:build long

package residency

import (
	"testing"

	"stco/model/workload/suite"
)

func TestEveryNetwork(t *testing.T) { checkNetworks(t, suite.Names("")) }
