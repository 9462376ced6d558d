package train

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"runtime/debug"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/exactjson"
	"github.com/seed-f4dd853e/elman/internal/setting"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/train/run"
)

// A Teacher is the complete Settings of the training of a teacher, as JSON: a string, so that Settings can be compared. "" means no
// teacher.
type Teacher string

// NewTeacher returns settings as those of a teacher.
func NewTeacher(s Settings) Teacher {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err) // settings are valid JSON
	}
	return Teacher(b)
}

// Settings returns the settings, zero ones of no teacher.
func (t Teacher) Settings() (s Settings, err error) {
	if t != "" {
		err = exactjson.Decode([]byte(t), &s)
	}
	return s, err
}

// MarshalJSON writes the settings as an object.
func (t Teacher) MarshalJSON() ([]byte, error) { return []byte(t), nil }

// UnmarshalJSON reads complete settings.
func (t *Teacher) UnmarshalJSON(text []byte) error {
	s, err := ReadSettings(text)
	if err != nil {
		return fmt.Errorf("teacher: %w", err)
	}
	*t = NewTeacher(s)
	return nil
}

// teacherSettings returns the settings of the teacher's training for a corpus with these facts.
func (s Settings) teacherSettings(f Facts) (Settings, error) {
	t, err := s.Teacher.Settings()
	t.setFacts(f)
	return t, err
}

// checkTeacher checks the teacher and its share.
func (s Settings) checkTeacher(f Facts) error {
	const share setting.Name = "teacher_share"
	switch {
	case s.Teacher == "" && s.TeacherShare == 0:
		return nil
	case !(s.TeacherShare > 0 && s.TeacherShare <= 1):
		return setting.Errorf("%v is %v, must be above 0 and at most 1, or 0 without a teacher", share, s.TeacherShare)
	case s.Network.Codes > 0:
		return setting.Errorf("%v is %v, must be 0 with %v: a teacher predicts symbols", share, s.TeacherShare, setting.Name("codes"))
	case s.Teacher == "":
		return setting.Errorf("%v is %v, but the settings have no teacher; set it to 0, or complete them with Defaults", share, s.TeacherShare)
	}
	t, err := s.teacherSettings(f)
	switch {
	case err != nil:
	case t.TeacherShare != 0 || t.Teacher != "":
		err = errors.New("it has a teacher of its own, and must have none")
	case t.Codes != "":
		err = errors.New("it has codes, and must predict symbols")
	case t.Budget.Time > 0:
		err = fmt.Errorf("time is %v, must be made steps first", t.Budget.Time)
	default:
		err = t.Check(f)
	}
	return ofTeacher(err)
}

// taughtSteps returns the training steps that the teacher of the run in a folder has behind it.
func taughtSteps(folder string, info run.Info) (int64, error) {
	if info.Teacher != "" {
		return never, nil
	}
	folder = filepath.Join(folder, run.TeacherName)
	if there, err := run.HoldsRun(folder); !there {
		return 0, err
	}
	return savedSteps(folder)
}

// ofTeacher makes an error about settings one of the teacher's. They keep their names in JSON: no flag reaches them.
func ofTeacher(err error) error {
	if err == nil {
		return nil
	}
	return setting.Errorf("teacher: %s", err.Error())
}

// isSetting reports whether an error is about settings.
func isSetting(err error) bool {
	_, about := errors.AsType[*setting.Error](err)
	return about
}

// allowTeacher returns an error about a teacher where there can be none.
func (o Options) allowTeacher(s Settings) error {
	const share setting.Name = "teacher_share"
	switch {
	case s.TeacherShare == 0:
	case o.Init != nil:
		return setting.Errorf("%v is %v, but the network begins with a model; leave out %v, or choose 0", share, s.TeacherShare, setting.Name("init_from"))
	case o.Window != nil:
		return setting.Errorf("%v is %v, but processes that share a training have no teacher; choose 0", share, s.TeacherShare)
	}
	return nil
}

// learnTeacher completes the teacher: the best model of a run of its own, in the folder's run.TeacherName, which is trained first, or
// to its end.
func (t *trainer) learnTeacher(ctx context.Context) error {
	if t.teacher == nil || t.finished() && !t.ReportDue && t.LossOver == 0 { // nothing is left to learn
		return nil
	}
	m, err := t.loadTeacher()
	if m == nil && err == nil {
		m, err = t.trainTeacher(ctx)
	}
	if err != nil {
		return err
	}
	for i, p := range t.teacher.Params() {
		copy(p.Value, m.Network.Params()[i].Value)
	}
	t.teacher.Updated()
	return nil
}

// loadTeacher returns the teacher that run.json names, nil if it names none or if that is gone: it can be trained again.
func (t *trainer) loadTeacher() (*model.Model, error) {
	if t.folder == nil || t.info.Teacher == "" {
		return nil, nil
	}
	path := filepath.Join(t.folder.Path(run.TeacherName), run.ModelName)
	m, err := model.Load(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err == nil && m.Hash() != t.info.Teacher:
		err = errAnotherTeacher
	}
	if err != nil {
		return nil, t.anewTeacher(path, err)
	}
	return m, nil
}

// anewTeacher says how to be rid of what is wrong with a teacher.
func (t *trainer) anewTeacher(path string, err error) error {
	return fmt.Errorf("%s: %w; delete %s, and the teacher is trained again", path, err, t.folder.Path(run.TeacherName))
}

var errAnotherTeacher = errors.New("is not the model that the run learns from")

// trainTeacher trains the teacher, and names it in run.json.
func (t *trainer) trainTeacher(ctx context.Context) (*model.Model, error) {
	s, err := t.s.teacherSettings(FactsOf(t.corpus))
	if err != nil {
		return nil, err
	}
	s.Retries = t.s.Retries
	o := t.o
	o.Folder, o.Resume, o.KeepAt, o.KeepBest, o.teaches = "", false, nil, true, true
	if t.folder != nil {
		o.Folder = t.folder.Path(run.TeacherName)
		if o.Resume, err = run.HoldsRun(o.Folder); err != nil {
			return nil, err
		}
	}
	result, err := Run(ctx, t.corpus, s, o)
	switch {
	case errors.Is(err, ErrInterrupted), errors.Is(err, corpus.ErrChanged):
		return nil, err
	case isSetting(err):
		return nil, ofTeacher(err)
	case err != nil: // such as a full disk
		return nil, fmt.Errorf("teacher: %w", err)
	}
	defer debug.FreeOSMemory()
	if t.folder == nil {
		return result.Best, nil
	}
	switch hash := result.Best.Hash(); t.info.Teacher {
	case "":
		t.info.Teacher = hash
		err = t.folder.WriteInfo(t.info)
	case hash:
	default:
		err = t.anewTeacher(filepath.Join(o.Folder, run.ModelName), errAnotherTeacher)
	}
	return result.Best, err
}
