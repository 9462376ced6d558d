//go:build unix

package term

import (
	"os"
	"os/signal"
	"syscall"

	xterm "github.com/charmbracelet/x/term"
	"golang.org/x/sys/unix"
)

// obeys says whether a terminal obeys escape sequences.
func obeys(*os.File) bool { return os.Getenv("TERM") != "" }

// foreground says whether this process is one that the shell lets use the terminal.
func foreground(terminal *os.File) bool {
	group, err := unix.IoctlGetInt(int(terminal.Fd()), unix.TIOCGPGRP)
	return err == nil && group == unix.Getpgrp()
}

// muteKeys keeps the terminal from showing the keys that are pressed, until show is called.
func muteKeys(terminal *os.File) (show func()) {
	before, err := xterm.GetState(terminal.Fd())
	if err != nil {
		return func() {}
	}
	mute := *before
	mute.Lflag &^= unix.ECHO
	xterm.SetState(terminal.Fd(), &mute)
	return func() {
		if foreground(terminal) { // or this process would be stopped
			xterm.SetState(terminal.Fd(), before)
		}
	}
}

// jobControl is what the shell's Ctrl-Z asks of a process that draws on the terminal: to give it back first.
var jobControl = []os.Signal{syscall.SIGTSTP}

// suspend stops this process as Ctrl-Z would, and returns when it goes on.
func suspend() {
	if session, err := unix.Getsid(0); err != nil || session == unix.Getpgrp() {
		return // no shell would start it again
	}
	goesOn := make(chan os.Signal, 1)
	signal.Notify(goesOn, syscall.SIGCONT)
	defer signal.Stop(goesOn)
	syscall.Kill(os.Getpid(), syscall.SIGSTOP) // since Go ignores a SIGTSTP that nobody asks for
	<-goesOn
}
