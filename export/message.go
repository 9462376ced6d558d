package export

import (
	"io"

	"google.golang.org/protobuf/encoding/protowire"
)

// A message is a message of Protocol Buffers. It is kept in pieces, so that weights are not copied into each message around
// them.
type message struct {
	pieces [][]byte
	size   int
}

func (m *message) add(pieces ...[]byte) {
	m.pieces = append(m.pieces, pieces...)
	for _, p := range pieces {
		m.size += len(p)
	}
}

// int adds a whole number.
func (m *message) int(field protowire.Number, x int) {
	m.add(protowire.AppendVarint(protowire.AppendTag(nil, field, protowire.VarintType), uint64(x)))
}

// bytes adds bytes, which must not change afterwards.
func (m *message) bytes(field protowire.Number, b []byte) {
	m.begin(field, len(b))
	m.add(b)
}

func (m *message) string(field protowire.Number, s string) { m.bytes(field, []byte(s)) }

// message adds a message within this one.
func (m *message) message(field protowire.Number, within *message) {
	m.begin(field, within.size)
	m.add(within.pieces...)
}

// begin begins a field of this many bytes.
func (m *message) begin(field protowire.Number, size int) {
	m.add(protowire.AppendVarint(protowire.AppendTag(nil, field, protowire.BytesType), uint64(size)))
}

func (m *message) write(w io.Writer) error {
	for _, p := range m.pieces {
		if _, err := w.Write(p); err != nil {
			return err
		}
	}
	return nil
}
