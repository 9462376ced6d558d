package score

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/safetensors"
)

// adaptFormat is the version of the file of an adaptation.
const adaptFormat = 1

// An adaptObject is the JSON object of the file. The tensors are the weights, the mean squares of their gradients, the symbols
// that were scored and not yet learned from, and states of the network.
type adaptObject struct {
	Format    int                  `json:"format"`
	Model     string               `json:"model"` // hash of the trained model
	Settings  Adaptation           `json:"adaptation"`
	Documents corpus.Documents     `json:"documents"`
	Segments  int64                `json:"segments"`
	Symbols   int64                `json:"symbols"`
	Feed      *corpus.FeedPosition `json:"feed"` // within a text; null between two
	Bookmark  Bookmark             `json:"bookmark"`
	Streams   bool                 `json:"streams,omitempty"` // there are texts of several keys: see Streams.WriteAdaptation
}

// A Bookmark says how far a caller has read its texts. The scorer does not use it.
type Bookmark struct {
	Text  string `json:"text"`           // name of one that was not read to its end; "" if there is none
	File  int    `json:"file,omitempty"` // its number among the caller's texts, from 0
	Bytes int64  `json:"bytes"`
	Chars int64  `json:"chars"`
	Lines int64  `json:"lines"`
	// Before tells the text from another of its name: what the caller makes of the bytes before the place, "" if nothing.
	Before string `json:"before,omitempty"`
	Sum    *Sum   `json:"sum,omitempty"` // of what was read, if nothing was told of it
}

// WriteAdaptation writes everything on which the bits of the text to come depend, between two pieces of text, to a file that
// ReadAdaptation reads. The trained weights are not in it.
func (s *Scorer) WriteAdaptation(w io.Writer, b Bookmark) error { return s.writeAdaptation(w, b, nil) }

// writeAdaptation is WriteAdaptation, with tensors of streams.
func (s *Scorer) writeAdaptation(w io.Writer, b Bookmark, streams []safetensors.Source) error {
	p := s.adapter
	if p == nil {
		panic("score: WriteAdaptation of a scorer that does not adapt")
	}
	if p.infinite {
		return ErrAdapted
	}
	o := adaptObject{Format: adaptFormat, Model: p.trained.Hash(), Settings: p.Adaptation, Documents: s.Documents,
		Segments: p.segments, Symbols: p.symbols, Bookmark: b, Streams: streams != nil}
	state := make([]float32, s.window.StateLen())
	if s.feed != nil {
		at := s.feed.Position()
		o.Feed = &at
		s.window.State(state)
	}
	object, err := json.Marshal(o)
	if err != nil {
		return err
	}
	var tensors []safetensors.Source
	for i, param := range s.m.Network.Params() {
		tensors = append(tensors, safetensors.Float32("weight."+param.Name, param.Value, len(param.Value)),
			safetensors.Float32("square."+param.Name, p.squares[i], len(param.Value)))
	}
	tensors = append(tensors, safetensors.Float32("state", state, len(state)),
		safetensors.Float32("segment.state", p.pending.from, len(p.pending.from)),
		safetensors.Bytes("segment.x", "I32", int32s(p.pending.x)), safetensors.Bytes("segment.y", "I32", int32s(p.pending.y)),
		safetensors.Bytes("segment.starts", "U8", flags(p.pending.starts)))
	return safetensors.Write(w, object, append(tensors, streams...))
}

// ReadAdaptation continues from a file of WriteAdaptation. Call it after Adapt. It fails on a file that is damaged, or that
// belongs to another model, to other settings or another value of Documents. A failure leaves the scorer unusable.
func (s *Scorer) ReadAdaptation(r io.ReaderAt, size int64) (Bookmark, error) {
	_, b, err := s.readAdaptation(r, size, false)
	return b, err
}

// readAdaptation is ReadAdaptation of a file that has streams or has none. It returns the file, for the streams.
func (s *Scorer) readAdaptation(r io.ReaderAt, size int64, streams bool) (*safetensors.File, Bookmark, error) {
	if s.adapter == nil {
		panic("score: ReadAdaptation of a scorer that does not adapt")
	}
	file, err := safetensors.Open(r, size)
	if err != nil {
		return nil, Bookmark{}, err
	}
	if err := file.Verify(); err != nil {
		return nil, Bookmark{}, err
	}
	var o adaptObject
	if err := file.Decode(&o); err != nil {
		return nil, Bookmark{}, err
	}
	if err := s.checkAdaptation(&o); err != nil {
		return nil, Bookmark{}, err
	}
	if o.Streams != streams {
		return nil, Bookmark{}, errors.New(map[bool]string{true: "it has a text for each key, where one text is wanted", false: "it has one text, where one for each key is wanted"}[o.Streams])
	}
	return file, o.Bookmark, s.restore(file, &o)
}

// checkAdaptation checks that a file is for this scorer.
func (s *Scorer) checkAdaptation(o *adaptObject) error {
	p := s.adapter
	switch {
	case o.Format != adaptFormat:
		return fmt.Errorf("metadata: format is %d, this program reads %d", o.Format, adaptFormat)
	case o.Model != p.trained.Hash():
		return fmt.Errorf("it belongs to the model with hash %.12q, and this one has %.12q", o.Model, p.trained.Hash())
	case o.Settings != p.Adaptation:
		return fmt.Errorf("it has a rate of %v, a decay of %v and segments of %d symbols, where %v, %v and %d are wanted",
			o.Settings.Rate, o.Settings.Decay, o.Settings.Segment, p.Rate, p.Decay, p.Segment)
	case o.Documents != s.Documents:
		return fmt.Errorf("its documents are %.20q, where %q is wanted", o.Documents, s.Documents)
	case o.Segments < 0 || o.Symbols < 0 || o.Bookmark.Bytes < 0 || o.Bookmark.Chars < 0 || o.Bookmark.Lines < 0:
		return errors.New("metadata: a number is negative")
	}
	return nil
}

// restore takes over the tensors.
func (s *Scorer) restore(file *safetensors.File, o *adaptObject) error {
	p := s.adapter
	for i, param := range s.m.Network.Params() {
		if err := readFinite(file, "weight."+param.Name, param.Value); err != nil {
			return err
		}
		if err := readFinite(file, "square."+param.Name, p.squares[i]); err != nil {
			return err
		}
		for _, x := range p.squares[i] {
			if x < 0 {
				return fmt.Errorf("tensor %q: a square is negative", "square."+param.Name)
			}
		}
	}
	s.m.Network.Updated()
	state := make([]float32, s.window.StateLen())
	if err := readFinite(file, "state", state); err != nil {
		return err
	}
	if err := readFinite(file, "segment.state", p.pending.from); err != nil {
		return err
	}
	s.feed, s.last = nil, -1
	s.window.SetState(state)
	if o.Feed != nil {
		feed, err := s.m.Alphabet.FeedAt(s.Documents, *o.Feed)
		if err != nil {
			return fmt.Errorf("metadata: feed: %w", err)
		}
		s.feed, s.last = feed, o.Feed.Last
	}
	p.segments, p.symbols = o.Segments, o.Symbols
	return p.readPending(file, s.m.Alphabet.Size())
}

func (p *adapter) readPending(file *safetensors.File, V int) error {
	x, err := file.ReadVector("segment.x", "I32")
	if err != nil {
		return err
	}
	y, err := file.ReadVector("segment.y", "I32")
	if err != nil {
		return err
	}
	starts, err := file.ReadVector("segment.starts", "U8")
	if err != nil {
		return err
	}
	n := len(starts)
	if n >= p.Segment || len(x) != 4*n || len(y) != 4*n {
		return fmt.Errorf("segment: %d starts, %d and %d bytes of symbols, for a segment of %d", n, len(x), len(y), p.Segment)
	}
	g := &p.pending
	g.x, g.y, g.starts = g.x[:0], g.y[:0], g.starts[:0]
	for i := range n {
		a, b := binary.LittleEndian.Uint32(x[4*i:]), binary.LittleEndian.Uint32(y[4*i:])
		if a >= uint32(V) || b >= uint32(V) || starts[i] > 1 {
			return fmt.Errorf("segment: symbol %d is out of range", i)
		}
		g.x, g.y, g.starts = append(g.x, int32(a)), append(g.y, int32(b)), append(g.starts, starts[i] == 1)
	}
	return nil
}

// readFinite reads a vector of numbers, none of which is infinite or NaN.
func readFinite(file *safetensors.File, name string, to []float32) error {
	if err := file.ReadFloat32(to, 0, name, len(to)); err != nil {
		return err
	}
	for i, x := range to {
		if math.IsNaN(float64(x)) || math.IsInf(float64(x), 0) {
			return fmt.Errorf("tensor %q: number %d is not finite", name, i)
		}
	}
	return nil
}

func int32s(all []int32) (b []byte) {
	for _, x := range all {
		b = binary.LittleEndian.AppendUint32(b, uint32(x))
	}
	return b
}

func flags(all []bool) (b []byte) {
	for _, x := range all {
		if x {
			b = append(b, 1)
		} else {
			b = append(b, 0)
		}
	}
	return b
}
