package main

import "iter"

// turn is called after each operation.
var turn = func() {}

// together emits bodies in turns, an operation of each: operations of one wait for each other, and a processor does not
// look far enough ahead to find those of the next. With 16 registers there is room for one body at a time only.
func (m *machine) together(bodies ...func()) {
	if m.parts > 1 {
		for _, body := range bodies {
			body()
		}
		return
	}
	alone := turn
	defer func() { turn = alone }()
	var waiting []func() (struct{}, bool)
	yields := make([]func(struct{}) bool, len(bodies))
	for i, body := range bodies {
		next, _ := iter.Pull(func(yield func(struct{}) bool) {
			yields[i] = yield
			body()
		})
		waiting = append(waiting, next)
	}
	for left := len(bodies); left > 0; {
		for i, next := range waiting {
			if next == nil {
				continue
			}
			turn = func() { yields[i](struct{}{}) }
			if _, more := next(); !more {
				waiting[i] = nil
				left--
			}
		}
	}
}
