package torch

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/setting"
)

// alphabet returns the symbol of each row of the output layer, and what the alphabet is called in the checkpoint if it is from there.
func (c *checkpoint) alphabet(l *layout, o Options) (symbols []string, where string, err error) {
	V := l.symbols
	if o.Symbols != "" && !slices.Contains([]corpus.Kind{corpus.Bytes, corpus.Chars, corpus.Words}, o.Symbols) {
		return nil, "", setting.Errorf("%v is %.20q, must be bytes, chars or words", symbolsName, string(o.Symbols))
	}
	if o.Alphabet != nil {
		symbols, err = readAlphabet(o.Alphabet, V)
		if err != nil {
			return nil, "", setting.Errorf("%v: %v", alphabetName, err)
		}
		return symbols, "", nil
	}
	all := findAlphabets(c.rest)
	var fit []listing
	for _, a := range all {
		if len(a.symbols) == V && !slices.ContainsFunc(fit, func(b listing) bool { return slices.Equal(a.symbols, b.symbols) }) {
			fit = append(fit, a)
		}
	}
	switch {
	case len(fit) == 1:
		return fit[0].symbols, fit[0].name, nil
	case len(fit) > 1:
		return nil, "", setting.Errorf("the file has two alphabets, %s and %s; say which it is: %v FILE", quote(fit[0].name), quote(fit[1].name), alphabetName)
	}
	if o.Symbols == corpus.Bytes && V == 256 {
		for b := range V {
			symbols = append(symbols, string(rune(b)))
		}
		return symbols, "", nil
	}
	beside := ""
	for _, a := range all {
		if a.known() {
			beside = "; " + quote(a.name) + " " + a.describe()
		}
	}
	return nil, "", setting.Errorf("no alphabet of %d symbols, one for each row of the output layer, is in the file%s; give one: %v FILE", V, beside, alphabetName)
}

// escapes are what vocabularies call the symbol that stands for those they lack.
var escapes = []string{"<unk>", "<UNK>", "[UNK]", "<oov>", "<OOV>", "<unknown>"}

// newAlphabet makes an alphabet of the symbols of rows, and returns the row of each symbol in its order.
func newAlphabet(symbols []string, kind corpus.Kind) (*corpus.Alphabet, []int, error) {
	rows := make([]int, len(symbols))
	for i := range rows {
		rows[i] = i
	}
	isEscape := func(row int) bool { return slices.Contains(escapes, symbols[row]) }
	kind, err := kindOf(symbols, kind, isEscape)
	if err != nil {
		return nil, nil, err
	}
	if kind == corpus.Bytes {
		symbols = slices.Clone(symbols)
		for i, s := range symbols {
			if r, _ := utf8.DecodeRuneInString(s); !isEscape(i) {
				symbols[i] = string([]byte{byte(r)})
			}
		}
	}
	rank := func(row int) int { // the escape is last
		if isEscape(row) {
			return 1
		}
		return 0
	}
	slices.SortFunc(rows, func(a, b int) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(symbols[a], symbols[b]), cmp.Compare(a, b))
	})
	form := corpus.Form{Kind: kind}
	var text strings.Builder
	var lengths []int32
	for i, row := range rows {
		if isEscape(row) {
			if form.Open {
				return nil, nil, wrongSymbol(row, symbols[row], "stands for what the alphabet lacks, as %s does; one symbol can", quote(symbols[rows[i-1]]))
			}
			form.Open = true
			continue
		}
		if i > 0 && symbols[rows[i-1]] == symbols[row] {
			return nil, nil, wrongSymbol(row, symbols[row], "is number %d too", rows[i-1])
		}
		text.WriteString(symbols[row])
		lengths = append(lengths, int32(len(symbols[row])))
	}
	a, err := corpus.RestoreAlphabet(form, text.String(), lengths, nil)
	return a, rows, err
}

// kindOf checks that symbols are of a kind, or finds one.
func kindOf(symbols []string, kind corpus.Kind, isEscape func(row int) bool) (corpus.Kind, error) {
	first := func(is func(string) bool) int {
		for row, s := range symbols {
			if !isEscape(row) && !is(s) {
				return row
			}
		}
		return -1
	}
	isByte := func(s string) bool { r, n := utf8.DecodeRuneInString(s); return n > 0 && n == len(s) && r < 256 }
	const instead = "; in an alphabet file write what it is in a text (\"\\n\" for the end of a line), or a character that no text has, such as \"\\u0000\""
	switch long, odd := first(corpus.Chars.Has), first(corpus.Words.Has); {
	case kind == corpus.Bytes:
		if i := first(isByte); i >= 0 {
			return kind, wrongSymbol(i, symbols[i], "is no byte, \"\\u0000\" to \"\\u00ff\"")
		}
		return kind, nil
	case long < 0 && kind != corpus.Words:
		return corpus.Chars, nil
	case odd < 0 && kind != corpus.Chars:
		return corpus.Words, nil
	case kind == corpus.Words || kind == "" && odd != long:
		return kind, wrongSymbol(odd, symbols[odd], "is neither a word nor a single character"+instead)
	default:
		return kind, wrongSymbol(long, symbols[long], "is not a single character"+instead)
	}
}

func wrongSymbol(row int, symbol, format string, args ...any) error {
	return fmt.Errorf("symbol %d of the alphabet is %s, which %s", row, quote(symbol), fmt.Sprintf(format, args...))
}

// readAlphabet reads an alphabet file that should have V symbols.
func readAlphabet(text []byte, V int) ([]string, error) {
	s := strings.TrimPrefix(string(text), "\ufeff") // Windows
	if !utf8.ValidString(s) {
		return nil, errors.New("is not valid UTF-8; save it as such")
	}
	have := ""
	if v, ok := fromJSON(s); ok {
		for _, a := range findAlphabets(v) {
			if have = "it " + a.describe(); len(a.symbols) == V {
				return a.symbols, nil
			}
		}
	}
	symbols, found := textAlphabet(s, V) // a row of digits is JSON too
	if have == "" && symbols != nil {
		return symbols, nil
	}
	have = cmp.Or(have, found)
	return nil, fmt.Errorf("%s, the output layer has %d rows; give one symbol for each, in their order", have, V)
}

// textAlphabet returns the V symbols of a text: one on each line, where an empty line is the line feed, or all characters in a row,
// without the line break at its end or with it. If there is another number of them, it says what there is.
func textAlphabet(s string, V int) (symbols []string, have string) {
	text := strings.ReplaceAll(s, "\r\n", "\n")
	lines := strings.Count(strings.TrimSuffix(text, "\n"), "\n") + 1
	if lines == V {
		symbols = strings.Split(strings.TrimSuffix(text, "\n"), "\n")
		for i, line := range symbols {
			if line == "" {
				symbols[i] = "\n"
			}
		}
		return symbols, ""
	}
	row := strings.TrimRight(s, "\r\n")
	for _, row := range []string{row, strings.TrimSuffix(text, "\n"), text, s} {
		if utf8.RuneCountInString(row) == V {
			return strings.Split(row, ""), ""
		}
	}
	have = fmt.Sprintf("it has %d characters", utf8.RuneCountInString(row))
	if lines > 1 {
		have += fmt.Sprintf(" on %d lines", lines)
	}
	return nil, have
}
