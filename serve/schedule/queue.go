package schedule

import "slices"

// A queue holds the rows that wait for a place. Clients take turns; the rows of each come in the order of their arrival.
type queue struct {
	clients map[string]*client // that have rows of any state
	turns   []*client          // that have waiting rows, the next one first
}

// A client is one that has rows.
type client struct {
	name    string
	rows    int // in all
	running int
	waiting []*row
}

// client returns the client of a name.
func (q *queue) client(name string) *client {
	c := q.clients[name]
	if c == nil {
		c = &client{name: name}
		q.clients[name] = c
	}
	return c
}

func (q *queue) rowsOf(name string) int {
	if c := q.clients[name]; c != nil {
		return c.rows
	}
	return 0
}

// forget forgets a client without rows.
func (q *queue) forget(c *client) {
	if c.rows == 0 {
		delete(q.clients, c.name)
	}
}

func (q *queue) add(x *row) {
	c := x.client
	if c.waiting = append(c.waiting, x); len(c.waiting) == 1 {
		q.turns = append(q.turns, c)
	}
}

// next returns the row whose turn it is, or nil.
func (q *queue) next() *row {
	if len(q.turns) == 0 {
		return nil
	}
	c := q.turns[0]
	q.turns[0] = nil
	q.turns = q.turns[1:]
	x := c.waiting[0]
	c.waiting[0] = nil
	if c.waiting = c.waiting[1:]; len(c.waiting) > 0 {
		q.turns = append(q.turns, c)
	}
	return x
}

// fewest returns the client, among those with waiting rows, that has the fewest running; of equals, the one whose turn comes first.
func (q *queue) fewest() *client {
	return slices.MinFunc(q.turns, func(a, b *client) int { return a.running - b.running })
}

// first makes it the turn of a client that has waiting rows.
func (q *queue) first(c *client) {
	i := slices.Index(q.turns, c)
	copy(q.turns[1:i+1], q.turns[:i])
	q.turns[0] = c
}

// remove takes out a row.
func (q *queue) remove(x *row) {
	c := x.client
	i := slices.Index(c.waiting, x)
	if c.waiting = slices.Delete(c.waiting, i, i+1); len(c.waiting) == 0 {
		i := slices.Index(q.turns, c)
		q.turns = slices.Delete(q.turns, i, i+1)
	}
}
