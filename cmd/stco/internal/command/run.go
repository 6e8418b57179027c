package command

import (
	"errors"
	"io/fs"
	"syscall"

	"stco/results/store"
	"stco/results/store/disk"
)

// OpenRun opens a run directory that the user named; one that is no such thing is
// bad input.
func OpenRun(dir string) (*store.Run, error) {
	r, err := store.Open(disk.OS{}, dir)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return nil, Usagef("%s: not a run directory: it has no run.json", dir)
	}
	return r, err
}
