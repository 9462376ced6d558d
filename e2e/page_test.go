package e2e

import (
	"encoding/csv"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// program builds elman and returns a function that runs it.
func program(t *testing.T) func(args ...string) string {
	t.Helper()
	elman := filepath.Join(t.TempDir(), "elman")
	if runtime.GOOS == "windows" {
		elman += ".exe"
	}
	build := exec.Command("go", "build", "-o", elman, "./cmd/elman")
	build.Dir = ".."
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return func(args ...string) string {
		t.Helper()
		out, err := exec.Command(elman, args...).Output()
		if err != nil {
			if failed, ok := err.(*exec.ExitError); ok {
				out = failed.Stderr
			}
			t.Fatalf("elman %s: %v: %s", strings.Join(args, " "), err, out)
		}
		return string(out)
	}
}

// TestInspectPage opens what elman inspect writes about 20,000 characters and an LSTM of 256 units.
func TestInspectPage(t *testing.T) {
	chromium(t)
	elman, folder := program(t), t.TempDir()
	run, text, html, table := filepath.Join(folder, "run"), filepath.Join(folder, "play.txt"), filepath.Join(folder, "page.html"), filepath.Join(folder, "symbols.csv")
	elman("train", "--language", "play", "--size", "200000", "--steps-total", "60", "--hidden", "256", "--cell", "lstm", "--out", run, "--quiet")
	if err := os.WriteFile(text, []byte(elman("corpus", "play", "--size", "30000", "--seed", "7")), 0o666); err != nil {
		t.Fatal(err)
	}
	elman("inspect", run, text, "--out", html, "--out", table, "--unit", "1:100", "--unit", "1:7", "--ablate", "1:7", "--span", "8", "--quiet")
	info, err := os.Stat(html)
	if err != nil {
		t.Fatal(err)
	}
	if info.Size() >= 8_000_000 {
		t.Errorf("the page takes %d bytes, want less than 8 MB", info.Size())
	}
	b := open(t, html)
	if n := value[int](b, `document.querySelectorAll("#text span").length`); n != 20000 {
		t.Errorf("%d symbols are shown, want 20000", n)
	}
	b.picture("inspect")

	t.Run("surprisal", func(t *testing.T) {
		b.t = t
		const colours = `new Set(Array.from(document.querySelectorAll("#text span"), s => getComputedStyle(s).backgroundColor)).size`
		if n := value[int](b, colours); n < 10 {
			t.Errorf("%d colours of surprisal, want 10 or more", n)
		}
	})
	t.Run("hover", func(t *testing.T) {
		b.t = t
		b.hover(200)
		b.until(`document.querySelectorAll("#details table:not(.moved) tr").length === 6`) // a head and five guesses
		shown := value[string](b, `document.querySelector("#details").innerText`)
		if !strings.Contains(shown, "symbol 201 of 20,000") || strings.Count(shown, "%") != 6 {
			t.Errorf("the details are %q", shown)
		}
		b.hover(230)
		b.until(`document.querySelector("#details").innerText.includes("symbol 231 of")`)
		if at := value[int](b, `document.querySelectorAll("#text .at").length`); at != 1 {
			t.Errorf("%d symbols are marked, want 1", at)
		}
	})
	t.Run("keys", func(t *testing.T) {
		b.t = t
		b.run(`document.querySelector("#text").focus()`)
		for _, x := range []struct {
			key  string
			want string
		}{{kb.ArrowRight, "symbol 232 of"}, {kb.ArrowLeft, "symbol 231 of"}, {kb.ArrowLeft, "symbol 230 of"}} {
			b.key(x.key)
			b.until(fmt.Sprintf(`document.querySelector("#details").innerText.includes(%q)`, x.want))
		}
		b.hover(300)
		if still := value[bool](b, `document.querySelector("#details").innerText.includes("symbol 230 of")`); !still {
			t.Error("the mouse takes away what keys chose")
		}
		b.key(kb.ArrowDown)
		if lines := value[int](b, `(() => { const at = document.querySelector("#text .at").parentNode, all = Array.from(document.querySelectorAll("#text div")); return all.indexOf(at) })()`); lines < 1 {
			t.Errorf("the arrow down leads to line %d", lines)
		}
		b.key(kb.Escape)
		b.hover(320)
		b.until(`document.querySelector("#details").innerText.includes("symbol 321 of")`)
		if said := value[string](b, `document.querySelector("#spoken").textContent`); !strings.HasSuffix(said, " bits") {
			t.Errorf("said was %q", said)
		}
	})
	t.Run("units", func(t *testing.T) {
		b.t = t
		f, err := os.Open(table)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		rows, err := csv.NewReader(f).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for _, q := range []struct {
			name, column, class string
			low, steps          float64
		}{{"h", "1:100 h", "d", -1, 16}, {"tanh c", "1:100 c", "d", -1, 16}, {"f", "1:100 f", "q", 0, 15}} {
			b.choose("layer 1", q.name, 100)
			classes := value[[]string](b, `Array.from(document.querySelectorAll("#text span"), s => s.className.split(" ")[0])`)
			column := 0
			for i, name := range rows[0] {
				if name == q.column {
					column = i
				}
			}
			for i, class := range classes {
				want, err := strconv.ParseFloat(rows[i+1][column], 64)
				if err != nil {
					t.Fatal(err)
				}
				if q.name == "tanh c" {
					want = math.Tanh(want)
				}
				level, err := strconv.ParseFloat(strings.TrimPrefix(class, q.class), 64)
				if err != nil {
					t.Fatalf("%s at symbol %d: class %q", q.name, i, class)
				}
				if got := q.low + level/q.steps; math.Abs(got-want) > 0.12 { // 15 levels, and then those of the scale
					t.Fatalf("%s at symbol %d is coloured as %.2f, want %.2f", q.name, i, got, want)
				}
			}
		}
		b.picture("inspect-unit")
	})
	t.Run("a unit of a table", func(t *testing.T) {
		b.t = t
		b.run(`document.querySelector("#units button[data-unit]").click()`)
		b.until(`document.querySelector("#text").dataset.colouring.startsWith("layer 1:")`)
		if pressed := value[int](b, `document.querySelectorAll("button[aria-pressed=true]").length`); pressed == 0 {
			t.Error("no button is pressed")
		}
		if at := value[int](b, `document.querySelectorAll("#text .at").length`); at != 1 {
			t.Errorf("%d symbols are marked, want 1", at)
		}
	})
	t.Run("everything", func(t *testing.T) {
		b.t = t
		for _, group := range value[[]string](b, `Array.from(document.querySelector("#group").options, o => o.value)`) {
			b.run(fmt.Sprintf(`document.querySelector("#group").value = %q; document.querySelector("#group").dispatchEvent(new Event("change"))`, group))
			b.until(fmt.Sprintf(`document.querySelector("#text").dataset.colouring.startsWith(%q)`, group))
			for _, quantity := range value[[]string](b, `Array.from(document.querySelector("#quantity").options, o => o.value)`) {
				b.choose(group, quantity, 0)
			}
		}
		b.run(`document.querySelector("#group").value = "surprisal"; document.querySelector("#group").dispatchEvent(new Event("change"))`)
		b.until(`document.querySelector("#text").dataset.colouring === "surprisal"`)
	})
	t.Run("guesses under symbols", func(t *testing.T) {
		b.t = t
		b.run(`document.querySelector("#under").click()`)
		b.until(`document.querySelectorAll("#text i").length > 100`)
		if n := value[int](b, `document.querySelectorAll("#text i").length`); n > 20000 {
			t.Errorf("%d guesses are spelt out at once", n)
		}
		b.picture("inspect-guesses")
	})
	b.t = t
	b.calm()
}

// hover moves the mouse to a symbol.
func (b *tab) hover(symbol int) {
	b.t.Helper()
	at := value[[]float64](b, fmt.Sprintf(`(() => { const s = document.querySelectorAll("#text span")[%d]; s.scrollIntoView({ block: "center" });
		const r = s.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2] })()`, symbol))
	if err := chromedp.Do(b.ctx, chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, at[0], at[1])); err != nil {
		b.t.Fatal(err)
	}
}

// choose colours the text by a unit, and waits until it is.
func (b *tab) choose(group, quantity string, unit int) {
	b.t.Helper()
	set := func(id, value, event string) {
		b.run(fmt.Sprintf(`document.querySelector(%q).value = %q; document.querySelector(%q).dispatchEvent(new Event(%q))`, id, value, id, event))
	}
	set("#group", group, "change")
	set("#quantity", quantity, "change")
	if group != "surprisal" {
		set("#unit", strconv.Itoa(unit), "input")
		b.until(fmt.Sprintf(`document.querySelector("#text").dataset.colouring === %q`, fmt.Sprintf("%s:%s:%d", group, quantity, unit)))
	}
}

// TestHostilePage: text that would be markup or a script is text.
func TestHostilePage(t *testing.T) {
	chromium(t)
	elman, folder := program(t), t.TempDir()
	run, text, html := filepath.Join(folder, "run"), filepath.Join(folder, "<img src=x onerror=alert(1)>.txt"), filepath.Join(folder, "page.html")
	const hostile = "</script><script>document.title='taken'</script>\n<img src=x onerror=\"document.title='taken'\">\x00\x1b[31m\xff\xfe\u202eabc\u0301 &amp; <!-- \r\n\t{{.Title}}"
	if err := os.WriteFile(text, []byte(strings.Repeat(hostile, 20)), 0o666); err != nil {
		t.Fatal(err)
	}
	elman("train", text, "--symbols", "bytes", "--steps-total", "20", "--hidden", "16", "--window", "8", "--batch", "2", "--out", run, "--quiet")
	elman("inspect", run, text, "--out", html, "--quiet")
	b := open(t, html)
	if title := value[string](b, "document.title"); title == "taken" {
		t.Error("the text became a script")
	}
	if n := value[int](b, `document.querySelectorAll("img, #text script").length`); n != 0 {
		t.Errorf("the text became %d elements", n)
	}
	if first := value[string](b, `document.querySelector("#text div").textContent`); first != "</script><script>document.title='taken'</script>" {
		t.Errorf("the first line is %q", first)
	}
	b.hover(3)
	b.until(`document.querySelectorAll("#details tr").length > 1`)
	b.run(`document.querySelector("#under").click()`)
	b.until(`document.querySelectorAll("#text i").length > 100`)
	b.picture("hostile")
	b.calm()
}

// TestWithoutUnpacking: a browser that cannot unpack shows the text coloured by surprisal, and says what it lacks.
func TestWithoutUnpacking(t *testing.T) {
	chromium(t)
	elman, folder := program(t), t.TempDir()
	run, text, html := filepath.Join(folder, "run"), filepath.Join(folder, "text"), filepath.Join(folder, "page.html")
	if err := os.WriteFile(text, []byte(strings.Repeat("ba dii guuu\n", 100)), 0o666); err != nil {
		t.Fatal(err)
	}
	elman("train", text, "--steps-total", "20", "--hidden", "8", "--window", "8", "--batch", "2", "--out", run, "--quiet")
	elman("score", run, text, "--html", html)
	b := open(t, html)
	if _, err := chromedp.Call(b.ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: "delete window.DecompressionStream"}); err != nil {
		t.Fatal(err)
	}
	if err := chromedp.Do(b.ctx, chromedp.Reload()); err != nil {
		t.Fatal(err)
	}
	b.until(`document.body?.dataset.ready === "yes"`)
	if said := value[string](b, `document.querySelector("#message").textContent`); !strings.Contains(said, "DecompressionStream") {
		t.Errorf("the page says %q", said)
	}
	if n := value[int](b, `new Set(Array.from(document.querySelectorAll("#text span"), s => getComputedStyle(s).backgroundColor)).size`); n < 3 {
		t.Errorf("%d colours", n)
	}
	b.requests = b.requests[:1] // the page was asked for twice
	b.calm()
}
