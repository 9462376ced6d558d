package score

import (
	"bytes"
	"context"
	"encoding/json"
	"testing"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/safetensors"
)

// FuzzReadAdaptation reads files whose checksum is right, with any object and any symbols. Nothing may panic, then or when the
// text goes on.
func FuzzReadAdaptation(f *testing.F) {
	m := untrained(f, corpus.Options{})
	object := func(feed *corpus.FeedPosition, hash string) string {
		text, err := json.Marshal(adaptObject{Format: adaptFormat, Model: hash, Settings: small, Documents: m.Documents, Segments: 3, Symbols: 30, Feed: feed})
		if err != nil {
			f.Fatal(err)
		}
		return string(text)
	}
	one := []byte{1, 0, 0, 0}
	f.Add(object(nil, m.Hash()), []byte{}, []byte{}, []byte{})
	f.Add(object(&corpus.FeedPosition{Last: 3}, m.Hash()), one, one, []byte{1})
	f.Add(object(&corpus.FeedPosition{Last: 3000}, m.Hash()), one, one, []byte{1})
	f.Add(object(nil, m.Hash()), []byte{0, 0, 0, 200}, one, []byte{0})
	f.Add(object(nil, m.Hash()), one, one, []byte{0, 0})
	f.Add(object(nil, "another"), one, one, []byte{0})
	f.Add("{}", one, one, []byte{2})
	f.Fuzz(func(t *testing.T, object string, x, y, starts []byte) {
		if len(x)%4 != 0 || len(y)%4 != 0 || !json.Valid([]byte(object)) {
			return
		}
		s := adapting(t, m, small)
		var tensors []safetensors.Source
		for i, p := range s.m.Network.Params() {
			tensors = append(tensors, safetensors.Float32("weight."+p.Name, p.Value, len(p.Value)), safetensors.Float32("square."+p.Name, s.adapter.squares[i], len(p.Value)))
		}
		state := make([]float32, s.window.StateLen())
		tensors = append(tensors, safetensors.Float32("state", state, len(state)), safetensors.Float32("segment.state", state, len(state)),
			safetensors.Bytes("segment.x", "I32", x), safetensors.Bytes("segment.y", "I32", y), safetensors.Bytes("segment.starts", "U8", starts))
		var file bytes.Buffer
		if safetensors.Write(&file, []byte(object), tensors) != nil {
			return
		}
		if _, err := s.ReadAdaptation(bytes.NewReader(file.Bytes()), int64(file.Len())); err != nil {
			return
		}
		if err := s.Text(context.Background(), []byte(verse), func(Symbol) error { return nil }); err != nil {
			t.Errorf("what was read cannot go on: %v", err)
		}
	})
}
