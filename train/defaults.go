package train

import (
	"math"
	"reflect"
	"time"

	"github.com/seed-f4dd853e/elman/optim"
	"github.com/seed-f4dd853e/elman/rnn"
)

// A size is a row of the table of defaults.
type size struct {
	name, doc string
	most      time.Duration // the longest training it is for; 0 means any
	least     int64         // symbols of the shortest text that it is for
	share     float64       // Settings.TeacherShare
	network   rnn.Config
}

// sizes are the default networks. The first is the one without a time. Large learns a text by heart that has fewer symbols than
// it has weights; taught would, without its teacher.
var sizes = []size{
	{"small", "an LSTM of 256 units, for minutes", 4 * time.Minute, 0, 0,
		rnn.Config{Cell: "lstm", Hidden: 256, Layers: 1}},
	{"medium", "two residual blocks of 256 GRU units, for a quarter of an hour", 40 * time.Minute, 0, 0,
		rnn.Config{Cell: "gru", Hidden: 256, Layers: 2, Block: true, Tie: true, Conv: 4}},
	{"large", "three residual blocks of 384 GRU units, for hours and long texts", 0, 4_400_000, 0,
		rnn.Config{Cell: "gru", Hidden: 384, Layers: 3, Block: true, Tie: true, Conv: 4}},
	{"taught", "two residual blocks of 384 GRU units, with the medium network for a teacher, for an hour", 0, 0, 0.5,
		rnn.Config{Cell: "gru", Hidden: 384, Layers: 2, Block: true, Tie: true, Conv: 4}},
}

const (
	defaultSeed   = 1
	defaultBatch  = 32
	defaultWindow = 64
	defaultPass   = 64 // the fewest windows of a stream, if there is text for more than one stream
	defaultEpochs = 10
	mostEpochs    = 100
	mostOfBlocks  = 40   // epochs of blocks, in which a time ends: as many as have been seen to help
	defaultSteps  = 4500 // the fewest training steps, in at most so many epochs
	fewSteps      = 2000 // the same for separate texts, such as names, and for a model that has learned another text

	// Of words and subwords. The output layer takes most of the time, and so few symbols are soon learned by heart.
	wordHidden = 128
	wordBatch  = 16
	wordEpochs = 4
	wordSteps  = 1000

	// The default optimizer comes with warm-up, a cosine schedule and clipping by norm. Fewer units get a higher rate.
	defaultOptimizer = "adamw"
	decayInStep      = 5e-4 // share that a weight loses by decay in a training step at the full rate
	decayEpochs      = 4.2  // in so many epochs decay alone makes weights of blocks 1/e of what they were, if it does not take less at decayInStep
	highestDecay     = 1
	defaultSchedule  = "cosine"
	defaultWarmup    = 100
	defaultClip      = 1
	rateContinued    = 0.5 // of a new network, for a trained model on another text

	fewPasses, manyPasses = 1.5, 5 // of dropout

	shorterTeacher = 2 // times shorter than the run is the training of its teacher

	averageParts = 9    // the running mean of the weights covers about one such part of the training
	averageSteps = 1000 // training steps from which on there is a mean
	highestMean  = 0.9999

	defaultReport = 250 // training steps between reports, more in long runs
	manyReports   = 20
)

// Defaults returns complete settings. They depend on the facts and on change only, never on the machine; docs/defaults.md
// has the rules and their reasons.
//
// change assigns fields of its argument unconditionally; it may be nil. Defaults calls it after each stage, so its values stay
// and the other defaults follow them: 512 hidden units get a lower learning rate. The errors are those of Settings.Check.
func Defaults(f Facts, change func(*Settings)) (Settings, error) {
	if change == nil {
		change = func(*Settings) {}
	}
	d := defaults{facts: f, change: change}
	for _, stage := range []func(*defaults) error{
		(*defaults).begin, (*defaults).network, (*defaults).words, (*defaults).tie, (*defaults).parts, (*defaults).checkNetwork,
		(*defaults).window, (*defaults).batch, (*defaults).length, (*defaults).teacher, (*defaults).reports,
		(*defaults).optimizer, (*defaults).rate, (*defaults).decay, (*defaults).schedule, (*defaults).warmup, (*defaults).regularization, (*defaults).average,
	} {
		if err := stage(&d); err != nil {
			return d.Settings, err
		}
		change(&d.Settings)
		d.setFacts(f)
	}
	return d.Settings, d.Check(f)
}

// A defaults holds settings that are being completed.
type defaults struct {
	Settings
	facts  Facts
	change func(*Settings)
}

// sets reports whether change assigns any of the fields that part returns.
func sets[T comparable](d *defaults, part func(*Settings) T) bool {
	for _, before := range []Settings{{}, unlike} { // one of which differs from what is assigned
		after := before
		if d.change(&after); part(&after) != part(&before) {
			return true
		}
	}
	return false
}

// unlike differs from zero settings in every field.
var unlike = func() (s Settings) {
	var fill func(v reflect.Value)
	fill = func(v reflect.Value) {
		switch v.Kind() {
		case reflect.Struct:
			for i := range v.NumField() {
				fill(v.Field(i))
			}
		case reflect.String:
			v.SetString("?")
		case reflect.Bool:
			v.SetBool(true)
		case reflect.Float64:
			v.SetFloat(-1)
		case reflect.Uint64:
			v.SetUint(1<<64 - 1)
		default:
			v.SetInt(-1)
		}
	}
	fill(reflect.ValueOf(&s).Elem())
	return s
}()

func (d *defaults) begin() error {
	d.Seed, d.Retries = defaultSeed, defaultRetries
	return nil
}

// network chooses a network from the table by the time allowed, or a plain one if change sets any of it.
func (d *defaults) network() error {
	plain := sizes[0].network
	switch {
	case !sets(d, func(s *Settings) rnn.Config { return s.Network }):
		chosen := sizeFor(d.Budget, d.facts, d.mayHaveTeacher())
		d.Network, d.TeacherShare = chosen.network, chosen.share
	case sets(d, func(s *Settings) string { return s.Network.Activation }) && !sets(d, cell):
		plain.Cell = "elman" // the only cell with a choice
		d.Network = plain
	default:
		d.Network = plain
	}
	return nil
}

func cell(s *Settings) string { return s.Network.Cell }

// mayHaveTeacher reports whether the default may be a network with a teacher: characters and bytes in one process, unless change says no.
func (d *defaults) mayHaveTeacher() bool {
	s := Settings{TeacherShare: -1}
	d.change(&s)
	return s.TeacherShare != 0 && !d.facts.Shared && !d.facts.Words
}

// sizeFor returns the size for a training of this length.
func sizeFor(b Budget, f Facts, teacher bool) size {
	best, d := sizes[0], max(b.Time, b.For)
	for _, s := range sizes {
		if f.Length < s.least || s.share > 0 && !teacher {
			continue
		}
		if best = s; s.most == 0 || d <= s.most {
			break
		}
	}
	return best
}

// words make the output layer most of the work, so that fewer units do more in the same time.
func (d *defaults) words() error {
	if d.plainWords() {
		d.Network.Hidden = wordHidden
	}
	return nil
}

// tie reads words through an embedding, as an input column for each would be most of the network. It is as wide as the layer
// and tied to the decoder, if change does not set its width.
func (d *defaults) tie() error {
	if d.plainWords() {
		d.Network.Embedding = d.Network.Hidden
		d.Network.Tie = !sets(d, func(s *Settings) int { return s.Network.Embedding })
	}
	return nil
}

func (d *defaults) plainWords() bool {
	return d.facts.Words && !d.Network.Block && d.Network.Codes == 0
}

// parts sets defaults that depend on the cell or on blocks.
func (d *defaults) parts() (err error) {
	d.Network, err = d.Network.WithDefaults()
	return err
}

func (d *defaults) window() error {
	d.Window = int(max(1, min(defaultWindow, d.facts.Length-1)))
	return nil
}

// batch chooses the streams so that each is many windows long: its state begins at zero, and an epoch should take many
// training steps.
func (d *defaults) batch() error {
	most := int64(defaultBatch)
	if d.plainWords() {
		most = wordBatch
	}
	d.Batch = int(max(1, min(most, d.facts.Length/int64(max(1, defaultPass*d.Window)))))
	if n := d.Shards; n > 1 { // each has equally many
		d.Batch = max(1, d.Batch/n) * n
	}
	return nil
}

func (d *defaults) length() error {
	limited := sets(d, func(s *Settings) Budget {
		return Budget{Epochs: s.Budget.Epochs, Steps: s.Budget.Steps, Time: s.Budget.Time}
	})
	if !limited {
		epochs, steps := int64(defaultEpochs), int64(defaultSteps)
		pass := max(1, d.facts.Length/int64(max(1, min(d.Batch*d.Window, defaultBatch*defaultWindow)))) // longer ones need no more passes
		switch {
		case d.facts.Words:
			epochs, steps = wordEpochs, wordSteps
		case d.facts.Documents || d.facts.Continued:
			steps = fewSteps
		}
		d.Budget.Epochs = int(min(mostEpochs, max(epochs, (steps+pass-1)/pass)))
	}
	return nil
}

// teacher makes the medium network a teacher. Its seed is another: two networks that begin alike have less to learn of each other.
func (d *defaults) teacher() error {
	if d.TeacherShare == 0 {
		return nil
	}
	recipe, err := FindRecipe("medium")
	if err != nil {
		return err
	}
	symbols := d.total() * int64(d.Batch*d.Window) / shorterTeacher
	s, err := Defaults(d.facts, func(s *Settings) {
		recipe.Change(s)
		s.Seed, s.Budget = d.Seed+1, Budget{Steps: max(1, symbols/int64(max(1, s.Batch*s.Window)))} // which are there when it counts
	})
	d.Teacher = NewTeacher(s)
	return err
}

func (d *defaults) reports() error {
	d.ReportEvery = max(defaultReport, d.total()/manyReports/50*50)
	return nil
}

// pass returns the approximate number of training steps of an epoch.
func (d *defaults) pass() int64 { return max(1, d.facts.Length/int64(max(1, d.Batch*d.Window))) }

// passes returns the approximate number of epochs, 0 if only a time is known.
func (d *defaults) passes() float64 { return float64(d.total()) / float64(d.pass()) }

// mostSteps returns the most training steps that a time is made into for blocks. Other networks have no such number: who wants one for
// hours has reasons.
func mostSteps(s Settings, f Facts) int64 {
	if !s.Network.Block {
		return never
	}
	d := defaults{Settings: s, facts: f}
	return mostOfBlocks * d.pass()
}

// total returns the approximate number of training steps, 0 if only a time is known.
func (d *defaults) total() int64 {
	n := d.Budget.Steps
	if epochs, pass := int64(d.Budget.Epochs), d.pass(); epochs > 0 && epochs < never/pass {
		if steps := epochs * pass; n == 0 || steps < n {
			n = steps
		}
	}
	return n
}

// named reports whether change chooses an optimizer. It then runs at its own constant rate, without clipping, decay and
// dropout.
func (d *defaults) named() bool {
	return sets(d, func(s *Settings) string { return s.Optimizer.Optimizer })
}

func (d *defaults) optimizer() error {
	d.Optimizer.Optimizer = defaultOptimizer
	return nil
}

func (d *defaults) rate() (err error) {
	if d.Optimizer, err = optim.Defaults(d.Optimizer.Optimizer); err == nil && !d.named() {
		d.Optimizer.LearningRate = d.Network.UsualRate()
		if d.facts.Continued {
			d.Optimizer.LearningRate *= rateContinued
		}
	}
	return err
}

func (d *defaults) decay() error {
	if !d.named() {
		share := decayInStep
		if d.Network.Block && d.passes() >= manyPasses {
			share = max(share, 1/(decayEpochs*float64(d.pass())))
		}
		d.Optimizer.WeightDecay = min(highestDecay, share/d.Optimizer.LearningRate)
	}
	return nil
}

func (d *defaults) schedule() error {
	if d.Schedule.Name = defaultSchedule; d.named() {
		d.Schedule.Name = "constant"
	}
	return nil
}

// warmup belongs to the default schedule only.
func (d *defaults) warmup() (err error) {
	d.Schedule, err = optim.DefaultSchedule(d.Schedule.Name)
	if !d.named() && !sets(d, func(s *Settings) string { return s.Schedule.Name }) {
		d.Schedule.Warmup = min(defaultWarmup, d.total()/10)
	}
	return err
}

func (d *defaults) regularization() error {
	d.ClipNorm, d.Dropout, d.DropoutRecurrent = 0, 0, 0
	if d.named() {
		return nil
	}
	if d.ClipValue == 0 {
		d.ClipNorm = defaultClip
	}
	weights := float64(d.Network.Weights()) / float64(max(1, d.facts.Length))
	if d.TeacherShare > 0 {
		weights = 0 // a teacher keeps large networks from learning by heart
	}
	outputs, recurrent := defaultDropout(d.passes(), weights)
	if d.Dropout = outputs; d.Network.HasRecurrence() {
		d.DropoutRecurrent = recurrent
	}
	return nil
}

// average keeps a running mean of the weights of blocks, over a share of the training.
func (d *defaults) average() error {
	if n := d.total(); d.Network.Block && !d.named() && n >= averageSteps {
		d.Average = min(highestMean, math.Round(1e4*(1-averageParts/float64(n)))/1e4)
	}
	return nil
}

// defaultDropout returns the dropout of outputs and of the recurrence, by the number of epochs and the weights per symbol of
// the text.
func defaultDropout(passes, weights float64) (outputs, recurrent float64) {
	switch {
	case passes < fewPasses: // text that is read once cannot be learned by heart
		return 0, 0
	case passes < manyPasses:
		return 0.1, 0.1
	case weights < 2:
		return 0.1, 0.15
	}
	return 0.25, 0.25
}
