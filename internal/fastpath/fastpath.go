// Package fastpath counts the use of fast paths: places where the program may take a shorter way to the same bits. Tests of
// results cannot see a fast path that is never taken; it is only slow. So each path reports here that it was taken, and a test
// of the whole module checks that work takes the paths it should, and no others.
//
// Outside tests nothing is counted, and Took costs one branch.
package fastpath

import "sync/atomic"

// A Path is one fast path.
type Path int

const (
	// OuterUpdate is plain gradient descent from the two factors of an outer product.
	OuterUpdate Path = iota
	// SparseRows leaves out the rows of symbols that a window does not hold.
	SparseRows
	// LongWindow sums the gradient of a long window over blocks of rows that stay in the caches.
	LongWindow
	// ColumnPanels sums wide matrices of a long window panel by panel.
	ColumnPanels
	// PackedProduct multiplies by weights that were packed before.
	PackedProduct
	// PackOnDemand lays out weights just before the one worker that needs them reads them.
	PackOnDemand
	// KeptCopies multiplies by the copies of weights that the call before left.
	KeptCopies
	// PackAlone lays out weights without locked operations where there is one worker.
	PackAlone
	// ShareAlone shares out the gradient without locked operations where there is one worker.
	ShareAlone
	// WideTiles computes few rows of a product in tiles that are wider than a panel.
	WideTiles
	// ManyPanels computes panels beside each other in one call of a kernel.
	ManyPanels
	// AlternatePanels begins every other product of few rows with the last panel.
	AlternatePanels
	// PrefetchBlock fetches the next block of packed weights during a product.
	PrefetchBlock
	// PrefetchAfter fetches what is needed after a product of small weights.
	PrefetchAfter
	// PrefetchRows fetches the rows that the gradient of a matrix needs next.
	PrefetchRows
	// PackedGradient packs pieces of the right-hand side of the gradient of a matrix.
	PackedGradient
	// SymbolGates computes gates once for each symbol.
	SymbolGates
	// TransposeSquares transposes squares in registers.
	TransposeSquares
	// BF16Product multiplies one row by weights of 16 bits.
	BF16Product
	// Int8Product multiplies in 8 bits.
	Int8Product
	// Int8Rows does so with several rows at a time, which share what is read of weights.
	Int8Rows
	// SideBySide scores independent texts side by side.
	SideBySide

	Paths // how many there are
)

var names = [Paths]string{
	"OuterUpdate", "SparseRows", "LongWindow", "ColumnPanels", "PackedProduct", "PackOnDemand", "KeptCopies", "PackAlone", "ShareAlone",
	"WideTiles", "ManyPanels", "AlternatePanels", "PrefetchBlock", "PrefetchAfter", "PrefetchRows", "PackedGradient", "SymbolGates", "TransposeSquares", "BF16Product", "Int8Product", "Int8Rows", "SideBySide",
}

func (p Path) String() string { return names[p] }

var (
	counting bool
	counts   [Paths]atomic.Int64
)

// Took records that a path was taken.
func Took(p Path) {
	if counting {
		counts[p].Add(1)
	}
}

// Count returns how often work takes each path. It is for tests; nothing else may run at the same time.
func Count(work func()) (taken [Paths]int64) {
	for i := range counts {
		counts[i].Store(0)
	}
	counting = true
	defer func() { counting = false }()
	work()
	for i := range counts {
		taken[i] = counts[i].Load()
	}
	return taken
}
