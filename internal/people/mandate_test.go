package people_test

import (
	"context"
	"slices"
	"testing"

	"memberportal/internal/kit"
	"memberportal/internal/people"
	"memberportal/internal/testkit"
	"memberportal/internal/testkit/stage"
)

type addition = people.AddDelegateInput

func TestAMandateHoldsFromItsFirstDayUntilTheDayOfItsEnd(t *testing.T) {
	for name, c := range map[string]struct {
		from  kit.Date
		until *kit.Date
		want  people.MandateState
	}{
		"from today on":                        {"2025-03-31", nil, people.MandateCurrent},
		"from tomorrow on":                     {"2025-04-01", nil, people.MandateComing},
		"from tomorrow until the day after":    {"2025-04-01", new(kit.Date("2025-04-02")), people.MandateComing},
		"until tomorrow":                       {"2020-01-01", new(kit.Date("2025-04-01")), people.MandateCurrent},
		"until today":                          {"2020-01-01", new(kit.Date("2025-03-31")), people.MandateEnded},
		"withdrawn before its first day comes": {"2025-06-01", new(kit.Date("2025-06-01")), people.MandateEnded},
	} {
		t.Run(name, func(t *testing.T) {
			s := scene{stage.Embedded(t)}
			m := &people.Mandate{ID: "man_1", Entity: "mem_ACTIVE", Person: "usr_1", Role: people.MandateDelegate, RecordedAt: "2020-01-01T09:00:00.000Z", RecordedBy: "usr_test", From: c.from, Until: c.until, Dataset: kit.Recorded}
			s.Must(people.MandateNoun.In(s.Store).Insert(context.Background(), m))
			found, err := s.Portal.Mandates.Get(stage.By(stage.Secretariat), "man_1")
			s.Must(err)
			if found.State() != c.want {
				t.Errorf("is %s, want %s", found.State(), c.want)
			}
			for _, state := range people.MandateStates {
				list, err := s.Portal.Mandates.List(stage.By(stage.Secretariat), "mem_ACTIVE", []people.MandateState{state}, kit.PageArgs{})
				s.Must(err)
				if listed := slices.ContainsFunc(list.Nodes(), func(m *people.Mandate) bool { return m.ID == "man_1" }); listed != (state == c.want) {
					t.Errorf("listed as %s: %v", state, listed)
				}
			}
		})
	}
}

func TestWhoHoldsAMandateOnADayIsKnownInOneCall(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		counting := &testkit.Counting{Store: s.Store}
		counted := scene{stage.New(s.T, counting)}
		s.AppointFocalPoint("2025-05-01")
		for _, c := range []struct {
			person, entity kit.ID
			day            kit.Date
			role           people.MandateRole
		}{
			{"usr_FOCAL", "mem_ACTIVE", "2025-03-31", people.MandateFocalPoint},
			{"usr_FOCAL", "mem_ACTIVE", "2019-12-31", ""},
			{"usr_FOCAL", "mem_INTERNATIONAL", "2025-03-31", ""},
			{"usr_FORMER", "mem_ACTIVE", "2023-06-30", people.MandateDelegate},
			{"usr_FORMER", "mem_ACTIVE", "2023-07-01", ""},
			{"usr_UGANDA", "cty_UG", "2025-03-31", people.MandateDelegate},
			{"usr_DELEGATE", "mem_ACTIVE", "2025-04-30", people.MandateDelegate},
			{"usr_DELEGATE", "mem_ACTIVE", "2025-05-01", people.MandateFocalPoint},
			{"usr_NONE", "mem_ACTIVE", "2025-03-31", ""},
		} {
			counting.Take()
			m, err := counted.Portal.Mandates.Holds(stage.By(stage.Nobody), c.person, c.entity, c.day)
			s.Must(err)
			role := people.MandateRole("")
			if m != nil {
				role = m.Role
			}
			if calls := counting.Take(); role != c.role || calls != 1 {
				s.Errorf("%s for %s on %s holds %q in %d calls, want %q", c.person, c.entity, c.day, role, calls, c.role)
			}
		}
	})
}

func TestAMemberKeepsAFocalPointUnlessTheSecretariatDecides(t *testing.T) {
	lastOne := []string{"NOT_ALLOWED_IN_STATE input.id"}
	for name, c := range map[string]struct {
		second  kit.Date // from which there is another focal point
		ends    kit.Date // on which that one ends, if it does
		on      kit.Date
		refused bool
	}{
		"another one is there":                 {"2025-03-31", "", "2025-04-15", false},
		"another one comes on that day":        {"2025-04-15", "", "2025-04-15", false},
		"another one comes a day too late":     {"2025-04-16", "", "2025-04-15", true},
		"another one is there and will end":    {"2025-03-31", "2026-01-01", "2025-04-15", true},
		"another one was there and ended":      {"2025-03-01", "2025-03-31", "2025-04-15", true},
		"another one never held, it was ended": {"2025-04-10", "2025-04-10", "2025-04-15", true},
	} {
		t.Run(name, func(t *testing.T) {
			s := scene{stage.Embedded(t)}
			second := s.AppointFocalPoint(c.second)
			if c.ends != "" {
				if faults := s.EndMandate(stage.Secretariat, second.ID, 1, c.ends); len(faults) > 0 {
					t.Fatal(faults)
				}
			}
			faults := s.EndMandate(stage.FocalPoint("mem_ACTIVE"), "man_FOCAL", 1, c.on)
			switch {
			case c.refused && !slices.Equal(faults, lastOne), !c.refused && len(faults) > 0:
				t.Errorf("got %q", faults)
			case c.refused && len(s.EndMandate(stage.Secretariat, "man_FOCAL", 1, c.on)) > 0:
				t.Error("the secretariat is refused")
			}
		})
	}
}

func TestAnAdministrationEndsNoFocalPointOfItsCountry(t *testing.T) {
	s := scene{stage.Embedded(t)}
	m, _, err := s.Portal.Mandates.Enter(stage.By(stage.Secretariat), people.MandateFocalPoint, addition{Entity: "cty_UG", Name: "Sarah Nakato", Email: "sarah@example.org"})
	s.Must(err)
	_, err = s.Portal.Mandates.End(stage.By(stage.Uganda), people.EndMandateInput{ID: m.ID, ExpectedVersion: 1, EndsOn: "2025-04-15"})
	s.Refused(err, kit.Forbidden)
	if faults := s.EndMandate(stage.Secretariat, m.ID, 1, "2025-04-15"); len(faults) > 0 {
		t.Errorf("the secretariat is refused: %q", faults)
	}
}

func TestAnEndThatIsToComeMayBeMoved(t *testing.T) {
	s := scene{stage.Embedded(t)}
	focal := stage.FocalPoint("mem_ACTIVE")
	for i, on := range []kit.Date{"2025-05-01", "2025-07-01", "2025-04-01"} {
		if faults := s.EndMandate(focal, "man_DELEGATE", i+1, on); len(faults) > 0 {
			t.Fatalf("%s: %q", on, faults)
		}
	}
	before := s.Records()
	if faults := s.EndMandate(focal, "man_DELEGATE", 4, "2025-04-01"); len(faults) > 0 {
		t.Errorf("the same day again: %q", faults)
	}
	if audit, _ := s.Records().Since(before); len(audit) > 0 {
		t.Errorf("nothing changed, and left %s", stage.InJSON(audit))
	}
}

func TestANewMandateIsRecordedWithoutValues(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		before := s.Records()
		m := s.AddDelegate(func(in *addition) { in.Name = "  Sarah Nakato " })
		if m.Role != people.MandateDelegate || m.From != testkit.Today || m.RecordedBy != stage.Secretariat.Subject || m.Dataset != kit.Recorded {
			s.Errorf("got %s", stage.InJSON(m))
		}
		if p := s.StoredPerson(m.Person); *p.Name != "Sarah Nakato" || !slices.Equal(p.Entities, []kit.ID{"mem_ACTIVE"}) {
			s.Errorf("stored %s", stage.InJSON(p))
		}
		audit, notices := s.Records().Since(before)
		var left []string
		for _, e := range audit {
			left = append(left, e.Fields...)
		}
		slices.Sort(left)
		if !slices.Equal(left, []string{"email", "entity", "from", "mandates", "name", "person", "role"}) || len(notices) != 2 {
			s.Errorf("left %q and %d notices", left, len(notices))
		}
		stage.Run(s, "a second entity is added to the person, once", func(s scene) {
			for range 2 {
				m, faults, err := s.Portal.Mandates.Enter(stage.By(stage.Secretariat), people.MandateDelegate, addition{Entity: "cty_UG", Name: "sarah nakato", Email: "SARAH@example.org"})
				s.Must(err)
				if m == nil && faults[0].Code != kit.CodeDuplicate {
					s.Errorf("faults: %v", faults)
				}
			}
			if p := s.StoredPerson(m.Person); p.Version != 2 || !slices.Equal(p.Entities, []kit.ID{"mem_ACTIVE", "cty_UG"}) {
				s.Errorf("stored %s", stage.InJSON(p))
			}
		})
	})
}
