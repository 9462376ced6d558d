//go:build unix

package term

import (
	"os"
	"os/signal"
	"syscall"

	xterm "github.com/charmbracelet/x/term"
	"golang.org/x/sys/unix"
)

// obeys reports whether a terminal understands escape sequences.
func obeys(*os.File) bool { return os.Getenv("TERM") != "" }

// foreground reports whether this process is in the terminal's foreground process group.
func foreground(terminal *os.File) bool {
	group, err := unix.IoctlGetInt(int(terminal.Fd()), unix.TIOCGPGRP)
	return err == nil && group == unix.Getpgrp()
}

// muteKeys turns echo off until show is called.
func muteKeys(terminal *os.File) (show func()) {
	before, err := xterm.GetState(terminal.Fd())
	if err != nil {
		return func() {}
	}
	mute := *before
	mute.Lflag &^= unix.ECHO
	xterm.SetState(terminal.Fd(), &mute)
	return func() {
		if foreground(terminal) { // otherwise this process would be stopped
			xterm.SetState(terminal.Fd(), before)
		}
	}
}

// jobControl is the signal of Ctrl-Z: a process that draws must restore the terminal first.
var jobControl = []os.Signal{syscall.SIGTSTP}

// suspend stops this process as Ctrl-Z would, and returns when it goes on.
func suspend() {
	if session, err := unix.Getsid(0); err != nil || session == unix.Getpgrp() {
		return // no shell would start it again
	}
	goesOn := make(chan os.Signal, 1)
	signal.Notify(goesOn, syscall.SIGCONT)
	defer signal.Stop(goesOn)
	syscall.Kill(os.Getpid(), syscall.SIGSTOP) // Go ignores a SIGTSTP without a handler
	<-goesOn
}
