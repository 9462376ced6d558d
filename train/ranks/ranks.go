// Package ranks shares the training steps of one training among processes, with the same bits as in one. Rank 0 runs the training:
// it reads the text, updates the weights, reports and saves. The others (Serve) hold the streams of their shards, and compute
// gradients.
//
// A training step: rank 0 sends weights to all, and to each rank the symbols of its streams. Each sums the gradient of its shards as
// far as they make whole subtrees of rnn.Window.Shards' tree, and sends every rank a slice of that. Each adds what it gets along the
// rest of the tree, and sends its slice of the sum to rank 0. So no sum depends on how many ranks there are, which MPI_Allreduce
// would not give, and no rank adds more than its share.
package ranks

import (
	"unsafe"

	"github.com/seed-f4dd853e/elman/internal/f32"
)

// A Comm connects ranks, of which there are at least one. All make the same broadcasts in the same order, and each two ranks the same exchanges with each other. It has no errors: a rank that
// is lost ends the others, as MPI has it.
type Comm interface {
	Rank() int
	Size() int
	// Broadcast sets data to that of rank 0.
	Broadcast(data []byte)
	// Exchange sends send[r] to each rank r, and sets receive[r] to what rank r sends here. Both have one element for each rank,
	// and both sides know the lengths; nothing is sent where they are 0.
	Exchange(send, receive [][]byte)
}

// bytesOf views numbers as bytes, in the order of this processor: all ranks are of one kind.
func bytesOf[E int32 | float32](x []E) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(x))), 4*len(x))
}

// shardsOf returns the shards of a rank, from lo to hi-1.
func shardsOf(rank, ranks, shards int) (lo, hi int) {
	return rank * shards / ranks, (rank + 1) * shards / ranks
}

// A node is shards of the tree that one rank sums: count of them, a power of two, from first on, which count divides.
type node struct{ first, count int }

// nodesOf divides shards lo to hi-1 into the fewest nodes.
func nodesOf(lo, hi int) (list []node) {
	for lo < hi {
		count := 1
		for lo%(2*count) == 0 && lo+2*count <= hi {
			count *= 2
		}
		list = append(list, node{lo, count})
		lo += count
	}
	return list
}

// A tree adds along the tree of all shards.
type tree struct {
	sums map[node][]float32 // of the nodes that ranks have summed
}

// sum returns the sum of a node, and spoils those below it.
func (t tree) sum(n node) []float32 {
	if sum, ok := t.sums[n]; ok {
		return sum
	}
	half := n.count / 2
	left := t.sum(node{n.first, half})
	f32.Add(left, left, t.sum(node{n.first + half, half}))
	return left
}

// slice returns the part of n numbers that a rank adds.
func slice(rank, ranks, n int) (lo, hi int) { return rank * n / ranks, (rank + 1) * n / ranks }
