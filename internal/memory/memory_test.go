package memory

import (
	"errors"
	"fmt"
	"math"
	"os"
	"testing"
	"testing/fstest"
)

func TestAvailable(t *testing.T) {
	page := os.Getpagesize()
	meminfo := "MemTotal:       8000000 kB\nMemFree:         100000 kB\nMemAvailable:   4000000 kB\nSwapFree:        1000000 kB\n"
	limits := func(address string) string {
		return "Limit                     Soft Limit           Hard Limit           Units\n" +
			"Max data size             unlimited            unlimited            bytes\n" +
			fmt.Sprintf("Max address space         %-20s unlimited            bytes\n", address)
	}
	for _, tt := range []struct {
		name  string
		files map[string]string
		heap  heap
		left  int64
		limit string
	}{
		{"no such files", nil, heap{1, 2}, math.MaxInt64, ""},
		{"a machine", map[string]string{"proc/meminfo": meminfo, "proc/self/limits": limits("unlimited")}, heap{}, 5000000 << 10, "all that this machine has free"},
		{"what the runtime has free counts", map[string]string{"proc/meminfo": meminfo}, heap{resident: 7}, 5000000<<10 + 7, "all that this machine has free"},
		{"ulimit -v", map[string]string{"proc/meminfo": meminfo, "proc/self/limits": limits("3000000000"), "proc/self/statm": "300000 500 400 5 0 120 0\n"},
			heap{resident: 1, address: 1000}, 3000000000 - 300000*int64(page) - arena + 1000, "ulimit -v"},
		{"a control group of version 2 within a smaller one", map[string]string{
			"proc/meminfo": meminfo, "proc/self/cgroup": "0::/a/b\n",
			"sys/fs/cgroup/a/b/memory.max": "max\n", "sys/fs/cgroup/a/b/memory.current": "500\n",
			"sys/fs/cgroup/a/memory.max": "2000\n", "sys/fs/cgroup/a/memory.current": "900\n",
			"sys/fs/cgroup/a/memory.stat": "anon 600\nfile 300\ninactive_file 200\nactive_file 50\n",
		}, heap{resident: 10}, 2000 - 900 + 250 + 10, "the limit of the control group"},
		{"a control group within a larger one", map[string]string{
			"proc/self/cgroup":             "0::/a/b\n",
			"sys/fs/cgroup/a/b/memory.max": "1000\n", "sys/fs/cgroup/a/b/memory.current": "500\n",
			"sys/fs/cgroup/a/memory.max": "2000\n", "sys/fs/cgroup/a/memory.current": "900\n",
		}, heap{}, 500, "the limit of the control group"},
		{"a control group of version 1, seen from within", map[string]string{
			"proc/self/cgroup":                           "5:cpu,cpuacct:/x\n4:memory:/x/y\n0::/\n",
			"sys/fs/cgroup/memory/memory.limit_in_bytes": "5000\n", "sys/fs/cgroup/memory/memory.usage_in_bytes": "900\n",
		}, heap{}, 4100, "the limit of the control group"},
		{"a control group of version 1 without a limit", map[string]string{
			"proc/self/cgroup": "4:memory:/\n", "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
			"sys/fs/cgroup/memory/memory.usage_in_bytes": "900\n",
		}, heap{1 << 40, 1 << 40}, math.MaxInt64, ""},
		{"nonsense", map[string]string{"proc/meminfo": "MemAvailable\nMemAvailable: x kB\n", "proc/self/limits": "Max address space\n", "proc/self/cgroup": "::\n0\n\n"},
			heap{}, math.MaxInt64, ""},
	} {
		root := fstest.MapFS{}
		for name, text := range tt.files {
			root[name] = &fstest.MapFile{Data: []byte(text)}
		}
		if left, limit := available(root, tt.heap); left != tt.left || limit != tt.limit {
			t.Errorf("%s: %d, %q; want %d, %q", tt.name, left, limit, tt.left, tt.limit)
		}
	}
}

func TestCheck(t *testing.T) {
	if err := Check("a byte", 1); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat("/proc/meminfo"); err != nil {
		t.Skip("this system does not tell what it has free")
	}
	err := Check("a test", 1<<60)
	if s := new(Shortage); !errors.As(err, &s) || s.Need != 1<<60 || s.Left < 1<<20 || s.Left > 1<<50 {
		t.Errorf("an exbibyte: %v", err)
	}
}

func TestShortage(t *testing.T) {
	err := &Shortage{"this training", 4500 << 20, 1800 << 20, "ulimit -v"}
	if got, want := err.Error(), "this training takes 4.4 GiB of memory, 1.8 GiB are left (ulimit -v)"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
