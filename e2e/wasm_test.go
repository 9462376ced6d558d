package e2e

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// wasm builds a package for js/wasm with the vector kernels, by go build or by go test -c, and returns the program's path.
func wasm(t *testing.T, pkg string, command ...string) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "program.wasm")
	build := exec.Command("go", append(command, "-tags", "simd", "-trimpath", "-ldflags", "-s -w", "-o", program, pkg)...)
	build.Dir = ".."
	build.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return program
}

// support returns the path of Go's wasm_exec.js.
func support(t *testing.T) string {
	t.Helper()
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(strings.TrimSpace(string(root)), "lib", "wasm", "wasm_exec.js")
}

// site serves files by their paths, and the folder browser.
func site(t *testing.T, files map[string]string) string {
	t.Helper()
	mux := http.NewServeMux()
	mux.Handle("/browser/", http.StripPrefix("/browser/", http.FileServer(http.Dir("../browser"))))
	for path, file := range files {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(path, "js") {
				w.Header().Set("Content-Type", "text/javascript")
			}
			http.ServeFile(w, r, file)
		})
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// A page that shares nothing with others gets a clock of 5 microseconds and not of 100, which some tests need.
		w.Header().Set("Cross-Origin-Opener-Policy", "same-origin")
		w.Header().Set("Cross-Origin-Embedder-Policy", "require-corp")
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// A wasmRun is a program with its arguments, environment and files.
type wasmRun struct {
	program   string
	args, env []string
	folder    string   // where it runs
	files     []string // that it reads, in that folder
	kernels   string   // the most that may be loaded
}

// sameBits are the tests that compare bits: every kernel with its twin and with golden hashes from amd64, and short trainings
// of every cell and rule with the hashes of their weights there.
func sameBits(t *testing.T, kernels string) []wasmRun {
	expect := map[string]string{"fused": "simd,go", "exact": "simd,go", "none": "go"}[kernels]
	env := []string{"ELMAN_EXPECT_KERNELS=" + expect, "ELMAN_WASM_KERNELS=" + kernels}
	return []wasmRun{
		{wasm(t, "./internal/f32", "test", "-c"), []string{"-test.short", "-test.skip=AVX2"}, env, "../internal/f32", []string{"testdata/vectors.golden"}, kernels},
		{wasm(t, "./train", "test", "-c"), []string{"-test.short", "-test.run=TestSameBits"}, env, "../train", nil, kernels},
	}
}

// TestSameBitsInNode runs them in Node with every kind of kernels.
func TestSameBitsInNode(t *testing.T) {
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("there is no node here: WebAssembly was not tested there")
	}
	script, err := filepath.Abs("../browser/node.mjs")
	if err != nil {
		t.Fatal(err)
	}
	flags := []string{"--experimental-wasm-relaxed-simd"} // which later versions may not know
	if exec.Command(node, flags[0], "-e", "0").Run() != nil {
		flags = nil
	}
	for _, kernels := range []string{"fused", "exact"} {
		for _, r := range sameBits(t, kernels) {
			c := exec.Command(node, slices.Concat(flags, []string{script, r.program}, r.args)...)
			c.Dir, c.Env = r.folder, append(os.Environ(), r.env...)
			if out, err := c.CombinedOutput(); err != nil {
				t.Errorf("%s kernels, %s: %v\n%s", kernels, r.folder, err, out)
			}
		}
	}
}

// TestSameBitsInBrowser runs them in a page.
func TestSameBitsInBrowser(t *testing.T) {
	chromium(t)
	for _, kernels := range []string{"fused", "exact"} {
		for _, r := range sameBits(t, kernels) {
			output, status, loaded := r.inBrowser(t)
			if status != "0" || loaded != kernels {
				t.Errorf("%s kernels, %s: exit code %s, loaded %s\n%s", kernels, r.folder, status, loaded, output)
			}
		}
	}
}

// inBrowser runs a program in a page and returns what it wrote, its exit code and which kernels were loaded.
func (r wasmRun) inBrowser(t *testing.T) (output, status, loaded string) {
	t.Helper()
	files := map[string]string{
		"/{$}":          "testdata/program.html",
		"/program.mjs":  "testdata/program.mjs",
		"/program.wasm": r.program,
		"/wasm_exec.js": support(t),
	}
	query := url.Values{"arg": r.args, "env": r.env, "file": r.files, "kernels": {r.kernels}}
	for _, f := range r.files {
		files["/files/"+f] = filepath.Join(r.folder, f)
	}
	b := visit(t, site(t, files)+"/?"+query.Encode())
	b.until(`typeof window.output === "string" && window.status !== ""`)
	return value[string](b, "window.output"), value[string](b, "window.status"), value[string](b, `window.kernels ?? ""`)
}
