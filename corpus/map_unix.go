//go:build unix

package corpus

import (
	"os"

	"golang.org/x/sys/unix"
)

// mapFile maps the first size bytes of f, which may be closed afterwards.
func mapFile(f *os.File, size int64) (b []byte, unmap func(), err error) {
	b, err = unix.Mmap(int(f.Fd()), 0, int(size), unix.PROT_READ, unix.MAP_SHARED)
	return b, func() { unix.Munmap(b) }, err
}
