package store

// Tables of a run that more than their writer knows by name.
const (
	FrontTable   = "front"   // of the run, and of every shard
	ArchiveTable = "archive" // of a shard: every non-dominated design found
	LimitsTable  = "limits"  // how often each limit was missed
)
