package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/seed-f4dd853e/elman/generate"
	"github.com/seed-f4dd853e/elman/internal/setting"
)

// errQuit ends a conversation.
var errQuit = errors.New("quit")

// A talkCommand is what a line that begins with a colon asks for.
type talkCommand struct {
	name, argument, doc string
	do                  func(c *conversation, ctx context.Context, argument string) error
}

// talkCommands lists the commands in the order of :help.
func talkCommands() []talkCommand {
	return []talkCommand{
		{"more", "[N]", "write one more line, or N; so does an empty line", (*conversation).more},
		{"again", "", "take back the last line and write another one", (*conversation).again},
		{"undo", "[N]", "take back the last line, or N, with what you typed", (*conversation).takeBack},
		{"reset", "", "begin a new text", (*conversation).reset},
		{"top", "[N]", "show the N likeliest symbols that may follow (10)", (*conversation).top},
		{"score", "", "show how much the text surprised the model", (*conversation).score},
		{"temperature", "[X]", "below 1 favours likely symbols; 0 always takes the likeliest", set("temperature", "a number", func(o *generate.Options) *float64 { return &o.Temperature }, parseFloat)},
		{"top-k", "[K]", "draw from the K most likely symbols only; 0 means all", set("top-k", "a whole number", func(o *generate.Options) *int { return &o.TopK }, strconv.Atoi)},
		{"top-p", "[P]", "draw from the fewest symbols with this total probability", set("top-p", "a number", func(o *generate.Options) *float64 { return &o.TopP }, parseFloat)},
		{"length", "[N]", "most symbols of a line", set("length", "a whole number", func(o *generate.Options) *int { return &o.Length }, strconv.Atoi)},
		{"seed", "[N]", "seed of the next line; each takes the next number", set("seed", "a whole number, 0 or more", func(o *generate.Options) *uint64 { return &o.Seed }, parseSeed)},
		{"help", "", "show this", (*conversation).help},
		{"quit", "", "end; so does Ctrl-D", func(*conversation, context.Context, string) error { return errQuit }},
	}
}

// command does what a line after its colon says. A name may be cut where it is the beginning of no other.
func (c *conversation) command(ctx context.Context, line string) error {
	name, argument, _ := strings.Cut(strings.TrimSpace(line), " ")
	var found []talkCommand
	for _, t := range talkCommands() {
		if t.name == name {
			found = []talkCommand{t}
			break
		}
		if name != "" && strings.HasPrefix(t.name, name) {
			found = append(found, t)
		}
	}
	switch argument = strings.TrimSpace(argument); {
	case len(found) == 0:
		return usagef("unknown command %.40q; :help lists them, and a text that begins with : is typed with two", ":"+name)
	case len(found) > 1:
		var names []string
		for _, t := range found {
			names = append(names, ":"+t.name)
		}
		return usagef("%q may be %s", ":"+name, setting.Alternatives(names))
	case found[0].argument == "" && argument != "":
		return usagef(":%s takes no argument; leave out %.40q", found[0].name, argument)
	}
	return found[0].do(c, ctx, argument)
}

// number reads an argument that is 1 or more; without one it is usual.
func number(name, argument string, usual int) (int, error) {
	if argument == "" {
		return usual, nil
	}
	n, err := strconv.Atoi(argument)
	if err != nil || n < 1 {
		return 0, usagef(":%s is %.40q, must be a whole number, 1 or more", name, argument)
	}
	return n, nil
}

func (c *conversation) more(ctx context.Context, argument string) error {
	n, err := number("more", argument, 1)
	for i := 0; i < n && err == nil && !c.stopped; i++ {
		err = c.write(ctx, "")
	}
	return err
}

var errNothing = usagef("nothing is written that could be taken back")

func (c *conversation) again(ctx context.Context, _ string) error {
	if len(c.turns) == 0 {
		return errNothing
	}
	return c.write(ctx, c.undo().typed)
}

func (c *conversation) takeBack(_ context.Context, argument string) error {
	n, err := number("undo", argument, 1)
	if err != nil {
		return err
	}
	if len(c.turns) == 0 {
		return errNothing
	}
	for range min(n, len(c.turns)) {
		c.undo()
	}
	if len(c.turns) == 0 {
		c.say("taken back: nothing is left that could be")
		return nil
	}
	c.say("taken back; before it stands " + endOf(c.turns[len(c.turns)-1].text.String()))
	return nil
}

// endOf shows the end of a text in one line.
func endOf(text string) string {
	const most = 60
	r := []rune(strings.ToValidUTF8(text, "\ufffd"))
	if len(r) > most {
		return fmt.Sprintf("…%q", string(r[len(r)-most:]))
	}
	return fmt.Sprintf("%q", string(r))
}

func (c *conversation) reset(context.Context, string) error {
	c.session.Reset()
	c.turns, c.out.held = nil, 0
	c.say("a new text begins")
	return nil
}

func (c *conversation) top(ctx context.Context, argument string) error {
	n, err := number("top", argument, 10)
	if err != nil {
		return err
	}
	next, err := c.session.Next(ctx)
	if err != nil {
		return err
	}
	var list strings.Builder
	for _, p := range next.Top(n) {
		writePrediction(&list, p)
	}
	_, err = io.WriteString(c.env.stdout, list.String())
	return err
}

func (c *conversation) score(ctx context.Context, _ string) error {
	sum, err := c.session.Sum(ctx)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(c.env.stdout, "%d symbols, %.2f bits, %.4f bits per character\n", sum.Symbols, sum.Bits.Float(), sum.PerChar())
	return err
}

// set makes a command that changes an option, or shows it.
func set[T any](name, want string, at func(*generate.Options) *T, parse func(string) (T, error)) func(*conversation, context.Context, string) error {
	return func(c *conversation, _ context.Context, argument string) error {
		if argument != "" {
			x, err := parse(argument)
			if err != nil {
				return usagef(":%s is %.40q, must be %s", name, argument, want)
			}
			o := c.o
			*at(&o) = x
			if err := o.Check(); err != nil {
				return usageError{asNamed(err, ":")}
			}
			c.o = o
		}
		if c.typed || argument == "" {
			c.say(fmt.Sprintf(":%s is %v", name, *at(&c.o)))
		}
		return nil
	}
}

func parseFloat(s string) (float64, error) { return strconv.ParseFloat(s, 64) }
func parseSeed(s string) (uint64, error)   { return strconv.ParseUint(s, 10, 64) }

func (c *conversation) help(context.Context, string) error {
	text := "What you type is continued to the end of the line. \\n in it is a line break; a text that begins\nwith : is typed with two. Commands, which may be cut (:q):\n"
	for _, t := range talkCommands() {
		text += fmt.Sprintf("  %-17s %s\n", strings.TrimSpace(":"+t.name+" "+t.argument), t.doc)
	}
	c.say(strings.TrimSuffix(text, "\n"))
	return nil
}
