package serve

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// A rates counts the requests of each client.
type rates struct {
	limit rate.Limit
	burst int

	mu       sync.Mutex
	now, old map[string]*rate.Limiter // clients seen lately, and before those
}

// mostClients is how many clients are told apart at least. When there are more, those that were not seen for longest are forgotten.
const mostClients = 10_000

func newRates(perSecond float64) *rates {
	return &rates{limit: rate.Limit(perSecond), burst: max(1, int(2*perSecond)), now: map[string]*rate.Limiter{}}
}

// wait returns 0 if a client may send a request now, else when to try again.
func (r *rates) wait(client string, now time.Time) time.Duration {
	if r.limit == 0 {
		return 0
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	l := r.now[client]
	if l == nil {
		if l = r.old[client]; l == nil {
			l = rate.NewLimiter(r.limit, r.burst)
		}
		if len(r.now) == mostClients {
			r.now, r.old = map[string]*rate.Limiter{}, r.now
		}
		r.now[client] = l
	}
	reserved := l.ReserveN(now, 1)
	delay := reserved.DelayFrom(now)
	if delay > 0 {
		reserved.CancelAt(now)
	}
	return delay
}
