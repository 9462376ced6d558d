package page

import (
	"fmt"
	"html/template"
	"math"
	"strings"
)

// legends draws the scales, of which the page's script shows the one that is in use and writes its numbers.
func (p *Page) legends(surprise *Scale) template.HTML {
	var b strings.Builder
	for _, s := range []*Scale{surprise, rank, share, signed} {
		hidden, kind, what := " hidden", "", ""
		switch {
		case s == surprise:
			hidden, what = "", "bits: how surprising each symbol is, given all before it"
		case s == rank:
			kind, what = " ranks", "rank: how many symbols were as likely or likelier, itself included"
		case s.Low < 0:
			kind = " signed"
		}
		fmt.Fprintf(&b, `<div class="legend%s" id="legend-%s"%s><ol>`, kind, s.prefix, hidden)
		for level := range s.Levels {
			mark := ""
			switch {
			case s == rank:
				from, to := 1+int(math.Pow10(level-1)), int(math.Pow10(level))
				switch {
				case p.Size > 0 && from > p.Size:
					continue
				case level == 0:
					mark = "<b>1</b>"
				case level == s.Levels-1:
					mark = fmt.Sprintf("<b>%d+</b>", from)
				default:
					mark = fmt.Sprintf("<b>%d–%d</b>", from, to)
				}
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
