package torch

import (
	"fmt"
	"path/filepath"
	"testing"
)

func TestWhatCannotBeIsNamed(t *testing.T) {
	chars = readGolden(t).Chars
	mapped := func(ours, theirs string) func(*Options) {
		return func(o *Options) { withChars(o); o.Map = []Mapping{{ours, theirs}} }
	}
	alphabet := func(text string) func(*Options) { return func(o *Options) { o.Alphabet = []byte(text) } }
	for _, tt := range []struct {
		file    string
		options func(*Options)
		want    string
	}{
		{"bidirectional.pt", withChars, `"rnn.weight_ih_l0_reverse" [24 5] is of a bidirectional network, which reads what it should predict; Elman has none`},
		{"projected.pt", withChars, `"rnn.weight_hr_l0" [3 6] is of an LSTM with proj_size; Elman has none`},
		{"normed.pt", withChars, `"norm.weight" [6], "norm.bias" [6]: a LayerNorm or another norm beside embedding, recurrent layers and output layer, which Elman's networks lack; if the logits do not depend on it, leave it out: map -=norm`},
		{"transformer.pt", withChars, `no nn.RNN, nn.LSTM or nn.GRU: no tensor is called ...weight_ih_l0; the file has "self_attn.in_proj_weight" [12 4], "self_attn.in_proj_bias" [12], "self_attn.out_proj.weight" [4 4], "self_attn.out_proj.bias" [4] and 8 more`},
		{"legacy.pt", withChars, `torch.save wrote it in the form from before PyTorch 1.6, which is not read; save it again: torch.save(torch.load(FILE, map_location="cpu"), NEWFILE)`},
		{"script.pt", withChars, `torch.jit.save wrote it; save the weights alone: torch.save(module.state_dict(), NEWFILE)`},
		{"golden.json", withChars, `neither a .safetensors file nor one of torch.save (.pt, a zip archive)`},
		{"names.pt", withChars, `by its shape, each of "c.weight" and "a.weight" can be the output layer; name it: map decoder=c`},
		{"names.pt", mapped("decoder", "d"), `map: "d" is not in the file, which has "a.weight" [10 6], "net.b.weight_ih_l0" [24 6], "net.b.weight_hh_l0" [24 6], "net.b.bias_ih_l0" [24] and 2 more`},
		{"names.pt", mapped("output", "c"), `map is "output=c", must be OURS=THEIRS: embedding, rnn, decoder, a tensor such as rnn.weight_ih_l1, or - for what is left out, and its name in the file`},
		{"names.pt", mapped("decoder", "net.b"), `no nn.RNN, nn.LSTM or nn.GRU: no tensor is called ...weight_ih_l0; the file has "a.weight" [10 6], "net.b.weight_ih_l0" [24 6], "net.b.weight_hh_l0" [24 6], "net.b.bias_ih_l0" [24] and 2 more`},
		{"lstm.pt", mapped("decoder", "encoder"), `no output layer: it needs a matrix [V 6], with an embedding [V 5], or without one if V is 5; beside the recurrent layers there are "encoder.weight" [10 5], "decoder.weight" [10 6], "decoder.bias" [10]; if one of them is it, map decoder=NAME`},
		{"lstm.pt", mapped("-", "decoder"), `no output layer: it needs a matrix [V 6], with an embedding [V 5], or without one if V is 5; beside the recurrent layers there are "encoder.weight" [10 5]; if one of them is it, map decoder=NAME`},
		{"two.pt", mapped("rnn", "lstm2"), `no output layer: it needs a matrix [V 6], with an embedding [V 6], or without one if V is 6; beside the recurrent layers there are "lstm1.weight_ih_l0" [24 10], "lstm1.weight_hh_l0" [24 6], "lstm1.bias_ih_l0" [24], "lstm1.bias_hh_l0" [24] and 2 more; if one of them is it, map decoder=NAME`},
		{"lstm.pt", nil, `no alphabet of 10 symbols, one for each row of the output layer, is in the file; give one: alphabet FILE`},
		{"lstm.pt", alphabet("abc"), `alphabet: it has 3 characters, the output layer has 10 rows; give one symbol for each, in their order`},
		{"lstm.pt", alphabet("[]"), `alphabet: it has 2 characters, the output layer has 10 rows; give one symbol for each, in their order`},
		{"lstm.pt", alphabet(""), `alphabet: it has 0 characters, the output layer has 10 rows; give one symbol for each, in their order`},
		{"lstm.pt", alphabet("\xff"), `alphabet: is not valid UTF-8; save it as such`},
		{"lstm.pt", alphabet("abcdefghia"), `symbol 9 of the alphabet is "a", which is number 0 too`},
		{"lstm.pt", alphabet(`["<pad>","a","b","c","d","e","f","g","h","i"]`), `symbol 0 of the alphabet is "<pad>", which is not a single character; in an alphabet file write what it is in a text ("\n" for the end of a line), or a character that no text has, such as "\u0000"`},
		{"lstm.pt", alphabet(`["<unk>","<UNK>","b","c","d","e","f","g","h","i"]`), `symbol 0 of the alphabet is "<unk>", which stands for what the alphabet lacks, as "<UNK>" does; one symbol can`},
		{"lstm.pt", alphabet(`["<pad>","the","cat","c","d","e","f","g","h","i"]`), `symbol 0 of the alphabet is "<pad>", which is not a single character; in an alphabet file write what it is in a text ("\n" for the end of a line), or a character that no text has, such as "\u0000"`},
		{"lstm.pt", alphabet(`{"char2idx":{"a":1,"b":2,"c":3}}`), `alphabet: it has 3 symbols, and none of number 0, the output layer has 10 rows; give one symbol for each, in their order`},
		{"lstm.pt", func(o *Options) { o.Symbols = "bytes" }, `no alphabet of 10 symbols, one for each row of the output layer, is in the file; give one: alphabet FILE`},
		{"lstm.pt", func(o *Options) { withChars(o); o.Symbols = "subwords" }, `symbols is "subwords", must be bytes, chars or words`},
		{"lstm.pt", func(o *Options) { withChars(o); o.Activation = "relu" }, `activation is relu, but the file has no nn.RNN; leave it out`},
		{"double.pt", func(o *Options) { withChars(o); o.Activation = "gelu" }, `activation is "gelu", must be tanh, sigmoid or relu`},
		{"none.pt", withChars, `no such file or directory`},
		{".", withChars, `is not a regular file`},
	} {
		var o Options
		if tt.options != nil {
			tt.options(&o)
		}
		_, err := Load(filepath.Join("testdata", tt.file), o)
		if got := fmt.Sprint(err); got != filepath.Join("testdata", tt.file)+": "+tt.want {
			t.Errorf("%s\n got %s\nwant %s", tt.file, got, tt.want)
		}
	}
}
