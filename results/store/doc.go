// Package store is the run directory of a campaign, made of plain files.
//
// It does: write and read the run directory so that a kill, a full disk, a
// flipped byte or a second process never costs a finished generation.
//
// It does not: know designs, models, studies or the search. A checkpoint is
// opaque bytes, a study is text. Time, host and process enter through
// arguments, and only into run.json and claims/, so every other
// file is the same bytes in every run of a study.
//
// Flow of a writer: Create (run.json) -> Run.Claim -> Run.OpenShard ->
// Shard.Append and Shard.Checkpoint per generation -> Shard.Finish ->
// Run.WriteTable and Run.WriteFile for the merged results -> Run.WriteManifest.
// Flow of a reader: Open -> Run.Progress, Run.ReadTable, Run.Verify.
//
// The layout of the directory and of each file is in docs/formats.md.
package store
