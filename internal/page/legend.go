package page

import (
	"fmt"
	"html/template"
	"strings"
)

// legends draws the scales, of which the page's script shows the one that is in use and writes its numbers.
func legends(surprise *Scale) template.HTML {
	var b strings.Builder
	for _, s := range []*Scale{surprise, share, signed} {
		hidden, kind, what := "", "", "bits: how surprising each symbol is, given all before it"
		if s != surprise {
			hidden, what = " hidden", ""
		}
		if s.Low < 0 {
			kind = " signed"
		}
		fmt.Fprintf(&b, `<div class="legend%s" id="legend-%s"%s><ol>`, kind, s.prefix, hidden)
		for level := range s.Levels {
			mark := ""
			switch {
			case s == surprise && level == s.Levels-1:
				mark = fmt.Sprintf("<b>%g+</b>", s.High)
			case s == surprise && level%4 == 0:
				mark = fmt.Sprintf("<b>%g</b>", s.High*float64(level)/float64(s.Levels-1))
			case s != surprise && (level == 0 || level == s.Levels-1 || s.Low < 0 && level == s.Levels/2):
				mark = fmt.Sprintf(`<b data-share="%g"></b>`, float64(level)/float64(s.Levels-1))
			}
			fmt.Fprintf(&b, `<li><span class="%s%d"></span>%s</li>`, s.prefix, level, mark)
		}
		fmt.Fprintf(&b, "</ol><p>%s</p></div>\n", what)
	}
	return template.HTML(b.String())
}
