package train

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/rnn"
)

const (
	largeSize  = 2 << 30
	largeLimit = 150 << 20 // of memory that is no file's
	largeTest  = "ELMAN_TEST_LARGE"
	largeChild = "ELMAN_TEST_LARGE_CHILD" // the file and the kind of symbols to train on
)

// TestLargeText trains a step on a text of 2 GB, all NUL, and looks at the memory that takes. It reads the text once for each
// kind of symbols, which is some 15 seconds: set ELMAN_TEST_LARGE=1 to run it.
func TestLargeText(t *testing.T) {
	if os.Getenv(largeTest) == "" {
		t.Skipf("takes long: set %s=1", largeTest)
	}
	path := filepath.Join(t.TempDir(), "large.txt")
	if err := os.WriteFile(path, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, largeSize); err != nil { // takes no place on the disk
		t.Fatal(err)
	}
	for _, kind := range corpus.Kinds() {
		cmd := exec.Command(os.Args[0], "-test.run=^TestLargeChild$", "-test.v") // a process of its own: what earlier tests took does not count
		cmd.Env = append(os.Environ(), largeChild+"="+path+" "+string(kind))
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", kind, err, out)
		} else {
			_, used, _ := strings.Cut(firstLineWith(string(out), "RssAnon"), "RssAnon ")
			t.Logf("%s: %s", kind, used)
		}
	}
}

// TestLargeChild is what TestLargeText does with one kind of symbols.
func TestLargeChild(t *testing.T) {
	path, kind, ok := strings.Cut(os.Getenv(largeChild), " ")
	if !ok {
		t.Skip("a part of TestLargeText")
	}
	text, err := corpus.Open(t.Context(), []string{path}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer text.Close()
	c, err := corpus.New(text, corpus.Options{Kind: corpus.Kind(kind), Valid: 0.1})
	if err != nil {
		t.Fatal(err)
	}
	s := Settings{Network: rnn.Config{Hidden: 64}, Budget: Budget{Steps: 1}}
	r := mustRun(t, c, s, Options{Folder: filepath.Join(t.TempDir(), "run")})
	if r.Step != 1 {
		t.Errorf("%d training steps, want 1", r.Step)
	}
	used := anonymous(t)
	t.Logf("RssAnon %.1f MB", float64(used)/(1<<20))
	if used > largeLimit {
		t.Errorf("%d bytes are in use, want at most %d", used, largeLimit)
	}
	runtime.KeepAlive(r)
}

// anonymous returns the memory of this process that belongs to no file, in bytes.
func anonymous(t *testing.T) int64 {
	t.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	var kB int64
	if _, err := fmt.Sscanf(firstLineWith(string(status), "RssAnon"), "RssAnon: %d kB", &kB); err != nil {
		t.Fatalf("/proc/self/status: RssAnon: %v", err)
	}
	return kB << 10
}

func firstLineWith(text, word string) string {
	for line := range strings.Lines(text) {
		if strings.Contains(line, word) {
			return strings.TrimSpace(line)
		}
	}
	return ""
}
