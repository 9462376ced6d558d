package runner

import (
	"os"
	"os/exec"
	"syscall"
)

// ownGroup lets a child decide by itself about Ctrl-C, which the terminal sends to a whole group, and ends it when this
// program is killed.
func ownGroup(c *exec.Cmd) {
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// interrupt asks a process to save its work and end.
func interrupt(p *os.Process) error { return p.Signal(syscall.SIGTERM) }
