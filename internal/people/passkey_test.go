package people_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/descope/virtualwebauthn"
	"go.mongodb.org/mongo-driver/v2/bson"

	"memberportal/internal/kit"
	"memberportal/internal/people"
	"memberportal/internal/portal"
	"memberportal/internal/store"
	"memberportal/internal/testkit"
	"memberportal/internal/testkit/stage"
)

// focal is usr_FOCAL, a focal point of mem_ACTIVE.
var focal = kit.ActingFor("usr_FOCAL", kit.RoleFocalPoint, "mem_ACTIVE")

// site is the page that the portal of these tests is reached by, as an authenticator sees it.
var site = virtualwebauthn.RelyingParty{Name: "members.example.org", ID: "members.example.org", Origin: "https://members.example.org"}

// withPasskeys is the scene with a portal that issues tokens and has an address. One page below that address asks it
// too, and one of somebody else.
func (s scene) withPasskeys() scene {
	return scene{s.Issuing(func(o *portal.Options) {
		o.PublicURL, o.Origins = "https://members.example.org", []string{"https://app.members.example.org", "https://other.example.org"}
	})}
}

// device is an authenticator with one passkey.
type device struct {
	virtualwebauthn.Authenticator
	key virtualwebauthn.Credential
	id  kit.ID
}

// newDevice has a key of which both coordinates have 32 bytes, because the library of the tests writes shorter ones short.
func (s scene) newDevice() *device {
	s.Helper()
	for {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		s.Must(err)
		point, err := key.PublicKey.Bytes()
		s.Must(err)
		if point[1] == 0 || point[33] == 0 {
			continue
		}
		raw, err := x509.MarshalPKCS8PrivateKey(key)
		s.Must(err)
		return &device{Authenticator: virtualwebauthn.NewAuthenticator(), key: virtualwebauthn.NewCredentialWithImportedKey(virtualwebauthn.KeyTypeEC2, raw)}
	}
}

// asked are the options that the portal gave, as an authenticator takes them.
func (s scene) asked(options string) *virtualwebauthn.AssertionOptions {
	s.Helper()
	o, err := virtualwebauthn.ParseAssertionOptions(options)
	s.Must(err)
	return o
}

// make is what the device answers to the options of beginPasskey at a site.
func (s scene) make(d *device, at virtualwebauthn.RelyingParty, options string) string {
	s.Helper()
	o, err := virtualwebauthn.ParseAttestationOptions(options)
	s.Must(err)
	d.Options.UserHandle = []byte(o.UserID)
	return virtualwebauthn.CreateAttestationResponse(at, d.Authenticator, d.key, *o)
}

// sign is what the device answers to the options of beginPasskeySignIn at a site. It counts.
func (s scene) sign(d *device, at virtualwebauthn.RelyingParty, options string) string {
	s.Helper()
	d.key.Counter++
	return virtualwebauthn.CreateAssertionResponse(at, d.Authenticator, d.key, *s.asked(options))
}

func (s scene) begin(a kit.Actor) *people.BeginPasskeyPayload {
	s.Helper()
	p, err := s.Portal.Passkeys.Begin(stage.By(a))
	s.Must(err)
	return p
}

func (s scene) add(a kit.Actor, challenge kit.ID, credential string) *people.AddPasskeyPayload {
	s.Helper()
	p, err := s.Portal.Passkeys.Add(stage.By(a), people.AddPasskeyInput{Challenge: challenge, Name: "My phone", Credential: credential})
	s.Must(err)
	return p
}

// enrolled is a device whose passkey somebody has added.
func (s scene) enrolled(a kit.Actor) *device {
	s.Helper()
	*s.Wall = s.Wall.Add(time.Millisecond) // so that passkeys have an order
	d, begun := s.newDevice(), s.begin(a)
	if begun.Options == nil {
		s.Fatalf("%v", stage.FaultsOf(begun.UserErrors))
	}
	added := s.add(a, *begun.Challenge, s.make(d, site, *begun.Options))
	if added.Passkey == nil {
		s.Fatalf("%v", stage.FaultsOf(added.UserErrors))
	}
	d.id = added.Passkey.ID
	return d
}

func (s scene) beginSignIn() *people.BeginPasskeySignInPayload {
	s.Helper()
	p, err := s.Portal.Passkeys.BeginSignIn(stage.By(stage.Nobody))
	s.Must(err)
	return p
}

// tryPasskey signs in by what a device signed. Whatever is wrong has the same answer.
func (s scene) tryPasskey(challenge kit.ID, credential string) *people.SignedIn {
	s.Helper()
	p, err := s.Portal.Passkeys.SignIn(stage.By(stage.Nobody), people.SignInWithPasskeyInput{Challenge: challenge, Credential: credential})
	s.Must(err)
	if faults := stage.FaultsOf(p.UserErrors); p.SignedIn == nil && !slices.Equal(faults, []string{"INVALID input.credential"}) {
		s.Errorf("it tells what is wrong: %v", faults)
	}
	return p.SignedIn
}

// enterBy signs in by a device.
func (s scene) enterBy(d *device) *people.SignedIn {
	s.Helper()
	begun := s.beginSignIn()
	return s.tryPasskey(begun.Challenge, s.sign(d, site, begun.Options))
}

func (s scene) storedPasskey(id kit.ID) *people.Passkey {
	s.Helper()
	p, err := people.PasskeyNoun.In(s.Store).Get(s.Context(), string(id))
	s.Must(err)
	return p
}

func (s scene) passkeysOf(person kit.ID) []people.Passkey {
	s.Helper()
	all, err := s.Portal.Passkeys.Of(s.Context(), &kit.Viewer{ID: person})
	s.Must(err)
	return all
}

// altered is a credential whose part of the response is changed.
func (s scene) altered(credential, part string, change func([]byte) []byte) string {
	s.Helper()
	var c map[string]any
	s.Must(json.Unmarshal([]byte(credential), &c))
	response := c["response"].(map[string]any)
	raw, err := base64.RawURLEncoding.DecodeString(response[part].(string))
	s.Must(err)
	response[part] = base64.RawURLEncoding.EncodeToString(change(raw))
	made, err := json.Marshal(c)
	s.Must(err)
	return string(made)
}

func TestAPersonAddsAPasskeySignsInWithItAndRemovesIt(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		s = s.withPasskeys()
		d := s.enrolled(stage.DelegateOfActive)
		all := s.passkeysOf("usr_DELEGATE")
		if len(all) != 1 || all[0].ID != d.id || all[0].Name != "My phone" || all[0].LastUsedAt != nil || all[0].CreatedAt != kit.DateTimeOf(*s.Wall) {
			t.Fatalf("got %+v", all)
		}
		*s.Wall = s.Wall.Add(time.Hour)
		in := s.enterBy(d)
		if in == nil || in.Session.PersonID != "usr_DELEGATE" || in.Session.AuthenticatedAt != kit.DateTimeOf(*s.Wall) || !s.accepts(in, *s.Wall) {
			t.Fatalf("got %+v", in)
		}
		if s.refresh(in.RefreshToken) == nil {
			t.Error("the session is not like those by a code")
		}
		if one := s.storedPasskey(d.id); one.LastUsedAt == nil || *one.LastUsedAt != kit.DateTimeOf(*s.Wall) || one.SignCount != 1 {
			t.Errorf("got %+v", one)
		}
		if again := s.enterBy(d); again == nil || again.Session.ID == in.Session.ID {
			t.Errorf("got %+v", again)
		}
		p, err := s.Portal.Passkeys.Remove(stage.By(stage.DelegateOfActive), people.RemovePasskeyInput{Passkey: d.id})
		if err != nil || p.Removed == nil || len(s.passkeysOf("usr_DELEGATE")) != 0 {
			t.Fatalf("%+v, %v", p, err)
		}
		if s.enterBy(d) != nil {
			t.Error("a passkey that was removed is good")
		}
		if keys, _ := s.MailsTo("delegate@example.org"); !slices.Equal(keys, []string{"mail.passkeyAdded", "mail.passkeyRemoved"}) {
			t.Errorf("got the messages %v", keys)
		}
		operations := kit.Map(stage.All(s, kit.AuditNoun.In(s.Store), "at"), func(e *kit.AuditEntry) string { return e.Operation + " " + string(e.Actor) })
		for _, want := range []string{"addPasskey usr_DELEGATE", "signInWithPasskey usr_DELEGATE", "removePasskey usr_DELEGATE"} {
			if !slices.Contains(operations, want) {
				t.Errorf("there is no audit entry %s", want)
			}
		}
	})
}

func TestWhatAuthenticatorsAreAskedFor(t *testing.T) {
	s := scene{stage.Embedded(t)}.withPasskeys()
	had := s.enrolled(stage.DelegateOfActive)
	var made struct {
		RP   struct{ ID, Name string }
		User struct{ ID, Name, DisplayName string }

		Challenge, Attestation string
		Timeout                int
		ExcludeCredentials     []struct{ ID string }
		AuthenticatorSelection struct {
			ResidentKey, UserVerification string
			RequireResidentKey            bool
		}
	}
	begun := s.begin(stage.DelegateOfActive)
	s.Must(json.Unmarshal([]byte(*begun.Options), &made))
	if made.RP.ID != site.ID || made.Challenge != string(*begun.Challenge) || made.Attestation != "none" || made.Timeout != 300_000 ||
		made.AuthenticatorSelection.ResidentKey != "required" || !made.AuthenticatorSelection.RequireResidentKey || made.AuthenticatorSelection.UserVerification != "required" {
		t.Errorf("got %s", *begun.Options)
	}
	if id := base64.RawURLEncoding.EncodeToString(had.key.ID); len(made.ExcludeCredentials) != 1 || made.ExcludeCredentials[0].ID != id {
		t.Errorf("a second passkey on the same device is not ruled out: %s", *begun.Options)
	}
	if handle, err := base64.RawURLEncoding.DecodeString(made.User.ID); err != nil || len(handle) != 32 || made.User.Name != "delegate@example.org" {
		t.Errorf("got %s", *begun.Options)
	}
	var wanted map[string]any
	asked := s.beginSignIn()
	s.Must(json.Unmarshal([]byte(asked.Options), &wanted))
	if wanted["rpId"] != site.ID || wanted["userVerification"] != "required" || wanted["challenge"] != string(asked.Challenge) || wanted["allowCredentials"] != nil {
		t.Errorf("got %s", asked.Options)
	}
}

// TestAttacksOnPasskeys tries what somebody would who has not got the passkey of usr_DELEGATE.
func TestAttacksOnPasskeys(t *testing.T) {
	below := virtualwebauthn.RelyingParty{ID: site.ID, Origin: "https://app.members.example.org"}
	for name, attack := range map[string]struct {
		try func(s scene, d *device) *people.SignedIn
		in  bool
	}{
		"the passkey itself": {in: true, try: func(s scene, d *device) *people.SignedIn { return s.enterBy(d) }},
		"on a page below the portal's host": {in: true, try: func(s scene, d *device) *people.SignedIn {
			begun := s.beginSignIn()
			return s.tryPasskey(begun.Challenge, s.sign(d, below, begun.Options))
		}},
		"the same answer again": {try: func(s scene, d *device) *people.SignedIn {
			begun := s.beginSignIn()
			signed := s.sign(d, site, begun.Options)
			if s.tryPasskey(begun.Challenge, signed) == nil {
				s.Fatal("it is not good once")
			}
			return s.tryPasskey(begun.Challenge, signed)
		}},
		"another answer to the same challenge": {try: func(s scene, d *device) *people.SignedIn {
			begun := s.beginSignIn()
			if s.tryPasskey(begun.Challenge, s.sign(d, site, begun.Options)) == nil {
				s.Fatal("it is not good once")
			}
			return s.tryPasskey(begun.Challenge, s.sign(d, site, begun.Options))
		}},
		"an answer 5 minutes later": {try: func(s scene, d *device) *people.SignedIn {
			begun := s.beginSignIn()
			signed := s.sign(d, site, begun.Options)
			*s.Wall = s.Wall.Add(5 * time.Minute)
			return s.tryPasskey(begun.Challenge, signed)
		}},
		"an answer to another challenge": {try: func(s scene, d *device) *people.SignedIn {
			return s.tryPasskey(s.beginSignIn().Challenge, s.sign(d, site, s.beginSignIn().Options))
		}},
		"a challenge that the portal did not make": {try: func(s scene, d *device) *people.SignedIn {
			challenge := base64.RawURLEncoding.EncodeToString(make([]byte, 52))
			return s.tryPasskey(kit.ID(challenge), s.sign(d, site, `{"challenge":"`+challenge+`"}`))
		}},
		"a challenge with a line end": {try: func(s scene, d *device) *people.SignedIn {
			begun := s.beginSignIn()
			signed := s.sign(d, site, begun.Options)
			if s.tryPasskey(begun.Challenge, signed) == nil {
				s.Fatal("it is not good once")
			}
			return s.tryPasskey(begun.Challenge+"\n", signed)
		}},
		"the challenge for a new passkey": {try: func(s scene, d *device) *people.SignedIn {
			begun := s.begin(stage.DelegateOfActive)
			return s.tryPasskey(*begun.Challenge, s.sign(d, site, *begun.Options))
		}},
		"what makes a new passkey": {try: func(s scene, d *device) *people.SignedIn {
			begun := s.beginSignIn()
			o := virtualwebauthn.AttestationOptions{Challenge: s.asked(begun.Options).Challenge}
			return s.tryPasskey(begun.Challenge, virtualwebauthn.CreateAttestationResponse(site, d.Authenticator, d.key, o))
		}},
		"on a page of somebody else": {try: func(s scene, d *device) *people.SignedIn {
			begun := s.beginSignIn()
			return s.tryPasskey(begun.Challenge, s.sign(d, virtualwebauthn.RelyingParty{ID: site.ID, Origin: "https://evil.example"}, begun.Options))
		}},
		"on a page that may ask the portal and is of another host": {try: func(s scene, d *device) *people.SignedIn {
			begun := s.beginSignIn()
			return s.tryPasskey(begun.Challenge, s.sign(d, virtualwebauthn.RelyingParty{ID: site.ID, Origin: "https://other.example.org"}, begun.Options))
		}},
		"on the portal's page without encryption": {try: func(s scene, d *device) *people.SignedIn {
			begun := s.beginSignIn()
			return s.tryPasskey(begun.Challenge, s.sign(d, virtualwebauthn.RelyingParty{ID: site.ID, Origin: "http://members.example.org"}, begun.Options))
		}},
		"for the host above": {try: func(s scene, d *device) *people.SignedIn {
			begun := s.beginSignIn()
			return s.tryPasskey(begun.Challenge, s.sign(d, virtualwebauthn.RelyingParty{ID: "example.org", Origin: site.Origin}, begun.Options))
		}},
		"without a finger or a PIN": {try: func(s scene, d *device) *people.SignedIn {
			begun := s.beginSignIn()
			d.Options.UserNotVerified = true
			return s.tryPasskey(begun.Challenge, s.sign(d, site, begun.Options))
		}},
		"with nobody there": {try: func(s scene, d *device) *people.SignedIn {
			begun := s.beginSignIn()
			d.Options.UserNotPresent = true
			return s.tryPasskey(begun.Challenge, s.sign(d, site, begun.Options))
		}},
		"a signature with another bit": {try: func(s scene, d *device) *people.SignedIn {
			begun := s.beginSignIn()
			return s.tryPasskey(begun.Challenge, s.altered(s.sign(d, site, begun.Options), "signature", func(b []byte) []byte {
				b[len(b)-1] ^= 1
				return b
			}))
		}},
		"more uses than were signed": {try: func(s scene, d *device) *people.SignedIn {
			begun := s.beginSignIn()
			return s.tryPasskey(begun.Challenge, s.altered(s.sign(d, site, begun.Options), "authenticatorData", func(b []byte) []byte {
				b[36] += 5
				return b
			}))
		}},
		"as somebody else": {try: func(s scene, d *device) *people.SignedIn {
			d.Options.UserHandle = s.enrolled(focal).Options.UserHandle
			return s.enterBy(d)
		}},
		"as nobody": {try: func(s scene, d *device) *people.SignedIn {
			d.Options.UserHandle = nil
			return s.enterBy(d)
		}},
		"with the id of the passkey and another key": {try: func(s scene, d *device) *people.SignedIn {
			thief := s.newDevice()
			thief.Options.UserHandle, thief.key.ID = d.Options.UserHandle, d.key.ID
			return s.enterBy(thief)
		}},
		"a passkey that nobody has": {try: func(s scene, d *device) *people.SignedIn {
			stranger := s.newDevice()
			stranger.Options.UserHandle = d.Options.UserHandle
			return s.enterBy(stranger)
		}},
		"a copy that has been used less": {try: func(s scene, d *device) *people.SignedIn {
			stolen := *d
			s.enterBy(d)
			s.enterBy(d)
			return s.enterBy(&stolen)
		}},
		"of a person who is shut out": {try: func(s scene, d *device) *people.SignedIn {
			s.Must(s.Portal.Persons.Disable(stage.By(stage.Operator), "usr_DELEGATE", true))
			return s.enterBy(d)
		}},
		"of a person who is erased": {try: func(s scene, d *device) *people.SignedIn {
			s.change("usr_DELEGATE", func(p *people.Person) { p.Erase("2025-03-31") })
			return s.enterBy(d)
		}},
		"of a person who is not there": {try: func(s scene, d *device) *people.SignedIn {
			p := s.StoredPerson("usr_DELEGATE")
			s.Must(people.PersonNoun.In(s.Store).Delete(s.Context(), string(p.ID), p.Version))
			return s.enterBy(d)
		}},
		"nonsense": {try: func(s scene, _ *device) *people.SignedIn {
			for _, credential := range []string{"", "null", "[]", "{}", "{", `{"id":"AA","rawId":"AA","type":"public-key","response":{}}`, strings.Repeat("[", 16<<10)} {
				if in := s.tryPasskey(s.beginSignIn().Challenge, credential); in != nil {
					return in
				}
			}
			return nil
		}},
	} {
		t.Run(name, func(t *testing.T) {
			s := scene{stage.Embedded(t)}.withPasskeys()
			if in := attack.try(s, s.enrolled(stage.DelegateOfActive)); (in != nil) != attack.in {
				t.Errorf("it gives %+v", in)
			}
		})
	}
}

func TestAnAnswerThatIsNotGoodLeavesTheChallengeGood(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		s = s.withPasskeys()
		d := s.enrolled(stage.DelegateOfActive)
		before := stage.Count(s, kit.CodeRecipientNoun.In(s.Store), "at")
		begun := s.beginSignIn()
		for range 10 {
			s.beginSignIn()
			s.tryPasskey(begun.Challenge, s.sign(s.newDevice(), site, begun.Options))
		}
		if after := stage.Count(s, kit.CodeRecipientNoun.In(s.Store), "at"); after != before {
			t.Errorf("strangers had %d records stored", after-before)
		}
		if s.tryPasskey(begun.Challenge, s.sign(d, site, begun.Options)) == nil {
			t.Error("the person is kept out")
		}
	})
}

func TestACopyOfAPasskeyIsRefusedAndThePersonIsToldOnceAnHour(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		s = s.withPasskeys()
		d := s.enrolled(stage.DelegateOfActive)
		stolen := *d
		for range 9 {
			s.enterBy(d)
		}
		told := func() (n int) {
			keys, _ := s.MailsTo("delegate@example.org")
			for _, key := range keys {
				if key == "mail.passkeyCopied" {
					n++
				}
			}
			return n
		}
		for range 3 {
			if s.enterBy(&stolen) != nil {
				t.Error("a copy is good")
			}
		}
		if told() != 1 {
			t.Errorf("told %d times", told())
		}
		*s.Wall = s.Wall.Add(time.Hour + time.Second)
		if s.enterBy(&stolen); told() != 2 {
			t.Errorf("told %d times", told())
		}
		if s.enterBy(d) == nil || s.storedPasskey(d.id).SignCount != 10 {
			t.Error("the person is kept out")
		}
	})
}

func TestAPasskeyThatDoesNotCountIsGoodAgainAndAgain(t *testing.T) {
	s := scene{stage.Embedded(t)}.withPasskeys()
	d := s.newDevice()
	d.Options.BackupEligible, d.Options.BackupState = true, true // as those of password managers are
	begun := s.begin(stage.DelegateOfActive)
	if p := s.add(stage.DelegateOfActive, *begun.Challenge, s.make(d, site, *begun.Options)); p.Passkey == nil {
		t.Fatalf("%v", stage.FaultsOf(p.UserErrors))
	}
	for range 3 {
		asked := s.beginSignIn()
		if s.tryPasskey(asked.Challenge, virtualwebauthn.CreateAssertionResponse(site, d.Authenticator, d.key, *s.asked(asked.Options))) == nil {
			t.Fatal("it is not good")
		}
	}
}

func TestADamagedPersonOrPasskeyIsAnsweredAsAnyOther(t *testing.T) {
	for name, noun := range map[string]*store.Kind{"person": people.PersonNoun.Kind, "passkey": people.PasskeyNoun.Kind} {
		t.Run(name, func(t *testing.T) {
			stage.OnEngines(t, func(s scene) {
				s = s.withPasskeys()
				d := s.enrolled(stage.DelegateOfActive)
				id := "usr_DELEGATE"
				if name == "passkey" {
					id = string(d.id)
				}
				testkit.Spoil(t, s.Store, noun, id, func(d bson.D) bson.D {
					return append(slices.DeleteFunc(d, func(e bson.E) bool { return e.Key == "version" }), bson.E{Key: "version", Value: "x"})
				}, 0)
				if in := s.enterBy(d); in != nil {
					t.Errorf("it gives %+v", in)
				}
			})
		})
	}
}

func TestAPasskeyIsAddedOnlyByWhoBeganAndLately(t *testing.T) {
	for name, c := range map[string]struct {
		try  func(s scene, d *device) *people.AddPasskeyPayload
		want string
	}{
		"for somebody else's challenge": {want: "INVALID input.credential", try: func(s scene, d *device) *people.AddPasskeyPayload {
			begun := s.begin(focal)
			return s.add(stage.DelegateOfActive, *begun.Challenge, s.make(d, site, *begun.Options))
		}},
		"for the challenge of a sign-in": {want: "INVALID input.credential", try: func(s scene, d *device) *people.AddPasskeyPayload {
			begun := s.beginSignIn()
			o := virtualwebauthn.AttestationOptions{Challenge: s.asked(begun.Options).Challenge}
			return s.add(stage.DelegateOfActive, begun.Challenge, virtualwebauthn.CreateAttestationResponse(site, d.Authenticator, d.key, o))
		}},
		"5 minutes later": {want: "INVALID input.credential", try: func(s scene, d *device) *people.AddPasskeyPayload {
			begun := s.begin(stage.DelegateOfActive)
			*s.Wall = s.Wall.Add(5 * time.Minute)
			return s.add(stage.DelegateOfActive, *begun.Challenge, s.make(d, site, *begun.Options))
		}},
		"two for one challenge": {want: "INVALID input.credential", try: func(s scene, d *device) *people.AddPasskeyPayload {
			begun := s.begin(stage.DelegateOfActive)
			if p := s.add(stage.DelegateOfActive, *begun.Challenge, s.make(s.newDevice(), site, *begun.Options)); p.Passkey == nil {
				s.Fatalf("%v", stage.FaultsOf(p.UserErrors))
			}
			return s.add(stage.DelegateOfActive, *begun.Challenge, s.make(d, site, *begun.Options))
		}},
		"without a finger or a PIN": {want: "INVALID input.credential", try: func(s scene, d *device) *people.AddPasskeyPayload {
			begun := s.begin(stage.DelegateOfActive)
			d.Options.UserNotVerified = true
			return s.add(stage.DelegateOfActive, *begun.Challenge, s.make(d, site, *begun.Options))
		}},
		"on a page of somebody else": {want: "INVALID input.credential", try: func(s scene, d *device) *people.AddPasskeyPayload {
			begun := s.begin(stage.DelegateOfActive)
			return s.add(stage.DelegateOfActive, *begun.Challenge, s.make(d, virtualwebauthn.RelyingParty{ID: site.ID, Origin: "https://evil.example"}, *begun.Options))
		}},
		"for another host": {want: "INVALID input.credential", try: func(s scene, d *device) *people.AddPasskeyPayload {
			begun := s.begin(stage.DelegateOfActive)
			return s.add(stage.DelegateOfActive, *begun.Challenge, s.make(d, virtualwebauthn.RelyingParty{ID: "evil.example", Origin: site.Origin}, *begun.Options))
		}},
		"one that somebody has": {want: "DUPLICATE input.credential", try: func(s scene, d *device) *people.AddPasskeyPayload {
			d.key.ID = s.enrolled(focal).key.ID
			begun := s.begin(stage.DelegateOfActive)
			return s.add(stage.DelegateOfActive, *begun.Challenge, s.make(d, site, *begun.Options))
		}},
		"too long": {want: "TOO_LONG input.credential", try: func(s scene, _ *device) *people.AddPasskeyPayload {
			return s.add(stage.DelegateOfActive, *s.begin(stage.DelegateOfActive).Challenge, strings.Repeat("{", 16<<10+1))
		}},
		"by nobody": {want: "NOT_ALLOWED_IN_STATE input", try: func(s scene, d *device) *people.AddPasskeyPayload {
			begun := s.begin(stage.DelegateOfActive)
			return s.add(stage.Nobody, *begun.Challenge, s.make(d, site, *begun.Options))
		}},
	} {
		t.Run(name, func(t *testing.T) {
			s := scene{stage.Embedded(t)}.withPasskeys()
			if p := c.try(s, s.newDevice()); p.Passkey != nil || !slices.Equal(stage.FaultsOf(p.UserErrors), []string{c.want}) {
				t.Errorf("got %+v and %v, want %s", p.Passkey, stage.FaultsOf(p.UserErrors), c.want)
			}
		})
	}
}

func TestPasskeysAreAddedAndRemovedByAPersonWhoIsThere(t *testing.T) {
	s := scene{stage.Embedded(t)}.withPasskeys()
	d := s.enrolled(stage.DelegateOfActive)
	long := kit.WithProof(stage.By(stage.DelegateOfActive), kit.Proof{Subject: "usr_DELEGATE", AuthenticatedAt: s.Wall.Add(-15 * time.Minute)})
	begun, err := s.Portal.Passkeys.Begin(long)
	s.Must(err)
	added, err := s.Portal.Passkeys.Add(long, people.AddPasskeyInput{Challenge: "A", Name: "a", Credential: "{}"})
	s.Must(err)
	removed, err := s.Portal.Passkeys.Remove(long, people.RemovePasskeyInput{Passkey: d.id})
	s.Must(err)
	for _, faults := range [][]kit.UserError{begun.UserErrors, added.UserErrors, removed.UserErrors} {
		if got := stage.FaultsOf(faults); !slices.Equal(got, []string{"PRESENCE_REQUIRED input"}) {
			t.Errorf("got %v", got)
		}
	}
	_, err = s.Portal.Passkeys.Remove(stage.By(focal), people.RemovePasskeyInput{Passkey: d.id})
	s.Refused(err, kit.NotFound)
}

func TestAPersonHasTenPasskeysAtMost(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		s = s.withPasskeys()
		for range 8 {
			s.enrolled(stage.DelegateOfActive)
		}
		// Four who add one at the same time, of which two have room.
		var wait sync.WaitGroup
		made := make([]*people.AddPasskeyPayload, 4)
		for i := range made {
			begun, d := s.begin(stage.DelegateOfActive), s.newDevice()
			credential := s.make(d, site, *begun.Options)
			wait.Go(func() { made[i] = s.add(stage.DelegateOfActive, *begun.Challenge, credential) })
		}
		wait.Wait()
		full := 0
		for _, p := range made {
			if slices.Equal(stage.FaultsOf(p.UserErrors), []string{"FULL input"}) {
				full++
			}
		}
		if n := len(s.passkeysOf("usr_DELEGATE")); n != 10 || full != 2 {
			t.Errorf("%d passkeys, %d were refused", n, full)
		}
		if p := s.begin(stage.DelegateOfActive); p.Options != nil || !slices.Equal(stage.FaultsOf(p.UserErrors), []string{"FULL input"}) {
			t.Errorf("got %v", stage.FaultsOf(p.UserErrors))
		}
	})
}

func TestOneOfManyWhoSignInWithOneAnswerGetsIn(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		s = s.withPasskeys()
		d, begun := s.enrolled(stage.DelegateOfActive), s.beginSignIn()
		signed := s.sign(d, site, begun.Options)
		var wait sync.WaitGroup
		all := make([]*people.SignedIn, 6)
		for i := range all {
			wait.Go(func() { all[i] = s.tryPasskey(begun.Challenge, signed) })
		}
		wait.Wait()
		if all = slices.DeleteFunc(all, func(in *people.SignedIn) bool { return in == nil }); len(all) != 1 {
			t.Errorf("%d got in", len(all))
		}
	})
}

func TestPresenceIsConfirmedByAPersonsOwnPasskey(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		s = s.withPasskeys()
		d, focal := s.enrolled(stage.DelegateOfActive), s.enrolled(focal)
		in := s.enterBy(d)
		*s.Wall = s.Wall.Add(20 * time.Minute)
		confirm := func(input people.ConfirmPresenceInput) *people.ConfirmPresencePayload {
			p, err := s.Portal.Sessions.ConfirmPresence(kit.WithProof(stage.By(stage.DelegateOfActive), kit.Proof{Subject: "usr_DELEGATE", Session: in.Session.ID}), input)
			s.Must(err)
			return p
		}
		by := func(d *device) people.ConfirmPresenceInput {
			begun := s.beginSignIn()
			return people.ConfirmPresenceInput{Challenge: begun.Challenge, Credential: new(s.sign(d, site, begun.Options))}
		}
		if p := confirm(by(focal)); p.AccessToken != nil || !slices.Equal(stage.FaultsOf(p.UserErrors), []string{"INVALID input.credential"}) {
			t.Errorf("the passkey of somebody else confirms it: %v", stage.FaultsOf(p.UserErrors))
		}
		if s.storedPasskey(focal.id).LastUsedAt != nil {
			t.Error("it counts as used by its person")
		}
		mine := by(d)
		if p := confirm(mine); p.AccessToken == nil {
			t.Errorf("got %v", stage.FaultsOf(p.UserErrors))
		}
		if next := s.refresh(in.RefreshToken); next == nil || next.Session.AuthenticatedAt != kit.DateTimeOf(*s.Wall) {
			t.Errorf("the session does not say so: %+v", next)
		}
		if p := confirm(mine); p.AccessToken != nil {
			t.Error("it is good twice")
		}
		if s.tryPasskey(mine.Challenge, *mine.Credential) != nil {
			t.Error("it is good for signing in after that")
		}
		for want, input := range map[string]people.ConfirmPresenceInput{
			"REQUIRED input.code":       {Challenge: "A"},
			"INVALID input.credential":  {Challenge: "A", Code: new("00000000"), Credential: new("{}")},
			"TOO_LONG input.credential": {Challenge: "A", Credential: new(strings.Repeat("{", 16<<10+1))},
		} {
			if p := confirm(input); !slices.Equal(stage.FaultsOf(p.UserErrors), []string{want}) {
				t.Errorf("got %v, want %s", stage.FaultsOf(p.UserErrors), want)
			}
		}
	})
}

func TestPasskeysStayWhenSessionsEnd(t *testing.T) {
	s := scene{stage.Embedded(t)}.withPasskeys()
	d := s.enrolled(stage.DelegateOfActive)
	in := s.enterBy(d)
	_, err := s.Portal.Sessions.Revoke(stage.By(stage.Secretariat), people.RevokeSessionsInput{Person: "usr_DELEGATE"})
	s.Must(err)
	s.Must(s.Portal.Sessions.Forget(t.Context())) // as a restore does
	s.Must(s.Portal.Tidy(t.Context()))
	if s.refresh(in.RefreshToken) != nil || s.enterBy(d) == nil {
		t.Error("the session went on, or the passkey is gone")
	}
}

func TestAnErasedPersonHasNoPasskey(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		s = s.withPasskeys()
		s.enrolled(stage.DelegateOfActive)
		other := s.enrolled(focal)
		for _, erase := range people.PasskeyErasures(&people.Person{ID: "usr_DELEGATE"}) {
			_, err := erase(kit.WithActor(t.Context(), stage.Operator), s.Core, false)
			s.Must(err)
		}
		if len(s.passkeysOf("usr_DELEGATE")) != 0 || s.enterBy(other) == nil {
			t.Error("a passkey is left, or another person's is gone")
		}
	})
}

func TestPasskeysAreGoodWhereABrowserHasThem(t *testing.T) {
	for address, want := range map[string]struct{ id, origin string }{
		"https://members.example.org":      {"members.example.org", "https://members.example.org"},
		"https://Members.example.org:8443": {"members.example.org", "https://members.example.org:8443"},
		"https://example.org/portal":       {"example.org", "https://example.org"},
		"http://localhost:8080":            {"localhost", "http://localhost:8080"},
		"http://127.0.0.1:8080":            {"localhost", "http://localhost:8080"},
		"http://[::1]:8080":                {"localhost", "http://localhost:8080"},
		"http://members.example.org":       {},
		"https://192.0.2.1":                {},
		"":                                 {},
	} {
		t.Run(address, func(t *testing.T) {
			s := scene{stage.Issuing(t, func(o *portal.Options) { o.PublicURL = address })}
			p, err := s.Portal.Passkeys.BeginSignIn(stage.By(stage.Nobody))
			if want.id == "" {
				s.Refused(err, kit.Unavailable)
				return
			}
			s.Must(err)
			begun := s.begin(stage.DelegateOfActive)
			at := virtualwebauthn.RelyingParty{ID: want.id, Origin: want.origin}
			added := s.add(stage.DelegateOfActive, *begun.Challenge, s.make(s.newDevice(), at, *begun.Options))
			if !strings.Contains(p.Options, fmt.Sprintf("%q", want.id)) || added.Passkey == nil {
				t.Errorf("got %s and %v", p.Options, stage.FaultsOf(added.UserErrors))
			}
		})
	}
}

func TestNobodyLearnsFromAHandleWhosePasskeyItIs(t *testing.T) {
	s := scene{stage.Embedded(t)}.withPasskeys()
	one, other := s.enrolled(stage.DelegateOfActive), s.enrolled(stage.DelegateOfActive)
	if string(one.Options.UserHandle) != string(other.Options.UserHandle) {
		t.Error("authenticators take one person for two")
	}
	if sum := sha256.Sum256([]byte("usr_DELEGATE")); strings.Contains(string(one.Options.UserHandle), "DELEGATE") || string(one.Options.UserHandle) == string(sum[:]) {
		t.Errorf("got %q", one.Options.UserHandle)
	}
}
