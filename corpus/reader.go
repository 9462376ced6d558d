package corpus

// A Reader reads a text symbol by symbol, as an alphabet has them.
type Reader struct {
	cursor cursor
	offset int64
}

// Reader returns a reader of text, which must not change meanwhile.
func (a *Alphabet) Reader(text []byte) *Reader {
	return &Reader{cursor: cursor{a: a, rest: text}}
}

// Read goes on with another piece of the same text, when the one before has come to its end. A symbol must not be cut in
// two.
func (r *Reader) Read(piece []byte) { r.cursor.rest = piece }

// Next returns the next symbol: its number and what it is in the text, for a word with the space in front of it that goes
// without saying. ok is false at the end of the text. It fails with an *UnknownSymbolError where a closed alphabet lacks a
// symbol.
func (r *Reader) Next() (id int32, symbol []byte, ok bool, err error) {
	before := r.cursor.rest
	if len(before) == 0 {
		return 0, nil, false, nil
	}
	id, ok = r.cursor.read()
	symbol = before[:len(before)-len(r.cursor.rest)]
	if !ok {
		return 0, nil, false, &UnknownSymbolError{string(symbol), int(r.offset)}
	}
	r.offset += int64(len(symbol))
	return id, symbol, true, nil
}
