//go:build unix

package regular

import "syscall"

// nonblock makes opening a pipe return at once. It changes nothing for a regular file.
const nonblock = syscall.O_NONBLOCK
