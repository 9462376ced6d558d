package setting

import (
	"errors"
	"fmt"
	"slices"
	"testing"
)

func TestError(t *testing.T) {
	err := fmt.Errorf("run: %w", Errorf("%v is %d, must be below %v, which is %q", Name("warmup"), 7, Name("steps"), "7"))
	if got, want := err.Error(), `run: warmup is 7, must be below steps, which is "7"`; got != want {
		t.Errorf("Error() = %s, want %s", got, want)
	}
	var e *Error
	if !errors.As(err, &e) {
		t.Fatal("is no *Error")
	}
	if got, want := e.Render(func(n Name) string { return "--" + string(n) }), `--warmup is 7, must be below --steps, which is "7"`; got != want {
		t.Errorf("Render() = %s, want %s", got, want)
	}
	if got := e.Names(); !slices.Equal(got, []Name{"warmup", "steps"}) {
		t.Errorf("Names() = %v", got)
	}
}
