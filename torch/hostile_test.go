package torch

import (
	"archive/zip"
	"bytes"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// TestDamagedFiles damages files at random: bits, bytes, lengths, pieces lost or doubled. Each must be refused in one line, or be read
// as a network of finite weights; zip's checksums let little through.
func TestDamagedFiles(t *testing.T) {
	o := Options{Alphabet: []byte(readGolden(t).Chars)}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	read, tries := 0, 0
	for _, name := range []string{"lstm.pt", "gru-checkpoint.pt", "whole.pt", "tied.safetensors", "bf16.safetensors"} {
		file, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		for seed := range uint64(250) {
			b := damage(file, rand.New(rand.NewPCG(seed, 18)))
			if seed%2 == 1 && bytes.HasPrefix(b, zipMagic) { // what is inside, under checksums that agree
				b = repack(t, file, func(name string, content []byte) []byte {
					if !strings.HasSuffix(name, "data.pkl") {
						return content
					}
					return damage(content, rand.New(rand.NewPCG(seed, 18)))
				})
			}
			tries++
			made, err := Read(bytes.NewReader(b), int64(len(b)), o)
			switch {
			case err == nil:
				read++
				if made.Network.Config().Symbols != len(o.Alphabet) {
					t.Errorf("%s, seed %d: network %+v", name, seed, made.Network.Config())
				}
			case strings.ContainsAny(err.Error(), "\n\r") || len(err.Error()) > 400:
				t.Errorf("%s, seed %d: no short line: %q", name, seed, err)
			}
		}
	}
	runtime.ReadMemStats(&after)
	if each := (after.TotalAlloc - before.TotalAlloc) / uint64(tries); each > 1<<20 {
		t.Errorf("%d bytes allocated for a file of some thousand bytes, want at most 1 MiB", each)
	}
	t.Logf("%d of %d damaged files were read", read, tries)
}

// damage returns a copy with one to four places changed.
func damage(file []byte, r *rand.Rand) []byte {
	b := bytes.Clone(file)
	for range 1 + r.IntN(4) {
		at := r.IntN(len(b))
		switch r.IntN(6) {
		case 0:
			b[at] ^= 1 << r.IntN(8)
		case 1:
			b[at] = byte(r.Uint32())
		case 2: // a length
			for i := at; i < min(at+1+r.IntN(8), len(b)); i++ {
				b[i] = 0xff
			}
		case 3:
			b = b[:max(at, 1)]
		case 4:
			b = append(b[:at:at], b[min(at+1+r.IntN(40), len(b)-1):]...)
		case 5:
			b = append(b[:at:at], b[max(0, at-r.IntN(40)):]...)
		}
	}
	return b
}

// repack changes the files in an archive, with checksums that agree.
func repack(t testing.TB, archive []byte, change func(name string, content []byte) []byte) []byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, f := range z.File {
		in, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(in)
		if err != nil {
			t.Fatal(err)
		}
		out, err := w.CreateHeader(&zip.FileHeader{Name: f.Name, Method: zip.Store})
		if err != nil {
			t.Fatal(err)
		}
		out.Write(change(f.Name, content))
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func FuzzImport(f *testing.F) {
	files, err := filepath.Glob(filepath.Join("testdata", "*.*t*"))
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range files {
		file, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(file, "")
	}
	f.Add([]byte("PK\x03\x04"), `{"stoi":{"a":0}}`)
	f.Fuzz(func(t *testing.T, file []byte, alphabet string) {
		o := Options{}
		if alphabet != "" {
			o.Alphabet = []byte(alphabet)
		}
		for _, b := range [][]byte{file, inArchive(file)} { // and as the pickle in an archive
			if made, err := Read(bytes.NewReader(b), int64(len(b)), o); err == nil && made.Network.Config().Symbols != made.Model.Alphabet.Size() {
				t.Errorf("%d symbols, %d in the alphabet", made.Network.Config().Symbols, made.Model.Alphabet.Size())
			}
		}
	})
}

// inArchive returns an archive of a pickle and a storage.
func inArchive(pickle []byte) []byte {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, f := range []struct {
		name    string
		content []byte
	}{{"a/data.pkl", pickle}, {"a/data/0", make([]byte, 400)}} {
		out, _ := w.CreateHeader(&zip.FileHeader{Name: f.name, Method: zip.Store}) // to memory, which does not fail
		out.Write(f.content)
	}
	w.Close()
	return b.Bytes()
}

// TestChecksums flips a bit in the weights of a checkpoint, where nothing but its checksum can tell.
func TestChecksums(t *testing.T) {
	file, err := os.ReadFile(filepath.Join("testdata", "onehot.pt"))
	if err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range z.File {
		at, err := f.DataOffset()
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(f.Name, "/data/") && !strings.HasSuffix(f.Name, "data.pkl") {
			continue
		}
		b := bytes.Clone(file)
		b[at+1] ^= 1
		_, err = Read(bytes.NewReader(b), int64(len(b)), Options{})
		if err == nil || !strings.HasSuffix(err.Error(), "zip: checksum error: the file is damaged, or not whole") {
			t.Errorf("%s: error %v", f.Name, err)
		}
	}
}
