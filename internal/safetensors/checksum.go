package safetensors

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/seed-f4dd853e/elman/internal/exactjson"
)

// The entries of the metadata in Elman's files.
const (
	objectKey   = "elman"
	checksumKey = "sha256"
)

const maxObject = 1 << 16 // bytes of an object under a checksum

var errDamaged = errors.New("the file differs from its checksum (sha256 in the metadata): it is damaged, or another program changed it")

// Format returns the number "format" of the object, 0 if there is none. It does not check the object.
func (f *File) Format() (int, error) {
	object, ok := f.metadata[objectKey]
	if !ok {
		return 0, errors.New(`no entry "elman" in the metadata: the file is not elman's`)
	}
	var version struct {
		Format int `json:"format"`
	}
	json.Unmarshal([]byte(object), &version) // Decode reports errors
	return version.Format, nil
}

// Decode decodes the object into v, which must have all its fields.
func (f *File) Decode(v any) error {
	if err := exactjson.Decode([]byte(f.metadata[objectKey]), v); err != nil {
		return fmt.Errorf("metadata: %w", err)
	}
	return nil
}

// Metadata returns an entry of the metadata, and whether it exists.
func (f *File) Metadata(key string) (value string, ok bool) {
	value, ok = f.metadata[key]
	return value, ok
}

// MetadataKeys returns the keys of the metadata, sorted.
func (f *File) MetadataKeys() []string { return slices.Sorted(maps.Keys(f.metadata)) }

// Verify reads the whole file and compares it with its checksum. The metadata must hold nothing but object and checksum, so
// that the checksum covers everything that has meaning. It is the SHA-256, in hexadecimal, of
//
//	the length of the object in bytes, a line feed, and the object as it is in the metadata;
//	for each tensor, in ascending order of the bytes of their names: name, type and shape as in
//	"decoder.weight" F32 [65, 256], a line feed, and the bytes of its data.
func (f *File) Verify() error {
	for _, key := range slices.Sorted(maps.Keys(f.metadata)) {
		if key != objectKey && key != checksumKey {
			return fmt.Errorf("metadata: unknown entry %s", quote(key))
		}
	}
	object, sum := f.metadata[objectKey], f.metadata[checksumKey]
	switch {
	case len(object) > maxObject:
		return fmt.Errorf("metadata: %q has %d bytes, want at most %d", objectKey, len(object), maxObject)
	case sum == "":
		return fmt.Errorf("metadata: %q, the checksum of the file, is missing", checksumKey)
	}
	h := sha256.New()
	beginObject(h, []byte(object))
	for _, e := range f.entries {
		beginTensor(h, e.Tensor)
		if err := f.Copy(h, e.Name); err != nil {
			return err
		}
	}
	if hex.EncodeToString(h.Sum(nil)) != sum {
		return errDamaged
	}
	return nil
}

// VerifyRead compares the checksum with tensors that have been read: all of the file's, in any order. A reader whose content
// changes may give others than Verify read.
func (f *File) VerifyRead(tensors []Source) error {
	sum, err := checksum([]byte(f.metadata[objectKey]), tensors)
	if err == nil && sum != f.metadata[checksumKey] {
		err = errors.New("the file changed while it was read")
	}
	return err
}

func beginObject(w io.Writer, object []byte) {
	fmt.Fprintf(w, "%d\n%s", len(object), object)
}

func beginTensor(w io.Writer, t Tensor) {
	w.Write(fmt.Appendf(appendString(nil, t.Name), " %s %s\n", t.Type, shapeText(t.Shape, ", ")))
}

func compareNames(a, b Tensor) int { return cmp.Compare(a.Name, b.Name) }

// shapeText writes a shape as JSON.
func shapeText(shape []int, separator string) string {
	var b strings.Builder
	for i, n := range shape {
		if i > 0 {
			b.WriteString(separator)
		}
		b.WriteString(strconv.Itoa(n))
	}
	return "[" + b.String() + "]"
}
