//go:build browser

package cli_test

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// browserTime is how long a whole visit may take; a busy machine is slow.
const browserTime = 2 * time.Minute

// Where one clicks to write: into the first word of the document, and into the empty headers.
const (
	document = `.graphiql-query-editor .view-line span span`
	headers  = `.graphiql-editor-tool .graphiql-editor:not(.hidden) .view-lines`
)

// visit is a page in a browser of its own, with what a developer would see go wrong in its console.
type visit struct {
	t      *testing.T
	ctx    context.Context
	mu     sync.Mutex
	hosts  map[string]bool
	faults []string
}

// open starts Debian's chromium and opens an address. At the end of the test, faults in the console
// and requests to another host fail it.
func open(t *testing.T, address string) *visit {
	t.Helper()
	allocator, stop := chromedp.NewExecAllocator(context.Background(),
		chromedp.ExecPath("chromium"), chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true), chromedp.WindowSize(1280, 800))
	t.Cleanup(stop)
	browser, closeBrowser := chromedp.NewContext(allocator)
	t.Cleanup(closeBrowser)
	v := &visit{t: t, hosts: map[string]bool{}}
	must(t, chromedp.Listen(browser, v.note))
	var cancel context.CancelFunc
	v.ctx, cancel = context.WithTimeout(browser, browserTime)
	t.Cleanup(cancel)
	v.do(chromedp.EmulateViewport(1280, 800), chromedp.Navigate(address))
	t.Cleanup(func() {
		v.mu.Lock()
		defer v.mu.Unlock()
		for _, f := range v.faults {
			t.Errorf("console: %s", f)
		}
		at, _ := url.Parse(address)
		for host := range v.hosts {
			if host != at.Host {
				t.Errorf("the page asked %s for something", host)
			}
		}
	})
	return v
}

func (v *visit) note(event any) {
	v.mu.Lock()
	defer v.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		if u, err := url.Parse(e.Request.URL); err != nil || u.Scheme != "data" && u.Scheme != "blob" {
			v.hosts[u.Host] = true
		}
	case *runtime.EventExceptionThrown:
		v.faults = append(v.faults, e.ExceptionDetails.Text+" "+describe(e.ExceptionDetails.Exception))
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning {
			v.faults = append(v.faults, string(e.Type)+" "+describe(e.Args...))
		}
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError || e.Entry.Level == log.EntryLevelWarning {
			v.faults = append(v.faults, e.Entry.Text+" "+e.Entry.URL)
		}
	}
}

func describe(objects ...*runtime.RemoteObject) string {
	var parts []string
	for _, o := range objects {
		if o != nil {
			parts = append(parts, string(o.Value)+o.Description)
		}
	}
	return strings.Join(parts, " ")
}

// do acts on the page; what goes wrong leaves a picture of it.
func (v *visit) do(actions ...chromedp.Action[chromedp.Void]) {
	v.t.Helper()
	if err := chromedp.Do(v.ctx, actions...); err != nil {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(v.ctx), 10*time.Second)
		defer cancel()
		picture, _ := chromedp.Run(ctx, chromedp.CaptureScreenshot())
		v.t.Fatalf("%v; see %s", err, v.save("failed.png", picture))
	}
}

func (v *visit) save(name string, picture []byte) string {
	path := filepath.Join(v.t.ArtifactDir(), name)
	if err := os.WriteFile(path, picture, 0o644); err != nil {
		v.t.Error(err)
	}
	return path
}

// until waits for a condition in JavaScript.
func (v *visit) until(condition string) {
	v.t.Helper()
	script := fmt.Sprintf(`new Promise((done) => { const look = () => ((%s) ? done() : setTimeout(look, 50)); look(); })`, condition)
	v.do(chromedp.Evaluate[chromedp.Void](script, chromedp.EvalAwaitPromise))
}

// shows waits until a part of the page shows a text, spaces and line ends apart.
func (v *visit) shows(selector, text string) {
	v.t.Helper()
	v.until(fmt.Sprintf(`[...document.querySelectorAll(%q)].some((e) => e.innerText.replace(/\s/g, '').includes(%q))`,
		selector, strings.ReplaceAll(text, " ", "")))
}

// run clicks the run button and waits for an answer that holds a text.
func (v *visit) run(text string) {
	v.t.Helper()
	v.do(chromedp.Click(chromedp.CSS(`.graphiql-execute-button`)))
	v.shows(`.graphiql-response .view-lines`, text)
}

// write types a text into the editor at a place, instead of what it held.
func (v *visit) write(place, text string) {
	v.t.Helper()
	v.do(
		chromedp.Click(chromedp.CSS(place)),
		chromedp.KeyEvent("a", chromedp.KeyModifiers(chromedp.ModifierCtrl)),
		chromedp.KeyEvent(kb.Delete), // a brace would otherwise surround what is selected
		chromedp.KeyEvent(text),
	)
}

// picture keeps what the page looks like; go test -artifacts leaves it there.
func (v *visit) picture(name string) {
	v.t.Helper()
	picture, err := chromedp.Run(v.ctx, chromedp.CaptureScreenshot())
	must(v.t, err)
	v.t.Log("picture:", v.save(name, picture))
}

// TestBrowserExplorer uses the explorer as a person would: an example, another role, the manual.
func TestBrowserExplorer(t *testing.T) {
	s := serve(t, anyPort, "--data", t.TempDir())
	v := open(t, "http://"+s.address+"/")
	v.until(`document.title === 'memberportal explorer' && document.documentElement.lang === 'en'`)
	v.shows(`.graphiql-query-editor .view-lines`, "members(first: $first)")

	v.do(
		chromedp.Click(chromedp.Search(`//summary[contains(., "member")]`)),
		chromedp.Click(chromedp.CSS(`[data-example="member/list-by-joining"]`)),
	)
	v.shows(`.graphiql-query-editor .view-lines`, "field: JOINED_ON")
	v.run(`"joinedOn": "20`)
	v.until(`document.querySelectorAll('.graphiql-tab').length === 2`)
	v.do(chromedp.ScrollIntoView(chromedp.CSS(`.graphiql-doc-explorer-title`)))
	v.picture("example.png")

	v.do(chromedp.SendKeys(chromedp.Search(`//label[contains(., "Role")]/select`), "FOC"))
	v.write(document, "{ viewer { roles } }")
	v.run(`"roles": ["FOCAL_POINT"]`)

	v.do(chromedp.SendKeys(chromedp.Search(`//label[contains(., "Language")]/select`), "Fra"))
	v.write(document, `{ country(id: "cty_NO") { name { text } } }`)
	v.run(`"text": "Norvège"`)

	v.do(
		chromedp.Click(chromedp.CSS(`button[aria-label="Show Documentation Explorer"]`)),
		chromedp.Click(chromedp.Search(`//a[text()="Query"]`)),
	)
	v.shows(`.graphiql-doc-explorer`, "members(")
	v.picture("manual.png")
}

// TestBrowserExplorerInProduction finds neither roles nor the schema, and takes a pasted token, which
// the browser does not keep.
func TestBrowserExplorerInProduction(t *testing.T) {
	data := t.TempDir()
	if code, _, stderr := command(t, "key", filepath.Join(data, "key.json")); code != 0 {
		t.Fatal(stderr)
	}
	production := []string{"--mode=production", "--signing-key=" + filepath.Join(data, "key.json"), "--store=sqlite:" + filepath.Join(data, "portal.db"), "--create"}
	secretary := granted(t, production, "SECRETARIAT")
	_, token, _ := command(t, append([]string{"token", "--role=SECRETARIAT", "--subject=" + secretary, "--allow-production"}, production...)...)
	s := serve(t, append([]string{anyPort, "--explorer", "on"}, production...)...)
	v := open(t, "http://"+s.address+"/")
	v.shows(`.graphiql-query-editor .view-lines`, "members(first: $first)")
	v.until(`document.querySelectorAll('.portal-choice').length === 1`)

	v.do(chromedp.Click(chromedp.CSS(`button[data-name="headers"]`)))
	v.write(headers, fmt.Sprintf(`{"Authorization": "Bearer %s"}`, strings.TrimSpace(token)))
	v.write(document, "{ viewer { roles } }")
	v.run(`"roles": ["SECRETARIAT"]`)
	v.until(`(localStorage.getItem('graphiql:tabState') ?? '').includes('viewer')`)
	kept, err := chromedp.Run(v.ctx, chromedp.Evaluate[string](`JSON.stringify(localStorage)`))
	must(t, err)
	if strings.Contains(kept, strings.TrimSpace(token)) {
		t.Errorf("the browser keeps the token: %s", kept)
	}
	v.do(chromedp.Click(chromedp.CSS(`button[aria-label="Show Documentation Explorer"]`)))
	v.shows(`.graphiql-doc-explorer`, "No GraphQL schema available")
}
