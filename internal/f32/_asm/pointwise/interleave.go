package main

import "iter"

// operationDone is called after each operation.
var operationDone = func() {}

// interleave emits one operation of each body after the other. Operations of one body wait for each other, and a processor
// does not look far enough ahead to find those of the next. 16 registers have room for one body at a time only.
func (m *kernels) interleave(bodies ...func()) {
	if m.parts > 1 {
		for _, body := range bodies {
			body()
		}
		return
	}
	alone := operationDone
	defer func() { operationDone = alone }()
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
			operationDone = func() { yields[i](struct{}{}) }
			if _, more := next(); !more {
				waiting[i] = nil
				left--
			}
		}
	}
}
