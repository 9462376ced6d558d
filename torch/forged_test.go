package torch

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"runtime"
	"strings"
	"testing"
)

// Pickles, piece by piece.

func text(s string) string {
	return "X" + string(binary.LittleEndian.AppendUint32(nil, uint32(len(s)))) + s
}
func number(n int64) string {
	return "\x8a\x08" + string(binary.LittleEndian.AppendUint64(nil, uint64(n)))
}
func tuple(items ...string) string { return "(" + strings.Join(items, "") + "t" }
func dict(items ...string) string  { return "}(" + strings.Join(items, "") + "u" }

func shapeOf(sizes ...int64) string {
	var all []string
	for _, n := range sizes {
		all = append(all, number(n))
	}
	return tuple(all...)
}

// forged is a tensor in storage key of length numbers.
func forged(key string, length, offset int64, shape, strides string) string {
	storage := tuple(text("storage"), "ctorch\nFloatStorage\n", text(key), text("cpu"), number(length)) + "Q"
	return "ctorch._utils\n_rebuild_tensor_v2\n" + tuple(storage, number(offset), shape, strides, "\x89", "N") + "R"
}

// network is a state_dict of an nn.RNN of H units over V symbols whose recurrent matrix is a given tensor.
func network(V, H int64, recurrent string) string {
	whole := func(key string, rows, columns int64) string {
		return forged(key, rows*columns, 0, shapeOf(rows, columns), shapeOf(columns, 1))
	}
	return dict(text("rnn.weight_ih_l0"), whole("0", H, V), text("rnn.weight_hh_l0"), recurrent, text("out.weight"), whole("0", V, H))
}

// packed is an archive of a pickle and storages of zeros, "0" of 24 bytes and "1" of 36.
func packed(t *testing.T, pickle string, method uint16) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, f := range []struct {
		name, content string
		method        uint16
	}{{"a/data.pkl", "\x80\x02" + pickle + ".", zip.Store}, {"a/data/0", strings.Repeat("\x00", 24), zip.Store}, {"a/data/1", strings.Repeat("\x00", 36), method}} {
		out, err := w.CreateHeader(&zip.FileHeader{Name: f.name, Method: f.method})
		if err != nil {
			t.Fatal(err)
		}
		out.Write([]byte(f.content))
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestForgedFiles reads files that are whole, and claim what is not there.
func TestForgedFiles(t *testing.T) {
	const huge = 1 << 40
	laughs := "}q\x00"
	for i := range 40 { // each dict holds the one before a hundred times
		laughs += "}" + "q" + string(rune(i+1)) + "("
		for j := range 100 {
			laughs += number(int64(j)) + "h" + string(rune(i))
		}
		laughs += "u"
	}
	laughs = strings.ReplaceAll(laughs, "\x8a\x08", "X\x08\x00\x00\x00") // under keys that are texts
	const shape = `tensor "rnn.weight_hh_l0": its storage, offset, size or strides are not those of a tensor`
	for _, tt := range []struct {
		name, pickle string
		method       uint16
		want         string
	}{
		{"as it should be", network(2, 3, forged("1", 9, 0, shapeOf(3, 3), shapeOf(3, 1))), zip.Store, "<nil>"},
		{"transposed", network(2, 3, forged("1", 9, 0, shapeOf(3, 3), shapeOf(1, 3))), zip.Store, "<nil>"},
		{"beyond the storage", network(2, 3, forged("1", 9, 1, shapeOf(3, 3), shapeOf(3, 1))), zip.Store, shape},
		{"before the storage", network(2, 3, forged("1", 9, -1, shapeOf(3, 3), shapeOf(3, 1))), zip.Store, shape},
		{"large strides", network(2, 3, forged("1", 9, 0, shapeOf(3, 3), shapeOf(1<<62, 1<<62))), zip.Store, shape},
		{"negative strides", network(2, 3, forged("1", 9, 8, shapeOf(3, 3), shapeOf(-3, -1))), zip.Store, shape},
		{"one number for all", network(2, 3, forged("0", 6, 0, shapeOf(3, 3), shapeOf(0, 0))), zip.Store, shape},
		{"huge", network(2, huge, forged("1", 9, 0, shapeOf(huge, huge), shapeOf(0, 0))), zip.Store, "its tensors take"},
		{"fewer dimensions than strides", network(2, 3, forged("1", 9, 0, shapeOf(3, 3), shapeOf(3))), zip.Store, shape},
		{"a negative size", network(2, 3, forged("1", 9, 0, shapeOf(-3, 3), shapeOf(3, 1))), zip.Store, shape},
		{"another length", network(2, 3, forged("1", huge, 0, shapeOf(3, 3), shapeOf(3, 1))), zip.Store,
			`tensor "rnn.weight_hh_l0": its storage has 36 bytes, want 1099511627776 numbers of 4`},
		{"no storage", network(2, 3, forged("7", 9, 0, shapeOf(3, 3), shapeOf(3, 1))), zip.Store,
			`tensor "rnn.weight_hh_l0": its storage, data/7, is missing in the archive`},
		{"compressed", network(2, 3, forged("1", 9, 0, shapeOf(3, 3), shapeOf(3, 1))), zip.Deflate,
			`tensor "rnn.weight_hh_l0": data/1 is compressed, which torch.save does not do; unpack the archive and pack it without compression`},
		{"a dict in itself", "}q\x00(" + text("a") + "h\x00u", zip.Store, "no nn.RNN, nn.LSTM or nn.GRU: no tensor is called ...weight_ih_l0; the file has no tensors"},
		{"dicts within dicts", laughs, zip.Store, "no nn.RNN, nn.LSTM or nn.GRU: no tensor is called ...weight_ih_l0; the file has no tensors"},
		{"a module in itself", "cm\nNet\n)\x81q\x00" + dict(text("_modules"), dict(text("a"), "h\x00")) + "b", zip.Store,
			"no nn.RNN, nn.LSTM or nn.GRU: no tensor is called ...weight_ih_l0; the file has no tensors"},
		{"code", "cos\nsystem\n" + tuple(text("touch x")) + "R", zip.Store,
			"no nn.RNN, nn.LSTM or nn.GRU: no tensor is called ...weight_ih_l0; the file has no tensors; among its objects are os.system"},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		b := packed(t, tt.pickle, tt.method)
		_, err := Read(bytes.NewReader(b), int64(len(b)), Options{Alphabet: []byte("ab")})
		if got := fmt.Sprint(err); got != tt.want && !(tt.name == "huge" && strings.HasPrefix(got, tt.want)) {
			t.Errorf("%s: %s\nwant %s", tt.name, got, tt.want)
		}
		runtime.ReadMemStats(&after)
		if n := after.TotalAlloc - before.TotalAlloc; n > 8<<20 {
			t.Errorf("%s: %d bytes allocated", tt.name, n)
		}
	}
}

// TestSquareNetwork has as many units as symbols, so that one matrix can be either end.
func TestSquareNetwork(t *testing.T) {
	square := forged("1", 9, 0, shapeOf(3, 3), shapeOf(3, 1))
	b := packed(t, dict(text("rnn.weight_ih_l0"), square, text("rnn.weight_hh_l0"), square, text("w.weight"), square), zip.Store)
	for _, tt := range []struct {
		ours, want string
	}{
		{"", `"w.weight" can be an embedding tied to the output layer, or the output layer after one-hot inputs; name it: map embedding=w, or decoder`},
		{"embedding", "embedding 3, tied true"},
		{"decoder", "embedding 0, tied false"},
	} {
		o := Options{Alphabet: []byte("abc")}
		if tt.ours != "" {
			o.Map = []Mapping{{tt.ours, "w"}}
		}
		made, err := Read(bytes.NewReader(b), int64(len(b)), o)
		got := fmt.Sprint(err)
		if err == nil {
			c := made.Network.Config()
			got = fmt.Sprintf("embedding %d, tied %v", c.Embedding, c.Tie)
		}
		if got != tt.want {
			t.Errorf("mapped as %q: %s\nwant %s", tt.ours, got, tt.want)
		}
	}
}

// TestNoNumbers refuses weights that are no numbers.
func TestNoNumbers(t *testing.T) {
	b := packed(t, network(2, 3, forged("1", 9, 0, shapeOf(3, 3), shapeOf(3, 1))), zip.Store)
	damaged := repack(t, b, func(name string, content []byte) []byte {
		if name == "a/data/1" {
			copy(content, []byte{0, 0, 0xc0, 0x7f})
		}
		return content
	})
	_, err := Read(bytes.NewReader(damaged), int64(len(damaged)), Options{Alphabet: []byte("ab")})
	if want := `tensor "rnn.weight_hh_l0": weight 0 is NaN, no number to compute with`; fmt.Sprint(err) != want {
		t.Errorf("error %v, want %s", err, want)
	}
}

func TestFloat16(t *testing.T) {
	for _, tt := range []struct {
		bits uint16
		want float32
	}{
		{0, 0}, {0x3c00, 1}, {0xc000, -2}, {0x3555, 0.333251953125}, {0x7bff, 65504}, {0x0001, 1.0 / (1 << 24)}, {0x83ff, -1023.0 / (1 << 24)}, {0x0400, 1.0 / (1 << 14)},
	} {
		if got := fromFloat16(tt.bits); got != tt.want {
			t.Errorf("fromFloat16(%#x) = %v, want %v", tt.bits, got, tt.want)
		}
	}
	for _, bits := range []uint16{0x7c00, 0xfc00, 0x7e00} { // infinities, NaN
		if got := fromFloat16(bits); got-got == 0 {
			t.Errorf("fromFloat16(%#x) = %v", bits, got)
		}
	}
}
