package events_test

import (
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"memberportal/internal/events"
	"memberportal/internal/kit"
	"memberportal/internal/people"
	"memberportal/internal/portal"
	"memberportal/internal/testkit"
	"memberportal/internal/testkit/stage"
)

// focalOfActive is usr_FOCAL, who gets messages about the registrations that it makes.
var focalOfActive = kit.ActingFor("usr_FOCAL", kit.RoleFocalPoint, "mem_ACTIVE")

// linking is a scene whose portal writes whole links, on a day.
func linking(s scene, day kit.Date) scene {
	return scene{s.With(stage.OnDay(&day), func(o *portal.Options) { o.PublicURL = "https://members.example.org" })}
}

// brought registers usr_DELEGATE for evt_OPEN by the focal point of mem_ACTIVE, with everything that can be said.
func (s scene) brought() *events.Registration {
	s.Helper()
	asked, err := s.Portal.Registrations.List(stage.By(stage.Secretariat), &events.RegistrationFilter{Event: new(kit.ID("evt_OPEN"))}, kit.PageArgs{})
	s.Must(err)
	for _, r := range asked.Nodes() {
		if r.ID == "reg_ASKED" {
			s.cancelled(r)
		}
	}
	made, err := s.Portal.Registrations.Register(stage.By(focalOfActive), events.RegisterForEventInput{
		Event: "evt_OPEN", Person: new(kit.ID("usr_DELEGATE")), Mode: events.InPerson, Consent: true, NameVisibility: events.NamePublic,
		Answers: []events.RegistrationAnswerInput{{Question: "NEEDS", Text: "A visa"}},
	})
	s.Must(err)
	if made.Registration == nil {
		s.Fatal(stage.FaultsOf(made.UserErrors))
	}
	return made.Registration
}

var linkWithCode = regexp.MustCompile(`https://members\.example\.org/registration#([A-Z2-7]{32})\n`)

// code is what the link of the last message to the delegate about a registration that another made has.
func (s scene) code() string {
	s.Helper()
	keys, bodies := s.MailsTo("delegate@example.org")
	last := ""
	for i, key := range keys {
		if key == "mail.registration.made" {
			last = bodies[i]
		}
	}
	found := linkWithCode.FindStringSubmatch(last)
	if found == nil || strings.Contains(last, "visa") || !strings.Contains(last, "Grace Akello") || !strings.Contains(last, "Testbed Active") {
		s.Fatalf("%q", last)
	}
	return found[1]
}

func (s scene) accept(in events.AcceptRegistrationInput, a kit.Actor) (bool, []string) {
	s.Helper()
	payload, err := s.Portal.Registrations.Accept(stage.By(a), in)
	s.Must(err)
	return payload.Accepted, stage.FaultsOf(payload.UserErrors)
}

func (s scene) refuse(in events.RefuseRegistrationInput, a kit.Actor) (bool, []string) {
	s.Helper()
	payload, err := s.Portal.Registrations.Refuse(stage.By(a), in)
	s.Must(err)
	return payload.Refused, stage.FaultsOf(payload.UserErrors)
}

func TestWhoeverIsRegisteredByAnotherGetsALinkThatHoldsOnce(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		s = linking(s, "2025-03-31")
		r := s.brought()
		if kit.Deref(r.RegisteredBy) != "usr_FOCAL" || r.Status != events.RegistrationWaiting {
			t.Fatalf("%+v", r)
		}
		code := s.code()
		n, err := s.Portal.Registrations.Notice(stage.By(stage.Nobody), code)
		s.Must(err)
		if n == nil || kit.Deref(n.Registrar) != "Grace Akello" || kit.Deref(n.Name) != "Peter Okot" || n.Organisation != "Testbed Active" || len(n.Answers) != 1 || n.Answers[0].Text != "A visa" {
			t.Fatalf("%+v", n)
		}
		if done, faults := s.accept(events.AcceptRegistrationInput{Code: &code}, stage.Nobody); !done {
			t.Error(faults)
		}
		if done, faults := s.refuse(events.RefuseRegistrationInput{Code: &code}, stage.Nobody); done || !slices.Equal(faults, []string{"INVALID input.code"}) {
			t.Errorf("a second answer: %v %v", done, faults)
		}
		if n, err := s.Portal.Registrations.Notice(stage.By(stage.Nobody), code); n != nil || err != nil {
			t.Errorf("%+v %v", n, err)
		}
	})
}

// TestALinkIsForThePersonAtTheAddressToWhichItWent: whoever is shut out, or has another address by now, answers nothing by
// it, and the link shows nothing.
func TestALinkIsForThePersonAtTheAddressToWhichItWent(t *testing.T) {
	for name, change := range map[string]func(*people.Person){
		"who is shut out":         func(p *people.Person) { p.DisabledAt = new(kit.DateTime("2025-03-31T12:00:00.000Z")) },
		"who has another address": func(p *people.Person) { p.Email = new("elsewhere@example.org") },
	} {
		t.Run(name, func(t *testing.T) {
			stage.OnEngines(t, func(s scene) {
				s = linking(s, "2025-03-31")
				s.brought()
				code := s.code()
				p := s.StoredPerson("usr_DELEGATE")
				change(p)
				s.Must(people.PersonNoun.In(s.Store).Replace(t.Context(), p))
				n, err := s.Portal.Registrations.Notice(stage.By(stage.Nobody), code)
				if s.Must(err); n != nil {
					t.Errorf("shown %s", stage.InJSON(n))
				}
				if done, faults := s.accept(events.AcceptRegistrationInput{Code: &code}, stage.Nobody); done || !slices.Equal(faults, []string{"INVALID input.code"}) {
					t.Errorf("accepted %v %v", done, faults)
				}
				if done, faults := s.refuse(events.RefuseRegistrationInput{Code: &code}, stage.Nobody); done || !slices.Equal(faults, []string{"INVALID input.code"}) {
					t.Errorf("refused %v %v", done, faults)
				}
			})
		})
	}
}

func TestNothingIsHiddenOfWhoRegisteredItself(t *testing.T) {
	for _, r := range testkit.Registrations() {
		if r.AwaitsPerson() != (r.ID == "reg_BROUGHT") {
			t.Errorf("%s awaits the person: %v", r.ID, r.AwaitsPerson())
		}
		if n := len(r.Answers(stage.By(stage.Secretariat))); r.ID != "reg_BROUGHT" && n != len(r.StoredAnswers) || r.ID == "reg_BROUGHT" && n != 0 {
			t.Errorf("%s: %d answers", r.ID, n)
		}
	}
}

func TestWhoRefusesGivesThePlaceToWhoeverWaits(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		persons := s.persons(2)
		e := s.held(events.EventRegistrationInput{CapacityRemote: new(1), WaitingList: true})
		first, _ := s.registered(stage.FocalPoint("mem_ACTIVE"), e.ID, persons[0], events.Remote)
		second, _ := s.registered(stage.FocalPoint("mem_ACTIVE"), e.ID, persons[1], events.Remote)
		if first.Status != events.RegistrationConfirmed || second.Status != events.RegistrationWaiting {
			t.Fatal(first.Status, second.Status)
		}
		if done, faults := s.refuse(events.RefuseRegistrationInput{ID: &first.ID}, kit.ActingFor(persons[0], kit.RoleDelegate, "mem_ACTIVE")); !done {
			t.Fatal(faults)
		}
		for _, r := range s.Queue(e.ID) {
			if want := map[kit.ID]events.RegistrationStatus{first.ID: events.RegistrationCancelled, second.ID: events.RegistrationConfirmed}[r.ID]; r.Status != want {
				t.Errorf("%s is %s", r.ID, r.Status)
			}
		}
		// Whoever waited can refuse too, and nobody is left.
		if done, faults := s.refuse(events.RefuseRegistrationInput{ID: &second.ID}, kit.ActingFor(persons[1], kit.RoleDelegate, "mem_ACTIVE")); !done {
			t.Fatal(faults)
		}
		seats, err := events.SeatNoun.In(s.Store).Get(context.Background(), string(e.ID))
		s.Must(err)
		if seats.Remote != (events.SeatCount{}) {
			t.Errorf("%+v", seats)
		}
	})
}

func TestALinkEndsWithTheRegistrationAndWithTheEvent(t *testing.T) {
	for name, end := range map[string]func(s scene, r *events.Registration) scene{
		"the registration is cancelled": func(s scene, r *events.Registration) scene { s.cancelled(r); return s },
		"the event is cancelled": func(s scene, r *events.Registration) scene {
			e, err := events.EventNoun.In(s.Store).Get(context.Background(), string(r.EventID))
			s.Must(err)
			_, err = s.Portal.Events.Cancel(stage.By(stage.Secretariat), events.CancelEventInput{ID: e.ID, ExpectedVersion: int(e.Version), Reason: "No room"})
			s.Must(err)
			return s
		},
		"the event is over": func(s scene, _ *events.Registration) scene { return linking(s, "2025-06-11") },
		"the data are erased": func(s scene, r *events.Registration) scene {
			_, err := s.Portal.Registrations.Erase(stage.By(stage.Operator), r.EventID, false)
			s.Must(err)
			return s
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := linking(scene{stage.Embedded(t)}, "2025-03-31")
			r := s.brought()
			code := s.code()
			s = end(s, r)
			if done, faults := s.accept(events.AcceptRegistrationInput{Code: &code}, stage.Nobody); done || !slices.Equal(faults, []string{"INVALID input.code"}) {
				t.Errorf("%v %v", done, faults)
			}
			if done, faults := s.refuse(events.RefuseRegistrationInput{Code: &code}, stage.Nobody); done || !slices.Equal(faults, []string{"INVALID input.code"}) {
				t.Errorf("%v %v", done, faults)
			}
		})
	}
}

func TestWhoRegisteredSomebodyIsToldOfARefusal(t *testing.T) {
	s := linking(scene{stage.Embedded(t)}, "2025-03-31")
	r := s.brought()
	if done, faults := s.refuse(events.RefuseRegistrationInput{Code: new(s.code())}, stage.Nobody); !done {
		t.Fatal(faults)
	}
	keys, bodies := s.MailsTo("focal@example.org")
	if !slices.Equal(keys, []string{"mail.registration.refused"}) || !strings.Contains(bodies[0], "Peter Okot") || strings.Contains(bodies[0], "visa") {
		t.Errorf("%q", bodies)
	}
	stored, err := events.RegistrationNoun.In(s.Store).Get(context.Background(), string(r.ID))
	s.Must(err)
	if len(stored.StoredAnswers) != 0 || stored.CodeHash != "" || stored.Status != events.RegistrationCancelled {
		t.Errorf("%+v", stored)
	}
	for _, e := range s.Records().Audit {
		if e.TargetID == r.ID && strings.Contains(stage.InJSON(e), "visa") {
			t.Errorf("%+v", e)
		}
	}
}

func TestAnAddressIsNotFloodedByRegistrations(t *testing.T) {
	s := scene{stage.Embedded(t)}
	r := s.brought()
	for n := 1; ; n++ {
		s.cancelled(r)
		payload, err := s.Portal.Registrations.Register(stage.By(focalOfActive), events.RegisterForEventInput{
			Event: "evt_OPEN", Person: new(kit.ID("usr_DELEGATE")), Mode: events.Remote, Consent: true, NameVisibility: events.NameNobody,
		})
		if err != nil {
			s.Refused(err, kit.RateLimited)
			if n != 20 {
				t.Errorf("after %d messages", n)
			}
			return
		}
		r = payload.Registration
	}
}

// TestWhatNamesARegistrantIsReadWhereItIsKnown lists every function that reads who is registered or what was answered.
// Whoever adds one says here why it shows nothing that awaits the person.
func TestWhatNamesARegistrantIsReadWhereItIsKnown(t *testing.T) {
	known := map[string]string{
		"../events Registration.Answers":              "the rule for answers",
		"../events Registration.visibility":           "the rule for names",
		"../events Registration.ForExport":            "takes out what awaits the person",
		"../events Registration.erase":                "empties them",
		"../events RegistrationService.Register":      "writes them",
		"../events RegistrationService.Notice":        "for whoever has the code that the person got",
		"../events RegistrationService.Refuse":        "empties them",
		"../events RegistrationService.NameOf":        "of participants, who are listed by visibility",
		"../events RegistrationService.cells":         "the list for OPERATOR has names and no answers",
		"../events RegistrationService.ExportFull":    "the table for EVENTS has names; its answers and visibility are by the rules above",
		"../events RegistrationService.tellRegistrar": "whoever registered the person knows the name",
		"../events registrantTeller.send":             "writes to the address that the guest gave",
		"../events registrantTeller.batch":            "asks whether it is a guest",
	}
	met := map[string]bool{}
	for _, folder := range []string{"../events", "../portal", "../consultations", "../calendar", "../figures", "../statistics", "../report", "../cli", "../../graph"} {
		paths, err := filepath.Glob(folder + "/*.go")
		if err != nil || len(paths) == 0 {
			t.Fatal(folder, err)
		}
		for _, path := range paths {
			if strings.HasSuffix(path, "_test.go") {
				continue
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range file.Decls {
				f, ok := d.(*ast.FuncDecl)
				if !ok {
					continue
				}
				name := folder + " " + f.Name.Name
				if f.Recv != nil {
					name = folder + " " + strings.TrimPrefix(exprText(f.Recv.List[0].Type), "*") + "." + f.Name.Name
				}
				ast.Inspect(f, func(n ast.Node) bool {
					x, ok := n.(*ast.SelectorExpr)
					leaves := ok && (x.Sel.Name == "StoredAnswers" || x.Sel.Name == "NameVisibility" && exprText(x.X) != "events" && exprText(x.X) != "in" || x.Sel.Name == "Guest" && exprText(x.X) == "r")
					if leaves && known[name] == "" {
						t.Errorf("%s reads %s.%s", name, exprText(x.X), x.Sel.Name)
					}
					met[name] = met[name] || leaves
					return true
				})
			}
		}
	}
	for name := range known {
		if !met[name] && !strings.HasSuffix(name, "tellRegistrar") && !strings.HasSuffix(name, "NameOf") {
			t.Errorf("%s reads nothing of a registrant any more", name)
		}
	}
}

func exprText(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.StarExpr:
		return "*" + exprText(e.X)
	case *ast.SelectorExpr:
		return exprText(e.X) + "." + e.Sel.Name
	}
	return ""
}
