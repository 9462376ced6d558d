package e2e

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// onnxVersion is that of onnxruntime for JavaScript.
const onnxVersion = "1.30.0"

// TestONNX exports networks of all settings and lets onnxruntime run them.
func TestONNX(t *testing.T) {
	o := &onnxFiles{folder: t.TempDir(), models: t.TempDir(), elman: program(t)}
	write := exec.Command("go", "test", "-count=1", "-run", "TestForRuntimes", "./export")
	write.Dir, write.Env = "..", append(os.Environ(), "ELMAN_EXPORT_TO="+o.models)
	if out, err := write.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	t.Run("onnx", o.check)
	if _, err := exec.LookPath("node"); err != nil {
		t.Skip("LEFT OUT: onnxruntime was not tried: there is no node")
	}
	if err := npm(o.folder, "onnxruntime-node@"+onnxVersion, "onnxruntime-web@"+onnxVersion); err != nil {
		t.Skipf("LEFT OUT: onnxruntime was not tried: %v", err)
	}
	t.Run("onnxruntime-node", func(t *testing.T) { o.compare(t, "onnxruntime-node", 0) })
	t.Run("onnxruntime-web", func(t *testing.T) { o.compare(t, "onnxruntime-web", 6) })
	t.Run("trained", o.trained)
	t.Run("docs", o.docs)
	t.Run("bench", o.bench)
}

// onnxFiles are ONNX files, and a folder for programs that run them.
type onnxFiles struct {
	folder, models string
	elman          func(args ...string) string

	exported, letters string // a model that has learned, and the text it learned
}

// check has the files checked by the library onnx.
func (o *onnxFiles) check(t *testing.T) {
	python := "/usr/bin/python3" // Debian's, which has Debian's onnx
	if err := exec.Command(python, "-c", "import onnx").Run(); err != nil {
		t.Skip("LEFT OUT: onnx did not check the files: there is no python3-onnx")
	}
	out, err := exec.Command(python, "testdata/onnx_check.py", o.models).CombinedOutput()
	if err != nil || string(out) != "120 files\n" {
		t.Errorf("%v: %s", err, out)
	}
}

// run returns what a script writes.
func (o *onnxFiles) run(t *testing.T, name, script string, args ...string) []byte {
	t.Helper()
	if err := os.WriteFile(filepath.Join(o.folder, name), []byte(script), 0o666); err != nil {
		t.Fatal(err)
	}
	c := exec.Command("node", append([]string{name}, args...)...)
	c.Dir, c.Stderr = o.folder, os.Stderr
	out, err := c.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return out
}

func (o *onnxFiles) runFile(t *testing.T, name string, args ...string) []byte {
	t.Helper()
	script, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return o.run(t, name, string(script), args...)
}

// compare compares logits over 500 time steps, of one text and of seven. It leaves out so many files after each.
func (o *onnxFiles) compare(t *testing.T, runtime string, skip int) {
	var results []struct {
		Name, Network                         json.RawMessage
		Compared, Texts                       int
		Difference, Largest, Bits, BitsWanted *float64 // nil is NaN
	}
	if err := json.Unmarshal(o.runFile(t, "onnx.mjs", runtime, o.models, fmt.Sprint(skip)), &results); err != nil {
		t.Fatal(err)
	}
	worst, worstBits := 0.0, 0.0
	for _, r := range results {
		switch rounded := strings.Contains(string(r.Network), `"int8"`); {
		case r.Difference == nil || r.Bits == nil || r.Compared < 500*8:
			t.Errorf("network %s, %s: no numbers", r.Name, r.Network)
		case rounded: // Elman rounds what such weights multiply, too
			difference := (*r.Bits - *r.BitsWanted) / float64(max(1, r.Texts))
			if worstBits = max(worstBits, math.Abs(difference)); math.Abs(difference) > 0.005 {
				t.Errorf("network %s, %s: %g bits per symbol more", r.Name, r.Network, difference)
			}
		default:
			if worst = max(worst, *r.Difference); *r.Difference > 2e-5 {
				t.Errorf("network %s, %s: logits up to %.3g differ by %.3g", r.Name, r.Network, *r.Largest, *r.Difference)
			}
		}
	}
	t.Logf("%d networks: logits differ by at most %.2g; of weights in 8 bits, bits per symbol by %.2g", len(results), worst, worstBits)
	if want := (60 + skip) / (skip + 1); len(results) != want {
		t.Errorf("%d networks were tried, want %d", len(results), want)
	}
}

// trained compares bits per character of models that have learned.
func (o *onnxFiles) trained(t *testing.T) {
	folder := o.models
	file := func(name string) string { return filepath.Join(folder, name) }
	var held string
	for _, text := range []struct {
		to         *string
		name, size string
	}{{&o.letters, "text", "60000"}, {&held, "held", "3000"}} {
		*text.to = o.elman("corpus", "play", "--size", text.size, "--seed", text.size)
		if err := os.WriteFile(file(text.name), []byte(*text.to), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	models := []string{file("lstm"), file("norm")}
	train := []string{"train", file("text"), "--hidden", "32", "--layers", "2", "--steps-total", "150", "--quiet", "--out"}
	o.elman(append(train, models[0], "--cell", "lstm")...)
	o.elman(append(train, models[1], "--cell", "gru", "--layer-norm", "--learn-initial", "--block")...)
	for _, m := range models[:2] {
		o.elman("quantize", m, "--bits", "8")
		models = append(models, m+"-int8.safetensors")
	}
	var files []string
	for _, m := range models {
		o.elman("export", m, "--to", "onnx", "--state")
		files = append(files, strings.TrimSuffix(m, ".safetensors")+".onnx")
	}
	o.exported = files[0]
	told := strings.Fields(string(o.runFile(t, "onnx_score.mjs", append([]string{file("held")}, files...)...)))
	for i, m := range models {
		var want struct {
			Bits float64 `json:"bits_per_char"`
		}
		if err := json.Unmarshal([]byte(o.elman("score", m, file("held"), "--format", "json")), &want); err != nil {
			t.Fatal(err)
		}
		var got float64
		if _, err := fmt.Sscan(told[i], &got); err != nil {
			t.Fatal(err)
		}
		allowed := 1e-5
		if strings.Contains(m, "int8") {
			allowed = 0.005
		}
		t.Logf("%s: %.6f bits per character, elman score says %.6f", filepath.Base(m), got, want.Bits)
		if math.Abs(got-want.Bits) > allowed || want.Bits == 0 {
			t.Errorf("%s: more than %g bits per character between them", filepath.Base(m), allowed)
		}
	}
}

// docs runs the examples of docs/export.md.
func (o *onnxFiles) docs(t *testing.T) {
	page, err := os.ReadFile("../docs/export.md")
	if err != nil {
		t.Fatal(err)
	}
	example := func(language string) string {
		_, rest, found := strings.Cut(string(page), "```"+language+"\n")
		code, _, ended := strings.Cut(rest, "```")
		if !found || !ended {
			t.Fatalf("docs/export.md has no example in %s", language)
		}
		return code
	}
	check := func(text []byte) {
		t.Helper()
		if n := len([]rune(strings.TrimSuffix(string(text), "\n"))); n != 300 || strings.Trim(string(text), o.letters) != "" {
			t.Errorf("%d characters, some of which are none of the text's: %q", n, text)
		}
	}
	check(o.run(t, "example.mjs", example("javascript"), o.exported))
	if exec.Command("python3", "-c", "import onnxruntime").Run() != nil {
		t.Skip("LEFT OUT: the example in Python was not tried: there is no onnxruntime for Python")
	}
	text, err := exec.Command("python3", "-c", example("python"), o.exported).Output()
	if err != nil {
		t.Fatal(err)
	}
	check(text)
}

// bench lets the benchmark of scoring measure a model beside onnxruntime, in each of its ways once.
func (o *onnxFiles) bench(t *testing.T) {
	elman := filepath.Join(o.models, "elman")
	build := exec.Command("go", "build", "-o", elman, "./cmd/elman")
	measure := exec.Command("go", "run", "./bench", "scoring", "-elman", elman, "-onnxruntime", o.folder, "-rounds", "1", filepath.Join(o.models, "lstm"), filepath.Join(o.models, "held"))
	build.Dir, measure.Dir = "..", ".."
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	out, err := measure.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if rows := regexp.MustCompile(`(?m)^(onnxruntime|score|pairs).* [1-9][0-9]+ +[0-9.]+ [0-9.]+, [0-9.]+$`).FindAll(out, -1); len(rows) != 11 {
		t.Errorf("%d rows, want 11:\n%s", len(rows), out)
	}
}
