package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/seed-f4dd853e/elman/internal/chart"
	"github.com/seed-f4dd853e/elman/train"
)

// quality is the command that compares what is learned in how much time: Elman and PyTorch train the same network on the
// same text with the same settings, in turns of some seconds. After each the validation loss is measured on the text's last
// tenth, which does not count as training time.
func quality(ctx context.Context, args []string) error {
	var b suite
	var s train.Settings // what is given
	fl := flag.NewFlagSet("quality", flag.ContinueOnError)
	file := fl.String("corpus", "", "a text file in UTF-8 (default 1 MiB of the generated play)")
	minutes := fl.Float64("minutes", 2, "of training, of each side")
	fl.DurationVar(&b.length, "every", 10*time.Second, "of training between two measurements of the loss")
	threads := fl.Int("threads", runtime.NumCPU(), "of each side, on as many cores")
	picture := fl.String("out", "quality.png", "the picture")
	asJSON := fl.Bool("json", false, "print one JSON object")
	fl.StringVar(&s.Network.Cell, "cell", "lstm", "elman, lstm or gru")
	fl.IntVar(&s.Network.Hidden, "hidden", 256, "units of each layer")
	fl.IntVar(&s.Network.Layers, "layers", 1, "recurrent layers")
	fl.IntVar(&s.Batch, "batch", 32, "streams")
	fl.IntVar(&s.Window, "window", 64, "time steps")
	fl.Float64Var(&s.Optimizer.LearningRate, "lr", 0.002, "learning rate of Adam")
	fl.Float64Var(&s.ClipNorm, "clip-norm", 1, "limit for the gradient's norm (0: none)")
	kernels := b.kernelFlag(fl)
	if err := parse(fl, args, "usage: go run ./bench quality [flags]\n"); err != nil {
		return err
	}
	if err := kernels(); err != nil {
		return err
	}
	if fl.NArg() > 0 {
		return usagef("unexpected argument %q; go run ./bench quality -help", fl.Arg(0))
	}
	b.rounds = int(math.Round(*minutes * 60 / b.length.Seconds()))
	switch c := s.Network.Cell; {
	case c != "elman" && c != "lstm" && c != "gru":
		return usagef("-cell is %q, must be elman, lstm or gru", c)
	case !(*minutes > 0 && *minutes < 1e6) || b.length < time.Second || b.rounds < 1:
		return usagef("-minutes is %v and -every %v; the second must be a second at least, and part of the first", *minutes, b.length)
	case *threads < 1 || *threads > runtime.NumCPU():
		return usagef("-threads is %d, must be 1 to %d on this machine", *threads, runtime.NumCPU())
	case *file == "" && s.Batch > 0 && s.Window > 0 && s.Batch*s.Window > 1<<18:
		return usagef("-batch %d and -window %d are too much for the play; choose less or a -corpus", s.Batch, s.Window)
	}
	if _, err := chart.Format(*picture); err != nil {
		return usageError{err}
	}
	full, err := train.Defaults(train.Facts{Symbols: 65, Length: 1 << 40}, func(d *train.Settings) { // of the text the best is assumed
		d.Network.Cell, d.Network.Hidden, d.Network.Layers = s.Network.Cell, s.Network.Hidden, s.Network.Layers
		d.Batch, d.Window, d.ClipNorm = s.Batch, s.Window, s.ClipNorm
		d.Optimizer.Optimizer, d.Optimizer.LearningRate = "adam", s.Optimizer.LearningRate
	})
	if err != nil {
		return usageError{err}
	}
	if err := b.open(*file, 1<<20, 0.1); err != nil {
		return err
	}
	defer b.close()
	b.cores = *threads
	return b.quality(ctx, full, *threads, *picture, *asJSON)
}

// warmUp is the training steps that each side takes before the clock starts.
const warmUp = 8

// quality runs the case.
func (b *suite) quality(ctx context.Context, s train.Settings, threads int, picture string, asJSON bool) error {
	c := benchCase{Name: "quality", What: fmt.Sprintf("clipped by norm to %v, Adam at %v", s.ClipNorm, s.Optimizer.LearningRate),
		settings: s, check: warmUp * s.Batch * s.Window, sides: []side{{"elman", threads, ""}, {"torch_rnn", threads, blasKernels(b.kernels)[0]}}}
	r := b.report()
	var tell func(*result)
	if !asJSON {
		r.print(os.Stdout)
		tell = func(x *result) { printRound(os.Stdout, x) }
	}
	res, err := b.run(ctx, c, tell)
	if ctx.Err() != nil {
		return errors.New("interrupted")
	}
	if err != nil {
		return err
	}
	if err := paint(picture, title(res, b.what), curves(res)); err != nil {
		return err
	}
	r.Cases = []result{res}
	if asJSON {
		return json.NewEncoder(os.Stdout).Encode(r)
	}
	printSooner(os.Stdout, curves(res))
	r.printAbout(os.Stdout)
	fmt.Printf("picture: %s\n", picture)
	return nil
}

// A curve is the loss on the text held out against the time of training.
type curve struct {
	name   string
	points []point
}

type point struct{ seconds, chars, loss float64 }

// curves returns those of the sides that ran.
func curves(r result) []curve {
	var list []curve
	for _, s := range r.Sides {
		if s.Missing != "" {
			continue
		}
		c := curve{name: s.Name}
		p := point{}
		for _, a := range s.Rounds {
			p = point{p.seconds + a.Seconds, p.chars + a.Chars, a.ValidLoss}
			c.points = append(c.points, p)
		}
		list = append(list, c)
	}
	return list
}

// best returns the point of the lowest loss, the first of several.
func (c curve) best() point {
	best := c.points[0]
	for _, p := range c.points {
		if p.loss < best.loss {
			best = p
		}
	}
	return best
}

// reaches returns after how many seconds the curve first comes down to a loss, on straight lines between its points. Before
// the first of them it is unknown, and that point's time stands for it. It is infinite if the curve stays above.
func (c curve) reaches(loss float64) float64 {
	for i, p := range c.points {
		if p.loss > loss {
			continue
		}
		if i == 0 {
			return p.seconds
		}
		before := c.points[i-1]
		return before.seconds + (p.seconds-before.seconds)*(before.loss-loss)/(before.loss-p.loss)
	}
	return math.Inf(1)
}

// printRound prints a row of the table, and before the first its head.
func printRound(w io.Writer, r *result) {
	list := curves(*r)
	row := len(list[0].points)
	line := func(cells func(c curve) string) {
		var all []string
		for _, c := range list {
			all = append(all, fmt.Sprintf("%-32s", cells(c)))
		}
		fmt.Fprintln(w, strings.TrimRight(strings.Join(all, "    "), " "))
	}
	if row == 1 {
		fmt.Fprintf(w, "\n%s, V=%d H=%d L=%d T=%d B=%d, %s\n", r.Cell, r.V, r.H, r.L, r.T, r.B, r.What)
		line(func(c curve) string { return c.name })
		line(func(curve) string { return fmt.Sprintf("%8s %12s %8s", "seconds", "characters", "loss") })
	}
	line(func(c curve) string {
		p := c.points[row-1]
		return fmt.Sprintf("%8.1f %12.0f %8.4f", p.seconds, p.chars, p.loss)
	})
}

// printSooner says how much sooner the first curve is where the second ends.
func printSooner(w io.Writer, list []curve) {
	fmt.Fprintln(w)
	for _, c := range list {
		p := c.best()
		fmt.Fprintf(w, "%s: best loss %.4f nats per character, after %.0f s and %.0f characters\n", c.name, p.loss, p.seconds, p.chars)
	}
	if len(list) < 2 {
		return
	}
	best := list[1].best()
	switch seconds := list[0].reaches(best.loss); {
	case math.IsInf(seconds, 1):
		fmt.Fprintf(w, "%s does not come to %.4f\n", list[0].name, best.loss)
	case seconds == list[0].points[0].seconds:
		fmt.Fprintf(w, "%s is below %.4f when first measured, after %.0f s: at least %.1f times as soon\n", list[0].name, best.loss, seconds, best.seconds/seconds)
	default:
		fmt.Fprintf(w, "%s comes to %.4f after %.0f s: %.1f times as soon\n", list[0].name, best.loss, seconds, best.seconds/seconds)
	}
}

// title says what a picture shows.
func title(r result, text string) string {
	return fmt.Sprintf("%s, H=%d, L=%d, T=%d, B=%d, Adam at one rate, on %s", r.Cell, r.H, r.L, r.T, r.B, text)
}
