//go:build !unix && !windows

package corpus

import (
	"io"
	"os"
)

// mapFile reads the first size bytes of f, where files cannot be mapped.
func mapFile(f *os.File, size int64) (b []byte, unmap func(), err error) {
	b = make([]byte, size)
	_, err = io.ReadFull(f, b)
	return b, nil, err
}
