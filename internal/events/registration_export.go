package events

import (
	"context"
	"slices"
	"strings"

	"memberportal/internal/kit"
	"memberportal/internal/people"
	"memberportal/internal/store"
)

// fullColumns are the columns of the table of registrations that come before the answers. docs/operations.md documents
// them.
var fullColumns = []kit.Column{
	{Name: "registration"}, {Name: "name"}, {Name: "email"}, {Name: "organisation"}, {Name: "kind"}, {Name: "country"}, {Name: "region"}, {Name: "mode"}, {Name: "status"},
	{Name: "registered_at", Kind: kit.TimeCell}, {Name: "name_shown_to"}, {Name: "attended"}, {Name: "dataset"},
}

// answerColumn is what CSV calls the column of a question.
const answerColumn = "answer_"

// moreCells adds cells to the row of a registration. p is nil for a guest.
type moreCells func(row map[string]string, r *Registration, p *people.Person)

// ExportFull writes the registrations for an event as a table in the order of the queue, with names, addresses and a
// column for the answers to each question of the event. SECRETARIAT only. Who asks for it has to record that.
func (s *RegistrationService) ExportFull(ctx context.Context, event kit.ID, to kit.Rows) error {
	if err := kit.Require(ctx, kit.EventsSecretariat); err != nil {
		return err
	}
	e, err := s.events.storedOne(ctx, event)
	if err != nil {
		return err
	}
	columns := slices.Clone(fullColumns)
	for _, q := range e.questions() {
		columns = append(columns, kit.Column{Name: answerColumn + q.Code, Title: q.Text.Text(ctx, nil)})
	}
	return s.write(ctx, e, columns, to, func(row map[string]string, r *Registration, p *people.Person) {
		row["registered_at"], row["name_shown_to"], row["region"] = string(r.RegisteredAt), string(r.visibility()), string(kit.Deref(r.Region))
		row["dataset"] = string(r.Dataset)
		if p != nil {
			row["email"] = kit.Deref(p.Email)
		}
		if r.Guest != nil {
			row["email"] = r.Guest.Email
		}
		for _, a := range r.Answers(ctx) {
			row[answerColumn+a.Question] = a.Text
		}
	})
}

// write writes a table of the registrations for an event.
func (s *RegistrationService) write(ctx context.Context, e *Event, columns []kit.Column, to kit.Rows, more moreCells) error {
	query := store.Query{Any: []store.Where{{"event": {string(e.ID)}}}, Sort: "order"}
	return kit.WriteTable(ctx, s.registrations, query, columns, to, func(ctx context.Context, page []*Registration) ([]map[string]string, error) {
		return s.cells(ctx, page, more)
	})
}

// cells makes the rows of registrations. Their persons and members are read in one call each. more may be nil.
func (s *RegistrationService) cells(ctx context.Context, registrations []*Registration, more moreCells) ([]map[string]string, error) {
	persons, err := s.persons.Stored(ctx, kit.Map(registrations, func(r *Registration) kit.ID { return kit.ID(kit.Deref(r.PersonID)) }))
	if err != nil {
		return nil, err
	}
	members, err := s.members.Stored(ctx, kit.Map(registrations, func(r *Registration) kit.ID { return kit.ID(kit.Deref(r.EntityID)) }))
	if err != nil {
		return nil, err
	}
	rows := make([]map[string]string, len(registrations))
	for i, r := range registrations {
		row := map[string]string{
			"registration": string(r.ID), "kind": string(r.Kind), "country": strings.TrimPrefix(kit.Deref(r.CountryID), kit.CountryPrefix+"_"),
			"mode": string(r.Mode), "status": string(r.Status),
		}
		if p := persons[i]; p != nil {
			row["name"] = kit.Deref(p.Name)
		}
		if c := s.countries.Get(kit.ID(kit.Deref(r.EntityID))); c != nil {
			row["organisation"] = c.Name.Text(ctx, nil)
		} else if m := members[i]; m != nil {
			row["organisation"] = m.Name
		}
		if r.Guest != nil {
			row["name"], row["organisation"] = r.Guest.Name, r.Guest.Organisation
		}
		if a := r.Attendance; a != nil {
			row["mode"], row["attended"] = string(a.Mode), map[bool]string{true: attendedYes, false: attendedNo}[a.Attended]
		}
		if more != nil {
			more(row, r, persons[i])
		}
		rows[i] = row
	}
	return rows, nil
}

// questions are those that the event asks registrants; none if it takes no registrations.
func (e *Event) questions() []RegistrationQuestion {
	if e.Registration == nil {
		return nil
	}
	return e.Registration.Questions
}
