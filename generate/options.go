package generate

import (
	"math"

	"github.com/seed-f4dd853e/elman/internal/setting"
	"github.com/seed-f4dd853e/elman/model"
)

// Options say what to write. Every field means what it says, 0 included: Defaults fills them in for the fields to be changed.
type Options struct {
	From   *model.Place // what was read before the prompt; nil means nothing: a sample is a text of its own
	Length int          // symbols of each sample after the prompt
	Prompt string       // read before the first draw, and part of every sample; a closed alphabet must have all of it
	Stop   string       // ends a sample where it appears behind the prompt, and is left out; "" means never

	Temperature float64 // divides the logits: 1 leaves the model's probabilities; 0 always takes the most likely symbol
	TopK        int     // draws from the K most likely symbols; 0 means all
	TopP        float64 // and then from the fewest most likely ones that hold this share of their probability; 1 means all

	UTF8 bool // a model of bytes writes whole characters only; others do so anyway

	Seed  uint64
	Count int // samples

	Threads int // workers that samples are divided among; they change no bit
}

// Defaults returns options for one sample of 200 symbols, drawn with the probabilities that the model gives: a temperature of
// 1 and all symbols.
func Defaults() Options { return Options{Length: 200, Temperature: 1, TopP: 1, Count: 1, Threads: 1} }

// Check returns an error that names the option which is out of range.
func (o Options) Check() error {
	switch {
	case o.Length < 1:
		return setting.Errorf("%v is %d, must be at least 1", setting.Name("length"), o.Length)
	case !(o.Temperature >= 0): // which NaN is not
		return setting.Errorf("%v is %v, must be 0 or more", setting.Name("temperature"), o.Temperature)
	case o.Temperature > math.MaxFloat32:
		return setting.Errorf("%v is %v, must be at most %.2g", setting.Name("temperature"), o.Temperature, math.MaxFloat32)
	case o.TopK < 0:
		return setting.Errorf("%v is %d, must be 0 (all symbols) or more", setting.Name("top_k"), o.TopK)
	case !(o.TopP > 0 && o.TopP <= 1):
		return setting.Errorf("%v is %v, must be above 0 and at most 1", setting.Name("top_p"), o.TopP)
	case o.Count < 1:
		return setting.Errorf("%v is %d, must be at least 1", setting.Name("count"), o.Count)
	case o.Threads < 1:
		return setting.Errorf("%v is %d, must be at least 1", setting.Name("threads"), o.Threads)
	}
	return nil
}
