//go:build unix

package cli

import (
	"os"

	"golang.org/x/sys/unix"
)

// inForeground says whether this process is one that the shell lets use the terminal. Others are stopped when they try.
func inForeground(terminal *os.File) bool {
	group, err := unix.IoctlGetInt(int(terminal.Fd()), unix.TIOCGPGRP)
	return err == nil && group == unix.Getpgrp()
}
