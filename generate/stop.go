package generate

import "strings"

// A stopper passes text on until the stop text appears, which it removes. It holds back an end of the text that may become the
// stop text.
type stopper struct {
	stop string // "" means never
	held string
}

// add adds the next piece of text. It returns the text to pass on, and whether the stop text has appeared.
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
