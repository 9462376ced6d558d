package webpage

import (
	"bytes"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// TestFilesAreSmall: a page must load at once on any line.
func TestFilesAreSmall(t *testing.T) {
	for _, b := range []Backend{HTTP, Tab} {
		size := 0
		for _, file := range Files(b) {
			size += len(file)
		}
		if t.Logf("%s: %d bytes", b, size); size > 150_000 {
			t.Errorf("the page for %s has %d bytes, want at most 150,000", b, size)
		}
	}
}

// TestFilesAskForNothingElse: no file names an address, and all that the page loads is there.
func TestFilesAskForNothingElse(t *testing.T) {
	for _, b := range []Backend{HTTP, Tab} {
		files := Files(b)
		for name, file := range files {
			for _, address := range regexp.MustCompile(`(?i)(https?:)?//[a-z0-9-]+\.[a-z.]+[^\s"'<]*`).FindAll(file, -1) {
				if !bytes.Contains(address, []byte("www.w3.org/2000/svg")) {
					t.Errorf("%s for %s names %s", name, b, address)
				}
			}
		}
		for _, found := range regexp.MustCompile(`(?:src|href)="([^"#]+)"`).FindAllSubmatch(files["index.html"], -1) {
			if files[string(found[1])] == nil {
				t.Errorf("index.html for %s loads %s, which there is not", b, found[1])
			}
		}
		if html := string(files["index.html"]); strings.Contains(html, "<script>") || strings.Contains(html, "style=") || strings.Contains(html, "onclick") {
			t.Errorf("index.html for %s has a script or a style that its policy forbids", b)
		}
	}
}

// TestScriptIsOneBlock: Node reads it, where there is one, so that a slip shows without a browser. Every element that it names is in
// the page.
func TestScriptIsOneBlock(t *testing.T) {
	for _, b := range []Backend{HTTP, Tab} {
		files := Files(b)
		script := string(files["page.js"])
		for _, found := range regexp.MustCompile(`element\("([a-z-]+)"\)`).FindAllStringSubmatch(script, -1) {
			if !strings.Contains(string(files["index.html"]), `id="`+found[1]+`"`) {
				t.Errorf("the script for %s names #%s, which the page has not", b, found[1])
			}
		}
		node, err := exec.LookPath("node")
		if err != nil {
			t.Skip("there is no node here: the script was not parsed")
		}
		c := exec.Command(node, "--check", "-")
		c.Stdin = strings.NewReader(script)
		if out, err := c.CombinedOutput(); err != nil {
			t.Errorf("the script for %s: %v\n%s", b, err, out)
		}
	}
}
