package safetensors

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// file puts a header and this many bytes of data together, with the true length of the header.
func file(header string, data int) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(b, header...), make([]byte, data)...)
}

func open(b []byte) (*File, error) { return Open(bytes.NewReader(b), int64(len(b))) }

// odd are the floats that a careless copy would change.
var odd = []float32{0, float32(math.Copysign(0, -1)), 1, -1.5, math.SmallestNonzeroFloat32, -0x1p-130, math.MaxFloat32,
	float32(math.Inf(1)), float32(math.Inf(-1)), math.Float32frombits(0x7fc00000), math.Float32frombits(0xffc12345), math.Float32frombits(0x7f812345)}

func write(t *testing.T, object string, tensors ...Source) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, []byte(object), tensors); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestWrittenBytes(t *testing.T) {
	got := write(t, `{"a":"é\n"}`, Float32("w", []float32{1, -2}, 2, 1), Bytes("letters", "U8", []byte("ab")), Bytes("numbers", "I32", []byte{1, 0, 0, 0}), Float32("scalar", []float32{0.5}))
	// As Python computes it: objects, then tensors in the order of their names, json.dumps(name) and json.dumps(shape).
	sum := sha256.Sum256([]byte("12\n{\"a\":\"é\\n\"}" + "\"letters\" U8 [2]\nab" + "\"numbers\" I32 [1]\n\x01\x00\x00\x00" +
		"\"scalar\" F32 []\n\x00\x00\x00\x3f" + "\"w\" F32 [2, 1]\n\x00\x00\x80\x3f\x00\x00\x00\xc0"))
	header := fmt.Sprintf(`{"__metadata__":{"elman":"{\"a\":\"é\\n\"}","sha256":"%x"},`, sum) +
		`"w":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},` +
		`"letters":{"dtype":"U8","shape":[2],"data_offsets":[8,10]},` +
		`"numbers":{"dtype":"I32","shape":[1],"data_offsets":[10,14]},` +
		`"scalar":{"dtype":"F32","shape":[],"data_offsets":[14,18]}}`
	header += strings.Repeat(" ", (8-len(header)%8)%8)
	want := append(file(header, 0), "\x00\x00\x80\x3f\x00\x00\x00\xc0ab\x01\x00\x00\x00\x00\x00\x00\x3f"...)
	if !bytes.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestDataBeginAtAMultipleOfEight(t *testing.T) {
	for n := range 9 {
		b := write(t, strings.Repeat("x", n))
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
	tensors := []Source{Float32("odd", odd, len(odd)), Float32("empty", nil, 3, 0), Float32("large", large, 1, len(large)), Bytes("letters", "U8", []byte("abc"))}
	f, err := open(write(t, `{"k":"v"}`, tensors...))
	if err != nil {
		t.Fatal(err)
	}
	var object struct {
		K string `json:"k"`
	}
	if err := f.Decode(&object); err != nil || object.K != "v" || f.Verify() != nil {
		t.Errorf("object %q, %v; checksum %v", object, err, f.Verify())
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
	if b, err := f.ReadVector("letters", "U8"); err != nil || string(b) != "abc" {
		t.Errorf("letters are %q, %v", b, err)
	}
	for name, want := range map[string]string{"none": `tensor "none" is missing`, "odd": `tensor "odd": dtype F32, want U8`} {
		if _, err := f.ReadVector(name, "U8"); fmt.Sprint(err) != want {
			t.Errorf("ReadVector(%s): error %v, want %s", name, err, want)
		}
	}
	if _, err := f.ReadVector("large", "F32"); fmt.Sprint(err) != `tensor "large": shape [1 4101], want one dimension` {
		t.Errorf("ReadVector of a matrix: error %v", err)
	}
}

// TestVerify changes one thing at a time that the checksum covers, and what may stand beside it.
func TestVerify(t *testing.T) {
	whole := write(t, `{"a":12}`, Float32("w", []float32{1, -2, 3, 4}, 2, 2), Float32("v", []float32{1, -2, 3, 4}, 2, 2), Bytes("i", "U8", []byte("abcd")))
	const damaged = "the file differs from its checksum"
	header := string(whole[8:headerEnd(whole)])
	sum := header[strings.Index(header, `"sha256":"`)+10:][:64]
	for _, tt := range []struct{ name, old, new, want string }{
		{"untouched", "", "", "<nil>"},
		{"other white space", `,"v":`, ` , "v" : `, "<nil>"},
		{"tensors in another order", `"w":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]},`, ``, ""}, // set below
		{"object", `12}`, `13}`, damaged},
		{"a space in the object", `12}`, `12 }`, damaged},
		{"name", `"v":`, `"u":`, damaged},
		{"names exchanged", `"w":`, `"x":`, damaged},
		{"type", `"U8"`, `"I8"`, damaged},
		{"shape", `[2,2],"data_offsets":[16`, `[4,1],"data_offsets":[16`, damaged},
		{"rank", `[2,2],"data_offsets":[16`, `[4],"data_offsets":[16`, damaged},
		{"another sum", sum, strings.Repeat("0", 64), damaged},
		{"sum in capitals", sum, strings.ToUpper(sum), damaged},
		{"sum cut", sum, sum[:63], damaged},
		{"no sum", `,"sha256":"` + sum + `"`, "", `metadata: "sha256", the checksum of the file, is missing`},
		{"another entry", `,"sha256"`, `,"note":"x","sha256"`, `metadata: unknown entry "note"`},
		{"a large object", `{\"a\"`, strings.Repeat(" ", 1<<16) + `{\"a\"`, `metadata: "elman" has 65544 bytes, want at most 65536`},
	} {
		if tt.want == "" {
			tt.new, tt.want = tt.old, "<nil>"
			moved := strings.Replace(header, tt.old, "", 1)
			header2 := strings.Replace(strings.TrimRight(moved, " "), `}}`, `},`+strings.TrimSuffix(tt.old, ",")+`}`, 1)
			checkVerify(t, tt.name, append(file(header2, 0), whole[headerEnd(whole):]...), tt.want)
			continue
		}
		if !strings.Contains(header, tt.old) {
			t.Fatalf("%s does not contain %s", header, tt.old)
		}
		checkVerify(t, tt.name, append(file(strings.Replace(header, tt.old, tt.new, 1), 0), whole[headerEnd(whole):]...), tt.want)
	}
	for bit := 8 * headerEnd(whole); bit < 8*len(whole); bit++ {
		b := bytes.Clone(whole)
		b[bit/8] ^= 1 << (bit % 8)
		checkVerify(t, fmt.Sprint("bit ", bit), b, damaged)
	}
}

func checkVerify(t *testing.T, name string, b []byte, want string) {
	t.Helper()
	f, err := open(b)
	if err == nil {
		err = f.Verify()
	}
	if !strings.HasPrefix(fmt.Sprint(err), want) {
		t.Errorf("%s: error %v, want %s", name, err, want)
	}
}

func headerEnd(b []byte) int { return 8 + int(binary.LittleEndian.Uint64(b)) }

// corrupt files, each with its error; also the seeds of the fuzzer.
var corrupt = []struct {
	name string
	file []byte
	want string
}{
	{"empty", nil, "0 bytes are too few for a safetensors file"},
	{"cut in the length", file("", 0)[:7], "7 bytes are too few for a safetensors file"},
	{"length above the bound", append(binary.LittleEndian.AppendUint64(nil, MaxHeader+1), 'x'), "not a safetensors file: header length 100000001 is above the limit of 100000000"},
	{"length of 2^64-1", bytes.Repeat([]byte{0xff}, 100), "not a safetensors file: header length 18446744073709551615 is above the limit of 100000000"},
	{"length beyond the file", append(binary.LittleEndian.AppendUint64(nil, 3), '{', '}'), "header length 3 goes beyond the file of 10 bytes"},
	{"no header", file("", 0), "header: does not begin with {"},
	{"space before {", file(" {}", 0), "header: does not begin with {"},
	{"no UTF-8", file("{\"\xff\":1}", 0), "header: is not valid UTF-8"},
	{"something behind }", file("{}  x", 0), "header: something follows the closing }"},
	{"two objects", file("{}{}", 0), "header: something follows the closing }"},
	{"never closed", file(`{"a":{"dtype":"F32"`, 0), `header: tensor "a": ends in the middle`},
	{"cut in a string", file(`{"a`, 0), "header: ends in the middle"},
	{"comma before }", file(`{"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]},}`, 4), `header: invalid character '}' looking for beginning of object key string`},
	{"no JSON", file(`{a:1}`, 0), `header: invalid character 'a'`},
	{"metadata no object", file(`{"__metadata__":"x"}`, 0), `header: __metadata__: no object where one should be`},
	{"metadata null", file(`{"__metadata__":null}`, 0), `header: __metadata__: no object where one should be`},
	{"metadata value no string", file(`{"__metadata__":{"k":1}}`, 0), `header: __metadata__: "k": no string`},
	{"metadata key twice", file(`{"__metadata__":{"k":"1","k":"2"}}`, 0), `header: __metadata__: "k" is there twice`},
	{"metadata twice", file(`{"__metadata__":{},"__metadata__":{}}`, 0), `header: "__metadata__" is there twice`},
	{"tensor twice", file(`{"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}`, 4), `header: "a" is there twice`},
	{"tensor twice, escaped", file(`{"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]},"\u0061":{"dtype":"F32","shape":[],"data_offsets":[4,8]}}`, 8), `header: "a" is there twice`},
	{"field twice", file(`{"a":{"dtype":"F32","dtype":"F64","shape":[],"data_offsets":[0,4]}}`, 4), `header: tensor "a": "dtype" is there twice`},
	{"field missing", file(`{"a":{"dtype":"F32","data_offsets":[0,4]}}`, 4), `header: tensor "a": needs "dtype", "shape" and "data_offsets"`},
	{"field unknown", file(`{"a":{"dtype":"F32","stride":[1]}}`, 4), `header: tensor "a": unknown field "stride"`},
	{"tensor no object", file(`{"a":[]}`, 4), `header: tensor "a": array where an object should be`},
	{"dtype no string", file(`{"a":{"dtype":32,"shape":[],"data_offsets":[0,4]}}`, 4), `header: tensor "a": dtype: number where a string should be`},
	{"dtype unknown", file(`{"a":{"dtype":"F31","shape":[],"data_offsets":[0,4]}}`, 4), `header: tensor "a": dtype "F31" is unknown`},
	{"shape no array", file(`{"a":{"dtype":"F32","shape":1,"data_offsets":[0,4]}}`, 4), `header: tensor "a": shape: number where an array should be`},
	{"size negative", file(`{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}`, 4), `tensor "a": shape [-1] has a negative size`},
	{"size a fraction", file(`{"a":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}}`, 4), `header: tensor "a": shape: number 1.0 where a whole number should be`},
	{"size a string", file(`{"a":{"dtype":"F32","shape":["1"],"data_offsets":[0,4]}}`, 4), `header: tensor "a": shape: string where a whole number should be`},
	{"size of 2^63", file(`{"a":{"dtype":"F32","shape":[9223372036854775808],"data_offsets":[0,4]}}`, 4), `header: tensor "a": shape: number 9223372036854775808 where a whole number should be`},
	{"shapes nested", file(`{"a":{"dtype":"F32","shape":[[1]],"data_offsets":[0,4]}}`, 4), `header: tensor "a": shape: array where a whole number should be`},
	{"65 dimensions", file(`{"a":{"dtype":"F32","shape":[1`+strings.Repeat(",1", 64)+`],"data_offsets":[0,4]}}`, 4), `header: tensor "a": shape has more than 64 dimensions`},
	{"shape overflows", file(`{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}}`, 0), `tensor "a": shape [4294967296 4294967296] is too large`},
	{"bytes overflow", file(`{"a":{"dtype":"F32","shape":[4611686018427387905],"data_offsets":[0,4]}}`, 4), `tensor "a": shape [4611686018427387905] is too large`},
	{"one offset", file(`{"a":{"dtype":"F32","shape":[],"data_offsets":[4]}}`, 4), `header: tensor "a": data_offsets are 1 numbers, want 2`},
	{"three offsets", file(`{"a":{"dtype":"F32","shape":[],"data_offsets":[0,4,8]}}`, 4), `header: tensor "a": data_offsets are 3 numbers, want 2`},
	{"offsets reversed", file(`{"a":{"dtype":"F32","shape":[],"data_offsets":[4,0]}}`, 4), `header: tensor "a": data_offsets [4, 0] are no part of the data`},
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
	{"too many tensors", file(`{`+strings.ReplaceAll(numbered(16385), ":0", `:{"dtype":"U8","shape":[0],"data_offsets":[0,0]}`)+`}`, 0), `header: more than 16384 tensors`},
	{"a name of a page", file(`{"`+strings.Repeat("long ", 1000)+`":1}`, 0), `header: "` + strings.Repeat("long ", 12) + `"... is a name of more than 1024 bytes`},
	{"a long name", file(`{"`+strings.Repeat("long ", 204)+`":1}`, 0), `header: tensor "` + strings.Repeat("long ", 12) + `"...: number where an object should be`},
	{"half a surrogate", file(`{"\ud83d":1}`, 0), `header: tensor "�": number where an object should be`},
	{"a name with a line break", file(`{"a\nb":1}`, 0), `header: tensor "a\nb": number where an object should be`},
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
			if name := f.entries[i].Name; !f.Has(name) || f.Has(name+"x") {
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
		if err := fmt.Sprint(f.Check(tt.name, "F32", tt.shape...)); err != tt.want {
			t.Errorf("Check(%s, %v): %s, want %s", tt.name, tt.shape, err, tt.want)
		}
	}
}

// TestReadElements reads the bytes of two integers of 16 bits, from either one on.
func TestReadElements(t *testing.T) {
	var b bytes.Buffer
	if err := Write(&b, []byte("{}"), []Source{Bytes("x", "I16", []byte{1, 2, 3, 4})}); err != nil {
		t.Fatal(err)
	}
	f, err := open(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		n, first int
		dtype    string
		want     string
	}{
		{4, 0, "I16", "[1 2 3 4] <nil>"},
		{2, 1, "I16", "[3 4] <nil>"},
		{2, 1, "BF16", `[0 0] tensor "x": dtype I16, want BF16`},
		{4, 1, "I16", "panic"},
		{2, -1, "I16", "panic"},
	} {
		got := func() (got string) {
			defer func() {
				if recover() != nil {
					got = "panic"
				}
			}()
			dst := make([]byte, tt.n)
			err := f.ReadElements(dst, tt.first, "x", tt.dtype, 2)
			return fmt.Sprint(dst, " ", err)
		}()
		if got != tt.want {
			t.Errorf("ReadElements of %d bytes from element %d as %s: %s, want %s", tt.n, tt.first, tt.dtype, got, tt.want)
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

func TestWriteRefuses(t *testing.T) {
	for _, tt := range []struct {
		object  string
		tensors []Source
		want    string
	}{
		{"", []Source{Float32("a", []float32{1}), Float32("a", []float32{1})}, `tensor name "a" is taken`},
		{"", []Source{Float32("__metadata__", []float32{1})}, `tensor name "__metadata__" is taken`},
		{"", []Source{Float32("a", nil, -1, 0)}, `tensor "a": shape [-1 0] has a negative size`},
		{"", []Source{Float32("\xff", nil, 0)}, `tensor name "\xff" is not valid UTF-8`},
		{"", []Source{Bytes("a", "F4", nil)}, `tensor "a": dtype "F4" is unknown`},
		{"\xff", nil, `object "\xff" is not valid UTF-8`},
	} {
		if err := Write(&bytes.Buffer{}, []byte(tt.object), tt.tensors); fmt.Sprint(err) != tt.want {
			t.Errorf("Write(%.40q, %v): %v, want %s", tt.object, tt.tensors, err, tt.want)
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("a tensor of two floats writes one, and Write does not panic")
		}
	}()
	Write(&bytes.Buffer{}, nil, []Source{Float32("a", []float32{1}, 2)})
}

type limited struct{ left int }

func (l *limited) Write(p []byte) (int, error) {
	if l.left -= len(p); l.left < 0 {
		return 0, errors.New("full")
	}
	return len(p), nil
}

func TestWritePassesErrorsOn(t *testing.T) {
	size := len(write(t, "{}", Float32("a", []float32{1})))
	for left := range size {
		if err := Write(&limited{left}, []byte("{}"), []Source{Float32("a", []float32{1})}); err == nil {
			t.Errorf("writing %d bytes where %d fit: no error", size, left)
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
		if used := after.TotalAlloc - before.TotalAlloc; used > 100*uint64(len(b))+1<<18 {
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
			tensor := e.Tensor
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
			if file.entries[i-1].Name >= file.entries[i].Name {
				t.Errorf("names are not unique and in order: %q", file.entries[i].Name)
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
			i, ok := file.find(name)
			if !ok {
				t.Fatalf("tensor %q is not found", name)
			}
			e := file.entries[i]
			if e.Type != want.Type || !slices.Equal(e.Shape, want.Shape) || e.begin != want.Offsets[0] || e.end != want.Offsets[1] {
				t.Errorf("tensor %q is %+v, package json finds %+v", name, e, want)
			}
		}
		if file.Len() != len(all) {
			t.Errorf("%d tensors, package json finds %d", file.Len(), len(all))
		}
	})
}

// numbered lists n fields, "0":0 and so on.
func numbered(n int) string {
	var fields []string
	for i := range n {
		fields = append(fields, fmt.Sprintf(`"%d":0`, i))
	}
	return strings.Join(fields, ",")
}

// TestWriteWithinLimits: what the reader refuses for its size is not written, so that no file takes the place of one that can be read.
func TestWriteWithinLimits(t *testing.T) {
	many := make([]Source, maxTensors+1)
	for i := range many {
		many[i] = Bytes(fmt.Sprint(i), "U8", nil)
	}
	if err := Write(io.Discard, nil, many); err == nil {
		t.Error("more tensors than can be read are written")
	}
	var b bytes.Buffer
	if err := Write(&b, []byte("{}"), many[1:]); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(bytes.NewReader(b.Bytes()), int64(b.Len())); err != nil {
		t.Error(err)
	}
	if err := Write(io.Discard, []byte("{}"), []Source{Bytes(strings.Repeat("n", maxName+1), "U8", nil)}); err == nil {
		t.Error("a longer name than can be read is written")
	}
}
