package people_test

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"memberportal/internal/kit"
	"memberportal/internal/people"
	"memberportal/internal/portal"
	"memberportal/internal/store"
	"memberportal/internal/testkit/stage"
)

// linked is the scene with a portal that has an address.
func (s scene) linked() scene {
	return scene{s.Issuing(func(o *portal.Options) { o.PublicURL = "https://members.example.org" })}
}

// postponed is a message that people may switch off, and ended one that they may not.
var (
	postponed = kit.Letter{Key: "mail.event.postponed", Params: map[string]any{"event": "The summit"}, About: "evt_OPEN"}
	ended     = kit.Letter{Key: "mail.memberWithdrawn", Params: map[string]any{"entity": "Active", "date": kit.Date("2025-03-31")}, About: "mem_ACTIVE"}
)

// tells tells persons as one change, and returns whom a mail reaches.
func (s scene) tells(letter kit.Letter, to ...kit.ID) (reached []kit.ID) {
	s.Helper()
	*s.Wall = s.Wall.Add(time.Millisecond) // so that notifications have an order
	s.Must(s.Core.Transact(kit.WithOperation(stage.By(stage.Secretariat), "postponeEvent"), func(ctx context.Context) error {
		persons, err := s.Portal.Persons.Stored(ctx, to)
		if err != nil {
			return err
		}
		got, err := s.Portal.Notifications.Tell(ctx, letter, persons...)
		reached = kit.Map(got, func(p *people.Person) kit.ID { return p.ID })
		return err
	}))
	return reached
}

// noticesOf are the notifications of a person, the latest first.
func (s scene) noticesOf(person kit.ID, f *people.NotificationFilter) []*people.Notification {
	s.Helper()
	found, err := s.Portal.Notifications.List(stage.By(kit.Actor{Subject: person}), &kit.Viewer{ID: person}, f, kit.PageArgs{First: new(100)})
	s.Must(err)
	return found.Nodes()
}

func (s scene) unreadOf(person kit.ID) int {
	s.Helper()
	n, err := s.Portal.Notifications.Unread(stage.By(kit.Actor{Subject: person}), &kit.Viewer{ID: person})
	s.Must(err)
	return n
}

// prefers has a person choose when it gets a kind by mail, and returns the faults.
func (s scene) prefers(person kit.ID, all ...people.NotificationPreference) []string {
	s.Helper()
	p, err := s.Portal.Notifications.SetPreferences(stage.By(kit.Actor{Subject: person}), people.SetNotificationPreferencesInput{Preferences: all})
	s.Must(err)
	return stage.FaultsOf(p.UserErrors)
}

// digests sends the daily messages, and returns the addresses of all that were ever sent.
func (s scene) digests() []string {
	s.Helper()
	s.Must(s.Portal.Notifications.SendDigests(stage.By(stage.Nobody)))
	return s.told("mail.digest")
}

const delegateAddress = "delegate@example.org"

func TestAPersonIsToldInItsLanguageOnceAndAsItChose(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		s = s.linked()
		s.change("usr_DELEGATE", func(p *people.Person) { p.Locale = new(kit.French) })
		s.change("usr_LEAVING", func(p *people.Person) { p.DisabledAt = new(kit.DateTimeOf(*s.Wall)) })
		s.change("usr_KENYA", func(p *people.Person) { p.Email = nil })
		if got := s.tells(postponed, "usr_DELEGATE", "usr_FOCAL", "usr_DELEGATE", "usr_LEAVING", "usr_KENYA", "usr_NEVER"); !slices.Equal(got, []kit.ID{"usr_DELEGATE", "usr_FOCAL"}) {
			s.Errorf("reached %v", got)
		}
		if to := s.told("mail.event.postponed"); !slices.Equal(to, []string{delegateAddress, "focal@example.org"}) {
			s.Errorf("mailed to %v", to)
		}
		got := s.noticesOf("usr_DELEGATE", nil)
		if len(got) != 1 || got[0].Subject != kit.Fill(kit.French, kit.Messages["mail.event.postponed.subject"][kit.French], postponed.Params) || got[0].Locale != kit.French ||
			got[0].Because != "postponeEvent" || got[0].Kind != kit.AboutEvent || got[0].Path != "/events/evt_OPEN" || *got[0].AboutID != "evt_OPEN" || got[0].ReadAt != nil {
			s.Errorf("kept %s", stage.InJSON(got))
		}
		if n := len(s.noticesOf("usr_LEAVING", nil)); n != 0 {
			s.Errorf("who is shut out has %d", n)
		}
		if n := len(s.noticesOf("usr_KENYA", nil)); n != 1 {
			s.Errorf("who has no address has %d", n)
		}
		s.Must(s.Core.Transact(kit.Quietly(stage.By(stage.Secretariat)), func(ctx context.Context) error {
			persons, err := s.Portal.Persons.Stored(ctx, []kit.ID{"usr_FOCAL"})
			if err != nil {
				return err
			}
			reached, err := s.Portal.Notifications.Tell(ctx, ended, persons...)
			if len(reached) > 0 {
				s.Error("somebody is reached quietly")
			}
			return err
		}))
		if n := len(s.noticesOf("usr_FOCAL", nil)); n != 1 {
			s.Errorf("told quietly: %d", n)
		}
	})
}

func TestWhatIsOwedCannotBeSwitchedOff(t *testing.T) {
	s := scene{stage.Embedded(t)}.linked()
	for _, kind := range kit.NotificationKinds {
		for _, d := range people.NotificationDeliveries {
			got := s.prefers("usr_DELEGATE", people.NotificationPreference{Kind: kind, Delivery: d})
			if want := kind.Owed() && d != people.NotifyAtOnce; (len(got) > 0) != want || want && got[0] != "NOT_ALLOWED_IN_STATE input.preferences.0.delivery" {
				s.Errorf("%s %s: %v", kind, d, got)
			}
		}
	}
	never := people.NotificationPreference{Kind: kit.AboutEvent, Delivery: people.NotifyNever}
	if got := s.prefers("usr_DELEGATE", never, never); !slices.Equal(got, []string{"DUPLICATE input.preferences.1.kind"}) {
		s.Errorf("twice: %v", got)
	}
	if got := s.prefers("usr_NEVER", never); !slices.Equal(got, []string{"NOT_ALLOWED_IN_STATE input"}) {
		s.Errorf("nobody: %v", got)
	}
	// A preference that got into the store all the same changes nothing.
	s.change("usr_DELEGATE", func(p *people.Person) {
		p.Preferences = append(p.Preferences, people.NotificationPreference{Kind: kit.AboutMembership, Delivery: people.NotifyNever})
	})
	s.tells(ended, "usr_DELEGATE")
	if to := s.told(ended.Key); !slices.Equal(to, []string{delegateAddress}) {
		s.Errorf("mailed to %v", to)
	}
}

func TestADailyMessageHasEverythingOnceADay(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		s = s.linked()
		daily := people.NotificationPreference{Kind: kit.AboutEvent, Delivery: people.NotifyDaily}
		for _, id := range []kit.ID{"usr_DELEGATE", "usr_FOCAL"} {
			if got := s.prefers(id, daily); len(got) > 0 {
				s.Fatal(got)
			}
		}
		s.change("usr_DELEGATE", func(p *people.Person) { p.Locale = new(kit.Russian) })
		s.prefers("usr_COLLEAGUE", people.NotificationPreference{Kind: kit.AboutEvent, Delivery: people.NotifyNever})
		if got := s.tells(postponed, "usr_DELEGATE", "usr_FOCAL", "usr_COLLEAGUE"); !slices.Equal(got, []kit.ID{"usr_DELEGATE", "usr_FOCAL"}) {
			s.Errorf("reached %v", got)
		}
		second := postponed
		second.Params = map[string]any{"event": "The workshop"}
		s.tells(second, "usr_DELEGATE")
		if to := s.told(postponed.Key); to != nil {
			s.Errorf("mailed at once to %v", to)
		}
		if to := s.digests(); !slices.Equal(to, []string{delegateAddress, "focal@example.org"}) {
			s.Errorf("daily messages to %v", to)
		}
		keys, bodies := s.MailsTo(delegateAddress)
		if !slices.Equal(keys, []string{"mail.digest"}) || strings.Count(bodies[0], "• ") != 2 || !strings.Contains(bodies[0], "2 уведомления") || !strings.Contains(bodies[0], "The summit") || !strings.Contains(bodies[0], "The workshop") || !strings.Contains(bodies[0], "https://members.example.org/notifications") {
			s.Errorf("it reads %q", bodies)
		}
		if n := len(s.noticesOf("usr_COLLEAGUE", nil)); n != 1 {
			s.Errorf("who gets no mail reads %d", n)
		}
		s.tells(second, "usr_FOCAL")
		if to := s.digests(); len(to) != 2 {
			s.Errorf("again on the same day: %v", to)
		}
		*s.Wall = s.Wall.Add(23*time.Hour + time.Second)
		if to := s.digests(); !slices.Equal(to, []string{delegateAddress, "focal@example.org", "focal@example.org"}) {
			s.Errorf("on the next day: %v", to)
		}
		*s.Wall = s.Wall.Add(24 * time.Hour)
		if to := s.digests(); len(to) != 3 {
			s.Errorf("with nothing in it: %v", to)
		}
	})
}

func TestADailyMessageIsBounded(t *testing.T) {
	s := scene{stage.Embedded(t)}.linked()
	s.prefers("usr_DELEGATE", people.NotificationPreference{Kind: kit.AboutEvent, Delivery: people.NotifyDaily})
	for i := range 60 {
		letter := postponed
		letter.Params = map[string]any{"event": fmt.Sprintf("Event %d", i)}
		s.tells(letter, "usr_DELEGATE")
	}
	s.digests()
	_, bodies := s.MailsTo(delegateAddress)
	if n := strings.Count(bodies[0], "• "); n != 50 || !strings.HasPrefix(bodies[0], "60 notifications") {
		s.Errorf("%d lines: %s", n, bodies[0])
	}
}

func TestAPersonReadsAndMarksItsOwnNotificationsOnly(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		s = s.linked()
		s.tells(postponed, "usr_DELEGATE", "usr_FOCAL")
		s.tells(ended, "usr_DELEGATE")
		all := s.noticesOf("usr_DELEGATE", nil)
		if len(all) != 2 || all[0].Key != ended.Key || s.unreadOf("usr_DELEGATE") != 2 || s.unreadOf("usr_FOCAL") != 1 || s.unreadOf("usr_NEVER") != 0 {
			s.Fatalf("%s", stage.InJSON(all))
		}
		mark := func(person kit.ID, in people.MarkNotificationsReadInput) (*int, []string, error) {
			p, err := s.Portal.Notifications.MarkRead(stage.By(kit.Actor{Subject: person}), in)
			if err != nil {
				return nil, nil, err
			}
			return p.Unread, stage.FaultsOf(p.UserErrors), nil
		}
		for _, in := range []people.MarkNotificationsReadInput{{}, {IDs: []kit.ID{all[0].ID}, All: true}} {
			if _, faults, err := mark("usr_DELEGATE", in); err != nil || !slices.Equal(faults, []string{"INVALID input"}) {
				s.Errorf("%+v: %v, %v", in, faults, err)
			}
		}
		for _, other := range []people.MarkNotificationsReadInput{{IDs: []kit.ID{all[0].ID}}, {IDs: []kit.ID{"ntf_NEVER"}}} {
			_, _, err := mark("usr_FOCAL", other)
			s.Refused(err, kit.NotFound)
		}
		if n, _, err := mark("usr_DELEGATE", people.MarkNotificationsReadInput{IDs: []kit.ID{all[0].ID}}); err != nil || *n != 1 {
			s.Errorf("one: %v, %v", n, err)
		}
		unread := s.noticesOf("usr_DELEGATE", &people.NotificationFilter{Unread: new(true)})
		read := s.noticesOf("usr_DELEGATE", &people.NotificationFilter{Unread: new(false)})
		kind := s.noticesOf("usr_DELEGATE", &people.NotificationFilter{Kinds: []kit.NotificationKind{kit.AboutEvent}})
		if len(unread) != 1 || unread[0].ID != all[1].ID || len(read) != 1 || read[0].ID != all[0].ID || len(kind) != 1 || kind[0].ID != all[1].ID {
			s.Errorf("filtered: %s, %s, %s", stage.InJSON(unread), stage.InJSON(read), stage.InJSON(kind))
		}
		if n, _, err := mark("usr_DELEGATE", people.MarkNotificationsReadInput{All: true}); err != nil || *n != 0 || s.unreadOf("usr_FOCAL") != 1 {
			s.Errorf("all: %v, %v", n, err)
		}
		found, err := s.Portal.Notifications.ByIDs(stage.By(kit.Actor{Subject: "usr_FOCAL"}), []kit.ID{all[0].ID})
		if err != nil || found[0] != nil {
			s.Errorf("somebody else reads %s, %v", stage.InJSON(found), err)
		}
	})
}

func TestALinkEndsOneKindForOnePerson(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		s = s.linked()
		s.tells(postponed, "usr_DELEGATE", "usr_FOCAL")
		s.tells(ended, "usr_DELEGATE")
		codes := map[string]string{}
		for _, m := range s.Outbox() {
			if m.Key == ended.Key {
				if m.Unsubscribe != "" {
					s.Error("what is owed has a link that ends it")
				}
				continue
			}
			at, err := url.Parse(m.Unsubscribe)
			s.Must(err)
			codes[m.To] = at.Query().Get("code")
			if at.Path != "/unsubscribe" || codes[m.To] == "" || strings.Contains(m.Unsubscribe, "usr_") || strings.Contains(m.Unsubscribe, "EVENT") {
				s.Errorf("the link is %s", m.Unsubscribe)
			}
		}
		code := codes[delegateAddress]
		if kind, err := s.Portal.Notifications.Unsubscribes(code); err != nil || kind != kit.AboutEvent {
			s.Errorf("it is about %s, %v", kind, err)
		}
		for name, wrong := range map[string]string{"none": "", "nonsense": "abc", "one that is cut": code[:len(code)-2], "one that is changed": "A" + code[1:] + "A", "another purpose": s.Core.SealText("cursor", "usr_DELEGATE EVENT")} {
			s.Refused(s.Portal.Notifications.Unsubscribe(stage.By(stage.Nobody), wrong), kit.NotFound)
			if _, err := s.Portal.Notifications.Unsubscribes(wrong); err == nil {
				s.Errorf("%s is good", name)
			}
		}
		for range 2 { // a mail program may ask twice
			s.Must(s.Portal.Notifications.Unsubscribe(stage.By(stage.Nobody), code))
		}
		p := s.StoredPerson("usr_DELEGATE")
		if !slices.Equal(p.Preferences, []people.NotificationPreference{{Kind: kit.AboutEvent, Delivery: people.NotifyNever}}) {
			s.Errorf("it has %+v", p.Preferences)
		}
		if p := s.StoredPerson("usr_FOCAL"); p.Delivery(kit.AboutEvent) != people.NotifyAtOnce {
			s.Error("somebody else gets none either")
		}
		again := postponed
		again.Params = map[string]any{"event": "Another"}
		if got := s.tells(again, "usr_DELEGATE"); len(got) != 0 {
			s.Errorf("reached %v", got)
		}
		if n := len(s.told(postponed.Key)); n != 2 || len(s.noticesOf("usr_DELEGATE", nil)) != 3 {
			s.Errorf("%d mails", n)
		}
		s.change("usr_FOCAL", func(p *people.Person) { p.ErasedOn = new(kit.Date("2025-03-31")) })
		s.Refused(s.Portal.Notifications.Unsubscribe(stage.By(stage.Nobody), codes["focal@example.org"]), kit.NotFound)
	})
}

// TestAMessageNamesAMemberThatTheCallerDoesNotSee: a mail about a member that is suspended, not active yet or has left says
// which one it is, whoever acts.
func TestAMessageNamesAMemberThatTheCallerDoesNotSee(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		want := map[kit.ID]string{"mem_SUSPENDED": "Testbed Suspended", "mem_PENDING": "Testbed Pending", "cty_UG": "Uganda", "mem_NEVER": "mem_NEVER"}
		for _, a := range []kit.Actor{stage.Nobody, stage.Kenya, stage.Secretariat} {
			for id, name := range want {
				got, err := s.Portal.Mandates.Named(stage.By(a), id)
				s.Must(err)
				text := kit.Fill(kit.English, "{entity}", map[string]any{"entity": got})
				if text != name {
					s.Errorf("%s for %q: %q", id, a.Subject, text)
				}
			}
		}
		reached, err := s.Portal.Mandates.TellEntities(store.Looking(kit.WithOperation(stage.By(stage.Nobody), "excludeMember")), []kit.ID{"mem_SUSPENDED", "cty_UG"}, func(id kit.ID) kit.Letter {
			return kit.Letter{Key: "mail.memberExcluded", Params: map[string]any{"date": kit.Date("2025-03-31")}, About: id}
		})
		if s.Must(err); len(reached["mem_SUSPENDED"]) != 1 || len(reached["cty_UG"]) == 0 {
			s.Errorf("reached %v", reached)
		}
		for to, name := range map[string]string{"suspended@example.org": "Testbed Suspended", "minister@example.org": "Uganda"} {
			if _, bodies := s.MailsTo(to); len(bodies) != 1 || !strings.HasPrefix(bodies[0], name+": ") {
				s.Errorf("%s reads %q", to, bodies)
			}
		}
	})
}
