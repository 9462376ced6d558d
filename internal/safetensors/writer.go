package safetensors

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"unicode/utf8"
)

// A Source is a tensor to write.
type Source struct {
	Tensor
	// Write writes the bytes of the tensor, as many as type and shape require. It is called once for the
	// checksum and once for the file.
	Write func(w io.Writer) error
}

// Write writes a file of tensors in the given order, with a JSON object and the checksum in the metadata. The same object,
// tensors and values give the same bytes.
func Write(w io.Writer, object []byte, tensors []Source) error {
	if err := checkSources(object, tensors); err != nil {
		return err
	}
	sum, err := checksum(object, tensors)
	if err != nil {
		return err
	}
	header, err := encodeHeader(object, sum, tensors)
	if err != nil {
		return err
	}
	if _, err := w.Write(binary.LittleEndian.AppendUint64(nil, uint64(len(header)))); err != nil {
		return err
	}
	if _, err := w.Write(header); err != nil {
		return err
	}
	for _, t := range tensors {
		if err := t.writeTo(w); err != nil {
			return err
		}
	}
	return nil
}

// writeTo panics if the tensor writes the wrong number of bytes.
func (t *Source) writeTo(w io.Writer) error {
	counted := &counter{w: w}
	if err := t.Write(counted); err != nil {
		return err
	}
	if want, _ := t.bytes(); counted.n != want {
		panic(fmt.Sprintf("safetensors: %d bytes for tensor %s, %s of shape %v", counted.n, quote(t.Name), t.Type, t.Shape))
	}
	return nil
}

type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}

// checksum returns the checksum that [File.Verify] expects.
func checksum(object []byte, tensors []Source) (string, error) {
	h := sha256.New()
	beginObject(h, object)
	byName := slices.Clone(tensors)
	slices.SortFunc(byName, func(a, b Source) int { return compareNames(a.Tensor, b.Tensor) })
	for _, t := range byName {
		beginTensor(h, t.Tensor)
		if err := t.writeTo(h); err != nil {
			return "", err
		}
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// checkSources rejects tensors that readers would reject.
func checkSources(object []byte, tensors []Source) error {
	if !utf8.Valid(object) {
		return fmt.Errorf("object %s is not valid UTF-8", quote(string(object)))
	}
	if len(tensors) > maxTensors { // which could not be read
		return fmt.Errorf("%d tensors, more than %d", len(tensors), maxTensors)
	}
	seen := map[string]bool{metadataKey: true}
	for _, t := range tensors {
		_, err := t.bytes()
		switch {
		case len(t.Name) > maxName:
			return fmt.Errorf("tensor name %s has %d bytes, more than %d", quote(t.Name), len(t.Name), maxName)
		case seen[t.Name]:
			return fmt.Errorf("tensor name %s is taken", quote(t.Name))
		case !utf8.ValidString(t.Name):
			return fmt.Errorf("tensor name %s is not valid UTF-8", quote(t.Name))
		case sizes[t.Type] == 0:
			return fmt.Errorf("tensor %s: dtype %s is unknown", quote(t.Name), quote(t.Type))
		case err != nil:
			return fmt.Errorf("tensor %s: %w", quote(t.Name), err)
		}
		seen[t.Name] = true
	}
	return nil
}

func encodeHeader(object []byte, sum string, tensors []Source) ([]byte, error) {
	b := appendString([]byte(`{"`+metadataKey+`":{"`+objectKey+`":`), string(object))
	b = fmt.Appendf(b, `,%q:%q}`, checksumKey, sum)
	var end int64
	for _, t := range tensors {
		size, _ := t.bytes()
		b = appendString(append(b, ','), t.Name)
		b = fmt.Appendf(b, `:{"dtype":%q,"shape":%s,"data_offsets":[%d,%d]}`, t.Type, shapeText(t.Shape, ","), end, end+size)
		end += size
	}
	b = append(b, '}')
	for len(b)%8 != 0 {
		b = append(b, ' ')
	}
	if len(b) > MaxHeader {
		return nil, fmt.Errorf("header of %d bytes is above the limit of %d", len(b), MaxHeader)
	}
	return b, nil
}

func appendString(b []byte, s string) []byte {
	quoted, _ := json.Marshal(s) // cannot fail for a string
	return append(b, quoted...)
}

// Float32 returns a tensor of type F32 with values in memory.
func Float32(name string, values []float32, shape ...int) Source {
	return Source{Tensor{name, "F32", shape}, func(w io.Writer) error { return writeFloat32(w, values) }}
}

// Bytes returns a one-dimensional tensor of bytes in memory.
func Bytes(name, dtype string, bytes []byte) Source {
	return Source{Tensor{name, dtype, []int{len(bytes) / int(max(1, sizes[dtype]))}}, func(w io.Writer) error {
		_, err := w.Write(bytes)
		return err
	}}
}

// writeFloat32 writes values bit for bit.
func writeFloat32(w io.Writer, values []float32) error {
	var b []byte
	for part := range slices.Chunk(values, chunk/4) {
		b = AppendFloat32(b[:0], part)
		if _, err := w.Write(b); err != nil {
			return err
		}
	}
	return nil
}

// AppendFloat32 appends values in the form of a file.
func AppendFloat32(b []byte, values []float32) []byte {
	b = slices.Grow(b, 4*len(values))
	for _, x := range values {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
	}
	return b
}
