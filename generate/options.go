package generate

import (
	"math"

	"github.com/seed-f4dd853e/elman/internal/setting"
	"github.com/seed-f4dd853e/elman/model"
)

// Options control sampling. 0 means 0 in every field: start from Defaults and change fields.
type Options struct {
	From   *model.Place // where in a text samples continue, before the prompt; nil means at the beginning of a text
	Length int          // symbols of each sample after the prompt, at least 1
	Prompt string       // read before the first draw, and the beginning of every sample
	Stops  []string     // each ends a sample where it appears after the prompt, and is left out; "" never appears

	Temperature float64 // divides the logits: 1 keeps the model's probabilities, 0 always takes the likeliest symbol
	TopK        int     // draw from the K likeliest symbols only; 0 means all
	TopP        float64 // then from the fewest likeliest symbols with this share of their probability; 1 means all

	UTF8 bool // a model of bytes writes valid UTF-8 only; other models always do

	Seed  uint64
	Count int // number of samples, at least 1

	Threads int // workers, at least 1; they never change a bit
}

// Defaults returns options for one sample of 200 symbols at temperature 1, without top-k and top-p, on one worker.
func Defaults() Options { return Options{Length: 200, Temperature: 1, TopP: 1, Count: 1, Threads: 1} }

// Check returns an error that names the option out of range, or nil.
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
