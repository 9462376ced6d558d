package inspect

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/f32"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/rnn"
	"github.com/seed-f4dd853e/elman/score"
)

// zeroed saves a model whose weights of a unit are zeroed by hand, tensor by tensor, and returns what comes back from the
// file.
func zeroed(t *testing.T, m *model.Model, u Unit) *model.Model {
	t.Helper()
	c := m.Network.Config()
	prefix, suffix := "rnn.", fmt.Sprintf("_l%d", u.Layer)
	if c.Block {
		prefix, suffix = fmt.Sprintf("blocks.%d.cell.", u.Layer), "_l0"
	}
	other := Without(m)
	for _, p := range other.Network.Params() {
		name, ok := strings.CutPrefix(p.Name, prefix)
		if !ok || !strings.HasSuffix(name, suffix) {
			continue
		}
		name = strings.TrimSuffix(name, suffix)
		for gate := range p.Cols / c.Hidden {
			column := gate*c.Hidden + u.Unit
			switch name {
			case "weight_ih", "weight_hh":
				for row := range p.Rows {
					if !c.LayerNorm {
						p.Value[row*p.Cols+column] = 0
					}
				}
			case "bias_ih":
				if p.Value[column] = 0; c.Activation == "sigmoid" {
					p.Value[column] = -1000
				}
			case "bias_hh", "gain_ih", "gain_hh", "gain_c", "bias_c", "h0", "c0":
				p.Value[column] = 0
			default:
				t.Fatalf("what is %s?", p.Name)
			}
		}
	}
	path := filepath.Join(t.TempDir(), "zeroed.safetensors")
	if err := other.Save(path); err != nil {
		t.Fatal(err)
	}
	read, err := model.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	return read
}

// bits returns those of every symbol of a text.
func bits(t *testing.T, m *model.Model, text string) (all []score.Bits) {
	t.Helper()
	if err := score.New(m, score.Extras{}).Text(context.Background(), []byte(text), func(x score.Symbol) error {
		all = append(all, x.Bits)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return all
}

// TestAblationIsExact compares every unit's ablation with scoring a file whose weights were zeroed by hand: the same integers.
func TestAblationIsExact(t *testing.T) {
	text := someText(3)
	for _, info := range rnn.Cells() {
		cell := info.Name
		configs := []rnn.Config{{Cell: cell}, {Cell: cell, LearnInitial: true}, {Cell: cell, Block: true, Tie: true, Conv: 3, LearnInitial: true}}
		if cell == "elman" {
			configs = append(configs, rnn.Config{Activation: "sigmoid"}, rnn.Config{Activation: "sigmoid", LayerNorm: true}, rnn.Config{Activation: "relu"})
		}
		if !info.NoRecurrence {
			configs = append(configs, rnn.Config{Cell: cell, LayerNorm: true}, rnn.Config{Cell: cell, LayerNorm: true, Block: true, LearnInitial: true})
		}
		for _, c := range configs {
			c.Hidden, c.Layers = 5, 2
			m := verseModel(t, corpus.Options{Documents: corpus.Paragraphs}, c)
			whole := bits(t, m, text)
			a, err := Ablate(context.Background(), m, []byte(text), AblationSettings{})
			if err != nil {
				t.Fatal(err)
			}
			if sum := total(whole); a.Whole.Bits != sum || len(a.Units) != 10 {
				t.Fatalf("%+v: %d bits and %d units, want %d", c, a.Whole.Bits, len(a.Units), sum)
			}
			changed := 0 // not all: a rectified unit may be 0 by itself
			for _, u := range a.Units {
				want := bits(t, zeroed(t, m, u.Unit), text)
				if !slices.Equal(bits(t, Without(m, u.Unit), text), want) {
					t.Errorf("%+v: without %v other symbols take other bits than with zeroed weights", c, u.Unit)
				}
				if u.Sum.Bits != total(want) || u.Change != u.Sum.PerChar()-a.Whole.PerChar() {
					t.Errorf("%+v: without %v %d bits, with zeroed weights %d", c, u.Unit, u.Sum.Bits, total(want))
				}
				if u.Sum.Bits != a.Whole.Bits {
					changed++
				}
			}
			if changed < len(a.Units)/2 {
				t.Errorf("%+v: without each of %d units of %d nothing changes", c, len(a.Units)-changed, len(a.Units))
			}
			if b, err := Ablate(context.Background(), m, []byte(text), AblationSettings{Workers: 3}); err != nil || !reflect.DeepEqual(a, b) {
				t.Errorf("%+v: three workers get another result, %v", c, err)
			}
		}
	}
}

func total(all []score.Bits) (sum score.Bits) {
	for _, b := range all {
		sum += b
	}
	return sum
}

// TestAblationAnywhere ablates two units at once on every kernel set.
func TestAblationAnywhere(t *testing.T) {
	defer f32.Use(f32.Active())
	m := verseModel(t, corpus.Options{}, rnn.Config{Cell: "gru", Hidden: 5, Layers: 2})
	var want []score.Bits
	for _, set := range f32.Kernels() {
		if err := f32.Use(set); err != nil {
			t.Fatal(err)
		}
		got := bits(t, Without(m, Unit{Layer: 0, Unit: 3}, Unit{Layer: 1, Unit: 3}), verse)
		if want == nil {
			want = got
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: other bits", set)
		}
	}
}

func TestAblationEnds(t *testing.T) {
	m := verseModel(t, corpus.Options{Closed: true}, rnn.Config{Hidden: 5})
	unknown := (*corpus.UnknownSymbolError)(nil)
	if _, err := Ablate(context.Background(), m, []byte("\x00"), AblationSettings{Workers: 2}); !errors.As(err, &unknown) {
		t.Errorf("a symbol that the alphabet lacks: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	told := 0
	_, err := Ablate(ctx, m, []byte(verse), AblationSettings{Progress: func(done int) {
		if told = done; done == 2 {
			cancel()
		}
	}})
	if err != context.Canceled || told != 2 {
		t.Errorf("canceled after %d units: %v", told, err)
	}
	a, err := Ablate(context.Background(), m, nil, AblationSettings{Units: []Unit{{Unit: 1}}})
	if err != nil || a.Units[0].Change != 0 {
		t.Errorf("of no text: %v, %v", a, err)
	}
}
