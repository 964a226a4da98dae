package membership_test

import (
	"context"
	"slices"
	"testing"

	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/testkit/stage"
)

func (s scene) rename(id kit.ID, version int, name string, on kit.Date) *membership.Member {
	s.Helper()
	p, err := s.Portal.Members.Rename(stage.By(stage.Secretariat), membership.RenameMemberInput{
		ID: id, ExpectedVersion: version, Name: name, EffectiveOn: on, ReasonCode: membership.RenameRebranding, Reason: "a new brand",
	})
	s.Must(err)
	if len(p.UserErrors) > 0 {
		s.Fatalf("renaming: %v", stage.FaultsOf(p.UserErrors))
	}
	return p.Member
}

func TestAMemberIsFoundByItsFormerNames(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		ctx, ug := stage.By(stage.Secretariat), new(kit.CountryID("UG"))
		s.rename("mem_ACTIVE", 1, "Novel Networks", "2025-03-01")
		s.rename("mem_ACTIVE", 2, "Newest Networks", "2025-03-20")
		for _, name := range []string{"Testbed Active", "novel networks", "Newest Networks"} {
			m, err := s.Portal.Members.Find(ctx, name, ug)
			s.Must(err)
			if m == nil || m.ID != "mem_ACTIVE" || m.Name != "Newest Networks" {
				s.Errorf("by %s: %s", name, stage.InJSON(m))
			}
		}
		alike, err := s.Portal.Members.Alike(ctx, kit.Likeness("NOVEL networks Ltd"))
		s.Must(err)
		if len(alike) != 1 || alike[0].ID != "mem_ACTIVE" {
			s.Errorf("alike: %s", stage.InJSON(alike))
		}
	})
}

func TestANameThatIsTakenDoesNotComeBackByACorrection(t *testing.T) {
	s := scene{stage.Embedded(t)}
	ctx := stage.By(stage.Secretariat)
	m := s.rename("mem_ACTIVE", 1, "Novel Networks", "2025-03-01")
	event := m.Events[len(m.Events)-1].ID
	admitted, err := s.Portal.Members.Admit(ctx, membership.AdmitMemberInput{Name: "Testbed Active", Country: new(kit.CountryID("UG")), Category: membership.SectorMember, EffectiveOn: "2025-03-31"})
	s.Must(err)
	annul := membership.CorrectLifecycleEventInput{ID: m.ID, ExpectedVersion: 2, Event: event, Annul: new(true), Reason: "it was not so"}
	p, err := s.Portal.Members.CorrectEvent(ctx, annul)
	s.Must(err)
	if got := stage.FaultsOf(p.UserErrors); !slices.Equal(got, []string{"DUPLICATE input.event"}) || *p.UserErrors[0].RelatedID != admitted.Member.ID {
		t.Errorf("got %v", got)
	}
	s.rename(admitted.Member.ID, 1, "Testbed Second", "2025-03-31")
	p, err = s.Portal.Members.CorrectEvent(ctx, annul)
	s.Must(err)
	if p.Member == nil || p.Member.Name != "Testbed Active" || len(p.Member.FormerNames()) > 0 {
		t.Errorf("after the correction: %s", stage.InJSON(p))
	}
	stored, err := membership.MemberNoun.In(s.Store).Get(context.Background(), string(m.ID))
	s.Must(err)
	if stored.Name != "Testbed Active" {
		t.Errorf("stored as %s", stored.Name)
	}
}
