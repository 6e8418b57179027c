// Package campaign runs and resumes a study in a run directory:
// Start or Resume -> Execute: shards (explore) -> merge -> tables, CSV, figures.
// What a finished run holds is read back by inspect.
package campaign
