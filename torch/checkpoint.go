package torch

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/seed-f4dd853e/elman/internal/exactjson"
	"github.com/seed-f4dd853e/elman/internal/f32"
	"github.com/seed-f4dd853e/elman/internal/safetensors"
	"github.com/seed-f4dd853e/elman/internal/setting"
)

// A checkpoint is what a file holds.
type checkpoint struct {
	size    int64 // of the file
	tensors []*tensor
	rest    any      // everything else, values of package pickle, where an alphabet may be
	calls   []string // classes in it that stand for no tensor, for errors
}

// A tensor is an array of numbers in a file.
type tensor struct {
	name   string // PyTorch's, such as lstm.weight_ih_l0, after the names of the dicts around it
	folder string // the names of the dicts around it, each with a dot
	ours   string // what a Mapping calls it, "" if none
	dtype  string // as in safetensors: "F32", "I64", or another name for what is not read
	shape  []int
	// load returns the elements, little-endian, in the order of the shape: at most as many bytes as the file has.
	load func() ([]byte, error)
}

func (t *tensor) String() string { return fmt.Sprintf("%s %v", quote(t.name), t.shape) }

// elementSizes are the bytes of an element, of the types that are read.
var elementSizes = map[string]int64{"F32": 4, "F64": 8, "F16": 2, "BF16": 2}

// bytes returns the bytes of a tensor of a type that is read. A shape may claim any number.
func (t *tensor) bytes() float64 {
	n := float64(elementSizes[t.dtype])
	for _, d := range t.shape {
		n *= float64(d)
	}
	return n
}

// values reads a tensor of finite numbers.
func (t *tensor) values() ([]float32, error) {
	b, err := t.load()
	if err != nil {
		return nil, fmt.Errorf("tensor %s: %w", quote(t.name), err)
	}
	x := make([]float32, len(b)/int(elementSizes[t.dtype]))
	for i := range x {
		switch t.dtype {
		case "F32":
			x[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
		case "F64":
			x[i] = float32(math.Float64frombits(binary.LittleEndian.Uint64(b[8*i:])))
		case "F16":
			x[i] = fromFloat16(binary.LittleEndian.Uint16(b[2*i:]))
		case "BF16":
			x[i] = f32.FromBF16(binary.LittleEndian.Uint16(b[2*i:]))
		}
		if x[i]-x[i] != 0 {
			return nil, fmt.Errorf("tensor %s: weight %d is %v, no number to compute with", quote(t.name), i, x[i])
		}
	}
	return x, nil
}

// fromFloat16 returns the value of an IEEE half-precision number: 1 bit of sign, 5 of exponent, 10 of fraction.
func fromFloat16(h uint16) float32 {
	sign, exponent, fraction := uint32(h>>15)<<31, uint32(h>>10&0x1f), uint32(h&0x3ff)
	switch exponent {
	case 0: // zero, and numbers below 2^-14
		x := float32(fraction) / (1 << 24)
		return math.Float32frombits(math.Float32bits(x) | sign)
	case 0x1f:
		return math.Float32frombits(sign | 0xff<<23 | fraction<<13)
	}
	return math.Float32frombits(sign | (exponent+127-15)<<23 | fraction<<13)
}

// Beginnings of files of other kinds.
var (
	zipMagic    = []byte("PK\x03\x04")
	legacyMagic = []byte("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19") // what torch.save pickled first before 1.6
	hdfMagic    = []byte("\x89HDF\r\n\x1a\n")
)

// open reads what a file holds, except for the elements of its tensors.
func open(r io.ReaderAt, size int64) (*checkpoint, error) {
	begin := make([]byte, min(size, int64(len(legacyMagic))))
	if _, err := r.ReadAt(begin, 0); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	switch {
	case bytes.HasPrefix(begin, zipMagic):
		return openZip(r, size)
	case bytes.HasPrefix(begin, legacyMagic):
		return nil, errors.New("torch.save wrote it in the form from before PyTorch 1.6, which is not read; save it again: torch.save(torch.load(FILE, map_location=\"cpu\"), NEWFILE)")
	case bytes.HasPrefix(begin, hdfMagic):
		return nil, errors.New("it is an HDF5 file, as Keras writes them; only PyTorch's .safetensors and .pt files are read")
	case len(begin) > 8 && begin[8] == '{':
		return openSafetensors(r, size)
	}
	return nil, errors.New("neither a .safetensors file nor one of torch.save (.pt, a zip archive)")
}

// openSafetensors lists the tensors of a safetensors file. An alphabet may be in the metadata.
func openSafetensors(r io.ReaderAt, size int64) (*checkpoint, error) {
	file, err := safetensors.Open(r, size)
	if err != nil {
		return nil, err
	}
	if _, ok := file.Metadata("elman"); ok {
		return nil, errors.New("it is a model of Elman's own already; use it as it is")
	}
	c := &checkpoint{size: size, rest: metadata(file)}
	for _, t := range file.Tensors() {
		own := &tensor{name: t.Name, dtype: t.Type, shape: t.Shape}
		own.load = func() ([]byte, error) {
			b := make([]byte, int64(own.bytes())) // the reader has compared it with the size of the file
			return b, file.ReadElements(b, 0, t.Name, t.Type, t.Shape...)
		}
		c.tensors = append(c.tensors, own)
	}
	return c, nil
}

// The names of settings in errors.
const (
	mapName        setting.Name = "map"
	alphabetName   setting.Name = "alphabet"
	symbolsName    setting.Name = "symbols"
	activationName setting.Name = "activation"
)

// rename marks the tensors that mappings name.
func (c *checkpoint) rename(all []Mapping) error {
	for _, m := range all {
		if !slices.Contains([]string{"embedding", "rnn", "decoder", "-"}, firstName(m.Ours)) || m.Theirs == "" {
			return setting.Errorf("%v is %q, must be OURS=THEIRS: embedding, rnn, decoder, a tensor such as rnn.weight_ih_l1, or - for what is left out, and its name in the file", mapName, m.Ours+"="+m.Theirs)
		}
		found := false
		for _, t := range c.tensors {
			rest, inside := strings.CutPrefix(t.name, m.Theirs)
			if !inside || rest != "" && rest[0] != '.' && !strings.HasSuffix(m.Theirs, ".") {
				continue
			}
			if t.ours != "" && t.ours != m.Ours+rest {
				return setting.Errorf("%v makes %s both %s and %s", mapName, quote(t.name), t.ours, m.Ours+rest)
			}
			t.ours, found = m.Ours+rest, true
		}
		if !found {
			return setting.Errorf("%v: %s is not in the file, which has %s", mapName, quote(m.Theirs), names(c.tensors))
		}
	}
	return nil
}

// firstName returns the name before the first dot.
func firstName(name string) string {
	first, _, _ := strings.Cut(name, ".")
	return first
}

// shown is how many tensors an error lists.
const shown = 4

// names lists tensors for an error.
func names(tensors []*tensor) string {
	if len(tensors) == 0 {
		return "no tensors"
	}
	var all []string
	for _, t := range tensors[:min(shown, len(tensors))] {
		all = append(all, t.String())
	}
	text := strings.Join(all, ", ")
	if more := len(tensors) - shown; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// quote quotes a name from a file for an error of one line.
func quote(name string) string { return exactjson.Quote(name) }
