package study

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestCheck refuses tasks that no study makes. Each is named by its own hash, unless the name is what is wrong.
func TestCheck(t *testing.T) {
	s, err := read(t, folder(t), whole1+"experiments = \"reber\"\n")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range s.Runs {
		if err := r.Check(); err != nil {
			t.Errorf("a task of a study is refused: %v", err)
		}
	}
	file := func(name, sha string) *File { return &File{Name: name, SHA256: sha} }
	sha := strings.Repeat("0a", 32)
	for _, tt := range []struct {
		name   string
		change func(t *Task)
		want   string
	}{
		{"another lr", func(t *Task) {
			t.Flags = append(t.Flags, Flag{Name: "momentum", Value: "1"})
			nameTask(t)
			t.Flags[0].Value += "0"
		}, "whose run is"},
		{"no text", func(t *Task) { t.Texts = nil; nameTask(t) }, "has no text"},
		{"a flag that starts elsewhere", func(t *Task) { t.Flags = append(t.Flags, Flag{Name: "out", Value: "/tmp"}); nameTask(t) }, `"out" is no flag`},
		{"a flag twice", func(t *Task) { t.Flags = append(t.Flags, Flag{Name: "seed", Value: "9"}); nameTask(t) }, "seed twice"},
		{"a path for a file", func(t *Task) { t.Flags = append(t.Flags, Flag{Name: "init-from", Value: "/etc/passwd"}); nameTask(t) }, "init-from needs either"},
		{"a file for a value", func(t *Task) { t.Flags = append(t.Flags, Flag{Name: "momentum", File: file("x", sha)}); nameTask(t) }, "momentum needs either"},
		{"a zero byte", func(t *Task) { t.Flags = append(t.Flags, Flag{Name: "momentum", Value: "1\x00"}); nameTask(t) }, "control characters"},
		{"a text outside", func(t *Task) { t.Texts = []File{*file("../x", sha)}; nameTask(t) }, `named "../x"`},
		{"an absolute text", func(t *Task) { t.Texts = []File{*file("/x", sha)}; nameTask(t) }, `named "/x"`},
		{"a text on a drive", func(t *Task) { t.Texts = []File{*file("c:x", sha)}; nameTask(t) }, `named "c:x"`},
		{"a backslash", func(t *Task) { t.Texts = []File{*file(`..\x`, sha)}; nameTask(t) }, `named "..\\x"`},
		{"the folder itself", func(t *Task) { t.Texts = []File{*file(".", sha)}; nameTask(t) }, `named "."`},
		{"no name", func(t *Task) { t.Texts = []File{*file("", sha)}; nameTask(t) }, `named ""`},
		{"a short hash", func(t *Task) { t.Texts = []File{*file("x", "0a")}; nameTask(t) }, "must be 64 digits"},
		{"a hash in capitals", func(t *Task) { t.Texts = []File{*file("x", strings.ToUpper(sha))}; nameTask(t) }, "must be 64 digits"},
		{"a hash that is a path", func(t *Task) {
			t.Flags = append(t.Flags, Flag{Name: "test-file", File: file("x", "../"+sha[3:])})
			nameTask(t)
		}, "must be 64 digits"},
		{"an unknown measure", func(t *Task) { t.Measures = []Measure{{Kind: "shell"}} }, `"shell" is no measure`},
		{"a measure's file outside", func(t *Task) { t.Measures = []Measure{{Kind: Words, Files: []File{*file("../../x", sha)}}} }, `named "../../x"`},
		{"a verdict with files", func(t *Task) { t.Measures = []Measure{{Kind: Verdict, Files: []File{*file("x", sha)}}} }, "verdict has 1 files"},
		{"scores of nothing", func(t *Task) { t.Measures = []Measure{{Kind: Score}} }, "score has 0 files"},
		{"an unknown experiment", func(t *Task) { t.Measures = []Measure{{Kind: Experiments, Names: []string{"../x"}}} }, `unknown experiment "../x"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			task := s.Runs[0].Task
			task.Flags = append([]Flag(nil), task.Flags...)
			tt.change(&task)
			if err := task.Check(); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
	for _, id := range []string{"../../..", "", "0123456789abcdef"} {
		task := s.Runs[0].Task
		if task.ID = id; task.Check() == nil {
			t.Errorf("the ID %q is taken", id)
		}
	}
}

// TestFileNames makes sure that a study is refused at once if its workers would refuse it.
func TestFileNames(t *testing.T) {
	dir := folder(t)
	if err := os.WriteFile(filepath.Join(dir, "a:b"), nil, 0o666); err != nil {
		t.Skip(err)
	}
	for _, text := range []string{"[texts]\nplay = 'a:b'", "[texts]\nplay = 'play.txt'\n[measure]\nscore = 'a:b'"} {
		if _, err := read(t, dir, text); err == nil || !strings.Contains(err.Error(), "a file is named") {
			t.Errorf("%q: got %v", text, err)
		}
	}
}
