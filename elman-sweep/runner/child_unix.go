//go:build unix && !linux

package runner

import (
	"os"
	"os/exec"
	"syscall"
)

// ownGroup lets a child decide by itself about Ctrl-C, which the terminal sends to a whole group. When this program is
// killed, the child works on; its lock keeps others from its folder until it has ended.
func ownGroup(c *exec.Cmd) { c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// interrupt asks a process to save its work and end.
func interrupt(p *os.Process) error { return p.Signal(syscall.SIGTERM) }
