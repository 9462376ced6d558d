package train

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/seed-f4dd853e/elman/internal/f32"
	"github.com/seed-f4dd853e/elman/internal/setting"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/rnn"
	"github.com/seed-f4dd853e/elman/train/run"
)

// smallTeacher is another network than those that it teaches, with other windows.
var smallTeacher = func() Teacher {
	s, err := Defaults(Facts{Symbols: 26, Length: 3000}, with(Settings{
		Network: rnn.Config{Cell: "lstm", Hidden: 14}, Batch: 4, Window: 13, ReportEvery: 8, Budget: Budget{Steps: 20}, Seed: 5}))
	if err != nil {
		panic(err)
	}
	return NewTeacher(s)
}()

var taught = Settings{Network: rnn.Config{Cell: "gru", Hidden: 16}, Batch: 3, Window: 21, TeacherShare: 0.6, Teacher: smallTeacher, ReportEvery: 10, Budget: Budget{Steps: 40}}

// TestTeacher: the teacher is the run that its settings make alone, in a folder of its own, and without a folder it is the same.
func TestTeacher(t *testing.T) {
	t.Parallel()
	c := chars(t, rhyme(100))
	folder := filepath.Join(t.TempDir(), "run")
	var begun []Start
	r := mustRun(t, c, taught, Options{Folder: folder, Start: func(s Start) { begun = append(begun, s) }})
	s, err := smallTeacher.Settings()
	if err != nil {
		t.Fatal(err)
	}
	alone, err := Run(t.Context(), c, s, Options{KeepBest: true})
	if err != nil {
		t.Fatal(err)
	}
	teacher := filepath.Join(folder, run.TeacherName)
	m, err := model.Load(filepath.Join(teacher, run.ModelName))
	if err != nil || m.Hash() != alone.Best.Hash() {
		t.Errorf("the teacher is %v, alone %s (%v)", m, alone.Best.Hash(), err)
	}
	if info, err := run.ReadInfo(folder); err != nil || info.Teacher != alone.Best.Hash() {
		t.Errorf("run.json names the teacher %q (%v), want %s", info.Teacher, err, alone.Best.Hash())
	}
	if len(begun) != 2 || !begun[0].Teaches || begun[0].Folder != teacher || begun[0].Settings.Network.Hidden != 14 ||
		begun[1].Teaches || begun[1].Folder != folder || begun[1].Settings.Network.Hidden != 16 {
		t.Errorf("what began: %+v", begun)
	}
	if inMemory := mustRun(t, c, taught, Options{}); inMemory.Model.Hash() != r.Model.Hash() {
		t.Errorf("without a folder: %s, with one %s", inMemory.Model.Hash(), r.Model.Hash())
	}
	untaught := taught
	untaught.TeacherShare, untaught.Teacher = 0, ""
	if mustRun(t, c, untaught, Options{}).Model.Hash() == r.Model.Hash() {
		t.Error("a teacher changes nothing")
	}
}

// TestTeacherGone resumes a run whose teacher is no longer there, is damaged, or is another: it is trained again, or the run stops.
func TestTeacherGone(t *testing.T) {
	t.Parallel()
	c := chars(t, rhyme(100))
	longer := taught
	longer.Budget.Steps = 60
	whole := filepath.Join(t.TempDir(), "whole")
	mustRun(t, c, taught, Options{Folder: whole})
	want := mustRun(t, c, longer, Options{Folder: whole, Resume: true}).Model.Hash()
	for _, tt := range []struct {
		name   string
		harm   func(teacher string) error
		refuse string
	}{
		{"gone", os.RemoveAll, ""},
		{"its model gone", func(f string) error { return os.Remove(filepath.Join(f, run.ModelName)) }, "model.safetensors is missing"},
		{"cut short", func(f string) error { return os.Truncate(filepath.Join(f, run.ModelName), 500) }, "teacher/model.safetensors"},
		{"another", func(f string) error {
			m, err := model.Load(filepath.Join(f, run.ModelName))
			if err != nil {
				return err
			}
			m.Network.Params()[0].Value[0]++
			return m.Save(filepath.Join(f, run.ModelName))
		}, "is not the model that the run learns from; delete "},
	} {
		folder := filepath.Join(t.TempDir(), "run")
		mustRun(t, c, taught, Options{Folder: folder})
		if err := tt.harm(filepath.Join(folder, run.TeacherName)); err != nil {
			t.Fatal(err)
		}
		begun := 0 // nothing is left to learn, whatever became of the teacher
		if mustRun(t, c, taught, Options{Folder: folder, Resume: true, Start: func(Start) { begun++ }}); begun != 1 {
			t.Errorf("%s: %d trainings begin after the end, want the run's own", tt.name, begun)
		}
		r, err := runPartial(t.Context(), c, longer, Options{Folder: folder, Resume: true})
		switch {
		case tt.refuse == "" && (err != nil || r.Model.Hash() != want):
			t.Errorf("%s: %+v, %v; want the weights %s", tt.name, r, err, want)
		case tt.refuse != "" && (err == nil || !strings.Contains(filepath.ToSlash(err.Error()), tt.refuse)):
			t.Errorf("%s: error %v, want %q", tt.name, err, tt.refuse)
		}
	}
}

// TestTeacherBeforeRun: a run that is interrupted while its teacher learns goes on with that, and one that fails there can be
// repeated.
func TestTeacherBeforeRun(t *testing.T) {
	t.Parallel()
	c := chars(t, rhyme(100))
	folder := filepath.Join(t.TempDir(), "run")
	ctx := &fewChecks{Context: t.Context(), left: 6}
	if _, err := runPartial(ctx, c, taught, Options{Folder: folder}); !errors.Is(err, ErrInterrupted) {
		t.Fatal(err)
	}
	if held, err := run.HoldsRun(filepath.Join(folder, run.TeacherName)); !held || err != nil {
		t.Fatalf("the teacher was not begun (%v), nothing is shown", err)
	}
	if info, err := run.ReadInfo(folder); err != nil || info.Teacher != "" {
		t.Errorf("run.json names a teacher, %q, that is not there yet (%v)", info.Teacher, err)
	}
	if _, err := runPartial(t.Context(), c, taught, Options{Folder: folder}); err == nil {
		t.Error("a run is begun in the folder of another")
	}
	if got, want := mustRun(t, c, taught, Options{Folder: folder, Resume: true}).Model.Hash(), mustRun(t, c, taught, Options{}).Model.Hash(); got != want {
		t.Errorf("interrupted: %s, undisturbed %s", got, want)
	}
}

// TestTeacherRefused: settings and options that leave no room for a teacher are told by name.
func TestTeacherRefused(t *testing.T) {
	t.Parallel()
	f := Facts{Symbols: 26, Length: 3000}
	base, err := partial(taught).Settings(f)
	if err != nil {
		t.Fatal(err)
	}
	edit := func(old, now string) func(*Settings) {
		if !strings.Contains(string(base.Teacher), old) {
			t.Errorf("%s is not in %s", old, base.Teacher)
		}
		return func(s *Settings) { s.Teacher = Teacher(strings.Replace(string(s.Teacher), old, now, 1)) }
	}
	for name, tt := range map[string]struct {
		change func(*Settings)
		want   string
	}{
		"no share":     {func(s *Settings) { s.TeacherShare = 0 }, "teacher_share is 0, must be above 0 and at most 1, or 0 without a teacher"},
		"too much":     {func(s *Settings) { s.TeacherShare = 1.5 }, "teacher_share is 1.5, must be above 0 and at most 1, or 0 without a teacher"},
		"no teacher":   {func(s *Settings) { s.Teacher = "" }, "teacher_share is 0.6, but the settings have no teacher; set it to 0, or complete them with Defaults"},
		"codes":        {func(s *Settings) { s.Codes = rhymeCodes; s.setFacts(f) }, "teacher_share is 0.6, must be 0 with codes: a teacher predicts symbols"},
		"two teachers": {func(s *Settings) { s.Teacher = NewTeacher(*s) }, "teacher: it has a teacher of its own, and must have none"},
		"its codes":    {edit(`"codes":""`, `"codes":"0 1"`), "teacher: it has codes, and must predict symbols"},
		"its cell":     {edit(`"cell":"lstm"`, `"cell":"grru"`), `teacher: cell is "grru", must be elman, lstm, gru or mingru`},
		"its layers":   {edit(`"layers":1`, `"layers":1000000000`), "teacher: layers is 1000000000, must be 1 to 64"},
		"wrong": {func(s *Settings) {
			s.Teacher = Teacher(strings.Replace(string(s.Teacher), `"batch":4`, `"batch":0`, 1))
		},
			"teacher: batch is 0, must be 1 to 4194304"},
		"no settings": {func(s *Settings) { s.Teacher = "x" }, "teacher: invalid character 'x' looking for beginning of value"},
	} {
		s := base
		if tt.change(&s); s.Check(f) == nil || s.Check(f).Error() != tt.want {
			t.Errorf("%s: %v, want %s", name, s.Check(f), tt.want)
		}
	}
	c := chars(t, rhyme(100))
	for name, tt := range map[string]struct {
		o    Options
		want string
	}{
		"a model to begin with": {Options{Init: mustRun(t, c, Settings{Network: rnn.Config{Cell: "gru", Hidden: 16}, Budget: Budget{Steps: 1}}, Options{}).Model},
			"teacher_share is 0.6, but the network begins with a model; leave out init_from, or choose 0"},
		"processes": {Options{Window: func(*rnn.Network, rnn.WindowUse, *f32.Pool) (Window, error) { panic("a window is made") }},
			"teacher_share is 0.6, but processes that share a training have no teacher; choose 0"},
	} {
		s, _ := partial(taught).Settings(FactsOf(c))
		_, err := Run(t.Context(), c, s, tt.o)
		if _, ok := errors.AsType[*setting.Error](err); !ok || err.Error() != tt.want {
			t.Errorf("%s: %v, want %s", name, err, tt.want)
		}
		if _, err := Resolve(t.Context(), c, partial(taught), tt.o); err == nil || err.Error() != tt.want {
			t.Errorf("%s: Resolve: %v, want %s", name, err, tt.want)
		}
	}
}

// TestTeacherFails: what stops a teacher's training is the cause of the run's error, such as a full disk, which needs advice of its own.
func TestTeacherFails(t *testing.T) {
	t.Parallel()
	full := &os.PathError{Op: "write", Path: "teacher/state", Err: syscall.ENOSPC}
	_, err := runPartial(t.Context(), chars(t, rhyme(100)), taught, Options{Sample: func(*model.Model) (string, error) { return "", full }})
	if !errors.Is(err, syscall.ENOSPC) || !strings.HasPrefix(err.Error(), "teacher: ") {
		t.Errorf("error %v, want the teacher's", err)
	}
}

// TestNoDefaultTeacher: where there can be no teacher or none is wanted, an hour's default is the largest network that needs none.
func TestNoDefaultTeacher(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		shared, words, none bool
		want                string
	}{{false, false, false, "taught"}, {true, false, false, "medium"}, {false, true, false, "medium"}, {false, false, true, "medium"}} {
		s, err := Choice{shared: tt.shared, Change: func(s *Settings) {
			if s.Budget = (Budget{Time: time.Hour}); tt.none {
				s.TeacherShare = 0
			}
		}}.Settings(Facts{Symbols: 60, Length: 1e6, Words: tt.words})
		if err != nil || NetworkRecipe(s.Network) != tt.want || (s.Teacher == "") != (tt.want == "medium") {
			t.Errorf("%+v: %q, teacher %.20s, %v", tt, NetworkRecipe(s.Network), s.Teacher, err)
		}
	}
}

// TestTeacherDiverges: a teacher's errors name the settings that are its own.
func TestTeacherDiverges(t *testing.T) {
	t.Parallel()
	c := chars(t, rhyme(60))
	teacher, err := partial(wild()).Settings(FactsOf(c))
	if err != nil {
		t.Fatal(err)
	}
	s := taught
	s.Teacher, s.Retries = NewTeacher(teacher), -1
	_, err = runPartial(t.Context(), c, s, Options{Folder: filepath.Join(t.TempDir(), "run")})
	if err == nil || !strings.HasPrefix(err.Error(), "teacher: training step ") {
		t.Errorf("a teacher that diverges: %v", err)
	}
	// The run itself goes back as one without a teacher does, and its teacher's state with it.
	s = wild()
	s.Optimizer.LearningRate, s.TeacherShare, s.Teacher = 3, 0.1, smallTeacher // which happens to diverge
	retries := 0
	want := mustRun(t, c, s, Options{Diverged: func(Divergence) { retries++ }}).Model.Hash()
	folder := filepath.Join(t.TempDir(), "run")
	for resume := false; ; resume = true {
		r, err := runPartial(&fewChecks{Context: t.Context(), left: 70}, c, s, Options{Folder: folder, Resume: resume})
		if err == nil && r.Model.Hash() != want {
			t.Errorf("interrupted: %s, undisturbed %s", r.Model.Hash(), want)
		}
		if !errors.Is(err, ErrInterrupted) {
			if err != nil {
				t.Error(err)
			}
			break
		}
	}
	if retries == 0 {
		t.Error("nothing diverges, nothing is shown")
	}
}

// TestTeacherInSettings: JSON has the teacher's settings as an object and gives them back; --config's settings follow a share that
// is taken away or given.
func TestTeacherInSettings(t *testing.T) {
	t.Parallel()
	f := Facts{Symbols: 26, Length: 3000}
	base, err := partial(taught).Settings(f)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(base)
	if err != nil || !strings.Contains(string(text), `"teacher":{"network":{"cell":"lstm"`) {
		t.Fatalf("%s, %v", text, err)
	}
	if again, err := ReadSettings(text); err != nil || again != base {
		t.Errorf("%+v\nbecomes %+v, %v", base, again, err)
	}
	untaught, err := Choice{Base: &base, Change: func(s *Settings) { s.TeacherShare = 0 }}.Settings(f)
	if err != nil || untaught.Teacher != "" {
		t.Errorf("without a share: the teacher %s, %v", untaught.Teacher, err)
	}
	again, err := Choice{Base: &untaught, Change: func(s *Settings) { s.TeacherShare = 0.3 }}.Settings(f)
	teacher, readErr := again.Teacher.Settings()
	if err != nil || readErr != nil || NetworkRecipe(teacher.Network) != "medium" || teacher.Budget.Steps != 40*3*21/2/int64(teacher.Batch*teacher.Window) || teacher.Seed != again.Seed+1 {
		t.Errorf("with a share: the teacher %+v, %v, %v; want the medium network for half of the symbols", teacher, err, readErr)
	}
}

// TestTeacherInTime: of a time, the teacher gets its part, once.
func TestTeacherInTime(t *testing.T) {
	t.Parallel()
	s, teacher := Settings{Teacher: smallTeacher, Batch: 8, Window: 50}, Settings{Batch: 4, Window: 25, Budget: Budget{Steps: 300}}
	p := StepTime{Teacher: 30 * time.Millisecond}
	for _, tt := range []struct {
		name        string
		s           Settings
		follows     bool
		taught      int64
		whole, each time.Duration
	}{
		{"half as many symbols, four times as many of its steps", s, true, 0, 0, 60 * time.Millisecond},
		{"a length of its own", s, false, 0, 9 * time.Second, 0},
		{"a third of it is done", s, false, 100, 6 * time.Second, 0},
		{"all is done", s, false, never, 0, 0},
		{"no teacher", Settings{Batch: 8, Window: 50}, true, 0, 0, 0},
	} {
		if whole, each := p.ofTeacher(tt.s, teacher, tt.follows, tt.taught); whole != tt.whole || each != tt.each {
			t.Errorf("%s: %v and %v a step, want %v and %v", tt.name, whole, each, tt.whole, tt.each)
		}
	}
	// One that takes longer than there is time for is an error, not a run of one step.
	c := chars(t, rhyme(100))
	long, err := smallTeacher.Settings()
	if err != nil {
		t.Fatal(err)
	}
	long.Budget.Steps = 1e9
	base, err := partial(taught).Settings(FactsOf(c))
	if err != nil {
		t.Fatal(err)
	}
	base.Teacher = NewTeacher(long)
	_, err = Resolve(t.Context(), c, Choice{Base: &base, Change: func(s *Settings) { s.Budget = Budget{Time: 10 * time.Millisecond} }}, Options{})
	if err == nil || !strings.Contains(err.Error(), "time is 10ms, and the teacher alone takes about ") {
		t.Errorf("a teacher of a billion training steps: %v", err)
	}
}
