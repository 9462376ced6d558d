// Package serve offers models over HTTP: the completions of OpenAI's API, the tokenizer routes of vLLM's, and routes of its own
// for surprisal, predictions and states that are kept between requests.
//
//	models, err := serve.OpenModels(serve.ModelOptions{Paths: []string{"novel"}})
//	s, err := serve.New(serve.Options{Models: models})
//	err = s.Serve(ctx, listener) // until ctx ends; then it finishes the requests that it has
//
// The text and the numbers of an answer are the same, bit for bit, whatever is answered at the same time: those of package
// generate and of package score.
//
// A request is judged before anything is computed for it, against Limits. What is wrong with it is answered as OpenAI's API
// does, by an Error, whose message names the field or the limit. Work is bounded: what cannot begin soon is answered with 429
// and a time after which to try again, and a client that goes away, or reads too slowly, leaves nothing behind.
//
// The package knows no page and no training. Options.Routes and Options.Page take the handlers of others, which get the same
// protection, and stand in the same description at /openapi.json.
package serve
