package bench

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"github.com/seed-f4dd853e/elman/internal/f32"
)

// A Product is C [M x N] = A*B, where K elements are summed, as training makes it. All kernel sets make it in turns.
type Product struct {
	kind    productKind
	m, n, k int
}

type productKind int

const (
	packed   productKind = iota // B is weights, packed for many products
	unpacked                    // B is weights as they lie, as in windows of few rows
	gradient                    // of weights: A is the transpose of a [K x M] matrix
)

// Products returns those of training steps: of B streams with the weights of an LSTM, or with square ones as those of the
// Elman network; back through these weights; logits of 65 symbols; and gradients of weights over the rows of a window.
func Products() []Product {
	list := []Product{{unpacked, 1, 128, 128}}
	for _, m := range []int{8, 16, 32, 64, 128} {
		for _, h := range []int{128, 256, 512} {
			list = append(list, Product{packed, m, 4 * h, h}, Product{packed, m, h, 4 * h})
		}
	}
	for _, h := range []int{128, 256, 512, 1024} {
		list = append(list, Product{packed, 64, h, h})
	}
	list = append(list, Product{packed, 64, 65, 256}, Product{packed, 64, 256, 65}, Product{gradient, 128, 128, 15})
	for _, h := range []int{128, 256, 512} {
		list = append(list, Product{gradient, h, 4 * h, 2048}, Product{gradient, h, h, 2048})
	}
	return append(list, Product{gradient, 256, 65, 2048})
}

func (p Product) String() string {
	name := map[productKind]string{packed: "product", unpacked: "unpacked", gradient: "gradient"}[p.kind]
	return fmt.Sprintf("%s M=%d N=%d K=%d", name, p.m, p.n, p.k)
}

// operations is what one product takes: a multiply-add is two.
func (p Product) operations() float64 { return 2 * float64(p.m) * float64(p.n) * float64(p.k) }

// build returns a function that makes the product once, with the kernel set in use now.
func (p Product) build() func() {
	c := matrix(p.m, p.n)
	switch p.kind {
	case unpacked:
		a, b := matrix(p.m, p.k), matrix(p.k, p.n)
		return func() { f32.Mul(c, a, b, false) }
	case gradient:
		return SumGradient(c, matrix(p.k, p.m), matrix(p.k, p.n))
	}
	a, b := matrix(p.m, p.k), f32.NewPacked(p.k, p.n)
	b.Pack(matrix(p.k, p.n))
	return func() { f32.MulPacked(c, a, b, false) }
}

// The pieces in which package rnn sums gradients of a long window.
const (
	pieceSize    = 1 << 17
	pieceColumns = 512
	piecePadding = 16
)

// SumGradient returns a function that sets c = a^T*b as a training step with a long window does: in pieces that stay near the
// processor, those of longer rows in a room of their own where their rows do not lie a power of two apart.
func SumGradient(c, a, b f32.Matrix) func() {
	scratch, columns := f32.NewPacked(128, 48), min(c.Cols, pieceColumns)
	rows := min(c.Rows, max(1, pieceSize/columns))
	room := f32.Aligned(rows * (pieceColumns + piecePadding))
	piece := func(top, left int) {
		sum := c.Slice(top, min(top+rows, c.Rows))
		sum.Data, sum.Cols = sum.Data[left:], min(columns, c.Cols-left)
		x, dz, to := a, b, sum
		x.Data, x.Cols = x.Data[top:], sum.Rows
		dz.Data, dz.Cols = dz.Data[left:], sum.Cols
		if c.Cols > pieceColumns {
			sum.Data, sum.Stride = room, pieceColumns+piecePadding
		}
		f32.MulTransA(sum, x, dz, 0, a.Rows, false, scratch)
		if c.Cols > pieceColumns {
			for r := range sum.Rows {
				copy(to.Row(r), sum.Row(r))
			}
		}
	}
	return func() {
		for top := 0; top < c.Rows; top += rows {
			for left := 0; left < c.Cols; left += columns {
				piece(top, left)
			}
		}
	}
}

// Beside measures products on the kernel sets named, and hands emit the figures of each product, one for each set. It leaves
// another kernel set in use than it found. It fails with ctx.Err() when ctx is cancelled.
func Beside(ctx context.Context, list []Product, sets []string, emit func([]Figure)) error {
	for _, p := range list {
		if err := ctx.Err(); err != nil {
			return err
		}
		figures, err := p.beside(sets)
		if err != nil {
			return err
		}
		emit(figures)
	}
	return nil
}

const (
	turns = 7 // of each kernel set
	// longTurns is after how much time a set has had enough turns.
	longTurns = 50 * time.Millisecond
	// longest is how long a product may take even at the peak. Most of plain Go's with 512 units take longer; its speed
	// does not depend on the shape.
	longest = 200 * time.Millisecond
)

// beside lets the sets take turns of some milliseconds, so that other work on the machine disturbs all of them alike. A set
// for which the product is too long has an empty figure.
func (p Product) beside(sets []string) ([]Figure, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	type side struct {
		run   func()
		times int // in a turn
		spent time.Duration
		series
	}
	sides := make([]side, len(sets))
	for range turns {
		for i := range sides {
			s := &sides[i]
			if s.spent > longTurns {
				continue
			}
			if err := f32.Use(sets[i]); err != nil {
				return nil, err
			}
			s.begin()
			if s.run == nil {
				if p.operations() > s.before*longest.Seconds() {
					s.spent = longest
					continue
				}
				s.run = p.build()
				s.times = repeats(s.run)
				s.begin()
			}
			start := ThreadTime()
			for range s.times {
				s.run()
			}
			took := ThreadTime() - start
			s.add(float64(s.times) / took.Seconds())
			s.spent += took
		}
	}
	figures := make([]Figure, len(sides))
	for i := range sides {
		if s := &sides[i]; len(s.speeds) > 0 {
			figures[i] = s.figure(p.operations(), 1)
		}
		figures[i].Kernels, figures[i].What, figures[i].Workers = sets[i], p.String(), 1
	}
	return figures, nil
}

// matrix returns one without zeros, which some processors are quick with.
func matrix(rows, cols int) f32.Matrix {
	m := f32.Mat(f32.Aligned(rows*cols), rows, cols)
	for i := range m.Data {
		m.Data[i] = 1 + float32(i%7)
	}
	return m
}
