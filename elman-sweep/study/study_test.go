package study

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// folder makes the files that studies of tests name.
func folder(t testing.TB) string {
	dir := t.TempDir()
	for name, text := range map[string]string{"play.txt": "to be", "more.txt": "or not", "held.txt": "to be?", "pairs.csv": "good,bad\na,b\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func read(t testing.TB, dir, text string) (*Study, error) {
	path := filepath.Join(dir, "study.toml")
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	return Read(path)
}

const whole1 = `name = "Cells"
seeds = [3, 9]
[texts]
play = "play.txt"
both = ["play.txt", "more.txt"]
[settings]
steps_total = 40
valid-file = "held.txt"
[axes]
lr = [1e-2, 2]
[[conditions]]
name = "small"
cell = "gru"
[[conditions]]
cell = "lstm"
hidden = 16
[measure]
verdict = true
pairs = "*.csv"
`

func TestExpand(t *testing.T) {
	s, err := read(t, folder(t), whole1)
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Runs) != 2*2*2*2 {
		t.Fatalf("%d runs, want 2 conditions x 2 texts x 2 rates x 2 seeds", len(s.Runs))
	}
	want := []Axis{{"condition", []string{"small"}}, {"cell", []string{"gru", "lstm"}}, {"hidden", []string{"16"}}, {"text", []string{"play", "both"}}, {"lr", []string{"0.01", "2"}}}
	if d := cmp.Diff(want, s.Axes); d != "" {
		t.Errorf("axes differ (-want +got):\n%s", d)
	}
	var conditions []string
	for _, r := range s.Runs {
		if !slices.Contains(conditions, r.Condition) {
			conditions = append(conditions, r.Condition)
		}
	}
	if got, want := conditions[0], "small text=play lr=0.01"; got != want || len(conditions) != 8 {
		t.Errorf("first of %d conditions is %q, want 8 and %q", len(conditions), got, want)
	}
	last := s.Runs[15]
	got := strings.Join(last.Arguments(func(f File) string { return f.Name }), " ")
	if want := "train play.txt more.txt --cell=lstm --hidden=16 --lr=2 --seed=9 --steps-total=40 --valid-file=held.txt"; got != want {
		t.Errorf("the last run is\n%s, want\n%s", got, want)
	}
	if len(last.Measures) != 2 || last.Measures[1].Files[0].Name != "pairs.csv" {
		t.Errorf("measures are %v", last.Measures)
	}
}

// TestID makes sure that a run is named by what decides its weights, and by nothing else.
func TestID(t *testing.T) {
	id := func(change func(dir, text string) string) string {
		dir := folder(t)
		s, err := read(t, dir, change(dir, "[texts]\nplay = \"play.txt\"\n[settings]\nlr = 0.5\nvalid-file = \"held.txt\"\n"))
		if err != nil {
			t.Fatal(err)
		}
		return s.Runs[0].ID
	}
	plain := id(func(_, text string) string { return text })
	for name, same := range map[string]func(dir, text string) string{
		"another spelling": func(_, text string) string { return strings.Replace(text, "0.5", "5e-1", 1) },
		"another name":     func(_, text string) string { return strings.Replace(text, "play =", "x =", 1) },
		"a measure":        func(_, text string) string { return text + "[measure]\nverdict = true\n" },
		"the default seed": func(_, text string) string { return "seeds = [1]\n" + text },
		"the text is elsewhere": func(dir, text string) string {
			os.Rename(filepath.Join(dir, "play.txt"), filepath.Join(dir, "moved.txt"))
			return strings.Replace(text, "play.txt", "moved.txt", 1)
		},
	} {
		if got := id(same); got != plain {
			t.Errorf("%s: the run is %s, was %s", name, got, plain)
		}
	}
	for name, other := range map[string]func(dir, text string) string{
		"another rate": func(_, text string) string { return strings.Replace(text, "0.5", "0.6", 1) },
		"another seed": func(_, text string) string { return "seeds = [2]\n" + text },
		"another text": func(dir, text string) string {
			os.WriteFile(filepath.Join(dir, "play.txt"), []byte("tp be"), 0o666)
			return text
		},
		"another validation text": func(dir, text string) string {
			os.WriteFile(filepath.Join(dir, "held.txt"), []byte("x"), 0o666)
			return text
		},
	} {
		if got := id(other); got == plain {
			t.Errorf("%s: the run is %s still", name, got)
		}
	}
}

func TestErrors(t *testing.T) {
	const texts = "[texts]\nplay = \"play.txt\"\n"
	for _, tt := range []struct{ name, text, want string }{
		{"no texts", "name = 'x'", `study.toml:1: no texts: add [texts] with NAME = "FILE"`},
		{"unknown key", texts + "[setings]\nlr = 1", "study.toml:3: setings is unknown; did you mean settings?; a study has name, seeds, texts, settings, axes, conditions or measure"},
		{"unknown flag", texts + "[settings]\n\nhiden = 1", "study.toml:5: hiden is no flag of elman train; did you mean hidden?"},
		{"refused flag", texts + "[axes]\ntime = ['1s']", "study.toml:4: time has no place here: it would make the result depend on the machine's speed; set epochs or steps-total"},
		{"wrong kind", texts + "[settings]\nhidden = 'a'", `study.toml:4: hidden is "a", must be a whole number`},
		{"a single value as an axis", texts + "[axes]\nhidden = 3", "study.toml:4: hidden is 3, must be a list of values; a single one belongs under [settings]"},
		{"a value twice", texts + "[axes]\nlr = [0.1, 1e-1]", "study.toml:4: lr has 0.1 twice"},
		{"a flag twice", texts + "[settings]\nlr = 1\n[axes]\nlr = [1]", "study.toml:6: lr is set in line 4 already"},
		{"an axis in a condition", texts + "[axes]\nlr = [1, 2]\n[[conditions]]\nlr = 1", "study.toml:6: lr is an axis in line 4, and cannot be set by a condition"},
		{"a run twice", texts + "[[conditions]]\nname = 'a'\nlr = 1\n[[conditions]]\nname = 'b'\nlr = 1.0", `study.toml:6: the conditions "a" and "b" make the same run; remove one`},
		{"a name twice", texts + "[[conditions]]\nname = 'a'\nlr = 1\n[[conditions]]\nlr = 2\nname = 'a'", `study.toml:8: the condition "a" has its name in line 4 already`},
		{"a key twice", texts + "[settings]\nlr = 1\nlr = 2", "study.toml:5: "},
		{"no TOML", texts + "lr", "study.toml:3: "},
		{"no file", "[texts]\nplay = \"none.txt\"", "none.txt: no such file or directory"},
		{"seeds", "seeds = 0\n" + texts, "study.toml:1: seeds is 0, must be how many, such as 5, or a list such as [1, 2, 3]"},
		{"a seed twice", "seeds = [1, 1]\n" + texts, "study.toml:1: seeds has 1 twice"},
		{"too many", "seeds = 1000000\n" + texts + "[axes]\nlr = [1, 2]", "study.toml:5: the study has more than 1000000 runs"},
		{"unknown text", texts + "[axes]\ntext = ['novel']", `study.toml:4: text "novel" is not among [texts]`},
		{"unknown measure", texts + "[measure]\npair = 'x'", "study.toml:4: pair is unknown; did you mean pairs?; [measure] has verdict, score, words, pairs or experiments"},
		{"unknown experiment", texts + "[measure]\nexperiments = 'elman1990-or'", `study.toml:4: unknown experiment "elman1990-or"; choose `},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := read(t, folder(t), tt.text)
			if err == nil {
				t.Fatalf("no error, want %s", tt.want)
			}
			if got := err.Error(); !strings.Contains(got, tt.want) || strings.Contains(got, "\n") {
				t.Errorf("error\n%s, want\n%s", got, tt.want)
			}
		})
	}
}

// FuzzParse looks for studies that break the parser.
func FuzzParse(f *testing.F) {
	f.Add(whole1)
	f.Add("seeds = 3\n[texts]\na.b = 'x'\n[[texts.c]]\n")
	f.Add("[texts]\n[[conditions]]\nx = {a = 1}\n[conditions.y]\n")
	f.Add("a = [[1, {b = 2}], 1979-05-27, +1_000, 0x1F, -0.5e3, inf]\n")
	f.Fuzz(func(t *testing.T, text string) {
		form, err := parse("study.toml", []byte(text))
		if err != nil && (strings.Contains(err.Error(), "\n") || !strings.HasPrefix(err.Error(), "study.toml")) {
			t.Errorf("the error %q is not one line with its place", err)
		}
		if err == nil && (len(form.texts) == 0 || len(form.seeds) == 0) {
			t.Errorf("a study without texts or seeds: %+v", form)
		}
	})
}
