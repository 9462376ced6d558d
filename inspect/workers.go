package inspect

import (
	"context"
	"sync"
	"sync/atomic"
)

// each calls f once for every i below n, on several workers side by side; a free worker takes the next i. It returns
// ctx.Err() if that ends it.
func each(ctx context.Context, workers, n int, f func(worker, i int)) error {
	var next atomic.Int64
	var all sync.WaitGroup
	for worker := range min(workers, n) {
		all.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				f(worker, i)
			}
		})
	}
	all.Wait()
	return ctx.Err()
}
