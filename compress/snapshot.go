package compress

// A snapshot is what a machine that does not learn goes on from.
type snapshot struct {
	state   []float32
	x       []int32
	streams []stream
	cases   []cases
}

func (k *machine) save(s *snapshot) {
	if k.learner != nil {
		return
	}
	if s.state == nil {
		s.state = make([]float32, k.window.StateLen())
	}
	k.window.State(s.state)
	s.x, s.streams, s.cases = append(s.x[:0], k.x...), append(s.streams[:0], k.streams...), s.cases[:0]
	for _, own := range k.streams {
		if own.cases != nil {
			s.cases = append(s.cases, *own.cases)
		}
	}
}

func (k *machine) restore(s *snapshot) {
	k.window.SetState(s.state)
	copy(k.x, s.x)
	copy(k.streams, s.streams)
	for i := range s.cases {
		*k.streams[i].cases = s.cases[i]
	}
}
