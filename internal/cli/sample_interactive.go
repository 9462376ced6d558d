package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/seed-f4dd853e/elman"
	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/generate"
	"github.com/seed-f4dd853e/elman/internal/term"
	"github.com/seed-f4dd853e/elman/model"
)

// A conversation is a text that a user and a model write together. Its results are on standard output: plain lines in a file or
// pipe, colours on a terminal. All else is on standard error.
type conversation struct {
	env   *env
	in    *bufio.Scanner
	typed bool // standard input is a terminal: mistakes are told, and one may go on
	line  int  // of the input, from 1

	stopped bool // a Ctrl-C ended the last line

	session *elman.Session
	o       generate.Options // its seed is that of the next line
	turns   []*turn          // that can be undone
	out     *inkwell
}

// A turn is what was written at one line of the input.
type turn struct {
	before *elman.Session
	held   int // of inkwell, before
	typed  string
	text   strings.Builder // all, with what was typed
}

const (
	longestInput = 1 << 20 // bytes of a line
	mostTurns    = 100     // that can be undone: each keeps a state of the network
)

// converse answers standard input line by line until it ends.
func (e *env) converse(ctx context.Context, m *model.Model, o generate.Options) error {
	o.Count, o.Threads = 1, 1
	c := &conversation{env: e, in: bufio.NewScanner(&interruptible{ctx, e.stdin}), typed: term.Open(e.stdin) != nil, session: elman.New(m).Session(), o: o}
	c.in.Buffer(nil, longestInput)
	c.out = &inkwell{paint: e.newPainter("auto"), to: bufio.NewWriter(e.stdout), live: e.page != nil}
	if c.out.paint != nil {
		c.out.to = bufio.NewWriter(e.painted)
	}
	if c.typed {
		if c.out.paint != nil {
			fmt.Fprintln(e.painted, c.out.paint.Legend())
		}
		c.say("Begin a line, and the model ends it. :help lists commands, Ctrl-D ends.")
	}
	for {
		if c.typed {
			e.prompt("> ")
		}
		if !c.in.Scan() {
			break
		}
		c.line++
		if err := c.answer(ctx, c.in.Text()); errors.Is(err, errQuit) {
			return nil
		} else if err != nil {
			return err
		}
	}
	switch err := c.in.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return fmt.Errorf("standard input: line %d has more than %d bytes", c.line+1, longestInput)
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case err != nil:
		return fmt.Errorf("standard input: %w", err)
	}
	if c.typed { // behind the prompt
		c.say("")
	}
	return nil
}

// prompt writes to standard error at once what is not a whole line.
func (e *env) prompt(text string) {
	fmt.Fprint(e.stderr, text)
	e.flush()
}

// say tells what is no part of the text.
func (c *conversation) say(text string) { c.env.say(text + "\n") }

// answer does what a line of the input asks for. At a terminal a mistake is told; elsewhere it ends the conversation.
func (c *conversation) answer(ctx context.Context, line string) error {
	err := c.do(ctx, line)
	switch unknown := (*corpus.UnknownSymbolError)(nil); {
	case err == nil || errors.Is(err, errQuit) || ctx.Err() != nil:
		return err
	case c.typed && (errors.As(err, &usageError{}) || errors.As(err, &unknown)):
		c.say(err.Error())
		return nil
	case errors.As(err, &usageError{}):
		return usagef("standard input, line %d: %w", c.line, err)
	}
	return fmt.Errorf("standard input, line %d: %w", c.line, err)
}

func (c *conversation) do(ctx context.Context, line string) error {
	text, doubled := strings.CutPrefix(line, "::")
	if doubled {
		return c.write(ctx, ":"+unescape(text))
	}
	if command, ok := strings.CutPrefix(line, ":"); ok {
		return c.command(ctx, command)
	}
	return c.write(ctx, unescape(line))
}

// errLineEnds ends the drawing of symbols.
var errLineEnds = errors.New("the line ends")

// write goes on with a text, to the end of the line or as long as --length allows.
func (c *conversation) write(ctx context.Context, text string) error {
	t := &turn{before: c.session.Clone(), held: c.out.held, typed: text}
	c.turns = append(c.turns[max(0, len(c.turns)-mostTurns+1):], t)
	err := c.writeTurn(ctx, t)
	if err != nil {
		c.undo()
	}
	if ended := c.out.end(ctx, c.session); err == nil {
		err = ended
	}
	return err
}

func (c *conversation) writeTurn(ctx context.Context, t *turn) error {
	read := func(text string) error {
		t.text.WriteString(text)
		return c.session.ReadEach(ctx, text, c.out.symbol)
	}
	if err := read(t.typed); err != nil {
		return err
	}
	drawing, stop := context.WithCancel(ctx)
	defer stop()
	c.env.breakable.Store(&stop)
	defer c.env.breakable.Store(nil)
	o := c.o
	c.o.Seed++
	err := c.session.Stream(drawing, o, func(p generate.Piece) error {
		if err := read(p.Text); err != nil {
			return err
		}
		if strings.Contains(p.Text, "\n") {
			return errLineEnds
		}
		return nil
	})
	c.stopped = drawing.Err() != nil && ctx.Err() == nil
	if errors.Is(err, errLineEnds) || c.stopped {
		return nil
	}
	return err
}

// undo takes the last turn back.
func (c *conversation) undo() *turn {
	t := c.turns[len(c.turns)-1]
	c.session, c.out.held = t.before, t.held
	c.turns = c.turns[:len(c.turns)-1]
	return t
}
