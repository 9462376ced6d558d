package term

import (
	"os"

	"golang.org/x/sys/windows"
)

// obeys makes a console obey escape sequences, and says whether it does.
func obeys(console *os.File) bool {
	var mode uint32
	h := windows.Handle(console.Fd())
	return windows.GetConsoleMode(h, &mode) == nil && windows.SetConsoleMode(h, mode|windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING) == nil
}
