package optim

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

func TestSchedules(t *testing.T) {
	constant, rising := Schedule{Name: "constant"}, Schedule{Name: "constant", Warmup: 10}
	cosine := Schedule{Name: "cosine", Total: 1000, Warmup: 200, Final: 0.1}
	for _, tt := range []struct {
		s     Schedule
		drops int64
		n     int64
		want  float64 // of a full rate of 2
	}{
		{constant, 0, 1, 2}, {constant, 0, 1e9, 2}, {rising, 0, 1, 0.2}, {rising, 0, 10, 2}, {rising, 0, 11, 2},
		{cosine, 0, 1, 0.01}, {cosine, 0, 100, 1}, {cosine, 0, 200, 2}, {cosine, 0, 400, 2 * (0.1 + 0.9*(1+math.Sqrt2/2)/2)}, {cosine, 0, 600, 1.1},
		{cosine, 0, 1000, 0.2}, {cosine, 0, 1001, 0.2}, {cosine, 0, 1 << 60, 0.2},
		{Schedule{Name: "cosine", Total: 1}, 0, 1, 0}, {Schedule{Name: "cosine", Total: 2}, 0, 1, 1},
		{Schedule{Name: "step", Every: 100, Factor: 0.5}, 0, 100, 2}, {Schedule{Name: "step", Every: 100, Factor: 0.5}, 0, 101, 1}, {Schedule{Name: "step", Every: 100, Factor: 0.5}, 0, 301, 0.25},
		{Schedule{Name: "step", Every: 100, Factor: 0.1}, 0, 101, 0.2}, {Schedule{Name: "step", Every: 1, Factor: 0.5, Warmup: 4}, 0, 2, 1}, {Schedule{Name: "step", Every: 1, Factor: 0.5, Warmup: 4}, 0, 6, 1},
		{Schedule{Name: "plateau", Factor: 0.5, Patience: 3}, 0, 77, 2}, {Schedule{Name: "plateau", Factor: 0.5, Patience: 3}, 3, 77, 0.25}, {Schedule{Name: "plateau", Factor: 0.5, Patience: 3, Final: 0.2}, 3, 77, 0.4}, {Schedule{Name: "plateau", Factor: 0.5, Patience: 3, Warmup: 4}, 1, 2, 0.5},
	} {
		s := tt.s
		if err := s.Check(); err != nil {
			t.Fatal(err)
		}
		if got := s.Rate(2, tt.n, Plateau{Drops: tt.drops}); math.Abs(got-tt.want) > 1e-15 {
			t.Errorf("%+v: the rate of step %d after %d drops is %v, want %v", s, tt.n, tt.drops, got, tt.want)
		}
	}
}

// reduceLROnPlateau is PyTorch's class of that name (torch/optim/lr_scheduler.py, 2.9), with mode min and a threshold and a
// cooldown of 0.
type reduceLROnPlateau struct {
	patience, badEpochs, drops int64
	best                       float64
}

func (p *reduceLROnPlateau) step(metrics float64) {
	if metrics < p.best {
		p.best, p.badEpochs = metrics, 0
	} else {
		p.badEpochs++
	}
	if p.badEpochs > p.patience {
		p.drops++
		p.badEpochs = 0
	}
}

// TestPlateauIsPyTorchs compares the drops with PyTorch's for equal patience, along a loss that falls and rises at random.
func TestPlateauIsPyTorchs(t *testing.T) {
	for _, patience := range []int64{0, 1, 2, 3, 10} {
		s := Schedule{Name: "plateau", Factor: 0.5, Patience: patience}
		torch, p, r := reduceLROnPlateau{patience: patience, best: math.Inf(1)}, Plateau{}, rand.New(rand.NewPCG(1, uint64(patience)))
		for i := range 300 {
			loss := 2 + math.Floor(16*r.Float64())/16/float64(1+i/10) // equal losses among them
			p = s.Observe(p, loss)
			if torch.step(loss); p.Drops != torch.drops {
				t.Fatalf("patience %d: %d drops after report %d, PyTorch has %d", patience, p.Drops, i+1, torch.drops)
			}
		}
		if p.Drops == 0 {
			t.Errorf("patience %d: no drop in 300 reports", patience)
		}
	}
}

func TestPlateau(t *testing.T) {
	s := Schedule{Name: "plateau", Factor: 0.5, Patience: 2}
	var p Plateau
	for i, report := range []struct {
		loss  float64
		drops int64
	}{{3, 0}, {2, 0}, {2, 0}, {1.5, 0}, {1.6, 0}, {1.5, 0}, {1.7, 1}, {1.4, 1}, {1.4, 1}, {1.4, 1}, {1.5, 2}, {1.5, 2}, {1.5, 2}, {1.5, 3}} {
		if p = s.Observe(p, report.loss); p.Drops != report.drops {
			t.Errorf("report %d, of %v: %d drops, want %d", i, report.loss, p.Drops, report.drops)
		}
		if err := s.CheckPlateau(p); err != nil {
			t.Error(err)
		}
	}
	if got := (Schedule{Name: "constant"}).Observe(Plateau{}, 3); got != (Plateau{}) {
		t.Errorf("a constant schedule remembers %+v", got)
	}
	for _, bad := range []Plateau{{Best: -1}, {Best: math.NaN()}, {BadReports: 3}, {BadReports: -1}, {Drops: -1}} {
		if s.CheckPlateau(bad) == nil {
			t.Errorf("%+v is let pass", bad)
		}
	}
	if (Schedule{Name: "cosine"}).CheckPlateau(Plateau{Drops: 1}) == nil {
		t.Error("drops of the schedule cosine are let pass")
	}
}

func TestScheduleErrors(t *testing.T) {
	for _, tt := range []struct {
		s    Schedule
		want string
	}{
		{Schedule{}, `schedule is "", must be constant, cosine, step or plateau`},
		{Schedule{Name: "linear"}, `schedule is "linear", must be constant, cosine, step or plateau`},
		{Schedule{Name: "constant", Warmup: -1}, "warmup is -1, must be 0 or a number of training steps"},
		{Schedule{Name: "constant", Final: 0.1}, "lr_final is 0.1, but the constant schedule has none; choose schedule cosine or plateau"},
		{Schedule{Name: "cosine", Factor: 0.1}, "lr_factor is 0.1, but the cosine schedule has none; choose schedule step or plateau"},
		{Schedule{Name: "cosine", Every: 10}, "lr_every is 10, but the cosine schedule has none; choose schedule step"},
		{Schedule{Name: "step", Factor: 0.5, Every: 10, Patience: 1}, "patience is 1, but the step schedule has none; choose schedule plateau"},
		{Schedule{Name: "cosine", Final: 1.5}, "lr_final is 1.5, must be 0 to 1, a share of the learning rate"},
		{Schedule{Name: "cosine", Final: math.NaN()}, "lr_final is NaN, must be 0 to 1, a share of the learning rate"},
		{Schedule{Name: "step", Factor: 0.5}, "lr_every is 0, must be at least 1, the training steps between two drops of the rate"},
		{Schedule{Name: "step", Every: 5, Factor: 1}, "lr_factor is 1, must be above 0 and below 1"},
		{Schedule{Name: "step", Every: 5}, "lr_factor is 0, must be above 0 and below 1"},
		{Schedule{Name: "plateau", Factor: 0.5, Patience: -1}, "patience is -1, must be 0 or a number of reports"},
		{Schedule{Name: "cosine", Total: -1}, "schedule_steps is -1, must be a number of training steps"},
		{Schedule{Name: "cosine", Total: 10, Warmup: 10}, "warmup is 10, must be less than the 10 training steps in all"},
	} {
		if err := tt.s.Check(); err == nil || err.Error() != tt.want {
			t.Errorf("%+v: %v\nwant %s", tt.s, err, tt.want)
		}
	}
}

// TestHalfCosine compares with a Taylor series in 200 bits. The hash of all bits, made on amd64, sees a processor or a
// compiler that rounds elsewhere.
func TestHalfCosine(t *testing.T) {
	const total = 1000
	h := sha256.New()
	worst := 0.0
	for n := range int64(total + 1) {
		got := halfCosine(n, total)
		want, _ := exactHalfCosine(n, total).Float64()
		worst = max(worst, math.Abs(got-want))
		if n > total/2 && math.Abs(got-want) > 8*0x1p-53*want {
			t.Errorf("halfCosine(%d, %d) = %v, want %v, to within 8 roundings", n, total, got, want)
		}
		binary.Write(h, binary.LittleEndian, math.Float64bits(got))
	}
	if worst > 3e-16 {
		t.Errorf("halfCosine is off by %v, want at most 3e-16", worst)
	}
	if got, want := fmt.Sprintf("%x", h.Sum(nil)), halfCosineHash; got != want {
		t.Errorf("hash %s, want %s", got, want)
	}
	if halfCosine(0, 7) != 1 || halfCosine(7, 7) != 0 {
		t.Errorf("halfCosine begins with %v and ends with %v", halfCosine(0, 7), halfCosine(7, 7))
	}
}

const halfCosineHash = "1c3b9c2fc43daf5f7f7b7729c70519cf4bd768faaa194ce90fb747d8e5feb726"

// exactHalfCosine is (1 + cos(pi n/total))/2.
func exactHalfCosine(n, total int64) *big.Float {
	number := func() *big.Float { return new(big.Float).SetPrec(200) }
	pi, _ := number().SetString("3.14159265358979323846264338327950288419716939937510582097494459230781640628620899862803")
	x := number().Quo(number().Mul(pi, number().SetInt64(n)), number().SetInt64(total))
	square := number().Mul(x, x)
	term, sum := number().SetInt64(1), number().SetInt64(1)
	for k := int64(1); k < 40; k++ {
		term.Mul(term, square)
		term.Quo(term, number().SetInt64(-2*k*(2*k-1)))
		sum.Add(sum, term)
	}
	sum.Add(sum, number().SetInt64(1))
	return sum.Quo(sum, number().SetInt64(2))
}

// TestPower compares with powers in 200 bits, at the training steps where corrections matter and far beyond.
func TestPower(t *testing.T) {
	for _, x := range []float64{0, 0.5, 0.9, 0.99, 0.999, 0.9999999, 1} {
		exact, factor := new(big.Float).SetPrec(200).SetInt64(1), new(big.Float).SetPrec(200).SetFloat64(x)
		for n := range int64(3000) {
			want, _ := exact.Float64()
			if got := power(x, n); math.Abs(got-want) > float64(n)*0x1p-53*want {
				t.Errorf("power(%v, %d) = %v, want %v", x, n, got, want)
			}
			exact.Mul(exact, factor)
		}
	}
	if got := power(0.999, 1<<62); got != 0 {
		t.Errorf("power(0.999, 2^62) = %v, want 0", got)
	}
}

// TestEMA compares with the weighted mean of all weights so far.
func TestEMA(t *testing.T) {
	a := EMA{Decay: 0.9}
	const n = 30
	mean := numbers(99, n) // what training begins with does not count
	for step := int64(1); step <= 60; step++ {
		a.Update(mean, numbers(uint64(step), n), a.Weight(step))
		want, weights := make([]float64, n), 0.0
		for i := int64(1); i <= step; i++ {
			share := math.Pow(0.9, float64(step-i))
			weights += share
			for j, w := range numbers(uint64(i), n) {
				want[j] += share * float64(w)
			}
		}
		for j := range want {
			if want[j] /= weights; math.Abs(float64(mean[j])-want[j]) > 1e-6 {
				t.Fatalf("step %d: mean %d is %v, want %v", step, j, mean[j], want[j])
			}
		}
	}
	if got := (EMA{Decay: 0.999}).Weight(1 << 40); got != 0.001 {
		t.Errorf("the share goes to %v, want 0.001", got)
	}
}
