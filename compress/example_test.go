package compress_test

import (
	"bytes"
	"fmt"
	"io"
	"log"
	"strings"

	"github.com/seed-f4dd853e/elman/compress"
)

// A text is packed with nothing but what it teaches on the way.
func ExampleWriter() {
	text := strings.Repeat("Tomorrow, and tomorrow, and tomorrow, creeps in this petty pace from day to day\n", 20)
	var packed bytes.Buffer
	w, err := compress.NewWriter(&packed, nil, compress.Options{Learn: true})
	if err != nil {
		log.Fatal(err)
	}
	io.WriteString(w, text)
	if err := w.Close(); err != nil { // of errors before, too
		log.Fatal(err)
	}
	size := packed.Len()

	r, err := compress.NewReader(&packed, nil, compress.Options{})
	if err != nil {
		log.Fatal(err)
	}
	back, err := io.ReadAll(r)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%d bytes in %d, the same again: %v\n", len(text), size, string(back) == text)
	// Output: 1600 bytes in 84, the same again: true
}
