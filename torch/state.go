package torch

import (
	"errors"
	"fmt"
	"slices"

	"github.com/seed-f4dd853e/elman/internal/pickle"
)

// Limits of what is searched for tensors: checkpoints nest a few dicts, modules somewhat deeper.
const (
	maxDepth   = 16
	maxTensors = 1 << 12
)

// A walk lists the tensors of a saved object: in dicts whose keys are texts, and in modules that were saved whole. Those of
// optimizers lie under numbers, and are left out.
type walk struct {
	archive *archive
	tensors []*tensor
	calls   []string
	seen    map[any]bool // dicts and objects
	err     error
}

// value looks into a value: folder are the dicts around it and name what follows, each with a dot at the end or empty.
func (w *walk) value(v any, folder, name string, depth int) {
	if depth > maxDepth || w.err != nil {
		return
	}
	switch v := v.(type) {
	case *pickle.Dict:
		if w.first(v) {
			w.dict(v, folder+name, depth)
		}
	case *pickle.Object:
		if state, ok := v.State.(*pickle.Dict); ok && state.Get("_modules") != nil {
			if w.first(v) {
				w.module(state, folder, name, depth)
			}
		} else if class := v.Class.String(); !slices.Contains(w.calls, class) && len(w.calls) < shown {
			w.calls = append(w.calls, class)
		}
	}
}

func (w *walk) first(v any) bool {
	if w.seen[v] {
		return false
	}
	w.seen[v] = true
	return true
}

func (w *walk) dict(d *pickle.Dict, folder string, depth int) {
	for _, item := range d.Items {
		if _, ok := item.Key.(string); !ok {
			return
		}
	}
	for _, item := range d.Items {
		key := item.Key.(string)
		if !w.tensor(item.Value, folder, key) {
			w.value(item.Value, folder, key+".", depth+1)
		}
	}
}

// module lists the tensors of an nn.Module that was saved whole.
func (w *walk) module(state *pickle.Dict, folder, name string, depth int) {
	for _, field := range []string{"_parameters", "_buffers"} {
		if d, ok := state.Get(field).(*pickle.Dict); ok {
			for _, item := range d.Items {
				if key, ok := item.Key.(string); ok {
					w.tensor(item.Value, folder, name+key)
				}
			}
		}
	}
	if d, ok := state.Get("_modules").(*pickle.Dict); ok {
		for _, item := range d.Items {
			if key, ok := item.Key.(string); ok {
				w.value(item.Value, folder, name+key+".", depth+1)
			}
		}
	}
}

// tensor adds a tensor, and reports whether the value was one.
func (w *walk) tensor(v any, folder, name string) bool {
	object, ok := v.(*pickle.Object)
	for depth := 0; ok && object.Class == parameter && len(object.Args) > 0 && depth < 2; depth++ {
		object, ok = object.Args[0].(*pickle.Object)
	}
	if !ok || object.Class != rebuild && object.Class != rebuildOld {
		return false
	}
	t, err := w.archive.tensor(object.Args)
	switch {
	case err != nil:
		w.err = fmt.Errorf("tensor %s: %w", quote(folder+name), err)
	case len(w.tensors) == maxTensors:
		w.err = fmt.Errorf("more than %d tensors", maxTensors)
	default:
		t.folder, t.name = folder, folder+name
		w.tensors = append(w.tensors, t)
	}
	return true
}

// The calls that make tensors.
var (
	rebuild    = pickle.Global{Module: "torch._utils", Name: "_rebuild_tensor_v2"}
	rebuildOld = pickle.Global{Module: "torch._utils", Name: "_rebuild_tensor"}
	parameter  = pickle.Global{Module: "torch._utils", Name: "_rebuild_parameter"}
)

// dtypes are the types of the elements of storages; others are named, and not read.
var dtypes = map[string]string{"FloatStorage": "F32", "DoubleStorage": "F64", "HalfStorage": "F16", "BFloat16Storage": "BF16"}

var errShape = errors.New("its storage, offset, size or strides are not those of a tensor")

// A view is the part of a storage that is a tensor: element [i, j] is number offset + i strides[0] + j strides[1].
type view struct {
	key            string
	element        int64 // bytes
	offset         int64
	shape, strides []int64
}

// tensor makes a tensor of the arguments of _rebuild_tensor_v2: storage, offset, size, strides and what has no meaning here.
func (a *archive) tensor(args pickle.Tuple) (*tensor, error) {
	if len(args) < 4 {
		return nil, errShape
	}
	storage, ok := args[0].(pickle.Reference)
	id, also := storage.ID.(pickle.Tuple) // "storage", class, key, device, number of elements
	if !ok || !also || len(id) != 5 || id[0] != any("storage") {
		return nil, errShape
	}
	class, ok1 := id[1].(pickle.Global)
	key, ok2 := id[2].(string)
	length, ok3 := id[4].(int64)
	offset, ok4 := args[1].(int64)
	shape, ok5 := numbers(args[2])
	strides, ok6 := numbers(args[3])
	if !(ok1 && ok2 && ok3 && ok4 && ok5 && ok6) || len(shape) != len(strides) {
		return nil, errShape
	}
	t := &tensor{dtype: dtypes[class.Name], shape: make([]int, len(shape))}
	for i, n := range shape {
		if t.shape[i] = int(n); n < 0 || int64(t.shape[i]) != n {
			return nil, errShape
		}
	}
	if t.dtype == "" {
		t.dtype = class.String()
		return t, nil
	}
	v := &view{key, elementSizes[t.dtype], offset, shape, strides}
	t.load = func() ([]byte, error) { return v.load(a, length) }
	return t, nil
}

// numbers returns a tuple of whole numbers, as many as a tensor has dimensions.
func numbers(v any) ([]int64, bool) {
	tuple, ok := v.(pickle.Tuple)
	if !ok || len(tuple) > 16 {
		return nil, false
	}
	all := make([]int64, len(tuple))
	for i, x := range tuple {
		if all[i], ok = x.(int64); !ok {
			return nil, false
		}
	}
	return all, true
}

// span returns the number of elements of the tensor, and of those from its first to its last in a storage of this length.
func (v *view) span(length int64) (elements, span int64, err error) {
	elements, span = 1, 1
	for _, n := range v.shape {
		if n == 0 {
			return 0, 0, nil
		}
	}
	if v.offset < 0 || v.offset >= length {
		return 0, 0, errShape
	}
	for i, n := range v.shape {
		if n > length/elements || v.strides[i] < 0 { // a tensor that repeats numbers could have any size
			return 0, 0, errShape
		}
		elements *= n
		if n > 1 {
			if v.strides[i] > (length-v.offset-span)/(n-1) {
				return 0, 0, errShape
			}
			span += (n - 1) * v.strides[i]
		}
	}
	return elements, span, nil
}

// load returns the elements in the order of the shape.
func (v *view) load(a *archive, length int64) ([]byte, error) {
	f := a.files["data/"+v.key]
	if f == nil {
		return nil, fmt.Errorf("its storage, data/%.20s, is missing in the archive", v.key)
	}
	if err := stored(f); err != nil {
		return nil, fmt.Errorf("data/%.20s %w", v.key, err)
	}
	if size := f.UncompressedSize64; size%uint64(v.element) != 0 || length < 0 || size/uint64(v.element) != uint64(length) {
		return nil, fmt.Errorf("its storage has %d bytes, want %d numbers of %d", size, length, v.element)
	}
	elements, span, err := v.span(length)
	if err != nil || elements == 0 {
		return nil, err
	}
	from := v.offset * v.element
	b, err := a.read(v.key, from, from+span*v.element)
	if err != nil || v.contiguous() {
		return b, err
	}
	return v.gather(b, elements), nil
}

// contiguous reports whether the elements lie in the order of the shape.
func (v *view) contiguous() bool {
	next := int64(1)
	for i := len(v.shape) - 1; i >= 0; i-- {
		if v.shape[i] > 1 && v.strides[i] != next {
			return false
		}
		next *= v.shape[i]
	}
	return true
}

// gather copies elements into the order of the shape.
func (v *view) gather(from []byte, elements int64) []byte {
	b := make([]byte, 0, elements*v.element)
	index := make([]int64, len(v.shape))
	for range elements {
		at := int64(0)
		for i, n := range index {
			at += n * v.strides[i]
		}
		b = append(b, from[at*v.element:(at+1)*v.element]...)
		for i := len(index) - 1; i >= 0; i-- { // count up, last index fastest
			if index[i]++; index[i] < v.shape[i] {
				break
			}
			index[i] = 0
		}
	}
	return b
}
