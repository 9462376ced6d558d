package rnn

// An embedding is a learned vector for each symbol, [V x E], in place of the columns of a one-hot vector.
type embedding struct{ weight *Param }

// newEmbedding starts from N(0, 1) as PyTorch's does; one that is also the decoder's starts as that.
func newEmbedding(c Config) embedding {
	p := &Param{Name: "embedding.weight", Rows: c.Symbols, Cols: c.Embedding, bound: perRoot(c.Hidden)}
	p.normal = !c.Tie
	return embedding{p}
}

func (e embedding) params() []*Param { return []*Param{e.weight} }

// An embeddingStage is the embedding in a window.
type embeddingStage struct {
	embedding
	w   *Window
	out *signal
}

func (e embedding) stage(w *Window, _ *signal) (stage, *signal) {
	s := &embeddingStage{e, w, w.newSignal(e.weight.Cols)}
	w.embedded = s.out
	return s, s.out
}

func (s *embeddingStage) forward(first, rows int) {
	E := s.out.cols
	for r := first; r < first+rows; r++ {
		copy(s.out.row(r), s.weight.Value[int(s.w.x[r])*E:][:E])
	}
}

// prepare leaves what is never trained without a gradient.
func (s *embeddingStage) prepare() {
	if !s.weight.Frozen {
		s.out.prepare(s.w)
	}
}

func (s *embeddingStage) backward(first, rows int) {}

// gradients leaves tied weights to the decoder, which adds both gradients.
func (s *embeddingStage) gradients(add func(part)) {
	if !s.w.net.cfg.Tie {
		add(part{kind: inputPart, param: s.weight, dz: activations{s.out.dy, s.out.cols}})
	}
}
