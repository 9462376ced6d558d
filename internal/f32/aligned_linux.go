package f32

import "syscall"

// hugePages asks for huge pages where memory lies. It is a wish: without them everything is as it was.
func hugePages(memory []byte) { syscall.Madvise(memory, syscall.MADV_HUGEPAGE) }
