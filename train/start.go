package train

import (
	"errors"
	"fmt"
	"path/filepath"
	"reflect"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/setting"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/rnn"
	"github.com/seed-f4dd853e/elman/train/run"
)

// StartModel returns the model that a training with these options begins with: Init, or in a resumed run the one that it began
// with, which is in its folder. nil means a new network. It fails if Init cannot learn, and if a resumed run began with another
// model.
func StartModel(o Options) (*model.Model, error) {
	if err := o.check(); err != nil || !o.Resume {
		return o.Init, err
	}
	info, _, err := readInfo(o.Folder)
	if err != nil {
		return nil, err
	}
	given := run.Start{Source: o.InitName}
	if o.Init != nil {
		if given.Hash = o.Init.Hash(); given.Hash != info.Start.Hash {
			return nil, another(o.Folder, setting.Errorf("the run begins with %v, not %v (%v)", info.Start, given, setting.Name("init_from")))
		}
	}
	if info.Start.Hash == "" {
		return nil, nil
	}
	path := filepath.Join(o.Folder, run.StartName)
	m, err := model.Load(path)
	if err == nil && m.Hash() != info.Start.Begins {
		err = errors.New("is not the model that the run began with")
	}
	if err != nil {
		return nil, run.Damaged(path, err)
	}
	return m, nil
}

// checkInit returns an error about a model that cannot begin a training.
func (o Options) checkInit() error {
	const init setting.Name = "init_from"
	switch {
	case o.Init == nil:
		return nil
	case o.Init.Network.Config().Precision != rnn.Float32:
		return setting.Errorf("%v: the model's weights are rounded to %v and cannot learn; give the model that it was made from", init, o.Init.Network.Config().Precision)
	case o.Init.Network.Config().Codes > 0:
		return setting.Errorf("%v: %v", init, model.ErrCodes)
	}
	return nil
}

// sameNetwork returns an error that names the first setting in which a network differs from that of the model to begin with.
// The number of symbols may differ.
func sameNetwork(from, now rnn.Config) error {
	from.Symbols = now.Symbols
	a, b := reflect.ValueOf(from), reflect.ValueOf(now)
	for i := range a.NumField() {
		if a.Field(i).Interface() != b.Field(i).Interface() {
			return setting.Errorf("%v is %v, but the model of %v has %v; its network cannot change",
				setting.Name(jsonName(a.Type().Field(i))), b.Field(i), setting.Name("init_from"), a.Field(i))
		}
	}
	return nil
}

// begin sets the weights that a training begins with: those of a model, and where it has none, for symbols that it lacks, new
// ones, as a new network of this size has them. A nil model means a new network.
func (s Settings) begin(net *rnn.Network, a *corpus.Alphabet, from *model.Model) error {
	s.start(net)
	if from == nil {
		return nil
	}
	if err := sameNetwork(from.Network.Config(), s.Network); err != nil {
		return err
	}
	to, err := symbolsIn(a, from.Alphabet)
	if err != nil {
		return err
	}
	have, V := from.Alphabet.Size(), a.Size()
	old := from.Network.Params()
	for i, p := range net.Params() {
		if len(p.Value) == len(old[i].Value) { // not of symbols, or there are no new ones
			copy(p.Value, old[i].Value)
			continue
		}
		width := len(p.Value) / V // all that belongs to a symbol lies together: see rnn.Param
		if width*V != len(p.Value) || width*have != len(old[i].Value) {
			panic(fmt.Sprintf("train: %s has %d weights for %d symbols, %d for %d", p.Name, len(p.Value), V, len(old[i].Value), have))
		}
		for from, to := range to {
			copy(p.Value[to*width:(to+1)*width], old[i].Value[from*width:])
		}
	}
	net.Updated()
	return nil
}

// symbolsIn returns the numbers in one alphabet of the symbols of another. Both are in the same order.
func symbolsIn(a, of *corpus.Alphabet) ([]int, error) {
	numbers := make([]int, of.Size())
	at := 0 // of an alphabet of subwords, which stays as it is, the same number
	for i := range numbers {
		if int32(i) == of.Escape() {
			at = max(at, int(a.Escape())) // -1 if a has none
		} else {
			for at < a.Size() && int32(at) != a.Escape() && a.Symbol(int32(at)) != of.Symbol(int32(i)) {
				at++
			}
		}
		if at >= a.Size() || (int32(i) == of.Escape()) != (int32(at) == a.Escape()) {
			return nil, fmt.Errorf("the alphabet of %v lacks symbols of the model's, of %v; read the text with corpus.Options.Keep", a, of)
		}
		numbers[i] = at
		at++
	}
	return numbers, nil
}
