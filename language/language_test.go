package language

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"math"
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestLanguagesStay compares texts with what they were when models were trained on them.
func TestLanguagesStay(t *testing.T) {
	for _, tt := range []struct {
		name string
		seed uint64
		hash string // of the first million bytes
	}{
		{"play", 1, "e2ecbcac1764c51e67c303a8af14204f5b084e4b877678bf50c8cef70f6824f4"},
		{"play", 2, "b0d07c7062db50751ea3ddd22d5e7a69154b0cff0fef0929d64f57994bcdf173"},
		{"letters", 1, "10944869f026192c5054ab46e0ec7f66c9724e988d225c87a7198668f2f12f28"},
		{"elman-letters", 1, "8c1993612ca432f34509f987f96bd510e930540912bfd2ae387141743b7aa246"},
		{"elman-words", 1, "f458ce0b06619f46e2ed8148cdae1733d0ade1400ab878a61a159f08a6817ff9"},
		{"xor", 1, "749e41af1b3d497acafd9e12dc04e07f44edb420a6d120255de68d18c59637e4"},
		{"reber", 1, "20fa9e4bb34507b12d176b2e70e6e60ba534706912c909d46f4f008f8b04d117"},
		{"logs", 1, "9ae013c274156fed9b616ac76f99b1770a1c0f1569e6a63df786bc2424282c3e"},
		{"names", 1, "d487ea5a6733b26906ae8d582ba5ced92b5b14360e872dafc74c56cfa27311b5"},
		{"sentences", 1, "cfb199ca875c3b2bab960c28ce74fa8d804bccfead7bc466bc19880351503c90"},
	} {
		l, err := Find(tt.name)
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprintf("%x", sha256.Sum256(l.Generate(tt.seed, 1e6))); got != tt.hash {
			t.Errorf("%s, seed %d: hash %s, want %s", tt.name, tt.seed, got, tt.hash)
		}
	}
}

func TestPlayBeginning(t *testing.T) {
	const golden = "testdata/play.txt"
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got := play.Generate(1, 3000); !bytes.Equal(got, want) {
		t.Errorf("the play of seed 1 begins\n%s\nwant %s:\n%s", got, golden, want)
	}
}

func TestShorterIsTheBeginning(t *testing.T) {
	for _, l := range All() {
		whole := l.Generate(3, 100000)
		if len(whole) != 100000 {
			t.Errorf("%s: %d bytes, want 100000", l.Name, len(whole))
		}
		for _, n := range []int{0, 1, 17, 4096, 27104, 27105, 99999} {
			if part := l.Generate(3, n); !bytes.Equal(part, whole[:n]) {
				t.Errorf("%s: the first %d bytes differ", l.Name, n)
			}
		}
		if bytes.Equal(whole, l.Generate(4, 100000)) {
			t.Errorf("%s: seeds 3 and 4 give the same text", l.Name)
		}
		disk := errors.New("disk full")
		if err := l.Write(failing{disk}, 1, 10); err != disk {
			t.Errorf("%s: error %v, want %v", l.Name, err, disk)
		}
	}
	if _, err := Find("klingon"); err == nil || !strings.Contains(err.Error(), "play, letters") {
		t.Errorf("no such language: error %v", err)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

// TestLetters counts words against their probabilities.
func TestLetters(t *testing.T) {
	const n = 10 * 10000 // words
	text := string(letters.Generate(5, 3*n))
	counts := map[string]float64{}
	words := regexp.MustCompile(`^(ae|buu|ciii)`)
	for range 9 * 10000 {
		w := words.FindString(text)
		if w == "" {
			t.Fatalf("no word begins %.10q", text)
		}
		counts[w]++
		text = text[len(w):]
	}
	entropy, length := 0.0, 0.0
	for w, p := range map[string]float64{"ae": 0.548795, "buu": 0.192012, "ciii": 0.259193} {
		if got := counts[w] / 90000; math.Abs(got-p) > 0.005 {
			t.Errorf("%s has a share of %.4f, want %.4f", w, got, p)
		}
		entropy -= p * math.Log(p)
		length += p * float64(len(w))
	}
	if got := letters.Entropy().Nats; math.Abs(entropy/length-got) > 1e-6 {
		t.Errorf("entropy %.6f nats per character, the language says %.6f", entropy/length, got)
	}
}

// TestPlayAgrees reads a million characters of the play as a stranger would, and looks for what does not agree.
func TestPlayAgrees(t *testing.T) {
	text := string(play.Generate(7, 1e6))
	text = text[:strings.LastIndex(text, "SCENE.")]
	flat := strings.ToLower(strings.Join(strings.Fields(text), " "))
	for _, tt := range []struct{ what, all, good string }{
		{"thou and its verb", `[a-z]+ thou [a-z']+`, `(hast|sayst|art|canst|wilt) .*|.* (hast|art|canst|wilt|lov'st|wert|knowst|saidst|needst)`},
		{"verbs of thou", `[a-z]+ (hast|art|canst|wilt|wert|knowst) [a-z]+`, `thou .*|.* thou`},
		{"you and its verb", `you [a-z']+`, `you .*[^s]|.* (ridiculous|kiss)`},
		{"he and she", ` (he|she) [a-z]+`, ` (he|she) ([a-z]*s|was|has)`},
		{"they", `they [a-z]+`, `they ([a-z]*[^s]|kiss)`},
		{"I", ` i [a-z]+`, ` i ([a-z]*[^s]|was|kiss)`},
		{"a and an", ` (a|an) [a-z]+`, ` (an [aeiou].*|an ho(ur|nour|nest).*|a [^aeiou].*)`},
	} {
		all, good := regexp.MustCompile(tt.all), regexp.MustCompile("^("+tt.good+")$")
		found := all.FindAllString(flat, -1)
		if len(found) < 30 {
			t.Errorf("%s: found %d times only", tt.what, len(found))
		}
		for _, s := range found {
			if !good.MatchString(s) {
				t.Errorf("%s: %q", tt.what, s)
			}
		}
	}
	for i, scene := range strings.Split(text, "\n\n\n") {
		checkScene(t, i, scene)
	}
}

// checkScene looks at brackets, quotations and who is on the stage.
func checkScene(t *testing.T, number int, scene string) {
	t.Helper()
	var open []byte
	for i := range len(scene) {
		c := scene[i]
		top := byte(0)
		if len(open) > 0 {
			top = open[len(open)-1]
		}
		switch {
		case c == '"' && top == '"', c == ')' && top == '(', c == ']' && top == '[':
			open = open[:len(open)-1]
		case strings.IndexByte(`"([`, c) >= 0:
			open = append(open, c)
		case strings.IndexByte(`)]`, c) >= 0:
			t.Fatalf("scene %d: a %c that nothing opened:\n%s", number, c, scene)
		}
	}
	if len(open) > 0 {
		t.Fatalf("scene %d: %q is left open:\n%s", number, open, scene)
	}
	here := ""
	question, speaker := false, ""
	for block := range strings.SplitSeq(scene, "\n\n") {
		name, speech, ok := strings.Cut(block, ":\n")
		if _, after, entered := strings.Cut(block, "[Enter "); entered {
			here += after
			continue
		}
		if !ok {
			continue
		}
		if name != strings.ToUpper(name) || !strings.Contains(here, name) {
			t.Fatalf("scene %d: %s speaks without having entered: %s", number, name, here)
		}
		if question && name == speaker {
			t.Fatalf("scene %d: %s asks and answers", number, name)
		}
		question, speaker = strings.HasSuffix(speech, "?"), name
		for line := range strings.Lines(speech) {
			if line[0] != '[' && strings.ToUpper(line[:1]) != line[:1] {
				t.Fatalf("scene %d: the verse %q begins small", number, line)
			}
		}
	}
}

func TestGrammarMistakes(t *testing.T) {
	for name, text := range map[string]string{
		"unknown rule": "a\n 1 <b>", "no weight": "a\n x", "weight of 0": "a\n 0 x", "twice": "a\n 1 x\na\n 1 y",
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			parseGrammar(text)
		}()
	}
}

func BenchmarkLanguages(b *testing.B) {
	for _, l := range All() {
		b.Run(l.Name, func(b *testing.B) {
			b.SetBytes(1 << 20)
			for b.Loop() {
				l.Generate(1, 1<<20)
			}
		})
	}
}
