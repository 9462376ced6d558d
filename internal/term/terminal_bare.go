//go:build !unix && !windows

package term

import "os"

func obeys(*os.File) bool { return false }
