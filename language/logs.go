package language

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"github.com/seed-f4dd853e/elman/internal/random"
)

// logs is the log of a small company's machines. Most fields of a line depend on something further left, often more than a
// word away: the program on the host, the status on method and severity, the unit on what is measured, the machine on the
// person; and the number at the start of a transaction, mail or lease returns at its end.
//
// No line depends on the line before, so each can be judged alone. Free choices are nearly uniform: all possible lines are
// about equally likely, and a line that takes many bits is an impossible one.
var logs = Language{
	Name:    "logs",
	Doc:     "a company's log, one event per line: hosts, programs, methods, people and numbers that must agree",
	entropy: logsEntropy,
	chapter: func(out *bytes.Buffer, seed, i uint64) {
		rng := random.New(seed, "logs", i)
		rules := logsRules()
		for range 1000 {
			out.Write(rules.write(out.AvailableBuffer(), "line", rng))
			out.WriteByte('\n')
		}
	},
}

// IsLogLine reports whether the language "logs" can write the line, which is given without its line break.
func IsLogLine(line string) bool {
	return logsRules().canWrite("line", line)
}

// The grammar. A number ends in a space. No text of a rule is a prefix of another text of the same rule, so a line shows
// every choice that was made.
const logsLines = `
line
	1 <clock> <event>
clock
	1 <hour>:<sixty>:<sixty>
hour
	5 0<digit>
	5 1<digit>
	2 2<quarter>
sixty
	1 <tens><digit>
number
	1 <figure>_
	1 <figure><digit>_

event
	6 web<few> httpd: <request>
	4 db<few> postgres: <query>
	4 gate<few> <gateway>
	3 mail<few> smtp: <mail>
	4 node<few> <local>

request
	6 INFO GET <path> 200 in <number>ms, <number>kB to <client>
	3 INFO GET <path> 304 in <number>ms
	5 INFO POST <path> <posted> in <number>ms
	2 INFO DELETE <path> 204 in <number>ms
	2 WARN GET <path> <missing> in <number>ms
	2 WARN POST <path> <refused> in <number>ms
	1 ERROR GET <path> <broken>
	1 ERROR POST <path> <broken>
broken
	1 500 in <number>ms
	1 503, retry in <number>s

query
	3 INFO select <table> rows=<number>took <number>ms
	1 WARN select <table> took <number>s
	6 <transaction>
statement
	1 insert <growing>
	1 update <changing>
	1 delete <shrinking>

gateway
	3 sshd: <session>
	2 dhcpd: <lease>

local
	1 cron: <job>
	1 kernel: <reading>
reading
	3 INFO disk<few> at <half><digit> pct
	2 WARN disk<few> at 9<digit> pct
	3 INFO cpu<few> at <half><digit> C
	2 WARN cpu<few> at 9<digit> C
	3 INFO eth<few> at <half><digit> Mb/s
`

// Rules that choose a word.
var logsWords = []struct{ name, words string }{
	{"digit", "0 1 2 3 4 5 6 7 8 9"},
	{"figure", "1 2 3 4 5 6 7 8 9"},
	{"tens", "0 1 2 3 4 5"},
	{"quarter", "0 1 2 3"},
	{"half", "2 3 4 5 6"},
	{"few", "1 2 3"},
	{"path", "/index /login /search /cart /order /account"},
	{"client", "lan vpn web app"},
	{"posted", "201 202 303"},
	{"missing", "404 410"},
	{"refused", "400 409 422"},
	{"table", "orders stock prices carts sessions drafts events"},
	{"growing", "orders carts events"},
	{"changing", "stock prices sessions"},
	{"shrinking", "carts sessions drafts"},
	{"customer", "frank grace heidi ivan judy"},
}

// People of the company, each with the machines they log in from.
var logsPeople = [][]string{
	{"alice", "atlas aurora"},
	{"bruno", "boreas castor"},
	{"carol", "delos elara"},
	{"david", "fornax gemini"},
	{"erika", "hydra icarus"},
}

// Jobs, each with its user and the unit of its duration.
var logsJobs = [][]string{
	{"backup", "root", "min"},
	{"rotate", "syslog", "s"},
	{"reindex", "postgres", "min"},
	{"newsletter", "mail", "min"},
	{"cleanup", "www", "s"},
}

const (
	logsSession = `
	4 INFO login $1 from <machine $1> by key
	3 INFO logout $1 from <machine $1> after <number>min
	1 WARN refuse $1 from <machine $1> by password`
	logsMail = `
	4 INFO <customer> m$1 sent, m$1 removed
	2 WARN <customer> m$1 deferred, m$1 kept
	1 ERROR <customer> m$1 bounced, m$1 returned`
	logsTransaction = `
	3 INFO <statement>, t$1 began, t$1 commit
	1 WARN <statement>, t$1 began, t$1 rollback`
	logsLease = `
	3 INFO lease 10.0.4.$1 (desk$1, 12 h)
	2 INFO lease 10.0.5.$1 (phone$1, 2 h)
	1 INFO lease 10.0.6.$1 (printer$1, 48 h)`
	logsJob = `
	4 INFO $1 for $2 done in <number>$3
	2 INFO $1 for $2 begins
	1 ERROR $1 for $2 died, $1 restarts in <number>s`
)

var logsGrammar lazy[grammar]

func logsRules() grammar { return logsGrammar.get(parseLogs) }

func parseLogs() grammar {
	var text strings.Builder
	text.WriteString(logsLines)
	for _, w := range logsWords {
		writeChoice(&text, w.name, strings.Fields(w.words))
	}
	for _, p := range logsPeople {
		writeChoice(&text, "machine "+p[0], strings.Fields(p[1]))
	}
	var numbers [][]string
	for i := 1; i < 30; i++ {
		numbers = append(numbers, []string{strconv.Itoa(i)})
	}
	writeEach(&text, "session", logsPeople, logsSession)
	writeEach(&text, "mail", numbers[:5], logsMail)
	writeEach(&text, "transaction", numbers[:5], logsTransaction)
	writeEach(&text, "lease", numbers, logsLease)
	writeEach(&text, "job", logsJobs, logsJob)
	return parseGrammar(text.String())
}

// writeChoice writes a rule that chooses among texts with equal probability.
func writeChoice(to *strings.Builder, name string, texts []string) {
	to.WriteString(name)
	for _, t := range texts {
		to.WriteString("\n\t1 " + t)
	}
	to.WriteByte('\n')
}

// writeEach writes a rule for each record of a table, in whose alternatives $1, $2 and so on stand for the record's fields,
// and a rule that chooses a record. Fields of a line agree because they come from one record.
func writeEach(to *strings.Builder, name string, records [][]string, alternatives string) {
	var names []string
	for _, r := range records {
		own := name + " " + r[0]
		names = append(names, "<"+own+">")
		var pairs []string
		for i, field := range r {
			pairs = append(pairs, "$"+strconv.Itoa(i+1), field)
		}
		to.WriteString(own + strings.NewReplacer(pairs...).Replace(alternatives) + "\n")
	}
	writeChoice(to, name, names)
}

func logsEntropy() EntropyRate {
	at := distribution{verbatim: 1}
	c := newEstimator(logsRules()).write(piece{"line", true}, &at)
	c.characters++ // the line break
	rate := c.nats / c.characters
	derivation := fmt.Sprintf(`A line is written by independent choices between the alternatives of rules. One between
alternatives of probability p has an entropy of the sum of -p ln p, and what a rule is
expected to cost follows from its alternatives: their costs, weighted by their p, and its own
choice. That makes %.6f nats and %.6f characters, with the line break, for a line.
Lines do not depend on each other, so their means are those of a long text; and every choice
can be read off the line, so the entropy of the choices is that of the text.
%.6f / %.6f = %.6f nats per character.`,
		c.nats, c.characters, c.nats, c.characters, rate)
	return EntropyRate{rate, true, derivation}
}
