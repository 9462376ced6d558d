package serve

import (
	"bytes"
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/score"
	"github.com/seed-f4dd853e/elman/score/units"
)

// ScoreRequest asks for the surprisal of a text, or of lines.
type ScoreRequest struct {
	Model     string   `json:"model,omitempty" doc:"may be left out if there is only one"`
	Text      *string  `json:"text,omitempty" doc:"a text, scored as elman score does a file"`
	Lines     []string `json:"lines,omitempty" doc:"in place of text: lines, each a text of its own with a line break after it, as by elman score --per line --documents line"`
	Documents string   `json:"documents,omitempty" doc:"where the state restarts: whole, line or paragraph; left out: as the model was trained"`
	Per       string   `json:"per,omitempty" doc:"what the answer tells beside the sum: symbol, word or line; left out: nothing, of lines each line"`
	Top       int      `json:"top,omitempty" doc:"with per symbol: how many likely symbols to tell of at each position"`
	Stream    bool     `json:"stream,omitempty" doc:"with per symbol: tell symbols as they are scored, in server-sent events; the last has the sum"`
}

// ScoreAnswer has the surprisal of a text in bits, -log2 p. Its numbers are those of elman score --format json.
type ScoreAnswer struct {
	Model       string         `json:"model"`
	Fingerprint string         `json:"system_fingerprint"`
	Symbols     []ScoredSymbol `json:"symbols,omitempty"`
	Words       []ScoredWord   `json:"words,omitempty"`
	Lead        float64        `json:"lead_bits,omitempty" doc:"with per word: bits of white space before the first word"`
	Lines       []ScoredLine   `json:"lines,omitempty"`
	Sum         *score.Figures `json:"sum,omitempty" doc:"of the whole text; missing in all events of a stream but the last"`
}

// ScoredSymbol is a symbol of a text with its surprisal.
type ScoredSymbol struct {
	Text     string   `json:"text"`
	Hex      string   `json:"hex,omitempty" doc:"the bytes of a text that is not valid UTF-8"`
	ID       int32    `json:"id"`
	Bits     float64  `json:"bits"`
	AtLeast  bool     `json:"at_least,omitempty"`
	Unknown  bool     `json:"oov,omitempty" doc:"the alphabet lacks it"`
	Spelling float64  `json:"spelling_bits,omitempty" doc:"the part of bits that spells it"`
	Top      []Likely `json:"top,omitempty"`
}

// Likely is a symbol that might have come.
type Likely struct {
	Text   string   `json:"text"`
	Hex    string   `json:"hex,omitempty"`
	ID     int32    `json:"id"`
	P      *float64 `json:"p,omitempty" doc:"its probability"`
	Bits   float64  `json:"bits"`
	Escape bool     `json:"escape,omitempty" doc:"stands for every symbol that the alphabet lacks"`
}

// ScoredWord is a word with its surprisal, the event that it ends included.
type ScoredWord struct {
	Line      int     `json:"line"`
	Position  int     `json:"position" doc:"in its line, from 1"`
	Word      string  `json:"word"`
	Start     int     `json:"start" doc:"byte of the text where it begins"`
	End       int     `json:"end"`
	CharStart int     `json:"char_start"`
	CharEnd   int     `json:"char_end"`
	Length    int     `json:"length" doc:"characters"`
	Bits      float64 `json:"bits"`
	Space     float64 `json:"space_bits" doc:"of the white space after it, without the event that it begins"`
	Entropy   float64 `json:"entropy" doc:"of the prediction of its first symbol"`
	Rank      int     `json:"rank" doc:"of its first symbol"`
	Unknown   int     `json:"oov"`
	Spelling  float64 `json:"spelling_bits"`
	Hex       string  `json:"hex,omitempty"`
}

// ScoredLine is a line with its surprisal, that of its line break included.
type ScoredLine struct {
	Line int `json:"line"`
	score.Figures
	Text string `json:"text"`
	Hex  string `json:"hex,omitempty"`
}

// check judges a request and returns the lines to score.
func (q *ScoreRequest) check(l Limits) (lines [][]byte, err error) {
	switch {
	case (q.Text == nil) == (q.Lines == nil):
		return nil, Invalid("text", "give either text or lines")
	case q.Per == "" && q.Lines != nil:
		q.Per = "line"
	}
	switch q.Per {
	case "", "symbol", "word", "line":
	default:
		return nil, Invalid("per", "per is %.40q, must be symbol, word or line", q.Per)
	}
	switch q.Documents {
	case "", string(corpus.Whole), string(corpus.Lines), string(corpus.Paragraphs):
	default:
		return nil, Invalid("documents", "documents is %.40q, must be whole, line or paragraph", q.Documents)
	}
	switch {
	case q.Lines != nil && cmp.Or(q.Documents, string(corpus.Lines)) != string(corpus.Lines):
		return nil, Invalid("documents", "each of lines is a text of its own; give a text to score it as a whole")
	case q.Top < 0 || q.Top > l.Logprobs:
		return nil, Invalid("top", "top is %d, must be 0 to %d", q.Top, l.Logprobs)
	case (q.Top > 0 || q.Stream) && q.Per != "symbol":
		return nil, Invalid("per", "top and stream are for per symbol")
	}
	if q.Lines != nil {
		q.Documents = string(corpus.Lines)
		for i, line := range q.Lines {
			if strings.Contains(line, "\n") {
				return nil, Invalid("lines", "lines[%d] has a line break in it", i)
			}
			lines = append(lines, []byte(line+"\n"))
		}
		return lines, nil
	}
	for line := range bytes.Lines([]byte(*q.Text)) {
		lines = append(lines, line)
	}
	return lines, nil
}

func (s *Server) score(w http.ResponseWriter, r *http.Request) error {
	var q ScoreRequest
	if err := ReadJSON(w, r, &q, true); err != nil {
		return err
	}
	lines, err := q.check(s.limits)
	if err != nil {
		return err
	}
	m, err := s.use(r, q.Model)
	if err != nil {
		return err
	}
	defer s.models.giveBack(m)
	a := &scoring{q: &q, m: m.m.Model, lines: lines, most: s.limits.Answer, answer: ScoreAnswer{Model: m.name, Fingerprint: m.hash}}
	if q.Stream {
		a.events = NewEvents(w)
		a.event = a.answer
	}
	err = s.pool.do(r.Context(), note(r).client, func(t *turn) error {
		a.turn = t
		return a.run(t.ctx)
	})
	note(r).prompt = int(a.sum.Symbols)
	s.metrics.symbols.WithLabelValues(m.name, "scored").Add(float64(a.sum.Symbols))
	switch {
	case err != nil && q.Stream:
		return a.events.Fail(err)
	case err != nil:
		return err
	case q.Stream:
		a.event.Sum = a.answer.Sum
		a.events.Send(a.event)
		return a.events.Done()
	}
	WriteJSON(w, http.StatusOK, a.answer)
	return nil
}

// A scoring makes the answer to one request.
type scoring struct {
	q     *ScoreRequest
	m     *model.Model
	lines [][]byte
	most  int

	sums   []score.Sum // of lines
	sum    score.Sum   // of the whole text
	words  words
	room   int // numbers in the answer so far
	answer ScoreAnswer
	events *Events // nil unless the answer is streamed
	event  ScoreAnswer
	turn   *turn
}

// rowNumbers is how many numbers a word or a line has in an answer.
const rowNumbers = 8

// run scores the lines as elman score does those of a file, to the same numbers.
func (a *scoring) run(ctx context.Context) error {
	perWord := a.q.Per == "word"
	scorer := score.New(a.m, score.Extras{Entropy: perWord, Rank: perWord, End: perWord, Top: a.q.Top})
	if a.q.Documents != "" {
		scorer.Documents = corpus.Documents(a.q.Documents)
	}
	switch {
	case perWord:
		a.room = rowNumbers * a.words.begin(a.lines, a.m.Alphabet.Kind().OfBytes())
	case a.q.Per == "line":
		a.room = rowNumbers * len(a.lines)
	}
	if a.room > a.most {
		return Invalid("per", "the answer would have more than %d numbers (%d for each %s); score a part of the text at a time", a.most, rowNumbers, a.q.Per)
	}
	a.sums = make([]score.Sum, len(a.lines))
	score := scorer.Pieces
	if scorer.Documents == corpus.Lines {
		score = scorer.Lines
	}
	err := score(ctx, a.lines, a.symbol)
	for _, sum := range a.sums {
		a.sum.Join(sum)
	}
	if err != nil {
		return a.inLine(err)
	}
	figures := a.sum.Figures()
	a.answer.Sum = &figures
	switch a.q.Per {
	case "word":
		a.answer.Words, a.answer.Lead = a.words.all(a.lines)
	case "line":
		for i, line := range a.lines {
			text := strings.TrimSuffix(string(line), "\n")
			a.answer.Lines = append(a.answer.Lines, ScoredLine{i + 1, a.sums[i].Figures(), text, hexOf(text)})
		}
	}
	return nil
}

// inLine says in which line an unknown symbol is.
func (a *scoring) inLine(err error) error {
	if line, ok := errors.AsType[*score.TextError](err); ok {
		field := "text"
		if a.q.Lines != nil {
			field = "lines"
		}
		return Invalid(field, "line %d: %v", line.Text+1, line.Err)
	}
	return err
}

func (a *scoring) symbol(line int, x score.Symbol) error {
	a.sums[line].Add(x)
	switch a.q.Per {
	case "word":
		a.words.groupers[line].Add(x) // it fails only if units must be apart
	case "symbol":
		return a.tell(x)
	}
	return nil
}

// eventSymbols is how many symbols come in one event.
const eventSymbols = 64

// tell adds a symbol to the answer.
func (a *scoring) tell(x score.Symbol) error {
	text := string(x.Text)
	told := ScoredSymbol{Text: text, Hex: hexOf(text), ID: x.ID, Bits: x.Bits.Float(), AtLeast: x.Bits == score.MaxBits, Unknown: x.Spelling > 0, Spelling: x.Spelling.Float()}
	for _, other := range x.Top {
		piece := a.m.Alphabet.Piece(x.Previous, other.ID)
		told.Top = append(told.Top, Likely{Text: piece, Hex: hexOf(piece), ID: other.ID, Bits: other.Bits.Float(), Escape: other.ID == a.m.Alphabet.Escape()})
	}
	if a.events == nil {
		if a.room += 1 + len(told.Top); a.room > a.most {
			return Invalid("stream", "the answer would have more than %d numbers, the most without stream; ask for a stream, for less of top, or for a shorter text", a.most)
		}
		a.answer.Symbols = append(a.answer.Symbols, told)
		return nil
	}
	if a.event.Symbols = append(a.event.Symbols, told); len(a.event.Symbols) < eventSymbols {
		return nil
	}
	err := a.turn.without(func() error { return a.events.Send(a.event) }) // for as long as the client likes
	a.event.Symbols = a.event.Symbols[:0]
	return err
}

// words are the words of lines.
type words struct{ groupers []*units.Grouper }

// begin finds the words, and returns how many rows they are, where a line has one at least.
func (ws *words) begin(lines [][]byte, ascii bool) (n int) {
	for _, line := range lines {
		spans := units.Words(line, ascii)
		ws.groupers = append(ws.groupers, units.New(spans, units.Rule{Ends: true, ASCII: ascii}))
		n += max(1, len(spans))
	}
	return n
}

// all returns the words, and the bits of white space before the first. White space at the beginning of a line follows the last word
// before it.
func (ws *words) all(lines [][]byte) (all []ScoredWord, lead float64) {
	var first, space score.Bits // of white space before all words, and after the last
	offset, chars := 0, 0
	for i, line := range lines {
		if len(all) == 0 {
			first = first.Plus(ws.groupers[i].Lead)
		} else {
			space = space.Plus(ws.groupers[i].Lead)
			all[len(all)-1].Space = space.Float()
		}
		at, before := 0, chars
		for k, u := range units.Fold([][]units.Unit{ws.groupers[i].Units()})[0] {
			text := string(line[u.Start:u.End])
			before += utf8.RuneCount(line[at:u.Start])
			at = u.Start
			n := utf8.RuneCountInString(text)
			space = u.Space
			all = append(all, ScoredWord{
				Line: i + 1, Position: k + 1, Word: text, Start: offset + u.Start, End: offset + u.End, CharStart: before, CharEnd: before + n, Length: n,
				Bits: u.Bits.Float(), Space: u.Space.Float(), Entropy: u.Entropy.Float(), Rank: u.Rank, Unknown: u.Unknown, Spelling: u.Spelling.Float(), Hex: hexOf(text),
			})
		}
		offset, chars = offset+len(line), chars+utf8.RuneCount(line)
	}
	return all, first.Float()
}

// hexOf returns a text in hexadecimal if it is not valid UTF-8, else "".
func hexOf(text string) string {
	if utf8.ValidString(text) {
		return ""
	}
	return hex.EncodeToString([]byte(text))
}
