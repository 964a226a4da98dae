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
	"memberportal/internal/people"
	"memberportal/internal/portal"
	"memberportal/internal/store"
	"memberportal/internal/testkit"
	"memberportal/internal/testkit/stage"
)

// decision is something that is decided by a stored document.
type decision struct {
	name string
	kind *store.Kind
	id   kit.ID
	// prepare makes what the decision needs and gives the document that is damaged, if it is not id.
	prepare func(s scene) kit.ID
	decide  func(s scene) ([]kit.UserError, error)
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
	focal := testkit.Actor("FOCAL_POINT mem_ACTIVE usr_FOCAL")
	ugandan := stage.Registrant{Person: "usr_UGANDA", Entity: "cty_UG", Speaker: stage.Uganda}
	register := func(event kit.ID, r stage.Registrant) func(s scene) ([]kit.UserError, error) {
		return func(s scene) ([]kit.UserError, error) {
			p, err := s.Register(event, r)
			return p.UserErrors, err
		}
	}
	reply := func(a kit.Actor, in consultations.SubmitFeedbackInput) func(s scene) ([]kit.UserError, error) {
		return func(s scene) ([]kit.UserError, error) {
			p, err := s.Portal.Feedback.Submit(stage.By(a), in)
			return p.UserErrors, err
		}
	}
	view := stage.Support("con_OPEN", "a view")
	view.Capacity = consultations.DelegateView
	official := reply(focal, stage.Support("con_OPEN", "a reply"))
	var challenge kit.ID
	return []decision{
		{"seats: the count of places", events.SeatNoun.Kind, "evt_OPEN", nil, register("evt_OPEN", ugandan), nil},
		{"seats: the event", events.EventNoun.Kind, "evt_OPEN", nil, register("evt_OPEN", ugandan), nil},
		{"seats: the member that registers", membership.MemberNoun.Kind, "mem_ACTIVE", nil, register("evt_OPEN", stage.Registrant{Person: "usr_DELEGATE", Entity: "mem_ACTIVE", Speaker: focal}), nil},
		{"seats: the registration that the person has", events.RegistrationNoun.Kind, "reg_ASKED", nil, register("evt_OPEN", stage.Registrant{Person: "usr_DELEGATE", Entity: "mem_ACTIVE", Speaker: focal}), nil},
		{"seats: who waits first when a place becomes free", events.RegistrationNoun.Kind, "", func(s scene) kit.ID {
			r := s.Registrants(2)[1]
			p, err := s.Portal.Registrations.Register(stage.By(r.Speaker), events.RegisterForEventInput{
				Event: "evt_OPEN", Entity: &r.Entity, Person: &r.Person, Mode: events.InPerson, Consent: true, NameVisibility: events.NameNobody,
			})
			if err != nil || p.Registration == nil || p.Registration.Status != events.RegistrationWaiting {
				s.Fatalf("%v, %s", err, stage.InJSON(p))
			}
			return p.Registration.ID
		}, func(s scene) ([]kit.UserError, error) {
			p, err := s.Portal.Registrations.Cancel(stage.By(stage.Secretariat), events.CancelRegistrationInput{ID: "reg_FOCAL", ExpectedVersion: 1})
			return p.UserErrors, err
		}, nil},
		{"mandate: of who is registered", people.MandateNoun.Kind, "man_UGANDA", nil, register("evt_OPEN", ugandan), nil},
		{"mandate: of the other focal point, when one leaves", people.MandateNoun.Kind, "", func(s scene) kit.ID { return s.AppointFocalPoint("2025-03-31").ID }, func(s scene) ([]kit.UserError, error) {
			p, err := s.Portal.Mandates.End(stage.By(focal), people.EndMandateInput{ID: "man_FOCAL", ExpectedVersion: 1, EndsOn: "2025-04-15"})
			return p.UserErrors, err
		}, nil},
		{"participation: what was drafted", consultations.DraftNoun.Kind, consultations.DraftID("con_OPEN", "mem_ACTIVE", ""), nil, official, nil},
		{"participation: itself", consultations.ParticipationNoun.Kind, consultations.ParticipationID("con_OPEN", "mem_ACTIVE"), nil, official, nil},
		{"participation: the consultation", consultations.ConsultationNoun.Kind, "con_OPEN", nil, official, nil},
		{"participation: the member", membership.MemberNoun.Kind, "mem_ACTIVE", nil, official, nil},
		{"participation: the reply that there is", consultations.FeedbackNoun.Kind, "fbk_EARLY", nil, reply(testkit.Actor("FOCAL_POINT mem_INTERNATIONAL usr_INTERNATIONAL"), stage.Support("con_OPEN", "again")), nil},
		{"uniqueness: the name of a member", membership.MemberNoun.Kind, "", func(s scene) kit.ID {
			p, err := s.Admit(stage.Secretariat, func(*membership.AdmitMemberInput) {})
			s.Must(err)
			return p.Member.ID
		}, func(s scene) ([]kit.UserError, error) {
			p, err := s.Admit(stage.Secretariat, func(*membership.AdmitMemberInput) {})
			return p.UserErrors, err
		}, []string{"DUPLICATE input.name"}},
		{"uniqueness: the code of a series", events.SeriesNoun.Kind, "ser_TESTBED", nil, func(s scene) ([]kit.UserError, error) {
			p, err := s.Portal.EventSeries.Create(stage.By(stage.Secretariat), events.CreateEventSeriesInput{Code: "TESTBED", Kind: "BRIEFING", Title: []kit.TranslationInput{{Locale: kit.English, Text: new("Again")}}})
			return p.UserErrors, err
		}, []string{"DUPLICATE input.code"}},
		{"uniqueness: the annual invoice", membership.InvoiceNoun.Kind, "", func(s scene) kit.ID {
			p, err := s.Portal.Invoices.Issue(stage.By(stage.Secretariat), membership.IssueInvoiceInput{Member: "mem_ACTIVE", Year: 2026, Kind: membership.InvoiceAnnual})
			s.Must(err)
			return p.Invoice.ID
		}, func(s scene) ([]kit.UserError, error) {
			p, err := s.Portal.Invoices.Issue(stage.By(stage.Secretariat), membership.IssueInvoiceInput{Member: "mem_ACTIVE", Year: 2026, Kind: membership.InvoiceAnnual})
			if p == nil {
				return nil, err
			}
			return p.UserErrors, err
		}, nil},
		{"identity: who has the address", people.PersonNoun.Kind, "usr_DELEGATE", nil, func(s scene) ([]kit.UserError, error) {
			p, err := s.Portal.Mandates.AddDelegate(stage.By(stage.Secretariat), people.AddDelegateInput{Entity: "cty_UG", Name: "Somebody Else", Email: "delegate@example.org"})
			return p.UserErrors, err
		}, nil},
		{"identity: who may have the new address", people.PersonNoun.Kind, "usr_UGANDA", nil, func(s scene) ([]kit.UserError, error) {
			in := people.UpdatePersonInput{ID: "usr_DELEGATE", ExpectedVersion: int(s.StoredPerson("usr_DELEGATE").Version), Email: kit.Some("uganda@example.org")}
			p, err := s.Portal.Persons.Update(stage.By(stage.Secretariat), in)
			return p.UserErrors, err
		}, nil},
		{"identity: the person that changes its address", people.PersonNoun.Kind, "usr_DELEGATE", nil, func(s scene) ([]kit.UserError, error) {
			p, err := s.Portal.Persons.ConfirmEmail(stage.By(stage.DelegateOfActive), people.ConfirmPersonEmailInput{ID: "usr_DELEGATE", Code: "A"})
			return p.UserErrors, err
		}, nil},
		{"identity: the application that a code opens", applications.ApplicationNoun.Kind, "app_SUBMITTED", nil, func(s scene) ([]kit.UserError, error) {
			p, err := s.Portal.Applications.RequestCode(stage.By(stage.Nobody), applications.RequestApplicationCodeInput{Email: "a@example.org", Locale: kit.French, Application: new(kit.ID("app_SUBMITTED"))})
			if err != nil {
				return nil, err
			}
			return p.UserErrors, nil
		}, nil},
		{"identity: the challenge that a code answers", applications.ChallengeNoun.Kind, "", func(s scene) kit.ID {
			challenge = s.AskCode("new@example.org", nil)
			return kit.ID(kit.Hash(string(challenge)))
		}, func(s scene) ([]kit.UserError, error) {
			p, err := s.Portal.Applications.ConfirmCode(stage.By(stage.Nobody), applications.ConfirmApplicationCodeInput{Challenge: challenge, Code: "00000000"})
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
	stage.OnEngines(t, func(s scene) {
		s = scene{s.Issuing()}
		for _, d := range decisions() {
			stage.Run(s, d.name, func(s scene) {
				id := d.id
				if d.prepare != nil {
					id = d.prepare(s)
				}
				var sound bson.D
				testkit.Spoil(s.T, s.Store, d.kind, string(id), func(doc bson.D) bson.D {
					sound = slices.Clone(doc)
					return set(doc, "version", "seven")
				}, 0)
				before := s.wholeStore()
				faults, err := d.decide(s)
				switch {
				case d.taken != nil:
					if err != nil || !slices.Equal(stage.FaultsOf(faults), d.taken) {
						s.Errorf("got %v, %v, want %v", stage.FaultsOf(faults), err, d.taken)
					}
				case !errors.Is(err, store.ErrCorrupt) || kit.Classify(err).Code != kit.Unavailable:
					s.Errorf("got %v, %v, want UNAVAILABLE", stage.FaultsOf(faults), err)
				}
				if written := differing(before, s.wholeStore()); len(written) > 0 && (s.Store.Atomic() || !slices.Contains(undone, d.name)) {
					s.Errorf("something was written: %v", written)
				}
				testkit.Spoil(s.T, s.Store, d.kind, string(id), func(bson.D) bson.D { return sound }, 0)
				if faults, err := d.decide(s); errors.Is(err, store.ErrCorrupt) || d.taken != nil && !slices.Equal(stage.FaultsOf(faults), d.taken) {
					s.Errorf("with a sound document: %v, %v", stage.FaultsOf(faults), err)
				}
			})
		}
	})
}

// TestAQuarantinedValueThatOthersTookIsTold: what check --repair took away holds its unique values no more.
// If somebody takes one, putting back names the key and the bytes stay in the quarantine, and once it is
// free again they go back.
func TestAQuarantinedValueThatOthersTookIsTold(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		ctx, tried := context.Background(), 0
		s.Cleanup(func() { kit.Datasets = kit.Datasets[:2] })
		for _, k := range portal.Kinds() {
			key := slices.IndexFunc(k.Keys, func(key store.KeyInfo) bool { return key.Unique })
			r, err := s.Store.Reindex(ctx, k, "", 10000, false)
			s.Must(err)
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
			testkit.Spoil(s.T, s.Store, k, id, func(d bson.D) bson.D { return set(d, "dataset", "LATER") }, 0)
			moved, err := store.Repair(ctx, s.Store, []*store.Kind{k})
			if err != nil || len(moved) != 1 {
				s.Fatalf("%s: moved %v, %v", k.Name, moved, err)
			}
			reflect.ValueOf(rival).Elem().FieldByName("ID").SetString(id + "X")
			s.Must(s.Store.Insert(ctx, k, []any{rival}))
			kit.Datasets = append(kit.Datasets, "LATER")
			back, stay, err := store.PutBack(ctx, s.Store, portal.Kinds())
			if err != nil || len(back) > 0 || len(stay) != 1 || stay[0].ID != id || !strings.Contains(stay[0].Reason, k.Keys[key].Name) {
				s.Errorf("%s: put back %v, kept %v, %v", k.Name, back, stay, err)
			}
			if held, err := store.InQuarantine(ctx, s.Store); err != nil || len(held) != 1 || !slices.Equal(held[0].Bytes, moved[0].Bytes) {
				s.Errorf("%s: in the quarantine is %v, %v", k.Name, held, err)
			}
			s.Must(s.Store.Remove(ctx, k, id+"X"))
			if back, stay, err := store.PutBack(ctx, s.Store, portal.Kinds()); err != nil || len(back) != 1 || len(stay) > 0 {
				s.Errorf("%s: put back %v, kept %v, %v", k.Name, back, stay, err)
			}
			kit.Datasets = kit.Datasets[:2]
			s.Must(s.Store.Remove(ctx, k, id))
		}
		if tried < 13 {
			s.Errorf("only %d nouns were tried", tried)
		}
	})
}

// wholeStore is every document of a store by noun and id.
func (s scene) wholeStore() map[string]string {
	s.Helper()
	found, ctx := map[string]string{}, context.Background()
	for _, k := range portal.Kinds() {
		r, err := s.Store.Reindex(ctx, k, "", 10000, false)
		s.Must(err)
		for _, doc := range r.Sound {
			id, _ := k.Identity(doc)
			found[k.Name+" "+id] = stage.InJSON(doc)
		}
		for _, d := range r.Broken {
			raw, err := s.Store.Raw(ctx, k, d.ID)
			s.Must(err)
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
