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

func TestFind(t *testing.T) {
	all, same := []string{"one", "two", "three"}, func(s string) string { return s }
	if got, err := Find("number", "two", all, same); got != "two" || err != nil {
		t.Errorf("Find(two) = %q, %v", got, err)
	}
	for _, name := range []string{"", "four", "\x1b]0;bell\a"} {
		_, err := Find("number", name, all, same)
		if want := fmt.Sprintf("number is %q, must be one, two or three", name); err == nil || err.Error() != want {
			t.Errorf("Find(%q): %v, want %s", name, err, want)
		}
	}
}
