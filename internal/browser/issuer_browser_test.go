//go:build browser

package browser_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/zitadel/oidc/v3/example/server/storage"

	"memberportal/internal/browser"
	"memberportal/internal/cli"
	"memberportal/internal/kit"
	"memberportal/internal/testkit/stage"
	"memberportal/internal/web"
)

// TestBrowserComesBackFromAnIssuerSignedIn holds what the tests of handlers suppose of browsers: that the cookie of the
// attempt comes along from the issuer's page, and that of the session with the page that moves on.
func TestBrowserComesBackFromAnIssuerSignedIn(t *testing.T) {
	w, at := withProvider(t)
	server := httptest.NewTLSServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { w.handler.ServeHTTP(rw, r) }))
	t.Cleanup(server.Close)
	address, err := url.Parse(server.URL)
	w.Must(err)
	portal := "https://localhost:" + address.Port() // another site than 127.0.0.1, where the issuer is
	at.Storage = storage.NewStorageWithClients(storage.NewUserStore(at.url), map[string]*storage.Client{"web": storage.WebClient("web", "secret", portal+web.ReturnPath)})
	front := web.New(web.Options{Log: quiet, Cookie: browser.Cookie})
	w.handler = cli.HandlerBehind(front, w.Portal, w.tokens, quiet, true, nil)
	at.login = func(rw http.ResponseWriter, r *http.Request) {
		id := r.URL.Query().Get("authRequestID")
		w.Must(at.CheckUsernamePassword("test-user@127.0.0.1", "verysecure", id))
		http.Redirect(rw, r, at.url+"/authorize/callback?id="+id, http.StatusFound)
	}
	linking := kit.WithProof(stage.By(stage.DelegateOfActive), kit.Proof{Subject: "usr_DELEGATE", AuthenticatedAt: *w.Wall})
	linked, err := w.Portal.Persons.LinkProved(linking, kit.Proof{Issuer: at.url, IssuerSubject: "id1"})
	w.Must(err)
	if len(linked.UserErrors) > 0 {
		t.Fatal(linked.UserErrors)
	}

	allocator, stop := chromedp.NewExecAllocator(context.Background(), chromedp.ExecPath("chromium"), chromedp.Headless, chromedp.NoSandbox,
		chromedp.DisableGPU, chromedp.NoFirstRun, chromedp.IgnoreCertErrors, chromedp.Flag("disable-background-networking", true))
	t.Cleanup(stop)
	tab, closeTab := chromedp.NewContext(allocator)
	t.Cleanup(closeTab)
	tab, cancel := context.WithTimeout(tab, time.Minute)
	t.Cleanup(cancel)
	to := "/sign-in/oidc/start?return=" + url.QueryEscape("/graphql?query={viewer{id}}")
	_, err = chromedp.Run(tab, chromedp.Navigate(portal+"/"))
	w.Must(err)
	_, err = chromedp.Run(tab, chromedp.Evaluate[chromedp.Void]("void (location = "+strconv.Quote(to)+")"))
	w.Must(err)
	text := ""
	for text == "" && tab.Err() == nil { // a page that goes away meanwhile is an error
		text, _ = chromedp.Run(tab, chromedp.Evaluate[string](`location.pathname == "/graphql" ? document.body.innerText : ""`))
	}
	if !strings.Contains(text, "usr_DELEGATE") {
		t.Errorf("got %s", text)
	}
	readable, err := chromedp.Run(tab, chromedp.Evaluate[string]("document.cookie"))
	w.Must(err)
	if readable != "" {
		t.Errorf("a script reads %s", readable)
	}
}
