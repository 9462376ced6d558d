package report

import "testing"

// TestFigure: styles become attributes, and nothing but a picture comes through.
func TestFigure(t *testing.T) {
	const svg = `<?xml version="1.0"?><!-- made by --><svg width="10.5pt" height="3pt" viewBox="0 0 10 3" xmlns="http://www.w3.org/2000/svg" onload="alert(1)">
<script>alert(1)</script><g transform="scale(1, -1)"><path d="M0,0" style="fill:none;stroke:#000000;font-family:x" onclick="alert(1)" /></g>
<a href="javascript:alert(1)"><text x="1" style="fill:#D55E00">a &lt; b</text></a><foreignObject><p>x</p></foreignObject><text>c</text></svg>`
	got, err := inline([]byte(svg), `a "name"`)
	if err != nil {
		t.Fatal(err)
	}
	const want = `<svg role="img" aria-label="a &#34;name&#34;" width="10.5pt" viewBox="0 0 10 3">` + "\n" +
		`<g transform="scale(1, -1)"><path d="M0,0" fill="none" stroke="currentColor"></path></g>` + "\n" + `<text>c</text></svg>`
	if got != want {
		t.Errorf("figure is\n%s, want\n%s", got, want)
	}
	for _, bad := range []string{"", "<svg>", "<p>x</p>", "no"} {
		if got, err := inline([]byte(bad), "x"); err == nil {
			t.Errorf("%q is a figure: %s", bad, got)
		}
	}
}
