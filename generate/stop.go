package generate

import "strings"

// A stopper passes text through until the stop text appears, which it swallows. An end of the text that may yet become the
// stop text is held back.
type stopper struct {
	stop string // "": never
	held string
}

// add takes the next piece of text and returns what can be passed on, and whether the stop text has appeared.
func (s *stopper) add(piece string) (out string, stopped bool) {
	if s.stop == "" {
		return piece, false
	}
	s.held += piece
	if i := strings.Index(s.held, s.stop); i >= 0 {
		return s.held[:i], true
	}
	for i := max(0, len(s.held)-len(s.stop)+1); i <= len(s.held); i++ {
		if strings.HasPrefix(s.stop, s.held[i:]) { // the longest such end; at the latest, the empty one
			out, s.held = s.held[:i], s.held[i:]
			return out, false
		}
	}
	panic("unreachable: every text has the empty prefix")
}
