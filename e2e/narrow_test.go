package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestNarrowPages: on a telephone nothing runs off the page's side, whether the text is long, short or of words, and the box of
// a short text is no higher than the text. Wide tables scroll by themselves.
func TestNarrowPages(t *testing.T) {
	chromium(t)
	elman, folder := program(t), t.TempDir()
	in := func(name string) string { return filepath.Join(folder, name) }
	text := elman("corpus", "play", "--size", "20000", "--seed", "7")
	for name, content := range map[string]string{"long.txt": text, "short.txt": text[:150]} {
		if err := os.WriteFile(in(name), []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	elman("train", in("long.txt"), "--cell", "lstm", "--hidden", "24", "--layers", "2", "--steps-total", "30", "--out", in("chars"), "--quiet")
	elman("train", in("long.txt"), "--symbols", "words", "--hidden", "8", "--steps-total", "30", "--out", in("words"), "--quiet")
	elman("inspect", in("chars"), in("long.txt"), "--out", in("long.html"), "--ablate", "1:3", "--show", "2000", "--quiet")
	elman("inspect", in("chars"), in("short.txt"), "--out", in("short.html"), "--quiet")
	elman("inspect", in("words"), in("long.txt"), "--out", in("words.html"), "--show", "1000", "--quiet")
	elman("experiment", "run", "srn-vs-bptt", "--corpus", in("long.txt"), "--chars", "14250", "--epochs", "1", "--seeds", "2", "--out", in("report"))
	for _, page := range []string{"long.html", "short.html", "words.html", "report/report.html"} {
		for _, width := range []int64{420, 1200} {
			b := openAt(t, in(page), width)
			wide := value[int](b, `document.documentElement.scrollWidth`)
			if int64(wide) > width {
				t.Errorf("%s at %d pixels is %d wide: %s", page, width, wide, value[string](b, `Array.from(document.querySelectorAll("body *")).filter(e => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest(".scroll")).slice(0, 3).map(e => e.outerHTML.slice(0, 80)).join("\n")`))
			}
			if page == "short.html" {
				const empty = `(() => { const box = document.querySelector("#text"), last = box.lastElementChild; return box.getBoundingClientRect().bottom - last.getBoundingClientRect().bottom })()`
				if px := value[float64](b, empty); px > 40 {
					t.Errorf("%s at %d pixels: %v empty pixels below the text", page, width, px)
				}
			}
			b.picture(fmt.Sprintf("narrow-%s-%d", filepath.Base(page), width))
			b.calm()
		}
	}
}

// openAt opens a file in a window so wide.
func openAt(t *testing.T, file string, width int64) *tab {
	t.Helper()
	b := load(t, file)
	if err := chromedp.Do(b.ctx, chromedp.EmulateViewport(width, 1400)); err != nil {
		t.Fatal(err)
	}
	b.until(fmt.Sprintf(`innerWidth === %d && document.readyState === "complete"`, width))
	return b
}
