package corpus

import "fmt"

// A FeedPosition is where a feed of pieces stands between two of them. It is all that the next time steps depend on beside the
// pieces, for a program to keep.
type FeedPosition struct {
	Last   int32 `json:"last"`   // symbol read last
	Fresh  bool  `json:"fresh"`  // the state restarts before it is read
	Spaced bool  `json:"spaced"` // a space is implied before the next word
	Text   bool  `json:"text"`   // the paragraph has a line that is not blank
	Line   bool  `json:"line"`   // the line at hand is not blank
}

// Position returns the position of a feed that has read all pieces. It panics before.
func (f *Feed) Position() FeedPosition {
	if f.text != nil || len(f.rest) > 0 {
		panic("corpus: Position of a feed that has not read its pieces")
	}
	return FeedPosition{f.last, f.fresh, f.spaced, f.splitter.text, f.splitter.line}
}

// FeedAt returns a feed of pieces that continues from a position.
func (a *Alphabet) FeedAt(documents Documents, p FeedPosition) (*Feed, error) {
	if p.Last < 0 || int(p.Last) >= a.Size() {
		return nil, fmt.Errorf("last is %d, the alphabet has %d symbols", p.Last, a.Size())
	}
	f := a.Feed(nil, documents)
	f.last, f.fresh, f.spaced = p.Last, p.Fresh, p.Spaced
	f.splitter.text, f.splitter.line = p.Text, p.Line
	return f, nil
}
