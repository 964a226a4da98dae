package graph_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"regexp"
	"time"

	"github.com/descope/virtualwebauthn"

	"memberportal/internal/applications"
	"memberportal/internal/consultations"
	"memberportal/internal/events"
	"memberportal/internal/files"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/people"
	"memberportal/internal/portal"
	"memberportal/internal/store"
	"memberportal/internal/testkit"
	"memberportal/internal/testkit/stage"
)

// told is a stage whose messages are heard.
type told struct {
	stage.Stage
	hear func(context.Context, kit.Posting)
}

func (s told) by(a kit.Actor) context.Context { return kit.Overhear(stage.By(a), s.hear) }

// must ends the test if something was not done.
func (s told) must(err error, faults []kit.UserError) {
	s.Helper()
	if s.Must(err); len(faults) > 0 {
		s.Fatal(stage.FaultsOf(faults))
	}
}

func (s told) tick() {
	s.Helper()
	_, err := s.Portal.Tick(s.by(stage.Operator), false)
	s.Must(err)
}

// turn derives the keys of the store for another day, as a process does at midnight.
func (s told) turn(day kit.Date) {
	s.Helper()
	x, err := store.Begin(s.Context(), s.Store, portal.Kinds(), string(day), true)
	s.Must(err)
	s.Must(x.End(s.Context()))
	s.Store.SetDay(string(day))
}

var (
	focalOfActive = kit.ActingFor("usr_FOCAL", kit.RoleFocalPoint, "mem_ACTIVE")
	secondOfIt    = kit.ActingFor("usr_DELEGATE", kit.RoleFocalPoint, "mem_ACTIVE")
	minister      = kit.ActingFor("usr_MINISTER", kit.RoleAdministration, "cty_UG")
	colleague     = kit.ActingFor("usr_COLLEAGUE", kit.RoleDelegate, "mem_ACTIVE")
)

// scenes send the messages that golden documents do not send: those that need several steps, another day, or an
// authenticator, and those of operations that are no mutations.
var scenes = map[string]func(s told){
	"who acts already gets another mandate": func(s told) {
		s.AppointFocalPoint(testkit.Today)
		p, err := s.Portal.Mandates.AddDelegate(s.by(stage.Secretariat), people.AddDelegateInput{Entity: "mem_ACTIVE", Name: "Grace Akello", Email: "focal@example.org"})
		s.must(err, p.UserErrors)
	},
	"the exemption of an applicant is refused": func(s told) {
		criteria := kit.Map(membership.ExemptionCriteria, func(c membership.ExemptionCriterion) membership.CriterionAnswerInput {
			return membership.CriterionAnswerInput{Criterion: c, Met: true}
		})
		amended, err := s.Portal.Applications.Amend(s.by(stage.Applies("app_SUBMITTED")), applications.AmendApplicationInput{
			ID: "app_SUBMITTED", ExpectedVersion: 1, Exemption: kit.Some(applications.ApplicationExemptionInput{Criteria: criteria, Evidence: []string{"https://papers.example/statutes"}}),
		})
		s.must(err, amended.UserErrors)
		approved, err := s.Portal.Applications.Decide(s.by(minister), applications.DecideApplicationInput{ID: "app_SUBMITTED", ExpectedVersion: 2, Decision: applications.ApproveApplication})
		s.must(err, approved.UserErrors)
		asked, err := s.Portal.FeeExemptions.List(stage.By(stage.Secretariat), approved.Application.MemberID, nil, kit.PageArgs{})
		s.Must(err)
		refused, err := s.Portal.FeeExemptions.Decide(s.by(stage.Secretariat), membership.DecideFeeExemptionInput{
			ID: asked.Nodes()[0].ID, ExpectedVersion: 1, Session: "Council 2025", DecidedOn: testkit.Today, Reason: new("It has means of its own."),
		})
		s.must(err, refused.UserErrors)
	},
	"the invitation of a guest is taken back": func(s told) {
		invited, err := s.Portal.Guests.Invite(s.by(stage.Secretariat), events.InviteGuestInput{Event: "evt_OPEN", Organisation: "Sesame Labs", Email: new("zoe@sesame.example"), Locale: new(kit.English)})
		s.must(err, invited.UserErrors)
		p, err := s.Portal.Guests.Revoke(s.by(stage.Secretariat), events.RevokeEventInvitationInput{ID: invited.Invitation.ID, ExpectedVersion: 1})
		s.must(err, p.UserErrors)
	},
	"an event is moved and postponed while a guest is invited": func(s told) {
		invited, err := s.Portal.Guests.Invite(s.by(stage.Secretariat), events.InviteGuestInput{Event: "evt_OPEN", Organisation: "Sesame Labs", Email: new("zoe@sesame.example")})
		s.must(err, invited.UserErrors)
		e, err := s.Portal.Events.Get(s.by(stage.Secretariat), "evt_OPEN")
		s.must(err, nil)
		at := &events.EventTimeInput{StartsAt: new(events.LocalDateTime("2025-09-09T09:00")), EndsAt: new(events.LocalDateTime("2025-09-10T12:30")), Zone: new("Europe/Zurich")}
		moved, err := s.Portal.Events.Update(s.by(stage.Secretariat), events.UpdateEventInput{ID: e.ID, ExpectedVersion: int(e.Version), Time: kit.OptOf(at)})
		s.must(err, moved.UserErrors)
		postponed, err := s.Portal.Events.Postpone(s.by(stage.Secretariat), events.PostponeEventInput{ID: e.ID, ExpectedVersion: int(moved.Event.Version), Reason: "The venue is not ready."})
		s.must(err, postponed.UserErrors)
		again, err := s.Portal.Events.Publish(s.by(stage.Secretariat), events.PublishEventInput{ID: e.ID, ExpectedVersion: int(postponed.Event.Version)})
		s.must(err, again.UserErrors)
	},
	"a focal point is invited again": func(s told) {
		p, err := s.Portal.Mandates.AppointFocalPoint(stage.By(stage.Secretariat), people.AppointFocalPointInput{Entity: "mem_ACTIVE", Name: "Sarah Nakato", Email: "sarah@example.org"})
		s.must(err, p.UserErrors)
		again, err := s.Portal.PersonInvitations.Resend(s.by(stage.Secretariat), people.ResendInvitationInput{ID: *p.Mandate.Invitation, ExpectedVersion: 1})
		s.must(err, again.UserErrors)
	},
	"an invitation is accepted by who has an account elsewhere": func(s told) {
		ctx := kit.WithProof(s.by(stage.Nobody), kit.Proof{Issuer: testkit.Issuer, IssuerSubject: "new", Email: "nora.invited@example.org", EmailVerified: true})
		p, err := s.Portal.PersonInvitations.Accept(ctx, people.AcceptInvitationInput{Code: testkit.PersonInvitationCode})
		s.must(err, p.UserErrors)
	},
	"an identity is linked and unlinked": func(s told) {
		linked, err := s.Portal.Persons.Link(s.by(stage.DelegateOfActive), people.LinkIdentityInput{Token: "TESTTOKEN"})
		s.must(err, linked.UserErrors)
		p, err := s.Portal.Persons.Unlink(s.by(stage.DelegateOfActive), people.UnlinkIdentityInput{Identity: linked.Person.StoredIdentities[0].ID()})
		s.must(err, p.UserErrors)
	},
	"an address changes": func(s told) {
		for _, email := range []string{"focal@example.org", "new@example.org"} {
			p, err := s.Portal.Persons.Update(s.by(stage.DelegateOfActive), people.UpdatePersonInput{ID: "usr_DELEGATE", ExpectedVersion: int(s.StoredPerson("usr_DELEGATE").Version), Email: kit.Some(email)})
			s.must(err, p.UserErrors)
		}
		_, bodies := s.MailsTo("new@example.org")
		code := regexp.MustCompile(`[A-Z2-7]{32}`).FindString(bodies[0])
		p, err := s.Portal.Persons.ConfirmEmail(s.by(stage.DelegateOfActive), people.ConfirmPersonEmailInput{ID: "usr_DELEGATE", Code: code})
		s.must(err, p.UserErrors)
	},
	"a refresh token comes twice": func(s told) {
		asked, err := s.Portal.Sessions.RequestCode(s.by(stage.Nobody), people.RequestSignInCodeInput{Email: "delegate@example.org"})
		s.must(err, asked.UserErrors)
		_, bodies := s.MailsTo("delegate@example.org")
		in, err := s.Portal.Sessions.SignIn(s.by(stage.Nobody), people.SignInInput{Challenge: *asked.Challenge, Code: regexp.MustCompile(`\d{8}`).FindString(bodies[0])})
		s.must(err, in.UserErrors)
		ctx := kit.WithProof(s.by(stage.DelegateOfActive), kit.Proof{Subject: "usr_DELEGATE", Session: in.SignedIn.Session.ID})
		_, err = s.Portal.Sessions.Move(ctx, in.SignedIn.RefreshToken, "")
		s.Must(err)
		_, err = s.Portal.Sessions.Move(ctx, in.SignedIn.RefreshToken, "")
		s.Refused(err, kit.Unauthenticated)
	},
	"a passkey is added, used and copied": func(s told) {
		d := s.addPasskey(stage.DelegateOfActive)
		stolen := *d
		for _, device := range []string{"Firefox on Linux", "Safari on iPhone"} {
			s.enterBy(d, device)
		}
		s.enterBy(&stolen, "")
	},
	"replies of one of two focal points, and of a delegate": func(s told) {
		s.AppointFocalPoint(testkit.Today)
		x, err := s.Portal.Feedback.Submit(s.by(focalOfActive), stage.Support("con_OPEN", "In favour."))
		s.must(err, x.UserErrors)
		version := int(x.Feedback.StoredVersion)
		for _, yes := range []bool{true, false} {
			p, err := s.Portal.Feedback.AgreeToCitation(s.by(secondOfIt), consultations.AgreeToCitationInput{ID: x.Feedback.ID, ExpectedVersion: version, Agrees: yes})
			s.must(err, p.UserErrors)
			version = int(p.Feedback.StoredVersion)
		}
		in := stage.Support("con_OPEN", "My own view.")
		in.Capacity = consultations.DelegateView
		view, err := s.Portal.Feedback.Submit(s.by(colleague), in)
		s.must(err, view.UserErrors)
		p, err := s.Portal.Feedback.Amend(s.by(colleague), consultations.AmendFeedbackInput{ID: view.Feedback.ID, ExpectedVersion: int(view.Feedback.StoredVersion), Publication: new(consultations.Anonymised)})
		s.must(err, p.UserErrors)
	},
	"a consultation gets another title": func(s told) {
		c, err := consultations.ConsultationNoun.In(s.Store).Get(s.Context(), "con_OPEN")
		s.Must(err)
		p, err := s.Portal.Consultations.Update(s.by(stage.Secretariat), consultations.UpdateConsultationInput{ID: "con_OPEN", ExpectedVersion: int(c.Version), Title: kit.Some(stage.English("Guidelines on accessible services"))})
		s.must(err, p.UserErrors)
	},
	"documents of an event": func(s told) {
		for version, readers := range []events.EventReaders{events.ReadersPublic, events.ReadersParticipants} {
			p, err := s.Portal.Events.PublishDocument(s.by(stage.Secretariat), events.PublishEventDocumentInput{
				EventID: "evt_OPEN", ExpectedVersion: version + 1, Kind: "OTHER", Title: stage.English("Draft agenda"), Source: files.DocumentSourceInput{Link: new("https://docs.example/agenda")},
				Language: kit.English, Date: testkit.Today, Readers: readers,
			})
			s.must(err, p.UserErrors)
		}
	},
	"who was registered refuses, and who waits gets the place": func(s told) {
		free, err := s.Portal.Registrations.Cancel(stage.By(focalOfActive), events.CancelRegistrationInput{ID: "reg_FOCAL", ExpectedVersion: 1})
		s.must(err, free.UserErrors)
		register := func(a kit.Actor, in events.RegisterForEventInput) kit.ID {
			in.Event, in.Mode, in.Consent, in.NameVisibility = "evt_OPEN", events.InPerson, true, events.NameNobody
			p, err := s.Portal.Registrations.Register(s.by(a), in)
			s.must(err, p.UserErrors)
			return p.Registration.ID
		}
		brought := register(focalOfActive, events.RegisterForEventInput{Person: new(kit.ID("usr_COLLEAGUE")), Entity: new(kit.ID("mem_ACTIVE"))})
		register(minister, events.RegisterForEventInput{})
		p, err := s.Portal.Registrations.Refuse(s.by(colleague), events.RefuseRegistrationInput{ID: &brought})
		s.must(err, p.UserErrors)
	},
	"one of two focal points asks for something": func(s told) {
		s.AppointFocalPoint(testkit.Today)
		var criteria []membership.CriterionAnswerInput
		for _, c := range membership.ExemptionCriteria {
			criteria = append(criteria, membership.CriterionAnswerInput{Criterion: c, Met: true})
		}
		x, err := s.Portal.FeeExemptions.Request(s.by(focalOfActive), membership.RequestFeeExemptionInput{Member: "mem_ACTIVE", Criteria: criteria, Evidence: []string{"https://active.example/statutes.pdf"}})
		s.must(err, x.UserErrors)
		c, err := s.Portal.Changes.Request(s.by(focalOfActive), membership.RequestMembershipChangeInput{Member: "mem_ACTIVE", Category: new(membership.Associate), Sectors: []membership.Sector{membership.SectorD}, StudyGroup: new(membership.SG1), Reason: "We follow one group."})
		s.must(err, c.UserErrors)
	},
	"a daily message": func(s told) {
		person, err := people.PersonNoun.In(s.Store).Get(s.Context(), "usr_DELEGATE")
		s.Must(err)
		person.Preferences = []people.NotificationPreference{{Kind: kit.AboutEvent, Delivery: people.NotifyDaily}}
		s.Must(people.PersonNoun.In(s.Store).Replace(s.Context(), person))
		p, err := s.Portal.Events.Postpone(s.by(stage.Secretariat), events.PostponeEventInput{ID: "evt_OPEN", ExpectedVersion: 1, Reason: "The hall is not ready"})
		s.must(err, p.UserErrors)
		s.Must(s.Portal.Notifications.SendDigests(s.by(stage.Nobody)))
	},
	"the clock goes on": func(s told) {
		_, faults, err := s.Portal.Mandates.Enter(stage.By(stage.Secretariat), people.MandateFocalPoint, people.AddDelegateInput{Entity: "mem_EXEMPT", Name: "Sarah Nakato", Email: "sarah@example.org"})
		s.must(err, faults)
		day := testkit.Today
		s.Stage = s.Issuing(published, stage.OnDay(&day), func(o *portal.Options) { o.DirectCountries = []string{"KE"} })
		for _, day = range []kit.Date{"2025-03-31", "2025-04-01", "2025-04-20", "2025-07-31", "2026-12-01"} {
			s.turn(day)
			s.tick()
		}
	},
	"few replies are to be anonymised": func(s told) {
		in := stage.Support("con_OPEN", "In favour.")
		in.Publication = consultations.Anonymised
		x, err := s.Portal.Feedback.Submit(s.by(focalOfActive), in)
		s.must(err, x.UserErrors)
		c, err := consultations.ConsultationNoun.In(s.Store).Get(s.Context(), "con_OPEN")
		s.Must(err)
		day := c.ClosesOn.AddDays(1)
		s.Stage = s.Issuing(published, stage.OnDay(&day))
		s.tick()
	},
	"the second reminder where no answer is no approval": func(s told) {
		day := testkit.Today
		s.Stage = s.Issuing(published, stage.OnDay(&day))
		s.tick()
		day = "2025-07-31"
		s.tick()
	},
}

func published(o *portal.Options) { o.PublicURL = "https://members.example.org" }

// site is the portal as an authenticator sees it.
var site = virtualwebauthn.RelyingParty{Name: "members.example.org", ID: "members.example.org", Origin: "https://members.example.org"}

// authenticator has one passkey.
type authenticator struct {
	virtualwebauthn.Authenticator
	key virtualwebauthn.Credential
}

// addPasskey adds a passkey of which both coordinates have 32 bytes, because the library of the tests writes shorter ones
// short.
func (s told) addPasskey(a kit.Actor) *authenticator {
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
		d := &authenticator{virtualwebauthn.NewAuthenticator(), virtualwebauthn.NewCredentialWithImportedKey(virtualwebauthn.KeyTypeEC2, raw)}
		begun, err := s.Portal.Passkeys.Begin(s.by(a))
		s.must(err, begun.UserErrors)
		options, err := virtualwebauthn.ParseAttestationOptions(*begun.Options)
		s.Must(err)
		d.Options.UserHandle = []byte(options.UserID)
		p, err := s.Portal.Passkeys.Add(s.by(a), people.AddPasskeyInput{Challenge: *begun.Challenge, Name: "My phone", Credential: virtualwebauthn.CreateAttestationResponse(site, d.Authenticator, d.key, *options)})
		s.must(err, p.UserErrors)
		return d
	}
}

// enterBy tries to sign in by a passkey, with a program.
func (s told) enterBy(d *authenticator, device string) {
	s.Helper()
	*s.Wall = s.Wall.Add(time.Second)
	begun, err := s.Portal.Passkeys.BeginSignIn(s.by(stage.Nobody))
	s.Must(err)
	options, err := virtualwebauthn.ParseAssertionOptions(begun.Options)
	s.Must(err)
	d.key.Counter++
	_, err = s.Portal.Passkeys.SignIn(kit.WithDevice(s.by(stage.Nobody), device), people.SignInWithPasskeyInput{Challenge: begun.Challenge, Credential: virtualwebauthn.CreateAssertionResponse(site, d.Authenticator, d.key, *options)})
	s.Must(err)
}
