package run

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/seed-f4dd853e/elman/internal/atomicfile"
	"github.com/seed-f4dd853e/elman/internal/exactjson"
	"github.com/seed-f4dd853e/elman/internal/regular"
	"github.com/seed-f4dd853e/elman/internal/safetensors"
	"github.com/seed-f4dd853e/elman/internal/setting"
)

// stateFormat is the version of state.safetensors that is written. Version 0 is read too.
const stateFormat = 2

// Lengths are the lengths, in bytes, of the files that a run appends to.
type Lengths struct{ Metrics, Samples int64 }

// A stateObject is the JSON object of state.safetensors.
type stateObject struct {
	Format   int             `json:"format"`
	Metrics  int64           `json:"metrics"`
	Samples  int64           `json:"samples"`
	Training json.RawMessage `json:"training"`
}

// A State is a checkpoint, open for reading.
type State struct {
	Tensors  *safetensors.File
	Training json.RawMessage // as given to WriteState; decode it with exactjson
	Lengths  Lengths

	file   *os.File
	format int
}

// WriteState replaces state.safetensors. training is the rest of the state besides the tensors, as JSON.
func (f *Folder) WriteState(training any, tensors []safetensors.Source) error {
	text, err := json.Marshal(training)
	if err != nil {
		return err
	}
	object, err := json.Marshal(stateObject{stateFormat, f.lengths.Metrics, f.lengths.Samples, text})
	if err != nil {
		return err
	}
	return atomicfile.Write(f.Path(StateName), func(w io.Writer) error { return safetensors.Write(w, object, tensors) })
}

// ErrNoState is the error for a run that was killed before its first checkpoint: it starts from the beginning.
var ErrNoState = errors.New("no checkpoint yet")

// OpenState opens the checkpoint in a folder and verifies its checksum. The caller closes it. The error is ErrNoState if
// there is no checkpoint and none of the files that are written after the first one; if there are such files, the checkpoint
// was removed.
func OpenState(folder string) (*State, error) {
	path := filepath.Join(folder, StateName)
	file, size, err := regular.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, missingState(folder)
	}
	if err != nil {
		return nil, Damaged(path, err)
	}
	s := &State{file: file}
	if err := s.read(size); err != nil {
		file.Close()
		return nil, Damaged(path, err)
	}
	return s, nil
}

func missingState(folder string) error {
	for _, file := range []string{MetricsName, SamplesName, ModelName, LastName} {
		if there, err := exists(filepath.Join(folder, file)); there || err != nil {
			return setting.Errorf("run folder %s: %s is missing, although there is a %s; put it back, or begin the run again in another folder (%v)", folder, StateName, file, out)
		}
	}
	return ErrNoState
}

func (s *State) read(size int64) (err error) {
	if s.Tensors, err = safetensors.Open(s.file, size); err != nil {
		return err
	}
	if s.format, err = s.Tensors.Format(); err != nil {
		return err
	}
	switch s.format {
	case 0:
		return s.readFormat0()
	case stateFormat:
	default:
		return fmt.Errorf("metadata: format is %d, this program reads %d", s.format, stateFormat)
	}
	if err := s.Tensors.Verify(); err != nil {
		return err
	}
	var o stateObject
	if err := s.Tensors.Decode(&o); err != nil {
		return err
	}
	if o.Training == nil {
		return errors.New("metadata: training is missing")
	}
	s.Lengths, s.Training = Lengths{o.Metrics, o.Samples}, o.Training
	return nil
}

// readFormat0 reads an object in which the lengths are beside the fields of the training.
func (s *State) readFormat0() error {
	var fields map[string]json.RawMessage
	if err := s.Tensors.Decode(&fields); err != nil {
		return err
	}
	for name, to := range map[string]*int64{"metrics": &s.Lengths.Metrics, "samples": &s.Lengths.Samples} {
		if err := exactjson.Decode(fields[name], to); err != nil {
			return fmt.Errorf("metadata: %s: %w", name, err)
		}
		delete(fields, name)
	}
	for name := range fields {
		if name != "progress" && name != "good" && name != "seconds" {
			return fmt.Errorf("metadata: unknown field %q", name)
		}
	}
	var err error
	s.Training, err = json.Marshal(fields)
	return err
}

// VerifyTensors verifies the checksum of format 0, which covers the tensors only, in this order. In other formats OpenState
// has verified it.
func (s *State) VerifyTensors(names []string) error {
	want, _ := s.Tensors.Metadata("sha256")
	if s.format != 0 {
		return nil
	}
	shapes := map[string][]int{}
	for _, t := range s.Tensors.Tensors() {
		shapes[t.Name] = t.Shape
	}
	h := sha256.New()
	for _, name := range names {
		fmt.Fprintf(h, "%s %d\n", name, shapes[name])
		if err := s.Tensors.Copy(h, name); err != nil {
			return err
		}
	}
	if hex.EncodeToString(h.Sum(nil)) != want {
		return errors.New("tensors differ from their checksum (sha256 in the metadata): the file is damaged")
	}
	return nil
}

// Old reports whether an earlier version of the program wrote the checkpoint.
func (s *State) Old() bool { return s.format == 0 }

// Close closes the file.
func (s *State) Close() error { return s.file.Close() }
