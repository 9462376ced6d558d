package pairs

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A Formula is a prediction of SyntaxGym: a statement about the bits of regions, such as
//
//	[(6;%match%) < (6;%mismatch%)] & [(5;%a%) - (5;%b%) > 1]
//
// with the grammar
//
//	statement  = comparison { ("&" | "|") comparison }    from left to right, & and | of equal rank
//	comparison = sum [ ("<" | ">" | "=") sum ]
//	sum        = term { ("+" | "-") term }
//	term       = number | region | "(" statement ")" | "[" statement "]"
//	region     = "(" ( number | "*" ) ";" "%" condition "%" ")"
//
// The region * is the whole sentence. Two numbers are equal if they differ by at most 0.001 + 0.00001 |the second|, which is
// SyntaxGym's rule.
type Formula struct {
	text string
	root *node
}

// A Reference is a region that a formula needs.
type Reference struct {
	Condition string
	Region    int // 0 is *, all regions
}

func (r Reference) String() string {
	if r.Region == 0 {
		return fmt.Sprintf("(*;%%%s%%)", r.Condition)
	}
	return fmt.Sprintf("(%d;%%%s%%)", r.Region, r.Condition)
}

// A node is an operator with its operands, a region or a number.
type node struct {
	op    byte // one of & | < > = + -, R for a region, N for a number
	a, b  *node
	ref   Reference
	value float64
}

// truth reports whether the node is true or false, not a number.
func (n *node) truth() bool { return strings.IndexByte("&|<>=", n.op) >= 0 }

// String returns the formula as it was written.
func (f *Formula) String() string { return f.text }

// References returns the regions of the formula, each once, in their order.
func (f *Formula) References() (all []Reference) {
	var walk func(n *node)
	walk = func(n *node) {
		if n == nil {
			return
		}
		if n.op == 'R' && !slices.Contains(all, n.ref) {
			all = append(all, n.ref)
		}
		walk(n.a)
		walk(n.b)
	}
	walk(f.root)
	return all
}

// holds reports whether the formula is true, given the bits of each region. If equal is set, < and > hold for equal sides too.
func (f *Formula) holds(bits func(Reference) float64, equal bool) bool {
	return f.root.holds(bits, equal)
}

func (n *node) holds(bits func(Reference) float64, equal bool) bool {
	switch n.op {
	case '&':
		return n.a.holds(bits, equal) && n.b.holds(bits, equal)
	case '|':
		return n.a.holds(bits, equal) || n.b.holds(bits, equal)
	}
	a, b := n.a.number(bits), n.b.number(bits)
	switch {
	case n.op == '=':
		return math.Abs(a-b) <= 1e-3+float64(1e-5*math.Abs(b))
	case a == b:
		return equal
	}
	return (a < b) == (n.op == '<')
}

func (n *node) number(bits func(Reference) float64) float64 {
	switch n.op {
	case 'N':
		return n.value
	case 'R':
		return bits(n.ref)
	case '+':
		return n.a.number(bits) + n.b.number(bits)
	}
	return n.a.number(bits) - n.b.number(bits)
}

// deepest is how many brackets may stand inside each other.
const deepest = 100

// ParseFormula reads a formula. An error says what is wrong and at which character.
func ParseFormula(text string) (*Formula, error) {
	p := &parser{text: text}
	root, err := p.statement()
	if err == nil && p.peek() != 0 {
		err = p.want("an operator or the end")
	}
	if err == nil && !root.truth() {
		err = fmt.Errorf("is a number, not a comparison")
	}
	if err != nil {
		return nil, fmt.Errorf("formula %.200q %w", text, err)
	}
	return &Formula{text, root}, nil
}

// A parser reads a formula by recursive descent, a method for each rule of the grammar.
type parser struct {
	text  string
	at    int // bytes read
	depth int
}

// peek returns the next byte that is not white space, 0 at the end.
func (p *parser) peek() byte {
	for p.at < len(p.text) && strings.IndexByte(" \t\r\n", p.text[p.at]) >= 0 {
		p.at++
	}
	if p.at == len(p.text) {
		return 0
	}
	return p.text[p.at]
}

// take reads the next byte if it is one of these.
func (p *parser) take(any string) (byte, bool) {
	c := p.peek()
	if c == 0 || strings.IndexByte(any, c) < 0 {
		return 0, false
	}
	p.at++
	return c, true
}

// want says what should stand here.
func (p *parser) want(what string) error {
	found := "the end"
	if p.peek() != 0 {
		r, _ := utf8.DecodeRuneInString(p.text[p.at:])
		found = strconv.QuoteRune(r)
	}
	return fmt.Errorf("has %s at character %d, want %s", found, utf8.RuneCountInString(p.text[:p.at])+1, what)
}

// chain reads operands with operators of one rank between them.
func (p *parser) chain(operators string, operand func() (*node, error)) (*node, error) {
	left, err := operand()
	for err == nil {
		op, ok := p.take(operators)
		if !ok {
			return left, nil
		}
		var right *node
		if right, err = operand(); err == nil {
			left, err = join(op, left, right)
		}
	}
	return nil, err
}

func (p *parser) statement() (*node, error) { return p.chain("&|", p.comparison) }

func (p *parser) sum() (*node, error) { return p.chain("+-", p.term) }

func (p *parser) comparison() (*node, error) {
	left, err := p.sum()
	if err != nil {
		return nil, err
	}
	op, ok := p.take("<>=")
	if !ok {
		return left, nil
	}
	right, err := p.sum()
	if err != nil {
		return nil, err
	}
	if c := p.peek(); c != 0 && strings.IndexByte("<>=", c) >= 0 {
		return nil, p.want("& or |: a comparison has two sides")
	}
	return join(op, left, right)
}

// join makes the node of an operator, whose operands must be of its kind.
func join(op byte, a, b *node) (*node, error) {
	truths := op == '&' || op == '|'
	if a.truth() != truths || b.truth() != truths {
		if truths {
			return nil, fmt.Errorf("joins a number with %c, want a comparison", op)
		}
		return nil, fmt.Errorf("has a comparison beside %c, want a number", op)
	}
	return &node{op: op, a: a, b: b}, nil
}

func (p *parser) term() (*node, error) {
	switch c := p.peek(); {
	case c == '(' || c == '[':
		if c == '(' {
			if ref, ok := p.region(); ok {
				return &node{op: 'R', ref: ref}, nil
			}
		}
		return p.brackets()
	case c >= '0' && c <= '9' || c == '.' || c == '-' || c == '+':
		return p.number()
	}
	return nil, p.want("a region such as (5;%condition%), a number or a bracket")
}

// brackets reads a statement in brackets.
func (p *parser) brackets() (*node, error) {
	if p.depth++; p.depth > deepest {
		return nil, fmt.Errorf("has more than %d brackets inside each other", deepest)
	}
	defer func() { p.depth-- }()
	c, _ := p.take("([")
	n, err := p.statement()
	if err != nil {
		return nil, err
	}
	closing := map[byte]string{'(': ")", '[': "]"}[c]
	if _, ok := p.take(closing); !ok {
		return nil, p.want(closing)
	}
	return n, nil
}

// region reads a region. If none stands here it reads nothing.
func (p *parser) region() (ref Reference, ok bool) {
	begin := p.at
	defer func() {
		if !ok {
			p.at = begin
		}
	}()
	p.take("(")
	if _, all := p.take("*"); !all {
		p.peek()
		digits := p.at
		for p.at < len(p.text) && p.text[p.at] >= '0' && p.text[p.at] <= '9' {
			p.at++
		}
		n, err := strconv.ParseInt(p.text[digits:p.at], 10, 31)
		if err != nil || n == 0 {
			return ref, false
		}
		ref.Region = int(n)
	}
	if _, ok := p.take(";"); !ok {
		return ref, false
	}
	if _, ok := p.take("%"); !ok {
		return ref, false
	}
	name, _, ok := strings.Cut(p.text[p.at:], "%")
	if ref.Condition = strings.TrimSpace(name); !ok || ref.Condition == "" {
		return ref, false
	}
	p.at += len(name) + 1
	_, ok = p.take(")")
	return ref, ok
}

func (p *parser) number() (*node, error) {
	begin := p.at
	p.take("+-")
	for p.at < len(p.text) && strings.IndexByte("0123456789.", p.text[p.at]) >= 0 {
		p.at++
	}
	x, err := strconv.ParseFloat(p.text[begin:p.at], 64)
	if err != nil {
		p.at = begin
		return nil, p.want("a number such as 2 or 0.5")
	}
	return &node{op: 'N', value: x}, nil
}
