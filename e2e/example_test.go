package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// TestExampleInBrowser trains, samples and scores in the page of browser/example and compares weights, text and bits with those
// of the command line.
func TestExampleInBrowser(t *testing.T) {
	chromium(t)
	elman, folder := program(t), t.TempDir()
	text := elman("corpus", "play", "--size", "6000", "--seed", "7")
	file, run := filepath.Join(folder, "play.txt"), filepath.Join(folder, "run")
	if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	elman("train", file, "--cell", "gru", "--hidden", "24", "--steps-total", "60", "--report-every", "25", "--out", run, "--quiet")

	address := site(t, map[string]string{
		"/browser/example/wasm_exec.js": support(t),
		"/browser/example/example.wasm": wasm(t, "./browser/example", "build"),
		"/browser/example/{$}":          "../browser/example/index.html",
	})
	for _, kernels := range []string{"fused", "exact", "none"} {
		t.Run(kernels, func(t *testing.T) {
			b := visit(t, address+"/browser/example/?kernels="+kernels)
			idle := func() { b.until(`!document.querySelector("#train").disabled`) }
			press := func(button string) {
				b.run(fmt.Sprintf(`document.querySelector("#%s").click()`, button))
				idle()
			}
			idle()
			b.run(fmt.Sprintf(`document.querySelector("#text").value = %s`, strconv.Quote(text)))
			b.run(`document.querySelector("#cell").value = "gru"; document.querySelector("#hidden").value = 24; document.querySelector("#steps").value = 60`)
			press("train")
			if got, want := value[string](b, `document.querySelector("#status").dataset.hash ?? document.querySelector("#status").textContent`), strings.TrimSpace(elman("hash", run)); got != want {
				t.Fatalf("the page's model has the hash %s, want %s", got, want)
			}
			b.run(`document.querySelector("#seed").value = 7`)
			press("sample")
			if got, want := value[string](b, `document.querySelector("#samples").textContent`), elman("sample", run, "--length", "400", "--seed", "7"); strings.TrimSpace(got) != strings.TrimSpace(want) {
				t.Errorf("the page wrote\n%s\nwant\n%s", got, want)
			}
			press("score")
			shown := value[string](b, `document.querySelector("#status").textContent`)
			if want := elman("score", run, file); !strings.Contains(want, strings.Fields(shown)[0]) {
				t.Errorf("the page scored %s, want what is in %s", shown, want)
			}
			b.picture("example-" + kernels)
			for _, unlike := range []struct{ text, status string }{
				{`""`, "the text is empty"},
				{`"The play. ".repeat(15000)`, " bits per character"}, // more elements than a call takes arguments
			} {
				if kernels != "fused" { // the page is the same, and slower
					break
				}
				b.run(`document.querySelector("#text").value = ` + unlike.text)
				press("score")
				if got := value[string](b, `document.querySelector("#status").textContent`); !strings.Contains(got, unlike.status) {
					t.Errorf("scoring %s the page said %q, want %q", unlike.text, got, unlike.status)
				}
			}
			b.mu.Lock()
			defer b.mu.Unlock()
			for _, c := range b.complaints {
				t.Errorf("on the console: %s", c)
			}
		})
	}
}

// TestExampleSize: what a page has to fetch before it trains, samples and scores, compressed as servers do it.
func TestExampleSize(t *testing.T) {
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("there is no node here: nothing was compressed")
	}
	const script = `const z = require("zlib"), fs = require("fs"); let n = 0;
		for (const f of process.argv.slice(1)) n += z.brotliCompressSync(fs.readFileSync(f)).length;
		console.log(n)`
	files := []string{wasm(t, "./browser/example", "build"), support(t)}
	for _, f := range []string{"elman.mjs", "entry.wasm", "fused.wasm", "example/worker.mjs", "example/index.html"} {
		files = append(files, filepath.Join("..", "browser", f))
	}
	out, err := exec.Command(node, append([]string{"-e", script}, files...)...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if n, err := strconv.Atoi(strings.TrimSpace(string(out))); err != nil || n > 1_400_000 {
		t.Errorf("the example takes %s bytes with brotli, want at most 1,400,000", out)
	}
}
