package serve

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestForeignPages: on the loopback interface the server answers to its own names alone, and to pages of its own or of those
// that are allowed.
func TestForeignPages(t *testing.T) {
	ts := start(t, nil)
	open := start(t, func(o *Options) {
		o.Access = Access{Origins: []string{"https://Example.org"}, Hosts: []string{"Models.example.org", "fd00:0::1"}}
	})
	all := start(t, func(o *Options) { o.Access.Origins = []string{"*"} })
	port := ts.url[strings.LastIndex(ts.url, ":"):]
	for _, tt := range []struct {
		s       *testServer
		headers []string
		status  int
	}{
		{ts, nil, 200},
		{ts, []string{"Host", "localhost" + port}, 200},
		{ts, []string{"Host", "LOCALHOST."}, 200},
		{ts, []string{"Host", "app.localhost:1"}, 200}, // forwarded from another port
		{ts, []string{"Host", "[::1]" + port}, 200},
		{ts, []string{"Host", "127.0.0.1"}, 200},
		{ts, []string{"Host", "evil.example" + port}, 421}, // DNS rebinding
		{ts, []string{"Host", "localhost.evil.example"}, 421},
		{ts, []string{"Host", "192.168.0.7" + port}, 421},
		{ts, []string{"Host", "models.example.org"}, 421},
		{open, []string{"Host", "models.example.org"}, 200},
		{open, []string{"Host", "MODELS.example.org.:80"}, 200},
		{open, []string{"Host", "[FD00::0:1]" + port}, 200},
		{open, []string{"Host", "[fd00::2]" + port}, 421},
		{open, []string{"Host", "other.example.org"}, 421},
		{ts, []string{"Host", "[::ffff:127.0.0.1]"}, 200},
		{ts, []string{"Host", "[::ffff:10.0.0.1]"}, 421},
		{ts, []string{"Host", "0.0.0.0" + port}, 421},
		{ts, []string{"Host", "127.0.0.1.evil.example"}, 421},
		{ts, []string{"Host", "evil.example:127.0.0.1"}, 421},
		{ts, []string{"Host", "localhost:80:80"}, 421},

		{ts, []string{"Origin", ts.url}, 200},
		{ts, []string{"Host", "localhost" + port, "Origin", "http://localhost" + port}, 200},
		{ts, []string{"Host", "localhost" + port, "Origin", "http://localhost:3000"}, 403},
		{ts, []string{"Origin", "https://evil.example"}, 403},
		{ts, []string{"Origin", "null"}, 403},
		{ts, []string{"Origin", "https://example.org"}, 403},
		{open, []string{"Origin", "https://example.org"}, 200},
		{open, []string{"Origin", "https://example.org.evil.example"}, 403},
		{all, []string{"Origin", "https://evil.example"}, 200},
		{all, []string{"Host", "evil.example", "Origin", "https://evil.example"}, 421},
	} {
		for _, path := range []string{"/v1/models", "/", "/openapi.json"} {
			status, h, text := tt.s.call("GET", path, nil, tt.headers...)
			if path == "/" && tt.status == 200 {
				tt.status = 404
			} else if path != "/" && tt.status == 404 {
				tt.status = 200
			}
			if status != tt.status {
				t.Errorf("%s %q: %d %.200s, want %d", path, tt.headers, status, text, tt.status)
			}
			origin := ""
			if len(tt.headers) == 2 && tt.headers[0] == "Origin" && tt.s != ts && status < 403 {
				origin = tt.headers[1]
			}
			if path != "/" && h.Get("Access-Control-Allow-Origin") != origin {
				t.Errorf("%s %q: allows %q, want %q", path, tt.headers, h.Get("Access-Control-Allow-Origin"), origin)
			}
		}
	}
	ts.wrong(403, "other sites", "POST", "/v1/completions", body{"max_tokens": 1}, "Sec-Fetch-Site", "cross-site")
	ts.wrong(415, "Content-Type: application/json", "POST", "/v1/completions", "{}", "Content-Type", "text/plain") // as a form may send
	ts.wrong(415, "application/json", "POST", "/state", "{}", "Content-Type", "application/x-www-form-urlencoded")

	preflight := []string{"Origin", "https://example.org", "Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "content-type,x-stainless-os"}
	if status, h, _ := open.call("OPTIONS", "/v1/completions", nil, preflight...); status != 204 || h.Get("Access-Control-Allow-Origin") != "https://example.org" ||
		!strings.Contains(h.Get("Access-Control-Allow-Headers"), "Authorization") || !strings.Contains(h.Get("Access-Control-Allow-Headers"), "x-stainless-os") || !strings.Contains(h.Get("Access-Control-Allow-Methods"), "DELETE") || h.Get("Vary") != "Origin" {
		t.Errorf("preflight: %d %v", status, h)
	}
	ts.wrong(403, "may not use this server", "OPTIONS", "/v1/completions", nil, preflight...)
}

func TestKeys(t *testing.T) {
	keys, err := ReadKeys(strings.NewReader("# people\n\n  first-key-0123456789 \nsecond-key-0123456789\n"))
	if err != nil || len(keys) != 2 {
		t.Fatalf("%d keys, %v", len(keys), err)
	}
	ts := start(t, func(o *Options) { o.Access.Keys = keys })
	for key, status := range map[string]int{
		"": 401, "Bearer": 401, "Bearer ": 401, "Bearer first-key-012345678": 401, "Basic first-key-0123456789": 401, "first-key-0123456789": 401, "Bearer # people": 401,
		"Bearer first-key-0123456789": 200, "bearer second-key-0123456789": 200,
	} {
		for _, path := range []string{"/v1/models", "/tokenizer_info", "/metrics"} {
			got, h, text := ts.call("GET", path, nil, "Authorization", key)
			if got != status || (status == 401) != (h.Get("WWW-Authenticate") != "") || status == 401 && !strings.Contains(string(text), "invalid_api_key") {
				t.Errorf("%s with %q: %d %s, want %d", path, key, got, text, status)
			}
		}
	}
	for _, route := range ts.routes {
		status, _, _ := ts.call(route.Method, strings.NewReplacer("{id}", "x", "{id...}", "x").Replace(route.Path), nil)
		if open := slices.Contains([]string{"/health", "/ready", "/openapi.json"}, route.Path); open && status != 200 || !open && status != 401 {
			t.Errorf("%s without a key: %d", route.Pattern(), status)
		}
	}
	ts.SetKeys(keys[1:])
	if status, _, _ := ts.call("GET", "/v1/models", nil, "Authorization", "Bearer first-key-0123456789"); status != 401 {
		t.Errorf("a key that was taken back: %d", status)
	}
	ts.SetKeys(nil) // a file that became empty opens nothing
	if status, _, _ := ts.call("GET", "/v1/models", nil); status != 401 {
		t.Errorf("without a key: %d", status)
	}
	if status, _, _ := ts.call("GET", "/v1/models", nil, "Authorization", "Bearer second-key-0123456789"); status != 200 {
		t.Errorf("nor does it lock anybody out: %d", status)
	}
	open := start(t, func(o *Options) { o.Access.Keys, o.Access.Metrics = keys, true })
	if status, _, _ := open.call("GET", "/metrics", nil); status != 200 {
		t.Errorf("open metrics: %d", status)
	}
	for text, want := range map[string]string{"": "no key", "# none\n": "no key", "short\n": "line 1: a key is at least 16", "\nwith a space in it\n": "line 2"} {
		if _, err := ReadKeys(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("keys %q: %v, want %s", text, err, want)
		}
	}
}

func TestAccessCheck(t *testing.T) {
	for _, tt := range []struct {
		a    Access
		fine bool
	}{
		{Access{}, true},
		{Access{Origins: []string{"https://example.org", "http://localhost:3000", "*"}, Hosts: []string{"example.org", "10.0.0.1", "::1"}}, true},
		{Access{Origins: []string{"example.org"}}, false},
		{Access{Origins: []string{"https://example.org/"}}, false},
		{Access{Origins: []string{"https://*.example.org/path"}}, false},
		{Access{Hosts: []string{"example.org:80"}}, false},
		{Access{Hosts: []string{"https://example.org"}}, false},
	} {
		if err := tt.a.Check(); (err == nil) != tt.fine {
			t.Errorf("%+v: %v", tt.a, err)
		}
	}
}

// TestRates: a client that sends too much is told when to come again, and then is served; others are not held up.
func TestRates(t *testing.T) {
	r, now := newRates(2), time.Unix(0, 0)
	for i := range 4 {
		if wait := r.wait("a", now); wait != 0 {
			t.Errorf("request %d waits %v", i, wait)
		}
	}
	wait := r.wait("a", now)
	if wait != 500*time.Millisecond || r.wait("b", now) != 0 || r.wait("a", now.Add(wait)) != 0 || r.wait("a", now.Add(wait)) == 0 {
		t.Errorf("the fifth request at once waits %v, want 500ms, and no other client", wait)
	}
	for i := range 3 * mostClients {
		r.wait(time.Duration(i).String(), now)
		if i%100 == 0 && r.wait("a", now) == 0 {
			t.Fatal("a client that is seen again and again is forgotten")
		}
	}
	if n := len(r.now) + len(r.old); n > 2*mostClients {
		t.Errorf("%d clients are remembered", n)
	}
	l := testLimits()
	l.Rate = 0.001
	ts := start(t, func(o *Options) { o.Limits = l })
	if status, _, _ := ts.call("GET", "/v1/models", nil); status != 200 {
		t.Errorf("the first request: %d", status)
	}
	ts.wrong(429, "requests per second", "GET", "/v1/models", nil)
	if status, _, _ := ts.call("GET", "/health", nil); status != 200 {
		t.Errorf("/health: %d", status)
	}
}

// TestClient: requests are told apart by address, those of IPv6 by network.
func TestClient(t *testing.T) {
	for address, want := range map[string]string{"10.1.2.3:55": "10.1.2.3", "[2001:db8:1:2:3::4]:5": "2001:db8:1:2::/64", "[::ffff:10.1.2.3]:5": "::ffff:10.1.2.3", "@": "@"} {
		if got := client(&http.Request{RemoteAddr: address}); got != want {
			t.Errorf("%s is %s, want %s", address, got, want)
		}
	}
}
