//go:build browser

package cli_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"
)

var codeInLink = regexp.MustCompile(`/(?:invitation|registration)#([A-Z2-7]{32})`)

// linkTo waits for a message to an address among those that a server in development keeps in a folder, and returns
// what stands in it by a pattern. Messages that were read before are in seen.
func linkTo(t *testing.T, data, address string, pattern *regexp.Regexp, seen map[string]bool) string {
	t.Helper()
	for end := time.Now().Add(browserTime); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		files, err := filepath.Glob(filepath.Join(data, "outbox", "*.eml"))
		must(t, err)
		for _, path := range files {
			raw, err := os.ReadFile(path)
			must(t, err)
			m, err := mail.ReadMessage(bytes.NewReader(raw))
			if err != nil || seen[path] || !strings.Contains(m.Header.Get("To"), address) {
				continue
			}
			body := m.Body
			if strings.EqualFold(m.Header.Get("Content-Transfer-Encoding"), "quoted-printable") {
				body = quotedprintable.NewReader(body)
			}
			text, err := io.ReadAll(body)
			must(t, err)
			if found := pattern.FindSubmatch(text); found != nil {
				seen[path] = true
				return string(found[1])
			}
		}
	}
	t.Fatalf("%s got no message", address)
	return ""
}

// invites adds a delegate by the demonstration's focal point, and returns the code of the link.
func (s *server) invites(t *testing.T, data, name, address, locale string, seen map[string]bool) string {
	t.Helper()
	token := s.tokens()["FOCAL_POINT"]
	type own struct {
		Viewer struct {
			Mandates []struct{ Entity struct{ ID string } }
		}
	}
	type added struct {
		AddDelegate struct{ UserErrors []struct{ Message string } }
	}
	entity := ask[own](t, s, token, `{ viewer { mandates { entity { ... on Member { id } ... on Country { id } } } } }`).Viewer.Mandates[0].Entity.ID
	done := ask[added](t, s, token, fmt.Sprintf(`mutation { addDelegate(input: { entity: %q, name: %q, email: %q, locale: %s }) { userErrors { message } } }`, entity, name, address, locale))
	if len(done.AddDelegate.UserErrors) > 0 {
		t.Fatal(done.AddDelegate.UserErrors)
	}
	return linkTo(t, data, address, codeInLink, seen)
}

// speaking opens a page of the server in a language, on a telephone of 390 pixels. It comes from another page, so that
// the page is loaded although only what stands behind the # is another.
func (v *visit) speaking(language, origin, path string) {
	v.t.Helper()
	asked := chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, network.SetExtraHTTPHeaders, network.SetExtraHTTPHeadersParams{Headers: network.Headers{"Accept-Language": language}})
		return err
	})
	v.do(chromedp.EmulateViewport(390, 844, chromedp.EmulateMobile), asked, chromedp.Navigate(origin+"/sign-in"), chromedp.Navigate(origin+path))
}

// seen waits until a part of the page is there to see and shows a text.
func (v *visit) seen(selector, text string) {
	v.t.Helper()
	v.until(fmt.Sprintf(`[...document.querySelectorAll(%q)].some((e) => e.offsetParent !== null && e.innerText.includes(%q))`, selector, text))
}

// fits holds that a page is no wider than the telephone, that what one touches is large enough, and that the focus goes
// through it in the order in which it is read.
func (v *visit) fits() {
	v.t.Helper()
	v.until(`document.documentElement.scrollWidth <= 390`)
	v.until(`[...document.querySelectorAll('button, input, a.button')].filter((e) => e.offsetParent).every((e) => e.getBoundingClientRect().height >= 44)`)
	v.until(`[...document.querySelectorAll('[tabindex]')].every((e) => e.tabIndex < 0)`)
}

// TestBrowserInvitation follows a link as the invited person: it accepts, another declines, and a used link is none.
func TestBrowserInvitation(t *testing.T) {
	data, seen := t.TempDir(), map[string]bool{}
	s := serve(t, anyPort, "--data", data)
	v := open(t, "http://"+s.address+"/sign-in")
	origin := "http://" + s.address

	accepted := s.invites(t, data, "Sarah Nakato", "sarah@example.org", "EN", seen)
	v.speaking("en", origin, "/invitation#"+accepted)
	v.seen(`[data-is="name"]`, "Sarah Nakato")
	v.seen(`[data-is="role"]`, "Delegate")
	v.until(`location.hash === ''`)
	v.fits()
	v.picture("invitation.png")
	v.do(chromedp.Click(chromedp.CSS(`#yes`)))
	v.seen(`#done-yes`, "You accepted the invitation")
	v.seen(`#signed-in`, "You are signed in")
	v.until(`document.cookie === ''`) // no script reads the session
	v.do(chromedp.Evaluate[chromedp.Void](`fetch('/graphql', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ query: '{ viewer { roles } }' }) }).then((a) => a.text()).then((text) => { window.viewer = text; })`, chromedp.EvalAwaitPromise))
	v.until(`window.viewer.includes('DELEGATE')`)

	v.speaking("fr", origin, "/invitation#"+accepted)
	v.do(chromedp.Reload())
	v.seen(`#no-code`, "Veuillez ouvrir de nouveau le lien")
	v.speaking("fr", origin, "/invitation#"+accepted)
	v.seen(`#gone`, "n’est pas ou plus valable")

	declined := s.invites(t, data, "ليلى حسن", "layla@example.org", "AR", seen)
	v.speaking("ar", origin, "/invitation#"+declined)
	v.seen(`[data-is="name"]`, "ليلى حسن")
	v.until(`document.documentElement.dir === 'rtl' && document.documentElement.lang === 'ar'`)
	v.fits()
	v.picture("arabic.png")
	v.do(chromedp.Click(chromedp.CSS(`#no`)))
	v.seen(`#done-no`, "لقد رفضتم الدعوة")
}

// TestBrowserRegistration follows the link to a registration that the focal point made for a delegate, who refuses it.
func TestBrowserRegistration(t *testing.T) {
	data, seen := t.TempDir(), map[string]bool{}
	s := serve(t, anyPort, "--data", data, "--now", "2025-03-31")
	v := open(t, "http://"+s.address+"/sign-in")
	type own struct {
		Viewer struct{ Person struct{ ID, Email string } }
		Events struct{ Nodes []struct{ ID, Code string } }
	}
	type registered struct {
		RegisterForEvent struct{ UserErrors []struct{ Message string } }
	}
	delegate := ask[own](t, s, s.tokens()["DELEGATE"], `{ viewer { person { id email } } events(filter: { kinds: [BRIEFING] }, first: 100) { nodes { id code } } }`)
	event := ""
	for _, e := range delegate.Events.Nodes {
		if e.Code == "DEMO_BRIEFING" {
			event = e.ID
		}
	}
	done := ask[registered](t, s, s.tokens()["FOCAL_POINT"], fmt.Sprintf(`mutation { registerForEvent(input: { event: %q, person: %q, mode: REMOTE, consent: true, nameVisibility: PARTICIPANTS, answers: { question: "NEEDS", text: "No nuts" } }) { userErrors { message } } }`, event, delegate.Viewer.Person.ID))
	if len(done.RegisterForEvent.UserErrors) > 0 {
		t.Fatal(done.RegisterForEvent.UserErrors)
	}
	code := linkTo(t, data, delegate.Viewer.Person.Email, codeInLink, seen)
	v.speaking("es", "http://"+s.address, "/registration#"+code)
	v.seen(`[data-is="answers"]`, "No nuts")
	v.seen(`[data-is="visibility"]`, "Los participantes en el evento")
	v.until(`location.hash === ''`)
	v.fits()
	v.picture("registration.png")
	v.do(chromedp.Click(chromedp.CSS(`#no`)))
	v.seen(`#done-no`, "Ha rechazado la inscripción")
	v.speaking("es", "http://"+s.address, "/registration#"+code)
	v.seen(`#gone`, "no es válido")
}

// TestBrowserSignIn signs in by a code, and goes back to the link from which a person came.
func TestBrowserSignIn(t *testing.T) {
	data, seen := t.TempDir(), map[string]bool{}
	s := serve(t, anyPort, "--data", data)
	v := open(t, "http://"+s.address+"/sign-in")
	type own struct {
		Viewer struct{ Person struct{ Email string } }
	}
	address := ask[own](t, s, s.tokens()["DELEGATE"], `{ viewer { person { email } } }`).Viewer.Person.Email
	code := regexp.MustCompile(`\b(\d{8})\b`)

	v.speaking("en", "http://"+s.address, "/sign-in")
	v.fits()
	v.until(`document.activeElement.id === 'email'`)
	v.do(chromedp.SendKeys(chromedp.CSS(`#email`), address+"\r"))
	v.until(`document.activeElement.id === 'code'`)
	v.do(chromedp.SendKeys(chromedp.CSS(`#code`), "00000000\r"))
	v.until(`document.querySelector('#fault').innerText !== ''`)
	v.picture("fault.png")
	right := linkTo(t, data, address, code, seen)
	v.do(chromedp.Evaluate[chromedp.Void](`document.querySelector('#code').value = ''`), chromedp.SendKeys(chromedp.CSS(`#code`), right+"\r"))
	v.seen(`#signed-in`, "You are signed in")
}

// addPasskey has whoever is signed in add a passkey, as a page does.
const addPasskey = `(async () => {
  const ask = async (query, variables) => (await (await fetch('/graphql', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ query, variables }) })).json()).data;
  const begun = (await ask('mutation { beginPasskey { challenge options } }')).beginPasskey;
  const made = await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(JSON.parse(begun.options)) });
  const added = await ask('mutation Add($challenge: ID!, $credential: String!) { addPasskey(input: { challenge: $challenge, name: "Phone", credential: $credential }) { passkey { name } userErrors { code field message } } }', { challenge: begun.challenge, credential: JSON.stringify(made.toJSON()) });
  await fetch('/session', { method: 'DELETE' });
  window.added = added.addPasskey.passkey?.name ?? JSON.stringify(added);
})()`

// TestBrowserPasskey adds a passkey of an authenticator of the browser, signs out, and signs in by it.
func TestBrowserPasskey(t *testing.T) {
	data, seen := t.TempDir(), map[string]bool{}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	_, port, err := net.SplitHostPort(free.Addr().String())
	must(t, errors.Join(err, free.Close()))
	s := serve(t, "--listen=127.0.0.1:"+port, "--data", data) // the portal must know its own origin
	origin := "http://localhost:" + port                      // an address is no name that a passkey can be for
	v := open(t, origin+"/sign-in")
	type own struct {
		Viewer struct{ Person struct{ Email string } }
	}
	address := ask[own](t, s, s.tokens()["DELEGATE"], `{ viewer { person { email } } }`).Viewer.Person.Email
	v.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		if _, err := cdp.Call(ctx, t, webauthn.Enable, webauthn.EnableParams{}); err != nil {
			return err
		}
		_, err := cdp.Call(ctx, t, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
			Protocol: webauthn.AuthenticatorProtocolCtap2, Transport: webauthn.AuthenticatorTransportInternal,
			HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true,
		}})
		return err
	}))
	v.speaking("en", origin, "/sign-in")
	v.fits()
	v.do(chromedp.Click(chromedp.CSS(`#passkey`)))
	v.seen(`#no-passkey`, "No passkey was used")
	v.do(chromedp.SendKeys(chromedp.CSS(`#email`), address+"\r"))
	v.until(`document.activeElement.id === 'code'`)
	v.do(chromedp.SendKeys(chromedp.CSS(`#code`), linkTo(t, data, address, regexp.MustCompile(`\b(\d{8})\b`), seen)+"\r"))
	v.seen(`#signed-in`, "You are signed in")
	v.do(chromedp.Evaluate[chromedp.Void](addPasskey, chromedp.EvalAwaitPromise))
	v.until(`window.added === 'Phone'`)
	v.speaking("en", origin, "/sign-in")
	v.picture("sign-in.png")
	v.do(chromedp.Click(chromedp.CSS(`#passkey`)))
	v.seen(`#signed-in`, "You are signed in")
	v.do(chromedp.Evaluate[chromedp.Void](`fetch('/graphql', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ query: '{ viewer { roles } }' }) }).then((a) => a.text()).then((text) => { window.viewer = text; })`, chromedp.EvalAwaitPromise))
	v.until(`window.viewer.includes('DELEGATE')`)
}
