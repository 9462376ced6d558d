package train

// What is learned where nobody chooses. On the generated play (a floor of at most 0.463 nats) an LSTM of 256 units comes to
// 0.64 in ten passes of Adagrad and to 0.61 in three and a half of Adam at 0.005 with a running mean of the weights, where
// the network of the notebook's kind, Adagrad and windows of 32 ended at 0.83; at 0.004, ten passes lead to 0.545. A mean of the weights does nearly what a
// falling rate does, and leaves a run free to go on for as long as one likes.
const (
	defaultCell      = "lstm"
	defaultHidden    = 256
	defaultOptimizer = "adam"
	defaultRate      = 0.004
	defaultAverage   = 0.998
	defaultBatch     = 32
	defaultWindow    = 64
	defaultPass      = 64   // windows of a stream at least, if there is text for more than one stream
	defaultSteps     = 2000 // training steps at least, in up to 100 passes
)

// choose fills in what s leaves open, for a training text of the given length in symbols.
func (s Settings) choose(length int64) Settings {
	n, o := &s.Network, &s.Optimizer
	if n.Cell == "" && n.Activation == "" { // which only the Elman cell has
		n.Cell = defaultCell
	}
	if n.Hidden == 0 {
		n.Hidden = defaultHidden
	}
	if o.Optimizer == "" {
		o.Optimizer = defaultOptimizer
		if o.LearningRate == 0 {
			o.LearningRate = defaultRate
		}
		if s.Average == 0 {
			s.Average = defaultAverage
		}
	}
	s.Average = max(0, s.Average)
	if s.Window == 0 {
		s.Window = int(max(1, min(defaultWindow, length-1)))
	}
	if s.Batch == 0 {
		// A stream should be many windows long: its state begins at zero, and a pass should take many training steps.
		s.Batch = int(max(1, min(defaultBatch, length/int64(max(1, defaultPass*s.Window)))))
	}
	if s.ReportEvery == 0 {
		s.ReportEvery = 250
	}
	if s.Retries == 0 {
		s.Retries = defaultRetries
	}
	if s.HowLong == (HowLong{}) {
		pass := max(1, length/int64(max(1, s.Batch*s.Window)))
		s.HowLong.Epochs = int(min(100, max(10, (defaultSteps+pass-1)/pass)))
	}
	return s
}
