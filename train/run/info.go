package run

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/atomicfile"
	"github.com/seed-f4dd853e/elman/internal/exactjson"
	"github.com/seed-f4dd853e/elman/internal/regular"
	"github.com/seed-f4dd853e/elman/internal/setting"
)

// Info is run.json: what a run is. It is written once, and again by a resumed run that takes longer or shorter.
type Info struct {
	Version   string           `json:"version"` // of the program
	Source    string           `json:"source"`  // the text's name
	Corpus    string           `json:"corpus"`  // SHA-256 of the text
	Alphabet  string           `json:"symbols"`
	Documents corpus.Documents `json:"documents"`
	Train     int64            `json:"train_symbols"` // in the section to learn from
	Settings  json.RawMessage  `json:"settings"`      // of package train, which reads them
	// SHA256 is that of this object without it, in hexadecimal, with neither spaces nor line breaks between its parts. The
	// files of earlier versions lack it.
	SHA256 string `json:"sha256,omitempty"`
}

const maxInfo = 1 << 24 // bytes; the longest part are codes of symbols

var errInfoDamaged = setting.Errorf("the file differs from its checksum (sha256): it is damaged, or was edited; undo that, or train with its settings (%v) in another folder", setting.Name("config"))

// ReadInfo returns what the run in a folder is. The file must be as it was written: no field unknown or there twice, and the
// checksum right.
func ReadInfo(folder string) (Info, error) {
	path := filepath.Join(folder, InfoName)
	there, err := exists(path)
	switch {
	case err != nil:
		return Info{}, inFolder(folder, err)
	case !there:
		return Info{}, noRun(folder)
	}
	text, err := regular.Read(path, maxInfo)
	var info Info
	if err == nil {
		info, err = verifyInfo(text)
	}
	if err != nil {
		return Info{}, fmt.Errorf("%s: %w", path, err)
	}
	return info, nil
}

// parseInfo decodes the text of a run.json, without a look at its checksum.
func parseInfo(text []byte) (info Info, err error) {
	if err := exactjson.Decode(text, &info); err != nil {
		return Info{}, err
	}
	if info.Settings == nil {
		return Info{}, errors.New("settings are missing")
	}
	return info, nil
}

// verifyInfo is parseInfo and a look at the checksum.
func verifyInfo(text []byte) (Info, error) {
	info, err := parseInfo(text)
	if err == nil && info.SHA256 != "" && info.SHA256 != info.sum() {
		err = errInfoDamaged
	}
	return info, err
}

// sum returns the checksum.
func (i Info) sum() string {
	i.SHA256 = ""
	b, err := json.Marshal(i) // which takes the white space out of the settings
	if err != nil {
		panic(err) // they have been read as JSON, or written as JSON
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

// encode returns the text with its checksum.
func (i Info) encode() ([]byte, error) {
	i.SHA256 = i.sum()
	b, err := json.MarshalIndent(i, "", "  ")
	return append(b, '\n'), err
}

// CheckText says in which way the text of another run, or how it is read, differs from this run's.
func (i Info) CheckText(other Info) error {
	switch {
	case i.Corpus != other.Corpus:
		return fmt.Errorf("the run learns another text, %q with SHA-256 %.16s, not this one with %.16s", i.Source, i.Corpus, other.Corpus)
	case i.Alphabet != other.Alphabet:
		return fmt.Errorf("the run has symbols %s, not %s", i.Alphabet, other.Alphabet)
	case i.Documents != other.Documents:
		return setting.Errorf("the run has %v %s, not %s", setting.Name("documents"), i.Documents, other.Documents)
	case i.Train != other.Train:
		return setting.Errorf("the run learns from the first %d symbols of the text, not %d (%v)", i.Train, other.Train, setting.Name("valid"))
	}
	return nil
}
