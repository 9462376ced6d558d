package rnn

import (
	"fmt"
	"slices"
	"testing"

	"github.com/seed-f4dd853e/elman/internal/f32"
)

// TestShards compares the gradient of a window with shards, after an earlier window, with those of windows that have the streams
// of one shard each, added pair by pair. Also of windows that have some of the shards each: the sum is the same however they are
// shared out.
func TestShards(t *testing.T) {
	eachVariant(t, func(t *testing.T, v variant) {
		v = v.sized(30, 37, 2)
		for i, shards := range []int{1, 2, 4, 8} {
			for j, T := range []int{3, 40} { // some rows; three blocks, of which a shard fills no whole number
				if full || i == 3-j {
					checkShards(t, v, T, shards, 1+i)
				}
			}
		}
	})
}

// TestShardsOfStripes is TestShards for rows of so many columns that a task sums panels of them apart.
func TestShardsOfStripes(t *testing.T) {
	checkShards(t, variant{Config: Config{Cell: "lstm", Symbols: 50, Hidden: 150}}, 20, 4, 2)
	checkShards(t, variant{Config: Config{Cell: "lstm", Symbols: 50, Hidden: 600, Embedding: 600, Tie: true}}, 5, 4, 2)
}

func checkShards(t *testing.T, v variant, T, shards, workers int) {
	t.Helper()
	const B = 8
	pool := f32.NewPool(workers)
	defer pool.Close()
	n := network(t, v.Config)
	x := [2][]int32{symbols(1, v.Symbols, T*B), symbols(3, v.Symbols, T*B)}
	y := [2][]int32{symbols(2, v.Symbols, T*B), symbols(4, v.Symbols, T*B)}
	// gradient returns that of the second window, of streams first to first+count-1, in so many shards.
	gradient := func(first, count, shards int) (g [][]float32) {
		w := v.window(n, T, count, pool)
		w.Shards, w.Place = shards, Place{first, B}
		for i := range x {
			w.Gradient(streamsOf(x[i], first, count, B), streamsOf(y[i], first, count, B), 1, nil)
		}
		for _, p := range n.Params() {
			g = append(g, slices.Clone(p.Grad))
		}
		return g
	}
	// sum adds the gradients of equal parts of the streams from first on along the tree.
	var sum func(first, count, parts, shards int) [][]float32
	sum = func(first, count, parts, shards int) [][]float32 {
		if parts == 1 {
			return gradient(first, count, shards)
		}
		g := sum(first, count/2, parts/2, shards)
		for i, more := range sum(first+count/2, count/2, parts/2, shards) {
			f32.Add(g[i], g[i], more)
		}
		return g
	}
	got := gradient(0, B, shards)
	for parts := 1; parts <= shards; parts *= 2 {
		want := sum(0, B, parts, shards/parts)
		for i, p := range n.Params() {
			compare(t, fmt.Sprintf("%d steps, %d shards in %d windows, %d workers: %s", T, shards, parts, workers, p.Name), got[i], want[i])
		}
	}
	alone := v.window(n, T, B, pool)
	alone.DenseGradient = true
	for i := range x {
		alone.Gradient(x[i], y[i], 1, nil)
	}
	for i, p := range n.Params() { // one shard is no other sum
		if shards == 1 {
			compare(t, p.Name, got[i], p.Grad)
		}
	}
}

// streamsOf returns some of the streams of a window of B.
func streamsOf[E any](x []E, first, count, B int) (part []E) {
	for ; len(x) > 0; x = x[B:] {
		part = append(part, x[first:first+count]...)
	}
	return part
}
