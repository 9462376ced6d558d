package generate

// A stopper finds the first stop text in a text that comes piece by piece, by the automaton of Knuth, Morris and Pratt, so that
// long stop texts take no more time than short ones.
type stopper []stopText

type stopText struct {
	text    string
	border  []int // of each beginning of the text, the length of its longest proper end that is also a beginning
	matched int   // the longest end of what was read that is a beginning of the text
}

func newStopper(texts []string) (s stopper) {
	for _, text := range texts {
		if text == "" { // never appears
			continue
		}
		t := stopText{text: text, border: make([]int, len(text)+1)}
		for i := 1; i < len(text); i++ {
			t.matched = t.next(text[i])
			t.border[i+1] = t.matched
		}
		t.matched = 0
		s = append(s, t)
	}
	return s
}

// next returns what is matched after one more byte.
func (t *stopText) next(b byte) int {
	n := t.matched
	for n > 0 && t.text[n] != b {
		n = t.border[n]
	}
	if t.text[n] == b {
		n++
	}
	return n
}

// add reads the next piece. If a stop text has appeared, it returns how many bytes ago the first one begins; else how many bytes at
// the end may become a stop text.
func (s stopper) add(piece string) (bytes int, stopped bool) {
	for i := range s {
		t := &s[i]
		for j := range len(piece) {
			if t.matched = t.next(piece[j]); t.matched < len(t.text) {
				continue
			}
			if from := len(t.text) + len(piece) - 1 - j; from > bytes || !stopped {
				bytes = from
			}
			stopped = true
			break
		}
		if !stopped {
			bytes = max(bytes, t.matched)
		}
	}
	return bytes, stopped
}
