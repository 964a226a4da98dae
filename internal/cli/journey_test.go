package cli_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"memberportal/internal/cli"
	"memberportal/internal/store/mongostore"
	"memberportal/internal/testkit"
)

// journey is a server in production with a mail server, and what its users do there. They use nothing but HTTP and what
// they get by mail.
type journey struct {
	*testing.T
	*server
	mail   *testkit.MailServer
	issuer *realIssuer
	// code is that of the first operator.
	code string
}

// answer is what a document is answered with.
type answer map[string]any

// get returns what stands at a path such as «viewer.mandates.0.id».
func (a answer) get(path string) any {
	var at any = map[string]any(a)
	for step := range strings.SplitSeq(path, ".") {
		switch is := at.(type) {
		case map[string]any:
			at = is[step]
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i >= len(is) {
				return nil
			}
			at = is[i]
		default:
			return nil
		}
	}
	return at
}

func (a answer) text(path string) string {
	text, _ := a.get(path).(string)
	return text
}

func (a answer) number(path string) int {
	number, _ := a.get(path).(float64)
	return int(number)
}

// asks sends a document as somebody, and returns its data and the codes of its errors and user errors.
func (j *journey) asks(token, format string, args ...any) (answer, []string) {
	j.Helper()
	var got struct {
		Data   map[string]any
		Errors []struct {
			Message    string
			Extensions struct{ Code string }
		}
	}
	status, body := j.post(j.T, token, fmt.Sprintf(format, args...), nil)
	if err := json.Unmarshal([]byte(body), &got); err != nil {
		j.Fatalf("HTTP %d: %s", status, body)
	}
	codes := []string{}
	for _, e := range got.Errors {
		codes = append(codes, e.Extensions.Code)
	}
	for _, payload := range got.Data {
		all, _ := answer{"payload": payload}.get("payload.userErrors").([]any)
		for _, e := range all {
			codes = append(codes, answer(e.(map[string]any)).text("code"))
		}
	}
	return got.Data, codes
}

// does is asks for what must succeed.
func (j *journey) does(token, format string, args ...any) answer {
	j.Helper()
	got, codes := j.asks(token, format, args...)
	if len(codes) > 0 {
		j.Fatalf("%v: %s\n%v", codes, fmt.Sprintf(format, args...), got)
	}
	return got
}

// letter waits for a message to somebody whose text has a part, and returns the text.
func (j *journey) letter(to, part string) string {
	j.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		for _, l := range slices.Backward(j.mail.Letters()) {
			if l.To == to && strings.Contains(l.Text, part) {
				return l.Text
			}
		}
	}
	j.Fatalf("%s got no message with %q: %+v", to, part, j.mail.Letters())
	return ""
}

var (
	eightDigits = regexp.MustCompile(`\b\d{8}\b`)
	invitedBy   = regexp.MustCompile(`/invitation#([A-Z2-7]{32})`)
)

// signsIn signs a person in by a code of a message, and returns the access token.
func (j *journey) signsIn(email string) string {
	j.Helper()
	return j.signedIn(email).text("signIn.signedIn.accessToken")
}

// signedIn is the answer to a code of a message.
func (j *journey) signedIn(email string) answer {
	j.Helper()
	before := len(j.mail.Letters())
	challenge := j.does("", `mutation { requestSignInCode(input: { email: %q }) { challenge userErrors { code } } }`, email).text("requestSignInCode.challenge")
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		for _, l := range j.mail.Letters()[before:] {
			if code := eightDigits.FindString(l.Text); l.To == email && code != "" {
				return j.does("", `mutation { signIn(input: { challenge: %q, code: %q }) { signedIn { accessToken refreshToken } userErrors { code } } }`, challenge, code)
			}
		}
	}
	j.Fatalf("%s got no code", email)
	return nil
}

// accepts looks at an invitation that somebody got, accepts it, and returns the access token of a new person.
func (j *journey) accepts(email, organisation string) string {
	j.Helper()
	code := invitedBy.FindStringSubmatch(j.letter(email, "/invitation#"))[1]
	if shown := j.does("", `{ invitation(code: %q) { organisation role records } }`, code); shown.text("invitation.organisation") != organisation || shown.text("invitation.records") == "" {
		j.Errorf("the invitation shows %v", shown)
	}
	return j.does("", `mutation { acceptInvitation(input: { code: %q }) { mandate { id } signedIn { accessToken } userErrors { code } } }`, code).text("acceptInvitation.signedIn.accessToken")
}

// TestTheWholeJourney goes from a stranger to a member whose focal point is dismissed: application, approval by an
// administration, invoice, payment, activation, invitation, sign-in, profile, delegate, registration, official reply
// with its receipt, hand-over, dismissal. The server runs in production mode over each engine.
func TestTheWholeJourney(t *testing.T) {
	for name, start := range map[string]func(*testing.T, []string) *server{
		"sqlite": func(t *testing.T, flags []string) *server { return serve(t, flags...) },
		"mongodb": func(t *testing.T, flags []string) *server {
			peer := testkit.Mongo(t)
			uri := within(peer.URI, peer.Database(t))
			flags = append(slices.DeleteFunc(slices.Clone(flags), func(f string) bool { return strings.HasPrefix(f, "--store=") }), "--mongodb-uri="+uri)
			if peer.Atomic() {
				return serve(t, flags...)
			}
			return serveOn(t, uri, flags...) // which serve refuses
		},
	} {
		t.Run(name, func(t *testing.T) {
			flags, key := production(t)
			mail := testkit.ServeMail(t, testkit.MailServerOptions{})
			file := filepath.Join(filepath.Dir(key), "first-operator")
			issuer := newRealIssuer(t)
			flags = plus(plus(flags, issuer.flags...), anyPort, "--now=2025-03-31T12:00:00Z", "--smtp-host="+mail.Host, "--smtp-port="+strconv.Itoa(mail.Port), "--smtp-tls=none",
				"--mail-from=Portal <portal@example.org>", "--public-url="+ownAddress, "--operator-code-file="+file)
			s := start(t, flags)
			defer s.stop(t)
			code, err := os.ReadFile(file)
			must(t, err)
			(&journey{T: t, server: s, mail: mail, issuer: issuer, code: strings.TrimSpace(string(code))}).run()
		})
	}
}

// serveOn is serve over a MongoDB without transactions.
func serveOn(t *testing.T, uri string, flags ...string) *server {
	t.Helper()
	store, err := mongostore.Open(t.Context(), mongostore.Options{URI: uri, AllowNonAtomic: true})
	must(t, err)
	t.Cleanup(func() { _ = store.Close() })
	return listening(t, starting(t, func(ctx context.Context, stdout, stderr io.Writer) int {
		if err := cli.ServeOn(ctx, flags, store, stdout, stderr); err != nil {
			_, _ = fmt.Fprintln(stderr, err)
			return 1
		}
		return 0
	}))
}

func (j *journey) run() {
	// The portal is set up by its first operator, a secretary, and the focal point of a State.
	operator := j.does("", `mutation { becomeOperator(input: { code: %q, name: "Olga Operator", email: "olga@example.org" }) { signedIn { accessToken } userErrors { code } } }`, j.code).text("becomeOperator.signedIn.accessToken")
	j.does(operator, `mutation { grantRole(input: { name: "Sofia Secretary", email: "sofia@example.org", role: SECRETARIAT }) { person { id } userErrors { code } } }`)
	j.letter("sofia@example.org", "https://members.example.org/sign-in")
	secretary := j.signsIn("sofia@example.org")
	j.does(secretary, `mutation { appointFocalPoint(input: { entity: "cty_UG", name: "Moses Minister", email: "moses@example.org" }) { mandate { id } userErrors { code } } }`)
	minister := j.accepts("moses@example.org", "Uganda")

	// A stranger applies, and the administration approves.
	challenge := j.does("", `mutation { requestApplicationCode(input: { email: "tina@example.org", locale: EN }) { challenge userErrors { code } } }`).text("requestApplicationCode.challenge")
	begun := j.does("", `mutation { confirmApplicationCode(input: { challenge: %q, code: %q }) { application { id } token userErrors { code } } }`, challenge, eightDigits.FindString(j.letter("tina@example.org", "")))
	application, applicant := begun.text("confirmApplicationCode.application.id"), begun.text("confirmApplicationCode.token")
	j.does(applicant, `mutation { submitApplication(input: { id: %q, expectedVersion: %d, name: "Tele Uganda", category: SECTOR_MEMBER, country: "cty_UG", contact: { name: "Tina Applicant", function: "Director" },
		form: { title: "Signed form", source: { link: "https://papers.example/signed" }, sha256: %q } }) { application { status } userErrors { code } } }`, application, j.does(applicant, `{ application(id: %q) { version } }`, application).number("application.version"), strings.Repeat("0a", 32))
	j.letter("moses@example.org", "Tele Uganda")
	waiting := j.does(minister, `{ application(id: %q) { version status } }`, application)
	approved := j.does(minister, `mutation { decideApplication(input: { id: %q, expectedVersion: %d, decision: APPROVE }) { application { status member { id version status } } userErrors { code } } }`, application, waiting.number("application.version"))
	member := approved.text("decideApplication.application.member.id")

	// The approval issues the invoice. The secretariat records the payment and activates the member, which invites the
	// contact.
	invoice := j.does(secretary, `{ invoices(member: %q, first: 2) { totalCount nodes { id version amount { amount } } } }`, member)
	if invoice.number("invoices.totalCount") != 1 {
		j.Errorf("invoices: %v", invoice)
	}
	j.does(secretary, `mutation { recordPayment(input: { invoice: %q, expectedVersion: %d, amount: %q, receivedOn: "2025-03-31", reference: "R-1" }) { invoice { state } userErrors { code } } }`,
		invoice.text("invoices.nodes.0.id"), invoice.number("invoices.nodes.0.version"), invoice.text("invoices.nodes.0.amount.amount"))
	j.does(secretary, `mutation { activateMember(input: { id: %q, expectedVersion: %d, effectiveOn: "2025-03-31" }) { member { status } userErrors { code } } }`, member, j.version(secretary, member))

	// The contact accepts, and is the focal point at each way of signing in.
	focal := j.accepts("tina@example.org", "Tele Uganda")
	for way, token := range map[string]string{"an invitation": focal, "a code": j.signsIn("tina@example.org"), "a passkey": j.signsInByPasskey(focal)} {
		viewer := j.does(token, `{ viewer { id person { name } roles entities { ... on Member { id } } mandates { id role state } } }`)
		if viewer.text("viewer.person.name") != "Tina Applicant" || viewer.text("viewer.roles.0") != "FOCAL_POINT" || viewer.text("viewer.entities.0.id") != member || viewer.text("viewer.mandates.0.state") != "CURRENT" {
			j.Errorf("signed in by %s: %v", way, viewer)
		}
	}
	if own := j.does(focal, `{ viewer { id } }`).text("viewer.id"); j.signsInAtTheIssuer("tina@example.org") != own {
		j.Error("signing in at the issuer makes her somebody else")
	}

	// She changes the profile, has a delegate, registers both for an event, and hands in the official reply.
	j.does(focal, `mutation { updateMemberProfile(input: { id: %q, expectedVersion: %d, website: "https://tele.example" }) { member { website } userErrors { code } } }`, member, j.version(focal, member))
	j.does(focal, `mutation { addDelegate(input: { entity: %q, name: "Dan Delegate", email: "dan@example.org" }) { mandate { id state } userErrors { code } } }`, member)
	delegate := j.accepts("dan@example.org", "Tele Uganda")
	series := j.does(secretary, `mutation { createEventSeries(input: { code: "TALKS", kind: TECH_TALK, title: [{ locale: EN, text: "Talks" }] }) { eventSeries { id } userErrors { code } } }`).text("createEventSeries.eventSeries.id")
	event := j.does(secretary, `mutation { createEvent(input: { code: "TALK_1", series: %q, title: [{ locale: EN, text: "A talk" }], format: VIRTUAL, time: { startsOn: "2025-06-01" }, audience: { everyone: true }, registration: { opensOn: "2025-03-01", closesOn: "2025-05-30", capacityRemote: 5 } }) { event { id version } userErrors { code } } }`, series)
	j.does(secretary, `mutation { publishEvent(input: { id: %q, expectedVersion: %d }) { event { status } userErrors { code } } }`, event.text("createEvent.event.id"), event.number("createEvent.event.version"))
	registered := j.does(focal, `mutation { registerForEvent(input: { event: %q, mode: REMOTE, consent: true }) { registration { status } userErrors { code } } }`, event.text("createEvent.event.id"))
	if registered.text("registerForEvent.registration.status") != "CONFIRMED" {
		j.Errorf("registered %v", registered)
	}
	statement := j.does(secretary, `mutation { createLiaisonStatement(input: { reference: "CWG-1", source: "CWG-FHR", addressees: [{ group: "TDAG", role: FOR_ACTION }], title: [{ locale: EN, text: "On membership" }],
		pillars: [{ code: "1", title: [{ locale: EN, text: "a" }], topics: [{ code: "1a", title: [{ locale: EN, text: "b" }] }] }] }) { liaisonStatement { id } userErrors { code } } }`).text("createLiaisonStatement.liaisonStatement.id")
	consultation := j.does(secretary, `mutation { createConsultation(input: { code: "CON_1", statement: %q, group: "TDAG", title: [{ locale: EN, text: "A consultation" }], audience: { kinds: [MEMBER_STATE, SECTOR_MEMBER] },
		questions: [{ code: "Q1", topic: "1a", kind: TEXT, text: [{ locale: EN, text: "What do you think?" }] }], closesOn: "2025-05-31" }) { consultation { id version } userErrors { code } } }`, statement)
	con := consultation.text("createConsultation.consultation.id")
	j.does(secretary, `mutation { openConsultation(input: { id: %q, expectedVersion: %d }) { consultation { status } userErrors { code } } }`, con, consultation.number("createConsultation.consultation.version"))
	reply := `mutation { submitFeedback(input: { consultation: %q, publication: ATTRIBUTED, language: EN, answers: [{ question: "Q1", text: "Lower fees." }] }) { feedback { receipt { reference sha256 } } userErrors { code } } }`
	if _, codes := j.asks(delegate, reply, con); !slices.Equal(codes, []string{"FORBIDDEN"}) {
		j.Errorf("the official reply of a delegate: %v", codes)
	}
	if receipt := j.does(focal, reply, con); len(receipt.text("submitFeedback.feedback.receipt.sha256")) != 64 {
		j.Errorf("the receipt: %v", receipt)
	}

	// She hands over to the delegate, and is dismissed: her session goes on, and gives nothing.
	mandates := func(token string) (string, int) {
		got := j.does(token, `{ viewer { mandates { id version } } }`)
		return got.text("viewer.mandates.0.id"), got.number("viewer.mandates.0.version")
	}
	from, version := mandates(focal)
	to, _ := mandates(delegate)
	j.does(focal, `mutation { handOverFocalPoint(input: { mandate: %q, expectedVersion: %d, to: %q }) { mandate { id } userErrors { code } } }`, from, version, to)
	j.letter("dan@example.org", "take over")
	j.does(delegate, `mutation { confirmHandOver(input: { mandate: %q, expectedVersion: %d, accept: true }) { mandate { id } userErrors { code } } }`, from, version+1)
	j.does(delegate, `mutation { updateMemberProfile(input: { id: %q, expectedVersion: %d, website: "https://tele.example/new" }) { member { website } userErrors { code } } }`, member, j.version(delegate, member))
	gone := j.does(focal, `{ viewer { roles entities { __typename } } }`)
	_, codes := j.asks(focal, `mutation { updateMemberProfile(input: { id: %q, expectedVersion: 1, website: "https://other.example" }) { userErrors { code } } }`, member)
	if len(gone.get("viewer.roles").([]any)) > 0 || !slices.Equal(codes, []string{"FORBIDDEN"}) {
		j.Errorf("after the hand-over: %v, %v", gone, codes)
	}
	for person, email := range map[string]string{"the old focal point": "tina@example.org", "the new one": "dan@example.org"} {
		if token := j.signsIn(email); j.does(token, `{ viewer { id } }`).text("viewer.id") == "" {
			j.Errorf("%s cannot sign in", person)
		}
	}
}

func (j *journey) version(token, member string) int {
	j.Helper()
	return j.does(token, `{ member(id: %q) { version } }`, member).number("member.version")
}
