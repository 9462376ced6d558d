package e2e

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestRankInfluenceAndSpans colours a page by rank and by influence, looks for spans, and compares what it shows with what the
// command line says.
func TestRankInfluenceAndSpans(t *testing.T) {
	chromium(t)
	elman, folder := program(t), t.TempDir()
	in := func(name string) string { return filepath.Join(folder, name) }
	if err := os.WriteFile(in("play.txt"), []byte(elman("corpus", "play", "--size", "8000", "--seed", "7")), 0o666); err != nil {
		t.Fatal(err)
	}
	elman("train", in("play.txt"), "--cell", "lstm", "--hidden", "24", "--steps-total", "200", "--out", in("run"), "--quiet")
	const at = 300
	var said struct {
		Influence struct {
			At struct{ Earlier []struct{ Product float64 } }
		}
		Spans struct {
			Count   int
			Longest []struct{ Offset, Symbols int }
		}
	}
	out := elman("inspect", in("run"), in("play.txt"), "--out", in("page.html"), "--out", in("symbols.csv"), "--show", "3000", "--span", "12", "--at", strconv.Itoa(at),
		"--on", "1:3,-1:5", "--threshold", "0.05", "--json")
	if err := json.Unmarshal([]byte(out), &said); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(in("symbols.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	b := open(t, in("page.html"))
	const classes = `Array.from(document.querySelectorAll("#text span"), s => s.className.split(" ")[0])`

	t.Run("spans of the command line", func(t *testing.T) {
		b.t = t
		b.until(`document.querySelectorAll("#spans-list li").length > 0`)
		text := value[string](b, `document.querySelector("#spans-found").textContent`)
		if !value[bool](b, `document.querySelector("#spans").open`) || !strings.Contains(text, " spans, ") {
			t.Errorf("the search says %q", text)
		}
		// The page has the beginning of the text alone, and values in 63 levels: the longest spans of both begin together mostly.
		longest := value[int](b, `document.querySelectorAll("#text .on").length`)
		if longest == 0 || len(said.Spans.Longest) == 0 {
			t.Fatalf("%d symbols are marked; %d spans on the command line", longest, said.Spans.Count)
		}
		b.run(`document.querySelector("#spans-list button").click()`)
		b.until(`document.querySelectorAll("#text .on.at").length === 1`)
		b.picture("look-spans")
		b.key(kb.Escape) // the text has the focus; let the symbol go
	})
	t.Run("spans of other units", func(t *testing.T) {
		b.t = t
		find := func(on, above string) {
			b.run(fmt.Sprintf(`document.querySelector("#on").value = %q; document.querySelector("#above").value = %q; document.querySelector("#search").requestSubmit()`, on, above))
		}
		find("1:0", "0")
		b.until(`document.querySelectorAll("#text .on").length > 0 && document.querySelectorAll("#spans-list li").length > 0`)
		positive := value[int](b, `document.querySelectorAll("#text .on").length`)
		find("-1:0", "0")
		b.until(fmt.Sprintf(`document.querySelectorAll("#text .on").length !== %d || document.querySelectorAll("#text .on").length === 1500`, positive))
		if negative := value[int](b, `document.querySelectorAll("#text .on").length`); positive+negative > 3000 {
			t.Errorf("a unit is above 0 at %d symbols and below at %d of 3000", positive, negative)
		}
		find("1:99", "0")
		b.until(`document.querySelector("#spans-found").textContent.includes("LAYER:UNIT") && document.querySelectorAll("#text .on").length === 0`)
		find("", "0")
		b.until(`document.querySelector("#spans-found").textContent === ""`)
	})
	t.Run("rank", func(t *testing.T) {
		b.t = t
		b.group("rank")
		for i, class := range value[[]string](b, classes) {
			rank, err := strconv.Atoi(rows[i+1][3])
			if err != nil {
				t.Fatal(err)
			}
			if want := fmt.Sprintf("r%d", int(math.Ceil(math.Log10(float64(rank))))); class != want {
				t.Fatalf("symbol %d of rank %d has class %s, want %s", i, rank, class, want)
			}
		}
		if value[bool](b, `document.querySelector("#legend-r").hidden`) || !value[bool](b, `document.querySelector("#legend-s").hidden`) {
			t.Error("the legend is not that of ranks")
		}
		b.hover(200)
		b.until(`document.querySelector("#details").innerText.includes("rank " + Number(` + strconv.Quote(rows[201][3]) + `).toLocaleString("en"))`)
		b.picture("look-rank")
	})
	t.Run("influence", func(t *testing.T) {
		b.t = t
		b.group("influence")
		b.hover(at)
		b.until(fmt.Sprintf(`document.querySelector("#details").innerText.includes("symbol %d of") && document.querySelector("#details .moved") !== null`, at+1))
		most := 0.0
		for _, e := range said.Influence.At.Earlier {
			most = max(most, math.Abs(e.Product))
		}
		coloured := 0
		for i, class := range value[[]string](b, classes) {
			level, err := strconv.Atoi(strings.TrimPrefix(class, "d"))
			if err != nil {
				t.Fatalf("symbol %d has class %s", i, class)
			}
			want := 0.0
			if back := at - i; back >= 1 && back <= 12 {
				want = said.Influence.At.Earlier[back-1].Product / most
			}
			if got := float64(level-16) / 16; math.Abs(got-want) > 0.04 {
				t.Errorf("symbol %d, %d before the one pointed at, is coloured as %.2f, want %.2f", i, at-i, got, want)
			}
			if level != 16 {
				coloured++
			}
		}
		if coloured < 2 {
			t.Errorf("%d symbols are coloured", coloured)
		}
		b.picture("look-influence")
	})
	t.Run("influence by keys", func(t *testing.T) {
		b.t = t
		b.run(`document.querySelector("#text").focus()`)
		b.key(kb.ArrowRight)
		b.until(fmt.Sprintf(`document.querySelector("#details").innerText.includes("symbol %d of")`, at+2))
		if spoken := value[string](b, `document.querySelector("#spoken").textContent`); !strings.Contains(spoken, "most moved by ") {
			t.Errorf("said was %q", spoken)
		}
		if far := value[int](b, fmt.Sprintf(`Array.from(document.querySelectorAll("#text span")).filter((s, i) => !s.classList.contains("d16") && (i < %d || i > %d)).length`, at+1-12, at)); far > 0 {
			t.Errorf("%d symbols are still coloured that did not move this one", far)
		}
		b.key(kb.Escape)
	})
	t.Run("narrow and dark", func(t *testing.T) {
		b.t = t
		for _, group := range []string{"influence", "rank", "surprisal"} {
			b.group(group)
			if err := chromedp.Do(b.ctx, chromedp.EmulateViewport(360, 1400)); err != nil {
				t.Fatal(err)
			}
			for _, scheme := range []string{"dark", "light"} {
				params := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}}
				if _, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, params); err != nil {
					t.Fatal(err)
				}
				b.until(fmt.Sprintf(`matchMedia("(prefers-color-scheme:%s)").matches`, scheme))
				b.hover(at)
				if wide := value[int](b, `document.documentElement.scrollWidth`); wide > 360 {
					t.Errorf("coloured by %s the page is %d pixels wide, want 360", group, wide)
				}
				b.picture("look-narrow-" + group + "-" + scheme)
			}
		}
	})
	b.t = t
	b.calm()
}

// group colours the text by something that has no units.
func (b *tab) group(name string) {
	b.t.Helper()
	b.run(fmt.Sprintf(`document.querySelector("#group").value = %q; document.querySelector("#group").dispatchEvent(new Event("change"))`, name))
	b.until(fmt.Sprintf(`document.querySelector("#text").dataset.colouring === %q`, name))
}
