package train

import (
	"math"
	"strings"

	"github.com/seed-f4dd853e/elman/internal/f32"
	"github.com/seed-f4dd853e/elman/internal/setting"
	"github.com/seed-f4dd853e/elman/rnn"
)

// checkCodes checks that there is one code for each symbol, all of one width.
func (s Settings) checkCodes() error {
	codes := strings.Fields(s.Codes)
	if len(codes) == 0 {
		return nil
	}
	if len(codes) != s.Network.Symbols {
		return setting.Errorf("%v are %d, must be one for each of %d symbols", setting.Name("codes"), len(codes), s.Network.Symbols)
	}
	for i, code := range codes {
		if len(code) != len(codes[0]) || strings.Trim(code, "01") != "" {
			return setting.Errorf("%v: number %d is %.40q, must be %d bits 0 or 1", setting.Name("codes"), i, code, len(codes[0]))
		}
	}
	return nil
}

// start sets the initial weights of a network.
func (s Settings) start(n *rnn.Network) {
	if s.Network.Codes > 0 {
		var bits []float32
		for _, code := range strings.Fields(s.Codes) {
			for _, b := range code {
				bits = append(bits, float32(b-'0'))
			}
		}
		n.SetCodes(bits)
	}
	n.Init(s.Init, s.Seed)
}

// lossOfUniform returns ln V, the loss of the uniform distribution, with which spikes are compared. The squared error of
// codes is bounded and has no spikes.
func lossOfUniform(c rnn.Config) float64 {
	if c.Codes > 0 {
		return math.Inf(1)
	}
	return float64(f32.CrossEntropy(make([]float32, c.Symbols), 0))
}
