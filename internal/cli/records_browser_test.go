//go:build browser

package cli_test

import (
	"fmt"
	"regexp"
	"testing"

	"github.com/chromedp/chromedp"

	"memberportal/internal/kit"
)

// TestBrowserRecords opens the page of a record of each kind as messages do: as nobody, who is led to signing in and back,
// then as the focal point, in three languages on a telephone. Each page has its title, facts and nothing that overflows.
func TestBrowserRecords(t *testing.T) {
	data, seen := t.TempDir(), map[string]bool{}
	s := serve(t, anyPort, "--data", data, "--now", "2025-03-31")
	origin := "http://" + s.address
	type nodes struct{ Nodes []struct{ ID string } }
	type found struct {
		Viewer struct {
			Person   struct{ Email string }
			Entities []struct{ ID string }
		}
		Events, Consultations, Benefits, EventSeriesList, LiaisonStatements nodes
	}
	f := ask[found](t, s, s.tokens()["FOCAL_POINT"], `{ viewer { person { email } entities { ... on Member { id } ... on Country { id } } }
		events(first: 1) { nodes { id } } consultations(first: 1) { nodes { id } } benefits(first: 1, filter: { kinds: [LEARNING] }) { nodes { id } } eventSeriesList: eventSeries(first: 1, kinds: [TECH_TALK]) { nodes { id } } liaisonStatements(first: 1) { nodes { id } } }`)
	member := f.Viewer.Entities[0].ID
	type issued struct {
		IssueInvoice struct{ Invoice struct{ ID string } }
	}
	invoice := ask[issued](t, s, s.tokens()["SECRETARIAT"], fmt.Sprintf(`mutation { issueInvoice(input: { member: %q, year: 2026, kind: ANNUAL }) { invoice { id } userErrors { message } } }`, member)).IssueInvoice.Invoice.ID
	type sent struct {
		SubmitServiceFeedback struct{ ServiceFeedback struct{ ID string } }
	}
	feedback := ask[sent](t, s, s.tokens()["FOCAL_POINT"], `mutation { submitServiceFeedback(input: { area: OTHER, subject: "Portal", text: "It is quick.", language: EN }) { serviceFeedback { id } userErrors { message } } }`).SubmitServiceFeedback.ServiceFeedback.ID
	records := []string{member, f.Events.Nodes[0].ID, f.Consultations.Nodes[0].ID, f.Benefits.Nodes[0].ID, f.EventSeriesList.Nodes[0].ID, f.LiaisonStatements.Nodes[0].ID, invoice, feedback, "cty_UG"}

	// Nobody sees the invoice; whoever signs in comes back to it.
	v := open(t, origin+"/sign-in")
	v.speaking("en", origin, kit.PagePath(kit.ID(invoice)))
	v.seen(`#gone`, "There is no such record")
	v.do(chromedp.Click(chromedp.CSS(`#gone a`)), chromedp.WaitVisible(chromedp.CSS(`#email`)))
	v.until(`document.activeElement?.id === 'email'`)
	v.do(chromedp.SendKeys(chromedp.CSS(`#email`), f.Viewer.Person.Email+"\r"))
	v.until(`document.activeElement.id === 'code'`)
	v.do(chromedp.SendKeys(chromedp.CSS(`#code`), linkTo(t, data, f.Viewer.Person.Email, regexp.MustCompile(`\b(\d{8})\b`), seen)+"\r"))
	v.do(chromedp.WaitVisible(chromedp.CSS(`[data-fact="left"] dd`)))
	v.until(`location.pathname.startsWith('/invoices/')`)

	paths := map[string]bool{"/applications/": true} // see TestBrowserApplicant
	for _, id := range records {
		path := kit.PagePath(kit.ID(id))
		if path == "" {
			t.Fatalf("%s has no page", id)
		}
		for _, language := range []string{"en", "ar", "zh"} {
			v.speaking(language, origin, path)
			v.until(`document.querySelector('#loading').hidden && document.querySelector('#gone').hidden && document.querySelector('h1').innerText.trim().length > 1`)
			v.until(fmt.Sprintf(`document.documentElement.lang === %q && document.documentElement.dir === %q`, language, map[bool]string{true: "rtl", false: "ltr"}[language == "ar"]))
			v.fits()
			v.until(`![...document.querySelectorAll('dd')].some((d) => /undefined|null|NaN|\[object/.test(d.innerText))`)
			v.picture(string(kit.ID(id).Prefix()) + "-" + language + ".png")
		}
		paths[path[:len(path)-len(id)]] = true
	}
	for _, path := range kit.PagePaths() {
		if !paths[path] {
			t.Errorf("no page of %s was looked at", path)
		}
	}

	for _, path := range []string{kit.EventsPath, kit.ConsultationsPath} {
		for _, language := range []string{"en", "ar"} {
			v.speaking(language, origin, path)
			v.until(`document.querySelector('#loading').hidden && document.querySelectorAll('#list > li > a').length > 0`)
			v.until(`[...document.querySelectorAll('#list a, dd ul a')].every((a) => a.getBoundingClientRect().height >= 24)`)
			v.fits()
			v.picture(path[1:] + "-" + language + ".png")
		}
	}
	// Of an event whose month alone is known no page says a day.
	v.speaking("en", origin, kit.EventsPath)
	v.until(`[...document.querySelectorAll('#list > li')].some((e) => /Study Group 2: final meeting/.test(e.innerText) && /^May 2025$/m.test(e.innerText))`)
	// Whoever acts for one member is led to it.
	v.do(chromedp.Navigate(origin+kit.OwnMemberPath), chromedp.WaitVisible(chromedp.CSS(`[data-fact="category"] dd`)))
	v.until(fmt.Sprintf(`location.pathname === %q`, kit.PagePath(kit.ID(member))))

	v.speaking("ar", origin, "/notifications")
	v.until(`document.querySelectorAll('#list li').length > 0 && document.querySelectorAll('#choices select').length > 0`)
	v.fits()
	v.picture("notifications.png")
	v.speaking("en", origin, "/notifications")
	v.do(chromedp.Click(chromedp.CSS(`#read`)))
	v.until(`document.querySelector('#read').hidden`)
	v.picture("read.png")
}

// TestBrowserGuest follows the link of an invitation by mail, and registers.
func TestBrowserGuest(t *testing.T) {
	data, seen := t.TempDir(), map[string]bool{}
	s := serve(t, anyPort, "--data", data, "--now", "2025-03-31")
	origin := "http://" + s.address
	type found struct {
		Events struct{ Nodes []struct{ ID, Code string } }
	}
	event := ""
	for _, e := range ask[found](t, s, s.tokens()["SECRETARIAT"], `{ events(first: 100) { nodes { id code } } }`).Events.Nodes {
		if e.Code == "DEMO_BRIEFING" {
			event = e.ID
		}
	}
	type invited struct {
		InviteGuest struct{ UserErrors []struct{ Message string } }
	}
	if done := ask[invited](t, s, s.tokens()["SECRETARIAT"], fmt.Sprintf(`mutation { inviteGuest(input: { event: %q, organisation: "Sesame Labs", email: "zoe@sesame.example", locale: FR }) { userErrors { message } } }`, event)); len(done.InviteGuest.UserErrors) > 0 {
		t.Fatal(done)
	}
	code := linkTo(t, data, "zoe@sesame.example", regexp.MustCompile(`/guest#([A-Z2-7]+)`), seen)
	v := open(t, origin+"/sign-in")
	v.speaking("ar", origin, "/guest#"+code)
	v.seen(`[data-is="organisation"]`, "Sesame Labs")
	v.fits()
	v.picture("arabic.png")
	v.speaking("fr", origin, "/guest#"+code)
	v.seen(`[data-is="organisation"]`, "Sesame Labs")
	v.picture("french.png")
	v.do(chromedp.SendKeys(chromedp.CSS(`#name`), "Zoe Guest"), chromedp.SendKeys(chromedp.CSS(`#email`), "zoe@sesame.example"), chromedp.Click(chromedp.CSS(`#consent`)), chromedp.Click(chromedp.CSS(`#notice button`)))
	v.until(`!document.querySelector('#done').hidden || document.querySelector('#fault').innerText !== ''`)
	v.picture("done.png")
	v.until(`!document.querySelector('#done').hidden`)
	linkTo(t, data, "zoe@sesame.example", regexp.MustCompile(`(liste d’attente)`), seen)
}
