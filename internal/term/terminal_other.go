//go:build !unix

package term

import "os"

// foreground is true where there is no job control.
func foreground(*os.File) bool { return true }

func muteKeys(*os.File) (show func()) { return func() {} }

var jobControl []os.Signal

func suspend() {}
