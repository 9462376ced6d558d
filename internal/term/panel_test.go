package term

import (
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/seed-f4dd853e/elman/internal/termtext"
	"github.com/seed-f4dd853e/elman/train"
	"github.com/seed-f4dd853e/elman/train/run"
)

var update = flag.Bool("update", false, "rewrite testdata/panel.txt")

// played is what a panel knows in the given phase at some training step, of a training of 2 epochs of 1000 training steps,
// with a report every 100, that takes 12 seconds in all.
func played(until int64, phase train.Phase) scene {
	s := scene{job: Job{
		Epochs:   2,
		Name:     "play",
		Text:     "943719 chars to learn from and 104857 to check with, an alphabet of 61 chars and the escape",
		Network:  "elman, 1 layer of 256 units, tanh",
		Training: "16 streams by 32 time steps, adagrad at a rate of 0.02, 2 workers on avx2 kernels",
		Folder:   "runs/play-1",
	}}
	s.forecast.begin(noon)
	s.at = noon
	for step := int64(0); step <= until; step += 10 {
		for _, p := range []train.Phase{train.Training, train.Validating, train.Sampling, train.Saving} {
			if p == train.Training || step%100 == 0 && step > 0 {
				s.play(step, p)
			}
			if step == until && p == phase {
				return s
			}
		}
		if step%100 == 0 && step > 0 {
			s.forecast.report(s.at)
			s.report(reportAt(step))
		}
	}
	return s
}

// play tells a scene of one phase of a training step.
func (s *scene) play(step int64, p train.Phase) {
	s.at = noon.Add(time.Duration(step)*5*time.Millisecond + time.Duration(step/100*4+int64(p))*50*time.Millisecond)
	s.now = train.Progress{Phase: p, Step: step, Epoch: float64(step) / 1000, Symbols: step * 512, Done: float64(step) / 2000, Loss: math.NaN()}
	switch p {
	case train.Validating:
		s.now.PhaseDone = 0.43
		fallthrough
	case train.Training:
		s.now.Loss = lossAt(step)
	}
	s.forecast.progress(s.now, s.at)
}

func lossAt(step int64) float64 { return 0.8 + 2.2*math.Exp(-float64(step)/300) }

func reportAt(step int64) train.Report {
	valid := lossAt(step) + float64(step)/8000
	return train.Report{Metrics: run.Metrics{Step: step, Loss: lossAt(step), ValidLoss: &valid}, Sample: fmt.Sprintf(
		"KING:\nNow is the %d-th sample, of lines that are short and lines that are so long that not every window has the room for them all at once,\n\nQUEEN:\n[Aside.] "+
			"and of many lines.\n%s", step, strings.Repeat("Enough!\n", 30))}
}

// TestPanel compares panels as people see them, without styles, with testdata/panel.txt.
func TestPanel(t *testing.T) {
	resumed := played(0, train.Training)
	for step := int64(100); step <= 1000; step += 100 {
		resumed.report(reportAt(step))
	}
	resumed.now = train.Progress{Step: 1000, Epoch: 1, Done: 0.5, Loss: math.NaN()}
	stopping := played(1500, train.Saving)
	stopping.stopping = true
	diverged := played(700, train.Training)
	diverged.trouble = retried(train.Divergence{Step: 712, What: "the loss is not finite", File: "play", From: 100, To: 612, Retry: 1, Retries: 3, Back: 700, Rate: 0.01})
	unchecked := played(0, train.Training)
	for step := int64(100); step <= 300; step += 100 {
		unchecked.report(train.Report{Metrics: run.Metrics{Step: step, Loss: lossAt(step)}})
	}
	training, validating := played(1550, train.Training), played(700, train.Validating)
	scenes := []struct {
		name          string
		scene         scene
		width, height int
	}{
		{"before the first news", played(0, train.Training), 80, 24},
		{"before the first report", played(70, train.Training), 80, 24},
		{"after one report there is no curve yet", played(110, train.Training), 80, 24},
		{"training", training, 80, 24},
		{"validating", validating, 80, 24},
		{"saving, asked to stop", stopping, 80, 24},
		{"resumed: the curve of earlier calls, no speed yet", resumed, 80, 24},
		{"nothing held out, no samples", unchecked, 80, 24},
		{"thrown back by a divergence", diverged, 80, 24},
		{"a small window", validating, 40, 10},
		{"a tiny window", validating, 20, 4},
		{"narrow", validating, 34, 30},
		{"low", validating, 100, 14},
		{"large", training, 200, 60},
	}
	var all strings.Builder
	for _, tt := range scenes {
		fmt.Fprintf(&all, "=== %s, %d by %d\n", tt.name, tt.width, tt.height)
		for line := range strings.SplitSeq(ansi.Strip(strings.Join(tt.scene.draw(tt.width, tt.height), "\n")), "\n") {
			fmt.Fprintln(&all, strings.TrimRight(line, " "))
		}
	}
	path := filepath.Join("testdata", "panel.txt")
	if *update {
		if err := os.WriteFile(path, []byte(all.String()), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got := all.String(); got != strings.ReplaceAll(string(want), "\r\n", "\n") {
		t.Errorf("other than %s (-update rewrites it):\n%s", path, got)
	}
}

// hostile are texts that a terminal would obey, or would not know the width of.
var hostile = []string{
	"a\x1b[2Jb", "\x1b]0;pwned\a", "\u009b2J\u0085", "\x9b2J\x84", "secret\r\b\vhidden\x7f", "\x00", "\xff\xfe\xc0", "\xf0\x9f\x98", "a\u202egnp.exe\u2066",
	"שלום", "a\tb\u00a0c\u3000e", "a\u2028b\u2029c", "👩\u200d👩\ufe0f.", "a\u200b\u00ad\ufeff\U000e0041b", "🇩🇪", "\ue000\U000f0000\u0378",
	"e" + strings.Repeat("\u0301", 50) + "f", "世界 한국", "\ufffd",
}

// TestPanelFits draws good and hostile scenes in windows of all sizes: exactly as many lines as there are, none wider than
// the window however its width is measured, and nothing that a terminal obeys but colours and weights.
func TestPanelFits(t *testing.T) {
	var samples strings.Builder
	for _, text := range hostile {
		samples.WriteString(text + "\n")
	}
	evil := samples.String()
	strange := played(700, train.Validating)
	strange.trouble = evil
	strange.job = Job{Name: evil, Text: evil, Network: evil, Folder: evil}
	strange.sample = strings.ReplaceAll(evil, "\n", "") + "\n" + evil + strings.Repeat("世界", 300)
	strange.now.Step, strange.now.Epoch, strange.now.Loss, strange.job.Epochs = math.MaxInt64, 1e300, 1e300, math.MaxInt32
	losses := played(0, train.Training)
	for i, loss := range []float64{1e308, -1e308, 5e-324, math.NaN(), 0, 3, 3, 1e30} {
		losses.curve = append(losses.curve, point{int64(i), loss, -loss})
	}
	flat := played(0, train.Training)
	for i := range 5 {
		flat.curve = append(flat.curve, point{int64(i), 1 + float64(i)*0x1p-52, math.NaN()})
	}
	equal := played(0, train.Training)
	equal.curve = []point{{1, 2, 2}, {2, 2, 2}}
	huge := played(0, train.Training)
	huge.curve = []point{{0, 3e38, 1}, {math.MaxInt64, 1, 1}}
	style := regexp.MustCompile("\x1b\\[[0-9;]*m")
	for _, tt := range []struct {
		name  string
		scene scene
	}{{"hostile", strange}, {"any losses", losses}, {"a flat curve", flat}, {"a curve of equal losses", equal}, {"a huge curve", huge}, {"training", played(1550, train.Training)}} {
		for _, width := range []int{1, 2, 3, 7, 15, 16, 17, 20, 39, 40, 41, 79, 80, 100, 200, 1000} {
			for _, height := range []int{1, 2, 3, 5, 8, 10, 15, 16, 17, 24, 30, 60, 200} {
				lines := tt.scene.draw(width, height)
				if len(lines) != height {
					t.Fatalf("%s, %d by %d: %d lines", tt.name, width, height, len(lines))
				}
				for _, line := range lines {
					text := style.ReplaceAllString(line, "")
					if termtext.Sanitize(text) != text && !strings.ContainsRune(text, '�') || strings.ContainsAny(text, "\x1b\t\n") ||
						ansi.StringWidthWc(text) > width || ansi.StringWidth(text) > width {
						t.Fatalf("%s, %d by %d: line %q", tt.name, width, height, line)
					}
				}
			}
		}
	}
}

// TestPanelOfResumedRun: its curve begins with the reports of earlier calls, up to the checkpoint that it goes on from.
func TestPanelOfResumedRun(t *testing.T) {
	file, err := os.Create(filepath.Join(t.TempDir(), "screen"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	earlier := []run.Metrics{{Step: 100, Loss: 3}, {Step: 200, Loss: 2}, {Step: 300, Loss: 1}}
	p := NewPanel(&Terminal{file: file}, NewLines(io.Discard, Job{}), func() bool { return false }, func() []run.Metrics { return earlier })
	p.Start(200)
	defer p.Stop()
	s := p.look(noon)
	if len(s.curve) != 2 || s.curve[1].step != 200 || s.now.Step != 200 {
		t.Errorf("at step %d with the curve %v", s.now.Step, s.curve)
	}
}

// TestBest keeps the lowest validation loss with its step, and a curve in which training steps ascend.
func TestBest(t *testing.T) {
	var s scene
	for _, x := range []struct {
		step  int64
		valid float64
	}{{1, 3}, {2, 1}, {3, 2}, {3, 0.5}, {2, 0.1}, {4, 1}} {
		s.report(train.Report{Metrics: run.Metrics{Step: x.step, Loss: 5, ValidLoss: &x.valid}})
	}
	if len(s.curve) != 4 || s.best == nil || *s.best != (point{2, 5, 1}) {
		t.Errorf("curve %v, best %v; want 4 points, step 2", s.curve, s.best)
	}
}
