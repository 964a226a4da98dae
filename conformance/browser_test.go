//go:build conformance

package conformance

import (
	"context"
	"encoding/json"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"memberportal/internal/auth"
	"memberportal/internal/cli"
	"memberportal/internal/testkit"
	"memberportal/internal/testkit/golden"
	"memberportal/internal/web"
)

// visited is what page.mjs found in a browser.
type visited struct {
	Fetched map[string]string
	Failed  []string
	Tried   int
}

// What plain fetch got in page.mjs where the page's origin is allowed, and where it is not. The public
// calendar is everybody's, and a secret one no page's.
var (
	allowed = map[string]string{
		"as the manual has it": "cors 200", "with every documented header": "cors 200", "by GET": "cors 200", "by GET, blind": "TypeError",
		"the public calendar": "cors 200", "a secret calendar": "TypeError",
	}
	foreign = map[string]string{
		"as the manual has it": "TypeError", "with every documented header": "TypeError", "by GET": "TypeError", "by GET, blind": "TypeError",
		"the public calendar": "cors 200", "a secret calendar": "TypeError",
	}
)

// TestPagesInABrowser opens a page of another port, as a development server serves it, which asks a portal
// with the clients' own fetches.
func TestPagesInABrowser(t *testing.T) {
	run(t, "npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts")
	pages := servePages(t)
	atAddress, atName := pages, strings.Replace(pages, "127.0.0.1", "localhost", 1)
	browser := newBrowser(t)
	quiet := slog.New(slog.DiscardHandler)

	development := golden.Serve(t, testkit.Engines()[0].Fresh(t))
	token, err := development.Tokens.Issue(testkit.Proof("SECRETARIAT"), time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	production := func(origins ...string) string {
		front := web.New(web.Options{Log: quiet, Origins: origins})
		tokens := auth.Tokens{Keys: auth.NewKeySet(), Issuer: "test", Audience: "test", Now: time.Now}
		server := httptest.NewServer(cli.HandlerBehind(front, development.Portal, tokens, quiet, true, nil))
		t.Cleanup(server.Close)
		return server.URL
	}
	for name, c := range map[string]struct {
		page, portal, token string
		fetched             map[string]string
		failures            func(visited) bool
	}{
		"a page of localhost in development":        {atName, development.URL, token, allowed, none},
		"a page of 127.0.0.1 in development":        {atAddress, development.URL, "", allowed, none},
		"the same by the other name":                {atAddress, strings.Replace(development.URL, "127.0.0.1", "localhost", 1), "", allowed, none},
		"a foreign page in production":              {atName, production(), "", foreign, all},
		"a foreign page where another is allowed":   {atName, production("https://a.example", atAddress), "", foreign, all},
		"a page that is allowed in production":      {atName, production(atName), "", allowed, schemaOnly},
		"any page in production, where all may ask": {atAddress, production("*"), "", allowed, schemaOnly},
	} {
		t.Run(name, func(t *testing.T) {
			query := url.Values{"portal": {c.portal}, "token": {c.token}, "member": {"mem_ACTIVE"}, "calendar": {"/calendar/own/" + testkit.CalendarSecret + ".ics"}}
			v := visit(t, browser, c.page+"/?"+query.Encode())
			if !maps.Equal(v.Fetched, c.fetched) {
				t.Errorf("fetched %v,\nwant    %v", v.Fetched, c.fetched)
			}
			if v.Tried == 0 || !c.failures(v) {
				t.Errorf("%d of %d failed:\n%s", len(v.Failed), v.Tried, strings.Join(v.Failed, "\n"))
			}
		})
	}
}

func none(v visited) bool { return len(v.Failed) == 0 }

func all(v visited) bool {
	return len(v.Failed) == v.Tried && !slices.ContainsFunc(v.Failed, func(line string) bool { return !strings.Contains(line, "Failed to fetch") })
}

// schemaOnly is what must fail in production, which does not show its schema.
func schemaOnly(v visited) bool {
	return len(v.Failed) > 0 && !slices.ContainsFunc(v.Failed, func(line string) bool { return !strings.Contains(line, "reads the schema") })
}

// servePages serves the page of page.mjs, and gives its address.
func servePages(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	run(t, "npx", "esbuild", "page.mjs", "--bundle", "--format=esm", "--target=chrome120", "--log-level=warning", "--outfile="+filepath.Join(folder, "page.js"))
	mux := http.NewServeMux()
	mux.Handle("GET /page.js", http.FileServer(http.Dir(folder)))
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte(`<!doctype html><title>page</title><script type="module" src="/page.js"></script>`))
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL
}

func newBrowser(t *testing.T) context.Context {
	t.Helper()
	allocator, stop := chromedp.NewExecAllocator(context.Background(),
		chromedp.ExecPath("chromium"), chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun,
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true))
	t.Cleanup(stop)
	browser, end := chromedp.NewContext(allocator)
	t.Cleanup(end)
	ctx, cancel := context.WithTimeout(browser, 5*time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// visit opens an address and waits for what the page found.
func visit(t *testing.T, browser context.Context, address string) (v visited) {
	t.Helper()
	const wait = `new Promise((done) => { const look = () => (window.result ? done(JSON.stringify(window.result)) : setTimeout(look, 50)); look(); })`
	if err := chromedp.Do(browser, chromedp.Navigate(address)); err != nil {
		t.Fatal(err)
	}
	text, err := chromedp.Run(browser, chromedp.Evaluate[string](wait, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	return v
}
