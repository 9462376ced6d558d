// Package memory returns how much memory this process can still get. A Go program that asks for more is killed, by the runtime
// with a trace of all goroutines or silently by the system; so code that needs much memory checks first.
package memory

import (
	"fmt"
	"io/fs"
	"math"
	"os"
	"path"
	"runtime"
	"runtime/metrics"
	"strconv"
	"strings"
)

// A Shortage is the error for a need that exceeds the memory left.
type Shortage struct {
	What       string // what needs it, such as "this training"
	Need, Left int64  // bytes
	Limit      string // the limit that applies, in words
}

func (s *Shortage) Error() string {
	return fmt.Sprintf("%s takes %s of memory, %s are left (%s)", s.What, size(s.Need), size(s.Left), s.Limit)
}

// Check returns a *Shortage if fewer bytes are left than what needs, and nil if the system does not say. It lets
// a need pass that is smaller than one extension of the runtime's heap.
func Check(what string, need int64) error {
	if need < arena {
		return nil
	}
	root := os.DirFS("/")
	if left, _ := available(root, runtimeHeap()); need <= left {
		return nil
	}
	runtime.GC() // garbage can be used again
	left, limit := available(root, runtimeHeap())
	if need <= left {
		return nil
	}
	return &Shortage{what, need, max(0, left), limit}
}

// A heap is the memory that the runtime holds unused, in bytes.
type heap struct {
	resident int64 // of the machine's memory
	address  int64 // of the address space
}

func runtimeHeap() heap {
	samples := []metrics.Sample{{Name: "/memory/classes/heap/free:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(samples)
	free, released := int64(samples[0].Value.Uint64()), int64(samples[1].Value.Uint64())
	return heap{resident: free, address: free + released}
}

// arena is the size by which the runtime extends its heap.
const arena = 64 << 20

// noLimit is beyond any real limit of a group: version 1 writes its largest number if there is none.
const noLimit = 1 << 60

// available returns the bytes that the tightest limit leaves, and names the limit. It reads files that only Linux has.
func available(root fs.FS, h heap) (left int64, limit string) {
	left = math.MaxInt64
	tighten := func(bytes int64, ok bool, name string) {
		if ok && bytes < left {
			left, limit = bytes, name
		}
	}
	bytes, ok := addressSpace(root)
	tighten(bytes+h.address-arena, ok, "ulimit -v")
	bytes, ok = controlGroup(root)
	tighten(bytes+h.resident, ok, "the limit of the control group")
	bytes, ok = system(root)
	tighten(bytes+h.resident, ok, "all that this machine has free")
	return left, limit
}

// addressSpace returns what RLIMIT_AS leaves.
func addressSpace(root fs.FS) (left int64, ok bool) {
	for line := range lines(root, "proc/self/limits") {
		if value, found := strings.CutPrefix(line, "Max address space"); found {
			limit, okLimit := number(value)
			used, okUsed := number(first(root, "proc/self/statm"))
			return limit - used*int64(os.Getpagesize()), okLimit && okUsed
		}
	}
	return 0, false
}

// controlGroup returns what the tightest of the process's memory control groups leaves, of version 2 or 1. Memory that holds
// cached files counts as free.
func controlGroup(root fs.FS) (left int64, ok bool) {
	left = math.MaxInt64
	for line := range lines(root, "proc/self/cgroup") {
		fields := strings.SplitN(strings.TrimSuffix(line, "\n"), ":", 3)
		if len(fields) < 3 {
			continue
		}
		base, max, current := "sys/fs/cgroup", "memory.max", "memory.current"
		switch fields[1] {
		case "":
		case "memory":
			base, max, current = "sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes"
		default:
			continue
		}
		for dir := path.Clean("/" + fields[2]); ; dir = path.Dir(dir) {
			group := path.Join(base, dir)
			limit, okLimit := number(first(root, path.Join(group, max)))
			used, okUsed := number(first(root, path.Join(group, current)))
			if okLimit && okUsed && limit < noLimit {
				for stat := range lines(root, path.Join(group, "memory.stat")) {
					name, value, _ := strings.Cut(stat, " ")
					if n, isNumber := number(value); isNumber && (name == "inactive_file" || name == "active_file") {
						used -= n
					}
				}
				left, ok = min(left, limit-used), true
			}
			if dir == "/" {
				break
			}
		}
	}
	return left, ok
}

// system returns the free memory of the machine, including swap.
func system(root fs.FS) (left int64, ok bool) {
	for line := range lines(root, "proc/meminfo") {
		name, value, _ := strings.Cut(line, ":")
		if kib, isNumber := number(value); isNumber && (name == "MemAvailable" || name == "SwapFree") {
			left += kib << 10
			ok = ok || name == "MemAvailable"
		}
	}
	return left, ok
}

// lines yields the lines of a file, none if it cannot be read.
func lines(root fs.FS, name string) func(yield func(string) bool) {
	b, _ := fs.ReadFile(root, name)
	return strings.Lines(string(b))
}

func first(root fs.FS, name string) string {
	for line := range lines(root, name) {
		return line
	}
	return ""
}

// number returns the number at the beginning of a text, if there is one.
func number(text string) (n int64, ok bool) {
	fields := strings.Fields(text)
	if len(fields) == 0 {
		return 0, false
	}
	n, err := strconv.ParseInt(fields[0], 10, 64)
	return n, err == nil
}

// size formats a number of bytes for people.
func size(n int64) string {
	switch {
	case n >= 10<<30:
		return fmt.Sprintf("%.0f GiB", float64(n)/(1<<30))
	case n >= 1<<30:
		return fmt.Sprintf("%.1f GiB", float64(n)/(1<<30))
	}
	return fmt.Sprintf("%.0f MiB", float64(n)/(1<<20))
}
