package cli

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/regular"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/rnn"
	"github.com/seed-f4dd853e/elman/torch"
)

// importFlags is the command line of import.
type importFlags struct {
	alphabet, symbols, activation, documents, out string
	mappings                                      []string
	asJSON                                        bool
}

func importCommand(e *env) *cobra.Command {
	f := &importFlags{}
	c := &cobra.Command{
		Use:   "import FILE",
		Short: "Make a model of a network that PyTorch trained",
		Long: `Make a model of the weights in FILE, a state_dict of PyTorch: a .safetensors file, or a file of
torch.save (.pt, .pth), which may be a checkpoint with the state_dict in it. No code in it is run.

The network may have an nn.Embedding or one-hot inputs; an nn.RNN, nn.LSTM or nn.GRU of any number
of layers; and an nn.Linear. They are found by shape. Where shapes leave a choice, --map says what
is called how: --map decoder=head, --map rnn.weight_ih_l1=second.weight_ih_l0, and --map -=NAME for
what the logits do not depend on.

The alphabet says which symbol each row of the Linear is: a JSON list, a JSON object of numbers, a
text with a symbol on each line, or all characters in a row. Many checkpoints hold it themselves.

docs/import.md says what a state_dict does not tell, and how models go to PyTorch.`,
		Example: `  elman import char-rnn.pt
  elman import lstm.safetensors --alphabet chars.json --out lstm-elman.safetensors
  elman import net.pt --alphabet chars.txt --map embedding=tok,decoder=head`,
		Args: arguments(1, 1, "a file of PyTorch's weights"),
		RunE: func(_ *cobra.Command, args []string) error { return e.importFile(f, args[0]) },
	}
	fl := c.Flags()
	fl.StringVar(&f.alphabet, "alphabet", "", "file with the symbols of the output layer's rows (default: from FILE)")
	fl.StringVar(&f.symbols, "symbols", "", "chars, words or bytes (default chars, or words if there are any)")
	fl.StringSliceVar(&f.mappings, "map", nil, "what a part is called in FILE: `OURS=THEIRS`,...")
	fl.StringVar(&f.activation, "activation", "", "of an nn.RNN: tanh or relu (default: what FILE says, or tanh)")
	fl.StringVar(&f.documents, "documents", "whole", "restart state at: whole (start only), line, paragraph")
	fl.StringVar(&f.out, "out", "", "file to write (default: beside FILE, such as char-rnn.safetensors)")
	fl.BoolVar(&f.asJSON, "json", false, "write a JSON object")
	return c
}

// maxAlphabet is the largest alphabet file, in bytes.
const maxAlphabet = 1 << 25

// options returns what the flags say.
func (f *importFlags) options() (o torch.Options, err error) {
	o = torch.Options{Symbols: corpus.Kind(f.symbols), Activation: f.activation, Documents: corpus.Documents(f.documents)}
	for _, m := range f.mappings {
		ours, theirs, ok := strings.Cut(m, "=")
		if !ok {
			return o, usagef("--map is %q, must be OURS=THEIRS, such as decoder=head", m)
		}
		o.Map = append(o.Map, torch.Mapping{Ours: ours, Theirs: theirs})
	}
	if f.alphabet != "" {
		if o.Alphabet, err = regular.Read(f.alphabet, maxAlphabet); err != nil {
			return o, fmt.Errorf("alphabet %s: %w", f.alphabet, err)
		}
		if o.Alphabet == nil {
			o.Alphabet = []byte{}
		}
	}
	return o, nil
}

// importedName returns the file beside an import's that holds the model.
func importedName(name string) string {
	extension := filepath.Ext(model.FileName)
	base := strings.TrimSuffix(name, filepath.Ext(name))
	if base+extension == name {
		base += "-elman"
	}
	return base + extension
}

// An importing is what import tells.
type importing struct {
	File     string          `json:"file"`
	Out      string          `json:"out"`
	Hash     string          `json:"hash"`
	Network  rnn.Config      `json:"network"`
	Parts    []torch.Mapping `json:"parts"`
	Alphabet string          `json:"alphabet,omitempty"` // what it is called in the file

	symbols string
}

func (e *env) importFile(f *importFlags, name string) error {
	out := f.out
	switch out {
	case "-":
		return usagef("--out is -, must be a file: standard output says what was imported")
	case "":
		out = importedName(name)
	}
	inputs := []string{name}
	if f.alphabet != "" {
		inputs = append(inputs, f.alphabet)
	}
	if err := e.guard(inputs, out); err != nil {
		return err
	}
	if err := guardModel(out); err != nil {
		return err
	}
	o, err := f.options()
	if err != nil {
		return err
	}
	made, err := torch.Load(name, o)
	if err != nil {
		return err
	}
	if err := made.Save(out); err != nil {
		return err
	}
	r := importing{name, out, made.Hash(), made.Network.Config(), made.Parts, made.Alphabet, made.Model.Alphabet.String()}
	if f.asJSON {
		writeJSONLine(e.stdout, r)
		return nil
	}
	_, err = fmt.Fprint(e.stdout, e.layOut(r.String()))
	return err
}

// String returns two lines.
func (r *importing) String() string {
	c := r.Network
	cell := c.Cell
	if c.Activation != "" {
		cell += ", " + c.Activation
	}
	text := fmt.Sprintf("%s: %s, %d units", r.Out, cell, c.Hidden)
	if c.Layers > 1 {
		text += fmt.Sprintf(", %d layers", c.Layers)
	}
	switch {
	case c.Tie:
		text += ", embedding tied to the decoder"
	case c.Embedding > 0:
		text += fmt.Sprintf(", embedding of %d", c.Embedding)
	}
	text += ", " + r.symbols
	if r.Alphabet != "" {
		text += fmt.Sprintf(" (%q in %s)", r.Alphabet, r.File)
	}
	var parts []string
	for _, p := range r.Parts {
		parts = append(parts, fmt.Sprintf("%s is %s", p.Ours, p.Theirs))
	}
	return text + "\n" + strings.Join(parts, ", ") + "\n"
}
