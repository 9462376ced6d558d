package e2e

import (
	"bufio"
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

// served starts elman serve in a folder, on a free port, and returns its address. The test's end ends it.
func served(t *testing.T, folder string, args ...string) string {
	t.Helper()
	elman := filepath.Join(folder, "elman-serve")
	if runtime.GOOS == "windows" {
		elman += ".exe"
	}
	build := exec.Command("go", "build", "-o", elman, "./cmd/elman")
	build.Dir = ".."
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	c := exec.CommandContext(ctx, elman, append([]string{"serve", "--listen", "127.0.0.1:0", "--log", "off"}, args...)...)
	c.Dir = folder
	c.Cancel = func() error { return c.Process.Signal(os.Interrupt) }
	c.WaitDelay = 20 * time.Second
	c.Stderr = os.Stderr
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cancel(); c.Wait() })
	lines := bufio.NewScanner(out)
	if !lines.Scan() {
		t.Fatalf("elman serve said nothing: %v", lines.Err())
	}
	return lines.Text()
}

// calmAt checks that the console stayed empty and that nothing was asked for but what lies at an address.
func (b *tab) calmAt(address string) {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, c := range b.complaints {
		b.t.Errorf("on the console: %s", c)
	}
	for _, r := range b.requests {
		if !strings.HasPrefix(r, address+"/") && !strings.HasPrefix(r, "blob:") {
			b.t.Errorf("the page asks for %.200s", r)
		}
	}
	if len(b.requests) < 4 {
		b.t.Errorf("%d requests were seen", len(b.requests))
	}
}

// press clicks an element, as somebody would: it must be there to see.
func (b *tab) press(selector string) {
	b.t.Helper()
	b.until(fmt.Sprintf(`(() => { const e = document.querySelector(%q); return e !== null && e.checkVisibility() && !e.disabled })()`, selector))
	b.run(fmt.Sprintf(`document.querySelector(%q).click()`, selector))
}

// fill puts a value into a control.
func (b *tab) fill(selector, value string) {
	b.t.Helper()
	b.run(fmt.Sprintf(`(() => { const e = document.querySelector(%q); e.value = %q; e.dispatchEvent(new Event("input", { bubbles: true })); e.dispatchEvent(new Event("change", { bubbles: true })) })()`, selector, value))
}

// look sets the window's width and its colours.
func (b *tab) look(width int64, scheme string) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, chromedp.EmulateViewport(width, 1100)); err != nil {
		b.t.Fatal(err)
	}
	params := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}}
	if _, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, params); err != nil {
		b.t.Fatal(err)
	}
	b.until(fmt.Sprintf(`innerWidth === %d && matchMedia("(prefers-color-scheme:%s)").matches`, width, scheme))
}

// lookAround takes pictures at both widths in both colours, and checks that nothing runs off the side and that no fault is found.
func (b *tab) lookAround(name string) {
	b.t.Helper()
	for _, width := range []int64{360, 1280} {
		for _, scheme := range []string{"dark", "light"} {
			b.look(width, scheme)
			if wide := value[int64](b, `document.documentElement.scrollWidth`); wide > width {
				b.t.Errorf("%s at %d pixels is %d wide: %s", name, width, wide, value[string](b, `Array.from(document.querySelectorAll("body *")).filter(e => e.getBoundingClientRect().right > innerWidth + 1).slice(0, 3).map(e => e.outerHTML.slice(0, 80)).join("\n")`))
			}
			time.Sleep(50 * time.Millisecond) // canvases are drawn again
			b.picture(fmt.Sprintf("serve-%s-%d-%s", name, width, scheme))
			if width == 1280 && scheme == "light" {
				b.docs("page-" + name)
			}
			b.accessible(name + " in " + scheme)
		}
	}
}

// inDocs are the pictures that the documentation shows.
var inDocs = []string{"page-write", "page-learn"}

// forDocs reports whether somebody asks for new ones, of larger networks: with ELMAN_E2E_DOCS=1.
func forDocs() bool { return os.Getenv("ELMAN_E2E_DOCS") != "" }

// docs keeps a picture in docs.
func (b *tab) docs(name string) {
	b.t.Helper()
	if !forDocs() || !slices.Contains(inDocs, name) {
		return
	}
	png, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.WriteFile(filepath.Join("..", "docs", name+".png"), png, 0o666)
	}
	if err != nil {
		b.t.Fatal(err)
	}
}

// patiently waits for what takes a machine with much to do several times as long as one without.
func (b *tab) patiently(condition string) {
	b.t.Helper()
	for range 600 {
		if value[bool](b, condition) {
			return
		}
		time.Sleep(time.Second / 2)
	}
	b.until(condition)
}

// sameQuery reports whether two links hold the same settings.
func sameQuery(a, b string) bool {
	_, a, _ = strings.Cut(a, "?")
	_, b, _ = strings.Cut(b, "?")
	x, wrong := url.ParseQuery(a)
	y, alsoWrong := url.ParseQuery(b)
	return wrong == nil && alsoWrong == nil && x.Encode() == y.Encode()
}

// hoverOver moves the mouse to one of the elements that a selector finds.
func (b *tab) hoverOver(selector string, i int) {
	b.t.Helper()
	at := value[[]float64](b, fmt.Sprintf(`(() => { const s = document.querySelectorAll(%q)[%d]; s.scrollIntoView({ block: "center" });
		const r = s.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2] })()`, selector, i))
	if err := chromedp.Do(b.ctx, chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, at[0], at[1])); err != nil {
		b.t.Fatal(err)
	}
}
