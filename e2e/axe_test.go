package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"sync"

	"github.com/chromedp/chromedp"
)

// axeVersion is that of npm's axe-core, which looks for what keeps people out of a page.
const axeVersion = "4.14.1"

// axe returns the script of axe-core, installed once for all tests; or why there is none.
var axe = sync.OnceValues(func() (string, error) {
	folder, err := os.MkdirTemp("", "axe")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(folder)
	if err := npm(folder, "axe-core@"+axeVersion); err != nil {
		return "", err
	}
	script, err := os.ReadFile(filepath.Join(folder, "node_modules", "axe-core", "axe.min.js"))
	return string(script), err
})

// accessible checks that axe-core finds no serious fault in the page as it is.
func (b *tab) accessible(where string) {
	b.t.Helper()
	script, err := axe()
	if err != nil {
		b.t.Logf("LEFT OUT: %s was not looked at with axe-core: %v", where, err)
		return
	}
	b.run(`window.axe ?? (() => {` + script + `})()`)
	found, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](`axe.run(document, { resultTypes: ["violations"] }).then(r => JSON.stringify(r.violations.filter(v => ["serious", "critical"].includes(v.impact)).map(v => ({ rule: v.id, help: v.help, nodes: v.nodes.slice(0, 4).map(n => n.html.slice(0, 120) + " " + n.any.map(a => a.message).join("; ").slice(0, 200)) }))))`, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatal(err)
	}
	var faults []struct {
		Rule, Help string
		Nodes      []string
	}
	if err := json.Unmarshal([]byte(found), &faults); err != nil {
		b.t.Fatal(err)
	}
	for _, f := range faults {
		b.t.Errorf("%s: axe-core finds %s, %s: %q", where, f.Rule, f.Help, f.Nodes)
	}
}
