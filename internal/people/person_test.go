package people_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"memberportal/internal/kit"
	"memberportal/internal/people"
	"memberportal/internal/testkit/stage"
)

// erased erases a person.
func (s scene) erased(id kit.ID) *people.Person {
	s.Helper()
	p := s.StoredPerson(id)
	p.Erase("2025-03-30")
	s.Must(people.PersonNoun.In(s.Store).Replace(context.Background(), p))
	return s.StoredPerson(id)
}

func TestAnErasedPersonHasNoNameAndNoAddress(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		if p := s.erased("usr_DELEGATE"); p.Name != nil || p.Email != nil || *p.ErasedOn != "2025-03-30" || !slices.Equal(p.Entities, []kit.ID{"mem_ACTIVE"}) {
			s.Errorf("stored %s", stage.InJSON(p))
		}
		stage.Run(s, "it is seen as before", func(s scene) {
			if p, err := s.Portal.Persons.Get(stage.By(stage.Delegate("mem_ACTIVE")), "usr_DELEGATE"); err != nil || p == nil {
				s.Errorf("got %v, %v", p, err)
			}
		})
		stage.Run(s, "it is not filled again", func(s scene) {
			payload, err := s.Portal.Persons.Update(stage.By(stage.Secretariat), people.UpdatePersonInput{ID: "usr_DELEGATE", ExpectedVersion: 2, Name: kit.Some("Peter")})
			s.Must(err)
			if got := stage.FaultsOf(payload.UserErrors); !slices.Equal(got, []string{"NOT_ALLOWED_IN_STATE input.id"}) || !strings.Contains(payload.UserErrors[0].Message, "2025-03-30") {
				s.Errorf("got %q", got)
			}
		})
		stage.Run(s, "another may be erased too, and the address is free", func(s scene) {
			s.erased("usr_FORMER")
			m := s.AddDelegate(func(in *addition) { in.Name, in.Email = "Another", "delegate@example.org" })
			if m.Person == "usr_DELEGATE" {
				s.Error("the erased person was joined")
			}
		})
	})
}

func TestAPersonIsChangedFieldByField(t *testing.T) {
	s := scene{stage.Embedded(t)}
	for field, c := range map[string]struct {
		change func(in *people.UpdatePersonInput)
		is     func(p *people.Person) bool
	}{
		"name": {func(in *people.UpdatePersonInput) { in.Name = kit.Some(" New ") }, func(p *people.Person) bool { return *p.Name == "New" }},
		"newEmail": {func(in *people.UpdatePersonInput) { in.Email = kit.Some("new@example.org") }, func(p *people.Person) bool {
			return *p.Email == "uganda@example.org" && p.NewEmail.Email == "new@example.org"
		}},
		"locale": {func(in *people.UpdatePersonInput) { in.Locale = kit.Null[kit.Locale]() }, func(p *people.Person) bool { return p.Locale == nil }},
	} {
		stage.Run(s, field, func(s scene) {
			was, before := s.StoredPerson("usr_UGANDA").Version, s.Records()
			in := people.UpdatePersonInput{ID: "usr_UGANDA", ExpectedVersion: int(was)}
			c.change(&in)
			payload, err := s.Portal.Persons.Update(stage.By(stage.Secretariat), in)
			s.Must(err)
			if len(payload.UserErrors) > 0 || payload.Person.Version != was+1 || !c.is(s.StoredPerson("usr_UGANDA")) {
				s.Fatalf("got %s", stage.InJSON(payload))
			}
			audit, notices := s.Records().Since(before)
			if len(audit) != 1 || len(notices) != 1 || !slices.Equal(audit[0].Fields, []string{field}) || notices[0].Noun != "persons" {
				s.Errorf("left %s, %s", stage.InJSON(audit), stage.InJSON(notices))
			}
			if text := stage.InJSON(audit); strings.Contains(text, "example.org") || strings.Contains(text, "New") {
				s.Errorf("the audit log holds values: %s", text)
			}
		})
	}
}
