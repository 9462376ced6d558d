package torch

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/seed-f4dd853e/elman/internal/pickle"
	"github.com/seed-f4dd853e/elman/internal/safetensors"
)

// A listing is an alphabet as programs keep it beside a network.
type listing struct {
	name    string   // of the value that it is
	symbols []string // of each number, or none if something is wrong
	wrong   string
}

// words are parts of the names that alphabets usually have.
var words = []string{"char", "vocab", "tok", "sto", "ito", "idx", "_ix", "ix_", "alphabet", "symbol", "letter", "word", "int2", "2int"}

// known reports whether the name is one that alphabets usually have.
func (a *listing) known() bool {
	name := strings.ToLower(a.name[strings.LastIndexByte(a.name, '.')+1:])
	return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(name, w) })
}

// describe says what it has.
func (a *listing) describe() string {
	return cmp.Or(a.wrong, fmt.Sprintf("has %d symbols", len(a.symbols)))
}

// visit calls look with every value in a value, and its name: the keys that lead to it, with dots between. It looks into each dict
// and object once.
func visit(v any, look func(name string, v any)) {
	seen := map[any]bool{}
	var into func(name string, v any, depth int)
	into = func(name string, v any, depth int) {
		look(name, v)
		if depth == maxDepth {
			return
		}
		inside := func(items []pickle.Item) {
			for _, item := range items {
				if key, ok := item.Key.(string); ok {
					into(strings.TrimPrefix(name+"."+key, "."), item.Value, depth+1)
				}
			}
		}
		switch v := v.(type) {
		case *pickle.Dict:
			if !seen[v] {
				seen[v] = true
				inside(v.Items)
			}
		case *pickle.Object:
			if !seen[v] {
				seen[v] = true
				inside(v.Items)
				if d, ok := v.State.(*pickle.Dict); ok {
					inside(d.Items)
				}
			}
		}
	}
	into("", v, 0)
}

// nonlinearity returns what the file says about its nn.RNN beside the weights: an attribute of a module that was saved whole, or a
// setting of that name. "" is nothing.
func nonlinearity(rest any) (found string) {
	visit(rest, func(name string, v any) {
		s, ok := v.(string)
		key := name[strings.LastIndexByte(name, '.')+1:]
		if ok && (key == "mode" && (s == "RNN_RELU" || s == "RNN_TANH") || key == "nonlinearity" && (s == "relu" || s == "tanh")) {
			found = strings.ToLower(strings.TrimPrefix(s, "RNN_"))
		}
	})
	return found
}

// findAlphabets lists what can be an alphabet in a value: a list of texts, a dict between texts and the numbers from 0 on, or a text
// with a name that alphabets have.
func findAlphabets(v any) (all []listing) {
	found := map[any]listing{} // by what a file may hold once and name many times
	letters := 0
	visit(v, func(name string, v any) {
		a, once := listing{}, identity(v)
		if known, ok := found[once]; ok && once != nil {
			a = known
		} else {
			switch v := v.(type) {
			case string:
				if name != "" && !(&listing{name: name}).known() {
					return
				}
				if letters += len(v); letters > mostLetters {
					return
				}
				a.symbols = strings.Split(v, "")
			case pickle.Tuple:
				a.symbols = texts(v)
			case *pickle.List:
				a.symbols = texts(v.Items)
			case *pickle.Dict:
				a.symbols, a.wrong = numberedTexts(v)
			}
			if once != nil {
				found[once] = a
			}
		}
		a.name = name
		if len(a.symbols) > 1 || a.wrong != "" {
			all = append(all, a)
		}
	})
	return all
}

// mostLetters is how many bytes of texts are taken for alphabets: a file may name one long text many times.
const mostLetters = 1 << 24

// identity returns what tells a value from others that are equal, nil if nothing does.
func identity(v any) any {
	switch v := v.(type) {
	case pickle.Tuple:
		if len(v) > 0 {
			return &v[0]
		}
	case *pickle.List, *pickle.Dict:
		return v
	}
	return nil
}

// texts returns items that are all texts, or nothing.
func texts(items []any) []string {
	all := make([]string, 0, len(items))
	for _, item := range items {
		s, ok := item.(string)
		if !ok {
			return nil
		}
		all = append(all, s)
	}
	return all
}

// numberedTexts returns the texts of a dict from texts to numbers, or from numbers to texts, in the order of the numbers. wrong says why a dict of
// this kind is no alphabet.
func numberedTexts(d *pickle.Dict) (symbols []string, wrong string) {
	n := len(d.Items)
	symbols, given := make([]string, n), make([]bool, n)
	for _, item := range d.Items {
		symbol, number, ok := pair(item)
		if !ok {
			return nil, ""
		}
		if number >= 0 && number < int64(n) && !given[number] {
			symbols[number], given[number] = symbol, true
		}
	}
	if i := slices.Index(given, false); i >= 0 {
		return nil, fmt.Sprintf("has %d symbols, and none of number %d", n, i)
	}
	return symbols, ""
}

// pair returns a symbol and its number.
func pair(item pickle.Item) (symbol string, number int64, ok bool) {
	key, isText := item.Key.(string)
	switch value := item.Value.(type) {
	case int64: // of a text
		return key, value, isText
	case string:
		if !isText {
			number, ok = item.Key.(int64)
			return value, number, ok
		}
		number, err := strconv.ParseInt(key, 10, 64) // JSON has no other keys than texts
		return value, number, err == nil
	}
	return "", 0, false
}

// fromJSON returns a text of JSON as a value of package pickle.
func fromJSON(text string) (any, bool) {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil || d.More() {
		return nil, false
	}
	return fromDecoded(v), true
}

func fromDecoded(v any) any {
	switch v := v.(type) {
	case []any:
		list := &pickle.List{}
		for _, item := range v {
			list.Items = append(list.Items, fromDecoded(item))
		}
		return list
	case map[string]any:
		d := &pickle.Dict{}
		for _, key := range slices.Sorted(maps.Keys(v)) {
			d.Items = append(d.Items, pickle.Item{Key: key, Value: fromDecoded(v[key])})
		}
		return d
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return n
		}
	}
	return v
}

// metadata returns the entries of a safetensors file that alphabets may be in: text, or JSON.
func metadata(file *safetensors.File) any {
	d := &pickle.Dict{}
	for _, key := range file.MetadataKeys() {
		text, _ := file.Metadata(key)
		v, ok := fromJSON(text)
		if _, number := v.(int64); !ok || number {
			v = text
		}
		d.Items = append(d.Items, pickle.Item{Key: key, Value: v})
	}
	return d
}
