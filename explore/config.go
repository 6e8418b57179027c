package explore

import (
	"errors"
	"fmt"
	"strings"

	"stco/space"
)

// Algorithm names a way to search.
type Algorithm string

// The algorithms. Auto is SMSEMOA for up to three objectives and NSGA3 above.
const (
	Auto    Algorithm = "auto"
	NSGA2   Algorithm = "nsga2"    // rank and crowding (Deb et al. 2002)
	SMSEMOA Algorithm = "sms-emoa" // hypervolume contribution (Beume et al. 2007), many survivors at once
	NSGA3   Algorithm = "nsga3"    // reference directions (Deb and Jain 2014)
	Random  Algorithm = "random"   // uniform sampling
	Sobol   Algorithm = "sobol"    // Sobol sequence, shifted by the seed
	Grid    Algorithm = "grid"     // every design of a finite space, in order
)

// Algorithms returns the names Config accepts.
func Algorithms() []Algorithm {
	return []Algorithm{Auto, NSGA2, SMSEMOA, NSGA3, Random, Sobol, Grid}
}

// Budget ends a run at the first limit it meets. Zero is no limit; a run of
// anything but Grid needs at least one of Evaluations, Generations, Stagnation
// and Target, or a Config.Stop.
type Budget struct {
	Evaluations int64 // designs evaluated, those of Config.Start included; met exactly
	Generations int64
	// Stagnation is the number of generations in a row in which the
	// hypervolume grew by less than a part in 10^5.
	Stagnation int64
	// Target is a hypervolume of the normalised front (Config.Ideal, Nadir).
	Target float64
}

// Config says how to search. The zero value of a field is the stated default.
type Config struct {
	Algorithm  Algorithm // default Auto
	Population int       // members of an island; default 100 (to 3 objectives), 120, 212, 132 (4, 5, 6)
	Islands    int       // default 1
	// MigrationEvery is the number of generations between two exchanges of
	// members among islands; default 20.
	MigrationEvery int64
	Budget         Budget
	// Stop is asked after every generation; true ends the run. It makes a
	// limit of wall time: the only input that is not reproducible.
	Stop func() bool
	// Workers is the number of goroutines that evaluate; default 1. It does
	// not change the result.
	Workers int
	// K is the number of designs returned; default Population.
	K int
	// Start holds known designs, evaluated first and counted in the budget.
	Start [][]float64
	// Ideal and Nadir normalise objectives for the hypervolume, whose
	// reference point is 1.1 in every coordinate. Nil is estimated from the
	// archive. Ideal and Nadir are given together.
	Ideal, Nadir []float64
	// ArchiveLimit is the number of archived designs above which the archive
	// is thinned to epsilon boxes; default 100000 (Grid: never).
	ArchiveLimit int
	// CacheLimit is the number of evaluated designs remembered to avoid
	// evaluating one twice: at least this many of the latest; default 2^20.
	CacheLimit int

	// Key and Seed derive every random stream, together with the number of the
	// island and of the generation. Key stands for the problem: the bytes, or a
	// hash, of all that defines it. What only says how far to go (Budget, Stop,
	// K, Workers) does not belong there, so that a longer run begins with the
	// generations of a shorter one.
	Key  []byte
	Seed uint64
}

// MaxObjectives is the largest number of objectives of a Problem.
const MaxObjectives = 6

// withDefaults returns the configuration with every default filled in, or all
// its faults joined.
func (c Config) withDefaults(p Problem) (Config, error) {
	var errs []error
	fault := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	m := p.NumObjectives()
	if m < 1 || m > MaxObjectives {
		fault("%d objectives: allowed 1..%d", m, MaxObjectives)
	}
	c.Algorithm = c.resolve(m, fault)
	atLeast := func(name string, v *int, least, standard int) {
		if *v == 0 {
			*v = standard
		}
		if *v < least {
			fault("%s = %d: must be at least %d", name, *v, least)
		}
	}
	atLeast("population", &c.Population, 4, DefaultPopulation(m))
	atLeast("islands", &c.Islands, 1, 1)
	atLeast("workers", &c.Workers, 1, 1)
	atLeast("returned designs", &c.K, 1, c.Population)
	atLeast("archive limit", &c.ArchiveLimit, 100, 100000)
	atLeast("cache limit", &c.CacheLimit, 1, 1<<20)
	if c.MigrationEvery == 0 {
		c.MigrationEvery = 20
	}
	if c.MigrationEvery < 0 {
		fault("migration every %d generations: must be positive", c.MigrationEvery)
	}
	c.checkBudget(fault)
	c.checkSpace(p.Space(), fault)
	if (c.Ideal == nil) != (c.Nadir == nil) {
		fault("ideal and nadir must be given together")
	} else if c.Ideal != nil {
		if len(c.Ideal) != m || len(c.Nadir) != m {
			fault("ideal of %d and nadir of %d values for %d objectives", len(c.Ideal), len(c.Nadir), m)
		} else {
			for j := range c.Ideal {
				if !(c.Ideal[j] < c.Nadir[j]) {
					fault("objective %d: ideal %g must be below nadir %g", j+1, c.Ideal[j], c.Nadir[j])
				}
			}
		}
	}
	return c, errors.Join(errs...)
}

func (c *Config) resolve(m int, fault func(string, ...any)) Algorithm {
	switch c.Algorithm {
	case "", Auto:
		if m <= 3 {
			return SMSEMOA
		}
		return NSGA3
	case NSGA2, SMSEMOA, NSGA3, Random, Sobol, Grid:
		return c.Algorithm
	}
	names := make([]string, 0, len(Algorithms()))
	for _, a := range Algorithms() {
		names = append(names, string(a))
	}
	fault("unknown algorithm %q: must be one of %s", c.Algorithm, strings.Join(names, ", "))
	return c.Algorithm
}

func (c *Config) checkBudget(fault func(string, ...any)) {
	b := c.Budget
	if b.Evaluations < 0 || b.Generations < 0 || b.Stagnation < 0 || b.Target < 0 {
		fault("budget %+v: limits must not be negative", b)
	}
	if b == (Budget{}) && c.Stop == nil && c.Algorithm != Grid {
		fault("budget: evaluations, generations, stagnation, target or a stop function is needed")
	}
}

func (c *Config) checkSpace(s *space.Space, fault func(string, ...any)) {
	if c.Algorithm == Grid {
		if _, ok := s.Size(); !ok {
			fault("algorithm grid needs a finite space: give every continuous parameter a step or levels")
		}
	}
	if c.Algorithm == Sobol && s.Dim() > space.MaxSobolDim {
		fault("algorithm sobol in %d dimensions: at most %d", s.Dim(), space.MaxSobolDim)
	}
	for i, x := range c.Start {
		if err := s.Check(x); err != nil {
			fault("start design %d: %w", i+1, err)
		}
	}
}

// DefaultPopulation returns the population for a number of objectives: 100 for
// up to 3, then the numbers of reference directions of the usual benchmarks.
func DefaultPopulation(objectives int) int {
	switch objectives {
	case 4:
		return 120
	case 5:
		return 212
	case 6:
		return 132
	}
	return 100
}
