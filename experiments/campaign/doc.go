// Package campaign runs and resumes a study in a run directory:
// Start or Resume -> Execute: shards (explore) -> merge -> tables, CSV, figures.
// It picks from the stored tables what a terminal shows and draws their figures.
package campaign
