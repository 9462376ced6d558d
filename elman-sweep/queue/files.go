package queue

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/seed-f4dd853e/elman/elman-sweep/runner"
	"github.com/seed-f4dd853e/elman/elman-sweep/study"
	"github.com/seed-f4dd853e/elman/internal/atomicfile"
	"github.com/seed-f4dd853e/elman/train/run"
)

// A manifest says which files a run folder has: their SHA-256 by their names.
type manifest map[string]string

// teacher begins the names of files of a run's teacher.
const teacher = run.TeacherName + "/"

// check refuses names that lie outside the folder.
func (m manifest) check() error {
	for path := range m {
		if name := strings.TrimPrefix(path, teacher); name != filepath.Base(name) || !filepath.IsLocal(name) || name == "." || strings.ContainsAny(name, `/\:`) {
			return fmt.Errorf("a file of a run is named %.40q", path)
		}
	}
	return nil
}

// objectName returns the name of a file in the store: those of runs are apart, so that each run can remove its own.
func objectName(owner, sha string) string { return owner + "/" + sha }

// inputs owns the files that runs read.
const inputs = "inputs"

// errDamaged is an object that differs from its hash.
var errDamaged = errors.New("differs from its SHA-256")

// chunk is small, so that on a slow line signs of life pass between two of them.
const chunk = 32 << 10

// transferTime is how long a file of this size may take, on a line of 5 kB/s at least.
func transferTime(size int64) time.Duration {
	return 30*time.Second + time.Duration(size/5000)*time.Second
}

// put stores a file under its hash, unless it is there.
func (q *Queue) put(ctx context.Context, owner, path string) (sha string, err error) {
	file, err := study.HashFile(path)
	if err != nil {
		return "", &permanent{err}
	}
	name := objectName(owner, file.SHA256)
	there, err := q.files.GetInfo(ctx, name)
	if err == nil {
		if err := q.complete(ctx, there); err == nil || !errors.Is(err, errDamaged) {
			return file.SHA256, err
		}
		err = q.files.Delete(ctx, name)
	}
	if err != nil && !errors.Is(err, jetstream.ErrObjectNotFound) {
		return "", err
	}
	in, err := os.Open(path)
	if err != nil {
		return "", &permanent{err}
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return "", &permanent{err}
	}
	limited, cancel := context.WithTimeout(ctx, transferTime(info.Size()))
	defer cancel()
	h := sha256.New()
	meta := jetstream.ObjectMeta{Name: name, Opts: &jetstream.ObjectMetaOptions{ChunkSize: chunk}}
	stored, err := q.files.Put(limited, meta, io.TeeReader(in, h))
	if err == nil {
		err = q.complete(ctx, stored)
	}
	if err != nil {
		return "", err
	}
	if hex.EncodeToString(h.Sum(nil)) != file.SHA256 { // it was replaced meanwhile
		q.files.Delete(ctx, name)
		return "", fmt.Errorf("%s has changed", path)
	}
	return file.SHA256, nil
}

// complete returns errDamaged if the store lacks parts of an object: those that were on their way when the server was killed
// are lost, and the client does not notice. Whoever reads such an object waits for ever.
func (q *Queue) complete(ctx context.Context, info *jetstream.ObjectInfo) error {
	stream, err := q.js.Stream(ctx, "OBJ_"+info.Bucket)
	if err != nil {
		return err
	}
	subject := fmt.Sprintf("$O.%s.C.%s", info.Bucket, info.NUID)
	parts, err := stream.Info(ctx, jetstream.WithSubjectFilter(subject))
	if err != nil {
		return err
	}
	if parts.State.Subjects[subject] != uint64(info.Chunks) {
		return errDamaged
	}
	return nil
}

// take writes an object into a file.
func (q *Queue) take(ctx context.Context, owner, sha, path string) error {
	info, err := q.files.GetInfo(ctx, objectName(owner, sha))
	if errors.Is(err, jetstream.ErrObjectNotFound) {
		return &permanent{fmt.Errorf("%s is not in the store: %w", filepath.Base(path), err)}
	} else if err != nil {
		return err
	}
	if err := q.complete(ctx, info); errors.Is(err, errDamaged) {
		return &permanent{err}
	} else if err != nil {
		return err
	}
	limited, cancel := context.WithTimeout(ctx, transferTime(int64(info.Size)))
	defer cancel()
	object, err := q.files.Get(limited, info.Name)
	if err != nil {
		return err
	}
	defer object.Close()
	err = atomicfile.Write(path, func(w io.Writer) error {
		h := sha256.New()
		if _, err := io.Copy(io.MultiWriter(w, h), object); errors.Is(err, jetstream.ErrDigestMismatch) {
			return errDamaged
		} else if err != nil {
			return err
		}
		if hex.EncodeToString(h.Sum(nil)) != sha {
			return errDamaged
		}
		return nil
	})
	switch {
	case errors.Is(err, errDamaged): // whatever file it should have been
		return &permanent{errDamaged}
	case errors.As(err, new(syscall.Errno)): // of this machine, such as a full disk
		return &permanent{err}
	}
	return err
}

// upload stores the files of a run folder and returns what they are: in the end without its checkpoint and its teacher.
func (q *Queue) upload(ctx context.Context, id, folder string, final bool) (manifest, error) {
	names, err := filesOf(folder)
	if !final && err == nil {
		var more []string
		if more, err = filesOf(filepath.Join(folder, run.TeacherName)); errors.Is(err, fs.ErrNotExist) {
			err = nil
		}
		for _, name := range more {
			names = append(names, teacher+name)
		}
	}
	if err != nil {
		return nil, &permanent{err}
	}
	m := manifest{}
	for _, name := range names {
		if final && name == run.StateName {
			continue
		}
		if m[name], err = q.put(ctx, id, filepath.Join(folder, filepath.FromSlash(name))); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// filesOf returns the files of a training in a folder. The checkpoint is read first: the others may be later.
func filesOf(folder string) (names []string, err error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		switch name := e.Name(); {
		case !e.Type().IsRegular() || strings.HasPrefix(name, ".") || name == "lock" || name == runner.ResultName:
		case name == run.StateName:
			names = slices.Insert(names, 0, name)
		default:
			names = append(names, name)
		}
	}
	return names, nil
}

// download writes the files of a manifest into a folder. Those that make it a run's folder come last.
func (q *Queue) download(ctx context.Context, id string, m manifest, folder string) error {
	names := slices.SortedFunc(maps.Keys(m), func(a, b string) int {
		last := func(name string) int { return map[string]int{teacher + run.InfoName: 1, run.InfoName: 2}[name] }
		return cmp.Or(last(a)-last(b), cmp.Compare(a, b))
	})
	for _, name := range names {
		sha, path := m[name], filepath.Join(folder, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			return &permanent{err}
		}
		if have, err := study.HashFile(path); err == nil && have.SHA256 == sha {
			continue
		}
		if err := q.take(ctx, id, sha, path); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// forget removes objects of a run that keep does not name.
func (q *Queue) forget(ctx context.Context, id string, old, keep manifest) error {
	kept := map[string]bool{}
	for _, sha := range keep {
		kept[sha] = true
	}
	for _, sha := range old {
		if kept[sha] {
			continue
		}
		if err := q.files.Delete(ctx, objectName(id, sha)); err != nil && !errors.Is(err, jetstream.ErrObjectNotFound) {
			return err
		}
	}
	return nil
}
