package pickle

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
)

func TestLoad(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		want       any
	}{
		{"nothing", "\x80\x02N.", nil},
		{"true", "\x80\x02\x88.", true},
		{"numbers", "\x80\x02(J\xfe\xff\xff\xffK\x07M\x00\x01\x8a\x00\x8a\x01\xff\x8a\x02\x00\x80\x8a\x08\x00\x00\x00\x00\x00\x00\x00\x80t.",
			Tuple{int64(-2), int64(7), int64(256), int64(0), int64(-1), int64(-32768), int64(-1 << 63)}},
		{"a large number", "\x80\x02\x8a\x09123456789.", &Object{Class: Global{"builtins", "int"}, Args: Tuple{Bytes("123456789")}}},
		{"a float", "G\x3f\xf8\x00\x00\x00\x00\x00\x00.", 1.5},
		{"texts", "(X\x02\x00\x00\x00\xc3\xa9U\x01a\x8c\x01bl.", &List{[]any{"é", "a", "b"}}},
		{"bytes", "\x80\x04(C\x01\xffB\x01\x00\x00\x00zt.", Tuple{Bytes("\xff"), Bytes("z")}},
		{"lists", "](K\x01K\x02eK\x03a.", &List{[]any{int64(1), int64(2), int64(3)}}},
		{"a set", "\x80\x04\x8f(K\x01\x90.", &List{[]any{int64(1)}}},
		{"a set of protocol 2", "\x80\x02cbuiltins\nset\n](K\x01e\x85R.", &List{[]any{int64(1)}}},
		{"a dict", "}(X\x01\x00\x00\x00aK\x01K\x02NuN\x88s.", &Dict{[]Item{{"a", int64(1)}, {int64(2), nil}, {nil, true}}}},
		{"an OrderedDict with attributes", "ccollections\nOrderedDict\n)R(K\x01K\x02u}b.", &Dict{[]Item{{int64(1), int64(2)}}}},
		{"tuples", "K\x01K\x02K\x03\x87\x85)\x86.", Tuple{Tuple{Tuple{int64(1), int64(2), int64(3)}}, Tuple{}}},
		{"shared values", "\x80\x02K\x05q\x00h\x00h\x00\x87.", Tuple{int64(5), int64(5), int64(5)}},
		{"shared values of protocol 4", "\x80\x04\x95\x07\x00\x00\x00\x00\x00\x00\x00K\x05\x94h\x00\x86.", Tuple{int64(5), int64(5)}},
		{"a call that is not made", "cos\nsystem\nX\x02\x00\x00\x00ls\x85R.", &Object{Class: Global{"os", "system"}, Args: Tuple{"ls"}}},
		{"an object", "\x80\x02cm\nC\n)\x81}K\x01Nsb.", &Object{Class: Global{"m", "C"}, Args: Tuple{}, State: &Dict{[]Item{{int64(1), nil}}}}},
		{"a class by name", "\x80\x04\x8c\x01m\x8c\x01C\x93.", Global{"m", "C"}},
		{"a reference", "X\x01\x00\x00\x00aQ.", Reference{"a"}},
		{"what is thrown away", "K\x01K\x020(K\x01K\x021(0.", int64(1)},
	} {
		got, err := Load(tt.text)
		if err != nil || !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s: Load(%q) = %#v, %v; want %#v", tt.name, tt.text, got, err, tt.want)
		}
	}
}

func TestLoadRefuses(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"", "byte 0 of the pickle: the pickle ends in the middle"},
		{"K\x01", "byte 2 of the pickle: the pickle ends in the middle"},
		{".", "byte 0 of the pickle: a value is missing on the stack"},
		{"(.", "byte 1 of the pickle: a value is missing on the stack"},
		{"K\x01K\x02.x", "1 bytes follow the pickle"},
		{"\x80\x09N.", "byte 0 of the pickle: protocol 9 is unknown"},
		{"I1\n.", "byte 0 of the pickle: opcode 0x49 is none that Python 3 writes with protocols 2 to 5"},
		{"X\xff\xff\xff\xffabc", "byte 0 of the pickle: the pickle ends in the middle"},
		{"\x8d\xff\xff\xff\xff\xff\xff\xff\xffabc", "byte 0 of the pickle: the pickle ends in the middle"},
		{"\x8b\xff\xff\xff\xff.", "byte 0 of the pickle: the pickle ends in the middle"},
		{"cos", "byte 0 of the pickle: the pickle ends in the middle"},
		{"h\x05.", "byte 0 of the pickle: value 5 was not stored before"},
		{"K\x01\x86.", "byte 2 of the pickle: a value is missing on the stack"},
		{"t.", "byte 0 of the pickle: a mark is missing on the stack"},
		{"K\x01K\x02a.", "byte 4 of the pickle: items are added to what is no list"},
		{"](K\x01u.", "byte 4 of the pickle: a key is set in what is no dict"},
		{"}(K\x01u.", "byte 4 of the pickle: a key of a dict has no value"},
		{"}]Ns.", "byte 3 of the pickle: a key of a dict is a list, dict or reference"},
		{"NNR.", "byte 2 of the pickle: what is called is no class or function, or its arguments are no tuple"},
		{"NNb.", "byte 2 of the pickle: attributes are set of what is no object"},
		{"NN\x93.", "byte 2 of the pickle: the name of a class or function is no text"},
		{strings.Repeat("]", maxValues+1), fmt.Sprintf("byte %d of the pickle: it makes more than %d values", maxValues, maxValues)},
		{strings.Repeat("(", maxValues+1), fmt.Sprintf("byte %d of the pickle: it makes more than %d values", maxValues, maxValues)},
		{strings.Repeat("(", MaxSize+1), fmt.Sprintf("the pickle has %d bytes, more than %d", MaxSize+1, MaxSize)},
	} {
		if got, err := Load(tt.text); fmt.Sprint(err) != tt.want {
			t.Errorf("Load(%.20q) = %v, error %v; want %s", tt.text, got, err, tt.want)
		}
	}
}

func FuzzLoad(f *testing.F) {
	for _, seed := range []string{
		"\x80\x02}q\x00(X\x01\x00\x00\x00aK\x01X\x01\x00\x00\x00b](NN\x85eu.", "cm\nf\n)R}b.", "\x80\x04\x95\x07\x00\x00\x00\x00\x00\x00\x00K\x05\x94h\x00\x86.",
		"(lq\x00h\x00a.", "\x8f(\x90.", "(K\x01K\x02d.", "X\x01\x00\x00\x00aQ.",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		Load(text) // must come back
	})
}
