//go:build unix

package process

import (
	"os/exec"
	"syscall"
)

// apart puts a process in a group of its own, which an interrupt of the terminal
// does not reach: it ends when the search lets it.
func apart(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// kill ends a process and those that it began.
func kill(cmd *exec.Cmd) { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
