package cli

import (
	"fmt"
	"strings"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/f32"
	"github.com/seed-f4dd853e/elman/internal/term"
	"github.com/seed-f4dd853e/elman/rnn"
	"github.com/seed-f4dd853e/elman/train"
)

func describeJob(f *trainFlags, c *corpus.Corpus, name string) term.Job {
	text := fmt.Sprintf("%d %s to learn from and %d to check with, an alphabet of %v", c.Train().Len(), c.Alphabet.Kind(), c.Valid().Len(), c.Alphabet)
	if n := c.Test().Len(); n > 0 {
		text = fmt.Sprintf("%d %s to learn from, %d to check with and %d to test with, an alphabet of %v", c.Train().Len(), c.Alphabet.Kind(), c.Valid().Len(), n, c.Alphabet)
	}
	network := describeNetwork(f.settings.Network)
	if f.initFrom != "" {
		network += ", beginning with " + f.initFrom
	}
	return term.Job{
		Name:     name,
		Text:     text,
		Network:  network,
		Training: describeTraining(f.settings, f.threads),
		Epochs:   f.settings.Budget.Epochs,
		Folder:   f.out,
		Length:   describeLength(f.settings),
	}
}

func describeNetwork(n rnn.Config) string {
	layer := "layer"
	if n.Block {
		layer = "block"
	}
	parts := []string{n.Cell, term.Counted(n.Layers, layer) + " of " + term.Counted(n.Hidden, "unit")}
	if n.Block {
		parts[1] += " and an MLP of " + fmt.Sprint(n.MLP)
	}
	add := func(has bool, format string, values ...any) {
		if has {
			parts = append(parts, fmt.Sprintf(format, values...))
		}
	}
	add(n.Cell == "elman", "%s", n.Activation)
	add(n.Conv > 0, "convolutions over %s", term.Counted(n.Conv, "time step"))
	add(n.Tie, "an embedding that is the decoder too")
	add(n.Embedding > 0 && !n.Tie, "an embedding of %d", n.Embedding)
	add(n.LayerNorm, "layer norm")
	add(n.LearnInitial, "a learned initial state")
	return strings.Join(parts, ", ")
}

func describeTraining(s train.Settings, threads int) string {
	parts := []string{
		term.Counted(s.Batch, "stream") + " by " + term.Counted(s.Window, "time step"),
		fmt.Sprintf("%s at a rate of %.3g", s.Optimizer.Optimizer, s.Optimizer.LearningRate),
	}
	add := func(has bool, format string, values ...any) {
		if has {
			parts = append(parts, fmt.Sprintf(format, values...))
		}
	}
	add(s.Schedule.Warmup > 0, "%s of warm-up", term.Counted(int(s.Schedule.Warmup), "training step"))
	add(s.Schedule.Name != "constant", "schedule %s", s.Schedule.Name)
	add(s.Optimizer.WeightDecay > 0, "weight decay %.3g", s.Optimizer.WeightDecay)
	add(s.ClipValue > 0, "clip value %v", s.ClipValue)
	add(s.ClipNorm > 0, "clip norm %v", s.ClipNorm)
	variational := ""
	if s.DropoutVariational {
		variational = "variational "
	}
	add(s.Dropout > 0, "%sdropout %v", variational, s.Dropout)
	add(s.DropoutRecurrent > 0, "recurrent dropout %v", s.DropoutRecurrent)
	add(s.Average > 0, "average %v", s.Average)
	add(s.Shards > 1, "%d shards", s.Shards)
	add(s.TeacherShare > 0, "%.3g of the targets a teacher's", s.TeacherShare)
	add(true, "%s on %s kernels", term.Counted(threads, "worker"), f32.Active())
	return strings.Join(parts, ", ")
}

// describeLength says what a time was made into, once.
func describeLength(s train.Settings) string {
	if s.Budget.For == 0 {
		return ""
	}
	recipe := train.NetworkRecipe(s.Network)
	if recipe != "" {
		recipe = "--recipe " + recipe + " "
	}
	return fmt.Sprintf("%d training steps, chosen to take %v at most; in place of --time, %s--steps-total %d repeats them",
		s.Budget.Steps, s.Budget.For, recipe, s.Budget.Steps)
}
