package export

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/random"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/rnn"
)

// draws chooses each setting of a network at random, by its name in JSON. Choices that do not go together are drawn again.
var draws = map[string]func(r *rand.Rand, c *rnn.Config){
	"cell":       func(r *rand.Rand, c *rnn.Config) { c.Cell = pick(r, rnn.Cells()).Name },
	"activation": func(r *rand.Rand, c *rnn.Config) { c.Activation = pick(r, append(activationsOf(c.Cell), "")) },
	"symbols":    func(r *rand.Rand, c *rnn.Config) { c.Symbols = 2 + r.IntN(40) },
	"hidden":     func(r *rand.Rand, c *rnn.Config) { c.Hidden = 1 + r.IntN(24) },
	"layers":     func(r *rand.Rand, c *rnn.Config) { c.Layers = 1 + r.IntN(3) },
	"block":      func(r *rand.Rand, c *rnn.Config) { c.Block = r.IntN(2) == 0 },
	"mlp":        func(r *rand.Rand, c *rnn.Config) { c.MLP = sometimes(r, 1+r.IntN(30)) },
	"embedding":  func(r *rand.Rand, c *rnn.Config) { c.Embedding = pick(r, []int{0, 1 + r.IntN(20), c.Hidden}) },
	"codes": func(r *rand.Rand, c *rnn.Config) {
		if r.IntN(5) == 0 { // little goes with them
			c.Codes, c.Block, c.MLP, c.Embedding = 1+r.IntN(8), false, 0, 0
		}
	},
	"tie":  func(r *rand.Rand, c *rnn.Config) { c.Tie = c.Embedding > 0 && r.IntN(2) == 0 },
	"conv": func(r *rand.Rand, c *rnn.Config) { c.Conv = sometimes(r, (2+r.IntN(4))*min(1, c.Embedding)) },

	"learn_initial": func(r *rand.Rand, c *rnn.Config) { c.LearnInitial = r.IntN(2) == 0 },
	"layer_norm":    func(r *rand.Rand, c *rnn.Config) { c.LayerNorm = r.IntN(2) == 0 },
	"precision":     func(r *rand.Rand, c *rnn.Config) { c.Precision = pick(r, append(rnn.Precisions(), "", "")) },
}

func pick[E any](r *rand.Rand, all []E) E { return all[r.IntN(len(all))] }

// sometimes returns n half of the time, else 0.
func sometimes(r *rand.Rand, n int) int { return n * r.IntN(2) }

func activationsOf(cell string) []string {
	info, err := rnn.FindCell(cell)
	if err != nil {
		panic(err)
	}
	return info.Activations
}

// drawSettings returns n settings of networks. Each cell is there as often as any other.
func drawSettings(n int) (all []rnn.Config) {
	r := random.New(1, "settings of networks", 0)
	fields := reflect.TypeFor[rnn.Config]()
	for cells := rnn.Cells(); len(all) < n; {
		var c rnn.Config
		for i := range fields.NumField() {
			name, _, _ := strings.Cut(fields.Field(i).Tag.Get("json"), ",")
			draw := draws[name]
			if draw == nil {
				panic("the setting " + name + " is not drawn: a network that has it must be exported too")
			}
			draw(r, &c)
		}
		if c, err := c.WithDefaults(); err == nil && c.Cell == cells[len(all)%len(cells)].Name {
			all = append(all, c)
		}
	}
	return all
}

// randomModel returns a model with these settings. All of its weights that are trained are other than zero, and its logits far
// apart. Norms within cells have small gains: with gains around 1 random weights make states whose rounding errors grow a
// hundredfold in a few time steps, and the logits of two programs would differ by 1e-4.
func randomModel(c rnn.Config, seed uint64) *model.Model {
	precision := c.Precision
	c.Precision = rnn.Float32
	network, err := rnn.New(c)
	if err != nil {
		panic(err)
	}
	network.Init(rnn.Init{}, seed)
	for _, p := range network.Params() {
		r := random.New(seed, p.Name, 0)
		for i := range p.Value {
			switch {
			case p.Frozen && p.Rows > 0: // codes
				p.Value[i] = float32(r.IntN(2))
			case strings.Contains(p.Name, ".gain_"):
				p.Value[i] = 0.5 + 0.2*random.Normal(r)
			case p.Rows == 0 && !p.Frozen:
				p.Value[i] += 0.3 * random.Normal(r)
			case p.Name == "decoder.weight" || c.Tie && p.Name == "embedding.weight":
				p.Value[i] *= 3
			}
		}
	}
	network.Updated()
	if precision != rnn.Float32 {
		if network, err = network.Round(precision); err != nil {
			panic(err)
		}
	}
	return &model.Model{Network: network, Alphabet: characters(c.Symbols)}
}

// characters returns an alphabet of n characters.
func characters(n int) *corpus.Alphabet {
	var text strings.Builder
	var lengths []int32
	for i := range n {
		text.WriteRune(rune('0' + i))
		lengths = append(lengths, int32(len(string(rune('0'+i)))))
	}
	a, err := corpus.RestoreAlphabet(corpus.Form{Kind: corpus.Chars}, text.String(), lengths, nil)
	if err != nil {
		panic(err)
	}
	return a
}

// TestDrawnSettings makes sure that the settings that are tried have everything that the registries have, and each cell all
// that goes with it.
func TestDrawnSettings(t *testing.T) {
	fields, there := reflect.TypeFor[rnn.Config](), map[string]bool{}
	for _, c := range drawSettings(numSettings) {
		for i := range fields.NumField() {
			if !reflect.ValueOf(c).Field(i).IsZero() {
				there[c.Cell+" "+fields.Field(i).Name] = true
			}
		}
		there[c.Cell+" "+c.Activation] = true
		there[c.Cell+" "+c.Precision.String()] = true
	}
	for _, cell := range rnn.Cells() {
		want := slices.Clone(cell.Activations)
		for _, p := range rnn.Precisions() {
			want = append(want, p.String())
		}
		for i := range fields.NumField() {
			want = append(want, fields.Field(i).Name)
		}
		for _, what := range want {
			if what == "LayerNorm" && cell.NoRecurrence || what == "Activation" && cell.Activations == nil {
				continue
			}
			if !there[cell.Name+" "+what] {
				t.Errorf("no network of the %s cell with %s is tried; draw more settings, or from another seed", cell.Name, what)
			}
		}
	}
}
