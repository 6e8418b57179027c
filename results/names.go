package results

// Columns that tell the designs of a run apart.
const (
	IDColumn       = "id"       // hash of the knobs of a design, the same in every run
	SeedColumn     = "seed"     // of the search that found it
	RunColumn      = "run"      // directory of the run, where several are joined
	ScenarioColumn = "scenario" // circumstances of the search, where a run has several
	StratumColumn  = "stratum"  // technology, with its selector, whose front a design belongs to
)
