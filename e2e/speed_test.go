package e2e

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestSpeed measures training and sampling in a page and natively with AVX2, in turns, where somebody wants to know: with
// ELMAN_E2E_SPEED. Run it alone, with -v, on a quiet machine: a page knows the clock's time only, elman bench takes the
// processor's.
func TestSpeed(t *testing.T) {
	if os.Getenv("ELMAN_E2E_SPEED") == "" {
		t.Skip("speed is measured with ELMAN_E2E_SPEED alone")
	}
	elman := filepath.Join(t.TempDir(), "elman")
	build := exec.Command("go", "build", "-o", elman, "./cmd/elman")
	build.Dir = ".."
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	names := []string{"train lstm, H=128, B=32, T=50", "sample lstm, H=256, B=1", "sample lstm, H=256, B=64"}
	page := wasmRun{program: wasm(t, "./browser/bench", "build"), args: names, kernels: "fused"}
	best := map[string][2]float64{} // characters per second, natively and in a page
	for range 3 {
		native, err := exec.Command(elman, append([]string{"bench", "--json", "--kernels", "avx2", "--threads", "1"}, names...)...).Output()
		if err != nil {
			t.Fatal(err)
		}
		output, status, _ := page.inBrowser(t)
		if status != "0" {
			t.Fatalf("exit code %s: %s", status, output)
		}
		for i, lines := range []string{string(native), output} {
			for _, line := range strings.Split(strings.TrimSpace(lines), "\n") {
				var f struct {
					What  string
					Chars float64 `json:"chars_per_second"`
				}
				if err := json.Unmarshal([]byte(line), &f); err != nil {
					t.Fatalf("%v: %s", err, line)
				}
				both := best[f.What]
				both[i] = max(both[i], f.Chars)
				best[f.What] = both
			}
		}
	}
	for _, name := range names {
		b := best[name]
		t.Logf("%-30s AVX2 %7.0f, page %7.0f characters/s: %.2f", name, b[0], b[1], b[1]/b[0])
	}
}
