package train

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/seed-f4dd853e/elman/internal/exactjson"
)

// ReadSettings reads complete settings from JSON: settings alone, a run.json, or a plan. Settings that the writing version did
// not know are 0.
func ReadSettings(text []byte) (s Settings, err error) {
	var whole map[string]json.RawMessage
	if err := json.Unmarshal(text, &whole); err != nil {
		return s, exactjson.Describe(err)
	}
	if own, ok := whole["settings"]; ok { // a run or a plan
		text, whole = own, nil
		if err := json.Unmarshal(text, &whole); err != nil {
			return s, exactjson.Describe(err)
		}
	}
	for _, name := range []string{"network", "init", "optimizer", "schedule", "batch", "window", "seed", "report_every", "retries"} {
		if whole[name] == nil {
			return s, fmt.Errorf("%s is missing; settings are complete", name)
		}
	}
	return s, exactjson.Decode(text, &s)
}

// UnmarshalJSON reads s as it is now, and as earlier versions had it: a Budget was called how_long, and below 0 meant none.
func (s *Settings) UnmarshalJSON(text []byte) error {
	type plain Settings
	read := struct {
		*plain
		HowLong *Budget `json:"how_long"`
	}{plain: (*plain)(s)}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&read); err != nil {
		if e, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
			e.Field = strings.TrimPrefix(e.Field, "plain.")
		}
		return err
	}
	if read.HowLong != nil {
		s.Budget = *read.HowLong
		s.Budget.EarlyStop, s.Retries = max(0, s.Budget.EarlyStop), max(0, s.Retries)
	}
	return nil
}
