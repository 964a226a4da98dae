package portal_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"memberportal/internal/kit"
	"memberportal/internal/membership"
)

// somebody is a person as it is in the store, whoever asks.
func (s stage) somebody(id kit.ID) *membership.Person {
	s.Helper()
	p, err := membership.PersonNoun.In(s.store).Get(context.Background(), string(id))
	s.must(err)
	return p
}

// erased erases a person.
func (s stage) erased(id kit.ID) *membership.Person {
	s.Helper()
	p := s.somebody(id)
	p.Erase("2025-03-30")
	s.must(membership.PersonNoun.In(s.store).Replace(context.Background(), p))
	return s.somebody(id)
}

func TestAnErasedPersonHasNoNameAndNoAddress(t *testing.T) {
	onEngines(t, func(s stage) {
		if p := s.erased("usr_DELEGATE"); p.Name != nil || p.Email != nil || *p.ErasedOn != "2025-03-30" || !slices.Equal(p.Entities, []kit.ID{"mem_ACTIVE"}) {
			s.Errorf("stored %s", inJSON(p))
		}
		s.run("it is seen as before", func(s stage) {
			if p, err := s.portal.Persons.Get(by(delegate("mem_ACTIVE")), "usr_DELEGATE"); err != nil || p == nil {
				s.Errorf("got %v, %v", p, err)
			}
		})
		s.run("it is not filled again", func(s stage) {
			payload, err := s.portal.Persons.Update(by(secretariat), membership.UpdatePersonInput{ID: "usr_DELEGATE", ExpectedVersion: 2, Name: kit.Some("Peter")})
			s.must(err)
			if got := faultsOf(payload.UserErrors); !slices.Equal(got, []string{"NOT_ALLOWED_IN_STATE input.id"}) || !strings.Contains(payload.UserErrors[0].Message, "2025-03-30") {
				s.Errorf("got %q", got)
			}
		})
		s.run("another may be erased too, and the address is free", func(s stage) {
			s.erased("usr_FORMER")
			m := s.added(secretariat, func(in *addition) { in.Name, in.Email = "Another", "delegate@example.org" })
			if m.Person == "usr_DELEGATE" {
				s.Error("the erased person was joined")
			}
		})
	})
}

func TestAPersonIsChangedFieldByField(t *testing.T) {
	s := embedded(t)
	for field, c := range map[string]struct {
		change func(in *membership.UpdatePersonInput)
		is     func(p *membership.Person) bool
	}{
		"name": {func(in *membership.UpdatePersonInput) { in.Name = kit.Some(" New ") }, func(p *membership.Person) bool { return *p.Name == "New" }},
		"newEmail": {func(in *membership.UpdatePersonInput) { in.Email = kit.Some("new@example.org") }, func(p *membership.Person) bool {
			return *p.Email == "uganda@example.org" && p.NewEmail.Email == "new@example.org"
		}},
		"locale": {func(in *membership.UpdatePersonInput) { in.Locale = kit.Null[kit.Locale]() }, func(p *membership.Person) bool { return p.Locale == nil }},
	} {
		s.run(field, func(s stage) {
			was, before := s.somebody("usr_UGANDA").Version, s.records()
			in := membership.UpdatePersonInput{ID: "usr_UGANDA", ExpectedVersion: int(was)}
			c.change(&in)
			payload, err := s.portal.Persons.Update(by(secretariat), in)
			s.must(err)
			if len(payload.UserErrors) > 0 || payload.Person.Version != was+1 || !c.is(s.somebody("usr_UGANDA")) {
				s.Fatalf("got %s", inJSON(payload))
			}
			audit, notices := s.records().since(before)
			if len(audit) != 1 || len(notices) != 1 || !slices.Equal(audit[0].Fields, []string{field}) || notices[0].Noun != "persons" {
				s.Errorf("left %s, %s", inJSON(audit), inJSON(notices))
			}
			if text := inJSON(audit); strings.Contains(text, "example.org") || strings.Contains(text, "New") {
				s.Errorf("the audit log holds values: %s", text)
			}
		})
	}
}
