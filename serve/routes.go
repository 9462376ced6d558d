package serve

import (
	"net/http"
)

// ownRoutes lists what this package offers.
func (s *Server) ownRoutes() []Route {
	model := Query{"model", "may be left out if there is only one"}
	return []Route{
		{Method: "GET", Path: "/v1/models", Summary: "List the models", Answer: ModelList{}, Handle: s.listModels},
		{Method: "GET", Path: "/v1/models/{id...}", Summary: "Describe a model", Answer: ModelInfo{}, Handle: s.describeModel},
		{Method: "POST", Path: "/v1/completions", Summary: "Continue texts", Request: CompletionRequest{}, Answer: Completion{}, Events: true, Handle: s.complete},
		{Method: "GET", Path: "/tokenizer_info", Summary: "Describe a tokenizer, as vLLM does", Query: []Query{model}, Answer: TokenizerInfo{}, Handle: s.tokenizerInfo},
		{Method: "POST", Path: "/tokenize", Summary: "Turn a text into symbols", Request: TokenizeRequest{}, Answer: TokenizeAnswer{}, Handle: s.tokenize},
		{Method: "POST", Path: "/detokenize", Summary: "Turn symbols into a text", Request: DetokenizeRequest{}, Answer: DetokenizeAnswer{}, Handle: s.detokenize},
		{Method: "POST", Path: "/score", Summary: "Measure the surprisal of a text: its symbols, words and lines", Request: ScoreRequest{}, Answer: ScoreAnswer{}, Events: true, Handle: s.score},
		{Method: "POST", Path: "/next", Summary: "Predict the symbol after a text", Request: NextRequest{}, Answer: NextAnswer{}, Handle: s.next},
		{Method: "POST", Path: "/state", Summary: "Keep a model's state after a text, for requests to come", Request: StateRequest{}, Answer: StateAnswer{}, Handle: s.newState},
		{Method: "GET", Path: "/state/{id}", Summary: "Tell what a state has read", Answer: StateAnswer{}, Handle: s.showState},
		{Method: "POST", Path: "/state/{id}/read", Summary: "Read on", Request: ReadRequest{}, Answer: StateAnswer{}, Handle: s.readState},
		{Method: "POST", Path: "/state/{id}/next", Summary: "Predict the symbol after what a state has read", Request: StateNextRequest{}, Answer: NextAnswer{}, Handle: s.stateNext},
		{Method: "POST", Path: "/state/{id}/copy", Summary: "Make another state at the same place", Answer: StateAnswer{}, Handle: s.copyState},
		{Method: "DELETE", Path: "/state/{id}", Summary: "Forget a state", Handle: s.deleteState},
		{Method: "GET", Path: "/health", Summary: "Say that the program runs", Answer: Health{}, Open: true, Quiet: true, Handle: s.health},
		{Method: "GET", Path: "/ready", Summary: "Say whether requests are taken", Answer: Health{}, Open: true, Quiet: true, Handle: s.ready},
		{Method: "GET", Path: "/metrics", Summary: "Metrics for Prometheus", Type: "text/plain", Open: s.access.Metrics, Quiet: true, Handle: s.tellMetrics},
		{Method: "GET", Path: "/openapi.json", Summary: "This description", Open: true, Answer: map[string]any{}, Handle: s.tellOpenAPI},
	}
}

// ModelInfo describes a model. The fields after OwnedBy are Elman's own.
type ModelInfo struct {
	ID      string `json:"id"`
	Object  string `json:"object"`
	Created int64  `json:"created" doc:"Unix time of the model's file"`
	OwnedBy string `json:"owned_by"`

	Hash      string `json:"hash" doc:"SHA-256 of the weights, as elman hash prints it; system_fingerprint of answers"`
	Symbols   int    `json:"symbols" doc:"size of the alphabet"`
	Kind      string `json:"kind" doc:"what a symbol is: bytes, chars, words or subwords"`
	Documents string `json:"documents" doc:"where the state restarts: whole (nowhere), line or paragraph"`
	About     string `json:"about" doc:"the network"`
	MaxLength int    `json:"max_model_len" doc:"the most symbols of a prompt"`
}

// ModelList lists models.
type ModelList struct {
	Object string      `json:"object"`
	Data   []ModelInfo `json:"data"`
}

func (s *Server) info(m *served) ModelInfo {
	return ModelInfo{ID: m.name, Object: "model", Created: m.created.Unix(), OwnedBy: "elman", Hash: m.hash, Symbols: m.m.Alphabet.Size(),
		Kind: string(m.m.Alphabet.Kind()), Documents: documentsOf(m.m.Model), About: about(m.m.Model), MaxLength: s.limits.Prompt}
}

func (s *Server) listModels(w http.ResponseWriter, r *http.Request) error {
	list := ModelList{Object: "list", Data: []ModelInfo{}}
	for _, m := range s.models.list() {
		list.Data = append(list.Data, s.info(m))
	}
	WriteJSON(w, http.StatusOK, list)
	return nil
}

func (s *Server) describeModel(w http.ResponseWriter, r *http.Request) error {
	m, err := s.use(r, r.PathValue("id"))
	if err != nil {
		return err
	}
	defer s.models.giveBack(m)
	WriteJSON(w, http.StatusOK, s.info(m))
	return nil
}

// Health says how the server is.
type Health struct {
	Status string `json:"status" doc:"ok or ending"`
	Models int    `json:"models"`
}

func (s *Server) health(w http.ResponseWriter, r *http.Request) error {
	WriteJSON(w, http.StatusOK, Health{"ok", len(s.models.list())})
	return nil
}

func (s *Server) ready(w http.ResponseWriter, r *http.Request) error {
	if s.draining.Load() {
		return errDraining()
	}
	WriteJSON(w, http.StatusOK, Health{"ok", len(s.models.list())})
	return nil
}

func (s *Server) tellMetrics(w http.ResponseWriter, r *http.Request) error {
	s.metrics.handler().ServeHTTP(w, r)
	return nil
}

func (s *Server) tellOpenAPI(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Content-Type", "application/json")
	w.Write(s.openapi)
	return nil
}
