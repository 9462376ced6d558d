package answer

import (
	"fmt"
	"strings"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/language"
	"github.com/seed-f4dd853e/elman/score"
)

// A TrainRequest asks for a training.
type TrainRequest struct {
	Text     string        `json:"text"` // what to learn
	Language string        `json:"language"`
	Size     int           `json:"size"` // bytes of the language, where Text is ""
	Title    string        `json:"title"`
	Settings TrainSettings `json:"settings"`
}

// TrainSettings are those that the page offers; others have their defaults.
type TrainSettings struct {
	Cell        string  `json:"cell"`
	Hidden      int     `json:"hidden"`
	Layers      int     `json:"layers"`
	Seconds     float64 `json:"seconds"`
	Steps       int64   `json:"steps"` // in place of Seconds
	Documents   string  `json:"documents"`
	Symbols     string  `json:"symbols"`
	Seed        uint64  `json:"seed"`
	ReportEvery int64   `json:"report_every"` // training steps; 0 means a fiftieth of all
}

// Events of a training, in their order: start, baselines, progress and report, end.
type (
	Start struct {
		Kind     string        `json:"kind"`
		ID       string        `json:"id"`
		Title    string        `json:"title"`
		Hash     string        `json:"hash"` // of the text
		Learn    int64         `json:"learn"`
		Held     int64         `json:"held"`
		Alphabet string        `json:"alphabet"`
		Uniform  float64       `json:"uniform"` // loss of choosing at random
		Settings TrainSettings `json:"settings"`
		About    string        `json:"about"`
		Command  string        `json:"command"` // that trains the same
		Floor    *score.Floor  `json:"floor,omitempty"`
	}
	Baselines struct {
		Kind      string           `json:"kind"`
		Baselines []score.Baseline `json:"baselines"`
		Best      string           `json:"best"`
	}
	Progress struct {
		Kind    string  `json:"kind"`
		Step    int64   `json:"step"`
		Steps   int64   `json:"steps"`
		Loss    float64 `json:"loss"`
		Seconds float64 `json:"seconds"`
	}
	Report struct {
		Kind             string   `json:"kind"`
		Step             int64    `json:"step"`
		Steps            int64    `json:"steps"`
		Loss             float64  `json:"loss"`
		Valid            *float64 `json:"valid,omitempty"`
		Seconds          float64  `json:"seconds"`
		SymbolsPerSecond float64  `json:"symbols_per_second"`
		Sample           []Symbol `json:"sample"`
		Units            *Units   `json:"units,omitempty"`
	}
	End struct {
		Kind    string   `json:"kind"`
		Model   string   `json:"model"`
		Hash    string   `json:"hash"`
		Step    int64    `json:"step"`
		Loss    float64  `json:"loss"`
		Valid   *float64 `json:"valid,omitempty"`
		Seconds float64  `json:"seconds"`
		Stopped bool     `json:"stopped"`
		Verdict string   `json:"verdict"`
	}
)

// mostTitle is the most bytes of a title, which every list of trainings has.
const mostTitle = 200

// shortest is the fewest bytes that can be learned from: enough for some windows and a little to check with.
const shortest = 400

// Check returns what is wrong with a request, one line, or nil.
func (r *TrainRequest) Check(l Limits) error {
	s := r.Settings
	switch size := len(r.Text); {
	case r.Text == "" && r.Language == "":
		return fmt.Errorf("there is nothing to learn: give a text, or choose a language")
	case r.Text == "" && (r.Size < shortest || r.Size > l.Text):
		return fmt.Errorf("size is %d, must be %d to %d bytes", r.Size, shortest, l.Text)
	case r.Text != "" && (size < shortest || size > l.Text):
		return fmt.Errorf("the text has %d bytes, must have %d to %d", size, shortest, l.Text)
	case len(r.Title) > mostTitle:
		return fmt.Errorf("the title has %d bytes, must have at most %d", len(r.Title), mostTitle)
	case s.Hidden < 1 || s.Hidden > l.Hidden:
		return fmt.Errorf("hidden is %d, must be 1 to %d units", s.Hidden, l.Hidden)
	case s.Layers < 1 || s.Layers > l.Layers:
		return fmt.Errorf("layers is %d, must be 1 to %d", s.Layers, l.Layers)
	case s.Steps == 0 && !(s.Seconds > 0 && s.Seconds <= l.Seconds):
		return fmt.Errorf("seconds is %v, must be above 0 and at most %v", s.Seconds, l.Seconds)
	case s.Steps < 0 || s.Steps > l.Steps:
		return fmt.Errorf("steps is %d, must be at most %d", s.Steps, l.Steps)
	case s.ReportEvery < 0:
		return fmt.Errorf("report_every is %d, must not be negative", s.ReportEvery)
	}
	if r.Text == "" {
		_, err := language.Find(r.Language)
		return err
	}
	return nil
}

// corpus reads the text; generated is the language that it is of, "" if of none.
func (r *TrainRequest) corpus() (c *corpus.Corpus, generated string, err error) {
	o := corpus.Defaults()
	o.Kind, o.Documents = corpus.Kind(r.Settings.Symbols), corpus.Documents(r.Settings.Documents)
	name, text := "text", []byte(r.Text)
	if r.Text == "" {
		l, err := language.Find(r.Language)
		if err != nil {
			return nil, "", err
		}
		name, generated, text = l.Name, l.Name, l.Generate(r.Settings.Seed, r.Size)
	}
	c, err = corpus.New(corpus.FromBytes(name, text), o)
	return c, generated, err
}

// command returns the command line that trains the same.
func (r *TrainRequest) command(s TrainSettings) string {
	words := []string{"elman", "train"}
	if r.Text != "" {
		words = append(words, "text.txt")
	} else {
		words = append(words, "--language", r.Language, "--size", fmt.Sprint(r.Size))
	}
	if s.Symbols != "" && s.Symbols != string(corpus.Chars) {
		words = append(words, "--symbols", s.Symbols)
	}
	if s.Documents != "" && s.Documents != string(corpus.Whole) {
		words = append(words, "--documents", s.Documents)
	}
	return strings.Join(append(words, fmt.Sprintf("--cell %s --hidden %d --layers %d --steps-total %d --report-every %d --seed %d",
		s.Cell, s.Hidden, s.Layers, s.Steps, s.ReportEvery, s.Seed)), " ")
}
