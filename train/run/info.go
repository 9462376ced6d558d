package run

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"syscall"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/atomicfile"
	"github.com/seed-f4dd853e/elman/internal/exactjson"
	"github.com/seed-f4dd853e/elman/internal/regular"
	"github.com/seed-f4dd853e/elman/internal/setting"
)

// Info is the content of run.json. It is written when the run begins, and again when something is added to it: another length, a
// teacher, a test, models to keep.
type Info struct {
	Version  string `json:"version"` // of the program
	Source   string `json:"source"`  // the text's name
	Corpus   string `json:"corpus"`  // SHA-256 of the text
	Alphabet string `json:"symbols"`
	// AlphabetOf is "train" if the alphabet is that of the training section. In runs of earlier versions, which lack it, it is
	// that of the whole text.
	AlphabetOf string           `json:"alphabet_of,omitempty"`
	Documents  corpus.Documents `json:"documents"`
	Train      int64            `json:"train_symbols"` // in the training section
	Settings   json.RawMessage  `json:"settings"`      // train.Settings

	Valid  Text    `json:"valid_file,omitzero"` // validated on, in place of the text's end
	Test   Text    `json:"test_file,omitzero"`
	Start  Start   `json:"init_from,omitzero"`
	KeepAt []int64 `json:"keep_at,omitempty"` // symbols read, of the models to keep
	Tested Tested  `json:"test,omitzero"`     // set at the end of the run
	// Teacher is the hash (model.Model.Hash) of the model that the run learns from, in TeacherName; set when that is trained.
	Teacher string `json:"teacher,omitempty"`

	// ID is what the run's checkpoints are recognised by. It stays the same when a run is resumed with another length. Runs of
	// earlier versions have none.
	ID string `json:"id,omitempty"`
	// SHA256 is the SHA-256, in hexadecimal, of this object without the field itself, without white space between its parts.
	// Files of earlier versions lack it.
	SHA256 string `json:"sha256,omitempty"`
}

// A Text is a file to validate or test on.
type Text struct {
	Source  string `json:"source"` // its name
	SHA256  string `json:"sha256"`
	Symbols int64  `json:"symbols"`
	Unknown int64  `json:"unknown,omitempty"` // of them, read as the escape
}

// A Start is the model that a run begins with in place of a new network. StartName holds it, with the symbols of the text
// added.
type Start struct {
	Source string `json:"source"` // its file
	Hash   string `json:"hash"`   // model.Model.Hash of the model
	Begins string `json:"begins"` // and of the one in StartName
}

// Tested is how the best model did on the test file.
type Tested struct {
	Step     int64   `json:"step"`               // of the model
	Loss     float64 `json:"loss"`               // nats per symbol, without the spelling of unknown symbols
	Bits     float64 `json:"bits"`               // in all, with it, as elman score has it
	Spelling float64 `json:"spelling,omitempty"` // of those bits
	Symbols  int64   `json:"symbols"`
	Chars    int64   `json:"chars"`
}

const maxInfo = 1 << 24 // bytes; the longest part are codes of symbols

var errInfoDamaged = setting.Errorf("the file differs from its checksum (sha256): it is damaged, or was edited; undo that, or train with its settings (%v) in another folder", setting.Name("config"))

// ReadInfo reads run.json in a folder. It fails on unknown or repeated fields, and on a wrong checksum.
func ReadInfo(folder string) (Info, error) {
	path := filepath.Join(folder, InfoName)
	switch there, err := HoldsRun(folder); {
	case err != nil:
		return Info{}, err
	case !there:
		return Info{}, noRun(folder)
	}
	text, err := regular.Read(path, maxInfo)
	var info Info
	if err == nil {
		info, err = verifyInfo(text)
	}
	if err != nil {
		return Info{}, Damaged(path, err)
	}
	return info, nil
}

// Damaged returns an error about a file of a run that is not as it was written, with what to do about it.
func Damaged(path string, err error) error {
	var system syscall.Errno
	var advised *setting.Error
	if errors.As(err, &system) || errors.As(err, &advised) {
		return fmt.Errorf("%s: %w", path, err)
	}
	return setting.Errorf("%s: %v; put back the run's own file, or begin again in another folder (%v)", path, err, out)
}

// parseInfo decodes a run.json without checking its checksum.
func parseInfo(text []byte) (info Info, err error) {
	if err := exactjson.Decode(text, &info); err != nil {
		return Info{}, err
	}
	if info.Settings == nil {
		return Info{}, errors.New("settings are missing")
	}
	return info, nil
}

// verifyInfo decodes a run.json and checks its checksum.
func verifyInfo(text []byte) (Info, error) {
	info, err := parseInfo(text)
	if err == nil && info.SHA256 != "" && info.SHA256 != info.sum() {
		err = errInfoDamaged
	}
	return info, err
}

// NewID returns the ID of a run that begins with this text and these settings: another run has another one.
func (i Info) NewID() string {
	i.ID = ""
	return i.sum()
}

// sum returns the checksum.
func (i Info) sum() string {
	i.SHA256 = ""
	b, err := json.Marshal(i) // which takes the white space out of the settings
	if err != nil {
		panic(err) // the settings are valid JSON
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// WriteInfo replaces run.json.
func (f *Folder) WriteInfo(i Info) error {
	text, err := i.encode()
	if err != nil {
		return err
	}
	return atomicfile.Write(f.Path(InfoName), func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	})
}

// encode returns the JSON with its checksum.
func (i Info) encode() ([]byte, error) {
	i.SHA256 = i.sum()
	b, err := json.MarshalIndent(i, "", "  ")
	return append(b, '\n'), err
}

// CheckText returns an error if another run's texts, the way they are read, or the model it begins with differ from this run's.
func (i Info) CheckText(other Info) error {
	switch {
	case i.Corpus != other.Corpus:
		return fmt.Errorf("the run learns another text, %q with SHA-256 %.16s, not this one with %.16s", i.Source, i.Corpus, other.Corpus)
	case i.Start.Begins != other.Start.Begins:
		return setting.Errorf("the run begins with %v, not %v (%v)", i.Start, other.Start, setting.Name("init_from"))
	case i.Alphabet != other.Alphabet:
		return fmt.Errorf("the run has symbols %s, not %s", i.Alphabet, other.Alphabet)
	case i.AlphabetOf != other.AlphabetOf:
		return errors.New("the run has the alphabet of the whole text, or this one has: train.CorpusOptions says which")
	case i.Documents != other.Documents:
		return setting.Errorf("the run has %v %s, not %s", setting.Name("documents"), i.Documents, other.Documents)
	case i.Valid.SHA256 != other.Valid.SHA256:
		return setting.Errorf("the run has %v %v, not %v", setting.Name("valid_file"), i.Valid, other.Valid)
	case i.Train != other.Train:
		return setting.Errorf("the run learns from the first %d symbols of the text, not %d (%v)", i.Train, other.Train, setting.Name("valid"))
	case i.Test.SHA256 != other.Test.SHA256:
		return setting.Errorf("the run has %v %v, not %v", setting.Name("test_file"), i.Test, other.Test)
	}
	return nil
}

func (t Text) String() string {
	if t.SHA256 == "" {
		return "none"
	}
	return fmt.Sprintf("%q with SHA-256 %.16s", t.Source, t.SHA256)
}

func (s Start) String() string {
	if s.Hash == "" {
		return "a new network"
	}
	return fmt.Sprintf("the model %q with hash %.16s", s.Source, s.Hash)
}
