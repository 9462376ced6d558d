package runner

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"slices"

	"github.com/seed-f4dd853e/elman/elman-sweep/study"
	"github.com/seed-f4dd853e/elman/internal/atomicfile"
)

// measure measures the model in a folder.
func (r *Runner) measure(ctx context.Context, t *study.Task, folder string, result *Result) error {
	measures := map[string]func(context.Context, *study.Task, study.Measure, string, *Result) error{
		study.Verdict: r.verdict, study.Score: r.score, study.Words: r.words, study.Pairs: r.pairs,
		study.Experiments: r.experiments,
	}
	for _, m := range t.Measures {
		if err := measures[m.Kind](ctx, t, m, folder, result); err != nil {
			return fmt.Errorf("%s: %w", m.Kind, err)
		}
	}
	return nil
}

// lines runs elman and decodes what it prints, a JSON object a line, calling each for every one.
func lines[T any](ctx context.Context, r *Runner, each func(T), args ...string) error {
	out, err := r.Elman.run(ctx, append(args, "--format=json")...)
	if err != nil {
		return err
	}
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var line T
		switch err := d.Decode(&line); {
		case err == io.EOF:
			return nil
		case err != nil:
			return fmt.Errorf("elman %s printed what is no JSON: %w", args[0], err)
		}
		each(line)
	}
}

// paths returns where files lie.
func (r *Runner) paths(files []study.File) (paths []string) {
	for _, f := range files {
		paths = append(paths, r.Where(f))
	}
	return paths
}

// threads is the flag of all measures but the verdict, which reads a text as a whole.
func (r *Runner) threads() string { return fmt.Sprintf("--threads=%d", r.Threads) }

// verdict adds the loss on held-out text and by how many nats it is below that of the best n-gram.
func (r *Runner) verdict(ctx context.Context, t *study.Task, m study.Measure, folder string, result *Result) error {
	args := append([]string{"score", folder, "--verdict"}, r.paths(t.Texts)...)
	for _, f := range t.Flags {
		if f.Name == "test-file" {
			args = append(args, "--test-file="+r.Where(*f.File))
		}
	}
	type verdict struct {
		Models []struct {
			Loss  float64
			Ahead struct{ Nats float64 }
		}
	}
	return lines(ctx, r, func(v verdict) {
		for _, model := range v.Models {
			result.add("verdict_loss", model.Loss)
			result.add("ahead_of_ngram", model.Ahead.Nats)
		}
	}, args...)
}

// score adds the bits per character of each file.
func (r *Runner) score(ctx context.Context, t *study.Task, m study.Measure, folder string, result *Result) error {
	type file struct {
		Bits float64 `json:"bits_per_char"`
	}
	next := 0
	return lines(ctx, r, func(f file) {
		if next < len(m.Files) {
			result.add("bits_per_char "+m.Files[next].Name, f.Bits)
		}
		next++
	}, append([]string{"score", folder, r.threads()}, r.paths(m.Files)...)...)
}

// words adds the mean bits per word of each file, and keeps those of every word in the run's folder.
func (r *Runner) words(ctx context.Context, t *study.Task, m study.Measure, folder string, result *Result) error {
	for _, f := range m.Files {
		args := []string{"score", folder, r.Where(f), "--per=word", r.threads()}
		type word struct{ Bits float64 }
		n, sum := 0.0, 0.0
		if err := lines(ctx, r, func(w word) { n++; sum += w.Bits }, args...); err != nil {
			return err
		}
		result.add("bits_per_word "+f.Name, sum/n)
		table, err := r.Elman.run(ctx, append(args, "--format=csv")...)
		if err == nil {
			err = keep(folder, wordsName(f), table)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// wordsName returns the name of the file with the bits of every word of a file.
// Its ending stays: a study may have x.txt and x.md.
func wordsName(f study.File) string { return "words-" + f.Name + ".csv" }

// pairs adds the share of pairs that is right, of each set and of all.
func (r *Runner) pairs(ctx context.Context, t *study.Task, m study.Measure, folder string, result *Result) error {
	type row struct {
		Scope, Set string
		Accuracy   float64
	}
	return lines(ctx, r, func(p row) {
		switch p.Scope {
		case "set":
			result.add("pairs "+p.Set, p.Accuracy)
		case "items":
			result.add("pairs all", p.Accuracy)
		}
	}, append([]string{"pairs", folder, r.threads()}, r.paths(m.Files)...)...)
}

// experiments adds for each target of each experiment whether it is met with the run's seed, and keeps what elman printed.
func (r *Runner) experiments(ctx context.Context, t *study.Task, m study.Measure, folder string, result *Result) error {
	seed := "1"
	if i := slices.IndexFunc(t.Flags, func(f study.Flag) bool { return f.Name == "seed" }); i >= 0 {
		seed = t.Flags[i].Value
	}
	for _, name := range m.Names {
		out, err := r.Elman.run(ctx, "experiment", "run", name, "--seed="+seed, "--seeds=1", r.threads(), "--json")
		if err != nil {
			return err
		}
		var x struct {
			Targets []struct {
				What    string
				Met, Of float64
			}
		}
		if err := json.Unmarshal(out, &x); err != nil {
			return fmt.Errorf("elman experiment printed what is no JSON: %w", err)
		}
		for _, target := range x.Targets {
			result.add(name+", "+target.What, target.Met/target.Of)
		}
		if err := keep(folder, "experiment-"+name+".json", out); err != nil {
			return err
		}
	}
	return nil
}

// keep writes what elman printed into a run's folder.
func keep(folder, name string, text []byte) error {
	return atomicfile.Write(filepath.Join(folder, name), func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	})
}
