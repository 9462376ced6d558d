package cli_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/seed-f4dd853e/elman/train"
)

// TestPlannedMemory compares the memory that --plan foretells with the most that the training itself then has for its own:
// VmHWM without what is mapped of files. What this program, which is larger than elman, has before it begins does not count: a
// tiny network tells.
func TestPlannedMemory(t *testing.T) {
	if raceDetector {
		t.Skip("memory is not counted under the race detector")
	}
	folder := t.TempDir()
	text := filepath.Join(folder, "text")
	if err := os.WriteFile(text, run(t, "elman", "corpus", "play", "--size", "150000"), 0o666); err != nil {
		t.Fatal(err)
	}
	measure := func(t *testing.T, out, flags string) (planned, used float64) {
		args := append([]string{"train", text, "--threads", "1", "--valid", "0.005", "--steps-total", "4", "--report-every", "2", "--quiet"}, strings.Fields(flags)...)
		var p train.Plan
		// A hundredth of a second is enough to measure the speed, which does not matter here.
		if err := json.Unmarshal(run(t, "elman", append(args, "--plan", "--json", "--time", "500ms")...), &p); err != nil {
			t.Fatal(err)
		}
		status := string(run(t, "peak", append(args, "--out", filepath.Join(folder, out))...))
		return float64(p.Memory.Total()), kB(t, status, "VmHWM") - kB(t, status, "RssFile")
	}
	planned, used := measure(t, "tiny", "--hidden 1 --batch 1 --window 2")
	more := used - planned
	networks := []string{
		"--hidden 512 --batch 4 --window 8",
		"--hidden 200 --cell gru --layers 2 --documents line --threads 3",
		"--hidden 300 --symbols words --embedding 40 --conv 3",
		"--hidden 100 --batch 4 --window 16 --teacher-share 0.5",
	}
	if full {
		networks = append(networks,
			"--hidden 256",
			"--recipe taught --batch 8",
			"--hidden 700 --cell elman --optimizer sgd --batch 8",
			"--hidden 128 --layers 3 --block --dropout 0.2 --clip-norm 1",
			"--hidden 160 --layers 3 --block --cell mingru --conv 4 --tie --optimizer nesterov")
	}
	for i, flags := range networks {
		t.Run(flags, func(t *testing.T) {
			t.Parallel()
			planned, used := measure(t, fmt.Sprint("run", i), flags)
			used -= more
			t.Logf("%.1f MB planned, %.1f MB used", planned/1e6, used/1e6)
			if math.Abs(used-planned) > 0.1*used {
				t.Errorf("%.0f bytes planned, %.0f used", planned, used)
			}
		})
	}
}

// run runs one of the programs of TestMain and returns what it writes to both outputs.
func run(t *testing.T, program string, args ...string) []byte {
	t.Helper()
	c := exec.Command(os.Args[0], args...)
	c.Args[0] = program
	var out bytes.Buffer
	c.Stdout, c.Stderr = &out, &out
	if err := c.Run(); err != nil {
		t.Fatalf("%s %v: %v\n%s", program, args, err, out.Bytes())
	}
	return out.Bytes()
}

// kB returns a number of /proc/PID/status, in bytes.
func kB(t *testing.T, status, name string) float64 {
	t.Helper()
	found := regexp.MustCompile(`(?m)^` + name + `:\s*([0-9]+) kB`).FindStringSubmatch(status)
	if found == nil {
		t.Fatalf("no %s in %s", name, status)
	}
	n, err := strconv.ParseFloat(found[1], 64)
	if err != nil {
		t.Fatal(err)
	}
	return n * 1024
}
