package safetensors

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// file puts a header and so many bytes of data together, with the true length of the header.
func file(header string, data int) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(b, header...), make([]byte, data)...)
}

func open(b []byte) (*File, error) { return Open(bytes.NewReader(b), int64(len(b))) }

// odd are the floats that a careless copy would change.
var odd = []float32{0, float32(math.Copysign(0, -1)), 1, -1.5, math.SmallestNonzeroFloat32, -0x1p-130, math.MaxFloat32,
	float32(math.Inf(1)), float32(math.Inf(-1)), math.Float32frombits(0x7fc00000), math.Float32frombits(0xffc12345), math.Float32frombits(0x7f812345)}

func write(t *testing.T, metadata map[string]string, tensors []Tensor, values ...[]float32) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := NewWriter(&b, metadata, tensors)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range values {
		if err := w.WriteFloat32(v); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestWrittenBytes(t *testing.T) {
	got := write(t, map[string]string{"b": "2", "a": "é\n\""},
		[]Tensor{{Name: "w", Shape: []int{2, 1}}, {Name: "scalar"}}, []float32{1, -2}, []float32{0.5})
	header := `{"__metadata__":{"a":"é\n\"","b":"2"},` +
		`"w":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},` +
		`"scalar":{"dtype":"F32","shape":[],"data_offsets":[8,12]}}`
	header += strings.Repeat(" ", (8-len(header)%8)%8)
	want := append(file(header, 0), "\x00\x00\x80\x3f\x00\x00\x00\xc0\x00\x00\x00\x3f"...)
	if !bytes.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestDataBeginAtAMultipleOfEight(t *testing.T) {
	for n := range 9 {
		b := write(t, map[string]string{"k": strings.Repeat("x", n)}, nil)
		if header := binary.LittleEndian.Uint64(b); header%8 != 0 || len(b) != 8+int(header) {
			t.Errorf("a header of %d bytes in a file of %d without data", header, len(b))
		}
	}
}

func TestRoundTripKeepsEveryBit(t *testing.T) {
	large := make([]float32, chunk/4+5)
	for i := range large {
		large[i] = math.Float32frombits(uint32(i) * 2654435761)
	}
	tensors := []Tensor{{Name: "odd", Shape: []int{len(odd)}}, {Name: "empty", Shape: []int{3, 0}}, {Name: "large", Shape: []int{1, len(large)}}}
	f, err := open(write(t, map[string]string{"k": "v"}, tensors, odd, nil, large))
	if err != nil {
		t.Fatal(err)
	}
	if len(f.metadata) != 1 || string(f.metadata[0].key) != "k" || string(f.metadata[0].value) != "v" {
		t.Errorf("metadata %q, want k: v", f.metadata)
	}
	for i, want := range [][]float32{odd, {}, large} {
		got := make([]float32, len(want))
		if err := f.ReadFloat32(got, 0, tensors[i].Name, tensors[i].Shape...); err != nil {
			t.Fatal(err)
		}
		for j := range want {
			if math.Float32bits(got[j]) != math.Float32bits(want[j]) {
				t.Fatalf("%s[%d] has bits %08x, wrote %08x", tensors[i].Name, j, math.Float32bits(got[j]), math.Float32bits(want[j]))
			}
		}
	}
}

// corrupt files, each with its error; also the seeds of the fuzzer.
var corrupt = []struct {
	name string
	file []byte
	want string
}{
	{"empty", nil, "0 bytes are too few for a safetensors file"},
	{"cut in the length", file("", 0)[:7], "7 bytes are too few for a safetensors file"},
	{"length above the bound", append(binary.LittleEndian.AppendUint64(nil, MaxHeader+1), 'x'), "header length 100000001 is above the limit of 100000000: no safetensors file"},
	{"length of 2^64-1", bytes.Repeat([]byte{0xff}, 100), "header length 18446744073709551615 is above the limit of 100000000: no safetensors file"},
	{"length beyond the file", append(binary.LittleEndian.AppendUint64(nil, 3), '{', '}'), "header length 3 goes beyond the file of 10 bytes"},
	{"no header", file("", 0), "header: does not begin with {"},
	{"space before {", file(" {}", 0), "header: does not begin with {"},
	{"no UTF-8", file("{\"\xff\":1}", 0), "header: is not valid UTF-8"},
	{"something behind }", file("{}  x", 0), "header: something follows the closing }"},
	{"two objects", file("{}{}", 0), "header: something follows the closing }"},
	{"never closed", file(`{"a":{"dtype":"F32"`, 0), `header: tensor "a": ends in the middle`},
	{"cut in a string", file(`{"a`, 0), "header: ends in the middle"},
	{"comma before }", file(`{"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]},}`, 4), "header: '}' where a string should be"},
	{"no JSON", file(`{a:1}`, 0), "header: a where a string should be"},
	{"metadata no object", file(`{"__metadata__":"x"}`, 0), `header: __metadata__: "x" where { should be`},
	{"metadata null", file(`{"__metadata__":null}`, 0), `header: __metadata__: null where { should be`},
	{"metadata value no string", file(`{"__metadata__":{"k":1}}`, 0), `header: __metadata__: "k": 1 where a string should be`},
	{"metadata key twice", file(`{"__metadata__":{"k":"1","k":"2"}}`, 0), `header: __metadata__: "k" is there twice`},
	{"metadata twice", file(`{"__metadata__":{},"__metadata__":{}}`, 0), `header: "__metadata__" is there twice`},
	{"tensor twice", file(`{"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}`, 4), `header: "a" is there twice`},
	{"tensor twice, escaped", file(`{"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]},"\u0061":{"dtype":"F32","shape":[],"data_offsets":[4,8]}}`, 8), `header: "a" is there twice`},
	{"field twice", file(`{"a":{"dtype":"F32","dtype":"F64","shape":[],"data_offsets":[0,4]}}`, 4), `header: tensor "a": "dtype" is there twice`},
	{"field missing", file(`{"a":{"dtype":"F32","data_offsets":[0,4]}}`, 4), `header: tensor "a": needs "dtype", "shape" and "data_offsets"`},
	{"field unknown", file(`{"a":{"dtype":"F32","stride":[1]}}`, 4), `header: tensor "a": "stride": is no field of a tensor`},
	{"tensor no object", file(`{"a":[]}`, 4), `header: tensor "a": '[' where { should be`},
	{"dtype no string", file(`{"a":{"dtype":32,"shape":[],"data_offsets":[0,4]}}`, 4), `header: tensor "a": "dtype": 32 where a string should be`},
	{"dtype unknown", file(`{"a":{"dtype":"F31","shape":[],"data_offsets":[0,4]}}`, 4), `header: tensor "a": "dtype": "F31" is unknown`},
	{"shape no array", file(`{"a":{"dtype":"F32","shape":1,"data_offsets":[0,4]}}`, 4), `header: tensor "a": "shape": 1 where [ should be`},
	{"size negative", file(`{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}`, 4), `header: tensor "a": "shape": -1 where a whole number below 2^63 should be`},
	{"size a fraction", file(`{"a":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}}`, 4), `header: tensor "a": "shape": 1.0 where a whole number below 2^63 should be`},
	{"size a string", file(`{"a":{"dtype":"F32","shape":["1"],"data_offsets":[0,4]}}`, 4), `header: tensor "a": "shape": "1" where a whole number below 2^63 should be`},
	{"size of 2^63", file(`{"a":{"dtype":"F32","shape":[9223372036854775808],"data_offsets":[0,4]}}`, 4), `header: tensor "a": "shape": 9223372036854775808 where a whole number below 2^63 should be`},
	{"shapes nested", file(`{"a":{"dtype":"F32","shape":[[1]],"data_offsets":[0,4]}}`, 4), `header: tensor "a": "shape": '[' where a whole number below 2^63 should be`},
	{"65 dimensions", file(`{"a":{"dtype":"F32","shape":[1`+strings.Repeat(",1", 64)+`],"data_offsets":[0,4]}}`, 4), `header: tensor "a": "shape": more than 64 values`},
	{"shape overflows", file(`{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}}`, 0), `tensor "a": shape [4294967296 4294967296] is too large`},
	{"bytes overflow", file(`{"a":{"dtype":"F32","shape":[4611686018427387905],"data_offsets":[0,4]}}`, 4), `tensor "a": shape [4611686018427387905] is too large`},
	{"one offset", file(`{"a":{"dtype":"F32","shape":[],"data_offsets":[4]}}`, 4), `header: tensor "a": "data_offsets": 1 numbers, want 2`},
	{"three offsets", file(`{"a":{"dtype":"F32","shape":[],"data_offsets":[0,4,8]}}`, 4), `header: tensor "a": "data_offsets": more than 2 values`},
	{"offsets reversed", file(`{"a":{"dtype":"F32","shape":[],"data_offsets":[4,0]}}`, 4), `tensor "a": data_offsets [4, 0], want 4 bytes for F32 []`},
	{"too few bytes for the shape", file(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}`, 4), `tensor "a": data_offsets [0, 4], want 8 bytes for F32 [2]`},
	{"too many for the type", file(`{"a":{"dtype":"F16","shape":[2],"data_offsets":[0,8]}}`, 8), `tensor "a": data_offsets [0, 8], want 4 bytes for F16 [2]`},
	{"hole in front", file(`{"a":{"dtype":"F32","shape":[],"data_offsets":[4,8]}}`, 8), `tensor "a": data_offsets [4, 8] leave a hole behind byte 0`},
	{"hole between", file(`{"b":{"dtype":"U8","shape":[1],"data_offsets":[5,6]},"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}`, 6), `tensor "b": data_offsets [5, 6] leave a hole behind byte 4`},
	{"overlap", file(`{"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[],"data_offsets":[3,7]}}`, 7), `tensor "b": data_offsets [3, 7] overlap the tensor before, which ends at 4`},
	{"same bytes twice", file(`{"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}`, 4), `tensor "b": data_offsets [0, 4] overlap the tensor before, which ends at 4`},
	{"bytes behind the last", file(`{"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}`, 5), `tensors take 4 bytes, the file holds 5`},
	{"data cut", file(`{"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}`, 3), `tensors take 4 bytes, the file holds 3`},
	{"data but no tensor", file(`{}`, 1), `tensors take 0 bytes, the file holds 1`},
	{"too many entries of metadata", file(`{"__metadata__":{`+strings.ReplaceAll(numbered(257), ":0", `:""`)+`}}`, 0), `header: __metadata__: more than 256 entries`},
	{"too many tensors", file(`{`+strings.ReplaceAll(numbered(8193), ":0", `:{"dtype":"U8","shape":[0],"data_offsets":[0,0]}`)+`}`, 0), `header: more than 8192 tensors`},
	{"a name of a page", file(`{"`+strings.Repeat("long ", 1000)+`":1}`, 0), `header: "` + strings.Repeat("long ", 8) + `"... is a name of more than 1024 bytes`},
	{"a long name", file(`{"`+strings.Repeat("long ", 204)+`":1}`, 0), `header: tensor "` + strings.Repeat("long ", 8) + `"...: 1 where { should be`},
	{"half a surrogate", file(`{"\ud83d":1}`, 0), `header: "\\ud83d" is no escape`},
	{"a name with a line break", file(`{"a\nb":1}`, 0), `header: tensor "a\nb": 1 where { should be`},
}

func TestCorruptFiles(t *testing.T) {
	for _, tt := range corrupt {
		t.Run(tt.name, func(t *testing.T) {
			_, err := open(tt.file)
			if err == nil || !strings.HasPrefix(err.Error(), tt.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("Open(%.200q)\n error %v\n want  %s", tt.file, err, tt.want)
			}
		})
	}
}

// whole files that other writers may write; also seeds of the fuzzer.
var whole = [][]byte{
	file(`{}`, 0),
	file(`{}     `, 0),
	file(`{"__metadata__":{}}`, 0),
	file(`{ "b" : {"shape":[1,2], "data_offsets":[4,12], "dtype":"F32"}, "a":{"dtype":"I16","shape":[2],"data_offsets":[0,4]}}`, 12),
	file(`{"zero":{"dtype":"F64","shape":[0,9223372036854775807],"data_offsets":[4,4]},"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]},"none":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}`, 4),
}

func TestWholeFiles(t *testing.T) {
	for _, b := range whole {
		f, err := open(b)
		if err != nil {
			t.Errorf("Open(%q): %v", b, err)
			continue
		}
		for i := range f.entries {
			if name := string(f.entries[i].name); !f.Has(name) || f.Has(name+"x") {
				t.Errorf("Open(%q): tensor %q is not found", b, name)
			}
		}
	}
}

func TestReadFloat32WantsTypeAndShape(t *testing.T) {
	f, err := open(whole[3])
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name  string
		shape []int
		want  string
	}{
		{"c", []int{1, 2}, `tensor "c" is missing`},
		{"a", []int{2}, `tensor "a": dtype I16, want F32`},
		{"b", []int{2, 1}, `tensor "b": shape [1 2], want [2 1]`},
		{"b", []int{2}, `tensor "b": shape [1 2], want [2]`},
		{"b", []int{1, 2}, "<nil>"},
	} {
		if err := fmt.Sprint(f.ReadFloat32(make([]float32, 2), 0, tt.name, tt.shape...)); err != tt.want {
			t.Errorf("ReadFloat32(%s, %v): %s, want %s", tt.name, tt.shape, err, tt.want)
		}
		if err := fmt.Sprint(f.Check(tt.name, tt.shape...)); err != tt.want {
			t.Errorf("Check(%s, %v): %s, want %s", tt.name, tt.shape, err, tt.want)
		}
	}
}

func TestFileThatShrinksAfterOpen(t *testing.T) {
	b := whole[3]
	f, err := Open(bytes.NewReader(b[:len(b)-1]), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	if err := fmt.Sprint(f.ReadFloat32(make([]float32, 2), 0, "b", 1, 2)); err != `tensor "b": the file ended while it was read` {
		t.Errorf("ReadFloat32 of a file that shrank: %s", err)
	}
}

func TestWriterRefuses(t *testing.T) {
	for _, tt := range []struct {
		metadata map[string]string
		tensors  []Tensor
		want     string
	}{
		{nil, []Tensor{{Name: "a"}, {Name: "a"}}, `tensor name "a" is taken`},
		{nil, []Tensor{{Name: "__metadata__"}}, `tensor name "__metadata__" is taken`},
		{nil, []Tensor{{Name: "a", Shape: []int{-1}}}, `tensor "a": shape [-1] is too large`},
		{map[string]string{"k": "\xff"}, nil, `"\xff" is not valid UTF-8`},
	} {
		if _, err := NewWriter(&bytes.Buffer{}, tt.metadata, tt.tensors); fmt.Sprint(err) != tt.want {
			t.Errorf("NewWriter(%.40v, %v): %v, want %s", tt.metadata, tt.tensors, err, tt.want)
		}
	}
	w, err := NewWriter(&bytes.Buffer{}, nil, []Tensor{{Name: "a"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := fmt.Sprint(w.Close()); err != `tensor "a" has not been written` {
		t.Errorf("Close before the values: %s", err)
	}
}

type limited struct{ left int }

func (l *limited) Write(p []byte) (int, error) {
	if l.left -= len(p); l.left < 0 {
		return 0, errors.New("full")
	}
	return len(p), nil
}

func TestWriterPassesErrorsOn(t *testing.T) {
	for left := range 68 { // 8 + 56 + 4 bytes in all
		w, err := NewWriter(&limited{left}, nil, []Tensor{{Name: "a"}})
		if err == nil {
			err = w.WriteFloat32([]float32{1})
		}
		if err == nil {
			t.Errorf("writing 68 bytes where %d fit: no error", left)
		}
	}
}

// FuzzOpen: no panic, no allocation far beyond the file; and what is accepted is as the format wants it.
func FuzzOpen(f *testing.F) {
	for _, tt := range corrupt {
		f.Add(tt.file)
	}
	for _, b := range whole {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		file, err := open(b)
		runtime.ReadMemStats(&after)
		if used := after.TotalAlloc - before.TotalAlloc; used > 3*uint64(len(b))+1<<16 {
			t.Errorf("Open of %d bytes allocated %d", len(b), used)
		}
		if err != nil {
			if strings.ContainsAny(err.Error(), "\n\r") {
				t.Errorf("error of more than one line: %q", err)
			}
			return
		}
		var end int64
		byPlace := slices.Clone(file.entries)
		slices.SortFunc(byPlace, func(a, b entry) int { return cmp.Or(cmp.Compare(a.begin, b.begin), cmp.Compare(a.end, b.end)) })
		for _, e := range byPlace {
			tensor := e.tensor()
			if e.begin != end || e.end < e.begin {
				t.Errorf("%s begins at %d, the one before ends at %d", tensor.Name, e.begin, end)
			}
			end = e.end
			if !file.Has(tensor.Name) {
				t.Errorf("%s is not found", tensor.Name)
			}
			if tensor.Type == "F32" {
				if err := file.ReadFloat32(make([]float32, (e.end-e.begin)/4), 0, tensor.Name, tensor.Shape...); err != nil {
					t.Error(err)
				}
			}
		}
		for i := 1; i < len(file.entries); i++ {
			if string(file.entries[i-1].name) >= string(file.entries[i].name) {
				t.Errorf("names are not unique and in order: %q", file.entries[i].name)
			}
		}
		var all map[string]json.RawMessage
		if err := json.Unmarshal(b[8:8+binary.LittleEndian.Uint64(b)], &all); err != nil {
			t.Fatalf("package json: %v", err)
		}
		delete(all, metadataKey)
		for name, text := range all {
			var want struct {
				Type    string  `json:"dtype"`
				Shape   []int   `json:"shape"`
				Offsets []int64 `json:"data_offsets"`
			}
			if err := json.Unmarshal(text, &want); err != nil {
				t.Fatalf("package json: %v", err)
			}
			e := file.entry(name)
			if e == nil || types[e.dtype].name != want.Type || !e.hasShape(want.Shape) || e.begin != want.Offsets[0] || e.end != want.Offsets[1] {
				t.Errorf("tensor %q is %+v, package json finds %+v", name, e, want)
			}
		}
		if file.Len() != len(all) {
			t.Errorf("%d tensors, package json finds %d", file.Len(), len(all))
		}
	})
}
