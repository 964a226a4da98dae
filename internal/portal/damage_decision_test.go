package portal_test

import (
	"context"
	"errors"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"memberportal/internal/applications"
	"memberportal/internal/consultations"
	"memberportal/internal/events"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/portal"
	"memberportal/internal/store"
	"memberportal/internal/testkit"
)

// decision is something that is decided by a stored document.
type decision struct {
	name string
	kind *store.Kind
	id   kit.ID
	// prepare makes what the decision needs and gives the document that is damaged, if it is not id.
	prepare func(s stage) kit.ID
	decide  func(s stage) ([]kit.UserError, error)
	// taken says that the damaged document keeps a unique value, so that the decision is as it would be with
	// a sound one: these are its faults.
	taken []string
}

// undone are the decisions that write something before they meet the damage, which the transaction takes
// back: a test peer without transactions keeps it.
var undone = []string{
	"seats: who waits first when a place becomes free", "identity: who has the address", "identity: who may have the new address",
	"identity: the application that a code opens",
}

// decisions are one of each kind of decision: seats, mandate, participation, uniqueness, identity.
func decisions() []decision {
	focal, delegate := testkit.Actor("FOCAL_POINT mem_ACTIVE usr_FOCAL"), testkit.Actor("DELEGATE mem_ACTIVE usr_DELEGATE")
	ugandan := registrant{"usr_UGANDA", "cty_UG", uganda}
	register := func(event kit.ID, r registrant) func(s stage) ([]kit.UserError, error) {
		return func(s stage) ([]kit.UserError, error) {
			p, err := s.register(event, r)
			return p.UserErrors, err
		}
	}
	reply := func(a kit.Actor, in consultations.SubmitFeedbackInput) func(s stage) ([]kit.UserError, error) {
		return func(s stage) ([]kit.UserError, error) {
			p, err := s.portal.Feedback.Submit(by(a), in)
			return p.UserErrors, err
		}
	}
	view := support("con_OPEN", "a view")
	view.Capacity = consultations.DelegateView
	official := reply(focal, support("con_OPEN", "a reply"))
	var challenge kit.ID
	return []decision{
		{"seats: the count of places", events.SeatNoun.Kind, "evt_OPEN", nil, register("evt_OPEN", ugandan), nil},
		{"seats: the event", events.EventNoun.Kind, "evt_OPEN", nil, register("evt_OPEN", ugandan), nil},
		{"seats: the member that registers", membership.MemberNoun.Kind, "mem_ACTIVE", nil, register("evt_OPEN", registrant{"usr_DELEGATE", "mem_ACTIVE", focal}), nil},
		{"seats: the registration that the person has", events.RegistrationNoun.Kind, "reg_ASKED", nil, register("evt_OPEN", registrant{"usr_DELEGATE", "mem_ACTIVE", focal}), nil},
		{"seats: who waits first when a place becomes free", events.RegistrationNoun.Kind, "", func(s stage) kit.ID {
			r := s.registrants(2)[1]
			p, err := s.portal.Registrations.Register(by(r.speaker), events.RegisterForEventInput{
				Event: "evt_OPEN", Entity: &r.entity, Person: &r.person, Mode: events.InPerson, Consent: true, NameVisibility: events.NameNobody,
			})
			if err != nil || p.Registration == nil || p.Registration.Status != events.RegistrationWaiting {
				s.Fatalf("%v, %s", err, inJSON(p))
			}
			return p.Registration.ID
		}, func(s stage) ([]kit.UserError, error) {
			p, err := s.portal.Registrations.Cancel(by(secretariat), events.CancelRegistrationInput{ID: "reg_FOCAL", ExpectedVersion: 1})
			return p.UserErrors, err
		}, nil},
		{"mandate: of who is registered", membership.MandateNoun.Kind, "man_UGANDA", nil, register("evt_OPEN", ugandan), nil},
		{"mandate: of who speaks for itself", membership.MandateNoun.Kind, "man_DELEGATE", nil, reply(delegate, view), nil},
		{"mandate: of the other focal point, when one leaves", membership.MandateNoun.Kind, "", func(s stage) kit.ID { return s.appointed("2025-03-31").ID }, func(s stage) ([]kit.UserError, error) {
			p, err := s.portal.Mandates.End(by(focal), membership.EndMandateInput{ID: "man_FOCAL", ExpectedVersion: 1, EndsOn: "2025-04-15"})
			return p.UserErrors, err
		}, nil},
		{"participation: what was drafted", consultations.DraftNoun.Kind, consultations.DraftID("con_OPEN", "mem_ACTIVE", ""), nil, official, nil},
		{"participation: itself", consultations.ParticipationNoun.Kind, consultations.ParticipationID("con_OPEN", "mem_ACTIVE"), nil, official, nil},
		{"participation: the consultation", consultations.ConsultationNoun.Kind, "con_OPEN", nil, official, nil},
		{"participation: the member", membership.MemberNoun.Kind, "mem_ACTIVE", nil, official, nil},
		{"participation: the reply that there is", consultations.FeedbackNoun.Kind, "fbk_EARLY", nil, reply(testkit.Actor("FOCAL_POINT mem_INTERNATIONAL usr_INTERNATIONAL"), support("con_OPEN", "again")), nil},
		{"uniqueness: the name of a member", membership.MemberNoun.Kind, "", func(s stage) kit.ID {
			p, err := s.admit(secretariat, func(*admission) {})
			s.must(err)
			return p.Member.ID
		}, func(s stage) ([]kit.UserError, error) {
			p, err := s.admit(secretariat, func(*admission) {})
			return p.UserErrors, err
		}, []string{"DUPLICATE input.name"}},
		{"uniqueness: the code of a series", events.SeriesNoun.Kind, "ser_TESTBED", nil, func(s stage) ([]kit.UserError, error) {
			p, err := s.portal.EventSeries.Create(by(secretariat), events.CreateEventSeriesInput{Code: "TESTBED", Kind: "BRIEFING", Title: []kit.TranslationInput{{Locale: kit.English, Text: new("Again")}}})
			return p.UserErrors, err
		}, []string{"DUPLICATE input.code"}},
		{"uniqueness: the annual invoice", membership.InvoiceNoun.Kind, "", func(s stage) kit.ID {
			p, err := s.portal.Invoices.Issue(by(secretariat), membership.IssueInvoiceInput{Member: "mem_ACTIVE", Year: 2026, Kind: membership.InvoiceAnnual})
			s.must(err)
			return p.Invoice.ID
		}, func(s stage) ([]kit.UserError, error) {
			p, err := s.portal.Invoices.Issue(by(secretariat), membership.IssueInvoiceInput{Member: "mem_ACTIVE", Year: 2026, Kind: membership.InvoiceAnnual})
			return p.UserErrors, err
		}, []string{"DUPLICATE input.year"}},
		{"identity: who has the address", membership.PersonNoun.Kind, "usr_DELEGATE", nil, func(s stage) ([]kit.UserError, error) {
			p, err := s.portal.Mandates.AddDelegate(by(secretariat), addition{Entity: "cty_UG", Name: "Somebody Else", Email: "delegate@example.org"})
			return p.UserErrors, err
		}, nil},
		{"identity: who may have the new address", membership.PersonNoun.Kind, "usr_UGANDA", nil, func(s stage) ([]kit.UserError, error) {
			in := membership.UpdatePersonInput{ID: "usr_DELEGATE", ExpectedVersion: int(s.somebody("usr_DELEGATE").Version), Email: kit.Some("uganda@example.org")}
			p, err := s.portal.Persons.Update(by(secretariat), in)
			return p.UserErrors, err
		}, nil},
		{"identity: the person that changes its address", membership.PersonNoun.Kind, "usr_DELEGATE", nil, func(s stage) ([]kit.UserError, error) {
			p, err := s.portal.Persons.ConfirmEmail(by(itself), membership.ConfirmPersonEmailInput{ID: "usr_DELEGATE", Code: "A"})
			return p.UserErrors, err
		}, nil},
		{"identity: the application that a code opens", applications.ApplicationNoun.Kind, "app_SUBMITTED", nil, func(s stage) ([]kit.UserError, error) {
			p, err := s.portal.Applications.RequestCode(by(nobody), applications.RequestApplicationCodeInput{Email: "a@example.org", Locale: kit.French, Application: new(kit.ID("app_SUBMITTED"))})
			if err != nil {
				return nil, err
			}
			return p.UserErrors, nil
		}, nil},
		{"identity: the challenge that a code answers", portal.ChallengeNoun.Kind, "", func(s stage) kit.ID {
			challenge = s.askCode("new@example.org", nil)
			return kit.ID(kit.Hash(string(challenge)))
		}, func(s stage) ([]kit.UserError, error) {
			p, err := s.portal.Applications.ConfirmCode(by(nobody), applications.ConfirmApplicationCodeInput{Challenge: challenge, Code: "00000000"})
			if err != nil {
				return nil, err
			}
			return p.UserErrors, nil
		}, nil},
	}
}

// TestADecisionThatNeedsADamagedDocumentIsRefused and writes nothing; of what has a unique value, the value
// stays taken. With the document mended, the same decision is made.
func TestADecisionThatNeedsADamagedDocumentIsRefused(t *testing.T) {
	onEngines(t, func(s stage) {
		s = s.issuing()
		for _, d := range decisions() {
			s.run(d.name, func(s stage) {
				id := d.id
				if d.prepare != nil {
					id = d.prepare(s)
				}
				var sound bson.D
				testkit.Spoil(s.T, s.store, d.kind, string(id), func(doc bson.D) bson.D {
					sound = slices.Clone(doc)
					return set(doc, "version", "seven")
				}, 0)
				before := s.wholeStore()
				faults, err := d.decide(s)
				switch {
				case d.taken != nil:
					if err != nil || !slices.Equal(faultsOf(faults), d.taken) {
						s.Errorf("got %v, %v, want %v", faultsOf(faults), err, d.taken)
					}
				case !errors.Is(err, store.ErrCorrupt) || kit.Classify(err).Code != kit.Unavailable:
					s.Errorf("got %v, %v, want UNAVAILABLE", faultsOf(faults), err)
				}
				if written := differing(before, s.wholeStore()); len(written) > 0 && (s.store.Atomic() || !slices.Contains(undone, d.name)) {
					s.Errorf("something was written: %v", written)
				}
				testkit.Spoil(s.T, s.store, d.kind, string(id), func(bson.D) bson.D { return sound }, 0)
				if faults, err := d.decide(s); errors.Is(err, store.ErrCorrupt) || d.taken != nil && !slices.Equal(faultsOf(faults), d.taken) {
					s.Errorf("with a sound document: %v, %v", faultsOf(faults), err)
				}
			})
		}
	})
}

// TestAQuarantinedValueThatOthersTookIsTold: what check --repair took away holds its unique values no more.
// If somebody takes one, putting back names the key and the bytes stay in the quarantine, and once it is
// free again they go back.
func TestAQuarantinedValueThatOthersTookIsTold(t *testing.T) {
	onEngines(t, func(s stage) {
		ctx, tried := context.Background(), 0
		s.Cleanup(func() { kit.Datasets = kit.Datasets[:2] })
		for _, k := range portal.Kinds() {
			key := slices.IndexFunc(k.Keys, func(key store.KeyInfo) bool { return key.Unique })
			r, err := s.store.Reindex(ctx, k, "", 10000, false)
			s.must(err)
			at := slices.IndexFunc(r.Sound, func(doc any) bool {
				if key < 0 || !reflect.ValueOf(doc).Elem().FieldByName("Dataset").IsValid() {
					return false
				}
				values := k.Derive(doc, string(testkit.Today)).Key[k.Keys[key].Name]
				return len(values) > 0 && values[0] != ""
			})
			if at < 0 {
				continue
			}
			tried++
			s.Log(k.Name, k.Keys[key].Name)
			rival := r.Sound[at]
			id, _ := k.Identity(rival)
			testkit.Spoil(s.T, s.store, k, id, func(d bson.D) bson.D { return set(d, "dataset", "LATER") }, 0)
			moved, err := store.Repair(ctx, s.store, []*store.Kind{k})
			if err != nil || len(moved) != 1 {
				s.Fatalf("%s: moved %v, %v", k.Name, moved, err)
			}
			reflect.ValueOf(rival).Elem().FieldByName("ID").SetString(id + "X")
			s.must(s.store.Insert(ctx, k, []any{rival}))
			kit.Datasets = append(kit.Datasets, "LATER")
			back, stay, err := store.PutBack(ctx, s.store, portal.Kinds())
			if err != nil || len(back) > 0 || len(stay) != 1 || stay[0].ID != id || !strings.Contains(stay[0].Reason, k.Keys[key].Name) {
				s.Errorf("%s: put back %v, kept %v, %v", k.Name, back, stay, err)
			}
			if held, err := store.InQuarantine(ctx, s.store); err != nil || len(held) != 1 || !slices.Equal(held[0].Bytes, moved[0].Bytes) {
				s.Errorf("%s: in the quarantine is %v, %v", k.Name, held, err)
			}
			s.must(s.store.Remove(ctx, k, id+"X"))
			if back, stay, err := store.PutBack(ctx, s.store, portal.Kinds()); err != nil || len(back) != 1 || len(stay) > 0 {
				s.Errorf("%s: put back %v, kept %v, %v", k.Name, back, stay, err)
			}
			kit.Datasets = kit.Datasets[:2]
			s.must(s.store.Remove(ctx, k, id))
		}
		if tried < 13 {
			s.Errorf("only %d nouns were tried", tried)
		}
	})
}

// wholeStore is every document of a store by noun and id.
func (s stage) wholeStore() map[string]string {
	s.Helper()
	found, ctx := map[string]string{}, context.Background()
	for _, k := range portal.Kinds() {
		r, err := s.store.Reindex(ctx, k, "", 10000, false)
		s.must(err)
		for _, doc := range r.Sound {
			id, _ := k.Identity(doc)
			found[k.Name+" "+id] = inJSON(doc)
		}
		for _, d := range r.Broken {
			raw, err := s.store.Raw(ctx, k, d.ID)
			s.must(err)
			found[k.Name+" "+d.ID] = string(raw)
		}
	}
	return found
}

// differing are the documents that a store has otherwise before and after, made, changed or gone.
func differing(before, after map[string]string) (keys []string) {
	all := maps.Clone(before)
	maps.Copy(all, after)
	for key := range all {
		was, there := before[key]
		if is, still := after[key]; was != is || there != still {
			keys = append(keys, key)
		}
	}
	return keys
}
