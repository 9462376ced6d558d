package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

const (
	written = `document.querySelectorAll("#write-reading .text span:not(.pen)").length`
	idle    = `document.querySelector("#write-stop").disabled`
	film    = `document.querySelector("#fresh-units").toDataURL()`
	prose   = `Array.from(document.querySelectorAll("#write-reading .text > div"), d => d.textContent).join("\n")`
)

// TestServedPage does everything that the page of elman serve offers.
func TestServedPage(t *testing.T) {
	chromium(t)
	elman, folder := program(t), t.TempDir()
	play := filepath.Join(folder, "play.txt")
	if err := os.WriteFile(play, []byte(elman("corpus", "play", "--size", "60000", "--seed", "7")), 0o666); err != nil {
		t.Fatal(err)
	}
	run := filepath.Join(folder, "play")
	steps, units, size, seconds := "250", "16", "30000", "20"
	if forDocs() {
		steps, units, size, seconds = "1500", "128", "300000", "180"
	}
	elman("train", play, "--cell", "lstm", "--hidden", "48", "--layers", "2", "--steps-total", steps, "--out", run, "--quiet")
	address := served(t, folder, run, "--save-in", filepath.Join(folder, "kept"))
	b := visit(t, address+"/")
	b.until(`document.body.dataset.ready === "yes"`)

	t.Run("write", func(t *testing.T) {
		b.t = t
		b.fill("#prompt", "ROMEO:\n")
		b.fill("#length", "200")
		b.fill("#seed", "7")
		b.fill("#pace", "0")
		b.fill("#temperature", "0.7")
		b.press("#write-go")
		b.until(idle + ` && ` + written + ` === 207`)
		want := elman("sample", run, "--prompt", "ROMEO:\n", "--length", "200", "--seed", "7", "--temperature", "0.7")
		if got := value[string](b, prose); strings.TrimRight(got, "\n") != strings.TrimRight(want, "\n") {
			t.Errorf("the page wrote\n%s\nelman sample writes\n%s", got, want)
		}
		if given := value[int](b, `document.querySelectorAll("#write-reading .given").length`); given != 7 {
			t.Errorf("%d symbols are marked as given, want 7", given)
		}
		if colours := value[int](b, `new Set(Array.from(document.querySelectorAll("#write-reading .text span"), s => getComputedStyle(s).backgroundColor)).size`); colours < 5 {
			t.Errorf("%d colours", colours)
		}
	})
	t.Run("point, and branch by the mouse", func(t *testing.T) {
		b.t = t
		b.hoverOver("#write-reading .text span", 40)
		b.until(`document.querySelector("#write-reading .details").innerText.includes("symbol 41 of 207")`)
		before := value[string](b, prose)
		b.run(`document.querySelectorAll("#write-reading .text span")[40].click()`)
		second := value[string](b, `document.querySelectorAll("#write-reading .guess")[1].textContent`)
		b.run(`document.querySelectorAll("#write-reading .guess")[1].click()`)
		b.until(idle + ` && ` + written + ` === 241`)
		if chosen := value[string](b, `document.querySelector("#write-reading .chosen")?.textContent ?? ""`); chosen != second && second != "␣" && second != "↵" {
			t.Errorf("the symbol taken is %q, want %q", chosen, second)
		}
		after := value[string](b, prose)
		if cut := strings.Count(before[:45], "\n") + 40; len(after) < cut || after[:39] != before[:39] {
			t.Errorf("what stands before the branch has changed:\n%s\nwas\n%s", after, before)
		}
		b.press("#write-undo")
		if got := value[string](b, prose); got != before {
			t.Errorf("undone it reads\n%s\nwant\n%s", got, before)
		}
	})
	t.Run("by keys", func(t *testing.T) {
		b.t = t
		b.run(`document.querySelector("#write-reading .text").focus()`)
		b.key(kb.ArrowRight)
		for range 11 {
			b.key(kb.ArrowRight)
		}
		b.until(`document.querySelector("#write-reading .details").innerText.includes("of 207")`)
		if said := value[string](b, `document.querySelector("#spoken").textContent`); !strings.HasSuffix(said, " bits") {
			t.Errorf("said was %q", said)
		}
		b.key(kb.ArrowDown)
		b.key(kb.Home)
		b.key(kb.End)
		at := value[int](b, `document.querySelector("#write-reading .at").at`)
		b.key("2")
		b.until(fmt.Sprintf(idle+` && `+written+` === %d`, at+1+200))
		if chosen := value[int](b, `document.querySelector("#write-reading .chosen").at`); chosen != at {
			t.Errorf("the key took a guess in place of symbol %d, want %d", chosen, at)
		}
		b.key(kb.ArrowRight)
		b.key(kb.Enter)
		b.until(fmt.Sprintf(idle+` && `+written+` === %d`, at+2+200))
	})
	t.Run("more, stop and pace", func(t *testing.T) {
		b.t = t
		before := value[int](b, written)
		b.press("#write-more")
		b.until(fmt.Sprintf(idle+` && `+written+` === %d`, before+200))
		b.fill("#pace", "12")
		b.press("#write-more")
		b.until(fmt.Sprintf(written+` > %d`, before+203))
		b.press("#write-stop")
		b.until(idle)
		if n := value[int](b, written); n > before+360 {
			t.Errorf("%d symbols were written before it stopped", n)
		}
		b.fill("#pace", "0")
	})
	t.Run("units and gates", func(t *testing.T) {
		b.t = t
		b.run(`document.querySelector("#inside-box").open = true`)
		b.until(`document.querySelector("#film").checkVisibility() && document.querySelector("#quantity").options.length === 6`)
		if layers := value[int](b, `document.querySelector("#layer").options.length`); layers != 2 {
			t.Errorf("%d layers can be chosen", layers)
		}
		for _, q := range []string{"tanh c", "f", "h"} {
			b.fill("#quantity", q)
			b.until(`document.querySelector("#cells-caption").textContent.startsWith("48 units")`)
		}
		b.fill("#layer", "1")
		b.run(`document.querySelector("#cells").dispatchEvent(new MouseEvent("click", { clientX: document.querySelector("#cells").getBoundingClientRect().x + 80, clientY: document.querySelector("#cells").getBoundingClientRect().y + 5 }))`)
		b.until(`document.querySelector("#unit").value !== "0"`)
		b.press("#by-unit")
		b.until(`Array.from(document.querySelectorAll("#write-reading .text span:not(.pen)")).every(s => /^d\d/.test(s.className)) && !document.querySelector("#legend-d").hidden`)
		colours := `new Set(Array.from(document.querySelector("#film").getContext("2d").getImageData(0, 0, 100, 48).data)).size`
		if n := value[int](b, colours); n < 10 {
			t.Errorf("the film of units has %d shades", n)
		}
		b.press("#by-unit")
		b.until(`document.querySelector("#write-reading .text span").className.startsWith("s")`)
		b.press("#write-go")
		b.until(idle + ` && ` + written + ` === 207`)
		b.lookAround("write")
	})
	t.Run("at once, where somebody wants nothing to move, and with all settings", func(t *testing.T) {
		b.t = t
		params := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-reduced-motion", Value: "reduce"}}}
		if _, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, params); err != nil {
			t.Fatal(err)
		}
		b.run(`document.querySelector("#write details").open = true`)
		for id, x := range map[string]string{"#pace": "12", "#length": "700", "#top-k": "5", "#top-p": "0.9", "#seed": "3", "#temperature": "1.2", "#prompt": ""} {
			b.fill(id, x)
		}
		b.press("#keep-seed")
		b.run(`document.querySelector("#prompt").focus()`)
		if err := chromedp.Do(b.ctx, chromedp.KeyEvent(kb.Enter, chromedp.KeyModifiers(chromedp.ModifierCtrl))); err != nil {
			t.Fatal(err)
		}
		b.until(idle + ` && ` + written + ` === 700`) // at that pace it would take a minute
		want := elman("sample", run, "--length", "700", "--seed", "3", "--temperature", "1.2", "--top-k", "5", "--top-p", "0.9")
		if got := value[string](b, prose); strings.TrimRight(got, "\n") != strings.TrimRight(want, "\n") {
			t.Errorf("the page wrote\n%s\nelman sample writes\n%s", got, want)
		}
		if seed := value[string](b, `document.querySelector("#seed").value`); seed != "3" {
			t.Errorf("the seed has become %s", seed)
		}
		for id, x := range map[string]string{"#pace": "0", "#length": "200", "#top-k": "0", "#top-p": "1", "#temperature": "0.7"} {
			b.fill(id, x)
		}
	})
	t.Run("score, and write on from there", func(t *testing.T) {
		b.t = t
		text := "ROMEO:\nBut soft, what light through yonder window breaks? café\n"
		file := filepath.Join(folder, "soft.txt")
		if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		b.press("#tab-score")
		b.fill("#score-text", text)
		b.press("#score button.main")
		b.until(`document.querySelector("#score-sum").textContent.includes("bits per character")`)
		shown := value[string](b, `document.querySelector("#score-sum").textContent`)
		if want := elman("score", run, file); !strings.Contains(want, strings.Fields(shown)[0]) {
			t.Errorf("the page scored %s, want what is in %s", shown, want)
		}
		if n := value[int](b, `document.querySelectorAll("#score-reading .text span").length`); n != len([]rune(text)) {
			t.Errorf("%d symbols, want %d", n, len([]rune(text)))
		}
		b.lookAround("score")
		b.hoverOver("#score-reading .text span", 12)
		b.until(`document.querySelector("#score-reading .details").innerText.includes("symbol 13 of")`)
		b.run(`document.querySelector("#score-reading .acts button").click()`)
		b.until(`document.querySelector("#view-write").checkVisibility() && ` + idle + ` && ` + written + ` === 213`)
		if got := value[string](b, prose); !strings.HasPrefix(got, text[:13]) {
			t.Errorf("the page wrote %q after %q", got, text[:13])
		}
	})
	t.Run("keys go through the tabs", func(t *testing.T) {
		b.t = t
		b.run(`document.querySelector("#tab-write").focus()`)
		b.key(kb.ArrowRight)
		b.until(`document.querySelector("#view-score").checkVisibility() && document.activeElement.id === "tab-score"`)
		b.key(kb.End)
		b.until(`document.querySelector("#view-learn").checkVisibility() && location.hash === "#learn"`)
	})
	t.Run("watch it learn", func(t *testing.T) {
		b.t = t
		b.press("#tab-learn")
		b.fill("#language", "play")
		b.fill("#size", size)
		b.fill("#cell", "gru")
		b.fill("#hidden", units)
		b.fill("#seconds", seconds)
		b.press("#learn-go")
		b.until(`document.querySelectorAll("#curve .gram").length >= 2 && document.querySelector("#curve line.floor") !== null`)
		b.until(`document.querySelectorAll("#curve .dot").length > 10 && document.querySelectorAll("#fresh span").length > 60`)
		b.until(`document.querySelector("#history").max > 4 && document.querySelector("#curve polyline.valid") !== null`)
		b.patiently(`document.querySelectorAll("#curve line.passed").length > 0`)
		b.fill("#history", "0")
		b.until(`document.querySelector("#fresh-title").textContent.startsWith("What it wrote after step")`)
		first, early := value[string](b, `document.querySelector("#fresh").textContent`), value[string](b, film)
		b.run(`document.querySelector("#history").value = document.querySelector("#history").max; document.querySelector("#history").dispatchEvent(new Event("input"))`)
		b.until(`document.querySelector("#fresh-title").textContent === "What it writes now"`)
		if value[string](b, `document.querySelector("#fresh").textContent`) == first || value[string](b, film) == early {
			t.Error("the sample and the units are still the first ones")
		}
		b.patiently(`document.querySelector("#learned").checkVisibility()`)
		b.lookAround("learn")
	})
	t.Run("a link has the settings, and the command trains the same", func(t *testing.T) {
		b.t = t
		const link = "#learn?language=letters&size=30000&cell=elman&hidden=16&layers=2&steps=80&seed=5&report_every=20&documents=whole"
		b.run(`location.hash = "` + link + `"`)
		b.until(`document.querySelector("#steps-label").checkVisibility() && document.querySelector("#cell").value === "elman"`)
		b.press("#learn-go")
		b.until(`!document.querySelector("#learned").checkVisibility()`)
		b.patiently(`document.querySelector("#learned").checkVisibility()`)
		b.run(`document.querySelector("#same").open = true`)
		if shown := value[string](b, `document.querySelector("#link").getAttribute("href")`); !sameQuery(shown, link) {
			t.Errorf("the link is %s, want %s", shown, link)
		}
		hash := value[string](b, `document.querySelector("#hash").textContent`)
		command := strings.Fields(value[string](b, `document.querySelector("#command").textContent`))
		again := filepath.Join(folder, "again")
		elman(append(command[1:], "--out", again, "--quiet")...)
		if got := strings.TrimSpace(elman("hash", again)); got != hash {
			t.Errorf("%s gets %s, the page says %s", strings.Join(command, " "), got, hash)
		}
	})
	t.Run("save, and write with it", func(t *testing.T) {
		b.t = t
		b.fill("#save-name", "mine")
		b.press("#save-go")
		b.until(`document.querySelector("#saved").textContent === "saved as mine"`)
		if got, want := strings.TrimSpace(elman("hash", filepath.Join(folder, "kept", "mine"))), value[string](b, `document.querySelector("#hash").textContent`); got != want {
			t.Errorf("the folder has a model of hash %s, want %s", got, want)
		}
		b.press("#learn-write")
		b.until(`document.querySelector("#view-write").checkVisibility() && document.querySelector("#model").value.startsWith("t") && ` + idle + ` && ` + written + ` >= 200`)
		b.fill("#model", "play")
		b.until(`document.querySelector("#model-about").textContent.startsWith("lstm, 2 layers")`)
	})
	t.Run("learn a text, stop, and be found again", func(t *testing.T) {
		b.t = t
		b.press("#tab-learn")
		b.fill("#steps", "0")
		b.run(`location.hash = "#learn?cell=lstm&hidden=16"`)
		b.until(`!document.querySelector("#steps-label").checkVisibility()`)
		b.press(`input[value=text]`)
		b.press("#learn-go")
		b.until(`document.querySelector("#problem").textContent.includes("Paste a text")`)
		b.fill("#learn-text", "too short")
		b.press("#learn-go")
		b.until(`document.querySelector("#problem").textContent.includes("must have 400")`)
		b.fill("#learn-text", strings.Repeat("anna\nbertha\nclara\n", 300))
		b.press("#lines")
		b.fill("#seconds", "60")
		b.press("#learn-go")
		b.until(`document.querySelectorAll("#curve .dot").length > 3`)
		if err := chromedp.Do(b.ctx, chromedp.Reload()); err != nil {
			t.Fatal(err)
		}
		b.until(`document.body?.dataset.ready === "yes"`)
		b.press("#tab-learn")
		b.until(`document.querySelectorAll("#curve .dot").length > 3`)
		b.press("#learn-stop")
		b.until(`document.querySelector("#verdict").checkVisibility() && document.querySelector("#verdict").textContent.startsWith("Stopped early")`)
	})
	b.t = t
	for i, c := range b.complaints { // the two trainings that were refused, on purpose
		if strings.Contains(c, "400") {
			b.complaints[i] = ""
		}
	}
	b.complaints = without(b.complaints, "")
	b.calmAt(address)
}

func without(all []string, x string) (rest []string) {
	for _, y := range all {
		if y != x {
			rest = append(rest, y)
		}
	}
	return rest
}

// TestServedWithoutModel: without a model the page offers to watch one learn; without training either, it says so.
func TestServedWithoutModel(t *testing.T) {
	chromium(t)
	folder := t.TempDir()
	address := served(t, folder)
	b := visit(t, address+"/")
	b.until(`document.body.dataset.ready === "yes" && document.querySelector("#view-learn").checkVisibility()`)
	if value[bool](b, `document.querySelector("#model-label").checkVisibility()`) {
		t.Error("a model can be chosen, and there is none")
	}
	b.press("#tab-write")
	b.until(`document.querySelector("#write-go").disabled && document.querySelector("#model-about").textContent.includes("no model yet")`)
	b.lookAround("nothing")
	b.press("#tab-learn")
	b.fill("#seconds", "20")
	b.fill("#size", "30000")
	b.press("#learn-go")
	b.until(`document.querySelectorAll("#curve .dot").length > 5`)
	b.press("#learn-stop")
	b.until(`document.querySelector("#learned").checkVisibility()`)
	b.press("#learn-write")
	b.until(`document.querySelectorAll("#write-reading .text span:not(.pen)").length > 20`)
	b.calmAt(address)
}

// TestServedKey: a page of a server with keys asks for one.
func TestServedKey(t *testing.T) {
	chromium(t)
	elman, folder := program(t), t.TempDir()
	text, run, keys := filepath.Join(folder, "text"), filepath.Join(folder, "run"), filepath.Join(folder, "keys")
	for name, content := range map[string]string{text: strings.Repeat("ba dii guuu\n", 100), keys: "a-key-of-some-length\n"} {
		if err := os.WriteFile(name, []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	elman("train", text, "--steps-total", "20", "--hidden", "8", "--window", "8", "--batch", "2", "--out", run, "--quiet")
	b := visit(t, served(t, folder, run, "--api-key-file", keys, "--no-training")+"/")
	b.until(`document.body.dataset.ready === "yes" && document.querySelector("#key").checkVisibility()`)
	b.lookAround("key")
	b.fill("#key-value", "a-key-of-some-length")
	b.press("#key button")
	b.until(`!document.querySelector("#key").checkVisibility() && document.querySelector("#model").value === "run"`)
	if value[bool](b, `document.querySelector("#tab-learn").checkVisibility()`) {
		t.Error("the page offers trainings where there are none")
	}
	b.press("#write-go")
	b.until(`document.querySelectorAll("#write-reading .text span:not(.pen)").length > 20`)
}
