package corpus

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// onDisk opens a text all of which is read from its file, however short it is.
func onDisk(t testing.TB, text string) *Text {
	t.Helper()
	path := filepath.Join(t.TempDir(), "text")
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	all := &Text{}
	all.add(partOnDisk(t, path))
	t.Cleanup(all.Close)
	return all
}

func partOnDisk(t testing.TB, path string) part {
	t.Helper()
	p, err := openPart(t.Context(), path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// BenchmarkStreams reads windows of 64 streams, from memory and from a file. A training step on as many symbols takes the
// default network some 24 ms.
func BenchmarkStreams(b *testing.B) {
	text := strings.Repeat("To be, or not to be, that is the question:\nOlivia\nEmma\n", 20<<20/55)
	for _, source := range []struct {
		name string
		text *Text
	}{{"memory", FromBytes("text", []byte(text))}, {"file", onDisk(b, text)}} {
		for _, kind := range Kinds() {
			for _, documents := range []Documents{Whole, Lines} {
				c, err := New(source.text, Options{Kind: kind, Documents: documents})
				if err != nil {
					b.Fatal(err)
				}
				r, err := c.Train().Streams(64)
				if err != nil {
					b.Fatal(err)
				}
				x, y := make([]int32, 64*64), make([]int32, 64*64)
				r.Starts = make([]bool, 64*64)
				r.Shuffle(1, 0)
				b.Run(fmt.Sprintf("%s/%s/%s", source.name, kind, documents), func(b *testing.B) {
					for b.Loop() {
						n, err := r.Next(x, y)
						if err == nil && n == 0 {
							err = r.SetPosition(0)
						}
						if err != nil {
							b.Fatal(err)
						}
					}
					b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(x)), "ns/symbol")
				})
			}
		}
	}
}
