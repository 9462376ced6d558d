package elman_test

import (
	"embed"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/seed-f4dd853e/elman"
)

//go:embed browser/play.safetensors
var files embed.FS

// A model that is part of the program.
func ExampleRead_embedded() {
	f, err := files.Open("browser/play.safetensors")
	check(err)
	info, err := f.Stat()
	check(err)
	m, err := elman.Read(f.(io.ReaderAt), info.Size())
	check(err)
	fmt.Println(m.Alphabet)
	// Output:
	// 61 chars and the escape
}

// TestEmbedPage builds the service of docs/embed.md and asks it.
func TestEmbedPage(t *testing.T) {
	page, err := os.ReadFile("docs/embed.md")
	if err != nil {
		t.Fatal(err)
	}
	_, source, _ := strings.Cut(string(page), "\n```go\n")
	source, _, found := strings.Cut(source, "```\n")
	if !found {
		t.Fatal("docs/embed.md has no program")
	}
	file, err := files.ReadFile("browser/play.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	for name, content := range map[string]string{"main.go": source, "play.safetensors": string(file)} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	program := filepath.Join(folder, "service.exe")
	if out, err := exec.Command("go", "build", "-o", program, filepath.Join(folder, "main.go")).CombinedOutput(); err != nil {
		t.Fatalf("the program of docs/embed.md: %v\n%s", err, out)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0") // a free port
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	service := exec.Command(program, address)
	if err := service.Start(); err != nil {
		t.Fatal(err)
	}
	defer service.Wait()
	defer service.Process.Kill()

	var score map[string]float64
	ask(t, "http://"+address+"/score?text=The+king.", &score)
	if _, want, _ := strings.Cut(string(page), "text=The+king.'\n"); !strings.HasPrefix(want, fmt.Sprintf(`{"bits":%v,"bits_per_char":%v}`, score["bits"], score["bits_per_char"])) {
		t.Errorf("the service says %v, docs/embed.md %.80s", score, want)
	}
	var texts []string
	ask(t, "http://"+address+"/write?prompt=KING:", &texts)
	if len(texts) != 1 || !strings.HasPrefix(texts[0], "KING:") {
		t.Errorf("the service writes %q, want a text that begins with KING:", texts)
	}
}

// ask waits for an answer in JSON.
func ask(t *testing.T, url string, to any) {
	t.Helper()
	var err error
	for range 600 { // a minute, in which the service begins to listen
		var r *http.Response
		if r, err = http.Get(url); err == nil {
			defer r.Body.Close()
			if err = json.NewDecoder(r.Body).Decode(to); err == nil {
				return
			}
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatalf("%s: %v", url, err)
}
