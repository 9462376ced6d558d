// Package memory says how much memory this process can still get. A Go program that asks for more is killed, by the runtime
// with a trace of all goroutines or by the system without a word; so whoever needs much asks first.
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

// A Shortage is the error of a need that exceeds what is left.
type Shortage struct {
	What       string // what needs it, such as "this training"
	Need, Left int64  // bytes
	Limit      string // what sets the limit, in words
}

func (s *Shortage) Error() string {
	return fmt.Sprintf("%s takes %s of memory, %s are left (%s)", s.What, size(s.Need), size(s.Left), s.Limit)
}

// Check returns a *Shortage if there are fewer bytes left than what needs, and nil where nobody knows how many there are. It
// does not ask for less than the runtime would extend its heap by.
func Check(what string, need int64) error {
	if need < arena {
		return nil
	}
	root := os.DirFS("/")
	if left, _ := available(root, runtimeHeap()); need <= left {
		return nil
	}
	runtime.GC() // what is garbage by now can be had again
	left, limit := available(root, runtimeHeap())
	if need <= left {
		return nil
	}
	return &Shortage{what, need, max(0, left), limit}
}

// A heap is what the runtime holds and does not use, in bytes.
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

// arena is by how much the runtime extends its heap at a time.
const arena = 64 << 20

// noLimit is beyond what any group is limited to: version 1 writes its largest number where there is no limit.
const noLimit = 1 << 60

// available returns the bytes that the tightest limit leaves, and which that is. Linux tells of its limits in files, which
// other systems do not have.
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

// controlGroup returns what the tightest of the process's memory control groups leaves, of version 2 or 1. What they hold of
// files can be had again.
func controlGroup(root fs.FS) (left int64, ok bool) {
	left = math.MaxInt64
	for line := range lines(root, "proc/self/cgroup") {
		fields := strings.SplitN(line, ":", 3)
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

// system returns what the machine has free, swap included.
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

// lines yields those of a file, none of one that cannot be read.
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

// number returns the number that a text begins with, if there is one.
func number(text string) (n int64, ok bool) {
	fields := strings.Fields(text)
	if len(fields) == 0 {
		return 0, false
	}
	n, err := strconv.ParseInt(fields[0], 10, 64)
	return n, err == nil
}

// size shows bytes as people do.
func size(n int64) string {
	switch {
	case n >= 10<<30:
		return fmt.Sprintf("%.0f GiB", float64(n)/(1<<30))
	case n >= 1<<30:
		return fmt.Sprintf("%.1f GiB", float64(n)/(1<<30))
	}
	return fmt.Sprintf("%.0f MiB", float64(n)/(1<<20))
}
