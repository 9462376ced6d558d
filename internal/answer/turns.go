package answer

import "context"

// WithTurns returns a context that calls turn whenever work asks whether it has been cancelled, which it does between time steps and
// training steps: where one thread does everything, as in a tab, turn lets others work.
func WithTurns(ctx context.Context, turn func()) context.Context { return turns{ctx, turn} }

type turns struct {
	context.Context
	turn func()
}

func (t turns) Err() error {
	t.turn()
	return t.Context.Err()
}

// turnsOf returns a context made from ctx with the turns of ctx.
func turnsOf(ctx, made context.Context) context.Context {
	if t, ok := ctx.(turns); ok {
		return turns{made, t.turn}
	}
	return made
}
