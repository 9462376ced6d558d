package elman_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/seed-f4dd853e/elman"

// floors is the house: a package imports packages of lower floors only. A new package is a line here.
var floors = map[string]int{
	"cmd/elman":    7,
	"internal/cli": 7,
	"bench":        7, // a program of its own

	"browser/bench":   7, // programs for a page
	"browser/example": 7,
	"browser/tab":     7,
	"browser/build":   7,

	"browser": 6, // the page with the library in a worker

	"internal/term": 6,

	"":                5, // package elman, the front door
	"serve":           5,
	"serve/play":      5,
	"internal/answer": 5,
	"experiment":      5,
	"internal/bench":  5,
	"serve/schedule":  5,
	"train/ranks":     5,

	"train":       4,
	"train/run":   4,
	"generate":    4,
	"score":       4,
	"score/units": 4,
	"pairs":       4,
	"inspect":     4,
	"compress":    4,
	"export":      4,
	"torch":       4,

	"model": 3,

	"rnn":      2,
	"optim":    2,
	"corpus":   2,
	"language": 2,

	"internal/f32":         1,
	"internal/random":      1,
	"internal/ngram":       1,
	"internal/safetensors": 1,
	"internal/atomicfile":  1,
	"internal/bundle":      1,
	"internal/chart":       1,
	"internal/npz":         1,
	"internal/pickle":      1,
	"internal/page":        1,
	"internal/report":      1,
	"internal/webpage":     1,
	"internal/table":       1,
	"internal/termtext":    1,

	"internal/memory":    0,
	"internal/setting":   0, // errors of all floors are made of it
	"internal/exactjson": 0, // lie under the first floor
	"internal/regular":   0,
	"internal/fastpath":  0,
	"internal/ticker":    0,

	"notebook": 0, // stands beside the floors and leans on none
}

// neighbours may import each other although they live on one floor.
var neighbours = map[string][]string{
	"cmd/elman":        {"internal/cli"},                        // main is a line that starts it
	"internal/random":  {"internal/f32"},                        // normal numbers take its logarithm, the same on every processor
	"train":            {"train/run", "score"},                  // the loop and its folder; the test text is measured as a user would
	"pairs":            {"score", "score/units"},                // asks its scorer, groups by region
	"score/units":      {"score"},                               // groups what it scores
	"inspect":          {"score", "generate"},                   // looks on while they read and write
	"internal/report":  {"internal/chart", "internal/termtext"}, // draws its figures, wraps its text
	"internal/page":    {"internal/report", "internal/chart"},
	"internal/webpage": {"internal/page", "internal/report"}, // shows what the pages of inspect show, with the same parts
	"serve/play":       {"internal/answer", "serve"},         // carries its messages; its routes are those of the server
	"export":           {"generate"},                         // its tests draw what it draws
	"serve":            {"serve/schedule", ""},               // answers what its engine writes; keeps sessions
}

// guests are the packages that not every floor may import, and who may: every module of somebody else, and the notebook.
// Tests may import any guest. The numeric floors need golang.org/x/sys alone, so that a program which imports them links
// nothing more.
var guests = map[string][]string{
	"github.com/charmbracelet/x/ansi": {"internal/cli", "internal/term", "internal/termtext"},
	"github.com/charmbracelet/x/term": {"internal/term"},
	"github.com/charmbracelet/x/vt":   {},
	"github.com/clipperhouse/uax29":   {"score/units"},
	"github.com/creack/pty":           {},
	"github.com/gofrs/flock":          {"train/run"},
	"github.com/rogpeppe/go-internal": {},
	"github.com/spf13/cobra":          {"internal/cli"},
	"github.com/spf13/pflag":          {"internal/cli"},
	"github.com/prometheus":           {"serve"},
	"google.golang.org/protobuf":      {"export"}, // the encoding alone
	"go.uber.org/goleak":              {},
	"golang.org/x/sys":                {"internal/f32", "bench", "internal/bench", "internal/term"},
	"golang.org/x/sync":               {"bench"},
	"golang.org/x/time":               {"serve"},
	"gonum.org/v1/gonum":              {"inspect"}, // eigenvectors
	"gonum.org/v1/plot":               {"internal/chart"},
	module + "/notebook":              {"experiment"},
}

// TestImportsPointDown reads the imports of every Go file of the module, whatever its build tags.
func TestImportsPointDown(t *testing.T) {
	files := 0
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if path != "." && notOfTheModule(path) {
				return filepath.SkipDir
			}
			return nil
		}
		if filepath.Ext(path) != ".go" {
			return nil
		}
		files++
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		pkg := strings.TrimPrefix(filepath.ToSlash(filepath.Dir(path)), ".")
		if _, ok := floors[pkg]; !ok {
			t.Errorf("%s: package %s has no floor yet", path, pkg)
			return nil
		}
		for _, spec := range f.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			if complaint := judge(pkg, imported, strings.HasSuffix(path, "_test.go")); complaint != "" {
				t.Errorf("%s imports %s: %s", path, imported, complaint)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 50 {
		t.Errorf("found only %d Go files", files)
	}
}

// notOfTheModule says whether the go command passes a folder over.
func notOfTheModule(folder string) bool {
	name := filepath.Base(folder)
	_, err := os.Stat(filepath.Join(folder, "go.mod"))
	return err == nil || name == "testdata" || name[0] == '.' || name[0] == '_'
}

// judge says what is wrong with an import by a package of the module, "" if nothing is.
func judge(pkg, imported string, test bool) string {
	known := false
	for guest, hosts := range guests {
		if !within(imported, guest) {
			continue
		}
		if known = true; !test && !slices.Contains(hosts, pkg) {
			return guest + " is for " + strings.Join(hosts, " and ") + " alone"
		}
	}
	if !within(imported, module) {
		first, _, _ := strings.Cut(imported, "/")
		if strings.Contains(first, ".") && !known { // those of the standard library have no dot
			return "not among the guests"
		}
		return ""
	}
	other := strings.TrimPrefix(strings.TrimPrefix(imported, module), "/")
	floor := floors[pkg]
	below, ok := floors[other]
	switch {
	case !ok:
		return "package " + other + " has no floor yet"
	case other == pkg: // a test from outside
	case pkg == "notebook":
		return "the notebook stands alone"
	case below > floor, below == floor && !slices.Contains(neighbours[pkg], other):
		return "floor " + strconv.Itoa(floor) + " on floor " + strconv.Itoa(below)
	}
	return ""
}

// within says whether a path is a folder or lies inside it.
func within(path, folder string) bool {
	return path == folder || strings.HasPrefix(path, folder+"/")
}

// TestImportsThatPointElsewhere makes sure that the judge would see them.
func TestImportsThatPointElsewhere(t *testing.T) {
	for _, tt := range []struct {
		pkg, imported string
		test, fine    bool
	}{
		{"train", module + "/rnn", false, true},
		{"rnn", module + "/train", false, false},
		{"rnn", module + "/train", true, false},
		{"rnn", module + "/optim", false, false},
		{"rnn", module + "/rnn", true, true},
		{"rnn", module + "/internal/unheard", false, false},
		{"rnn", "fmt", false, true},
		{"experiment", module + "/notebook", false, true},
		{"train", module + "/notebook", false, false},
		{"train", module + "/notebook", true, true},
		{"notebook", module + "/internal/f32", true, false},
		{"internal/cli", "github.com/spf13/cobra", false, true},
		{"train", "github.com/spf13/cobra", false, false},
		{"train", "github.com/spf13/cobra-cli", false, false},
		{"train", "golang.org/x/sys/unix", true, true},
		{"train", "golang.org/x/sys/unix", false, false},
	} {
		if got := judge(tt.pkg, tt.imported, tt.test); (got == "") != tt.fine {
			t.Errorf("%q imports %s, in a test %v: %q, want fine %v", tt.pkg, tt.imported, tt.test, got, tt.fine)
		}
	}
}

// TestServerLinksLittle lists what the server links of other people's code: prometheus' client with what that needs, a limiter of
// rates, and what the library has.
func TestServerLinksLittle(t *testing.T) {
	allowed := []string{module, "golang.org/x/sys", "golang.org/x/time/rate", "github.com/gofrs/flock", "github.com/clipperhouse/uax29",
		"github.com/prometheus", "github.com/beorn7/perks", "github.com/cespare/xxhash", "github.com/munnerz/goautoneg", "google.golang.org/protobuf"}
	c := exec.Command("go", "list", "-deps", "./serve")
	c.Env = append(os.Environ(), "CGO_ENABLED=0")
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("go list -deps ./serve: %v\n%s", err, out)
	}
	for _, link := range strings.Fields(string(out)) {
		first, _, _ := strings.Cut(link, "/")
		if strings.Contains(first, ".") && !slices.ContainsFunc(allowed, func(a string) bool { return within(link, a) }) {
			t.Errorf("package serve links %s", link)
		}
	}
}

// TestFrontDoorLinksLittle lists what a program that imports this package links: of other people's code, nothing but what
// knows processors, memory maps and locks.
func TestFrontDoorLinksLittle(t *testing.T) {
	for _, system := range []string{"linux", "darwin", "windows"} {
		c := exec.Command("go", "list", "-deps", ".")
		c.Env = append(os.Environ(), "GOOS="+system, "CGO_ENABLED=0")
		out, err := c.CombinedOutput()
		if err != nil {
			t.Fatalf("go list -deps . for %s: %v\n%s", system, err, out)
		}
		links := strings.Fields(string(out))
		if !slices.Contains(links, module+"/train") {
			t.Errorf("%s: no package train among %v", system, links)
		}
		for _, link := range links {
			first, _, _ := strings.Cut(link, "/")
			if strings.Contains(first, ".") && !within(link, module) && !within(link, "golang.org/x/sys") && !within(link, "github.com/gofrs/flock") {
				t.Errorf("%s: package elman links %s", system, link)
			}
		}
	}
}
