package language

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
)

// A logReader reads logs from left to right and adds up the surprisal of what it reads. It knows nothing of the grammar.
type logReader struct {
	rest string
	nats float64
	lost bool // something came that cannot
}

// one reads one of some texts, "weight text" each, and returns it. If one begins another, the longer is tried first.
func (r *logReader) one(options ...string) string {
	total, weight, found := 0, 0, ""
	for _, o := range options {
		var w int
		number, text, _ := strings.Cut(o, " ")
		fmt.Sscan(number, &w)
		total += w
		if strings.HasPrefix(r.rest, text) && len(text) > len(found) {
			weight, found = w, text
		}
	}
	if weight == 0 {
		r.lost = true
		return ""
	}
	r.nats -= math.Log(float64(weight) / float64(total))
	r.rest = r.rest[len(found):]
	return found
}

// any reads one of some words that are as likely.
func (r *logReader) any(words string) string {
	var options []string
	for _, w := range strings.Fields(words) {
		options = append(options, "1 "+w)
	}
	return r.one(options...)
}

// is reads a text that must come.
func (r *logReader) is(text string) { r.one("1 " + text) }

// number reads 1 to 99: one digit or two, as likely.
func (r *logReader) number(behind string) {
	r.any("1 2 3 4 5 6 7 8 9")
	r.nats += math.Ln2
	if !strings.HasPrefix(r.rest, " ") {
		r.any("0 1 2 3 4 5 6 7 8 9")
	}
	r.is(" " + behind)
}

func (r *logReader) line() {
	switch r.one("5 0", "5 1", "2 2") {
	case "2":
		r.any("0 1 2 3")
	default:
		r.any("0 1 2 3 4 5 6 7 8 9")
	}
	for range 2 {
		r.is(":")
		r.any("0 1 2 3 4 5")
		r.any("0 1 2 3 4 5 6 7 8 9")
	}
	r.is(" ")
	host := r.one("6 web", "4 db", "4 gate", "3 mail", "4 node")
	r.any("1 2 3")
	switch host {
	case "web":
		r.is(" httpd: ")
		r.request()
	case "db":
		r.is(" postgres: ")
		r.query()
	case "mail":
		r.is(" smtp: ")
		r.mail()
	case "gate":
		if r.one("3  sshd: ", "2  dhcpd: ") == " sshd: " {
			r.session()
		} else {
			r.lease()
		}
	case "node":
		if r.one("1  cron: ", "1  kernel: ") == " cron: " {
			r.job()
		} else {
			r.reading()
		}
	}
	r.is("\n")
}

func (r *logReader) request() {
	switch begin := r.one("9 INFO GET ", "5 INFO POST ", "2 INFO DELETE ", "2 WARN GET ", "2 WARN POST ", "1 ERROR GET ", "1 ERROR POST "); begin {
	case "INFO GET ":
		r.any(logPaths)
		if r.one("2  200 in ", "1  304 in ") == " 304 in " {
			break
		}
		r.number("ms, ")
		r.number("kB to ")
		r.any("lan vpn web app")
		return
	default:
		r.any(logPaths)
		r.is(" ")
		status := r.any(map[string]string{
			"INFO POST ": "201 202 303", "INFO DELETE ": "204", "WARN GET ": "404 410", "WARN POST ": "400 409 422",
			"ERROR GET ": "500 503", "ERROR POST ": "500 503",
		}[begin])
		if status == "503" {
			r.is(", retry in ")
			r.number("s")
			return
		}
		r.is(" in ")
	}
	r.number("ms")
}

const logPaths = "/index /login /search /cart /order /account"

// query reads selects, 3 with rows and 1 slow one, beside 6 transactions, of which a quarter roll back.
func (r *logReader) query() {
	const tables = "orders stock prices carts sessions drafts events"
	statements := map[string]string{"insert ": "orders carts events", "update ": "stock prices sessions", "delete ": "carts sessions drafts"}
	severity := r.one("15 INFO ", "5 WARN ") // of 20: 6 and 9, 2 and 3
	switch verb := r.one(map[string][]string{
		"INFO ": {"6 select ", "3 insert ", "3 update ", "3 delete "}, "WARN ": {"2 select ", "1 insert ", "1 update ", "1 delete "},
	}[severity]...); {
	case verb == "select " && severity == "INFO ":
		r.any(tables)
		r.is(" rows=")
		r.number("took ")
		r.number("ms")
	case verb == "select ":
		r.any(tables)
		r.is(" took ")
		r.number("s")
	default:
		r.any(statements[verb])
		r.is(", ")
		id := r.any("t1 t2 t3 t4 t5")
		r.is(" began, " + id + map[string]string{"INFO ": " commit", "WARN ": " rollback"}[severity])
	}
}

func (r *logReader) mail() {
	ends := map[string][2]string{"INFO ": {"sent", "removed"}, "WARN ": {"deferred", "kept"}, "ERROR ": {"bounced", "returned"}}
	end := ends[r.one("4 INFO ", "2 WARN ", "1 ERROR ")]
	r.any("frank grace heidi ivan judy")
	r.is(" ")
	id := r.any("m1 m2 m3 m4 m5")
	r.is(" " + end[0] + ", " + id + " " + end[1])
}

func (r *logReader) session() {
	verb := r.one("4 INFO login ", "3 INFO logout ", "1 WARN refuse ")
	who := r.any("alice bruno carol david erika")
	r.is(" from ")
	r.any(map[string]string{"alice": "atlas aurora", "bruno": "boreas castor", "carol": "delos elara", "david": "fornax gemini", "erika": "hydra icarus"}[who])
	switch verb {
	case "INFO login ":
		r.is(" by key")
	case "INFO logout ":
		r.is(" after ")
		r.number("min")
	default:
		r.is(" by password")
	}
}

func (r *logReader) lease() {
	r.is("INFO lease 10.0.")
	net := r.one("3 4.", "2 5.", "1 6.")
	var numbers []string
	for i := 1; i <= 29; i++ {
		numbers = append(numbers, fmt.Sprintf("1 %d (", i))
	}
	number := strings.TrimSuffix(r.one(numbers...), " (")
	what := map[string][2]string{"4.": {"desk", "12"}, "5.": {"phone", "2"}, "6.": {"printer", "48"}}[net]
	r.is(what[0] + number + ", " + what[1] + " h)")
}

func (r *logReader) job() {
	severity := r.one("6 INFO ", "1 ERROR ")
	job := r.any("backup rotate reindex newsletter cleanup")
	of := map[string][2]string{"backup": {"root", "min"}, "rotate": {"syslog", "s"}, "reindex": {"postgres", "min"}, "newsletter": {"mail", "min"}, "cleanup": {"www", "s"}}[job]
	r.is(" for " + of[0])
	switch {
	case severity == "ERROR ":
		r.is(" died, " + job + " restarts in ")
		r.number("s")
	case r.one("4  done in ", "2  begins") == " done in ":
		r.number(of[1])
	}
}

func (r *logReader) reading() {
	severity := r.one("9 INFO ", "4 WARN ")
	what := r.any(map[string]string{"INFO ": "disk cpu eth", "WARN ": "disk cpu"}[severity])
	r.any("1 2 3")
	r.is(" at ")
	r.any(map[string]string{"INFO ": "2 3 4 5 6", "WARN ": "9"}[severity])
	r.any("0 1 2 3 4 5 6 7 8 9")
	r.is(map[string]string{"disk": " pct", "cpu": " C", "eth": " Mb/s"}[what])
}

func logsSource(text []byte) float64 {
	r := logReader{rest: string(text)}
	for r.rest != "" && !r.lost {
		r.line()
	}
	if r.lost {
		return math.Inf(1)
	}
	return r.nats
}

func TestIsLogLine(t *testing.T) {
	text := string(logs.Generate(9, 100000))
	lines := strings.Split(text[:strings.LastIndex(text, "\n")], "\n")
	for _, line := range lines {
		if !IsLogLine(line) {
			t.Fatalf("%q is not a line of the logs that it comes from", line)
		}
	}
	for _, line := range []string{
		"",
		"12:00:00 db1 postgres: INFO insert orders, t1 began, t2 commit",
		"12:00:00 db1 postgres: WARN insert orders, t1 began, t1 commit",
		"12:00:00 web1 httpd: INFO GET /cart 201 in 5 ms",
		"24:00:00 node1 cron: INFO backup for root begins",
		"12:00:00 node1 cron: INFO backup for www begins",
		"12:00:00 gate1 sshd: INFO login alice from boreas by key",
		"12:00:00 gate1 sshd: INFO login alice from atlas by key ",
	} {
		if got := IsLogLine(line); got || !math.IsInf(logsSource([]byte(line+"\n")), 1) {
			t.Errorf("IsLogLine(%q) = %v, want false, and an infinite surprisal", line, got)
		}
	}
}

// TestLogsAreUnambiguous proves that a reader can tell every choice from the text alone: for every rule, the texts of its
// alternatives, cut after this many characters, differ, and none that is shorter begins another.
func TestLogsAreUnambiguous(t *testing.T) {
	g := logsRules()
	for name := range g {
		why := ""
		for k := 1; k <= 40; k++ {
			if why = g.confusion(name, k); why == "" {
				break
			}
		}
		if why != "" {
			t.Errorf("%s: %s", name, why)
		}
	}
	for text, told := range map[string]bool{"S\n 1 a\n 1 b": true, "S\n 1 a\n 1 ab": false, "S\n 1 a<x>\n 1 ab\nx\n 1 b\n 1 c": false} {
		if g := parseGrammar(text); (g.confusion("S", 9) == "") != told {
			t.Errorf("%q: can be told apart: %v, want %v", text, !told, told)
		}
	}
}

// confusion names two beginnings, of at most k characters, of texts of different alternatives that cannot be told apart, or
// a text that begins another one. "" means none.
func (g grammar) confusion(name string, k int) string {
	type beginning struct {
		text string
		of   int // alternative
	}
	var all []beginning
	for i, a := range g[name].alternatives {
		for _, text := range g.beginnings(a.pieces, k) {
			all = append(all, beginning{text, i})
		}
	}
	slices.SortFunc(all, func(a, b beginning) int { return strings.Compare(a.text, b.text) })
	for i := 1; i < len(all); i++ { // a text stands right before the first one that it begins
		a, b := all[i-1], all[i]
		if strings.HasPrefix(b.text, a.text) && (a.of != b.of || a.text != b.text) {
			return fmt.Sprintf("%q of alternative %d, %q of alternative %d", a.text, a.of, b.text, b.of)
		}
	}
	return ""
}

// beginnings returns the different texts of pieces, cut after k characters, in order.
func (g grammar) beginnings(pieces []piece, k int) []string {
	texts := []string{""}
	for _, p := range pieces {
		var longer []string
		for _, text := range texts {
			behind := []string{p.text}
			if len(text) == k {
				behind = []string{""}
			} else if p.name {
				behind = nil
				for _, a := range g[p.text].alternatives {
					behind = append(behind, g.beginnings(a.pieces, k-len(text))...)
				}
			}
			for _, b := range behind {
				longer = append(longer, (text + b)[:min(k, len(text)+len(b))])
			}
		}
		slices.Sort(longer)
		texts = slices.Compact(longer)
	}
	return texts
}
