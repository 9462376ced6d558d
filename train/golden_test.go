package train

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/language"
)

// TestGoldenRuns: the settings in a run.json that was kept lead to the same weights in every version. The files were written
// by the first version that had run.json, as were the hashes.
func TestGoldenRuns(t *testing.T) {
	t.Parallel()
	letters, err := language.Find("letters")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		file      string
		documents corpus.Documents
		hash      string
	}{
		{"default", corpus.Whole, "f0b73eaa4e8165e84c7da46a16cd998aaba3494fbd0c9ad30d29549701c6531b"},
		{"lines", corpus.Lines, "1c44f0997410b25a8b22eeaa7664702155a94b4d1553fb45a409da867228dfb1"},
		{"notebook", corpus.Whole, "00952b664fdd5b0871b72e7f6d59913e016670d7658e6ed6519c48695f983ca9"},
	} {
		text, err := os.ReadFile(filepath.Join("testdata", "golden", tt.file+".json"))
		if err != nil {
			t.Fatal(err)
		}
		s, err := ReadSettings(text)
		if err != nil {
			t.Fatalf("%s: %v", tt.file, err)
		}
		c, err := corpus.New(corpus.FromBytes("letters", letters.Generate(1, 6000)), corpus.Options{Valid: 0.1, Documents: tt.documents})
		if err != nil {
			t.Fatal(err)
		}
		if s, err = Resolve(t.Context(), c, Choice{Base: &s}, Options{}); err != nil {
			t.Fatalf("%s: %v", tt.file, err)
		}
		r, err := Run(t.Context(), c, s, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if got := r.Model.Hash(); got != tt.hash {
			t.Errorf("%s: hash %s, want %s", tt.file, got, tt.hash)
		}
	}
}

func TestReadSettings(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ text, want string }{
		{`{}`, "network is missing; settings are complete"},
		{`[]`, "array where an object should be"},
		{``, "unexpected end of JSON input"},
		{`{"settings": {"network": {}}}`, "init is missing; settings are complete"},
		{`{"network":{},"init":{},"optimizer":{},"schedule":{},"batch":1,"window":1,"seed":1,"report_every":1,"retries":1,"weight_decax":1}`, `unknown field "weight_decax"`},
		{`{"network":{"hiden":3},"init":{},"optimizer":{},"schedule":{},"batch":1,"window":1,"seed":1,"report_every":1,"retries":1}`, `unknown field "hiden"`},
		{`{"network":{},"init":{},"optimizer":{},"schedule":{},"batch":"many","window":1,"seed":1,"report_every":1,"retries":1}`, "batch: string where a whole number should be"},
	} {
		if s, err := ReadSettings([]byte(tt.text)); err == nil || err.Error() != tt.want {
			t.Errorf("%s: %+v, %v, want %s", tt.text, s, err, tt.want)
		}
	}
}

// TestSettingNames: each setting has a name of its own in JSON, by which errors and flags know it.
func TestSettingNames(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	var walk func(of reflect.Type, path string)
	walk = func(of reflect.Type, path string) {
		for i := range of.NumField() {
			field := of.Field(i)
			name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			if field.Type.Kind() == reflect.Struct {
				walk(field.Type, path+field.Name+".")
				continue
			}
			if name == "-" || path+field.Name == "Network.Codes" { // which follows from Codes
				continue
			}
			if other, ok := seen[name]; ok || name == "" {
				t.Errorf("%s%s is called %q, as is %s", path, field.Name, name, other)
			}
			seen[name] = path + field.Name
		}
	}
	walk(reflect.TypeFor[Settings](), "")
	if len(seen) < 40 {
		t.Errorf("%d settings", len(seen))
	}
}
