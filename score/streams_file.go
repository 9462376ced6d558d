package score

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/exactjson"
	"github.com/seed-f4dd853e/elman/internal/safetensors"
	"github.com/seed-f4dd853e/elman/model"
)

// A waitingText is a text of Streams in the file of an adaptation. Its state is a row of a tensor.
type waitingText struct {
	Key  []byte               `json:"key"`  // any bytes
	Feed *corpus.FeedPosition `json:"feed"` // null before its first piece
}

// A waitingTexts is the JSON object in the tensor "streams".
type waitingTexts struct {
	Now     *waitingText  `json:"now"`     // the text that the scorer is in, null if none
	Waiting []waitingText `json:"waiting"` // the others, that of the latest piece first
}

// WriteAdaptation is Scorer.WriteAdaptation, and keeps the texts of all keys too.
func (t *Streams) WriteAdaptation(w io.Writer, b Bookmark) error {
	var all waitingTexts
	if t.in {
		all.Now = &waitingText{Key: []byte(t.key)}
	}
	var states []float32
	for e := t.recent.Front(); e != nil; e = e.Next() {
		k := e.Value.(*keyed)
		at := k.place.Feed.Position()
		all.Waiting = append(all.Waiting, waitingText{[]byte(k.key), &at})
		states = append(states, k.place.State...)
	}
	text, err := json.Marshal(all)
	if err != nil {
		return err
	}
	return t.s.writeAdaptation(w, b, []safetensors.Source{
		safetensors.Bytes("streams", "U8", text), safetensors.Float32("streams.state", states, len(states))})
}

// ReadAdaptation is Scorer.ReadAdaptation for a file of WriteAdaptation of Streams. More texts than are remembered are an error.
func (t *Streams) ReadAdaptation(r io.ReaderAt, size int64) (Bookmark, error) {
	file, b, err := t.s.readAdaptation(r, size, true)
	if err == nil {
		err = t.restore(file)
	}
	return b, err
}

func (t *Streams) restore(file *safetensors.File) error {
	text, err := file.ReadVector("streams", "U8")
	if err != nil {
		return err
	}
	var all waitingTexts
	if err := exactjson.Decode(text, &all); err != nil {
		return fmt.Errorf("streams: %w", err)
	}
	if len(all.Waiting) > t.limit {
		return fmt.Errorf("streams: %d texts, where %d are remembered", len(all.Waiting), t.limit)
	}
	each := t.s.window.StateLen()
	states := make([]float32, each*len(all.Waiting))
	if err := readFinite(file, "streams.state", states); err != nil {
		return err
	}
	for i, k := range all.Waiting {
		if k.Feed == nil {
			return errors.New("streams: a text without a position")
		}
		feed, err := t.s.m.Alphabet.FeedAt(t.s.Documents, *k.Feed)
		if err != nil {
			return fmt.Errorf("streams: %w", err)
		}
		key := string(k.Key)
		if t.keys[key] != nil || all.Now != nil && key == string(all.Now.Key) {
			return fmt.Errorf("streams: two texts with the key %s", exactjson.Quote(key))
		}
		t.keys[key] = t.recent.PushBack(&keyed{key, &model.Place{State: states[i*each:][:each], Feed: feed, Last: k.Feed.Last}})
	}
	if t.in = all.Now != nil; t.in {
		t.key = string(all.Now.Key)
	}
	return nil
}
