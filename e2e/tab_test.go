package e2e

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// lesson is a link to a training of names that a tab does in a few seconds.
const lesson = "#learn?language=names&size=200000&cell=lstm&hidden=48&layers=1&steps=300&seed=5&report_every=100&documents=line"

// tabSite writes the page by elman page and serves it. It returns its address, and elman.
func tabSite(t *testing.T, models ...string) (address string, elman func(...string) string) {
	t.Helper()
	folder := t.TempDir()
	program := filepath.Join(folder, "elman")
	for _, args := range [][]string{
		{"go", "build", "-o", program, "./cmd/elman"},
		append([]string{program, "page", "--out", filepath.Join(folder, "site")}, models...),
	} {
		c := exec.Command(args[0], args[1:]...)
		c.Dir = ".."
		if out, err := c.CombinedOutput(); err != nil {
			t.Fatalf("%q: %v: %s", args, err, out)
		}
	}
	s := httptest.NewServer(http.FileServer(http.Dir(filepath.Join(folder, "site"))))
	t.Cleanup(s.Close)
	return s.URL, func(args ...string) string {
		t.Helper()
		out, err := exec.Command(program, args...).Output()
		if failed, ok := err.(*exec.ExitError); ok {
			t.Fatalf("elman %s: %v: %s", strings.Join(args, " "), err, failed.Stderr)
		} else if err != nil {
			t.Fatal(err)
		}
		return string(out)
	}
}

// TestTab writes, scores, learns, saves and loads in the tab, and compares with the command line.
func TestTab(t *testing.T) {
	chromium(t)
	address, elman := tabSite(t)
	b := visit(t, address+"/"+lesson)
	b.until(`document.body.dataset.ready === "yes"`)
	t.Logf("ready %.0f ms after the page was asked for", value[float64](b, `performance.now()`))
	b.run(`window.asked = performance.now(); document.querySelector("#tab-write").click(); document.querySelector("#pace").value = "0"; document.querySelector("#write-go").click()`)
	b.until(`document.querySelectorAll("#write-reading span").length > 0`)
	t.Logf("the first symbol is written %.0f ms after it was asked for", value[float64](b, `performance.now() - window.asked`))
	b.until(`document.querySelector("#write-stop").disabled`)
	b.run(`document.querySelector("#tab-learn").click()`)
	folder := t.TempDir()
	run := filepath.Join(folder, "run")

	t.Run("learn", func(t *testing.T) {
		b.t = t
		b.run(`document.querySelector("#learn-go").click()`)
		b.until(`document.querySelector("#problem").textContent || /^[0-9a-f]{64}$/.test(document.querySelector("#hash").textContent)`)
		if problem := value[string](b, `document.querySelector("#problem").textContent`); problem != "" {
			t.Fatal(problem)
		}
		told := value[string](b, `document.querySelector("#learn-status").textContent + " " + document.querySelector("#verdict").textContent`)
		if t.Log(told); !strings.Contains(told, "better than the best n-gram") {
			t.Errorf("names are not learned better than n-grams do: %s", told)
		}
		command := strings.Fields(value[string](b, `document.querySelector("#command").textContent`))
		elman(append(command[1:], "--out", run, "--quiet")...)
		if got, want := value[string](b, `document.querySelector("#hash").textContent`), strings.TrimSpace(elman("hash", run)); got != want {
			t.Errorf("the tab learned %s, %q learns %s", got, command, want)
		}
		if link := value[string](b, `new URL(document.querySelector("#link").href).hash`); !sameLink(link, lesson) {
			t.Errorf("the link is %s, want %s", link, lesson)
		}
		b.picture("tab-learn")
	})
	t.Run("write", func(t *testing.T) {
		b.t = t
		b.run(`document.querySelector("#tab-write").click()`)
		for id, to := range map[string]string{"pace": "0", "length": "80", "seed": "3", "temperature": "1"} {
			b.run(fmt.Sprintf(`document.querySelector("#%s").value = %q; document.querySelector("#%[1]s").dispatchEvent(new Event("input"))`, id, to))
		}
		b.run(`document.querySelector("#prompt").value = "Mar"; document.querySelector("#write-go").click()`)
		want := strings.TrimSuffix(elman("sample", run, "--prompt", "Mar", "--length", "80", "--seed", "3"), "\n")
		b.until(`document.querySelector("#write-stop").disabled && document.querySelectorAll("#write-reading span").length > 80`)
		if got := value[string](b, `document.querySelector("#write-reading").innerText`); !strings.Contains(letters(got), letters(want)) {
			t.Errorf("the tab wrote\n%s\nwant\n%s", got, want)
		}
		b.picture("tab-write")
	})
	t.Run("score", func(t *testing.T) {
		b.t = t
		text := filepath.Join(folder, "text")
		if err := os.WriteFile(text, []byte("Marlena\nGorund\nXylo\n"), 0o666); err != nil {
			t.Fatal(err)
		}
		b.run(`document.querySelector("#tab-score").click(); document.querySelector("#score-text").value = "Marlena\nGorund\nXylo\n"; document.querySelector("#score button").click()`)
		b.until(`document.querySelector("#score-sum").textContent.includes("bits")`)
		figures := regexp.MustCompile(`\d+\.\d+`).FindAllString(value[string](b, `document.querySelector("#score-sum").textContent`), -1)
		want := elman("score", run, text)
		if len(figures) == 0 || !strings.Contains(want, strings.TrimRight(figures[0], "0")) {
			t.Errorf("the tab says %q, elman score %s", figures, want)
		}
	})
	t.Run("save", func(t *testing.T) {
		b.t = t
		b.run(`document.querySelector("#tab-learn").click(); URL.createObjectURL = (blob) => { blob.arrayBuffer().then((b) => { window.saved = btoa(Array.from(new Uint8Array(b), (x) => String.fromCharCode(x)).join("")); }); return "#learn"; }`)
		b.run(`document.querySelector("#save-go").click()`)
		b.until(`typeof window.saved === "string"`)
		file, err := base64.StdEncoding.DecodeString(value[string](b, `window.saved`))
		if err != nil {
			t.Fatal(err)
		}
		saved := filepath.Join(folder, "saved.safetensors")
		if err := os.WriteFile(saved, file, 0o666); err != nil {
			t.Fatal(err)
		}
		if got, want := elman("hash", saved), elman("hash", run); got != want {
			t.Errorf("the saved file has the hash %s, want %s", got, want)
		}
	})
	t.Run("load", func(t *testing.T) {
		b.t = t
		other := filepath.Join(folder, "other")
		elman("train", "--language", "letters", "--size", "2000", "--hidden", "4", "--steps-total", "2", "--out", other, "--quiet")
		file, err := os.ReadFile(filepath.Join(other, "model.safetensors"))
		if err != nil {
			t.Fatal(err)
		}
		load := func(name string, file []byte) {
			b.run(fmt.Sprintf(`{ const bytes = Uint8Array.from(atob(%q), (c) => c.charCodeAt(0)), list = new DataTransfer();
				list.items.add(new File([bytes], %q)); const input = document.querySelector("#load"); input.files = list.files; input.dispatchEvent(new Event("change")) }`,
				base64.StdEncoding.EncodeToString(file), name))
		}
		load("letters.safetensors", file)
		b.until(fmt.Sprintf(`document.querySelector("#model-about").textContent.includes(%q)`, elman("hash", other)[:12]))
		load("broken.safetensors", file[:len(file)-9])
		b.until(`document.querySelector("#problem").textContent.includes("broken.safetensors")`)
	})
	b.t = t
	b.calmAt(address)
}

// sameLink says whether two links have the same settings.
func sameLink(a, b string) bool {
	fields := func(s string) string {
		all := strings.Split(strings.TrimPrefix(s, "#learn?"), "&")
		m := map[string]bool{}
		for _, f := range all {
			m[f] = true
		}
		return fmt.Sprint(m)
	}
	return fields(a) == fields(b)
}

// letters leaves out all that a page shows of line breaks and spaces in its own way.
func letters(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' {
			return r
		}
		return -1
	}, text)
}

// TestTabStops: a training of the tab stops soon when it is told to, and what it has learned writes.
func TestTabStops(t *testing.T) {
	chromium(t)
	address, _ := tabSite(t)
	b := visit(t, address+"/"+strings.NewReplacer("steps=300", "steps=1000000", "report_every=100", "report_every=50000").Replace(lesson))
	b.until(`document.body.dataset.ready === "yes"`)
	b.run(`document.querySelector("#learn-go").click()`)
	b.until(`/^Step /.test(document.querySelector("#learn-status").textContent)`)
	// The page writes while it learns: they take turns.
	b.run(`document.querySelector("#tab-write").click(); document.querySelector("#pace").value = "0"; document.querySelector("#write-go").click()`)
	b.until(`document.querySelectorAll("#write-reading span").length > 50`)
	b.run(`document.querySelector("#tab-learn").click(); window.told = performance.now(); document.querySelector("#learn-stop").click()`)
	b.until(`/^[0-9a-f]{64}$/.test(document.querySelector("#hash").textContent)`)
	t.Logf("it has stopped within %.0f ms", value[float64](b, `performance.now() - window.told`))
	b.run(`document.querySelector("#learn-write").click()`)
	b.until(`document.querySelectorAll("#write-reading span").length > 50`)
	b.calmAt(address)
}

// TestTabSize: what the tab fetches before it writes.
func TestTabSize(t *testing.T) {
	address, _ := tabSite(t)
	total := 0
	for _, name := range []string{"", "page.js", "page.css", "icon.svg", "worker.mjs", "wasm_exec.js", "elman.mjs", "entry.wasm", "fused.wasm", "elman.wasm.gz", "site.json", "play.safetensors"} {
		answer, err := http.Get(address + "/" + name)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		size, _ := strconv.Atoi(answer.Header.Get("Content-Length"))
		t.Logf("%8d %s", size, name)
		total += size
	}
	if total > 2_600_000 {
		t.Errorf("the tab fetches %d bytes, want at most 2,600,000", total)
	}
}
