package applications_test

import (
	"slices"
	"testing"

	"memberportal/internal/applications"
	"memberportal/internal/kit"
	"memberportal/internal/people"
	"memberportal/internal/testkit/stage"
)

// person is an actor without roles whose record has an address, which it may have confirmed.
func person(email *string, confirmed *kit.DateTime) kit.Actor {
	return kit.Actor{Subject: "usr_ESTHER", Self: &people.Person{ID: "usr_ESTHER", Email: email, EmailConfirmedAt: confirmed}}
}

// owned are the ids of the applications of the viewer's address.
func (s scene) owned(a kit.Actor) []kit.ID {
	s.Helper()
	found, err := s.Portal.Applications.ListOfViewer(stage.By(a), kit.PageArgs{})
	s.Must(err)
	return kit.Map(found.Nodes(), func(a *applications.Application) kit.ID { return a.ID })
}

// begun is a new application of the address of app_SUBMITTED.
func (s scene) begun() *applications.Application {
	s.Helper()
	p := s.confirm(s.AskCode("Applicant.Submitted@example.org", nil), s.codeOf("Applicant.Submitted@example.org"))
	return p.Application
}

func TestAConfirmedCodeAnswersTheApplicationAsItsApplicantSeesIt(t *testing.T) {
	s := scene{stage.Issuing(t)}
	if v := s.begun().ShownVersion(stage.By(stage.Nobody)); v == nil || *v != 1 {
		t.Errorf("the version is %v, which its applicant needs to save it", v)
	}
}

func TestAnApplicantFindsAllApplicationsOfItsAddressAndChangesOnlyThatOfItsToken(t *testing.T) {
	s := scene{stage.Issuing(t)}
	draft := s.begun()
	first, second := kit.Actor{Subject: "usr_1", Roles: []kit.Role{kit.RoleApplicant}, Application: "app_SUBMITTED"}, kit.Actor{Subject: "usr_2", Roles: []kit.Role{kit.RoleApplicant}, Application: draft.ID}
	want := []kit.ID{draft.ID, "app_SUBMITTED"}
	slices.Sort(want)
	for _, a := range []kit.Actor{first, second} {
		if got := s.owned(a); !slices.Equal(got, want) {
			t.Errorf("%s finds %v, want %v", a.Application, got, want)
		}
		found, err := s.Portal.Applications.ByIDs(stage.By(a), []kit.ID{draft.ID, "app_SUBMITTED", "app_REVIEW", "app_DRAFT"})
		s.Must(err)
		if len(found) != 4 || found[0] == nil || found[1] == nil || found[2] != nil || found[3] != nil {
			t.Errorf("%s reads %v", a.Application, found)
		}
		listed, err := s.Portal.Applications.List(stage.By(a), nil, kit.PageArgs{})
		s.Must(err)
		if n := len(listed.Nodes()); n != 2 {
			t.Errorf("%s lists %d", a.Application, n)
		}
	}
	_, err := s.Portal.Applications.Save(stage.By(first), applications.SaveApplicationInput{ID: draft.ID, ExpectedVersion: 1, Name: kit.Some("Changed")})
	s.Refused(err, kit.Forbidden)
	_, err = s.Portal.Applications.Save(stage.By(first), applications.SaveApplicationInput{ID: "app_DRAFT", ExpectedVersion: 1, Name: kit.Some("Changed")})
	s.Refused(err, kit.NotFound)
}

func TestAPersonFindsTheApplicationsOfAnAddressThatItConfirmedAndOfNoOther(t *testing.T) {
	s := scene{stage.Issuing(t)}
	at := new(kit.DateTime("2025-03-01T00:00:00.000Z"))
	for name, c := range map[string]struct {
		who  kit.Actor
		want int
	}{
		"its address":                     {person(new("Applicant.Submitted@example.org"), at), 1},
		"the address of a draft":          {person(new("applicant.draft@example.org"), at), 1},
		"one that somebody wrote down":    {person(new("applicant.submitted@example.org"), nil), 0},
		"another one, after a change":     {person(new("moved@example.org"), at), 0},
		"none, because it was erased":     {person(nil, at), 0},
		"nobody":                          {kit.Actor{}, 0},
		"an applicant without an address": {kit.Actor{Subject: "usr_3", Roles: []kit.Role{kit.RoleApplicant}, Application: "app_INCOMPLETE"}, 0},
		"a token without its role":        {kit.Actor{Subject: "usr_4", Application: "app_SUBMITTED"}, 0},
	} {
		if got := s.owned(c.who); len(got) != c.want {
			t.Errorf("%s: finds %v", name, got)
		}
	}
	found, err := s.Portal.Applications.ByIDs(stage.By(person(new("applicant.draft@example.org"), at)), []kit.ID{"app_DRAFT", "app_SUBMITTED"})
	s.Must(err)
	if found[0] == nil || found[1] != nil || found[0].ShownVersion(t.Context()) != nil || found[0].DueDiligence() != nil {
		t.Errorf("by id it reads %v", found)
	}
}
