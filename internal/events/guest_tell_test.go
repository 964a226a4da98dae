package events_test

import (
	"slices"
	"strings"
	"testing"

	"memberportal/internal/events"
	"memberportal/internal/kit"
	"memberportal/internal/testkit/stage"
)

// TestAGuestIsInvitedByMail with the link in its language, and told if the invitation is taken back; the address goes when
// nobody needs it any more.
func TestAGuestIsInvitedByMail(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		invite := func(address string) *events.InviteGuestPayload {
			s.Helper()
			p, err := s.Portal.Guests.Invite(stage.By(stage.Secretariat), events.InviteGuestInput{Event: "evt_OPEN", Organisation: "Sesame Networks", Email: &address, Locale: new(kit.French)})
			s.Must(err)
			s.none(p.UserErrors)
			return p
		}
		stored := func(id kit.ID) *events.EventInvitation {
			i, err := events.InvitationNoun.In(s.Store).Get(s.Context(), string(id))
			s.Must(err)
			return i
		}
		var p *events.InviteGuestPayload
		if got := s.told(func() { p = invite("ali@sesame.example") }); !slices.Equal(got, []string{"ali@sesame.example mail.guest.invited"}) {
			s.Errorf("told %v", got)
		}
		m := s.Outbox()[len(s.Outbox())-1]
		if !strings.HasSuffix(m.Link, "/guest#"+*p.Code) || m.Locale != kit.French || !strings.Contains(m.Body, "Sesame Networks") || strings.Contains(m.Subject+m.Body, *p.Code) {
			s.Errorf("the mail is %s", stage.InJSON(m))
		}
		n, err := s.Portal.Guests.Notice(stage.By(stage.Nobody), *p.Code)
		if s.Must(err); n == nil || n.Organisation != "Sesame Networks" || len(n.Modes) != 2 || len(n.Questions) != 1 {
			s.Errorf("the notice is %s", stage.InJSON(n))
		}
		if got := s.told(func() {
			a, err := s.Portal.Guests.Accept(stage.By(stage.Nobody), acceptance(*p.Code))
			s.Must(err)
			s.none(a.UserErrors)
		}); !slices.Equal(got, []string{"ali@sesame.example mail.registration.confirmed"}) {
			s.Errorf("accepting tells %v", got)
		}
		if i := stored(p.Invitation.ID); i.Email != nil || i.Locale != nil {
			s.Errorf("kept after the answer: %s", stage.InJSON(i))
		}
		if n, err := s.Portal.Guests.Notice(stage.By(stage.Nobody), *p.Code); err != nil || n != nil {
			s.Errorf("a used code shows %s, %v", stage.InJSON(n), err)
		}

		p = invite("zoe@sesame.example")
		if got := s.told(func() {
			r, err := s.Portal.Guests.Revoke(stage.By(stage.Secretariat), events.RevokeEventInvitationInput{ID: p.Invitation.ID, ExpectedVersion: int(p.Invitation.Version)})
			s.Must(err)
			s.none(r.UserErrors)
		}); !slices.Equal(got, []string{"zoe@sesame.example mail.guest.withdrawn"}) {
			s.Errorf("revoking tells %v", got)
		}
		if i := stored(p.Invitation.ID); i.Email != nil {
			s.Errorf("kept after the withdrawal: %s", stage.InJSON(i))
		}
		if got := s.told(func() {
			r, err := s.Portal.Guests.Revoke(stage.By(stage.Secretariat), events.RevokeEventInvitationInput{ID: "inv_OPEN", ExpectedVersion: 1})
			s.Must(err)
			s.none(r.UserErrors)
		}); len(got) != 0 {
			s.Errorf("an invitation without an address tells %v", got)
		}
	})
}

// TestAGuestIsMailedOnlyAboutAnEventThatItMayKnow, at an address that is one, and not without end.
func TestAGuestIsMailedOnlyAboutAnEventThatItMayKnow(t *testing.T) {
	s := scene{stage.Embedded(t)}
	invite := func(event kit.ID, address string) ([]string, error) {
		p, err := s.Portal.Guests.Invite(stage.By(stage.Secretariat), events.InviteGuestInput{Event: event, Organisation: "Sesame Networks", Email: &address})
		if err != nil {
			return nil, err
		}
		return stage.FaultsOf(p.UserErrors), nil
	}
	all := events.EventNoun.In(s.Store)
	for _, id := range []string{"evt_DRAFT", "evt_CANCELLED"} {
		e, err := all.Get(s.Context(), id)
		s.Must(err)
		e.Audience.Guests = true
		s.Must(all.Replace(s.Context(), e))
		faults, err := invite(kit.ID(id), "no address")
		if want := []string{"INVALID input.email", "NOT_ALLOWED_IN_STATE input.event"}; err != nil || !slices.Equal(faults, want) {
			s.Errorf("%s: %v, %v", id, faults, err)
		}
	}
	sent := 0
	for ; sent < 30; sent++ {
		if _, err := invite("evt_OPEN", "ali@sesame.example"); err != nil {
			break
		}
	}
	if sent != 20 {
		s.Errorf("%d mails to one address", sent)
	}
}

// TestAnInvitedGuestHearsOfChanges until it answers, and its invitation follows the event to a new day.
func TestAnInvitedGuestHearsOfChanges(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		secretariat, address := stage.By(stage.Secretariat), "ali@sesame.example"
		invite := func(until *kit.Date, email *string) string {
			s.Helper()
			p, err := s.Portal.Guests.Invite(secretariat, events.InviteGuestInput{Event: "evt_OPEN", Organisation: "Sesame Networks", Email: email, ExpiresOn: until})
			s.Must(err)
			s.none(p.UserErrors)
			return *p.Code
		}
		version := func() int {
			e, err := s.Portal.Events.Get(secretariat, "evt_OPEN")
			s.Must(err)
			return int(e.Version)
		}
		with, own := invite(nil, &address), invite(new(kit.Date("2025-04-10")), nil)
		hears := func(want string, do func()) {
			s.Helper()
			heard := slices.DeleteFunc(s.told(do), func(m string) bool { return !strings.HasPrefix(m, address) })
			if !slices.Equal(heard, []string{address + " " + want}) {
				s.Errorf("the guest hears %v, want %s", heard, want)
			}
		}
		at := &events.EventTimeInput{StartsOn: new(kit.Date("2025-09-09")), Zone: new("Europe/Zurich")}
		hears("mail.guest.moved", func() {
			p, err := s.Portal.Events.Update(secretariat, events.UpdateEventInput{ID: "evt_OPEN", ExpectedVersion: version(), Time: kit.OptOf(at)})
			s.Must(err)
			s.none(p.UserErrors)
		})
		for code, want := range map[string]kit.Date{with: "2025-09-09", own: "2025-04-10"} {
			if n, err := s.Portal.Guests.Notice(stage.By(stage.Nobody), code); err != nil || n == nil || n.ExpiresOn != want {
				s.Errorf("the code is good until %s, %v; want %s", stage.InJSON(n), err, want)
			}
		}
		hears("mail.guest.postponed", func() {
			p, err := s.Portal.Events.Postpone(secretariat, events.PostponeEventInput{ID: "evt_OPEN", ExpectedVersion: version(), Reason: "The venue is not ready."})
			s.Must(err)
			s.none(p.UserErrors)
		})
		*s.Wall = s.Wall.AddDate(0, 7, 0) // the invitation has ended with the day that was announced, and lives again
		hears("mail.guest.moved", func() {
			p, err := s.Portal.Events.Publish(secretariat, events.PublishEventInput{ID: "evt_OPEN", ExpectedVersion: version(), Time: &events.EventTimeInput{StartsOn: new(kit.Date("2025-12-09")), Zone: new("Europe/Zurich")}})
			s.Must(err)
			s.none(p.UserErrors)
		})
		hears("mail.event.cancelled", func() {
			p, err := s.Portal.Events.Cancel(secretariat, events.CancelEventInput{ID: "evt_OPEN", ExpectedVersion: version(), Reason: "There is no venue."})
			s.Must(err)
			s.none(p.UserErrors)
		})
	})
}
