package play

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/seed-f4dd853e/elman/internal/answer"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/serve"
)

// A server is one with a player, for tests.
type server struct {
	t      *testing.T
	url    string
	player *Player
	models *serve.Models
	folder string
}

// start starts one without models; change changes its options.
func start(t *testing.T, change func(*Options)) *server {
	t.Helper()
	models, err := serve.OpenModels(nil, serve.EngineLimits())
	if err != nil {
		t.Fatal(err)
	}
	s := &server{t: t, models: models, folder: filepath.Join(t.TempDir(), "kept")}
	o := Defaults(models)
	o.Folder = s.folder
	if change != nil {
		change(&o)
	}
	s.player = New(o)
	inner, err := serve.New(serve.Options{Models: models, Routes: s.player.Routes(), Page: s.player.Page()})
	if err != nil {
		t.Fatal(err)
	}
	h := httptest.NewServer(inner.Handler())
	s.url = h.URL
	t.Cleanup(func() {
		s.player.Close()
		h.Close()
		models.Close(t.Context())
	})
	return s
}

// ask sends a request and returns the status and the answer.
func (s *server) ask(method, path, body string) (int, string) {
	s.t.Helper()
	r, err := http.NewRequest(method, s.url+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	a, err := http.DefaultClient.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer a.Body.Close()
	var b strings.Builder
	bufio.NewReader(a.Body).WriteTo(&b)
	return a.StatusCode, b.String()
}

// begin starts a training and returns its name.
func (s *server) begin(request string) string {
	s.t.Helper()
	status, body := s.ask("POST", "/trainings", request)
	var started Started
	if err := json.Unmarshal([]byte(body), &started); err != nil || status != http.StatusCreated {
		s.t.Fatalf("POST /trainings: %d %s", status, body)
	}
	return started.ID
}

// events reads the events of a training until one is of a kind, "" for the last one, and returns that.
func (s *server) events(id, until string) (kinds []string, last map[string]any) {
	s.t.Helper()
	a, err := http.Get(s.url + "/trainings/" + id + "/events")
	if err != nil {
		s.t.Fatal(err)
	}
	defer a.Body.Close()
	if kind := a.Header.Get("Content-Type"); kind != "text/event-stream" {
		s.t.Fatalf("events are of type %q, status %d", kind, a.StatusCode)
	}
	lines := bufio.NewScanner(a.Body)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		data, ok := strings.CutPrefix(lines.Text(), "data: ")
		if !ok {
			continue
		}
		last = nil
		if err := json.Unmarshal([]byte(data), &last); err != nil {
			s.t.Fatal(err)
		}
		kind, _ := last["kind"].(string)
		if kinds = append(kinds, kind); kind == until && until != "" {
			return kinds, last
		}
	}
	if err := lines.Err(); err != nil {
		s.t.Fatal(err)
	}
	return kinds, last
}

const (
	short   = `{"language": "letters", "size": 5000, "title": "letters", "settings": {"cell": "elman", "hidden": 8, "layers": 1, "steps": 60, "report_every": 20}}`
	endless = `{"language": "letters", "size": 5000, "title": "long", "settings": {"cell": "elman", "hidden": 8, "layers": 1, "steps": 100000, "report_every": 1000}}`
)

// TestTrainingBecomesAModel: it is watched to its end, and again from its start; then it is served, and saved once.
func TestTrainingBecomesAModel(t *testing.T) {
	s := start(t, nil)
	id := s.begin(short)
	kinds, end := s.events(id, "")
	if kinds[0] != "start" || kinds[1] != "baselines" || end["kind"] != "end" || end["model"] != id {
		t.Fatalf("events are %v, the last one %v", kinds, end)
	}
	if again, _ := s.events(id, ""); strings.Join(again, " ") != strings.Join(kinds, " ") {
		t.Errorf("watched again, events are %v, were %v", again, kinds)
	}
	if _, body := s.ask("GET", "/v1/models", ""); !strings.Contains(body, fmt.Sprint(end["hash"])) {
		t.Errorf("the models are %s, without %v", body, end["hash"])
	}
	if status, body := s.ask("POST", "/units", `{"model": "`+id+`", "text": "ba dii guuu"}`); status != 200 || !strings.Contains(body, `"symbols":11`) {
		t.Errorf("units: %d %.200s", status, body)
	}
	for _, name := range []string{"first", "again"} { // it is the first one, once it is saved
		if status, body := s.ask("POST", "/trainings/"+id+"/save", `{"name": "`+name+`"}`); status != 200 || !strings.Contains(body, `"first"`) {
			t.Errorf("saved as %s: %d %s", name, status, body)
		}
	}
	m, err := model.Load(filepath.Join(s.folder, "first"))
	if err != nil || m.Hash() != end["hash"] {
		t.Errorf("the folder: %v", err)
	}
	second := s.begin(short)
	s.events(second, "")
	if status, body := s.ask("POST", "/trainings/"+second+"/save", `{"name": "first"}`); status != 200 || !strings.Contains(body, `"first-2"`) {
		t.Errorf("a second one of that name: %d %s", status, body)
	}
	s.player.Close()
	entries, err := os.ReadDir(s.folder)
	if err != nil || len(entries) != 2 {
		t.Errorf("in the end the folder holds %v (%v), want first and first-2", entries, err)
	}
}

// TestNamesStayInTheFolder: no request leads elsewhere, or to a hidden folder.
func TestNamesStayInTheFolder(t *testing.T) {
	s := start(t, nil)
	id := s.begin(short)
	s.events(id, "")
	for _, name := range []string{"", ".", "..", "../up", "a/b", `a\\b`, "/tmp/x", ".hidden", "-rf", "a\u0000b", "a b", "é", strings.Repeat("a", 61)} {
		body, _ := json.Marshal(SaveRequest{name})
		if status, said := s.ask("POST", "/trainings/"+id+"/save", string(body)); status != 400 || !strings.Contains(said, "must be letters") {
			t.Errorf("%q: %d %s", name, status, said)
		}
	}
	entries, _ := os.ReadDir(s.folder)
	if above, _ := os.ReadDir(filepath.Dir(s.folder)); len(entries) != 1 || len(above) != 1 {
		t.Errorf("there are %v, above %v", entries, above)
	}
}

// TestPoolIsBounded: what runs is limited, stopping makes room, and the oldest that ended is thrown away with its model.
func TestPoolIsBounded(t *testing.T) {
	s := start(t, func(o *Options) { o.Running, o.Kept = 1, 1 })
	id := s.begin(endless)
	s.events(id, "progress")
	if status, body := s.ask("POST", "/trainings", short); status != http.StatusTooManyRequests || !strings.Contains(body, "1 trainings run") {
		t.Errorf("a second one: %d %s", status, body)
	}
	if status, body := s.ask("POST", "/trainings/"+id+"/save", `{"name": "early"}`); status != 400 || !strings.Contains(body, "no model yet") {
		t.Errorf("saved before its end: %d %s", status, body)
	}
	if status, _ := s.ask("DELETE", "/trainings/"+id, ""); status != http.StatusNoContent {
		t.Errorf("stopped: %d", status)
	}
	if _, end := s.events(id, ""); end["stopped"] != true {
		t.Errorf("the last event is %v", end)
	}
	for range 3 {
		s.events(s.begin(short), "")
	}
	var list answer.Training
	_, body := s.ask("GET", "/trainings", "")
	if err := json.Unmarshal([]byte(body), &list); err != nil || len(list.Running) != 2 {
		t.Errorf("%d trainings are kept, want 2, with the one that ended last: %v", len(list.Running), err)
	}
	if status, _ := s.ask("GET", "/trainings/"+id+"/events", ""); status != http.StatusNotFound {
		t.Errorf("the first one: %d, want 404", status)
	}
	if status, _ := s.ask("GET", "/v1/models/"+id, ""); status != http.StatusNotFound {
		t.Errorf("its model: %d, want 404", status)
	}
	if runs := s.unsaved(); len(runs) != 2 {
		t.Errorf("there are the folders %v", runs)
	}
}

// unsaved returns the run folders that are not saved.
func (s *server) unsaved() []string {
	runs, err := filepath.Glob(filepath.Join(s.folder, ".unsaved-*", "t*"))
	if err != nil {
		s.t.Fatal(err)
	}
	return runs
}

// TestKilledServer: what a server left that was killed goes when the next one starts; what is another's, or nobody's, stays.
func TestKilledServer(t *testing.T) {
	s := start(t, nil)
	id := s.begin(short)
	s.events(id, "")
	s.begin(endless)
	for len(s.unsaved()) < 2 { // it makes its folder when it begins
		time.Sleep(time.Millisecond)
	}
	for _, path := range []string{".unsaved-dead/t7/model.safetensors", ".unsaved-old/run/run.json", "kept/model.safetensors", "unsaved-mine/x", ".hidden/x"} {
		path = filepath.Join(s.folder, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	os.WriteFile(filepath.Join(s.folder, ".unsaved-file"), nil, 0o666)
	if err := os.Symlink(filepath.Join(s.folder, "kept"), filepath.Join(s.folder, ".unsaved-link")); err != nil {
		t.Log(err)
	}
	o := Defaults(s.models)
	o.Folder = s.folder
	New(o).Close()
	if status, body := s.ask("POST", "/trainings/"+id+"/save", `{"name": "first"}`); status != 200 {
		t.Errorf("save: %d %s", status, body)
	}
	if runs := s.unsaved(); len(runs) != 1 {
		t.Errorf("the live server has the folders %v, want 1", runs)
	}
	s.player.Close()
	entries, _ := os.ReadDir(s.folder)
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if got, want := strings.Join(names, " "), ".hidden .unsaved-file .unsaved-link first kept unsaved-mine"; got != want {
		t.Errorf("there are %s, want %s", got, want)
	}
	if _, err := os.Stat(filepath.Join(s.folder, "kept", "model.safetensors")); err != nil {
		t.Error(err)
	}
}

// TestSaveOfNothing: a training whose folder went while a request was to save it is one that there is not.
func TestSaveOfNothing(t *testing.T) {
	s := start(t, nil)
	id := s.begin(short)
	s.events(id, "")
	found := s.player.pool.find(id)
	s.player.Close()
	failed := (*serve.Error)(nil)
	if _, err := s.player.pool.save(found, "late"); !errors.As(err, &failed) || failed.Status != http.StatusNotFound {
		t.Errorf("save: %v", err)
	}
	if status, body := s.ask("POST", "/trainings", short); status != http.StatusTooManyRequests {
		t.Errorf("a training after the end: %d %s", status, body)
	}
}

// TestUnitsOfSlowReaders: who asks for units and does not read them keeps nobody from theirs.
func TestUnitsOfSlowReaders(t *testing.T) {
	s := start(t, func(o *Options) { o.Reading, o.Limits.Hidden = 1, 512 })
	id := s.begin(`{"language": "letters", "size": 5000, "settings": {"cell": "lstm", "hidden": 200, "layers": 1, "steps": 1}}`)
	s.events(id, "")
	body := `{"model": "` + id + `", "text": "` + strings.Repeat("ba dii guuu ", 300) + `"}` // whose answer is longer than what the system keeps for a reader
	slow, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer slow.Close()
	slow.(*net.TCPConn).SetReadBuffer(4096)
	fmt.Fprintf(slow, "POST /units HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
	if _, err := slow.Read(make([]byte, 1)); err != nil { // the answer has begun
		t.Fatal(err)
	}
	if status, said := s.ask("POST", "/units", `{"model": "`+id+`", "text": "ba dii guuu"}`); status != 200 {
		t.Errorf("units: %d %s", status, said)
	}
}

// TestTrainingsRefused: by limits, where there are none, and from pages of other sites.
func TestTrainingsRefused(t *testing.T) {
	s := start(t, func(o *Options) { o.Limits.Text, o.Limits.Hidden = 10_000, 16 })
	for _, tt := range []struct{ name, body, want string }{
		{"a long text", `{"text": "` + strings.Repeat("a", 10_001) + `", "settings": {"hidden": 8, "layers": 1, "steps": 5}}`, "must have 400 to 10000"},
		{"a long title", `{"language": "play", "size": 5000, "title": "` + strings.Repeat("a", 201) + `", "settings": {"hidden": 8, "layers": 1, "steps": 5}}`, "title has 201 bytes"},
		{"a large network", `{"language": "play", "size": 5000, "settings": {"hidden": 17, "layers": 1, "steps": 5}}`, "must be 1 to 16"},
		{"a field that there is not", `{"language": "play", "size": 5000, "folder": "/etc"}`, "folder"},
		{"no JSON", `hidden=8`, ""},
	} {
		if status, body := s.ask("POST", "/trainings", tt.body); status != 400 || !strings.Contains(body, tt.want) {
			t.Errorf("%s: %d %s, want 400 with %q", tt.name, status, body, tt.want)
		}
	}
	for _, header := range []struct{ name, value string }{{"Origin", "https://example.org"}, {"Sec-Fetch-Site", "cross-site"}, {"Content-Type", "text/plain"}} {
		r, _ := http.NewRequest("POST", s.url+"/trainings", strings.NewReader(short))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set(header.name, header.value)
		a, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		if a.Body.Close(); a.StatusCode < 400 {
			t.Errorf("with %s: %s a training starts: %d", header.name, header.value, a.StatusCode)
		}
	}
	r, _ := http.NewRequest("POST", s.url+"/trainings", strings.NewReader(short))
	r.Header.Set("Content-Type", "application/json")
	r.Host = "rebound.example.org"
	if a, err := http.DefaultClient.Do(r); err != nil || a.StatusCode < 400 {
		t.Errorf("for another host a training starts: %v", err)
	}
	if _, body := s.ask("GET", "/trainings", ""); strings.Contains(body, `"running"`) {
		t.Errorf("a training has started: %s", body)
	}
	off := start(t, func(o *Options) { o.Training = false })
	if status, _ := off.ask("POST", "/trainings", short); status != http.StatusNotFound {
		t.Errorf("where nothing is trained: %d, want 404", status)
	}
}

// TestFailureIsTold: a training that cannot begin ends with an event that says why.
func TestFailureIsTold(t *testing.T) {
	s := start(t, nil)
	id := s.begin(`{"text": "` + strings.Repeat("a b c ", 100) + `", "settings": {"cell": "transformer", "hidden": 8, "layers": 1, "steps": 5}}`)
	_, last := s.events(id, "")
	if told, _ := last["error"].(map[string]any); told == nil || !strings.Contains(fmt.Sprint(told["message"]), "transformer") {
		t.Errorf("the last event is %v", last)
	}
}

// TestPageIsGuarded: the page comes with a policy that no frame may hold it, and its files need no key.
func TestPageIsGuarded(t *testing.T) {
	s := start(t, nil)
	a, err := http.Get(s.url + "/")
	if err != nil {
		t.Fatal(err)
	}
	a.Body.Close()
	if policy := a.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "default-src 'none'") || !strings.Contains(policy, "frame-ancestors 'none'") {
		t.Errorf("the policy is %q", policy)
	}
	for path, kind := range map[string]string{"/page.js": "text/javascript", "/page.css": "text/css", "/icon.svg": "image/svg+xml"} {
		a, err := http.Get(s.url + path)
		if err != nil {
			t.Fatal(err)
		}
		a.Body.Close()
		if !strings.HasPrefix(a.Header.Get("Content-Type"), kind) || a.StatusCode != 200 || a.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %d, %v", path, a.StatusCode, a.Header)
		}
	}
}
