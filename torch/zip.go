package torch

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/seed-f4dd853e/elman/internal/pickle"
)

// A file of torch.save is a zip archive, uncompressed, in a folder of any name:
//
//	data.pkl         the object that was saved; tensors are calls of torch._utils._rebuild_tensor_v2 with a reference to a storage
//	data/KEY         the elements of a storage, which tensors may share
//	byteorder        "little" or "big", from PyTorch 2.1 on
//
// An archive of torch.jit.save has the folder code beside them.
type archive struct {
	files   map[string]*zip.File // by name in the folder
	r       io.ReaderAt
	checked map[string]bool // storages that agree with their checksum
}

// openZip lists the tensors in a file of torch.save.
func openZip(r io.ReaderAt, size int64) (*checkpoint, error) {
	root, a, err := readPickle(r, size)
	if err != nil {
		return nil, err
	}
	w := &walk{archive: a, seen: map[any]bool{}}
	w.value(root, "", "", 0)
	if w.err != nil {
		return nil, w.err
	}
	return &checkpoint{size: size, tensors: w.tensors, rest: root, calls: w.calls}, nil
}

func readPickle(r io.ReaderAt, size int64) (root any, a *archive, err error) {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: it is damaged, or not whole", err)
	}
	i := slices.IndexFunc(z.File, func(f *zip.File) bool { return strings.HasSuffix(f.Name, "/data.pkl") })
	if i < 0 {
		return nil, nil, errors.New("a zip archive without data.pkl, so not one of torch.save")
	}
	folder := strings.TrimSuffix(z.File[i].Name, "data.pkl")
	a = &archive{files: map[string]*zip.File{}, r: r, checked: map[string]bool{}}
	for _, f := range z.File {
		name, ok := strings.CutPrefix(f.Name, folder)
		if !ok {
			continue
		}
		if a.files[name] != nil {
			return nil, nil, fmt.Errorf("%s is there twice", quote(f.Name))
		}
		a.files[name] = f
		if name == "constants.pkl" || strings.HasPrefix(name, "code/") {
			return nil, nil, errors.New("torch.jit.save wrote it; save the weights alone: torch.save(module.state_dict(), NEWFILE)")
		}
	}
	if f := a.files["byteorder"]; f != nil {
		if order, err := a.text("byteorder", 16); err != nil || strings.TrimSpace(order) != "little" {
			return nil, nil, fmt.Errorf("byteorder is %.16q, want \"little\"; save it on a machine of that order", order)
		}
	}
	text, err := a.text("data.pkl", pickle.MaxSize)
	if err != nil {
		return nil, nil, fmt.Errorf("data.pkl: %w", err)
	}
	root, err = pickle.Load(text)
	if err != nil {
		return nil, nil, fmt.Errorf("data.pkl: %w", err)
	}
	return root, a, nil
}

// stored fails unless a file lies in the archive as it is: a compressed one could grow to any size, and torch.save has none.
func stored(f *zip.File) error {
	if f.Method != zip.Store || f.UncompressedSize64 != f.CompressedSize64 {
		return errors.New("is compressed, which torch.save does not do; unpack the archive and pack it without compression")
	}
	return nil
}

// text returns the content of a file of at most limit bytes.
func (a *archive) text(name string, limit int64) (string, error) {
	f := a.files[name]
	if err := stored(f); err != nil {
		return "", err
	}
	in, err := f.Open()
	if err != nil {
		return "", damaged(err)
	}
	defer in.Close()
	b, err := io.ReadAll(io.LimitReader(in, limit+1))
	if err != nil {
		return "", damaged(err)
	}
	if int64(len(b)) > limit {
		return "", fmt.Errorf("has more than %d bytes", limit)
	}
	return string(b), nil
}

// damaged says what an error of package zip means.
func damaged(err error) error { return fmt.Errorf("%w: the file is damaged, or not whole", err) }

// check compares a storage with its checksum, once.
func (a *archive) check(key string) error {
	if a.checked[key] {
		return nil
	}
	in, err := a.files["data/"+key].Open()
	if err != nil {
		return damaged(err)
	}
	defer in.Close()
	if _, err := io.Copy(io.Discard, in); err != nil {
		return damaged(err)
	}
	a.checked[key] = true
	return nil
}

// read returns bytes of a storage.
func (a *archive) read(key string, from, to int64) ([]byte, error) {
	if err := a.check(key); err != nil {
		return nil, err
	}
	start, err := a.files["data/"+key].DataOffset()
	if err != nil {
		return nil, damaged(err)
	}
	b := make([]byte, to-from)
	if _, err := a.r.ReadAt(b, start+from); err != nil {
		return nil, damaged(err)
	}
	return b, nil
}
