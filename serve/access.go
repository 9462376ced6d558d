package serve

import (
	"bufio"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/seed-f4dd853e/elman/internal/setting"
)

// Access says who may use a server. Its zero value lets in whoever reaches it, except web pages of other sites.
type Access struct {
	Keys    Keys     // a request must come with one of them, as Authorization: Bearer KEY; nil lets in all
	Hosts   []string // names of the server, without a port, beside those of the loopback interface
	Origins []string // web sites whose pages may use the server, such as https://example.org, or "*" for all
	Metrics bool     // /metrics needs no key
}

// Check returns an error that names what is wrong, or nil.
func (a Access) Check() error {
	for _, origin := range a.Origins {
		u, err := url.Parse(origin)
		if origin != "*" && (err != nil || u.Scheme == "" || u.Host == "" || u.Scheme+"://"+u.Host != origin) {
			return setting.Errorf("%v is %.100q, must be an origin such as https://example.org, or *", setting.Name("cors"), origin)
		}
	}
	for _, host := range a.Hosts {
		if host == "" || strings.ContainsAny(host, "/: ") && net.ParseIP(host) == nil {
			return setting.Errorf("%v is %.100q, must be a name or an address, without a port", setting.Name("host"), host)
		}
	}
	return nil
}

// normal returns access with names as they are compared: in lower case, as browsers write them.
func (a Access) normal() Access {
	hosts, origins := slices.Clone(a.Hosts), slices.Clone(a.Origins)
	for i, host := range hosts {
		hosts[i] = hostname(host)
	}
	for i, origin := range origins {
		origins[i] = strings.ToLower(origin)
	}
	a.Hosts, a.Origins = hosts, origins
	return a
}

// Keys are API keys. Only their hashes are kept.
type Keys [][sha256.Size]byte

// ReadKeys reads keys, one in each line. Empty lines, and lines that begin with #, are none.
func ReadKeys(r io.Reader) (Keys, error) {
	keys := Keys{}
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		key := strings.TrimSpace(lines.Text())
		if key == "" || key[0] == '#' {
			continue
		}
		if len(key) < shortestKey || strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r > '~' }) {
			return nil, fmt.Errorf("line %d: a key is at least %d letters, digits and signs of ASCII, without spaces", n, shortestKey)
		}
		keys = append(keys, sha256.Sum256([]byte(key)))
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	if len(keys) == 0 {
		return nil, fmt.Errorf("there is no key in it")
	}
	return keys, nil
}

// shortestKey is the length of the shortest key, which still nobody guesses over a network.
const shortestKey = 16

// find returns the number of a key, or -1. It takes the same time whichever it is.
func (k Keys) find(key string) int {
	hash, found := sha256.Sum256([]byte(key)), -1
	for i := range k {
		if subtle.ConstantTimeCompare(k[i][:], hash[:]) == 1 {
			found = i
		}
	}
	return found
}

// admit judges the head of a request. A web page in a browser of this machine reaches servers on the loopback interface whoever wrote
// it, and if its author's name server says that the page's own host is 127.0.0.1 (DNS rebinding), the browser even takes
// the server for the page's own. So requests that come over that interface must call the server by a name of it, and
// requests of pages must be of its own page, or of an origin that is allowed.
func (s *Server) admit(w http.ResponseWriter, r *http.Request, route *Route) error {
	host := hostname(r.Host)
	if overLoopback(r) && !isLoopbackName(host) && !slices.Contains(s.access.Hosts, host) {
		return refused(http.StatusMisdirectedRequest, "host", "this server is not called %.100q; call it localhost, or start it with --host and its name", host)
	}
	if origin := r.Header.Get("Origin"); origin != "" {
		w.Header().Add("Vary", "Origin")
		allowed := slices.Contains(s.access.Origins, origin) || slices.Contains(s.access.Origins, "*")
		if !allowed && !sameOrigin(origin, r.Host) {
			return refused(http.StatusForbidden, "origin", "web pages of %.100q may not use this server; it can be started with --cors to allow them", origin)
		}
		if allowed {
			allowOrigin(w.Header(), origin)
		}
	} else if site := r.Header.Get("Sec-Fetch-Site"); site == "cross-site" && !slices.Contains([]string{http.MethodGet, http.MethodHead}, r.Method) {
		return refused(http.StatusForbidden, "origin", "web pages of other sites may not use this server")
	}
	if s.keys.Load() == nil || route.Open {
		return nil
	}
	kind, key, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(kind, "Bearer") {
		w.Header().Set("WWW-Authenticate", "Bearer")
		return refused(http.StatusUnauthorized, "invalid_api_key", "this server wants an API key, in the header Authorization: Bearer KEY")
	}
	number := s.keys.Load().find(strings.TrimSpace(key))
	if number < 0 {
		w.Header().Set("WWW-Authenticate", `Bearer error="invalid_token"`)
		return refused(http.StatusUnauthorized, "invalid_api_key", "the API key is not one of this server's")
	}
	note(r).client = fmt.Sprintf("key %d", number+1)
	return nil
}

// allowOrigin lets pages of an origin read the answer.
func allowOrigin(h http.Header, origin string) {
	h.Set("Access-Control-Allow-Origin", origin)
	h.Set("Access-Control-Expose-Headers", "X-Request-Id, Retry-After")
}

// preflight answers what a browser asks before it sends a request of a page elsewhere.
func (s *Server) preflight(w http.ResponseWriter, r *http.Request) error {
	h := w.Header()
	h.Set("Access-Control-Allow-Methods", "GET, POST, DELETE")
	headers := "Authorization, Content-Type, X-Request-Id"
	if asked := r.Header.Get("Access-Control-Request-Headers"); asked != "" { // libraries of clients have some of their own
		headers += ", " + asked
	}
	h.Set("Access-Control-Allow-Headers", headers)
	h.Set("Access-Control-Max-Age", "600")
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// hostname returns the name or address in a Host header, in lower case, without a port. An address has one form.
func hostname(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.TrimSuffix(strings.ToLower(strings.Trim(host, "[]")), ".")
	if ip := net.ParseIP(host); ip != nil {
		return ip.String()
	}
	return host
}

func isLoopbackName(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || ip != nil && ip.IsLoopback()
}

// overLoopback reports whether a request came over the loopback interface, or by no network at all.
func overLoopback(r *http.Request) bool {
	local, ok := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
	return !ok || local.IP.IsLoopback()
}

// sameOrigin reports whether an origin is that of a page which came from this server.
func sameOrigin(origin, host string) bool {
	u, err := url.Parse(origin)
	return err == nil && u.Host != "" && strings.EqualFold(u.Host, host)
}

// client returns who sent a request: an address, of IPv6 a network, or whoever has the key.
func client(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	if ip := net.ParseIP(host); ip != nil && ip.To4() == nil {
		return ip.Mask(net.CIDRMask(64, 128)).String() + "/64"
	}
	return host
}
