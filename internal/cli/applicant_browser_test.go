//go:build browser

package cli_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

var (
	eightDigitsSent = regexp.MustCompile(`\b(\d{8})\b`)
	applicationPage = regexp.MustCompile(`/applications/(app_[0-9A-Z]+)`)
)

// TestBrowserApplicant follows the link of the message about an approval as the applicant, who has no account: a code
// opens the application, which says what is to be paid and how, and the invoice is saved.
func TestBrowserApplicant(t *testing.T) {
	const applicant = "tina@example.org"
	data, seen := t.TempDir(), map[string]bool{}
	pay := filepath.Join(data, "pay.txt")
	must(t, os.WriteFile(pay, []byte("Bank of the Testbed\nAccount 0000\n"), 0o600))
	s := serve(t, anyPort, "--data", data, "--now", "2025-03-31", "--payment-instructions", pay)
	origin := "http://" + s.address
	type faults []struct{ Message string }
	type coded struct {
		RequestApplicationCode struct{ Challenge string }
	}
	type begun struct {
		ConfirmApplicationCode struct {
			Application struct{ ID string }
			Token       string
		}
	}
	challenge := ask[coded](t, s, "", fmt.Sprintf(`mutation { requestApplicationCode(input: { email: %q, locale: EN }) { challenge userErrors { code } } }`, applicant)).RequestApplicationCode.Challenge
	own := ask[begun](t, s, "", fmt.Sprintf(`mutation { confirmApplicationCode(input: { challenge: %q, code: %q }) { application { id } token userErrors { code } } }`, challenge, linkTo(t, data, applicant, eightDigitsSent, seen))).ConfirmApplicationCode
	ask[any](t, s, own.Token, fmt.Sprintf(`mutation { submitApplication(input: { id: %q, expectedVersion: 1, name: "Tele Uganda", category: SECTOR_MEMBER, country: "cty_UG", contact: { name: "Tina Applicant", function: "Director" },
		form: { title: "Signed form", source: { link: "https://papers.example/signed" }, sha256: %q } }) { userErrors { message } } }`, own.Application.ID, strings.Repeat("0a", 32)))
	type decided struct {
		DecideApplication struct{ UserErrors faults }
	}
	if done := ask[decided](t, s, s.tokens()["ADMINISTRATION"], fmt.Sprintf(`mutation { decideApplication(input: { id: %q, expectedVersion: 2, decision: APPROVE }) { userErrors { message } } }`, own.Application.ID)); len(done.DecideApplication.UserErrors) > 0 {
		t.Fatal(done)
	}
	id := ""
	for range 3 { // received, approved, and the invoice
		id = linkTo(t, data, applicant, applicationPage, seen)
	}

	v := open(t, origin+"/sign-in")
	v.speaking("en", origin, "/applications/"+id)
	v.seen(`#applicant`, "If this is your application")
	v.fits()
	v.picture("gone.png")
	v.do(chromedp.SendKeys(chromedp.CSS(`#email`), applicant), chromedp.Click(chromedp.CSS(`#ask button`)))
	v.seen(`#enter`, "a code is on its way")
	v.do(chromedp.SendKeys(chromedp.CSS(`#code`), linkTo(t, data, applicant, eightDigitsSent, seen)), chromedp.Click(chromedp.CSS(`#enter button`)))
	v.seen(`h1`, "Tele Uganda")
	v.seen(`[data-fact="next"] dd`, "Pay the invoice.")
	v.seen(`[data-fact="payTo"] dd`, "Bank of the Testbed")
	v.until(`document.querySelector('#gone').hidden && document.querySelector('[data-fact="print"] a').href.includes('/applications/')`)
	v.fits()
	v.picture("application.png")
	// The document is for this page's token alone.
	v.do(chromedp.Evaluate[chromedp.Void](`(() => { const made = URL.createObjectURL; URL.createObjectURL = (blob) => { blob.text().then((text) => { window.saved = text; }); return made(blob); }; })()`))
	v.do(chromedp.Click(chromedp.CSS(`[data-fact="print"] a`)))
	v.until(`window.saved?.includes('Bank of the Testbed') && window.saved.includes('Tele Uganda')`)

	v.speaking("ar", origin, "/applications/"+id)
	v.seen(`#applicant`, "إذا كنتم صاحب هذا الطلب")
	v.until(`document.documentElement.dir === 'rtl'`)
	v.fits()
	v.picture("arabic.png")
}
